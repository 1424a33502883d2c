/* scrub: open deals that are in the pipeline by neglect are closed as lost at the start, and the
 * effort that they took goes into new ones.
 *
 * Rules (any of them suffices; src/crm/hygiene.h):
 *
 *   expired       expected_close is more than expired_days before the as-of date
 *   no_next_step  next_step is empty, or begins with a date before the as-of date
 *   stale         longer in its stage than the fitted dwell times of those deals of its cohort that
 *                 leave the stage at all take with probability stale_quantile, whichever exit they
 *                 take
 *   ancient       created longer ago than any deal won before the as-of date was when it was won
 *   no_amount     without an amount, or with 0
 *
 * Where a share s of a cohort's open deals is closed, the cohort's arrivals are multiplied by
 * (1 + s)^returns. Which deals are stale is told by the fitted model, once for all parameter draws.
 * With `adoption` below 1 that share of the deals is closed, chosen at random once
 * for all parameter draws; with a ramp they are closed evenly over its days.
 *
 * Example: a cohort has 8 open deals, of which 2 have no next step. `{rules: no_next_step, returns:
 * 0.5}` closes these, and 1.25^.5 = 1.118 times as many new ones arrive from its start on.
 */
#include "base/names.h"
#include "model/dwell.h"
#include "scenario/lever.h"
#include <string.h>

typedef struct scrub_keys {
    recoup_lever_header header;
    recoup_texts rules;
    double expired_days, stale_quantile, returns;
} scrub_keys;

/* In the order of recoup_hygiene_rule, which the scenario does not see. */
enum { EXPIRED, NO_NEXT_STEP, STALE, ANCIENT, NO_AMOUNT, N_RULES };
static const char *const rule_names[N_RULES] = {"expired", "no_next_step", "stale", "ancient",
                                                "no_amount"};

#define KEY(name, kind, ...) RECOUP_KEY(#name, kind, scrub_keys, name, __VA_ARGS__)
static const recoup_field fields[] = {
    KEY(rules, TEXTS, .required = true),
    KEY(expired_days, NUMBER, .max = 36500, .meaning = "a number of days from 0 to 36500"),
    KEY(stale_quantile, NUMBER, .max = 1, .open_min = true,
        .meaning = "a probability above 0 and below 1, such as 0.95"),
    KEY(returns, NUMBER, .max = 1, .meaning = "the elasticity of arrivals to effort, from 0 to 1"),
    RECOUP_LEVER_HEADER_FIELDS(scrub_keys),
};

static const scrub_keys defaults = {.expired_days = RECOUP_SCRUB_EXPIRED_DAYS,
                                    .stale_quantile = RECOUP_SCRUB_STALE_QUANTILE};
static const recoup_schema schema =
    RECOUP_SCHEMA("scrub", scrub_keys, fields, .defaults = &defaults);

static int find_rule(const char *name) {
    int rule = 0;
    while (rule < N_RULES && strcmp(rule_names[rule], name) != 0)
        rule++;
    return rule < N_RULES ? rule : -1;
}

static bool has_rule(const recoup_lever *lever, int rule) {
    const scrub_keys *keys = lever->keys;
    for (int i = 0; i < keys->rules.n; i++)
        if (find_rule(keys->rules.text[i]) == rule)
            return true;
    return false;
}

static recoup_status fail_rule(const recoup_document *document, const recoup_node *node,
                               recoup_error *error) {
    char *names[N_RULES];
    for (int i = 0; i < N_RULES; i++)
        names[i] = (char *)rule_names[i]; /* only read */
    const char *nearest = recoup_names_nearest(names, N_RULES, node->text);
    if (nearest)
        return recoup_node_fail(document, node, error, "unknown rule '%s'; did you mean '%s'?",
                                node->text, nearest);
    return recoup_node_fail(document, node, error,
                            "unknown rule '%s'; expected one of expired, no_next_step, stale, "
                            "ancient, no_amount",
                            node->text);
}

/* A key that belongs to a rule that is not among those of the lever. */
static recoup_status check_key(const recoup_document *document, const recoup_lever *lever,
                               const char *key, int rule, recoup_error *error) {
    const recoup_node *node = recoup_node_find(lever->node, key);
    if (!node || has_rule(lever, rule))
        return RECOUP_OK;
    return recoup_node_fail(document, node, error,
                            "'%s' has no meaning without the rule '%s'; expected it among 'rules'",
                            key, rule_names[rule]);
}

static recoup_status check(const recoup_document *document, const recoup_lever *lever,
                           recoup_error *error) {
    const scrub_keys *keys = lever->keys;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < keys->rules.n; i++)
        if (find_rule(keys->rules.text[i]) < 0)
            status = fail_rule(document, keys->rules.node[i], error);
    if (keys->stale_quantile == 1)
        status = recoup_node_fail(document, recoup_lever_place(lever, "stale_quantile"), error,
                                  "'stale_quantile' is 1, above which no deal is; expected a "
                                  "probability above 0 and below 1, such as 0.95");
    status = recoup_worse(status, check_key(document, lever, "expired_days", EXPIRED, error));
    return recoup_worse(status, check_key(document, lever, "stale_quantile", STALE, error));
}

static recoup_status lower(const recoup_lowering *lowering, const recoup_lever *lever) {
    const scrub_keys *keys = lever->keys;
    bool is_asked = has_rule(lever, STALE) && lowering->draw < 0; /* draws keep what was found */
    const double *stale_days =
        is_asked
            ? recoup_model_dwell_quantiles(lowering->model, keys->stale_quantile, lowering->arena)
            : NULL;
    bool *rule = recoup_arena_alloc(lowering->arena, N_RULES, sizeof *rule);
    const recoup_node **node = recoup_arena_alloc(lowering->arena, N_RULES, sizeof *node);
    if (!rule || !node || (is_asked && !stale_days))
        return recoup_fail_memory(lowering->error);
    for (int i = 0; i < keys->rules.n; i++) {
        int k = find_rule(keys->rules.text[i]);
        rule[k] = true;
        node[k] = keys->rules.node[i];
    }
    return recoup_add_closure(lowering, lever,
                              (recoup_closure){
                                  .lever_node = lever->node,
                                  .rule = rule,
                                  .rule_node = node,
                                  .expired_days = keys->expired_days,
                                  .stale_days = stale_days,
                                  .share = recoup_lever_strength(lowering, lever),
                                  .returns = keys->returns,
                              });
}

static void format(const recoup_lever *lever, recoup_writer *writer) {
    const scrub_keys *keys = lever->keys;
    recoup_write_texts(writer, "rules", &keys->rules);
    if (has_rule(lever, EXPIRED))
        recoup_write_number(writer, "expired_days", keys->expired_days);
    if (has_rule(lever, STALE))
        recoup_write_number(writer, "stale_quantile", keys->stale_quantile);
    recoup_write_number(writer, "returns", keys->returns);
}

const recoup_lever_type recoup_lever_scrub = {"scrub", &schema, check, lower, format};
