/* The scenario: what is known, what is asked, and the candidate plans (recoup: scenario/1,
 * docs/scenario.md). */
#ifndef RECOUP_SCENARIO_H
#define RECOUP_SCENARIO_H

#include <recoup/dataset.h>
#include <recoup/error.h>
#include <recoup/model.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_scenario recoup_scenario;

/* Reads and checks a scenario file by itself. EINVALID: every departure from the format, with line
 * and column; paths in it are relative to the file. */
recoup_status recoup_scenario_load(const char *path, recoup_scenario **scenario,
                                   recoup_error *error);
void recoup_scenario_free(recoup_scenario *scenario);

/* Leaves out all plans but the first one, and `decisions`; before recoup_scenario_resolve. */
void recoup_scenario_keep_first(recoup_scenario *scenario);

/* Checks the plans against the model (cohorts, channels, segments, stages and exits that exist) and
 * works out what their levers change. To be called once, before a simulation. */
recoup_status recoup_scenario_resolve(recoup_scenario *scenario, const recoup_model *model,
                                      recoup_error *error);

/* What to read; the strings are borrowed from the scenario. */
void recoup_scenario_source(const recoup_scenario *scenario, recoup_dataset_source *source);
void recoup_scenario_view_options(const recoup_scenario *scenario, recoup_view_options *options);
/* Path of the model that the scenario names, NULL when it is to be fitted. */
const char *recoup_scenario_model_path(const recoup_scenario *scenario);
const char *recoup_scenario_name(const recoup_scenario *scenario);
/* The currency that the scenario names, NULL when it names none. */
const char *recoup_scenario_currency(const recoup_scenario *scenario);

/* ISO dates in the scenario's timezone, with a time where it is not the beginning of a day. */
enum { RECOUP_MOMENT_SIZE = 40 };
typedef struct recoup_period {
    char as_of[RECOUP_MOMENT_SIZE], start[RECOUP_MOMENT_SIZE];
    char end[RECOUP_MOMENT_SIZE]; /* the last day */
} recoup_period;
/* False: out of memory. */
bool recoup_scenario_period(const recoup_scenario *scenario, recoup_period *period);

/* Three estimators of the same model (docs/simulation.md). */
typedef enum recoup_estimator {
    RECOUP_ESTIMATOR_WALK,       /* event by event; also what deals do in each stage */
    RECOUP_ESTIMATOR_SAMPLE,     /* the default: one draw a deal, P(hit) by conditional */
    RECOUP_ESTIMATOR_CONDITIONAL /* P(hit) without paths: only the plans' own numbers */
} recoup_estimator;
/* "walk", "sample", "conditional". */
const char *recoup_estimator_name(recoup_estimator estimator);
/* False: there is no estimator of this name. */
bool recoup_estimator_find(const char *name, recoup_estimator *estimator);

/* simulation: of the scenario, defaults filled in; the command line may override them. */
typedef struct recoup_simulation {
    int64_t paths;           /* default 100,000; of all draws together */
    int64_t seed;            /* default 1 */
    int64_t parameter_draws; /* default 1: the model itself; else the first so many of its draws */
    recoup_estimator estimator;
    double precision; /* half-width of the 95 % interval of P(hit) to stop at; 0: all paths */
    bool keep_paths;
} recoup_simulation;
recoup_simulation recoup_scenario_simulation(const recoup_scenario *scenario);
void recoup_scenario_set_simulation(recoup_scenario *scenario, const recoup_simulation *simulation);

/* The scenario with every default and every date written out, as YAML that reads back the same; to
 * be freed by the caller. */
recoup_status recoup_scenario_format(const recoup_scenario *scenario, char **text,
                                     recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
