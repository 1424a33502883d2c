/* model.yaml: the whole. */
#include "model/read.h"

#include "base/file.h"
#include "model/draws.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_LENGTH = 200 }; /* bytes; a YAML key on one line may have 1,024 characters */

typedef struct quarter_end_keys {
    double last_days, logit;
} quarter_end_keys;

typedef struct market_keys {
    double conversion, arrivals;
    quarter_end_keys quarter_end;
} market_keys;

typedef struct mix_keys {
    const recoup_node *segment;
} mix_keys;

typedef struct model_keys {
    const char *recoup, *currency, *uncertainty;
    recoup_texts stages, cohorts, channels, segments;
    market_keys market;
    mix_keys mix;
    const recoup_node *defaults, *exits, *amount, *arrivals, *fit;
} model_keys;

static const recoup_field quarter_end_fields[] = {
    {RECOUP_KEY(quarter_end_keys, last_days, RECOUP_FIELD_NUMBER), .required = true,
     .open_min = true, .max = 89, .meaning = "a number of days above 0, at most 89"},
    {RECOUP_KEY(quarter_end_keys, logit, RECOUP_FIELD_NUMBER), .required = true,
     .meaning = "a number"},
};
static const recoup_schema quarter_end_schema = {
    "'quarter_end'", sizeof(quarter_end_keys), NULL, quarter_end_fields,
    sizeof quarter_end_fields / sizeof *quarter_end_fields};

static const recoup_field market_fields[] = {
    {RECOUP_KEY(market_keys, conversion, RECOUP_FIELD_NUMBER), .meaning = "a number"},
    {RECOUP_KEY(market_keys, arrivals, RECOUP_FIELD_NUMBER), .meaning = "a number"},
    {RECOUP_KEY(market_keys, quarter_end, RECOUP_FIELD_STRUCT), .schema = &quarter_end_schema},
};
static const recoup_schema market_schema = {"'market'", sizeof(market_keys), NULL, market_fields,
                                            sizeof market_fields / sizeof *market_fields};

static const recoup_field mix_fields[] = {
    {RECOUP_KEY(mix_keys, segment, RECOUP_FIELD_NODE)},
};
static const recoup_schema mix_schema = {"'mix'", sizeof(mix_keys), NULL, mix_fields,
                                         sizeof mix_fields / sizeof *mix_fields};

