/* New deals: how many, how big, of which segment, at which discount. */
#include "fit/inflow.h"

/* The last year, so that every season counts once. */
#define WINDOW_DAYS 365.

static recoup_window window_of(const recoup_view *view) {
    double start = fmax(view->as_of - WINDOW_DAYS, view->first_created);
    return (recoup_window){start, fmax(1, view->as_of - start)};
}

static recoup_status fit_segment_mix(recoup_fitting *fitting, recoup_window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    int n = view->segments.n;
    if (n == 0)
        return RECOUP_OK;
    model->segment_mix = recoup_arena_alloc(&model->arena, (size_t)n, sizeof(double));
    if (!model->segment_mix)
        return recoup_fail_memory(fitting->error);
    double total = 0;
    for (int k = 0; k < n; k++) { /* the Dirichlet prior of docs/fit.md: half a deal each */
        model->segment_mix[k] = .5;
        total += .5;
    }
    for (int i = 0; i < view->n_deals; i++)
        if (view->created[i] >= recent.start && view->segment[i] >= 0) {
            model->segment_mix[view->segment[i]]++;
            total++;
        }
    recoup_posterior_add_shares(&fitting->posterior, view->digest, n, model->segment_mix,
                                model->segment_mix);
    for (int k = 0; k < n; k++)
        model->segment_mix[k] /= total;
    return RECOUP_OK;
}

recoup_status recoup_fit_inflow(recoup_fitting *fitting) {
    recoup_window recent = window_of(fitting->view);
    recoup_status status = recoup_fit_arrivals(fitting, recent);
    if (status == RECOUP_OK)
        status = recoup_fit_amounts(fitting, recent);
    if (status == RECOUP_OK)
        status = fit_segment_mix(fitting, recent);
    if (status == RECOUP_OK)
        status = recoup_fit_discounts(fitting, recent);
    if (recent.days < 90)
        recoup_remark(fitting,
                      "arrivals rest on %.0f days of history only: no season is seen twice",
                      recent.days);
    return status;
}
