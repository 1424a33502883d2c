/* adjust: a direct edit of model parameters.
 *
 *   logit    x: logit' = logit + x of the named exits, in the named stages
 *   dwell    f: time scale' = f · time scale of the named exits (all exits without `exit`)
 *   rate     f: arrivals' = f · arrivals of the named cohorts, channels and segments
 *   amount   f: booked amount' = f · booked amount of deals won while in force
 *
 * Each may be uncertain; effects are scaled as logits and as logarithms of factors.
 * Of the selected stages, those that lack a named exit are left alone.
 *
 * Example: an exit of probability .5 against lost (logit 0) with `logit: 0.2` becomes
 * 1 / (1 + e^-0.2) = .5498; `dwell: 0.7` makes a median of 10 days one of 7.
 */
#include "base/names.h"
#include "scenario/lever.h"
#include <string.h>

typedef struct adjust_keys {
    recoup_lever_header header;
    recoup_texts cohort, channel, segment, stage, exit;
    recoup_effect logit, dwell, rate, amount;
} adjust_keys;

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, adjust_keys, name, __VA_ARGS__)

/* The ends are far beyond what anyone means, and near enough that sums and products stay finite. */
static const char a_factor[] = "a factor above 0, at most 1000, such as 0.7 for 30 % less";
static const recoup_field fields[] = {
    KEY(cohort, TEXTS),
    KEY(channel, TEXTS),
    KEY(segment, TEXTS),
    KEY(stage, TEXTS),
    KEY(exit, TEXTS),
    KEY(logit, EFFECT, .min = -100, .max = 100),
    KEY(dwell, EFFECT, .max = 1000, .open_min = true, .meaning = a_factor),
    KEY(rate, EFFECT, .max = 1000, .meaning = "a factor from 0 to 1000, such as 1.2"),
    KEY(amount, EFFECT, .max = 1000, .open_min = true, .meaning = a_factor),
    RECOUP_LEVER_HEADER_FIELDS(adjust_keys),
};

static const adjust_keys defaults = {0};
static const recoup_schema schema =
    RECOUP_SCHEMA("adjust", adjust_keys, fields, .defaults = &defaults);

static bool is_given(recoup_effect effect) {
    return effect.kind != RECOUP_EFFECT_ABSENT;
}

/* Arrivals and amounts belong to no stage and no exit. */
static recoup_status check_scope(const recoup_document *document, const recoup_lever *lever,
                                 recoup_error *error) {
    const adjust_keys *keys = lever->keys;
    const char *effect = is_given(keys->rate) ? "rate" : is_given(keys->amount) ? "amount" : NULL;
    const char *scope = keys->stage.n ? "stage" : keys->exit.n ? "exit" : NULL;
    if (effect && scope)
        return recoup_node_fail(document, recoup_lever_place(lever, effect), error,
                                "'%s' has no meaning together with '%s'; expected an 'adjust' of "
                                "its own without '%s'",
                                effect, scope, scope);
    return RECOUP_OK;
}

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const adjust_keys *keys = lever->keys;
    recoup_status status = check_scope(document, lever, error);
    if (!is_given(keys->logit) && !is_given(keys->dwell) && !is_given(keys->rate) &&
        !is_given(keys->amount))
        status = recoup_node_fail(document, lever->node, error,
                                  "'adjust' changes nothing; expected at least one of logit, "
                                  "dwell, rate and amount");
    if (is_given(keys->logit) && keys->exit.n == 0)
        status = recoup_node_fail(document, recoup_lever_place(lever, "logit"), error,
                                  "'logit' needs the key 'exit', for example 'exit: advance'");
    for (int i = 0; i < keys->exit.n && is_given(keys->logit); i++)
        if (strcmp(keys->exit.text[i], "lost") == 0)
            status = recoup_node_fail(document, keys->exit.node[i], error,
                                      "'logit' cannot act on 'lost', the exit that all others are "
                                      "measured against; expected the opposite change of the "
                                      "others");
    if (keys->rate.kind == RECOUP_EFFECT_FIXED && keys->rate.a == 0 && lever->ramp_days > 0)
        status = recoup_node_fail(document, recoup_lever_place(lever, "ramp_days"), error,
                                  "'rate: 0' stops arrivals at once; expected no 'ramp_days', or a "
                                  "rate above 0");
    return status;
}

