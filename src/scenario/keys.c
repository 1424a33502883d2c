#include "scenario/keys.h"

#include <math.h>
#include <recoup/dataset.h>
#include <recoup/scenario.h>
#include <string.h>

const char *const recoup_cohort_rule_names[] = {
    [RECOUP_COHORTS_COLUMN] = "column",
    [RECOUP_COHORTS_PERFORMANCE] = "performance",
    [RECOUP_COHORTS_TENURE] = "tenure",
    NULL,
};

const char *const recoup_estimator_names[] = {
    [RECOUP_ESTIMATOR_WALK] = "walk",
    [RECOUP_ESTIMATOR_SAMPLE] = "sample",
    [RECOUP_ESTIMATOR_CONDITIONAL] = "conditional",
    NULL,
};

static const char *const formats[] = {"scenario/1", NULL};
static const char *const quota_sources[] = {"reps", NULL};

static const recoup_field period_fields[] = {
    RECOUP_KEY("start", NODE, recoup_period_keys, start, .required = true),
    RECOUP_KEY("end", NODE, recoup_period_keys, end, .required = true),
};
static const recoup_schema period_schema =
    RECOUP_SCHEMA("period", recoup_period_keys, period_fields);

static const char share_of_reps[] = "a share of the reps above 0, at most 1";
static const recoup_field cohorts_fields[] = {
    RECOUP_KEY("by", CHOICE, recoup_cohorts_keys, by, .choices = recoup_cohort_rule_names),
    RECOUP_KEY("top", NUMBER, recoup_cohorts_keys, top, .max = 1, .open_min = true,
               .meaning = share_of_reps),
    RECOUP_KEY("bottom", NUMBER, recoup_cohorts_keys, bottom, .max = 1, .open_min = true,
               .meaning = share_of_reps),
    RECOUP_KEY("ramp_days", NUMBER, recoup_cohorts_keys, ramp_days, .max = INFINITY,
               .meaning = "a number of days, 0 or more"),
};
static const recoup_schema cohorts_schema =
    RECOUP_SCHEMA("cohorts", recoup_cohorts_keys, cohorts_fields);

static const recoup_field simulation_fields[] = {
    RECOUP_KEY("paths", INTEGER, recoup_simulation_keys, paths, .min = 1, .max = 4e9,
               .meaning = "a whole number from 1 to 4e9"),
    /* 2^53: every seed is a number that YAML, JSON and HDF5 readers keep exactly. */
    RECOUP_KEY("seed", INTEGER, recoup_simulation_keys, seed, .max = 9007199254740992.0,
               .meaning = "a whole number from 0 to 2^53"),
    RECOUP_KEY("parameter_draws", INTEGER, recoup_simulation_keys, parameter_draws, .min = 1,
               .max = 1e6, .meaning = "a whole number, 1 or more"),
    RECOUP_KEY("estimator", CHOICE, recoup_simulation_keys, estimator,
               .choices = recoup_estimator_names),
    RECOUP_KEY("precision", NUMBER, recoup_simulation_keys, precision, .max = 0.5, .open_min = true,
               .meaning = "a half-width of P(hit) above 0 and below 0.5"),
    RECOUP_KEY("keep_paths", BOOLEAN, recoup_simulation_keys, keep_paths),
};
static const recoup_schema simulation_schema =
    RECOUP_SCHEMA("simulation", recoup_simulation_keys, simulation_fields);

static const recoup_field action_fields[] = {
    RECOUP_KEY("what", TEXT, recoup_action_keys, what, .required = true),
    RECOUP_KEY("owner", TEXT, recoup_action_keys, owner),
    RECOUP_KEY("due", NODE, recoup_action_keys, due),
    RECOUP_KEY("measure", TEXT, recoup_action_keys, measure),
};
static const recoup_schema action_schema =
    RECOUP_SCHEMA("an action", recoup_action_keys, action_fields);

