/* reassign: deals, and leads where asked, go from some reps to others.
 *
 * Whose (`from`, all that are given must hold): named reps, reps of a status, reps of cohorts.
 * To whom: named reps, or the active reps of cohorts. Which: the open deals that match `deals`
 * (all of them without it), and with `leads: true` also the deals that arrive after the start.
 * A moved deal is worked by its new rep's cohort: from the day it moves, and after standing still
 * for handover_days, it converts as that cohort's deals do. A ramp spreads the moves evenly.
 *
 * With `adoption` below 1 that share of them moves, chosen at random once for all parameter draws.
 *
 * A rep who gets deals and then, once all moves of the plan are done, holds more open deals than
 * the capacity works every deal more slowly, own and new ones too: from the first deal that it gets
 * on,
 *
 *   speed of each of its deals = capacity / load
 *
 * (v of docs/model.md, in all stages). Deals that the plan closes are no load.
 *
 * Example: `reassign: {from: {status: vacant}, to: {cohort: top}, deals: {min_amount: 50000},
 * handover_days: 3, capacity: 30}` moves every open deal of 50,000 or more of the vacant seats to
 * active reps of the cohort top; a deal that has been in its stage for 10 days moves on day 0 at
 * age 10 and resumes on day 3, at age 10. A rep who had 25 deals and gets 15 works each of the 40
 * at 30 / 40 of the speed: after 4 more days that deal is 13 days old.
 */
#include "scenario/lever.h"
#include <string.h>

typedef struct from_keys {
    recoup_texts rep, cohort;
    int status; /* recoup_rep_status; -1: any */
} from_keys;

typedef struct to_keys {
    recoup_texts rep, cohort;
} to_keys;

typedef struct deals_keys {
    recoup_texts stage, channel, segment;
    double min_amount;
} deals_keys;

typedef struct reassign_keys {
    recoup_lever_header header;
    from_keys from;
    to_keys to;
    deals_keys deals;
    bool leads;
    double handover_days, capacity;
} reassign_keys;

/* In the order of recoup_rep_status, which the scenario does not see. */
static const char *const statuses[] = {"active", "ramping", "vacant", NULL};

static const recoup_field from_fields[] = {
    RECOUP_KEY("rep", TEXTS, from_keys, rep),
    RECOUP_KEY("status", CHOICE, from_keys, status, .choices = statuses),
    RECOUP_KEY("cohort", TEXTS, from_keys, cohort),
};
static const recoup_schema from_schema = RECOUP_SCHEMA("from", from_keys, from_fields);

static const recoup_field to_fields[] = {
    RECOUP_KEY("rep", TEXTS, to_keys, rep),
    RECOUP_KEY("cohort", TEXTS, to_keys, cohort),
};
static const recoup_schema to_schema = RECOUP_SCHEMA("to", to_keys, to_fields);

static const recoup_field deals_fields[] = {
    RECOUP_KEY("stage", TEXTS, deals_keys, stage),
    RECOUP_KEY("channel", TEXTS, deals_keys, channel),
    RECOUP_KEY("segment", TEXTS, deals_keys, segment),
    RECOUP_KEY("min_amount", NUMBER, deals_keys, min_amount, .max = RECOUP_MONEY_MAX,
               .meaning = "an amount of money from 0 to 1e15"),
};
static const recoup_schema deals_schema = RECOUP_SCHEMA("deals", deals_keys, deals_fields);

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, reassign_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(from, STRUCT, .required = true, .schema = &from_schema),
    KEY(to, STRUCT, .required = true, .schema = &to_schema),
    KEY(deals, STRUCT, .schema = &deals_schema),
    KEY(leads, BOOLEAN),
    KEY(handover_days, NUMBER, .max = INFINITY, .meaning = "a number of days, 0 or more"),
    KEY(capacity, NUMBER, .min = 1, .max = INFINITY,
        .meaning = "the open deals that a rep works at full speed, 1 or more"),
    RECOUP_LEVER_HEADER_FIELDS(reassign_keys),
};

