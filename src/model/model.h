/* The model in memory; the public half is recoup/model.h, the formulas are in docs/model.md. */
#ifndef RECOUP_MODEL_MODEL_H
#define RECOUP_MODEL_MODEL_H

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "dist/dist.h"
#include <recoup/model.h>

/* Targets below 0; the values are those of crm/dataset.h, which the model does not see. */
enum { RECOUP_EXIT_WON = -1, RECOUP_EXIT_LOST = -2, RECOUP_EXIT_NEVER = -3 };

/* How a number was estimated; all NaN (0 events) in a hand-written model. */
typedef struct recoup_exit_fit {
    double logit_se, mu_se, shape_se[2]; /* mu: log of the time scale; shape: of its log */
    double log_median_se;                /* of the log of the median dwell time */
    double n_events;                     /* exits seen */
    /* Largest distance of the fitted cumulative incidence from the one seen, the dwell time where
     * it is, and what chance explains of it (docs/fit.md). */
    double gof_distance, gof_days, gof_bound;
} recoup_exit_fit;

/* Standard errors of a law: of the log of its scale, of the log of its shape, and of the log of its
 * median. */
typedef struct recoup_dist_se {
    double log_scale, shape, log_median;
} recoup_dist_se;

/* One way out of a stage. */
typedef struct recoup_exit {
    char *name;   /* "advance", "lost" or any other */
    int target;   /* stage index, RECOUP_EXIT_WON, _LOST, _NEVER (family never: stays open for ever)
                   */
    double logit; /* against "lost", whose logit is 0 */
    double *cohort_logit, *channel_logit, *segment_logit; /* by index; NULL: no such term */
    double size_logit;                                    /* per ln(amount / size_ref) */
    double discount_logit;                                /* per unit of discount (1 = 100 %) */
    recoup_dist dwell;                                    /* days */
    double *cohort_log_dwell; /* added to dwell.mu, by cohort; NULL: no such term */
    /* Standard errors of the two cohort terms, apart from those of logit and mu, with which they
     * are (nearly) uncorrelated: the variance of a cohort's logit is logit_se² + cohort_logit_se².
     * NULL: not estimated. */
    double *cohort_logit_se, *cohort_mu_se;
    recoup_exit_fit fit;
} recoup_exit;

/* Draws from the joint posterior of the parameters: model/draws.h. */
typedef struct recoup_draws recoup_draws;

typedef struct recoup_stage {
    char *name;
    int n_exits;
    recoup_exit
        *exit; /* "advance" first, "lost" second where they exist, then the others as written */
    double n_entered; /* fit: visits seen; 0 in a hand-written model */
    double n_open;    /* fit: of these still there */
} recoup_stage;

struct recoup_model {
    char *currency;                           /* "" when not given */
    recoup_names cohorts, channels, segments; /* channels and segments may be empty */
    int n_stages;
    recoup_stage *stage;

    double market_conversion, market_arrivals; /* loadings on Z ~ N(0, 1) */
    /* The logit of every exit to won is higher by so much in the last days of a quarter than in its
     * other days; over its days it is what the exit says on average. 0: no such effect. */
    double quarter_end_days, quarter_end_logit;

    double size_ref;              /* > 0; 1 when not given */
    recoup_dist new_amount;       /* of a new deal */
    bool has_new_amount;          /* false: no new deals may arrive */
    recoup_dist_se new_amount_se; /* NaN: not estimated */
    double revision_sigma;        /* booked / current amount: lognormal with mean 1 */
    /* Quantiles of the discount (1 - amount/list amount) of new deals at equally spaced
     * probabilities 0, ..., 1, linear between them; n 0: none is known. Key amount.discount. */
    int n_discount;
    double *discount_quantile;

    double *segment_mix; /* shares of new deals, sum 1; NULL when there are no segments */
    double *arrivals;    /* [cohort * max(1, n_channels) + channel]: new deals per day */
    double *arrivals_se; /* the same shape; NULL in a hand-written model */
    /* The same shape: variance of the gamma factor (mean 1) that multiplies the rate of a whole
     * path, so that a count of mean m has variance m + dispersion·m² (negative binomial); NULL:
     * Poisson. */
    double *arrivals_dispersion;

    recoup_draws *draws; /* NULL: no uncertainty is known */
    char *uncertainty;   /* file of the draws, as model.yaml names it; NULL: none */

    char **fit_note; /* fit: remarks, key fit.notes */
    int n_fit_notes;
    recoup_arena arena; /* everything above but the dictionaries */
};

/* An empty model to be filled; NULL when out of memory. */
recoup_model *recoup_model_new(void);
/* recoup_model_load from a text that is called `file` in messages. */
recoup_status recoup_model_parse(const char *file, const char *text, size_t length,
                                 recoup_model **model, recoup_error *error);
static inline int recoup_model_n_channels(const recoup_model *model) {
    return model->channels.n ? model->channels.n : 1;
}
/* -1 when absent. */
int recoup_model_find_stage(const recoup_model *model, const char *name);
int recoup_stage_find_exit(const recoup_stage *stage, const char *name);

#endif
