/* Parameter draws, compiled: model and scenario of the draw, its program, and the tables that the
 * estimator needs. */
#ifndef RECOUP_ENGINE_DRAWS_H
#define RECOUP_ENGINE_DRAWS_H

#include "engine/shelf.h"
#include "engine/walk_prepare.h"
#include "program/program.h"
#include "program/tables.h"
#include <recoup/scenario.h>

typedef struct recoup_compiled {
    int index;                /* of the draw; -1: nothing */
    recoup_model *model;      /* NULL: the model itself */
    recoup_scenario scenario; /* of more than one draw; else as it was resolved */
    recoup_program *program;
    recoup_tables *tables;           /* of all estimators but `walk` */
    recoup_walk_tables *walk_tables; /* of `walk` */
    recoup_shelf *shelf;             /* where the tables go afterwards; NULL: nowhere */
} recoup_compiled;

/* What the draws are compiled from. */
typedef struct recoup_draw_source {
    const recoup_scenario *scenario;
    const recoup_model *model;
    const recoup_view *view;
    recoup_isa isa; /* of the kernels; a supported one */
    /* Of the first draw's tables, for those of all draws; NULL: not known yet. */
    const recoup_tables_grid *grid;
    recoup_shelf *shelf; /* recoup_engine_options.shelf */
    bool is_noted;       /* notes were reported: a program notes the same for every draw */
} recoup_draw_source;

/* Compiles draw d in the place of the one before; nothing when it is there already. Failing with
 * draw d > 0 names it. */
recoup_status recoup_compiled_set(recoup_compiled *compiled, const recoup_draw_source *source,
                                  int d, recoup_error *error);
void recoup_compiled_clear(recoup_compiled *compiled);

#endif
