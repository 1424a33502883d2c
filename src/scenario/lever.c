#include "scenario/lever.h"

#include "base/names.h"
#include "scenario/moment.h"
#include <string.h>

static const recoup_lever_type *const lever_types[RECOUP_N_LEVERS] = {
    [RECOUP_LEVER_ADJUST] = &recoup_lever_adjust,
    [RECOUP_LEVER_REASSIGN] = &recoup_lever_reassign,
    [RECOUP_LEVER_CHANNEL_FOCUS] = &recoup_lever_channel_focus,
    [RECOUP_LEVER_DISCOUNT_LIMIT] = &recoup_lever_discount_limit,
    [RECOUP_LEVER_SCRUB] = &recoup_lever_scrub,
    [RECOUP_LEVER_SEGMENT_FOCUS] = &recoup_lever_segment_focus,
    [RECOUP_LEVER_COACH] = &recoup_lever_coach,
    [RECOUP_LEVER_UNBLOCK] = &recoup_lever_unblock,
    [RECOUP_LEVER_ACTIVITY] = &recoup_lever_activity,
    [RECOUP_LEVER_INCENTIVE] = &recoup_lever_incentive,
    [RECOUP_LEVER_HIRE] = &recoup_lever_hire,
    [RECOUP_LEVER_QUOTA_RELIEF] = &recoup_lever_quota_relief,
};

const recoup_lever_type *recoup_lever_type_of(const recoup_lever *lever) {
    return lever_types[lever->kind];
}

const recoup_node *recoup_lever_place(const recoup_lever *lever, const char *key) {
    const recoup_node *node = recoup_node_find(lever->node, key);
    return node ? node : lever->node;
}

static recoup_status fail_kind(const recoup_document *document, const recoup_node *key,
                               recoup_error *error) {
    char *names[RECOUP_N_LEVERS];
    recoup_text list = {0};
    for (int i = 0; i < RECOUP_N_LEVERS; i++) {
        names[i] = (char *)lever_types[i]->name; /* only read */
        recoup_text_add(&list, "%s%s", i ? ", " : "", names[i]);
    }
    const char *nearest = recoup_names_nearest(names, RECOUP_N_LEVERS, key->text);
    recoup_status status;
    if (nearest)
        status = recoup_node_fail(document, key, error, "unknown lever '%s'; did you mean '%s'?",
                                  key->text, nearest);
    else
        status = recoup_node_fail(document, key, error, "unknown lever '%s'; expected one of %s",
                                  key->text, list.failed ? "the known ones" : list.bytes);
    recoup_text_clear(&list);
    return status;
}

static recoup_status find_kind(const recoup_document *document, const recoup_node *node,
                               recoup_lever *lever, recoup_error *error) {
    if (node->kind != RECOUP_NODE_MAPPING || node->n != 1)
        return recoup_node_fail(document, node, error,
                                "a lever is one key, its kind, with the lever's own keys inside "
                                "it; expected for example 'adjust: {cohort: ramping, exit: "
                                "advance, logit: 0.2}'");
    int kind = 0;
    while (kind < RECOUP_N_LEVERS && strcmp(lever_types[kind]->name, node->key[0]->text) != 0)
        kind++;
    if (kind == RECOUP_N_LEVERS)
        return fail_kind(document, node->key[0], error);
    lever->kind = (recoup_lever_kind)kind;
    lever->node = node->item[0];
    if (lever->node->kind != RECOUP_NODE_MAPPING)
        return recoup_node_fail(document, lever->node, error,
                                "'%s' has no keys; expected a mapping with 'key: value' pairs",
                                lever_types[kind]->name);
    return RECOUP_OK;
}

/* Days after the as-of date; a note when it comes too late to matter. */
static recoup_status read_start(const recoup_scenario *scenario, const recoup_lever_header *header,
                                double plan_start, recoup_lever *lever, recoup_error *error) {
    const recoup_node *node = header->start;
    double start = isnan(plan_start) ? scenario->as_of : plan_start;
    if (isnan(scenario->as_of))
        return RECOUP_OK; /* reported already */
    if (node) {
        recoup_status status = recoup_start_read(scenario->document, node, "start", scenario->as_of,
                                                 scenario->zone_days, &start, error);
        if (status != RECOUP_OK)
            return status;
    }
    start += header->delay_days;
    lever->start_day = recoup_start_day(start, scenario->as_of);
    if (start >= scenario->period_end)
        recoup_node_note(scenario->document, node ? node : lever->node, error,
                         "this lever starts after the end of the period: it changes nothing");
    return RECOUP_OK;
}

