/* What the page knows, but for its parts of a file of their own. */
#include "report/report.h"

#include "config/config.h"
#include "scenario/load.h"
#include <math.h>
#include <recoup/version.h>
#include <string.h>

/* The dates of the scenario that the results hold. They are missing where another version wrote a
 * scenario that this one cannot read. */
static void add_dates(recoup_json *json, json_t *data, const recoup_results *results) {
    recoup_error unread = RECOUP_ERROR_INIT;
    recoup_document *document = NULL;
    recoup_scenario *scenario = NULL;
    double as_of = NAN, start = NAN, end = NAN;
    recoup_status status = recoup_document_parse("scenario", results->scenario,
                                                 strlen(results->scenario), &document, &unread);
    if (status == RECOUP_OK)
        status = recoup_scenario_read(document, &scenario, &unread);
    if (status == RECOUP_OK) {
        as_of = scenario->as_of + scenario->zone_days;
        start = scenario->period_start + scenario->zone_days;
        end = scenario->period_end + scenario->zone_days - 1; /* the last day */
    }
    recoup_json_set(json, data, "as_of", recoup_json_date(as_of));
    recoup_json_set(json, data, "period_start", recoup_json_date(start));
    recoup_json_set(json, data, "period_end", recoup_json_date(end));
    recoup_scenario_free(scenario);
    recoup_error_clear(&unread);
}

static void add_provenance(recoup_json *json, json_t *data, const recoup_results *results) {
    const struct {
        const char *key, *text;
    } texts[] = {
        {"title", results->title},
        {"currency", results->currency},
        {"estimator", results->estimator},
        {"hit_estimator", results->hit_estimator},
        {"isa", results->isa},
        {"scenario", results->scenario},
        {"input_digest", results->input_digest},
        {"model_digest", results->model_digest},
        {"recoup_version", results->recoup_version},
        {"git_sha1", results->git_sha1},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        recoup_json_set(json, data, texts[i].key,
                        recoup_json_text(texts[i].text ? texts[i].text : ""));
    recoup_json_set(json, data, "seed", json_integer(results->seed));
    recoup_json_set(json, data, "paths", json_integer(results->paths));
    recoup_json_set(json, data, "parameter_draws", json_integer(results->parameter_draws));
    recoup_json_set(json, data, "quota", recoup_json_number(results->quota));
    recoup_json_set(json, data, "booked", recoup_json_number(results->booked));
}

recoup_status recoup_report_data(const recoup_results *results,
                                 const recoup_report_options *options, json_t **made,
                                 recoup_error *error) {
    static const char *const papers[] = {
        [RECOUP_PAPER_A4] = "A4", [RECOUP_PAPER_LETTER] = "letter"};
    recoup_json json = {0};
    json_t *data = json_object();
    if (!data)
        return recoup_fail_memory(error);
    add_provenance(&json, data, results);
    add_dates(&json, data, results);
    recoup_json_set(&json, data, "paper", recoup_json_text(papers[options->paper]));
    recoup_status status = recoup_report_add_plans(&json, data, results, options, error);
    if (status == RECOUP_OK)
        status = recoup_report_add_decisions(&json, data, results, error);
    if (status == RECOUP_OK) {
        recoup_report_add_distributions(&json, data, results);
        recoup_report_add_units(&json, data, results);
        recoup_report_add_records(&json, data, results, error);
        if (json.failed)
            status = recoup_fail_memory(error);
    }
    if (status == RECOUP_OK)
        *made = data;
    else
        json_decref(data);
    return status;
}
