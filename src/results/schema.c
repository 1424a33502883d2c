#include "results/schema.h"

#include "base/names.h"
#include "results/records.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct recoup_results, field)
#define SIZE(name, field)                                                                          \
    { name, AT(field), false, 0, false }
#define MAYBE(name, field)                                                                         \
    { name, AT(field), false, 0, true }

/* In the order of recoup_dimension_id. */
const recoup_dimension recoup_dimensions[RECOUP_N_DIMENSIONS] = {
    SIZE("plan", n_plans),
    SIZE("quantile", n_quantiles),
    MAYBE("cohort", n_cohorts),
    MAYBE("team", n_teams),
    MAYBE("rep", n_reps),
    MAYBE("week", n_weeks),
    MAYBE("stage", n_stages),
    MAYBE("bin", n_bins),
    {"bin_edge", AT(n_bins), false, 1, true},
    SIZE("draw", n_draws),
    {"path", AT(n_paths_kept), true, 0, true},
    MAYBE("replicate", n_replicates),
    MAYBE("delay", n_delays),
    MAYBE("strength", n_strengths),
    MAYBE("factor", n_factors),
    MAYBE("end", n_ends),
    MAYBE("source", n_sources),
};

#define PLAN RECOUP_DIMENSION_PLAN
#define QUANTILE RECOUP_DIMENSION_QUANTILE
#define COHORT RECOUP_DIMENSION_COHORT
#define TEAM RECOUP_DIMENSION_TEAM
#define REP RECOUP_DIMENSION_REP
#define WEEK RECOUP_DIMENSION_WEEK
#define STAGE RECOUP_DIMENSION_STAGE
#define REPLICATE RECOUP_DIMENSION_REPLICATE
#define DELAY RECOUP_DIMENSION_DELAY
#define STRENGTH RECOUP_DIMENSION_STRENGTH
#define FACTOR RECOUP_DIMENSION_FACTOR
#define END RECOUP_DIMENSION_END
#define SOURCE RECOUP_DIMENSION_SOURCE

