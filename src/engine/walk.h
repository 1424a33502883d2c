/* One deal's life, event by event: the literal reading of the model, for any stage graph. */
#ifndef RECOUP_ENGINE_WALK_H
#define RECOUP_ENGINE_WALK_H

#include "program/program.h"
#include "random/random.h"

/* A deal as it starts to be walked. */
typedef struct recoup_walker {
    const recoup_program *program;
    const recoup_program_plan *plan;
    uint64_t seed, entity;
    uint32_t path;
    recoup_purpose visit; /* RECOUP_DRAW_VISIT or RECOUP_DRAW_NEW_VISIT */
    double market;        /* Z of the path */
    double start_day;     /* 0 for an open deal, its arrival for a new one */
    int stage;
    double age_days; /* in the stage at start_day */
    double log_size, discount;
    bool capped;                   /* the plan's discount limit binds this deal */
    const recoup_episode *episode; /* owners, at least one */
    int n_episodes;
    /* Called with every stage entered after the first, for those who want the story. NULL: nobody.
     */
    void (*entered)(void *user, double day, int stage);
    void *user;
} recoup_walker;

typedef enum recoup_ending {
    RECOUP_ENDING_OPEN, /* at the end of the horizon */
    RECOUP_ENDING_WON,
    RECOUP_ENDING_LOST
} recoup_ending;

/* Walks until the deal closes or the horizon ends. *day: of the close; *episode: index of the owner
 * then. */
recoup_ending recoup_walk(const recoup_walker *walker, double *day, int *episode);

#endif
