/* Comparing the plans of one run; formulas and sources are in docs/decisions.md. */
#ifndef RECOUP_COMPARE_H
#define RECOUP_COMPARE_H

#include <recoup/error.h>
#include <recoup/results.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One plan; money in the results' currency, probabilities as shares. Standard errors are Monte
 * Carlo. */
typedef struct recoup_compare_row {
    const char *plan;
    double hit_probability, hit_probability_se;
    /* From 5 to 95 % of P(hit) over the parameter draws, the Monte Carlo noise of each draw's own
     * P(hit) taken out: deviations from their mean are shrunk until their variance is the observed
     * one less the mean of p(1 - p)/n. Both are P(hit) where there is one draw. */
    double hit_probability_low, hit_probability_high;
    double hit_probability_paths, hit_probability_paths_se; /* of the paths alone; NaN: none */
    double hit_gain, hit_gain_se; /* paired with the first plan; 0 for it */
    double bookings_mean, bookings_mean_se, bookings_sd;
    double bookings_q10, bookings_q50, bookings_q90;
    double bookings_gain_mean, bookings_gain_se;
    double plan_quota;      /* that the plan is held against (results.h5) */
    double attainment_mean; /* bookings_mean / plan_quota */
    double wins_mean;
    double expected_shortfall;
    double best_probability, expected_regret; /* over parameter draws */
    double cost, cost_per_point; /* per point (.01) of P(hit) gained; NaN without cost or gain */
    double net_gain;             /* bookings_gain_mean * margin - cost */
    /* Of the scenario's `decisions` and its draws, else NaN. P(hit) as the plan is stated; with its
     * effects less their means, and how often it then is best against the others as they are (both
     * NaN where that makes no difference). */
    double hit_probability_stated, hit_probability_centered, best_probability_centered;
    /* The smallest multiple of its effects at which P(hit) is the target; NaN: none up to 4. The
     * same as the size of its effect where it has one only, else NaN and "". */
    double break_even, break_even_effect;
    const char *break_even_unit;
} recoup_compare_row;

/* Two plans, row a before row b: P(hit) of b less that of a. */
typedef struct recoup_compare_pair {
    int a, b;
    const char *plan, *other; /* their names */
    double hit_gain, hit_gain_se;
    /* Simultaneous 95 % intervals of all pairs: of the simulation (Bonferroni; Student's t over
     * replicates where P(hit) comes from `conditional`, else normal with the sum of both errors
     * against the first plan, which bounds the error of the difference); and over the parameter
     * draws (the studentised maximum; NaN with one draw). */
    double low, high;
    double draws_low, draws_high;
    /* 0 is outside: the simulation, and the history, can tell them apart. */
    bool differs, differs_over_draws;
} recoup_compare_pair;

typedef struct recoup_comparison {
    const char *title, *currency, *estimator;
    const char *hit_estimator; /* where P(hit) and its gains come from: conditional or paths */
    double quota, booked;
    int64_t paths, parameter_draws;
    int n_rows;
    recoup_compare_row *row; /* in the order of the plans */
    int n_pairs;
    recoup_compare_pair *pair; /* by a, then b */
    double margin;             /* 1 unless the scenario's `decisions` say otherwise */
    double target;             /* of break_even; NaN: no `decisions` */
    int64_t decision_draws;    /* 0: no `decisions` */
} recoup_comparison;

/* Strings are borrowed from the results. To be freed by recoup_comparison_free. */
recoup_status recoup_compare(const recoup_results *results, recoup_comparison **comparison,
                             recoup_error *error);
void recoup_comparison_free(recoup_comparison *comparison);

/* --- each rep or cohort by itself ------------------------------------------------------------- */

typedef enum recoup_unit_kind { RECOUP_UNIT_REP, RECOUP_UNIT_COHORT } recoup_unit_kind;

