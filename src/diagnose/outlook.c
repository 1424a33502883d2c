#include "diagnose/outlook.h"

#include "diagnose/market_rule.h"
#include "model/dwell.h"
#include <math.h>
#include <stdlib.h>

void recoup_outlooks_clear(recoup_outlooks *outlooks) {
    free(outlooks->deal);
    free(outlooks->win_probability);
    free(outlooks->expected);
    free(outlooks->stale_days);
    *outlooks = (recoup_outlooks){0};
}

static recoup_status allocate(const recoup_diagnosing *diagnosing, recoup_outlooks *outlooks) {
    const recoup_view *view = diagnosing->view;
    *outlooks = (recoup_outlooks){.deal = RECOUP_NEW(int, view->n_open),
                                  .win_probability = RECOUP_NEW(double, view->n_open),
                                  .expected = RECOUP_NEW(double, view->n_open),
                                  .stale_days = RECOUP_NEW(double, view->n_deals)};
    if (!outlooks->deal || !outlooks->win_probability || !outlooks->expected ||
        !outlooks->stale_days)
        return recoup_fail_memory(diagnosing->error);
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] == RECOUP_OPEN)
            outlooks->deal[outlooks->n_open++] = i;
    return RECOUP_OK;
}

/* The revision of amounts has mean 1. */
static void set_outlooks(const recoup_tables *tables, recoup_outlooks *outlooks) {
    const recoup_market_rule rule = recoup_market_rule_make();
    double bookings[RECOUP_TABLES_MAX_SLOTS];
    for (int i = 0; i < outlooks->n_open; i++) {
        outlooks->win_probability[i] = recoup_market_rule_deal(&rule, tables, 0, i, bookings);
        for (int slot = 0; slot < tables->n_slots; slot++)
            outlooks->expected[i] += bookings[slot];
    }
}

static recoup_status set_stale_days(const recoup_diagnosing *diagnosing,
                                    const recoup_program *program, recoup_outlooks *outlooks) {
    recoup_arena arena = {0};
    const double *days =
        recoup_model_dwell_quantiles(diagnosing->model, RECOUP_SCRUB_STALE_QUANTILE, &arena);
    if (days)
        recoup_program_stale_days(program, diagnosing->view, days, outlooks->stale_days);
    recoup_arena_clear(&arena);
    return days ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}

/* Whatever the estimator of the run, which `walk` needs no tables for. */
static recoup_status look(const recoup_diagnosing *diagnosing, const recoup_program *program,
                          recoup_outlooks *outlooks, recoup_error *error) {
    recoup_tables *tables = NULL;
    recoup_status status = recoup_tables_create(
        program, NULL, recoup_isa_find(diagnosing->engine->isa), &tables, error);
    outlooks->has_tables = status == RECOUP_OK;
    if (status == RECOUP_OK)
        set_outlooks(tables, outlooks);
    for (int i = 0; i < outlooks->n_open && !outlooks->has_tables; i++)
        outlooks->win_probability[i] = outlooks->expected[i] = NAN;
    recoup_tables_free(tables);
    return status == RECOUP_ENUMERIC ? RECOUP_OK : status;
}

/* By the program of the first plan alone; its notes were made by the run already. */
recoup_status recoup_outlooks_init(const recoup_diagnosing *diagnosing, recoup_outlooks *outlooks) {
    recoup_scenario alone = *diagnosing->scenario;
    recoup_program *program = NULL;
    recoup_error own = RECOUP_ERROR_INIT;
    alone.n_plans = 1;
    recoup_status status = allocate(diagnosing, outlooks);
    if (status != RECOUP_OK)
        return status;
    status = recoup_program_create(&alone, diagnosing->model, diagnosing->view, &program, &own);
    if (status == RECOUP_OK)
        status = look(diagnosing, program, outlooks, &own);
    if (status == RECOUP_OK)
        status = set_stale_days(diagnosing, program, outlooks);
    else
        recoup_error_merge(diagnosing->error, &own);
    recoup_program_free(program);
    recoup_error_clear(&own);
    return status;
}
