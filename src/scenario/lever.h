/* Levers: one file lever_<kind>.c each.
 *
 * A lever is a struct of keys that begins with a recoup_lever_header, a table of fields that binds
 * it, a check of what the table cannot say, a `lower` that turns it into the primitive effects of
 * scenario/change.h, and a `format` that writes it out. To add one: write its file, and name its
 * recoup_lever_type here, in the table of lever.c and in recoup_lever_kind.
 */
#ifndef RECOUP_SCENARIO_LEVER_H
#define RECOUP_SCENARIO_LEVER_H

#include "scenario/check.h"
#include "scenario/keys.h"
#include "scenario/scenario.h"
#include "scenario/writer.h"
#include <math.h>

/* The keys that every lever has. */
typedef struct recoup_lever_header {
    const recoup_node *start; /* NULL: the plan's start, else the as-of date */
    double ramp_days, cost;
    const char *owner;
} recoup_lever_header;

#define RECOUP_LEVER_HEADER_FIELDS(struct_type)                                                    \
    RECOUP_KEY("start", NODE, struct_type, header.start),                                          \
        RECOUP_KEY("ramp_days", NUMBER, struct_type, header.ramp_days, .max = INFINITY,            \
                   .meaning = "a number of days, 0 or more"),                                      \
        RECOUP_KEY("cost", NUMBER, struct_type, header.cost, .max = RECOUP_MONEY_MAX,              \
                   .meaning = "an amount of money from 0 to 1e15"),                                \
        RECOUP_KEY("owner", TEXT, struct_type, header.owner)

/* What `lower` works with. */
typedef struct recoup_lowering {
    const recoup_scenario *scenario;
    const recoup_model *model;
    char *const *stage_name; /* of the model */
    recoup_arena *arena;
    recoup_effects *effects; /* of the plan */
    recoup_error *error;
} recoup_lowering;

typedef struct recoup_lever_type {
    const char *name;
    const recoup_schema *schema; /* its defaults are what absent keys mean */
    /* Reports combinations of keys that have no meaning. */
    recoup_status (*check)(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error);
    /* Checks the names against the model and appends effects. */
    recoup_status (*lower)(const recoup_lowering *lowering, const recoup_lever *lever);
    /* Writes its own keys. */
    void (*format)(const recoup_lever *lever, recoup_writer *writer);
} recoup_lever_type;

extern const recoup_lever_type recoup_lever_adjust, recoup_lever_reassign,
    recoup_lever_channel_focus, recoup_lever_discount_limit;

const recoup_lever_type *recoup_lever_type_of(const recoup_lever *lever);

/* Reads one item of `levers`: {kind: {keys}}. `plan_start` is NaN when not given. Alone, a lever
 * that was read with errors must not be lowered. */
recoup_status recoup_lever_read(recoup_scenario *scenario, const recoup_node *node,
                                double plan_start, recoup_lever *lever, recoup_error *error);
void recoup_lever_format(const recoup_scenario *scenario, const recoup_lever *lever,
                         recoup_writer *writer);

/* The node of a key of the lever, its mapping when the key is absent: where to report. */
const recoup_node *recoup_lever_place(const recoup_lever *lever, const char *key);

/* --- for lowering (lowering.c) ---------------------------------------------------------------- */

/* Marks the named ones in a new array *mask; NULL when there are no names. A name that the model
 * lacks is reported with the nearest one. */
recoup_status recoup_select_cohorts(const recoup_lowering *lowering, const recoup_texts *names,
                                    const bool **mask);
recoup_status recoup_select_channels(const recoup_lowering *lowering, const recoup_texts *names,
                                     const bool **mask);
recoup_status recoup_select_segments(const recoup_lowering *lowering, const recoup_texts *names,
                                     const bool **mask);
recoup_status recoup_select_stages(const recoup_lowering *lowering, const recoup_texts *names,
                                   const bool **mask);

/* Reports an unknown name with the nearest of the known ones, or all of them. */
recoup_status recoup_fail_name(const recoup_lowering *lowering, const recoup_node *node,
                               const char *what, const char *where, char *const *known, int n);

/* Append a copy; the start and ramp are the lever's. */
recoup_status recoup_add_change(const recoup_lowering *lowering, const recoup_lever *lever,
                                recoup_change change);
recoup_status recoup_add_move(const recoup_lowering *lowering, const recoup_lever *lever,
                              recoup_move move);
recoup_status recoup_add_cap(const recoup_lowering *lowering, const recoup_lever *lever,
                             recoup_cap cap);

#endif
