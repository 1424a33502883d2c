/* Results to make reports of: made-up paths of any number of plans and reps, and some rows of every
 * kind of record. Names are plain, or such as a hostile CRM might hold. */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include "../merge.h"
#include "results/records.h"
#include "results/results.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_COHORTS = 3, SAMPLE_WEEKS = 9, SAMPLE_CHUNK = 10, SAMPLE_STAGES = 5 };

typedef struct sample_kind {
    const char *name;
    int n_plans, n_reps, n_deals, n_chunks; /* deals: that a rule of hygiene matches */
    bool is_hostile, has_records;
} sample_kind;

static const sample_kind sample_kinds[] = {
    {"full", 4, 12, 40, 40, false, true},      {"plain", 2, 4, 0, 10, false, false},
    {"single", 1, 2, 3, 10, false, true},      {"hostile", 9, 9, 18, 20, true, true},
    {"large", 50, 2000, 9000, 4, false, true},
};

/* What a page must show as it is; each is made unique by a number. */
static const char *const sample_hostile[] = {
    "<script>window.harmed = 1</script>",
    "</script><script>window.harmed = 2</script><!--",
    "<img src=x onerror=\"window.harmed = 3\">",
    "\"double\" & 'single' `tick` \\ %s ${harmed} {{data}} {a|b}",
    "smile \xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb family",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 \xe2\x80\xaeright to left",
    "lines\xe2\x80\xa8"
    "and\xe2\x80\xa9paragraphs &lt;b&gt; &amp;",
    "Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdef"
    "ghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-A"
    "bcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdefghij-Abcdef-"
    "Abcdefghij-Abc300",
    "__proto__",
};
enum { SAMPLE_HOSTILE = sizeof sample_hostile / sizeof *sample_hostile };

/* To be freed by the caller; a test ends the program when there is no memory. */
static inline char *sample_name(const sample_kind *kind, const char *plain, int i) {
    char *name = NULL;
    int length = kind->is_hostile
                     ? asprintf(&name, "%s %d", sample_hostile[i % SAMPLE_HOSTILE], i + 1)
                     : asprintf(&name, "%s %d", plain, i + 1);
    if (length < 0)
        abort();
    return name;
}

static inline char **sample_names(const sample_kind *kind, const char *plain, int n) {
    char **names = calloc((size_t)n, sizeof *names);
    if (!names)
        abort();
    for (int i = 0; i < n; i++)
        names[i] = sample_name(kind, plain, i);
    return names;
}

