/* Writes a made-up CRM book of any size: deals.csv, reps.csv, scenario.yaml and, by kind,
 * stage_history.csv or model.yaml. Equal options give equal files.
 *
 *     book --deals N [--stages N] [--reps N] [--seed N] DIR
 *     book --open  N              [--reps N] [--seed N] DIR
 *
 * --deals: a history to fit. N deals created in the two years before the as-of date, walked
 * by the engine through a known model (its market factor included): four entries of open stages a
 * deal with the six stages that are the default, four cohorts, three channels, four segments,
 * lognormal amounts, times to the second; what is not closed by the as-of date is open.
 *
 * --open: N open deals to simulate, as in bench/w1: its model and its plans, arrivals and quota
 * in proportion to the number of deals, so that P(hit) of the baseline is about one half.
 *
 * --reps: 40 where absent, or one for every 500 deals if that is more.
 */
#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "example/history.h"
#include "model/model.h"
#include "model/read.h"
#include "random/random.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COHORTS = 4, CHANNELS = 3, W1_STAGES = 5 };
static const char *const cohort_name[COHORTS] = {"top", "core-high", "core-low", "ramping"};
static const char *const channel_name[CHANNELS] = {"outbound", "inbound", "partner"};
static const char *const w1_stage_name[W1_STAGES] = {"prospecting", "discovery", "demo", "proposal",
                                                     "negotiation"};
/* Of W1: reps, quotas, open deals by channel and by stage, as shares. */
static const double rep_share[COHORTS] = {.15, .35, .35, .15};
static const double quota_share[COHORTS] = {.22, .40, .30, .08};
static const double channel_share[CHANNELS] = {.48, .30, .22};
static const double w1_stage_share[W1_STAGES] = {.32, .22, .22, .145, .095};
/* W1's 600 deals have ages in their stage of a mean of 8 days, exponential; ten days lie behind
 * every stage before. Their exact expected bookings are in bench/w1/README.md. */
static const double w1_mean_age_days = 8, w1_days_per_stage = 10, w1_deals = 600;
static const double w1_bookings = 6392197;

typedef struct book {
    int64_t n_deals, n_reps, n_stages, seed;
    const char *folder;
} book;

/* --- files ------------------------------------------------------------------------------------ */

static char *path_in(const char *folder, const char *name) {
    recoup_text path = {0};
    recoup_text_add(&path, "%s/%s", folder, name);
    return path.bytes; /* NULL when out of memory */
}

static FILE *open_table(const book *b, const char *name) {
    char *path = path_in(b->folder, name);
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        fprintf(stderr, "%s: %s\n", path ? path : name, strerror(errno));
    free(path);
    return file;
}

/* False where anything was not written. NULL is fine. */
static bool close_table(FILE *file) {
    bool written = file && !ferror(file);
    if (file && fclose(file) != 0)
        written = false;
    if (file && !written)
        perror("cannot write the table");
    return written;
}

static bool write_text(const book *b, const char *name, const char *text) {
    FILE *file = open_table(b, name);
    if (file)
        fputs(text, file);
    return close_table(file);
}

/* --- people ----------------------------------------------------------------------------------- */

/* Reps come cohort by cohort: the cohort of rep i. */
static int cohort_of(const book *b, int64_t i) {
    double above = 0, at = ((double)i + .5) / (double)b->n_reps;
    int cohort = 0;
    while (cohort < COHORTS - 1 && at >= (above += rep_share[cohort]))
        cohort++;
    return cohort;
}

static bool write_reps(const book *b, double quota) {
    FILE *file = open_table(b, "reps.csv");
    int64_t n[COHORTS] = {0};
    for (int64_t i = 0; i < b->n_reps; i++)
        n[cohort_of(b, i)]++;
    if (file)
        fprintf(file, "rep_id,name,cohort,quota\n");
    for (int64_t i = 0; file && i < b->n_reps; i++) {
        int cohort = cohort_of(b, i);
        fprintf(file, "R%04d,Rep %04d,%s,%.0f\n", (int)i + 1, (int)i + 1, cohort_name[cohort],
                quota * quota_share[cohort] / (double)n[cohort]);
    }
    return close_table(file);
}

/* --- open deals, as in W1 --------------------------------------------------------------------- */

static int pick(const double *share, int n, double u) {
    int i = 0;
    while (i < n - 1 && u >= share[i])
        u -= share[i++];
    return i;
}

