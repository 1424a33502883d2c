#include "base/names.h"
#include "scenario/check.h"
#include "scenario/load.h"

#include <stdlib.h>
#include <string.h>

/* What a label can mean besides a stage. */
static const char *const outcomes[] = {"won", "lost", "open"};
enum { N_OUTCOMES = sizeof outcomes / sizeof *outcomes };

static bool is_outcome(const char *name) {
    for (int i = 0; i < N_OUTCOMES; i++)
        if (strcmp(outcomes[i], name) == 0)
            return true;
    return false;
}

static recoup_status read_stages(recoup_scenario *scenario, const recoup_node *node,
                                 const recoup_texts *stages, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    if (node && stages->n == 0)
        status = recoup_node_fail(scenario->document, node, error,
                                  "the pipeline has no stages; expected the names of the open "
                                  "stages in their order");
    for (int i = 0; i < stages->n; i++)
        if (is_outcome(stages->text[i]))
            status = recoup_node_fail(scenario->document, stages->node[i], error,
                                      "'%s' is an outcome, not a stage; expected open stages only",
                                      stages->text[i]);
        else if (!stages->text[i][0])
            status = recoup_node_fail(scenario->document, stages->node[i], error,
                                      "a stage without a name; expected its name");
    scenario->n_stages = stages->n;
    scenario->stages = stages->text;
    return status;
}

/* A meaning is an outcome, or a stage; of the list, when there is one. */
static recoup_status check_meaning(const recoup_scenario *scenario, const recoup_node *node,
                                   recoup_error *error) {
    const char *meaning = node->text;
    if (is_outcome(meaning) || (scenario->n_stages == 0 && meaning[0]))
        return RECOUP_OK;
    char **known = RECOUP_NEW(char *, scenario->n_stages + N_OUTCOMES);
    if (!known)
        return recoup_fail_memory(error);
    int n = 0;
    bool found = false;
    for (int i = 0; i < scenario->n_stages; i++) {
        known[n++] = (char *)scenario->stages[i]; /* only read */
        found = found || strcmp(scenario->stages[i], meaning) == 0;
    }
    for (int i = 0; i < N_OUTCOMES; i++)
        known[n++] = (char *)outcomes[i];
    recoup_status status = RECOUP_OK;
    const char *nearest = recoup_names_nearest(known, n, meaning);
    if (!found)
        status = recoup_node_fail(scenario->document, node, error,
                                  "'%s' is neither a stage of the pipeline nor won, lost or "
                                  "open%s%s%s",
                                  meaning, nearest ? "; did you mean '" : "",
                                  nearest ? nearest : "", nearest ? "'?" : "");
    free(known);
    return status;
}

static recoup_status read_labels(recoup_scenario *scenario, const recoup_node *node,
                                 recoup_error *error) {
    if (node->kind != RECOUP_NODE_MAPPING)
        return recoup_node_fail(scenario->document, node, error,
                                "'labels' is not a mapping; expected pairs such as "
                                "'Closed Won: won'");
    size_t n = (size_t)node->n;
    scenario->label = recoup_arena_alloc(&scenario->arena, n, sizeof *scenario->label);
    scenario->meaning = recoup_arena_alloc(&scenario->arena, n, sizeof *scenario->meaning);
    if (!scenario->label || !scenario->meaning)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < node->n; i++) {
        const recoup_node *meaning = node->item[i];
        if (meaning->kind != RECOUP_NODE_SCALAR || !meaning->text[0]) {
            status = recoup_node_fail(scenario->document, meaning, error,
                                      "the label '%s' has no meaning; expected a stage, won, lost "
                                      "or open",
                                      node->key[i]->text);
            continue;
        }
        status = recoup_worse(status, check_meaning(scenario, meaning, error));
        scenario->label[scenario->n_labels] = node->key[i]->text;
        scenario->meaning[scenario->n_labels++] = meaning->text;
    }
    return status;
}

recoup_status recoup_pipeline_read(recoup_scenario *scenario, const recoup_node *node,
                                   recoup_error *error) {
    if (!node)
        return RECOUP_OK;
    recoup_pipeline_keys keys = {0};
    recoup_status status;
    const recoup_node *stages = node;
    if (node->kind == RECOUP_NODE_SEQUENCE) {
        status = recoup_bind_texts(scenario->document, node, &keys.stages, error);
    } else {
        status = recoup_bind(scenario->document, node, &recoup_pipeline_schema, &keys, error);
        stages = recoup_node_find(node, "stages");
    }
    if (status != RECOUP_OK)
        return status;
    status = read_stages(scenario, stages, &keys.stages, error);
    if (keys.labels)
        status = recoup_worse(status, read_labels(scenario, keys.labels, error));
    return status;
}
