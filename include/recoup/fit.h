/* Fitting the model to what was known at the as-of date. docs/fit.md has the likelihood. */
#ifndef RECOUP_FIT_H
#define RECOUP_FIT_H

#include <recoup/dataset.h>
#include <recoup/error.h>
#include <recoup/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_fit_options {
    const char *currency; /* written into the model; NULL: none */
    int threads;          /* 0: as many as there are processors; the fit does not depend on it */
    /* After each step: how many of how many are done, by the calling thread. NULL: none. */
    void (*progress)(int n_done, int n_total, void *user);
    void *user;
} recoup_fit_options;

/* Fits stage exits, dwell times, amounts, revisions and arrivals per cohort. What the data cannot
 * tell is noted in `error` and left at a stated value. EINVALID: no model can be fitted (no deals
 * at all). ENUMERIC: an optimisation failed. On success *model is to be freed by recoup_model_free.
 */
recoup_status recoup_fit(const recoup_view *view, const recoup_fit_options *options,
                         recoup_model **model, recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
