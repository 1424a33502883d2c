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
/* moves.c: who owns each deal when, and where leads go. */
recoup_status recoup_compile_moves(recoup_compile *compile, const recoup_effects *effects,
                                   recoup_program_plan *plan);
/* streams.c: arrivals and who gets them. */
recoup_status recoup_compile_streams(recoup_compile *compile);

/* Whether a cell is among those that the arrays select (NULL: all; "none" never when not NULL). */
bool recoup_compile_selects(const recoup_compile *compile, int cell, const bool *cohort,
                            const bool *channel, const bool *segment);

#endif