static const recoup_field model_fields[] = {
    {RECOUP_KEY(model_keys, recoup, RECOUP_FIELD_TEXT), .required = true},
    {RECOUP_KEY(model_keys, currency, RECOUP_FIELD_TEXT)},
    {RECOUP_KEY(model_keys, stages, RECOUP_FIELD_TEXTS), .required = true,
     .meaning = "the open stages, in order"},
    {RECOUP_KEY(model_keys, cohorts, RECOUP_FIELD_TEXTS), .required = true,
     .meaning = "the cohorts of the reps"},
    {RECOUP_KEY(model_keys, channels, RECOUP_FIELD_TEXTS)},
    {RECOUP_KEY(model_keys, segments, RECOUP_FIELD_TEXTS)},
    {RECOUP_KEY(model_keys, market, RECOUP_FIELD_STRUCT), .schema = &market_schema},
    {RECOUP_KEY(model_keys, defaults, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(model_keys, exits, RECOUP_FIELD_NODE), .required = true,
     .meaning = "how deals leave each stage"},
    {RECOUP_KEY(model_keys, amount, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(model_keys, mix, RECOUP_FIELD_STRUCT), .schema = &mix_schema},
    {RECOUP_KEY(model_keys, arrivals, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(model_keys, uncertainty, RECOUP_FIELD_TEXT)},
    {RECOUP_KEY(model_keys, fit, RECOUP_FIELD_NODE)},
};
static const recoup_schema model_schema = {"the model", sizeof(model_keys), NULL, model_fields,
                                           sizeof model_fields / sizeof *model_fields};

/* Another kind or version of file would only cause a flood of unknown keys: it is told first. */
static bool check_version(recoup_model_reader *reader) {
    static const char supported[] = "model/1";
    const recoup_node *root = reader->document->root;
    const recoup_node *version = recoup_node_find(root, "recoup");
    recoup_status status = RECOUP_OK;
    if (!version)
        status = recoup_node_fail(reader->document, root, reader->error,
                                  "the line 'recoup: %s' is missing; a model file starts with it",
                                  supported);
    else if (version->kind != RECOUP_NODE_SCALAR || strncmp(version->text, "model/", 6) != 0)
        status = recoup_node_fail(reader->document, version, reader->error,
                                  "a model file is expected here ('recoup: %s'), this is '%s'",
                                  supported, version->text ? version->text : "something else");
    else if (strcmp(version->text, supported) != 0)
        status = recoup_node_fail(reader->document, version, reader->error,
                                  "the format '%s' is not supported; this version reads '%s'",
                                  version->text, supported);
    return recoup_model_reader_take(reader, status);
}

static bool check_name(recoup_model_reader *reader, const recoup_node *node) {
    size_t length = strlen(node->text);
    if (length > 0 && length <= NAME_MAX_LENGTH)
        return true;
    return recoup_model_reader_take(
        reader, recoup_node_fail(reader->document, node, reader->error,
                                 length ? "this name is longer than %d bytes"
                                        : "this name is empty; one of 1 to %d bytes is expected",
                                 NAME_MAX_LENGTH));
}

/* At least one name when required; a list that failed to bind was reported already. */
static bool read_names(recoup_model_reader *reader, const char *key, const recoup_texts *texts,
                       bool required, recoup_names *names) {
    const recoup_node *node = recoup_node_find(reader->document->root, key);
    if (texts->n == 0) {
        bool empty_list = node && node->kind == RECOUP_NODE_SEQUENCE && node->n == 0;
        if (required && empty_list)
            recoup_model_reader_take(reader,
                                     recoup_node_fail(reader->document, node, reader->error,
                                                      "'%s' is empty; it needs a name", key));
        return !required && (!node || empty_list);
    }
    bool good = true;
    for (int i = 0; i < texts->n; i++) {
        good &= check_name(reader, texts->node[i]);
        if (recoup_names_add(names, texts->text[i]) < 0)
            return recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
    }
    return good;
}

static bool read_stages(recoup_model_reader *reader, const recoup_texts *texts) {
    static const char *const reserved[] = {"won", "lost", "open"};
    recoup_names names = {0};
    bool good = read_names(reader, "stages", texts, true, &names);
    recoup_names_clear(&names);
    if (!good)
        return false;
    recoup_model *model = reader->model;
    model->stage = recoup_model_reader_alloc(reader, texts->n, sizeof *model->stage);
    if (!model->stage)
        return false;
    model->n_stages = texts->n;
    for (int i = 0; i < texts->n; i++) {
        for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++)
            if (strcmp(texts->text[i], reserved[k]) == 0)
                recoup_model_reader_take(
                    reader, recoup_node_fail(reader->document, texts->node[i], reader->error,
                                             "a stage cannot be called '%s', which is an outcome",
                                             reserved[k]));
        model->stage[i].name = recoup_model_reader_text(reader, texts->text[i]);
        if (!model->stage[i].name)
            return false;
    }
    return true;
}

/* New deals need a size, and a segment where there are segments. */
static void check_new_deals(recoup_model_reader *reader, const model_keys *keys) {
    const recoup_model *model = reader->model;
    bool arriving = false;
    int n = model->cohorts.n * recoup_model_n_channels(model);
    for (int i = 0; i < n; i++)
        arriving |= model->arrivals[i] > 0;
    if (!arriving)
        return;
    if (!model->has_new_amount && !recoup_node_find(keys->amount, "new"))
        recoup_model_reader_take(reader,
                                 recoup_node_fail(reader->document, keys->arrivals, reader->error,
                                                  "new deals arrive, but 'amount' has no "
                                                  "'new' that says how big they are"));
    if (model->segments.n > 0 && !keys->mix.segment)
        recoup_model_reader_take(reader,
                                 recoup_node_fail(reader->document, keys->arrivals, reader->error,
                                                  "new deals arrive, but 'mix' has no "
                                                  "'segment' with the shares of the "
                                                  "segments"));
}

static void read_model(recoup_model_reader *reader) {
    recoup_model *model = reader->model;
    model_keys keys = {.currency = ""};
    if (!check_version(reader))
        return;
    recoup_model_reader_take(reader, recoup_bind(reader->document, reader->document->root,
                                                 &model_schema, &keys, reader->error));
    model->currency = recoup_model_reader_text(reader, keys.currency);
    if (keys.uncertainty)
        model->uncertainty = recoup_model_reader_text(reader, keys.uncertainty);
    model->market_conversion = keys.market.conversion;
    model->market_arrivals = keys.market.arrivals;
    model->quarter_end_days = keys.market.quarter_end.last_days;
    model->quarter_end_logit = keys.market.quarter_end.logit;
    bool named = read_names(reader, "cohorts", &keys.cohorts, true, &model->cohorts);
    named &= read_names(reader, "channels", &keys.channels, false, &model->channels);
    named &= read_names(reader, "segments", &keys.segments, false, &model->segments);
    named &= read_stages(reader, &keys.stages);
    if (!named) /* everything else speaks of these names: it could only be misjudged */
        return;
    if (keys.exits)
        recoup_model_read_exits(reader, keys.defaults, keys.exits);
    recoup_model_read_amount(reader, keys.amount);
    recoup_model_read_mix(reader, keys.mix.segment);
    recoup_model_read_arrivals(reader, keys.arrivals);
    if (keys.fit)
        recoup_model_read_fit(reader, keys.fit);
    if (model->arrivals)
        check_new_deals(reader, &keys);
}

static recoup_status read_document(recoup_document *document, recoup_model **model,
                                   recoup_error *error) {
    recoup_model_reader reader = {document, recoup_model_new(), error, RECOUP_OK};
    if (!reader.model)
        return recoup_fail_memory(error);
    read_model(&reader);
    if (reader.status == RECOUP_OK)
        *model = reader.model;
    else
        recoup_model_free(reader.model);
    return reader.status;
}

recoup_status recoup_model_parse(const char *file, const char *text, size_t length,
                                 recoup_model **model, recoup_error *error) {
    recoup_document *document;
    *model = NULL;
    recoup_status status = recoup_document_parse(file, text, length, &document, error);
    if (status == RECOUP_OK)
        status = read_document(document, model, error);
    recoup_document_free(document);
    return status;
}

/* The file that 'uncertainty' names. */
static recoup_status read_uncertainty(const recoup_document *document, const char *path,
                                      recoup_model *model, recoup_error *error) {
    const recoup_node *node = recoup_node_find(document->root, "uncertainty");
    recoup_status status;
    char *beside = recoup_path_beside(path, model->uncertainty);
    if (!beside)
        status = recoup_fail_memory(error);
    else if (access(beside, F_OK) != 0)
        status = recoup_node_fail(document, node, error,
                                  "'uncertainty' names the file '%s', which is not there; expected "
                                  "the one that recoup fit wrote beside this file, or no such key",
                                  model->uncertainty);
    else
        status = recoup_draws_read(model, beside, error);
    free(beside);
    return status;
}

recoup_status recoup_model_load(const char *path, recoup_model **model, recoup_error *error) {
    recoup_document *document;
    *model = NULL;
    recoup_status status = recoup_document_load(path, &document, error);
    if (status == RECOUP_OK)
        status = read_document(document, model, error);
    if (status == RECOUP_OK && (*model)->uncertainty)
        status = read_uncertainty(document, path, *model, error);
    if (status != RECOUP_OK) {
        recoup_model_free(*model);
        *model = NULL;
    }
    recoup_document_free(document);
    return status;
}
