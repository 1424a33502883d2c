/* `decisions`: what is worked out beside the plans' results (decide/). */
#ifndef RECOUP_SCENARIO_DECISIONS_H
#define RECOUP_SCENARIO_DECISIONS_H

#include "config/config.h"
#include "scenario/writer.h"
#include <recoup/error.h>

typedef struct recoup_decisions {
    bool is_given; /* false: nothing of it is computed */
    double target; /* P(hit) that a break-even effect reaches */
    int n_delays;  /* of `delay`, and 0 before them; increasing */
    double *delay; /* days by which all levers start later: [n_delays] */
    bool sensitivity;
    int64_t draws; /* parameter draws that are used; at most the simulation's */
    double margin; /* what a plan's gain in bookings is worth: its share that counts as gain */
} recoup_decisions;

/* `node` is NULL when the section is absent. The list of delays is in the arena. */
recoup_status recoup_decisions_read(recoup_document *document, const recoup_node *node,
                                    recoup_arena *arena, recoup_decisions *decisions,
                                    recoup_error *error);
/* Nothing when it is not given. */
void recoup_decisions_format(const recoup_decisions *decisions, recoup_writer *writer);

#endif