static const recoup_field plan_fields[] = {
    RECOUP_KEY("name", TEXT, recoup_plan_keys, name, .required = true),
    RECOUP_KEY("levers", NODE, recoup_plan_keys, levers),
    RECOUP_KEY("owner", TEXT, recoup_plan_keys, owner),
    RECOUP_KEY("team", TEXT, recoup_plan_keys, team),
    RECOUP_KEY("start", NODE, recoup_plan_keys, start),
    RECOUP_KEY("review", NODE, recoup_plan_keys, review),
    RECOUP_KEY("investment", TEXT, recoup_plan_keys, investment),
    RECOUP_KEY("help", TEXT, recoup_plan_keys, help),
    RECOUP_KEY("implication", TEXT, recoup_plan_keys, implication),
    RECOUP_KEY("incentive", TEXT, recoup_plan_keys, incentive),
    RECOUP_KEY("actions", LIST, recoup_plan_keys, actions, .schema = &action_schema),
};
const recoup_schema recoup_plan_schema = RECOUP_SCHEMA("a plan", recoup_plan_keys, plan_fields);

static const recoup_field pipeline_fields[] = {
    RECOUP_KEY("stages", TEXTS, recoup_pipeline_keys, stages),
    RECOUP_KEY("labels", NODE, recoup_pipeline_keys, labels),
};
const recoup_schema recoup_pipeline_schema =
    RECOUP_SCHEMA("pipeline", recoup_pipeline_keys, pipeline_fields);

static const recoup_field quota_fields[] = {
    RECOUP_KEY("from", CHOICE, recoup_quota_keys, from, .required = true, .choices = quota_sources),
};
const recoup_schema recoup_quota_schema = RECOUP_SCHEMA("quota", recoup_quota_keys, quota_fields);

const recoup_scenario_keys recoup_scenario_default = {
    .timezone = "UTC",
    .currency = "",
    .booked = NAN,
    .cohorts = {.by = RECOUP_COHORTS_COLUMN, .top = 0.1, .bottom = 0.1, .ramp_days = 180},
    .simulation = {.paths = 100000,
                   .seed = 1,
                   .parameter_draws = 1,
                   .estimator = RECOUP_ESTIMATOR_SAMPLE},
};

static const recoup_field scenario_fields[] = {
    RECOUP_KEY("recoup", CHOICE, recoup_scenario_keys, format, .required = true,
               .choices = formats),
    RECOUP_KEY("name", TEXT, recoup_scenario_keys, name),
    RECOUP_KEY("as_of", NODE, recoup_scenario_keys, as_of, .required = true),
    RECOUP_KEY("timezone", TEXT, recoup_scenario_keys, timezone),
    RECOUP_KEY("period", STRUCT, recoup_scenario_keys, period, .required = true,
               .schema = &period_schema),
    RECOUP_KEY("currency", TEXT, recoup_scenario_keys, currency),
    RECOUP_KEY("quota", NODE, recoup_scenario_keys, quota, .required = true),
    RECOUP_KEY("data", STRUCT, recoup_scenario_keys, data, .required = true,
               .schema = &recoup_data_schema),
    RECOUP_KEY("pipeline", NODE, recoup_scenario_keys, pipeline),
    RECOUP_KEY("cohorts", STRUCT, recoup_scenario_keys, cohorts, .schema = &cohorts_schema),
    RECOUP_KEY("model", TEXT, recoup_scenario_keys, model),
    RECOUP_KEY("booked", NUMBER, recoup_scenario_keys, booked, .max = RECOUP_MONEY_MAX,
               .meaning = "an amount of money from 0 to 1e15"),
    RECOUP_KEY("simulation", STRUCT, recoup_scenario_keys, simulation,
               .schema = &simulation_schema),
    RECOUP_KEY("decisions", NODE, recoup_scenario_keys, decisions),
    RECOUP_KEY("diagnosis", NODE, recoup_scenario_keys, diagnosis),
    RECOUP_KEY("benchmarks", NODE, recoup_scenario_keys, benchmarks),
    RECOUP_KEY("review", NODE, recoup_scenario_keys, review),
    RECOUP_KEY("plans", NODE, recoup_scenario_keys, plans),
    RECOUP_KEY("sweep", NODE, recoup_scenario_keys, sweep),
    RECOUP_KEY("optimize", NODE, recoup_scenario_keys, optimize),
};
const recoup_schema recoup_scenario_schema =
    RECOUP_SCHEMA("a scenario", recoup_scenario_keys, scenario_fields);

const char *recoup_estimator_name(recoup_estimator estimator) {
    return recoup_estimator_names[estimator];
}

bool recoup_estimator_find(const char *name, recoup_estimator *estimator) {
    for (int i = 0; recoup_estimator_names[i]; i++)
        if (strcmp(name, recoup_estimator_names[i]) == 0) {
            *estimator = (recoup_estimator)i;
            return true;
        }
    return false;
}