static void write_open_deal(const book *b, FILE *file, int64_t i, double as_of) {
    uint64_t seed = (uint64_t)b->seed;
    recoup_pair of = recoup_random_pair(seed, 0, (uint64_t)i, 0, RECOUP_DRAW_DEAL);
    recoup_pair normal = recoup_random_pair(seed, 0, (uint64_t)i, 1, RECOUP_DRAW_DEAL);
    recoup_pair place = recoup_random_pair(seed, 0, (uint64_t)i, 2, RECOUP_DRAW_DEAL);
    int stage = pick(w1_stage_share, W1_STAGES, place.first);
    double entered = as_of + w1_mean_age_days * log(place.second);
    /* Box & Muller 1958; W1's law of new amounts */
    double z = sqrt(-2 * log(normal.first)) * cos(2 * M_PI * normal.second);
    char created_text[RECOUP_DATE_SIZE], entered_text[RECOUP_DATE_SIZE];
    fprintf(file, "D%07lld,R%04d,%s,%.2f,%s,%s,%s,open\n", (long long)i + 1,
            (int)(of.first * (double)b->n_reps) + 1,
            channel_name[pick(channel_share, CHANNELS, of.second)], 42000 * exp(.8 * z),
            recoup_timestamp_format(created_text, entered - w1_days_per_stage * stage),
            w1_stage_name[stage], recoup_timestamp_format(entered_text, entered));
}

static bool write_open_deals(const book *b) {
    FILE *file = open_table(b, "deals.csv");
    if (file)
        fprintf(file, "deal_id,rep_id,channel,amount,created,stage,stage_entered,outcome\n");
    for (int64_t i = 0; file && i < b->n_deals; i++)
        write_open_deal(b, file, i, recoup_days_from_civil(2026, 11, 2));
    return close_table(file);
}

/* W1's model, with arrivals in proportion. */
static bool write_model(const book *b, recoup_error *error) {
    recoup_model *model = NULL;
    char *path = path_in(b->folder, "model.yaml");
    bool done = path && recoup_model_load(RECOUP_W1 "/model.yaml", &model, error) == RECOUP_OK;
    for (int i = 0; done && i < model->cohorts.n * model->channels.n; i++)
        model->arrivals[i] *= (double)b->n_deals / w1_deals;
    done = done && recoup_model_save(model, path, error) == RECOUP_OK;
    recoup_model_free(model);
    free(path);
    return done;
}

/* W1's scenario, with another name and quota. */
static bool write_scenario(const book *b, double quota, recoup_error *error) {
    static const char name[] = "name: W1 reference\n", target[] = "quota: 6000000\n";
    char *text = NULL;
    size_t length;
    recoup_text scenario = {0};
    if (recoup_file_read(RECOUP_W1 "/scenario.yaml", &text, &length, error) != RECOUP_OK)
        return false;
    char *name_at = strstr(text, name), *quota_at = strstr(text, target);
    bool done = name_at && quota_at && name_at < quota_at;
    if (done) {
        *name_at = *quota_at = '\0';
        recoup_text_add(&scenario, "%sname: W1 with %lld deals\n%squota: %.0f\n%s", text,
                        (long long)b->n_deals, name_at + strlen(name), quota,
                        quota_at + strlen(target));
        done = !scenario.failed && write_text(b, "scenario.yaml", scenario.bytes);
    } else {
        fprintf(stderr, "%s: no name and quota as expected\n", RECOUP_W1 "/scenario.yaml");
    }
    recoup_text_clear(&scenario);
    free(text);
    return done;
}

static bool write_open_book(const book *b, recoup_error *error) {
    double quota = w1_bookings / w1_deals * (double)b->n_deals;
    return write_open_deals(b) && write_reps(b, quota) && write_model(b, error) &&
           write_scenario(b, quota, error);
}

/* --- a history -------------------------------------------------------------------------------- */

/* About six deals in seven advance from a stage: with six stages, and deals still open at the as-of
 * date, a deal enters four of them on average. Channels share the arrivals of a cohort as the open
 * deals of W1 do, cohorts as its reps do. */