/* `cohort: []` would read as every cohort, which is hardly what was meant. */
static recoup_status check_lists(const recoup_document *document, const recoup_node *mapping,
                                 const recoup_schema *schema, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < schema->n_fields; i++) {
        const recoup_field *field = &schema->fields[i];
        const recoup_node *node = recoup_node_find(mapping, field->key);
        if (node && field->type == RECOUP_FIELD_STRUCT)
            status = recoup_worse(status, check_lists(document, node, field->schema, error));
        else if (node && node->kind == RECOUP_NODE_SEQUENCE && node->n == 0)
            status = recoup_node_fail(document, node, error,
                                      "'%s' is an empty list; expected a name, or no '%s' at all "
                                      "to mean every one",
                                      field->key, field->key);
    }
    return status;
}

recoup_status recoup_lever_read(recoup_scenario *scenario, const recoup_node *node,
                                double plan_start, recoup_lever *lever, recoup_error *error) {
    recoup_status status = find_kind(scenario->document, node, lever, error);
    if (status != RECOUP_OK)
        return status;
    const recoup_lever_type *type = recoup_lever_type_of(lever);
    lever->keys = recoup_arena_alloc(&scenario->arena, 1, type->schema->size);
    if (!lever->keys)
        return recoup_fail_memory(error);
    memcpy(lever->keys, type->schema->defaults, type->schema->size);
    status = recoup_bind(scenario->document, lever->node, type->schema, lever->keys, error);
    status =
        recoup_worse(status, check_lists(scenario->document, lever->node, type->schema, error));
    const recoup_lever_header *header = lever->keys; /* the first member of every struct of keys */
    lever->ramp_days = header->ramp_days;
    lever->cost = header->cost;
    lever->hours = header->hours;
    lever->owner = header->owner;
    lever->adoption = header->adoption;
    lever->evidence = (recoup_evidence)header->evidence;
    lever->strength = header->strength > 0 ? header->strength : 1;
    status = recoup_worse(status, read_start(scenario, header, plan_start, lever, error));
    if (status == RECOUP_OK && type->check) /* only what is bound as a whole can be judged so */
        status = type->check(scenario->document, lever, error);
    if (status == RECOUP_OK)
        status = recoup_lever_set_key(lever, error);
    return status;
}

bool recoup_lever_format_keys(const recoup_lever *lever, recoup_text *text) {
    recoup_writer writer = {.is_flow = true};
    recoup_lever_type_of(lever)->format(lever, &writer);
    if (lever->strength != 1)
        recoup_write_number(&writer, "strength", lever->strength);
    recoup_write_effect(&writer, "adoption", &lever->adoption);
    recoup_text_add(text, "{%s}", writer.text.bytes ? writer.text.bytes : "");
    bool done = !writer.text.failed && !text->failed;
    recoup_text_clear(&writer.text);
    return done;
}

void recoup_lever_format(const recoup_scenario *scenario, const recoup_lever *lever,
                         recoup_writer *writer) {
    const recoup_lever_type *type = recoup_lever_type_of(lever);
    recoup_write_item(writer);
    recoup_write_open(writer, type->name);
    type->format(lever, writer);
    recoup_write_moment(writer, "start", scenario->as_of + lever->start_day);
    recoup_write_number(writer, "ramp_days", lever->ramp_days);
    recoup_write_number(writer, "cost", lever->cost);
    recoup_write_number(writer, "hours", lever->hours);
    if (lever->strength != 1)
        recoup_write_number(writer, "strength", lever->strength);
    recoup_write_text(writer, "owner", lever->owner);
    recoup_write_effect(writer, "adoption", &lever->adoption);
    recoup_write_text(writer, "evidence", recoup_evidence_names[lever->evidence]);
    recoup_write_close(writer);
    recoup_write_item_end(writer);
}
