/* Writing the example's tables, scenario and truth. */
#include <recoup/example.h>

#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "example/company.h"
#include "example/history.h"
#include "random/random.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Keys of draws, beside those of history.c. */
static const uint64_t ACTIVITY_KEY = 0x6163746976697479; /* "activity" */

static const char *const competitors[] = {"none", "incumbent", "low-cost rival", "platform suite",
                                          "in-house build"};
static const char *const products[] = {"Essential", "Professional", "Enterprise"};
static const char *const next_steps[] = {"call", "meeting", "send proposal", "security review",
                                         "legal review"};
static const char *const loss_reasons[] = {"no decision", "price", "competitor", "timing",
                                           "missing feature"};
static const char *const activities[] = {"call", "email", "meeting", "demo"};
static const char *const teams[] = {"North", "South", "East", "West"};

/* One of n choices by a uniform. */
static const char *pick(const char *const *choices, size_t n, double u) {
    return choices[(size_t)(u * (double)n)];
}
#define PICK(choices, u) pick(choices, sizeof(choices) / sizeof *(choices), u)

static double round_amount(double amount) {
    return fmax(500, rint(amount));
}

/* --- tables ----------------------------------------------------------------------------------- */

static void add_deal(recoup_text *text, const recoup_model *truth,
                     const recoup_example_history *history, int i) {
    const recoup_example_deal *deal = &history->deal[i];
    const recoup_example_entry *last = &deal->entry[deal->n_entries - 1];
    bool is_open = isnan(deal->closed);
    char created[RECOUP_DATE_SIZE], entered[RECOUP_DATE_SIZE], closed[RECOUP_DATE_SIZE] = "",
                                                               expected[RECOUP_DATE_SIZE];
    double amount = round_amount(deal->amount);
    recoup_timestamp_format(created, deal->created);
    recoup_timestamp_format(entered, last->entered);
    if (!is_open)
        recoup_timestamp_format(closed, deal->closed);
    recoup_date_format(expected, deal->created + 30 + 70 * deal->pick[2]);
    recoup_text_add(text, "D%05d,%s,%.0f,%s,%s,%s,%s,%s,", i + 1, history->rep[deal->rep].id,
                    amount, created, truth->stage[last->stage].name,
                    is_open     ? "open"
                    : deal->won ? "won"
                                : "lost",
                    entered, closed);
    recoup_text_add(text, "%s,%s,%s,%s,%.0f,%s,%s,%s\n", truth->channels.name[deal->channel],
                    truth->segments.name[deal->segment], PICK(competitors, deal->pick[0]),
                    PICK(products, deal->pick[1]), rint(amount / (1 - deal->discount)), expected,
                    is_open && deal->pick[3] < 0.7 ? PICK(next_steps, deal->pick[3] / 0.7) : "",
                    !is_open && !deal->won ? PICK(loss_reasons, deal->pick[4]) : "");
}

static void add_entries(recoup_text *text, const recoup_model *truth,
                        const recoup_example_history *history, int i) {
    const recoup_example_deal *deal = &history->deal[i];
    char date[RECOUP_DATE_SIZE];
    for (int k = 0; k < deal->n_entries; k++)
        recoup_text_add(text, "D%05d,%s,%s\n", i + 1, truth->stage[deal->entry[k].stage].name,
                        recoup_timestamp_format(date, deal->entry[k].entered));
    if (!isnan(deal->closed))
        recoup_text_add(text, "D%05d,%s,%s\n", i + 1, deal->won ? "won" : "lost",
                        recoup_timestamp_format(date, deal->closed));
}

/* A few activities in each stay, at random times of it: half a one, and one more every ten days. */
static void add_activities(recoup_text *text, const recoup_example_history *history, int i,
                           int64_t seed) {
    const recoup_example_deal *deal = &history->deal[i];
    double end = isnan(deal->closed) ? recoup_example_dates().as_of : deal->closed;
    char date[RECOUP_DATE_SIZE];
    for (int k = 0; k < deal->n_entries; k++) {
        double from = deal->entry[k].entered;
        double to = k + 1 < deal->n_entries ? deal->entry[k + 1].entered : end;
        uint64_t key = (uint64_t)seed ^ ACTIVITY_KEY;
        uint64_t entity = (uint64_t)i << 8 | (uint64_t)k;
        double u = recoup_random_pair(key, 0, entity, 0, RECOUP_DRAW_COUNT).first;
        unsigned n = recoup_poisson_quantile(0.5 + fmin(to - from, 60) / 10, u);
        for (unsigned j = 0; j < n; j++) {
            recoup_pair draw = recoup_random_pair(key, 0, entity, j, RECOUP_DRAW_ARRIVAL);
            recoup_text_add(text, "%s,%s,%s,D%05d\n", history->rep[deal->rep].id,
                            recoup_date_format(date, from + draw.first * (to - from)),
                            PICK(activities, draw.second), i + 1);
        }
    }
}

static void add_rep(recoup_text *text, const recoup_model *truth, const recoup_example_rep *rep) {
    char started[RECOUP_DATE_SIZE];
    const char *cohort = truth->cohorts.name[rep->cohort];
    const char *status = rep->vacant                      ? "vacant"
                         : strcmp(cohort, "ramping") == 0 ? "ramping"
                                                          : "active";
    recoup_text_add(text, "%s,Rep %s,%s,%s,%s,%s,%.0f\n", rep->id, rep->id + 1, cohort,
                    teams[rep->team], recoup_date_format(started, rep->started), status,
                    rep->quota);
}

