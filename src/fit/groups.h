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
 * "advance", all else given; *term is set, and the base logit fitted again, where that lowers AICc
 * for n_team parameters fitted before. */
recoup_status recoup_fit_advance_term(recoup_fitting *fitting, recoup_stage *stage,
                                      const recoup_stage_data *data, const int *group, int n_groups,
                                      int n_team, double **term);

/* The slope of the logit of "advance" on ln(amount / size_ref), all else given; size_logit is set,
 * and the base logit fitted again, where that lowers AICc. */
recoup_status recoup_fit_size_term(recoup_fitting *fitting, recoup_stage *stage,
                                   const recoup_stage_data *data, int n_team);

/* The state of a deal as the stage's terms see it. */
recoup_deal_state recoup_deal_state_of(const recoup_view *view, int deal);

#endif
