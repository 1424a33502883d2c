/* coach: training of a cohort in a stage; more of its deals go on.
 *
 *   logit x: logit' of the exit `advance` = logit + share in force · x
 *
 * in the named stages (all without `stage`) for the named cohorts (all without `cohort`). Stages
 * without an exit `advance` are left alone.
 *
 * Example: a stage where half of the deals advance (logit 0 against lost) under `coach: {cohort:
 * ramping, stage: demo, logit: 0.4, ramp_days: 10}`: on day 4 of the ramp the share 4.5/10 is in
 * force, and 1 / (1 + e^-(.45 · .4)) = .5449 advance; from day 10 on 1 / (1 + e^-.4) = .5987.
 */
#include "scenario/lever.h"
#include <string.h>

typedef struct coach_keys {
    recoup_lever_header header;
    recoup_texts cohort, stage;
    recoup_effect logit;
} coach_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, coach_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(cohort, TEXTS),
    KEY(stage, TEXTS),
    KEY(logit, EFFECT, .required = true, .min = -100, .max = 100),
    RECOUP_LEVER_HEADER_FIELDS(coach_keys),
};

static const coach_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("coach", coach_keys, fields, .defaults = &defaults);

static bool has_advance(const recoup_stage *stage) {
    for (int e = 0; e < stage->n_exits; e++)
        if (strcmp(stage->exit[e].name, "advance") == 0)
            return true;
    return false;
}

/* A stage that is named must have something to coach. */
static recoup_status check_stages(const recoup_lowering *lowering, const recoup_texts *names) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < names->n; i++)
        for (int s = 0; s < lowering->model->n_stages; s++)
            if (strcmp(lowering->stage_name[s], names->text[i]) == 0 &&
                !has_advance(&lowering->model->stage[s]))
                status =
                    recoup_node_fail(lowering->scenario->document, names->node[i], lowering->error,
                                     "the stage '%s' has no exit 'advance', which coaching "
                                     "acts on; expected another stage, or 'adjust'",
                                     names->text[i]);
    return status;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const coach_keys *keys = lever->keys;
    recoup_change change = {.quantity = RECOUP_CHANGE_LOGIT, .exit = "advance"};
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &change.cohort);
    status = recoup_worse(status, recoup_select_stages(lowering, &keys->stage, &change.stage));
    status = recoup_worse(status, check_stages(lowering, &keys->stage));
    change.value = recoup_lever_effect(lowering, lever, "logit", RECOUP_SCALE_PLAIN);
    return status == RECOUP_OK ? recoup_add_change(lowering, lever, change) : status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const coach_keys *keys = lever->keys;
    recoup_write_texts(writer, "cohort", &keys->cohort);
    recoup_write_texts(writer, "stage", &keys->stage);
    recoup_write_effect(writer, "logit", &keys->logit);
}

const recoup_lever_type recoup_lever_coach = {"coach", &schema, NULL, lower, format};
