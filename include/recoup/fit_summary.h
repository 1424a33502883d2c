/* What a fit found, for people to judge: counts, conversions and dwell times per stage and cohort,
 * and how far the reps of a cohort differ. docs/fit.md has the formulas. */
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

/* One exit of a stage, of the whole team. */
typedef struct recoup_fit_exit {
    const char *stage, *exit;
    double n_events;    /* stays seen to end so */
    const char *family; /* of the dwell time */
    /* Goodness of fit: the largest distance of the fitted share of deals that left by this exit
     * from the one seen (Aalen-Johansen), the dwell time where it is, and what chance explains of
     * it: beyond that the family does not follow what happens there. NaN: nothing to compare. */
    double gof_distance, gof_days, gof_bound;
} recoup_fit_exit;

typedef struct recoup_fit_summary {
    int n_rows;
    recoup_fit_row *row; /* by stage: the team, then its cohorts where there are several */
    int n_exits;
    recoup_fit_exit *exit; /* by stage */
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

/* The deals created so far. */
typedef struct recoup_eventual {
    double n_deals, n_open;
    /* The share of all of them that is won in the end, with the interval that holds it: parameters,
     * the market of the time to come, and the open deals' own luck are in it. NaN: the model has no
     * parameter draws. */
    recoup_estimate win_rate;
    double naive; /* the share won of those closed; NaN: none is */
} recoup_eventual;

/* Of a model that was fitted to this view. ENOMEM, ENUMERIC. */
recoup_status recoup_fit_eventual(const recoup_view *view, const recoup_model *model,
                                  recoup_eventual *eventual, recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
