/* The parameter draws of a scenario, compiled one by one for those who read win tables rather than
 * simulate. */
#ifndef RECOUP_ENGINE_EACH_DRAW_H
#define RECOUP_ENGINE_EACH_DRAW_H

#include "engine/draws.h"

/* Looks at one draw. Several threads call it at once, for different draws; what it fills for each
 * draw apart does not depend on them. */
typedef recoup_status (*recoup_draw_visit)(const recoup_compiled *compiled, int draw, void *user,
                                           recoup_error *error);

/* Shows the draws 0 ... n_draws - 1 of the scenario's simulation (at most as many as it has) with
 * the win tables of its first plan alone; compiled->model is NULL where the simulation takes the
 * model as it is. What compiling notes is dropped: the simulation told it. EINTERRUPTED, ENOMEM,
 * ENUMERIC (recoup_tables_create), EUSAGE, and what `visit` returns. */
recoup_status recoup_each_draw(const recoup_scenario *scenario, const recoup_model *model,
                               const recoup_view *view, const recoup_engine_options *options,
                               int n_draws, recoup_draw_visit visit, void *user,
                               recoup_error *error);

#endif