/* The names of the exits that the stages of the mask have, each once. */
static recoup_status find_exits(const recoup_lowering *lowering, const bool *stage,
                                recoup_names *names) {
    const recoup_model *model = lowering->model;
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits && (!stage || stage[s]); e++)
            if (recoup_names_add(names, model->stage[s].exit[e].name) < 0)
                return recoup_fail_memory(lowering->error);
    return RECOUP_OK;
}

/* Each exit that the lever names must be one of at least one of its stages. */
static recoup_status check_exits(const recoup_lowering *lowering, const recoup_texts *exits,
                                 const bool *stage) {
    recoup_names names = {0};
    recoup_status status = find_exits(lowering, stage, &names);
    if (status != RECOUP_OK)
        goto exit;
    for (int i = 0; i < exits->n; i++)
        if (recoup_names_find(&names, exits->text[i]) < 0)
            status = recoup_fail_name(lowering, exits->node[i], "exit",
                                      stage ? "these stages of the model" : "the model", names.name,
                                      names.n);
exit:
    recoup_names_clear(&names);
    return status;
}

static recoup_status lower_exits(const recoup_lowering *lowering, const recoup_lever *lever,
                                 recoup_change change) {
    const adjust_keys *keys = lever->keys;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < (keys->exit.n ? keys->exit.n : 1) && status == RECOUP_OK; i++) {
        change.exit = keys->exit.n ? keys->exit.text[i] : NULL;
        status = recoup_add_change(lowering, lever, change);
    }
    return status;
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const adjust_keys *keys = lever->keys;
    recoup_change change = {0};
    recoup_status status = recoup_select_cohorts(lowering, &keys->cohort, &change.cohort);
    status =
        recoup_worse(status, recoup_select_channels(lowering, &keys->channel, &change.channel));
    status =
        recoup_worse(status, recoup_select_segments(lowering, &keys->segment, &change.segment));
    recoup_status stages = recoup_select_stages(lowering, &keys->stage, &change.stage);
    if (stages == RECOUP_OK)
        stages = check_exits(lowering, &keys->exit, change.stage);
    status = recoup_worse(status, stages);

    if (status == RECOUP_OK && is_given(keys->logit)) {
        change.quantity = RECOUP_CHANGE_LOGIT;
        change.value = recoup_lever_effect(lowering, lever, "logit", RECOUP_SCALE_PLAIN);
        status = lower_exits(lowering, lever, change);
    }
    if (status == RECOUP_OK && is_given(keys->dwell)) {
        change.quantity = RECOUP_CHANGE_LOG_DWELL;
        change.value = recoup_lever_effect(lowering, lever, "dwell", RECOUP_SCALE_LOG);
        status = lower_exits(lowering, lever, change);
    }
    if (status == RECOUP_OK && is_given(keys->rate)) {
        change.quantity = RECOUP_CHANGE_LOG_RATE;
        change.value = recoup_lever_effect(lowering, lever, "rate", RECOUP_SCALE_LOG);
        status = recoup_add_change(lowering, lever, change);
    }
    if (status == RECOUP_OK && is_given(keys->amount)) {
        change.quantity = RECOUP_CHANGE_LOG_AMOUNT;
        change.value = recoup_lever_effect(lowering, lever, "amount", RECOUP_SCALE_LOG);
        status = recoup_add_change(lowering, lever, change);
    }
    return status;
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const adjust_keys *keys = lever->keys;
    recoup_write_texts(writer, "cohort", &keys->cohort);
    recoup_write_texts(writer, "channel", &keys->channel);
    recoup_write_texts(writer, "segment", &keys->segment);
    recoup_write_texts(writer, "stage", &keys->stage);
    recoup_write_texts(writer, "exit", &keys->exit);
    recoup_write_effect(writer, "logit", &keys->logit);
    recoup_write_effect(writer, "dwell", &keys->dwell);
    recoup_write_effect(writer, "rate", &keys->rate);
    recoup_write_effect(writer, "amount", &keys->amount);
}

const recoup_lever_type recoup_lever_adjust = {"adjust", &schema, check, lower, format};