static const reassign_keys defaults = {.from = {.status = -1}, .capacity = INFINITY};
static const recoup_schema schema =
    RECOUP_SCHEMA("reassign", reassign_keys, fields, .defaults = &defaults);

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const reassign_keys *keys = lever->keys;
    recoup_status status = RECOUP_OK;
    if (keys->from.rep.n == 0 && keys->from.cohort.n == 0 && keys->from.status < 0)
        status = recoup_node_fail(document, recoup_lever_place(lever, "from"), error,
                                  "'from' names nobody; expected at least one of rep, status and "
                                  "cohort");
    if ((keys->to.rep.n == 0) == (keys->to.cohort.n == 0))
        status = recoup_node_fail(document, recoup_lever_place(lever, "to"), error,
                                  "'to' names %s; expected either rep or cohort",
                                  keys->to.rep.n ? "both reps and cohorts" : "nobody");
    for (int i = 0; i < keys->to.rep.n; i++)
        for (int k = 0; k < keys->from.rep.n; k++)
            if (strcmp(keys->to.rep.text[i], keys->from.rep.text[k]) == 0)
                status = recoup_node_fail(document, keys->to.rep.node[i], error,
                                          "rep '%s' is in 'from' as well as in 'to'; expected "
                                          "other reps to receive the deals",
                                          keys->to.rep.text[i]);
    return status;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const reassign_keys *keys = lever->keys;
    recoup_move move = {
        .from_rep = keys->from.rep,
        .from_status = keys->from.status,
        .to_rep = keys->to.rep,
        .min_amount = keys->deals.min_amount,
        .share = recoup_lever_strength(lowering, lever),
        .key = lever->key,
        .leads = keys->leads,
        .handover_days = keys->handover_days,
        .capacity = keys->capacity,
    };
    recoup_status status = recoup_select_cohorts(lowering, &keys->from.cohort, &move.from_cohort);
    status =
        recoup_worse(status, recoup_select_cohorts(lowering, &keys->to.cohort, &move.to_cohort));
    status = recoup_worse(status, recoup_select_stages(lowering, &keys->deals.stage, &move.stage));
    status =
        recoup_worse(status, recoup_select_channels(lowering, &keys->deals.channel, &move.channel));
    status =
        recoup_worse(status, recoup_select_segments(lowering, &keys->deals.segment, &move.segment));
    return status == RECOUP_OK ? recoup_add_move(lowering, lever, move) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const reassign_keys *keys = lever->keys;
    recoup_write_open(writer, "from");
    recoup_write_texts(writer, "rep", &keys->from.rep);
    if (keys->from.status >= 0)
        recoup_write_text(writer, "status", statuses[keys->from.status]);
    recoup_write_texts(writer, "cohort", &keys->from.cohort);
    recoup_write_close(writer);
    recoup_write_open(writer, "to");
    recoup_write_texts(writer, "rep", &keys->to.rep);
    recoup_write_texts(writer, "cohort", &keys->to.cohort);
    recoup_write_close(writer);
    recoup_write_open(writer, "deals");
    recoup_write_texts(writer, "stage", &keys->deals.stage);
    recoup_write_texts(writer, "channel", &keys->deals.channel);
    recoup_write_texts(writer, "segment", &keys->deals.segment);
    recoup_write_number(writer, "min_amount", keys->deals.min_amount);
    recoup_write_close(writer);
    recoup_write_boolean(writer, "leads", keys->leads);
    recoup_write_number(writer, "handover_days", keys->handover_days);
    if (isfinite(keys->capacity)) /* no limit has no number: the key is left out */
        recoup_write_number(writer, "capacity", keys->capacity);
}

const recoup_lever_type recoup_lever_reassign = {"reassign", &schema, check, lower, format};
