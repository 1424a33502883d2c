/* scenario.yaml as it is written: the structs that the binder fills, before dates, paths and plans
 * are given their meaning. */
#ifndef RECOUP_SCENARIO_KEYS_H
#define RECOUP_SCENARIO_KEYS_H

#include "config/config.h"
#include "scenario/data.h"
#include <stdint.h>

/* A field and a schema, for the tables: RECOUP_KEY("cost", NUMBER, struct_type, member, .max = 1).
 */
#define RECOUP_KEY(name, kind, struct_type, member, ...)                                           \
    {                                                                                              \
        .key = name, .type = RECOUP_FIELD_##kind, .offset = offsetof(struct_type, member),         \
        __VA_ARGS__                                                                                \
    }
#define RECOUP_SCHEMA(what, struct_type, table, ...)                                               \
    {                                                                                              \
        .name = what, .size = sizeof(struct_type), .fields = table,                                \
        .n_fields = (int)(sizeof table / sizeof *table), __VA_ARGS__                               \
    }

typedef struct recoup_period_keys {
    const recoup_node *start, *end;
} recoup_period_keys;

typedef struct recoup_cohorts_keys {
    int by; /* recoup_cohort_rule */
    double top, bottom, ramp_days;
} recoup_cohorts_keys;

typedef struct recoup_simulation_keys {
    int64_t paths, seed, parameter_draws;
    int estimator;    /* recoup_estimator */
    double precision; /* 0: not given */
    bool keep_paths;
} recoup_simulation_keys;

typedef struct recoup_scenario_keys {
    int format;
    const char *name, *timezone, *currency, *model;
    const recoup_node *as_of, *quota, *pipeline, *decisions, *diagnosis, *benchmarks, *review;
    const recoup_node *plans, *optimize;
    const recoup_node *sweep; /* for recoup batch: scenario/sweep.h */
    recoup_period_keys period;
    recoup_data_keys data;
    recoup_cohorts_keys cohorts;
    double booked; /* NaN: not given */
    recoup_simulation_keys simulation;
} recoup_scenario_keys;

/* One item of `plans`. */
typedef struct recoup_plan_keys {
    const char *name, *owner, *team, *investment, *help, *implication, *incentive;
    const recoup_node *levers, *start, *review;
    recoup_list actions; /* of recoup_action_keys */
} recoup_plan_keys;

typedef struct recoup_action_keys {
    const char *what, *owner, *measure;
    const recoup_node *due;
} recoup_action_keys;

/* `pipeline`, unless it is a plain list of stages. */
typedef struct recoup_pipeline_keys {
    recoup_texts stages;
    const recoup_node *labels;
} recoup_pipeline_keys;

/* `quota`, unless it is a number. */
typedef struct recoup_quota_keys {
    int from;
} recoup_quota_keys;

/* Largest amount of money: sums of them stay finite, and whole units exact. */
#define RECOUP_MONEY_MAX 1e15

/* What an absent key means. */
extern const recoup_scenario_keys recoup_scenario_default;
extern const recoup_schema recoup_scenario_schema, recoup_pipeline_schema, recoup_quota_schema,
    recoup_plan_schema;

/* The names of the choices, by the value of their enum. */
extern const char *const recoup_cohort_rule_names[], *const recoup_estimator_names[];

#endif
