/* model.yaml: exits.<stage>.<exit> over defaults.<exit>. */
#include "model/family.h"
#include "model/read.h"

#include <math.h>
#include <string.h>

/* The keys of one exit as written; NaN and NULL: not given. */
typedef struct exit_keys {
    double logit, size_logit, discount_logit;
    const recoup_node *cohort_logit, *channel_logit, *segment_logit, *cohort_log_dwell;
    const recoup_node *dwell, *to;
    struct {
        double logit, log_scale, log_median;
        recoup_values shape;
        const recoup_node *cohort_logit, *cohort_log_dwell;
    } se;
    double events;
    struct {
        double distance, days, bound;
    } fit;
} exit_keys;

static const exit_keys no_keys = {.logit = NAN,
                                  .size_logit = NAN,
                                  .discount_logit = NAN,
                                  .se = {.logit = NAN, .log_scale = NAN, .log_median = NAN},
                                  .events = 0,
                                  .fit = {NAN, NAN, NAN}};

#define POSITIVE_OR_0 .max = -1, .meaning = "a number of 0 or more"

static const recoup_field se_fields[] = {
    {"logit", RECOUP_FIELD_NUMBER, offsetof(exit_keys, se.logit) - offsetof(exit_keys, se),
     POSITIVE_OR_0},
    {"log_scale", RECOUP_FIELD_NUMBER, offsetof(exit_keys, se.log_scale) - offsetof(exit_keys, se),
     POSITIVE_OR_0},
    {"shape", RECOUP_FIELD_VALUES, offsetof(exit_keys, se.shape) - offsetof(exit_keys, se),
     POSITIVE_OR_0},
    {"log_median", RECOUP_FIELD_NUMBER,
     offsetof(exit_keys, se.log_median) - offsetof(exit_keys, se), POSITIVE_OR_0},
    {"cohort_logit", RECOUP_FIELD_NODE,
     offsetof(exit_keys, se.cohort_logit) - offsetof(exit_keys, se), .meaning = NULL},
    {"cohort_log_dwell", RECOUP_FIELD_NODE,
     offsetof(exit_keys, se.cohort_log_dwell) - offsetof(exit_keys, se), .meaning = NULL},
};
static const recoup_schema se_schema = {"'se'", sizeof no_keys.se, NULL, se_fields,
                                        sizeof se_fields / sizeof *se_fields};

static const recoup_field fit_fields[] = {
    {"distance", RECOUP_FIELD_NUMBER, offsetof(exit_keys, fit.distance) - offsetof(exit_keys, fit),
     .required = true, .max = 1, .meaning = "a share from 0 to 1"},
    {"days", RECOUP_FIELD_NUMBER, offsetof(exit_keys, fit.days) - offsetof(exit_keys, fit),
     .required = true, POSITIVE_OR_0},
    {"bound", RECOUP_FIELD_NUMBER, offsetof(exit_keys, fit.bound) - offsetof(exit_keys, fit),
     .required = true, .max = 1, .meaning = "a share from 0 to 1"},
};
static const recoup_schema fit_schema = {"'fit'", sizeof no_keys.fit, NULL, fit_fields,
                                         sizeof fit_fields / sizeof *fit_fields};

