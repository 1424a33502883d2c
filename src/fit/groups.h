/* What distinguishes cohorts, channels and segments in one stage, partially pooled. */
#ifndef RECOUP_FIT_GROUPS_H
#define RECOUP_FIT_GROUPS_H

#include "fit/choose.h"
#include "fit/fitting.h"
#include "fit/predict.h"
#include "fit/stays.h"

/* Cohorts: each one's logits and dwell locations, given the team's families and shapes, pooled
 * towards the team; into cohort_logit and cohort_log_dwell of the stage's exits. The team's own
 * parameters are fitted once more with these differences given. Nothing with one cohort. */
recoup_status recoup_fit_cohorts(recoup_fitting *fitting, recoup_stage *stage,
                                 const recoup_stage_data *data, recoup_choice *team,
                                 const bool *dwell_fixed);

/* Channels or segments (`group` by deal, -1 none): their pooled differences in the logit of
 * "advance", all else given; *term is set, and cohorts and base logit fitted again, where that
 * lowers AICc for n_team parameters fitted before. settled: [cohort], 0 at first; what the terms so
 * far have taken out of the cohorts. */
recoup_status recoup_fit_advance_term(recoup_fitting *fitting, recoup_stage *stage,
                                      const recoup_stage_data *data, const int *group, int n_groups,
                                      int n_team, double *settled, double **term);

/* Each group's difference in the logit of "advance" by itself, all that the model has given. What
 * counts is how a stay ended, given that it ended within the follow_up_days since its entry: odds
 * p·F(follow-up) of advance against those of the other exits. Open stays play no part, so that
 * groups with many old open deals, or with quick ones, are not judged by how well a dwell family
 * follows its tail. A group without an ended stay has infinite variance. */
typedef struct recoup_group_shifts {
    int n_groups;
    double *value, *variance; /* [group] */
    int n;                    /* ended stays whose deal has a group: */
    int *stay_group, *stay_deal;
    /* Of a shift at 0: observed less expected, and the information. */
    double *score, *information;
} recoup_group_shifts;

/* False: out of memory. To be cleared also then. */
bool recoup_group_shifts_create(const recoup_view *view, const recoup_model *model,
                                const recoup_stage *stage, const recoup_stage_data *data,
                                const double *follow_up_days, const int *group, int n_groups,
                                recoup_group_shifts *shifts);
void recoup_group_shifts_clear(recoup_group_shifts *shifts);

/* The slope of the logit of "advance" on ln(amount / size_ref), all else given; size_logit is set,
 * and cohorts and base logit fitted again, where that lowers AICc. */
recoup_status recoup_fit_size_term(recoup_fitting *fitting, recoup_stage *stage,
                                   const recoup_stage_data *data, int n_team, double *settled);

/* The state of a deal as the stage's terms see it. */
recoup_deal_state recoup_deal_state_of(const recoup_view *view, int deal);

#endif
