/* Results to test with: a small tally of made-up paths. */
#ifndef TESTS_RESULTS_SAMPLE_H
#define TESTS_RESULTS_SAMPLE_H

#include "../merge.h"
#include "results/records.h"
#include "tally/tally.h"
#include <math.h>
#include <string.h>

enum { SAMPLE_PLANS = 3, SAMPLE_REPS = 3, SAMPLE_WEEKS = 2, SAMPLE_CHUNK = 250 };

/* Bookings of a unit on a path, the same in every plan but for a lift: between 0 and 2 × scale; a
 * splitmix64 of unit and path. */
static inline double sample_outcome(int plan, int unit, int64_t path, double scale) {
    uint64_t z = (uint64_t)path * 0x9E3779B97F4A7C15u + (uint64_t)(unit + 1) * 0xD1B54A32D192ED03u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    double u = (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
    return u < .05 ? 0 : 2 * u * scale * (1 + .04 * plan * cos((double)(path + plan)));
}

typedef struct sample_options {
    bool keep_paths, no_teams;
    int draws, paths_per_draw;
} sample_options;

static inline recoup_tally *sample_tally(const sample_options *options) {
    static char *plan[] = {"as is", "coach", "Rabatt-Grenze für alle"};
    static char *cohort[] = {"top", "ramping"}, *team[] = {"north", "south"};
    static char *rep[] = {"R1", "R2", "R3"};
    static const double week[] = {20759.5, 20766}, team_quota[] = {60000, NAN};
    static const double rep_quota[] = {30000, NAN, 20000}, cost[] = {0, 5000, 8000};
    recoup_tally_shape shape = {
        .n_plans = SAMPLE_PLANS,
        .n_cohorts = 2,
        .n_teams = options->no_teams ? 0 : 2,
        .n_reps = SAMPLE_REPS,
        .n_weeks = SAMPLE_WEEKS,
        .n_draws = options->draws,
        .plan = plan,
        .cohort = cohort,
        .team = team,
        .rep = rep,
        .week = week,
        .team_quota = team_quota,
        .rep_quota = rep_quota,
        .plan_cost = cost,
        .quota = 100000,
        .booked = 12500,
        .currency = "EUR",
        .chunk_paths = SAMPLE_CHUNK,
        .paths_per_draw = options->paths_per_draw,
        .keep_paths = options->keep_paths,
    };
    recoup_tally *tally = NULL;
    recoup_chunk chunk;
    if (recoup_tally_create(&shape, &tally, NULL) != RECOUP_OK ||
        recoup_chunk_init(&chunk, &shape, NULL) != RECOUP_OK)
        return NULL;
    size_t stride = SAMPLE_CHUNK;
    for (int64_t first = 0; first < (int64_t)options->draws * options->paths_per_draw;
         first += SAMPLE_CHUNK) {
        chunk.draw = (int)(first / options->paths_per_draw);
        chunk.first = first % options->paths_per_draw;
        chunk.n = SAMPLE_CHUNK;
        for (size_t i = 0; i < stride; i++) {
            int64_t path = first + (int64_t)i;
            for (int p = 0; p < shape.n_plans; p++) {
                size_t at = (size_t)p;
                double lift = 1e4 * chunk.draw * p; /* draws differ in what a plan is worth */
                chunk.bookings[at * stride + i] = sample_outcome(p, 0, path, 1e5) + lift;
                chunk.wins[at * stride + i] = (double)(path % 9);
                for (size_t u = 0; u < (size_t)shape.n_cohorts; u++)
                    chunk.cohort[(at * 2 + u) * stride + i] = sample_outcome(p, (int)u, path, 5e4);
                for (size_t u = 0; u < (size_t)shape.n_teams; u++)
                    chunk.team[(at * 2 + u) * stride + i] = sample_outcome(p, (int)u, path, 6e4);
                for (size_t u = 0; u < SAMPLE_REPS; u++)
                    chunk.rep[(at * SAMPLE_REPS + u) * stride + i] =
                        sample_outcome(p, (int)u, path, 2e4);
                for (size_t u = 0; u < SAMPLE_WEEKS; u++)
                    chunk.week[(at * SAMPLE_WEEKS + u) * stride + i] =
                        sample_outcome(p, 0, path, 5e4 * (double)(u + 1));
            }
        }
        if (merge_chunk(tally, &chunk) != RECOUP_OK)
            return NULL;
    }
    recoup_chunk_clear(&chunk);
    return tally;
}

/* Deals to look at, a rule that cannot be told, an action: texts, dates, numbers and none of them.
 */
static inline bool sample_add_records(recoup_results *results) {
    static const char *const deal[] = {"D1", "日本 \"Ältester\" 🙂"};
    for (int i = 0; i < 2; i++) {
        recoup_hygiene_row *row = recoup_records_add(results, RECOUP_RECORD_HYGIENE);
        if (!row)
            return false;
        row->deal = deal[i];
        row->disposition = "nurture";
        row->amount = i == 0 ? 1234.5 : NAN;
        row->created = 20454 + i + 0.5; /* 2026-01-01 12:00, and a day later */
        row->stage_days = 10;
    }
    recoup_rule_row *rule = recoup_records_add(results, RECOUP_RECORD_RULE);
    recoup_action_row *action = recoup_records_add(results, RECOUP_RECORD_ACTION);
    if (!rule || !action)
        return false;
    rule->rule = "expired";
    rule->n_deals = -1;
    rule->missing = "expected_close";
    action->what = "call";
    return true;
}

/* `model` of any length; NULL: a short one. */
static inline recoup_results *sample_results(const sample_options *options, const char *model) {
    recoup_tally *tally = sample_tally(options);
    recoup_results *results = NULL;
    recoup_provenance provenance = {
        .title = "Quarter to save",
        .estimator = "walk",
        .isa = "portable",
        .scenario = "recoup: scenario/1\nname: Quarter to save\n",
        .model = model ? model : "recoup: model/1\n",
        .view_digest = 0x0123456789abcdefu,
        .as_of = "2026-11-02",
        .period_start = "2026-10-01",
        .period_end = "2026-12-31",
        .seed = 1,
    };
    if (tally && recoup_results_create(tally, &provenance, &results, NULL) != RECOUP_OK)
        results = NULL;
    recoup_tally_free(tally);
    if (results && !sample_add_records(results)) {
        recoup_results_free(results);
        results = NULL;
    }
    return results;
}

#endif
