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
#include "scenario/effect.h"
#include "scenario/keys.h"
#include "scenario/scenario.h"
#include "scenario/writer.h"
#include <math.h>

/* The keys that every lever has. */
typedef struct recoup_lever_header {
    const recoup_node *start; /* NULL: the plan's start, else the as-of date */
    double delay_days, ramp_days, cost, hours;
    double strength; /* 0: not given, 1 */
    const char *owner;
    recoup_effect adoption;
    int evidence; /* recoup_evidence */
} recoup_lever_header;

#define RECOUP_LEVER_HEADER_FIELDS(struct_type)                                                    \
    RECOUP_KEY("start", NODE, struct_type, header.start),                                          \
        RECOUP_KEY("delay_days", NUMBER, struct_type, header.delay_days, .max = INFINITY,          \
                   .meaning = "a number of days, 0 or more"),                                      \
        RECOUP_KEY("ramp_days", NUMBER, struct_type, header.ramp_days, .max = INFINITY,            \
                   .meaning = "a number of days, 0 or more"),                                      \
        RECOUP_KEY("cost", NUMBER, struct_type, header.cost, .max = RECOUP_MONEY_MAX,              \
                   .meaning = "an amount of money from 0 to 1e15"),                                \
        RECOUP_KEY("hours", NUMBER, struct_type, header.hours, .max = 1e9,                         \
                   .meaning = "hours of selling time, 0 or more"),                                 \
        RECOUP_KEY("strength", NUMBER, struct_type, header.strength, .max = 10, .open_min = true,  \
                   .meaning = "a factor above 0, at most 10"),                                     \
        RECOUP_KEY("owner", TEXT, struct_type, header.owner),                                      \
        RECOUP_KEY("adoption", EFFECT, struct_type, header.adoption, .max = 1,                     \
                   .meaning = "a share between 0 and 1"),                                          \
        RECOUP_KEY("evidence", CHOICE, struct_type, header.evidence,                               \
                   .choices = recoup_evidence_names)

/* Limits of the speed of a stage, v(t): far beyond what anyone means, and deals still move. */
#define RECOUP_SPEED_MIN 0.001
#define RECOUP_SPEED_MAX 1000
#define RECOUP_SPEED_MEANING "a factor from 0.001 to 1000, such as 2 for twice as fast"

/* What `lower` works with. */
typedef struct recoup_lowering {
    const recoup_scenario *scenario;
    const recoup_model *model;
    char *const *stage_name; /* of the model */
    recoup_arena *arena;
    int draw; /* parameter draw that effects are drawn for; -1: they are their means */
    recoup_effects *effects; /* of the plan */
    recoup_error *error;
} recoup_lowering;

typedef struct recoup_lever_type {
    const char *name;
    const recoup_schema *schema; /* its defaults are what absent keys mean */
    /* Reports combinations of keys that have no meaning; NULL: each has one. */
    recoup_status (*check)(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error);
    /* Checks the names against the model and appends effects. */
    recoup_status (*lower)(const recoup_lowering *lowering, const recoup_lever *lever);
    /* Writes its own keys. */
    void (*format)(const recoup_lever *lever, recoup_writer *writer);
} recoup_lever_type;

extern const recoup_lever_type recoup_lever_adjust, recoup_lever_reassign,
    recoup_lever_channel_focus, recoup_lever_discount_limit, recoup_lever_scrub,
    recoup_lever_segment_focus, recoup_lever_coach, recoup_lever_unblock, recoup_lever_activity,
    recoup_lever_incentive, recoup_lever_hire, recoup_lever_quota_relief;

const recoup_lever_type *recoup_lever_type_of(const recoup_lever *lever);

/* Reads one item of `levers`: {kind: {keys}}. `plan_start` is NaN when not given. Alone, a lever
 * that was read with errors must not be lowered. */
recoup_status recoup_lever_read(recoup_scenario *scenario, const recoup_node *node,
                                double plan_start, recoup_lever *lever, recoup_error *error);
void recoup_lever_format(const recoup_scenario *scenario, const recoup_lever *lever,
                         recoup_writer *writer);

/* Its own keys, with its strength and adoption where they are given, as YAML in one line: what
 * stands behind `kind: `. False: out of memory. */
bool recoup_lever_format_keys(const recoup_lever *lever, recoup_text *text);

/* The node of a key of the lever, its mapping when the key is absent: where to report. */
const recoup_node *recoup_lever_place(const recoup_lever *lever, const char *key);

/* --- effects (lever_effect.c) ---------------------------------------------------------------- */

/* What an EFFECT key of the lever does, on its own scale (scenario/effect.h):
 * effect · strength · adoption · (1 + c z) within the limits of the key; 0 when it is absent. */
double recoup_lever_effect(const recoup_lowering *lowering, const recoup_lever *lever,
                           const char *key, recoup_scale scale);
/* strength · adoption in [0, 1]: the share of what a lever moves or limits, where its effect is the
 * model's own. */
double recoup_lever_strength(const recoup_lowering *lowering, const recoup_lever *lever);
/* An EFFECT key as drawn, for what is neither scaled nor widened: side effects. */
double recoup_lever_draw(const recoup_lowering *lowering, const recoup_lever *lever,
                         const char *key);
/* Its kind and own keys as one number. */
recoup_status recoup_lever_set_key(recoup_lever *lever, recoup_error *error);
bool recoup_lever_is_uncertain(const recoup_lever *lever);
/* The first EFFECT key of the lever that was given, or the next one after a field; NULL: no more.
 * The shared keys are left out. */
const recoup_field *recoup_lever_next_effect(const recoup_lever *lever, const recoup_field *after,
                                             const recoup_effect **effect);

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

/* As it stands. */
recoup_status recoup_append_change(const recoup_lowering *lowering, const recoup_change *change);
/* Append a copy; the start and ramp are the lever's. */
recoup_status recoup_add_change(const recoup_lowering *lowering, const recoup_lever *lever,
                                recoup_change change);
recoup_status recoup_add_move(const recoup_lowering *lowering, const recoup_lever *lever,
                              recoup_move move);
recoup_status recoup_add_cap(const recoup_lowering *lowering, const recoup_lever *lever,
                             recoup_cap cap);
recoup_status recoup_add_closure(const recoup_lowering *lowering, const recoup_lever *lever,
                                 recoup_closure closure);

#endif