static void add_scenario(recoup_text *text) {
    recoup_example_calendar calendar = recoup_example_dates();
    char as_of[RECOUP_DATE_SIZE], start[RECOUP_DATE_SIZE], end[RECOUP_DATE_SIZE];
    recoup_text_add(
        text,
        "# The quarter is behind: which plan, started now, has the best chance of hitting quota?\n"
        "recoup: scenario/1\n"
        "name: Recovery Q4\n"
        "as_of: %s\n"
        "period: {start: %s, end: %s}\n"
        "currency: USD\n"
        "quota: {from: reps}\n"
        "data:\n"
        "  deals: deals.csv\n"
        "  stage_history: stage_history.csv\n"
        "  reps: reps.csv\n"
        "  activities: activities.csv\n"
        "pipeline: [prospecting, discovery, demo, proposal, negotiation]\n"
        "cohorts: {by: column}\n"
        "simulation: {paths: 20000, seed: 1, parameter_draws: 200}\n\n",
        recoup_date_format(as_of, calendar.as_of),
        recoup_date_format(start, calendar.start[RECOUP_EXAMPLE_QUARTERS - 1]),
        recoup_date_format(end, calendar.start[RECOUP_EXAMPLE_QUARTERS] - 1));
    recoup_text_add(text, "%s", recoup_example_plans);
}

/* --- files ------------------------------------------------------------------------------------ */

enum { DEALS, HISTORY, REPS, ACTIVITIES, SCENARIO, TRUTH, N_FILES };
static const char *const file_names[N_FILES] = {
    "deals.csv", "stage_history.csv", "reps.csv", "activities.csv", "scenario.yaml", "truth.yaml"};

/* folder/name; NULL when out of memory. */
static char *path_in(const char *folder, const char *name) {
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static void write_texts(const recoup_model *truth, const recoup_example_history *history,
                        int64_t seed, recoup_text text[N_FILES]) {
    recoup_text_add(
        &text[DEALS],
        "deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed,channel,"
        "segment,competitor,product,list_amount,expected_close,next_step,loss_reason\n");
    recoup_text_add(&text[HISTORY], "deal_id,stage,entered\n");
    recoup_text_add(&text[ACTIVITIES], "rep_id,date,type,deal_id\n");
    recoup_text_add(&text[REPS], "rep_id,name,cohort,team,start_date,status,quota\n");
    for (int i = 0; i < history->n_deals; i++) {
        add_deal(&text[DEALS], truth, history, i);
        add_entries(&text[HISTORY], truth, history, i);
        add_activities(&text[ACTIVITIES], history, i, seed);
    }
    for (int i = 0; i < history->n_reps; i++)
        add_rep(&text[REPS], truth, &history->rep[i]);
    add_scenario(&text[SCENARIO]);
}

/* Makes the folder when it is absent, and sees that none of the files would be overwritten. */
static recoup_status prepare(const char *folder, char *const path[N_FILES], recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_place place = {.file = folder};
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return recoup_fail(error, RECOUP_EIO, &place, "cannot make the folder: %s",
                           strerror(errno));
    for (int i = 0; i < N_FILES; i++) {
        place.file = path[i];
        if (access(path[i], F_OK) == 0)
            status = recoup_fail(error, RECOUP_EINVALID, &place,
                                 "the file exists and is left alone: expected a new folder");
    }
    return status;
}

/* Expected number of deals that the truth makes, by the as-of date. */
static double expected_deals(const recoup_model *truth) {
    recoup_example_calendar calendar = recoup_example_dates();
    double deals = 0;
    for (int g = 0; g < RECOUP_EXAMPLE_GROUPS; g++) {
        const recoup_example_group *group = &recoup_example_groups[g];
        int from = calendar.start[group->first_quarter < 0 ? 0 : group->first_quarter];
        int cohort = recoup_names_find(&truth->cohorts, group->cohort);
        for (int ch = 0; ch < truth->channels.n; ch++)
            deals += truth->arrivals[cohort * truth->channels.n + ch] * (calendar.as_of - from);
    }
    return deals;
}

recoup_status recoup_example_write(const char *folder, const recoup_example_options *options,
                                   recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_model *truth = NULL;
    recoup_example_history history = {0};
    recoup_text text[N_FILES] = {{0}};
    char *path[N_FILES] = {0};
    char *truth_text = NULL;
    for (int i = 0; i < N_FILES; i++)
        if (!(path[i] = path_in(folder, file_names[i]))) {
            status = recoup_fail_memory(error);
            goto exit;
        }
    if ((status = recoup_model_parse("truth.yaml", recoup_example_truth,
                                     strlen(recoup_example_truth), &truth, error)) != RECOUP_OK)
        goto exit;
    double scale = (double)options->deals / expected_deals(truth);
    for (int i = 0; i < truth->cohorts.n * truth->channels.n; i++)
        truth->arrivals[i] *= scale;
    if ((status = recoup_example_hire(&history, truth, scale, error)) != RECOUP_OK ||
        (status = recoup_example_live(&history, truth, options->seed, error)) != RECOUP_OK ||
        (status = recoup_model_format(truth, &truth_text, error)) != RECOUP_OK)
        goto exit;
    write_texts(truth, &history, options->seed, text);
    recoup_text_add(&text[TRUTH],
                    "# The parameters that the tables beside this file were made from.\n%s",
                    truth_text);
    for (int i = 0; i < N_FILES && status == RECOUP_OK; i++)
        if (text[i].failed)
            status = recoup_fail_memory(error);
    if (status == RECOUP_OK)
        status = prepare(folder, path, error);
    for (int i = 0; i < N_FILES && status == RECOUP_OK; i++)
        status = recoup_file_write(path[i], text[i].bytes, text[i].length, error);
exit:
    for (int i = 0; i < N_FILES; i++) {
        recoup_text_clear(&text[i]);
        free(path[i]);
    }
    free(truth_text);
    recoup_example_history_clear(&history);
    recoup_model_free(truth);
    return status;
}
