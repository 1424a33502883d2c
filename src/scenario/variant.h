/* Plans that nobody wrote: those of a scenario, later, weaker or stronger, with other levers or
 * with parameters shifted. What decide/ tries out. */
#ifndef RECOUP_SCENARIO_VARIANT_H
#define RECOUP_SCENARIO_VARIANT_H

#include "scenario/scenario.h"

/* One plan. Levers are copies of a scenario's of which these members may differ: start_day,
 * strength, is_centered, quantile, cost, hours. Further changes come on top: start and ramp are
 * their own, and they are the same in all parameter draws. */
typedef struct recoup_variant {
    const char *name;
    int n_levers;
    const recoup_lever *lever;
    int n_changes;
    const recoup_change *change;
} recoup_variant;

/* The scenario with these plans instead of its own, resolved against the model. Borrows the
 * scenario and the variants, which must outlive it. EINVALID: two discount limits in one plan ...
 * To be cleared by recoup_scenario_drawn_clear, after a failure too. */
recoup_status recoup_scenario_vary(const recoup_scenario *scenario, const recoup_model *model,
                                   const recoup_variant *variant, int n_variants,
                                   recoup_scenario *varied, recoup_error *error);

#endif
