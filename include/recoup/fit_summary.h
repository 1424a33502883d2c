/* What a fit found, for people to judge: counts, conversions and dwell times per stage and cohort,
 * and how far the reps of a cohort differ. docs/model.md, section 2, has the formulas. */
#ifndef RECOUP_FIT_SUMMARY_H
#define RECOUP_FIT_SUMMARY_H

#include <recoup/dataset.h>
#include <recoup/error.h>
#include <recoup/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An estimate and its 95 % interval; the ends are NaN where the fit has no standard error. */
typedef struct recoup_estimate {
    double value, low, high;
} recoup_estimate;

/* One cohort in one stage. */
typedef struct recoup_fit_row {
    const char *stage;
    const char *cohort;       /* NULL: the whole team */
    double n_entered;         /* stays; the sum of the four that follow */
    double n_advance, n_lost; /* rare jumps ahead count as advance, as in the fit */
    double n_other;           /* other exits, and steps back too rare for one */
    double n_open;            /* still there */
    /* P(advance) on entering the stage, mean over these stays with each deal's own channel, segment
     * and size, open ones included: what the share of advances comes to in the end. */
    recoup_estimate conversion;
    recoup_estimate median_days; /* of the dwell time given advance */
    const char *family;          /* of that dwell time */
} recoup_fit_row;

typedef struct recoup_fit_summary {
    int n_rows;
    recoup_fit_row *row; /* by stage: the team, then its cohorts where there are several */
    int n_notes;
    const char *const *note; /* what the fit assumed and warns of */
} recoup_fit_summary;

/* Of a model that was fitted to this view. Texts are borrowed from both. ENOMEM only. On success to
 * be freed by recoup_fit_summary_free (NULL is fine). */
recoup_status recoup_fit_summarise(const recoup_view *view, const recoup_model *model,
                                   recoup_fit_summary **summary, recoup_error *error);
void recoup_fit_summary_free(recoup_fit_summary *summary);

/* One rep in one stage: as above, the difference to the rep's cohort shrunk by its reliability. */
typedef struct recoup_rep_row {
    const char *stage, *rep, *cohort;
    double n_entered;
    recoup_estimate conversion;
} recoup_rep_row;

/* How much reps of a cohort differ in one stage. */
typedef struct recoup_rep_spread {
    const char *stage;
    int n_reps;     /* with stays in the stage */
    double sd;      /* between reps, of the logit of "advance" */
    double p_value; /* of no difference, by permutation; NaN with fewer than two reps */
} recoup_rep_spread;

typedef struct recoup_rep_summary {
    int n_rows;
    recoup_rep_row *row; /* by stage, reps that had a deal in it */
    int n_stages;
    recoup_rep_spread *spread; /* [stage] */
} recoup_rep_summary;

/* Rep-level conversions of a model that was fitted to this view: reported, not simulated. Texts are
 * borrowed. ENOMEM only. On success to be freed by recoup_rep_summary_free (NULL is fine). */
recoup_status recoup_fit_reps(const recoup_view *view, const recoup_model *model,
                              recoup_rep_summary **summary, recoup_error *error);
void recoup_rep_summary_free(recoup_rep_summary *summary);

#ifdef __cplusplus
}
#endif
#endif