#define DIMS(...) __VA_ARGS__
#define TABLE(kind, field, rank, dims, units, long_name, note, missing)                            \
    { #field, RECOUP_VARIABLE_##kind, rank, {dims }, units, long_name, note, missing, AT(field), 0 }
#define NUMBER(field, rank, dims, units, long_name, note)                                          \
    TABLE(DOUBLE, field, rank, DIMS(dims), units, long_name, note, false)
#define MISSABLE(field, rank, dims, units, long_name, note)                                        \
    TABLE(DOUBLE, field, rank, DIMS(dims), units, long_name, note, true)
#define LABEL(field, dim, long_name) TABLE(TEXT, field, 1, dim, NULL, long_name, NULL, false)
/* What `decisions` always has. */
#define DECISION(kind, field, rank, units, long_name, note, missing)                               \
    {                                                                                              \
#field, RECOUP_VARIABLE_##kind, rank,                                                      \
            {PLAN }, units, long_name, note, missing, AT(field), STRENGTH                          \
    }

#define MONTE_CARLO "Monte Carlo only; the parameter draws are taken as given"
#define OVER_DRAWS "over parameter draws; with one draw, of that draw"
#define PAIRED "path by path on the same random futures; 0 for the first plan"
#define PAIRED_REPLICATES                                                                          \
    "differences of two plans are independent over replicates: their Monte Carlo error"
#define CENTERED                                                                                   \
    "effects less their means, only their uncertainty is left; missing where that changes nothing"
#define LATER "all levers start later; over the parameter draws of decision_draws"
#define ONE_FACTOR "one factor at a time; missing for plans that were not looked at or lack it"
#define WALKED "only of the estimator walk"
#define WITH_BOOKED "what was already booked at the as-of date included"

const recoup_variable recoup_variables[] = {
    LABEL(plan, PLAN, "plan"),
    NUMBER(quantile, 1, QUANTILE, "1", "probability that a value is at or below the quantile",
           NULL),
    LABEL(cohort, COHORT, "cohort of reps"),
    LABEL(team, TEAM, "team"),
    LABEL(rep, REP, "rep"),
    TABLE(INT, week, 1, WEEK, "days since 1970-01-01", "last day counted", NULL, false),
    LABEL(stage, STAGE, "stage"),
    TABLE(INT, bin, 1, RECOUP_DIMENSION_BIN, NULL, "bin of the histogram",
          "bin i reaches from bin_edge i to bin_edge i + 1", false),
    NUMBER(bin_edge, 1, RECOUP_DIMENSION_BIN_EDGE, RECOUP_MONEY, "edges of the histogram's bins",
           NULL),
    TABLE(INT, draw, 1, RECOUP_DIMENSION_DRAW, NULL, "parameter draw", NULL, false),
    TABLE(INT, replicate, 1, REPLICATE, NULL, "independent scrambling of the market factor", NULL,
          false),
    TABLE(INT, delay, 1, DELAY, "days", "days by which all levers start later", NULL, false),
    NUMBER(strength, 1, STRENGTH, "1", "multiple of the stated effects", NULL),
    LABEL(factor, FACTOR, "what is set to a low and a high value"),
    LABEL(end, END, "low or high value of the factor"),
    LABEL(source, SOURCE, "source of uncertainty"),

    NUMBER(booked, 0, PLAN, RECOUP_MONEY, "bookings of the period won before the as-of date", NULL),
    NUMBER(quota, 0, PLAN, RECOUP_MONEY, "quota of the period", NULL),
    NUMBER(plan_quota, 1, PLAN, RECOUP_MONEY, "quota that the plan is held against",
           "its relief taken off; where that is uncertain, the mean over parameter draws"),
    NUMBER(plan_cost, 1, PLAN, RECOUP_MONEY, "cost of the plan", NULL),
    NUMBER(hit_probability, 1, PLAN, "1", "probability that bookings reach the quota", NULL),
    NUMBER(hit_probability_se, 1, PLAN, "1", "standard error of hit_probability", MONTE_CARLO),
    NUMBER(hit_probability_draw, 2, DIMS(PLAN, RECOUP_DIMENSION_DRAW), "1",
           "probability that bookings reach the quota, under each parameter draw", NULL),
    NUMBER(hit_probability_replicate, 2, DIMS(PLAN, REPLICATE), "1",
           "hit_probability by each replicate", PAIRED_REPLICATES),
    MISSABLE(
        hit_probability_paths, 1, PLAN, "1", "share of the simulated paths that reach the quota",
        "beside hit_probability, which comes from it where the attribute hit_estimator says so"),
    MISSABLE(hit_probability_paths_se, 1, PLAN, "1", "standard error of hit_probability_paths",
             MONTE_CARLO),
    NUMBER(hit_gain, 1, PLAN, "1", "hit_probability less that of the first plan", PAIRED),
    NUMBER(hit_gain_se, 1, PLAN, "1", "standard error of hit_gain", MONTE_CARLO),
    NUMBER(bookings_mean, 1, PLAN, RECOUP_MONEY, "mean of bookings", WITH_BOOKED),
    NUMBER(bookings_sd, 1, PLAN, RECOUP_MONEY, "standard deviation of bookings", NULL),
    NUMBER(bookings_mean_se, 1, PLAN, RECOUP_MONEY, "standard error of bookings_mean", MONTE_CARLO),
    NUMBER(wins_mean, 1, PLAN, "1", "mean number of deals won after the as-of date", NULL),
    NUMBER(expected_shortfall, 1, PLAN, RECOUP_MONEY, "mean of max(0, quota - bookings)", NULL),
    NUMBER(bookings_quantile, 2, DIMS(PLAN, QUANTILE), RECOUP_MONEY, "quantiles of bookings",
           WITH_BOOKED),
    MISSABLE(attainment_quantile, 2, DIMS(PLAN, QUANTILE), "1",
             "quantiles of bookings / plan_quota", "missing without a quota"),
    TABLE(INT64, bookings_histogram, 2, DIMS(PLAN, RECOUP_DIMENSION_BIN), "1",
          "number of paths by bookings", "each plan's counts add up to the number of paths", false),
    NUMBER(bookings_gain_mean, 1, PLAN, RECOUP_MONEY, "mean of bookings less the first plan's",
           PAIRED),
    NUMBER(bookings_gain_se, 1, PLAN, RECOUP_MONEY, "standard error of bookings_gain_mean",
           MONTE_CARLO),
    NUMBER(best_probability, 1, PLAN, "1", "probability that no plan has a higher hit_probability",
           OVER_DRAWS),
    NUMBER(expected_regret, 1, PLAN, "1", "mean loss of hit_probability against the best plan",
           OVER_DRAWS),
    NUMBER(cohort_bookings_mean, 2, DIMS(PLAN, COHORT), RECOUP_MONEY,
           "mean of the cohort's bookings", WITH_BOOKED),
    NUMBER(cohort_bookings_quantile, 3, DIMS(PLAN, COHORT, QUANTILE), RECOUP_MONEY,
           "quantiles of the cohort's bookings", WITH_BOOKED),
    NUMBER(team_bookings_mean, 2, DIMS(PLAN, TEAM), RECOUP_MONEY, "mean of the team's bookings",
           WITH_BOOKED),
    MISSABLE(team_hit_probability, 2, DIMS(PLAN, TEAM), "1",
             "probability that the team's bookings reach the sum of its reps' quotas",
             "missing for a team without a quota"),
    NUMBER(team_bookings_quantile, 3, DIMS(PLAN, TEAM, QUANTILE), RECOUP_MONEY,
           "quantiles of the team's bookings", WITH_BOOKED),
    MISSABLE(rep_hit_probability, 2, DIMS(PLAN, REP), "1",
             "probability that the rep's bookings reach the rep's quota",
             "missing for a rep without a quota"),
    NUMBER(rep_bookings_quantile, 3, DIMS(PLAN, REP, QUANTILE), RECOUP_MONEY,
           "quantiles of the rep's bookings", WITH_BOOKED),
    NUMBER(cumulative_bookings_quantile, 3, DIMS(PLAN, WEEK, QUANTILE), RECOUP_MONEY,
           "quantiles of the bookings up to the end of the week", WITH_BOOKED),
    NUMBER(stage_entered_mean, 2, DIMS(PLAN, STAGE), "1",
           "mean number of deals that enter the stage within the period", WALKED),
    NUMBER(stage_advanced_mean, 2, DIMS(PLAN, STAGE), "1",
           "mean number of deals that leave the stage for another one or won", WALKED),
    NUMBER(stage_lost_mean, 2, DIMS(PLAN, STAGE), "1",
           "mean number of deals that are lost from the stage", WALKED),
    NUMBER(stage_open_mean, 2, DIMS(PLAN, STAGE), "1",
           "mean number of deals in the stage at the end of the period", WALKED),
    NUMBER(stage_open_amount_mean, 2, DIMS(PLAN, STAGE), RECOUP_MONEY,
           "mean of the amounts of the deals in the stage at the end of the period", WALKED),
    NUMBER(bookings, 2, DIMS(PLAN, RECOUP_DIMENSION_PATH), RECOUP_MONEY, "bookings of each path",
           WITH_BOOKED),

    DECISION(DOUBLE, target, 0, "1", "probability of hitting quota that break_even reaches", NULL,
             false),
    DECISION(DOUBLE, margin, 0, "1", "share of a gain in bookings that counts as gain", NULL,
             false),
    DECISION(INT, decision_draws, 0, "1", "number of parameter draws that decisions rest on", NULL,
             false),
    NUMBER(strength_hit_probability, 2, DIMS(PLAN, STRENGTH), "1",
           "hit_probability with all effects multiplied by strength", NULL),
    DECISION(DOUBLE, hit_probability_centered, 1, "1",
             "hit_probability with the plan's effects centered", CENTERED, true),
    DECISION(DOUBLE, best_probability_centered, 1, "1",
             "best_probability of the plan, centered, against the others as they are", CENTERED,
             true),
    DECISION(DOUBLE, break_even, 1, "1",
             "smallest strength at which hit_probability reaches target",
             "missing where none up to the largest strength does", true),
    DECISION(DOUBLE, break_even_effect, 1, NULL, "break_even as the size of the plan's effect",
             "in the unit of break_even_unit; missing for plans with several effects", true),
    DECISION(TEXT, break_even_unit, 1, NULL, "unit of break_even_effect", NULL, false),
    NUMBER(delay_hit_probability, 2, DIMS(PLAN, DELAY), "1", "hit_probability by delay", LATER),
    NUMBER(delay_hit_probability_se, 2, DIMS(PLAN, DELAY), "1",
           "standard error of delay_hit_probability", MONTE_CARLO),
    NUMBER(delay_hit_gain, 2, DIMS(PLAN, DELAY), "1",
           "delay_hit_probability less that of the first plan without delay", LATER),
    NUMBER(delay_hit_gain_se, 2, DIMS(PLAN, DELAY), "1", "standard error of delay_hit_gain",
           MONTE_CARLO),
    NUMBER(delay_bookings_mean, 2, DIMS(PLAN, DELAY), RECOUP_MONEY, "bookings_mean by delay",
           LATER),
    TABLE(TEXT, factor_unit, 1, FACTOR, NULL, "unit of factor_value", NULL, false),
    NUMBER(factor_value, 2, DIMS(FACTOR, END), NULL, "low and high value of the factor", NULL),
    MISSABLE(sensitivity_hit_probability, 3, DIMS(PLAN, FACTOR, END), "1",
             "hit_probability with the factor at its low and its high value", ONE_FACTOR),
    MISSABLE(sensitivity_bookings_mean, 3, DIMS(PLAN, FACTOR, END), RECOUP_MONEY,
             "bookings_mean with the factor at its low and its high value", ONE_FACTOR),
    MISSABLE(variance_share, 2, DIMS(PLAN, SOURCE), "1",
             "share of the variance of hit_probability_draw by source",
             "missing where hit_probability_draw does not vary"),
};
const int recoup_n_variables = sizeof recoup_variables / sizeof *recoup_variables;

#define TEXT(field)                                                                                \
    { #field, true, AT(field), false }
#define INTEGER(field)                                                                             \
    { #field, false, AT(field), false }
#define OPTIONAL(field)                                                                            \
    { #field, true, AT(field), true }

const recoup_attribute recoup_attributes[] = {
    TEXT(title),          TEXT(recoup_version),
    TEXT(git_sha1),       INTEGER(seed),
    TEXT(estimator),      TEXT(isa),
    INTEGER(paths),       INTEGER(parameter_draws),
    TEXT(currency),       TEXT(input_digest),
    TEXT(scenario),       TEXT(model),
    TEXT(hit_estimator),  OPTIONAL(model_digest),
    OPTIONAL(as_of),      OPTIONAL(period_start),
    OPTIONAL(period_end),
};
const int recoup_n_attributes = sizeof recoup_attributes / sizeof *recoup_attributes;

/* --- places in the struct ------------------------------------------------------------------- */

static char *place(const recoup_results *results, size_t offset) {
    return (char *)results +
           offset; /* the tables are const, the results they describe need not be */
}

int64_t recoup_results_size(const recoup_results *results, recoup_dimension_id dimension) {
    const recoup_dimension *info = &recoup_dimensions[dimension];
    int64_t size;
    if (info->wide) {
        memcpy(&size, place(results, info->size_offset), sizeof size);
    } else {
        int narrow;
        memcpy(&narrow, place(results, info->size_offset), sizeof narrow);
        size = narrow;
    }
    return size > 0 ? size + info->more : 0;
}

bool recoup_results_set_size(recoup_results *results, recoup_dimension_id dimension, int64_t size) {
    const recoup_dimension *info = &recoup_dimensions[dimension];
    if (size < 0 || (!info->wide && size > INT_MAX))
        return false;
    int narrow = (int)size;
    if (info->wide)
        memcpy(place(results, info->size_offset), &size, sizeof size);
    else
        memcpy(place(results, info->size_offset), &narrow, sizeof narrow);
    return true;
}

bool recoup_variable_is_coordinate(const recoup_variable *variable) {
    return variable->rank == 1 &&
           strcmp(variable->name, recoup_dimensions[variable->dimension[0]].name) == 0;
}

size_t recoup_variable_count(const recoup_results *results, const recoup_variable *variable) {
    size_t count = recoup_results_size(results, variable->needs) > 0;
    for (int i = 0; i < variable->rank; i++) {
        size_t size = (size_t)recoup_results_size(results, variable->dimension[i]);
        if (size == 0)
            return 0;
        count = count > SIZE_MAX / size ? SIZE_MAX : count * size;
    }
    return count;
}

size_t recoup_variable_value_size(const recoup_variable *variable) {
    switch (variable->type) {
    case RECOUP_VARIABLE_DOUBLE:
        return sizeof(double);
    case RECOUP_VARIABLE_INT:
        return sizeof(int);
    case RECOUP_VARIABLE_INT64:
        return sizeof(int64_t);
    case RECOUP_VARIABLE_TEXT:
        return sizeof(char *);
    }
    return 0;
}

void *recoup_variable_values(const recoup_results *results, const recoup_variable *variable) {
    char *address = place(results, variable->offset);
    if (variable->rank == 0)
        return address;
    void *values;
    memcpy(&values, address, sizeof values); /* double *, int *, char ** ... */
    return values;
}

char *recoup_attribute_text(const recoup_results *results, const recoup_attribute *attribute) {
    char *text;
    memcpy(&text, place(results, attribute->offset), sizeof text);
    return text;
}

int64_t recoup_attribute_number(const recoup_results *results, const recoup_attribute *attribute) {
    int64_t number;
    memcpy(&number, place(results, attribute->offset), sizeof number);
    return number;
}

/* A zeroed array, unless it is a scalar. */
static bool allocate(recoup_results *results, const recoup_variable *variable) {
    if (variable->rank == 0)
        return true;
    void *values = recoup_arena_alloc(&results->arena, recoup_variable_count(results, variable),
                                      recoup_variable_value_size(variable));
    memcpy(place(results, variable->offset), &values, sizeof values);
    return values != NULL;
}

bool recoup_results_allocate(recoup_results *results) {
    for (int i = 0; i < recoup_n_variables; i++)
        if (!allocate(results, &recoup_variables[i]))
            return false;
    return true;
}

static bool involves(const recoup_variable *variable, recoup_dimension_id dimension) {
    bool found = variable->needs == dimension;
    for (int i = 0; i < variable->rank; i++)
        found = found || variable->dimension[i] == dimension;
    return found;
}

bool recoup_results_extend(recoup_results *results, recoup_dimension_id dimension) {
    for (int i = 0; i < recoup_n_variables; i++)
        if (involves(&recoup_variables[i], dimension) && !allocate(results, &recoup_variables[i]))
            return false;
    return true;
}

void recoup_results_free(recoup_results *results) {
    if (!results)
        return;
    recoup_records_clear(results);
    recoup_arena_clear(&results->arena);
    free(results);
}

/* --- whole results -------------------------------------------------------------------------- */

static bool variables_equal(const recoup_results *a, const recoup_results *b,
                            const recoup_variable *variable) {
    size_t count = recoup_variable_count(a, variable);
    const void *x = recoup_variable_values(a, variable), *y = recoup_variable_values(b, variable);
    if (count != recoup_variable_count(b, variable))
        return false;
    if (variable->type != RECOUP_VARIABLE_TEXT)
        return memcmp(x, y, count * recoup_variable_value_size(variable)) == 0;
    char *const *s = x, *const *t = y;
    for (size_t i = 0; i < count; i++)
        if (strcmp(s[i], t[i]) != 0)
            return false;
    return true;
}

bool recoup_results_equal(const recoup_results *a, const recoup_results *b) {
    for (int i = 0; i < recoup_n_attributes; i++) {
        const recoup_attribute *attribute = &recoup_attributes[i];
        if (attribute->is_text
                ? strcmp(recoup_attribute_text(a, attribute),
                         recoup_attribute_text(b, attribute)) != 0
                : recoup_attribute_number(a, attribute) != recoup_attribute_number(b, attribute))
            return false;
    }
    for (int i = 0; i < recoup_n_variables; i++)
        if (!variables_equal(a, b, &recoup_variables[i]))
            return false;
    return recoup_records_equal(a, b);
}

uint64_t recoup_results_digest(const recoup_results *results) {
    uint64_t hash = RECOUP_HASH_START;
    for (int i = 0; i < recoup_n_attributes; i++) {
        const recoup_attribute *attribute = &recoup_attributes[i];
        int64_t number = attribute->is_text ? 0 : recoup_attribute_number(results, attribute);
        if (attribute->is_optional && !*recoup_attribute_text(results, attribute))
            continue; /* as when the file was written */
        hash = attribute->is_text
                   ? recoup_hash_text(hash, recoup_attribute_text(results, attribute))
                   : recoup_hash(hash, &number, sizeof number);
    }
    for (int i = 0; i < recoup_n_variables; i++) {
        const recoup_variable *variable = &recoup_variables[i];
        size_t count = recoup_variable_count(results, variable);
        void *values = recoup_variable_values(results, variable);
        if (variable->type != RECOUP_VARIABLE_TEXT) {
            hash = recoup_hash(hash, values, count * recoup_variable_value_size(variable));
            continue;
        }
        char **text = values;
        for (size_t k = 0; k < count; k++)
            hash = recoup_hash_text(hash, text[k]);
    }
    return recoup_records_hash(hash, results);
}
