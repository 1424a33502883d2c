#include "fit/calendar.h"
#include "fit/fitting.h"

#include <gsl/gsl_errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void recoup_remark(recoup_fitting *fitting, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text =
        length < 0 ? NULL : recoup_arena_alloc(&fitting->model->arena, (size_t)length + 1, 1);
    if (!text || !RECOUP_GROW(fitting->remark, fitting->n_remarks, fitting->capacity)) {
        fitting->out_of_memory = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    fitting->remark[fitting->n_remarks++] = text;
    recoup_note(fitting->error, NULL, "%s", text);
}

static bool copy_names(recoup_names *to, const recoup_names *from) {
    for (int i = 0; i < from->n; i++)
        if (recoup_names_add(to, from->name[i]) < 0)
            return false;
    return true;
}

static bool start_model(recoup_fitting *fitting, const recoup_fit_options *options) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model = recoup_model_new();
    if (!model || !copy_names(&model->cohorts, &view->cohorts) ||
        !copy_names(&model->channels, &view->channels) ||
        !copy_names(&model->segments, &view->segments))
        return false;
    if (options && options->currency) {
        model->currency =
            recoup_arena_text(&model->arena, options->currency, strlen(options->currency));
        if (!model->currency)
            return false;
    }
    model->n_stages = view->stages.n;
    model->stage = recoup_arena_alloc(&model->arena, (size_t)view->stages.n, sizeof *model->stage);
    if (!model->stage)
        return false;
    for (int s = 0; s < view->stages.n; s++) {
        const char *name = view->stages.name[s];
        model->stage[s].name = recoup_arena_text(&model->arena, name, strlen(name));
        if (!model->stage[s].name)
            return false;
    }
    return true;
}

/* The notes, in the model's own memory. */
static bool keep_remarks(recoup_fitting *fitting) {
    recoup_model *model = fitting->model;
    model->fit_note =
        recoup_arena_alloc(&model->arena, (size_t)fitting->n_remarks, sizeof *model->fit_note);
    if (!model->fit_note || fitting->out_of_memory)
        return false;
    model->n_fit_notes = fitting->n_remarks;
    for (int i = 0; i < fitting->n_remarks; i++)
        model->fit_note[i] = fitting->remark[i];
    return true;
}

/* Beside the stages: inflow, discounts, calendar, market, draws. */
enum { OTHER_STEPS = 5 };

static void report(const recoup_fit_options *options, const recoup_view *view, int n_done) {
    if (options && options->progress)
        options->progress(n_done, view->stages.n + OTHER_STEPS, options->user);
}

recoup_status recoup_fit(const recoup_view *view, const recoup_fit_options *options,
                         recoup_model **model, recoup_error *error) {
    recoup_fitting fitting = {.view = view, .error = error};
    recoup_status status = RECOUP_OK;
    *model = NULL;
    gsl_set_error_handler_off(); /* its own would end the program */
    if (view->n_deals == 0)
        return recoup_fail(error, RECOUP_EINVALID, NULL,
                           "no deal was created before the as-of date: there is nothing to fit a "
                           "model to");
    if (!start_model(&fitting, options)) {
        status = recoup_fail_memory(error);
        goto done;
    }
    status = recoup_fit_inflow(&fitting); /* first: the stages take the reference size from it */
    if (status == RECOUP_OK)
        recoup_posterior_add_arrivals(&fitting.posterior, fitting.model);
    for (int s = 0; s < view->stages.n && status != RECOUP_ENOMEM; s++) {
        report(options, view, 1 + s);
        recoup_status stage_status = recoup_fit_stage(&fitting, s);
        status = status == RECOUP_OK ? stage_status : status;
    }
    report(options, view, 1 + view->stages.n);
    if (status == RECOUP_OK)
        status = recoup_fit_discount_slope(&fitting);
    report(options, view, 2 + view->stages.n);
    if (status == RECOUP_OK)
        status = recoup_fit_calendar(&fitting);
    report(options, view, 3 + view->stages.n);
    if (status == RECOUP_OK)
        status = recoup_fit_market(&fitting);
    report(options, view, 4 + view->stages.n);
    if (!view->has_history && view->stages.n > 1)
        recoup_remark(&fitting, "without a stage history only the latest stage of a deal is known: "
                                "how deals leave the stages before it, and how long they stay "
                                "there, cannot be fitted");
    recoup_remark(&fitting, "the tables hold no history of amounts: the revision between today's "
                            "amount and the booked one is not estimated (sigma 0)");
    if (status == RECOUP_OK && !keep_remarks(&fitting))
        status = recoup_fail_memory(error);
    if (status == RECOUP_OK)
        recoup_fit_round(fitting.model);
    if (status == RECOUP_OK)
        status = recoup_posterior_draw(&fitting.posterior, fitting.model, view->digest, error);
done:
    recoup_posterior_clear(&fitting.posterior);
    free(fitting.remark);
    if (status != RECOUP_OK) {
        recoup_model_free(fitting.model);
        return status;
    }
    *model = fitting.model;
    return RECOUP_OK;
}