static const recoup_field exit_fields[] = {
    {RECOUP_KEY(exit_keys, logit, RECOUP_FIELD_NUMBER), .meaning = "a number"},
    {RECOUP_KEY(exit_keys, cohort_logit, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(exit_keys, channel_logit, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(exit_keys, segment_logit, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(exit_keys, size_logit, RECOUP_FIELD_NUMBER), .meaning = "a number"},
    {RECOUP_KEY(exit_keys, discount_logit, RECOUP_FIELD_NUMBER), .meaning = "a number"},
    {RECOUP_KEY(exit_keys, dwell, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(exit_keys, cohort_log_dwell, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(exit_keys, to, RECOUP_FIELD_NODE)},
    /* of a fit; they belong to one stage, so defaults do not have them */
    {RECOUP_KEY(exit_keys, se, RECOUP_FIELD_STRUCT), .schema = &se_schema},
    {RECOUP_KEY(exit_keys, events, RECOUP_FIELD_NUMBER), POSITIVE_OR_0},
    {RECOUP_KEY(exit_keys, fit, RECOUP_FIELD_STRUCT), .schema = &fit_schema},
};
enum { N_EXIT_FIELDS = sizeof exit_fields / sizeof *exit_fields, N_DEFAULT_FIELDS = 9 };
static const recoup_schema exit_schema = {"an exit", sizeof(exit_keys), NULL, exit_fields,
                                          N_EXIT_FIELDS};
static const recoup_schema default_schema = {"the defaults of an exit", sizeof(exit_keys), NULL,
                                             exit_fields, N_DEFAULT_FIELDS};

/* What a mapping says about an exit, read once: a default serves every stage. */
typedef struct exit_terms {
    const recoup_node *name, *to; /* name: the key */
    bool has_dwell;               /* written, even if wrongly */
    bool used;
    int n_shape_se;
    recoup_exit exit; /* numbers NaN, arrays NULL: not given */
} exit_terms;

typedef struct exit_defaults {
    exit_terms *terms;
    int n;
} exit_defaults;

/* The logit of *lost* is 0 by definition: every other one is against it. */
static void check_lost(recoup_model_reader *reader, const recoup_node *mapping) {
    for (int i = 0; i < mapping->n; i++) {
        const char *key = mapping->key[i]->text;
        size_t length = strlen(key);
        if (length >= 5 && strcmp(key + length - 5, "logit") == 0)
            recoup_model_reader_take(
                reader, recoup_node_fail(reader->document, mapping->key[i], reader->error,
                                         "'lost' is the exit that the others are measured "
                                         "against: its logit is 0, and it has no '%s'",
                                         key));
    }
}

/* Standard errors by cohort. */
static double *read_errors(recoup_model_reader *reader, const recoup_node *mapping,
                           const char *key) {
    const recoup_names *cohorts = &reader->model->cohorts;
    double *se =
        mapping ? recoup_model_reader_numbers(reader, mapping, key, "cohort", cohorts) : NULL;
    for (int i = 0; se && i < cohorts->n; i++)
        if (se[i] < 0)
            recoup_model_reader_take(
                reader, recoup_node_fail(reader->document, mapping, reader->error,
                                         "the standard error of '%s' is %g; expected a number of 0 "
                                         "or more",
                                         cohorts->name[i], se[i]));
    return se;
}

static void read_terms(recoup_model_reader *reader, const recoup_node *name,
                       const recoup_node *mapping, const recoup_schema *schema, exit_terms *terms) {
    const recoup_model *model = reader->model;
    recoup_exit *exit = &terms->exit;
    exit_keys keys = no_keys;
    terms->name = name;
    exit->dwell.family = RECOUP_N_FAMILIES;
    bool empty = mapping->kind == RECOUP_NODE_SCALAR && !mapping->quoted && !mapping->text[0];
    if (!empty) /* `lost:` alone takes everything from the defaults */
        recoup_model_reader_take(
            reader, recoup_bind(reader->document, mapping, schema, &keys, reader->error));
    if (mapping->kind == RECOUP_NODE_MAPPING && strcmp(name->text, "lost") == 0)
        check_lost(reader, mapping);
    exit->logit = keys.logit;
    exit->size_logit = keys.size_logit;
    exit->discount_logit = keys.discount_logit;
    if (keys.cohort_logit)
        exit->cohort_logit = recoup_model_reader_numbers(reader, keys.cohort_logit, "cohort_logit",
                                                         "cohort", &model->cohorts);
    if (keys.channel_logit)
        exit->channel_logit = recoup_model_reader_numbers(
            reader, keys.channel_logit, "channel_logit", "channel", &model->channels);
    if (keys.segment_logit)
        exit->segment_logit = recoup_model_reader_numbers(
            reader, keys.segment_logit, "segment_logit", "segment", &model->segments);
    if (keys.cohort_log_dwell)
        exit->cohort_log_dwell = recoup_model_reader_numbers(
            reader, keys.cohort_log_dwell, "cohort_log_dwell", "cohort", &model->cohorts);
    if (keys.dwell)
        recoup_model_reader_take(
            reader, recoup_dist_read(reader->document, keys.dwell, &exit->dwell, reader->error));
    terms->has_dwell = keys.dwell != NULL;
    terms->to = keys.to;
    exit->cohort_logit_se = read_errors(reader, keys.se.cohort_logit, "cohort_logit");
    exit->cohort_mu_se = read_errors(reader, keys.se.cohort_log_dwell, "cohort_log_dwell");
    exit->fit = (recoup_exit_fit){.logit_se = keys.se.logit,
                                  .mu_se = keys.se.log_scale,
                                  .shape_se = {NAN, NAN},
                                  .log_median_se = keys.se.log_median,
                                  .n_events = keys.events,
                                  .gof_distance = keys.fit.distance,
                                  .gof_days = keys.fit.days,
                                  .gof_bound = keys.fit.bound};
    terms->n_shape_se = keys.se.shape.n;
    for (int i = 0; i < keys.se.shape.n && i < 2; i++)
        exit->fit.shape_se[i] = keys.se.shape.value[i];
}

static double number_or(double own, double fallback) {
    return !isnan(own) ? own : isnan(fallback) ? 0 : fallback;
}

/* Own terms over the defaults of the exit. */
static void merge(exit_terms *own, const exit_terms *defaults) {
    static const exit_terms none = {
        .exit = {.logit = NAN, .size_logit = NAN, .discount_logit = NAN}};
    const exit_terms *fallback = defaults ? defaults : &none;
    recoup_exit *exit = &own->exit;
    exit->logit = number_or(exit->logit, fallback->exit.logit);
    exit->size_logit = number_or(exit->size_logit, fallback->exit.size_logit);
    exit->discount_logit = number_or(exit->discount_logit, fallback->exit.discount_logit);
    if (!exit->cohort_logit)
        exit->cohort_logit = fallback->exit.cohort_logit;
    if (!exit->channel_logit)
        exit->channel_logit = fallback->exit.channel_logit;
    if (!exit->segment_logit)
        exit->segment_logit = fallback->exit.segment_logit;
    if (!exit->cohort_log_dwell)
        exit->cohort_log_dwell = fallback->exit.cohort_log_dwell;
    if (!own->to)
        own->to = fallback->to;
    if (!own->has_dwell) {
        own->has_dwell = fallback->has_dwell;
        exit->dwell = fallback->exit.dwell;
    }
}

/* A jump's target by name. */
static int find_target(recoup_model_reader *reader, int stage, const recoup_node *to) {
    const recoup_model *model = reader->model;
    const char *text = to->kind == RECOUP_NODE_SCALAR ? to->text : "";
    if (strcmp(text, "won") == 0)
        return RECOUP_EXIT_WON;
    int target = recoup_model_find_stage(model, text);
    if (target >= 0 && target != stage)
        return target;
    char **names =
        recoup_arena_alloc(&reader->document->arena, (size_t)model->n_stages, sizeof *names);
    for (int i = 0; names && i < model->n_stages; i++)
        names[i] = model->stage[i].name;
    const char *nearest =
        names && target < 0 ? recoup_names_nearest(names, model->n_stages, text) : NULL;
    recoup_model_reader_take(reader,
                             recoup_node_fail(reader->document, to, reader->error,
                                              "'to' is '%s'; expected another stage or won%s%s%s",
                                              text, nearest ? "; did you mean '" : "",
                                              nearest ? nearest : "", nearest ? "'?" : ""));
    return RECOUP_EXIT_NEVER;
}

/* Where the exit leads; what contradicts is reported. */
static int read_target(recoup_model_reader *reader, int stage, const exit_terms *terms) {
    const char *name = terms->name->text;
    bool advance = strcmp(name, "advance") == 0, lost = strcmp(name, "lost") == 0;
    bool never = terms->exit.dwell.family == RECOUP_NEVER;
    const recoup_node *node = terms->to ? terms->to : terms->name;
    recoup_status status = RECOUP_OK;
    if (never && (advance || lost))
        status =
            recoup_node_fail(reader->document, terms->name, reader->error,
                             "'%s' ends a stay in the stage, so its dwell cannot be 'never'", name);
    else if ((advance || lost || never) && terms->to)
        status = recoup_node_fail(reader->document, node, reader->error,
                                  never ? "the exit '%s' of family never leads nowhere; remove 'to'"
                                        : "the target of '%s' is known; remove 'to'",
                                  name);
    else if (!advance && !lost && !never && !terms->to)
        status = recoup_node_fail(reader->document, node, reader->error,
                                  "the exit '%s' needs 'to': another stage or won", name);
    recoup_model_reader_take(reader, status);
    if (advance)
        return stage + 1 < reader->model->n_stages ? stage + 1 : RECOUP_EXIT_WON;
    if (lost)
        return RECOUP_EXIT_LOST;
    return never || !terms->to ? RECOUP_EXIT_NEVER : find_target(reader, stage, terms->to);
}

static void read_exit(recoup_model_reader *reader, int stage, const recoup_node *name,
                      const recoup_node *mapping, exit_defaults *defaults, recoup_exit *exit) {
    exit_terms own = {0};
    exit_terms *fallback = NULL;
    for (int i = 0; i < defaults->n; i++)
        if (strcmp(defaults->terms[i].name->text, name->text) == 0) {
            fallback = &defaults->terms[i];
            fallback->used = true;
        }
    read_terms(reader, name, mapping, &exit_schema, &own);
    merge(&own, fallback);
    if (!own.has_dwell)
        recoup_model_reader_take(
            reader, recoup_node_fail(reader->document, name, reader->error,
                                     "the exit '%s' of the stage '%s' needs 'dwell', here or in "
                                     "'defaults'",
                                     name->text, reader->model->stage[stage].name));
    else if (own.exit.dwell.family != RECOUP_N_FAMILIES &&
             own.n_shape_se > recoup_family_n_shapes(own.exit.dwell.family))
        recoup_model_reader_take(
            reader,
            recoup_node_fail(reader->document, recoup_node_find(mapping, "se"), reader->error,
                             "'shape' has %d standard errors, but the family %s has %d "
                             "shape parameters",
                             own.n_shape_se, recoup_family_name(own.exit.dwell.family),
                             recoup_family_n_shapes(own.exit.dwell.family)));
    own.exit.name = recoup_model_reader_text(reader, name->text);
    own.exit.target = read_target(reader, stage, &own);
    if (own.exit.dwell.family == RECOUP_NEVER) /* no time to stretch */
        own.exit.cohort_log_dwell = own.exit.cohort_mu_se = NULL;
    *exit = own.exit;
}

/* advance, lost, then as written: 0, 1, 2. */
static int rank(const recoup_node *name) {
    return strcmp(name->text, "advance") == 0 ? 0 : strcmp(name->text, "lost") == 0 ? 1 : 2;
}

static void read_stage(recoup_model_reader *reader, int index, const recoup_node *name,
                       const recoup_node *mapping, exit_defaults *defaults) {
    recoup_stage *stage = &reader->model->stage[index];
    if (mapping->kind != RECOUP_NODE_MAPPING || mapping->n == 0) {
        recoup_model_reader_take(
            reader, recoup_node_fail(reader->document, name, reader->error,
                                     "the stage '%s' needs at least one exit, such as 'advance'",
                                     name->text));
        return;
    }
    stage->exit = recoup_model_reader_alloc(reader, mapping->n, sizeof *stage->exit);
    if (!stage->exit)
        return;
    for (int wanted = 0; wanted <= 2; wanted++)
        for (int i = 0; i < mapping->n; i++)
            if (rank(mapping->key[i]) == wanted)
                read_exit(reader, index, mapping->key[i], mapping->item[i], defaults,
                          &stage->exit[stage->n_exits++]);
}

static void read_defaults(recoup_model_reader *reader, const recoup_node *node,
                          exit_defaults *defaults) {
    if (node->kind != RECOUP_NODE_MAPPING) {
        recoup_model_reader_take(reader,
                                 recoup_node_fail(reader->document, node, reader->error,
                                                  "'defaults' is a mapping of exits to terms"));
        return;
    }
    defaults->terms =
        recoup_arena_alloc(&reader->document->arena, (size_t)node->n, sizeof *defaults->terms);
    if (!defaults->terms) {
        recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
        return;
    }
    for (; defaults->n < node->n; defaults->n++)
        read_terms(reader, node->key[defaults->n], node->item[defaults->n], &default_schema,
                   &defaults->terms[defaults->n]);
}

static void check_defaults_used(recoup_model_reader *reader, const exit_defaults *defaults) {
    for (int i = 0; i < defaults->n; i++)
        if (!defaults->terms[i].used)
            recoup_model_reader_take(
                reader, recoup_node_fail(reader->document, defaults->terms[i].name, reader->error,
                                         "no stage has an exit '%s' that these defaults are for",
                                         defaults->terms[i].name->text));
}

/* A model in which no deal can be won is a slip of the pen. */
static void check_reachable(recoup_model_reader *reader, const recoup_node *exits) {
    const recoup_model *model = reader->model;
    bool *seen =
        recoup_arena_alloc(&reader->document->arena, (size_t)model->n_stages, sizeof *seen);
    if (!seen) {
        recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
        return;
    }
    bool won = false, grown = true;
    seen[0] = true;
    while (grown) {
        grown = false;
        for (int s = 0; s < model->n_stages; s++)
            for (int e = 0; seen[s] && e < model->stage[s].n_exits; e++) {
                int target = model->stage[s].exit[e].target;
                won |= target == RECOUP_EXIT_WON;
                if (target >= 0 && !seen[target])
                    seen[target] = grown = true;
            }
    }
    if (!won)
        recoup_model_reader_take(
            reader, recoup_node_fail(reader->document, exits, reader->error,
                                     "no deal that enters the first stage, '%s', can be won: no "
                                     "exits lead from it to won",
                                     model->stage[0].name));
}

void recoup_model_read_exits(recoup_model_reader *reader, const recoup_node *defaults_node,
                             const recoup_node *exits) {
    recoup_model *model = reader->model;
    exit_defaults defaults = {0};
    if (exits->kind != RECOUP_NODE_MAPPING) {
        recoup_model_reader_take(reader, recoup_node_fail(reader->document, exits, reader->error,
                                                          "'exits' is a mapping of stages to "
                                                          "their exits"));
        return;
    }
    if (defaults_node)
        read_defaults(reader, defaults_node, &defaults);
    recoup_names stages = {0};
    const recoup_node **item =
        recoup_arena_alloc(&reader->document->arena, (size_t)model->n_stages, sizeof *item);
    for (int i = 0; i < model->n_stages && item; i++)
        if (recoup_names_add(&stages, model->stage[i].name) < 0)
            item = NULL;
    if (!item) {
        recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
        goto exit;
    }
    bool complete = recoup_model_reader_by_name(reader, exits, "exits", "stage", &stages, item);
    for (int i = 0; i < exits->n; i++) {
        int index = recoup_names_find(&stages, exits->key[i]->text);
        if (index >= 0)
            read_stage(reader, index, exits->key[i], exits->item[i], &defaults);
    }
    check_defaults_used(reader, &defaults);
    if (complete && reader->status == RECOUP_OK)
        check_reachable(reader, exits);
exit:
    recoup_names_clear(&stages);
}
