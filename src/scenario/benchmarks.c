#include "scenario/benchmarks.h"

#include "base/names.h"
#include "scenario/check.h"
#include "scenario/keys.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct benchmarks_keys {
    const recoup_node *of[RECOUP_N_BENCHMARKS];
} benchmarks_keys;

static const char *const keys[RECOUP_N_BENCHMARKS] = {"win_rate", "cycle_days", "deal",
                                                      "attainment", "conversion"};

#define KEY(name, kind) RECOUP_KEY(name, NODE, benchmarks_keys, of[RECOUP_BENCHMARK_##kind])
static const recoup_field fields[] = {
    KEY("win_rate", WIN_RATE),     KEY("cycle_days", CYCLE_DAYS), KEY("deal", DEAL),
    KEY("attainment", ATTAINMENT), KEY("conversion", CONVERSION),
};
static const recoup_schema schema = RECOUP_SCHEMA("benchmarks", benchmarks_keys, fields);

/* What a value may be; above 0. */
static const struct {
    double max;
    const char *meaning;
} ranges[RECOUP_N_BENCHMARKS] = {
    {1, "a share above 0, at most 1, such as 25%"},
    {36525, "a number of days above 0, at most 36525"},
    {RECOUP_MONEY_MAX, "an amount of money above 0, at most 1e15"},
    {100, "bookings over quota, above 0, at most 100, such as 90%"},
    {1, "a share above 0, at most 1, such as 60%"},
};

typedef struct benchmark_keys {
    const recoup_node *value;
    const char *source;
} benchmark_keys;

static const recoup_field benchmark_fields[] = {
    RECOUP_KEY("value", NODE, benchmark_keys, value, .required = true),
    RECOUP_KEY("source", TEXT, benchmark_keys, source),
};
static const recoup_schema benchmark_schema =
    RECOUP_SCHEMA("a benchmark", benchmark_keys, benchmark_fields);

/* A number, or a mapping of it and its source. */
static recoup_status read_one(recoup_document *document, const recoup_node *node,
                              recoup_benchmark_kind kind, const char *stage,
                              recoup_benchmarks *benchmarks, recoup_error *error) {
    benchmark_keys own = {.value = node};
    recoup_benchmark *benchmark = &benchmarks->benchmark[benchmarks->n];
    recoup_status status = RECOUP_OK;
    double value;
    if (node->kind == RECOUP_NODE_MAPPING)
        status = recoup_bind(document, node, &benchmark_schema, &own, error);
    if (status == RECOUP_OK)
        status = recoup_bind_number(document, own.value, &value, error);
    if (status != RECOUP_OK)
        return status;
    if (!(value > 0 && value <= ranges[kind].max))
        return recoup_node_fail(document, own.value, error, "'%s' is %s; expected %s",
                                stage ? stage : keys[kind], own.value->text, ranges[kind].meaning);
    *benchmark = (recoup_benchmark){kind, value, own.source, stage, node};
    benchmarks->n++;
    return RECOUP_OK;
}

static recoup_status read_conversions(recoup_document *document, const recoup_node *node,
                                      recoup_benchmarks *benchmarks, recoup_error *error) {
    if (node->kind != RECOUP_NODE_MAPPING)
        return recoup_node_fail(document, node, error,
                                "'conversion' is not a mapping; expected stages with their shares, "
                                "such as {demo: 60%%}");
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < node->n; i++)
        if (recoup_node_find(node, node->key[i]->text)) /* else nothing was given */
            status =
                recoup_worse(status, read_one(document, node->item[i], RECOUP_BENCHMARK_CONVERSION,
                                              node->key[i]->text, benchmarks, error));
    return status;
}

recoup_status recoup_benchmarks_read(recoup_document *document, const recoup_node *node,
                                     recoup_arena *arena, recoup_benchmarks *benchmarks,
                                     recoup_error *error) {
    benchmarks_keys of = {{NULL}};
    *benchmarks = (recoup_benchmarks){0};
    if (!node)
        return RECOUP_OK;
    recoup_status status = recoup_bind(document, node, &schema, &of, error);
    const recoup_node *conversion = of.of[RECOUP_BENCHMARK_CONVERSION];
    int most = RECOUP_N_BENCHMARKS + (conversion ? conversion->n : 0);
    benchmarks->benchmark = recoup_arena_alloc(arena, (size_t)most, sizeof(recoup_benchmark));
    if (!benchmarks->benchmark)
        return recoup_fail_memory(error);
    for (int k = 0; k < RECOUP_BENCHMARK_CONVERSION; k++)
        if (of.of[k])
            status = recoup_worse(status, read_one(document, of.of[k], (recoup_benchmark_kind)k,
                                                   NULL, benchmarks, error));
    if (conversion)
        status = recoup_worse(status, read_conversions(document, conversion, benchmarks, error));
    return status;
}

static recoup_status fail_stage(const recoup_document *document, const recoup_benchmark *benchmark,
                                const recoup_model *model, recoup_error *error) {
    char **name = RECOUP_NEW(char *, model->n_stages);
    if (!name)
        return recoup_fail_memory(error);
    for (int s = 0; s < model->n_stages; s++)
        name[s] = model->stage[s].name;
    const char *nearest = recoup_names_nearest(name, model->n_stages, benchmark->stage);
    free(name);
    return recoup_node_fail(document, benchmark->node, error,
                            "the benchmark is of the stage '%s', which the model does not have; "
                            "expected one of its stages%s%s%s",
                            benchmark->stage, nearest ? "; did you mean '" : "",
                            nearest ? nearest : "", nearest ? "'?" : "");
}

recoup_status recoup_benchmarks_check(const recoup_document *document,
                                      const recoup_benchmarks *benchmarks,
                                      const recoup_model *model, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < benchmarks->n; i++) {
        const recoup_benchmark *benchmark = &benchmarks->benchmark[i];
        bool known = !benchmark->stage;
        for (int s = 0; s < model->n_stages && !known; s++)
            known = strcmp(model->stage[s].name, benchmark->stage) == 0;
        if (!known)
            status = recoup_worse(status, fail_stage(document, benchmark, model, error));
    }
    return status;
}

static void format_one(const recoup_benchmark *benchmark, const char *key, recoup_writer *writer) {
    if (!benchmark->source) {
        recoup_write_number(writer, key, benchmark->value);
        return;
    }
    recoup_write_open(writer, key);
    recoup_write_number(writer, "value", benchmark->value);
    recoup_write_text(writer, "source", benchmark->source);
    recoup_write_close(writer);
}

void recoup_benchmarks_format(const recoup_benchmarks *benchmarks, recoup_writer *writer) {
    bool in_conversion = false;
    if (benchmarks->n == 0)
        return;
    recoup_write_open(writer, "benchmarks");
    for (int i = 0; i < benchmarks->n; i++) {
        const recoup_benchmark *benchmark = &benchmarks->benchmark[i];
        if (benchmark->stage && !in_conversion)
            recoup_write_open(writer, keys[RECOUP_BENCHMARK_CONVERSION]);
        in_conversion = benchmark->stage != NULL;
        format_one(benchmark, benchmark->stage ? benchmark->stage : keys[benchmark->kind], writer);
    }
    if (in_conversion)
        recoup_write_close(writer);
    recoup_write_close(writer);
}
