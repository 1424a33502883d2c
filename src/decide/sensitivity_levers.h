/* The levers of a scenario, each once, by name. */
#ifndef RECOUP_DECIDE_SENSITIVITY_LEVERS_H
#define RECOUP_DECIDE_SENSITIVITY_LEVERS_H

#include "base/memory.h"
#include "scenario/scenario.h"

/* Levers with equal keys of their own are one, in whichever plans and whenever they start: their
 * effects are the same. Named by kind, and numbered in the scenario's order where there are several
 * of a kind: "coach", "reassign 2". */
typedef struct recoup_named_lever {
    const char *name;
    const recoup_lever *lever; /* the first of them */
} recoup_named_lever;

/* In the arena; NULL: out of memory. */
recoup_named_lever *recoup_named_levers(const recoup_scenario *scenario, recoup_arena *arena,
                                        int *n);
static inline bool recoup_same_lever(const recoup_lever *a, const recoup_lever *b) {
    return a->kind == b->kind && a->key == b->key && a->evidence == b->evidence;
}
bool recoup_plan_has_lever(const recoup_plan *plan, const recoup_lever *lever);

#endif
