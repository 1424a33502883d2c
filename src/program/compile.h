/* Between the files of the compiler: what is being built, from what. */
#ifndef RECOUP_PROGRAM_COMPILE_H
#define RECOUP_PROGRAM_COMPILE_H

#include "program/program.h"

typedef struct recoup_compile {
    const recoup_scenario *scenario;
    const recoup_model *model;
    const recoup_view *view;
    recoup_program *program;
    recoup_error *error;
    int *cohort;                    /* view's cohort -> model's */
    int *channel, *segment, *stage; /* likewise; -1: the model does not know it */
} recoup_compile;

/* Zeroed array in the program's arena. */
#define RECOUP_COMPILE_NEW(compile, type, n)                                                       \
    ((type *)recoup_arena_alloc(&(compile)->program->arena, (size_t)(n), sizeof(type)))

/* laws.c: epochs and laws of every cell and stage of a plan. */
recoup_status recoup_compile_laws(recoup_compile *compile, const recoup_effects *effects,
                                  recoup_program_plan *plan);
/* closures.c: which deals are closed when, and what their effort brings. */
recoup_status recoup_compile_closures(recoup_compile *compile, const recoup_effects *effects,
                                      recoup_program_plan *plan);
/* crews.c: the crews of a plan. speed[rep]: from from_day[rep] on. */
recoup_status recoup_compile_crews(recoup_compile *compile, const double *speed,
                                   const double *from_day, recoup_program_plan *plan);
/* moves.c: who owns each deal when, and where leads go; after closures, and with crews. */
recoup_status recoup_compile_moves(recoup_compile *compile, const recoup_effects *effects,
                                   recoup_program_plan *plan);
/* streams.c: hires of one cohort in proportion to the reps who get its new deals, as
 * recoup_program_plan.rate_change has them; EINVALID: there are none. */
recoup_status recoup_compile_hires(recoup_compile *compile, const recoup_change *hires,
                                   const recoup_change **change);
/* streams.c: arrivals and who gets them. */
recoup_status recoup_compile_streams(recoup_compile *compile);

/* Whether a cell of the plan is among those that the arrays select (NULL: all; "none" never when
 * not NULL). */
bool recoup_compile_selects(const recoup_compile *compile, const recoup_program_plan *plan,
                            int cell, const bool *cohort, const bool *channel, const bool *segment);

/* Whether a deal is in the share that a lever with this key is about: those of a smaller share are
 * among those of a larger one. */
bool recoup_compile_shares(uint64_t key, double share, const recoup_program_deal *deal);

#endif