static void describe_truth(const book *b, double deals_per_day, recoup_text *text) {
    recoup_text_add(text, "recoup: model/1\nstages: [");
    for (int s = 0; s < b->n_stages; s++)
        recoup_text_add(text, "%sstage %d", s ? ", " : "", s + 1);
    recoup_text_add(
        text, "]\n"
              "cohorts: [top, core-high, core-low, ramping]\n"
              "channels: [outbound, inbound, partner]\n"
              "segments: [finance, health, retail, public]\n"
              "market: {conversion: 0.12, arrivals: 0.06}\n"
              "defaults:\n"
              "  advance:\n"
              "    cohort_logit: {top: 0.5, core-high: 0.1, core-low: -0.1, ramping: -0.5}\n"
              "    channel_logit: {outbound: -0.15, inbound: 0.2, partner: 0.05}\n"
              "    segment_logit: {finance: 0.2, health: 0.05, retail: -0.1, public: -0.2}\n"
              "    cohort_log_dwell: {top: -0.15, core-high: 0, core-low: 0.1, ramping: 0.25}\n"
              "exits:\n");
    for (int s = 0; s < b->n_stages; s++)
        recoup_text_add(text,
                        "  stage %d:\n"
                        "    advance: {logit: %g, dwell: {family: lognormal, median: %d,"
                        " sigma: 0.6}}\n"
                        "    lost: {dwell: {family: weibull, shape: 0.9, scale: %d}}\n",
                        s + 1, 1.9 + .1 * (s % 3 - 1), 8 + s % 3, 18 + 2 * s);
    recoup_text_add(text, "amount:\n"
                          "  size_ref: 42000\n"
                          "  new: {family: lognormal, median: 42000, sigma: 0.8}\n"
                          "  revision: {sigma: 0}\n"
                          "mix:\n"
                          "  segment: {finance: 0.3, health: 0.2, retail: 0.35, public: 0.15}\n"
                          "arrivals:\n");
    for (int c = 0; c < COHORTS; c++) {
        recoup_text_add(text, "  %s: {", cohort_name[c]);
        for (int h = 0; h < CHANNELS; h++)
            recoup_text_add(text, "%s%s: %.9g", h ? ", " : "", channel_name[h],
                            deals_per_day * rep_share[c] * channel_share[h]);
        recoup_text_add(text, "}\n");
    }
}

static bool hire(const book *b, recoup_example_history *history) {
    history->rep = RECOUP_NEW(recoup_example_rep, b->n_reps);
    history->n_reps = history->rep ? (int)b->n_reps : 0;
    for (int i = 0; i < history->n_reps; i++) {
        recoup_example_rep *rep = &history->rep[i];
        *rep = (recoup_example_rep){.cohort = cohort_of(b, i), .team = -1};
        snprintf(rep->id, sizeof rep->id, "R%04d", i + 1);
        rep->started = recoup_example_dates().start[0];
    }
    return history->rep != NULL;
}

static void write_deal(FILE *deals, FILE *entries, const recoup_model *truth,
                       const recoup_example_history *history, int i) {
    const recoup_example_deal *deal = &history->deal[i];
    const recoup_example_entry *last = &deal->entry[deal->n_entries - 1];
    const char *outcome = isnan(deal->closed) ? "open" : deal->won ? "won" : "lost";
    char created[RECOUP_DATE_SIZE], entered[RECOUP_DATE_SIZE], closed[RECOUP_DATE_SIZE] = "";
    if (!isnan(deal->closed))
        recoup_timestamp_format(closed, deal->closed);
    fprintf(deals, "D%07d,%s,%s,%s,%.2f,%s,%s,%s,%s,%s\n", i + 1, history->rep[deal->rep].id,
            truth->channels.name[deal->channel], truth->segments.name[deal->segment], deal->amount,
            recoup_timestamp_format(created, deal->created), truth->stage[last->stage].name,
            recoup_timestamp_format(entered, last->entered), outcome, closed);
    for (int k = 0; k < deal->n_entries; k++)
        fprintf(entries, "D%07d,%s,%s\n", i + 1, truth->stage[deal->entry[k].stage].name,
                recoup_timestamp_format(entered, deal->entry[k].entered));
    if (closed[0])
        fprintf(entries, "D%07d,%s,%s\n", i + 1, outcome, closed);
}

