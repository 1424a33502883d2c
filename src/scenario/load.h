/* The steps of loading a scenario that have a file of their own. */
#ifndef RECOUP_SCENARIO_LOAD_H
#define RECOUP_SCENARIO_LOAD_H

#include "scenario/keys.h"
#include "scenario/scenario.h"

/* The whole of it from a document, which becomes the scenario's, after a failure too. */
recoup_status recoup_scenario_read(recoup_document *document, recoup_scenario **scenario,
                                   recoup_error *error);

/* `pipeline` (pipeline.c), may be NULL: stages and the CRM's labels. */
recoup_status recoup_pipeline_read(recoup_scenario *scenario, const recoup_node *node,
                                   recoup_error *error);

/* `levers` of a plan whose start is set; adds up what they cost (plan.c). */
recoup_status recoup_levers_read(recoup_scenario *scenario, const recoup_node *node,
                                 recoup_plan *plan, recoup_error *error);

/* `plans` (plan.c); NULL makes one plan "baseline". Times and zone are read already. */
recoup_status recoup_plans_read(recoup_scenario *scenario, const recoup_node *node,
                                recoup_error *error);

#endif