/* One rep or cohort under one plan; gains are over the first plan. */
typedef struct recoup_unit_row {
    const char *unit, *plan;
    /* Against the rep's own quota; NaN: none, or a cohort. The error of the gain is that of two
     * independent simulations, more than it is on the same futures. */
    double hit_probability, hit_probability_se, hit_gain, hit_gain_se;
    double bookings_mean, bookings_gain_mean; /* NaN: a rep */
    double bookings_q10, bookings_q50, bookings_q90;
    double bookings_gain_q50; /* of the medians */
} recoup_unit_row;

typedef struct recoup_unit_comparison {
    const char *currency;
    int n_rows;
    recoup_unit_row *row; /* by unit, then plan */
} recoup_unit_comparison;

/* EINVALID: the results were made without paths. To be freed by recoup_unit_comparison_free. */
recoup_status recoup_compare_units(const recoup_results *results, recoup_unit_kind kind,
                                   recoup_unit_comparison **comparison, recoup_error *error);
void recoup_unit_comparison_free(recoup_unit_comparison *comparison);

/* --- how bookings against quota are distributed -------------------------------------------------
 */

/* Shares of the paths by attainment, bookings / plan_quota, in bins of one round width. */
typedef struct recoup_attainment {
    int n_plans; /* 0: without paths, or without a quota */
    int n_bins;
    int n_below;       /* bins below the quota, which is an edge */
    double low, width; /* bin i reaches from low + i * width on; of attainment */
    const char *const *plan;
    double *share; /* [plan][bin]; sums to 1: the outer bins hold what lies beyond them */
} recoup_attainment;

/* In at most `most_bins` bins (2 at least), which leave at most .2 % of each plan's paths beyond
 * either side, and show the quota. From the histogram of bookings, whose bins are taken as even
 * within. Names are borrowed from the results. To be freed by recoup_attainment_free. */
recoup_status recoup_compare_attainment(const recoup_results *results, int most_bins,
                                        recoup_attainment **attainment, recoup_error *error);
void recoup_attainment_free(recoup_attainment *attainment);

/* --- later starts, and what matters ----------------------------------------------------------- */

typedef struct recoup_delay_row {
    const char *plan;
    int days; /* by which all levers of the plan start later */
    double hit_probability, hit_probability_se;
    double hit_gain, hit_gain_se; /* over the first plan without delay */
    double bookings_mean;
} recoup_delay_row;

typedef struct recoup_delays {
    const char *currency;
    int n_plans, n_delays, n_rows;
    int draws;             /* parameter draws that P(hit) is over */
    recoup_delay_row *row; /* by plan, then delay */
} recoup_delays;

/* EINVALID: the scenario did not ask for it; the message names the key. */
recoup_status recoup_compare_delays(const recoup_results *results, recoup_delays **delays,
                                    recoup_error *error);
void recoup_delays_free(recoup_delays *delays);

/* A factor at its low and its high value, all else as it is. */
typedef struct recoup_sensitivity_row {
    const char *plan, *factor, *unit;
    double low, high; /* value of the factor */
    double hit_probability_low, hit_probability_high;
    double bookings_mean_low, bookings_mean_high;
} recoup_sensitivity_row;

/* How much of the variance of P(hit) over the parameter draws comes from a source. */
typedef struct recoup_share_row {
    const char *plan, *source;
    double share;
} recoup_share_row;

typedef struct recoup_sensitivity {
    const char *currency;
    int draws; /* parameter draws that P(hit) is over; shares: over all */
    int n_rows;
    recoup_sensitivity_row *row; /* by plan; within it, what moves P(hit) most comes first */
    int n_shares;                /* 0: too few parameter draws */
    recoup_share_row *share;     /* by plan; within it the largest first, what is left last */
} recoup_sensitivity;

/* EINVALID: the scenario did not ask for it; the message names the key. */
recoup_status recoup_compare_sensitivity(const recoup_results *results,
                                         recoup_sensitivity **sensitivity, recoup_error *error);
void recoup_sensitivity_free(recoup_sensitivity *sensitivity);

#ifdef __cplusplus
}
#endif
#endif