static bool write_tables(const book *b, const recoup_model *truth,
                         const recoup_example_history *history) {
    FILE *deals = open_table(b, "deals.csv"), *entries = open_table(b, "stage_history.csv");
    if (deals && entries) {
        fprintf(deals, "deal_id,rep_id,channel,segment,amount,created,stage,stage_entered,outcome,"
                       "closed\n");
        fprintf(entries, "deal_id,stage,entered\n");
        int64_t walked = history->n_deals, n = b->n_deals < walked ? b->n_deals : walked;
        for (int64_t i = 0; i < walked; i++) /* n of them, evenly in time */
            if ((i + 1) * n / walked > i * n / walked)
                write_deal(deals, entries, truth, history, (int)i);
    }
    bool written = close_table(deals);
    return close_table(entries) && written;
}

static bool write_history_scenario(const book *b, double quota) {
    recoup_text text = {0};
    recoup_text_add(&text,
                    "recoup: scenario/1\n"
                    "name: history of %lld deals\n"
                    "as_of: 2026-11-02\n"
                    "period: {start: 2026-10-01, end: 2026-12-31}\n"
                    "quota: %.0f\n"
                    "data: {deals: deals.csv, stage_history: stage_history.csv, reps: reps.csv}\n"
                    "cohorts: {by: column}\n"
                    "pipeline: [",
                    (long long)b->n_deals, quota);
    for (int s = 0; s < b->n_stages; s++)
        recoup_text_add(&text, "%sstage %d", s ? ", " : "", s + 1);
    recoup_text_add(&text, "]\nplans: [{name: baseline}]\n");
    bool written = !text.failed && write_text(b, "scenario.yaml", text.bytes);
    recoup_text_clear(&text);
    return written;
}

static bool write_history_book(const book *b, recoup_error *error) {
    recoup_example_calendar calendar = recoup_example_dates();
    recoup_example_history history = {0};
    recoup_model *truth = NULL;
    recoup_text text = {0};
    double quota = 15000. * (double)b->n_deals / RECOUP_EXAMPLE_QUARTERS;
    /* More than are needed, since their number is random. */
    double deals_per_day = 1.25 * (double)b->n_deals / (calendar.as_of - calendar.start[0]);
    describe_truth(b, deals_per_day, &text);
    bool done = !text.failed && hire(b, &history) &&
                recoup_model_parse("truth", text.bytes, text.length, &truth, error) == RECOUP_OK &&
                recoup_example_live(&history, truth, b->seed, error) == RECOUP_OK &&
                write_tables(b, truth, &history) && write_reps(b, quota) &&
                write_history_scenario(b, quota);
    recoup_example_history_clear(&history);
    recoup_model_free(truth);
    recoup_text_clear(&text);
    return done;
}

/* --- command line ----------------------------------------------------------------------------- */

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"deals", required_argument, NULL, 'd'},  {"open", required_argument, NULL, 'o'},
        {"stages", required_argument, NULL, 's'}, {"reps", required_argument, NULL, 'r'},
        {"seed", required_argument, NULL, 'x'},   {0}};
    book b = {.n_stages = 6, .seed = 1};
    bool history = false, open = false;
    int key;
    while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
        int64_t value = optarg ? (int64_t)strtod(optarg, NULL) : 0; /* 1e6 is a number */
        if (key == '?')
            return 2;
        if (key == 'd' || key == 'o')
            b.n_deals = value;
        history |= key == 'd';
        open |= key == 'o';
        if (key == 's')
            b.n_stages = value;
        if (key == 'r')
            b.n_reps = value;
        if (key == 'x')
            b.seed = value;
    }
    if (!b.n_reps)
        b.n_reps = b.n_deals / 500 > 40 ? b.n_deals / 500 : 40;
    if (history == open || optind + 1 != argc || b.n_deals < 1 || b.n_deals > 5000000 ||
        b.n_stages < 1 || b.n_stages > 12 || b.n_reps < COHORTS || b.n_reps > 100000) {
        fprintf(stderr, "expected --deals N [--stages N] or --open N, and a folder; at most "
                        "5 million deals, 12 stages, 100,000 reps\n");
        return 2;
    }
    b.folder = argv[optind];
    recoup_error error = RECOUP_ERROR_INIT;
    if (mkdir(b.folder, 0777) != 0 && errno != EEXIST) {
        perror(b.folder);
        return 1;
    }
    bool done = history ? write_history_book(&b, &error) : write_open_book(&b, &error);
    recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    return done ? 0 : 1;
}
