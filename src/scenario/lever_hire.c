/* hire: new reps in a cohort, who bring new deals as they learn their trade.
 *
 * With n hires and m reps who get the cohort's new deals (all but vacant seats), in every channel
 *
 *   arrivals' of the cohort = arrivals · (1 + share in force · n / m)
 *
 * so at full ramp each hire brings what a rep of the cohort brings, and `ramp_days` is the time to
 * get there. Their deals convert as the cohort's do and are shared out among its reps as all its
 * new deals are. Hires for one cohort add up.
 *
 * Example: a cohort of 4 active reps with 2 new deals a day under `hire: {cohort: core, count: 2,
 * ramp_days: 10}`: on day 4 of the ramp 4.5/10 is in force, and 2 · (1 + .45 · 2/4) = 2.45 new
 * deals a day arrive; from day 10 on 3.
 */
#include "scenario/lever.h"

typedef struct hire_keys {
    recoup_lever_header header;
    recoup_texts cohort;
    recoup_effect count;
} hire_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, hire_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(cohort, TEXTS, .required = true),
    KEY(count, EFFECT, .required = true, .max = 10000,
        .meaning = "a number of reps from 0 to 10,000"),
    RECOUP_LEVER_HEADER_FIELDS(hire_keys),
};

static const hire_keys defaults = {0};
static const recoup_schema schema = RECOUP_SCHEMA("hire", hire_keys, fields, .defaults = &defaults);

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const hire_keys *keys = lever->keys;
    if (keys->cohort.n > 1)
        return recoup_node_fail(document, keys->cohort.node[1], error,
                                "'cohort' names %d cohorts; expected one, and a lever of its own "
                                "for each other",
                                keys->cohort.n);
    return RECOUP_OK;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const hire_keys *keys = lever->keys;
    recoup_change change = {.quantity = RECOUP_CHANGE_HIRES, .node = keys->cohort.node[0]};
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &change.cohort);
    change.value = recoup_lever_effect(lowering, lever, "count", RECOUP_SCALE_PLAIN);
    return status == RECOUP_OK ? recoup_add_change(lowering, lever, change) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const hire_keys *keys = lever->keys;
    recoup_write_texts(writer, "cohort", &keys->cohort);
    recoup_write_effect(writer, "count", &keys->count);
}

const recoup_lever_type recoup_lever_hire = {"hire", &schema, check, lower, format};