static inline void sample_names_free(char **names, int n) {
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* Between 0 and 1, of a plan, a unit and a path: a splitmix64. Plans share most of it. */
static inline double sample_outcome(int unit, int64_t path) {
    uint64_t z = (uint64_t)path * 0x9E3779B97F4A7C15u + (uint64_t)(unit + 1) * 0xD1B54A32D192ED03u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static inline void sample_fill(const recoup_tally_shape *shape, recoup_chunk *chunk) {
    for (int i = 0; i < chunk->n; i++)
        for (int p = 0; p < shape->n_plans; p++) {
            int64_t path = chunk->first + i;
            double sum = 0;
            for (int k = 0; k < 6; k++) /* about normal */
                sum += sample_outcome(k, path) / 6;
            double total = shape->quota * (.35 + 1.2 * sum + .04 * p);
            chunk->bookings[p * SAMPLE_CHUNK + i] = total;
            chunk->wins[p * SAMPLE_CHUNK + i] = (double)(path % 9);
            for (int u = 0; u < shape->n_cohorts; u++)
                chunk->cohort[(p * shape->n_cohorts + u) * SAMPLE_CHUNK + i] = total / (2 + u);
            for (int u = 0; u < shape->n_reps; u++)
                chunk->rep[((size_t)p * (size_t)shape->n_reps + (size_t)u) * SAMPLE_CHUNK +
                           (size_t)i] = total * (.5 + sample_outcome(u, path)) / shape->n_reps;
            for (int w = 0; w < shape->n_weeks; w++)
                chunk->week[(p * shape->n_weeks + w) * SAMPLE_CHUNK + i] =
                    shape->booked + (total - shape->booked) * (w + 1) / shape->n_weeks;
        }
}

static inline recoup_tally *sample_tally(const sample_kind *kind) {
    static const double week[SAMPLE_WEEKS] = {20765, 20772, 20779, 20786, 20793,
                                              20800, 20807, 20814, 20818};
    char **plan = sample_names(kind, "plan", kind->n_plans);
    char **cohort = sample_names(kind, "cohort", SAMPLE_COHORTS);
    char **rep = sample_names(kind, "rep", kind->n_reps);
    double *rep_quota = calloc((size_t)kind->n_reps, sizeof *rep_quota);
    double *cost = calloc((size_t)kind->n_plans, sizeof *cost);
    recoup_tally *tally = NULL;
    recoup_chunk chunk;
    if (!rep_quota || !cost)
        abort();
    for (int r = 0; r < kind->n_reps; r++)
        rep_quota[r] = 4e6 / kind->n_reps;
    for (int p = 0; p < kind->n_plans; p++)
        cost[p] = 9000.0 * p;
    recoup_tally_shape shape = {
        .n_plans = kind->n_plans,
        .n_cohorts = SAMPLE_COHORTS,
        .n_reps = kind->n_reps,
        .n_weeks = SAMPLE_WEEKS,
        .n_draws = 2,
        .plan = plan,
        .cohort = cohort,
        .rep = rep,
        .week = week,
        .rep_quota = rep_quota,
        .plan_cost = cost,
        .quota = 4e6,
        .booked = 1.3e6,
        .currency = "EUR",
        .chunk_paths = SAMPLE_CHUNK,
        .paths_per_draw = (int64_t)kind->n_chunks * SAMPLE_CHUNK,
    };
    if (recoup_tally_create(&shape, &tally, NULL) != RECOUP_OK ||
        recoup_chunk_init(&chunk, &shape, NULL) != RECOUP_OK)
        abort();
    for (int k = 0; k < 2 * kind->n_chunks; k++) {
        chunk.draw = k / kind->n_chunks;
        chunk.first = (int64_t)(k % kind->n_chunks) * SAMPLE_CHUNK;
        chunk.n = SAMPLE_CHUNK;
        sample_fill(&shape, &chunk);
        if (merge_chunk(tally, &chunk) != RECOUP_OK)
            abort();
    }
    recoup_chunk_clear(&chunk);
    sample_names_free(plan, kind->n_plans);
    sample_names_free(cohort, SAMPLE_COHORTS);
    sample_names_free(rep, kind->n_reps);
    free(rep_quota);
    free(cost);
    return tally;
}

/* A row with all its fields made up: texts from the kind's names, shares, whole numbers. */
static inline void sample_row(recoup_results *results, const sample_kind *kind, recoup_record_id id,
                              int i) {
    const recoup_record_type *type = &recoup_record_types[id];
    void *row = recoup_records_add(results, id);
    if (!row)
        abort();
    for (int f = 0; f < type->n_fields; f++) {
        const recoup_record_field *field = &type->field[f];
        void *place = recoup_record_place(field, row);
        char *name = NULL;
        switch (field->type) {
        case RECOUP_RECORD_FIELD_TEXT:
            name = sample_name(kind, field->name, i);
            *(const char **)place = recoup_records_text(results, name);
            free(name);
            break;
        case RECOUP_RECORD_FIELD_NUMBER:
            *(double *)place = field->units && strcmp(field->units, "currency") == 0
                                   ? floor(1e5 * sample_outcome(f, i))
                                   : sample_outcome(f, i);
            break;
        case RECOUP_RECORD_FIELD_DATE:
            *(double *)place = 20750 + i % 90;
            break;
        case RECOUP_RECORD_FIELD_INT:
            *(int *)place = 10 + i % 100;
            break;
        }
    }
}

#define SAMPLE_LAST(results, id, type)                                                             \
    ((type *)(results)->records[id].row + (results)->records[id].n - 1)

/* One comparison of bookings whose parts add up. */
static inline void sample_gap(recoup_results *results, const sample_kind *kind) {
    static const char *const factor[] = {"volume", "win rate", "value", "velocity", "total"};
    static const double effect[] = {-250000, -410000, 60000, -120000, -720000};
    for (int i = 0; i < 5; i++) {
        sample_row(results, kind, RECOUP_RECORD_GAP, i);
        recoup_gap_row *row = SAMPLE_LAST(results, RECOUP_RECORD_GAP, recoup_gap_row);
        row->reference = "same period last year";
        row->cohort = "";
        row->factor = factor[i];
        row->unit = i == 4 || i == 2 ? "currency" : i == 0 ? "deals" : "share";
        row->effect = effect[i];
        row->effect_low = effect[i] - 90000;
        row->effect_high = effect[i] + 90000;
        row->reference_value = i == 4 ? 4500000 : i == 2 ? 31000 : i == 0 ? 420 : .31;
        row->value = i == 4 ? 3780000 : i == 2 ? 31500 : i == 0 ? 401 : .27;
    }
}

static inline void sample_findings(recoup_results *results, const sample_kind *kind) {
    static const char *const cause[] = {"skill", "process", "motivation", "market"};
    static const char *const verdict[] = {"found", "found", "not found", "not enough data"};
    for (int i = 0; i < 8; i++) {
        sample_row(results, kind, RECOUP_RECORD_FINDING, i);
        recoup_finding_row *row = SAMPLE_LAST(results, RECOUP_RECORD_FINDING, recoup_finding_row);
        row->cause = cause[i % 4];
        row->verdict = verdict[i % 4];
        row->unit = "share";
    }
}

static inline void sample_people(recoup_results *results, const sample_kind *kind) {
    static const char *const verdict[] = {"above", "below", "as the team", "not enough data"};
    for (int r = 0; r < kind->n_reps; r++) {
        char *rep = sample_name(kind, "rep", r), *cohort = sample_name(kind, "cohort", r % 3);
        sample_row(results, kind, RECOUP_RECORD_STANDING, r);
        recoup_standing_row *own =
            SAMPLE_LAST(results, RECOUP_RECORD_STANDING, recoup_standing_row);
        own->level = "rep";
        own->name = recoup_records_text(results, rep);
        own->cohort = recoup_records_text(results, cohort);
        for (int s = 0; s < SAMPLE_STAGES; s++) {
            sample_row(results, kind, RECOUP_RECORD_SKILL, r * SAMPLE_STAGES + s);
            recoup_skill_row *row = SAMPLE_LAST(results, RECOUP_RECORD_SKILL, recoup_skill_row);
            row->rep = own->name;
            row->cohort = own->cohort;
            row->stage = recoup_records_format(results, "stage %d", s + 1);
            row->verdict = verdict[(r + s) % 4];
        }
        free(rep);
        free(cohort);
    }
}

static inline void sample_pipeline(recoup_results *results, const sample_kind *kind) {
    static const char *const disposition[] = {"close-lost", "nurture", "keep"};
    for (int i = 0; i < kind->n_deals; i++) {
        sample_row(results, kind, RECOUP_RECORD_HYGIENE, i);
        recoup_hygiene_row *row = SAMPLE_LAST(results, RECOUP_RECORD_HYGIENE, recoup_hygiene_row);
        row->disposition = disposition[i % 3];
        row->stage = recoup_records_format(results, "stage %d", i % SAMPLE_STAGES + 1);
    }
    for (int i = 0; i < 2; i++) {
        sample_row(results, kind, RECOUP_RECORD_FORECAST, i);
        recoup_forecast_row *row =
            SAMPLE_LAST(results, RECOUP_RECORD_FORECAST, recoup_forecast_row);
        row->pipeline = i == 0 ? "as is" : "scrubbed";
        row->n_open = 300 - 90 * i;
        row->hit_probability_se = .002;
    }
}

static inline void sample_flow(recoup_results *results, const sample_kind *kind) {
    static const char *const quadrant[] = {"strength", "weakness", "opportunity", "threat"};
    for (int i = 0; i < 8; i++) {
        sample_row(results, kind, RECOUP_RECORD_SWOT, i);
        SAMPLE_LAST(results, RECOUP_RECORD_SWOT, recoup_swot_row)->quadrant = quadrant[i % 4];
    }
    for (int i = 0; i < kind->n_plans; i++) {
        sample_row(results, kind, RECOUP_RECORD_DOCUMENT, i);
        SAMPLE_LAST(results, RECOUP_RECORD_DOCUMENT, recoup_document_row)->plan = results->plan[i];
        for (int k = 0; k < 3; k++) {
            sample_row(results, kind, RECOUP_RECORD_LEVER, 3 * i + k);
            SAMPLE_LAST(results, RECOUP_RECORD_LEVER, recoup_lever_row)->plan = results->plan[i];
            sample_row(results, kind, RECOUP_RECORD_ACTION, 3 * i + k);
            SAMPLE_LAST(results, RECOUP_RECORD_ACTION, recoup_action_row)->plan = results->plan[i];
        }
    }
}

static inline void sample_records(recoup_results *results, const sample_kind *kind) {
    static const recoup_record_id others[] = {
        RECOUP_RECORD_SPREAD,  RECOUP_RECORD_SHORTFALL, RECOUP_RECORD_BENCHMARK,
        RECOUP_RECORD_LOSS,    RECOUP_RECORD_REVIEW,    RECOUP_RECORD_RULE,
        RECOUP_RECORD_QUALITY, RECOUP_RECORD_PACE,      RECOUP_RECORD_INFLOW};
    sample_gap(results, kind);
    sample_findings(results, kind);
    sample_people(results, kind);
    sample_pipeline(results, kind);
    sample_flow(results, kind);
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        for (int i = 0; i < 4; i++)
            sample_row(results, kind, others[k], i);
}

/* To be freed by recoup_results_free; NULL: there is no such kind. */
static inline recoup_results *sample_results(const char *name) {
    const sample_kind *kind = NULL;
    for (size_t k = 0; k < sizeof sample_kinds / sizeof *sample_kinds; k++)
        if (strcmp(sample_kinds[k].name, name) == 0)
            kind = &sample_kinds[k];
    if (!kind)
        return NULL;
    char *title = sample_name(kind, "Quarter to save", 0);
    recoup_tally *tally = sample_tally(kind);
    recoup_results *results = NULL;
    recoup_provenance provenance = {
        .title = title,
        .estimator = "sample",
        .isa = "any",
        .scenario = "recoup: scenario/1\nname: Quarter to save\nas_of: 2026-11-02\n"
                    "period: {start: 2026-10-01, end: 2026-12-31}\nquota: 4000000\n"
                    "data: {deals: deals.csv}\n",
        .model = "recoup: model/1\n",
        .view_digest = 0x0123456789abcdefu,
        .seed = 1,
    };
    if (recoup_results_create(tally, &provenance, &results, NULL) != RECOUP_OK)
        abort();
    recoup_tally_free(tally);
    free(title);
    if (kind->has_records)
        sample_records(results, kind);
    return results;
}

#endif
