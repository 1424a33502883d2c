/* The steps of loading a scenario that have a file of their own. */
#ifndef RECOUP_SCENARIO_LOAD_H
#define RECOUP_SCENARIO_LOAD_H

#include "scenario/keys.h"
#include "scenario/scenario.h"

/* `pipeline` (pipeline.c), may be NULL: stages and the CRM's labels. */
recoup_status recoup_pipeline_read(recoup_scenario *scenario, const recoup_node *node,
                                   recoup_error *error);

/* `plans` (plan.c); NULL makes one plan "baseline". Times and zone are read already. */
recoup_status recoup_plans_read(recoup_scenario *scenario, const recoup_node *node,
                                recoup_error *error);

#endif
