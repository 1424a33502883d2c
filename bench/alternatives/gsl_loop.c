/* What a user would write instead of recoup: W1's model as constants, and a plain loop over paths,
 * deals and stages with GSL's generator and distributions, paths shared out by OpenMP.
 *
 *     gsl_loop FOLDER [--lean] [--plans 1|3] [--paths N] [--threads N] [--seed N] [--quota X]
 *              [--arrivals X]
 *
 * FOLDER holds deals.csv and reps.csv as in bench/w1 (the same columns in the same order).
 * --arrivals: new deals per day, in all. Every plan is simulated by itself, from the same seeds.
 * Prints P(hit) and the distribution of bookings per plan as JSON.
 *
 * As one writes it first, the loop says what the model says: the odds at the deal's age, the exit,
 * the dwell time of that exit. --lean is what a user makes of it who only wants bookings fast: what
 * does not depend on the path is computed once, and a lost deal is dropped without drawing when.
 */
#include <getopt.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <omp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* --- the model: bench/w1/model.yaml and scenario.yaml ----------------------------------------- */

enum { STAGES = 5, COHORTS = 4, CHANNELS = 3, PLANS = 3, LINE = 1024 };

static const char *const stage_name[STAGES] = {"prospecting", "discovery", "demo", "proposal",
                                               "negotiation"};
static const char *const cohort_name[COHORTS] = {"top", "core-high", "core-low", "ramping"};
static const char *const channel_name[CHANNELS] = {"outbound", "inbound", "partner"};
static const char *const plan_name[PLANS] = {"baseline", "coach", "unblock"};

static const double as_of_unix = 1793577600; /* 2026-11-02 00:00 UTC */
static const double horizon_days = 60;

static const double advance_logit[STAGES] = {-0.85, 0.05, 0.25, 0.10, 0.85};
static const double cohort_logit[COHORTS] = {0.60, 0.15, -0.20, -0.55};
static const double channel_logit[CHANNELS] = {-0.10, 0.30, 0.05};
static const double advance_median_days[STAGES] = {9, 11, 8, 10, 9};
static const double advance_sigma = 0.60;
static const double cohort_log_dwell[COHORTS] = {-0.15, 0.0, 0.10, 0.25};
static const double lost_shape = 0.9;
static const double lost_scale_days[STAGES] = {18, 22, 20, 25, 30};

static const double market_conversion = 0.25, market_arrivals = 0.10;
static const double cohort_share[COHORTS] = {0.15, 0.35, 0.35, 0.15}; /* of new deals */
static const double channel_share[CHANNELS] = {0.5, 0.3, 0.2};
static const double new_median = 42000, new_sigma = 0.8, revision_sigma = 0.15;

/* The laws of one plan. */
typedef struct plan {
    double logit[STAGES][COHORTS][CHANNELS];
    double mu[STAGES][COHORTS]; /* log median days of advancing */
} plan;

static void make_plan(plan *p, int index) {
    for (int s = 0; s < STAGES; s++)
        for (int c = 0; c < COHORTS; c++) {
            bool coached = index == 1 && c >= 2, unblocked = index == 2 && s >= 3;
            p->mu[s][c] = log(advance_median_days[s] * (unblocked ? 0.7 : 1)) + cohort_log_dwell[c];
            for (int h = 0; h < CHANNELS; h++)
                p->logit[s][c][h] =
                    advance_logit[s] + cohort_logit[c] + channel_logit[h] + (coached ? 0.2 : 0);
        }
}

/* --- the tables ------------------------------------------------------------------------------- */

typedef struct deal {
    int cohort, channel, stage;
    double age_days, amount;
    double aged_logit, tail; /* lean only, of the plan at hand: see aged_logit() */
} deal;

typedef struct rep {
    char id[32];
    int cohort;
} rep;

static void fail(const char *message, const char *what) {
    fprintf(stderr, "gsl_loop: %s: %s\n", message, what);
    exit(1);
}

static int find(const char *const *names, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fail("unknown name", name);
    return -1;
}

static void *grow(void *rows, size_t n, size_t *capacity, size_t size) {
    if (n < *capacity)
        return rows;
    *capacity = *capacity ? 2 * *capacity : 1024;
    rows = realloc(rows, *capacity * size);
    if (!rows)
        fail("out of memory", "tables");
    return rows;
}

static FILE *open_table(const char *folder, const char *name, const char *header) {
    char path[4096], line[LINE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail("cannot open", path);
    if (!fgets(line, sizeof line, file) || strcmp(strtok(line, "\r\n"), header) != 0)
        fail("other columns were expected", path);
    return file;
}

static bool read_row(FILE *file, char *line, char **cell, int n) {
    if (!fgets(line, LINE, file))
        return false;
    for (int i = 0; i < n; i++)
        if (!(cell[i] = strtok(i == 0 ? line : NULL, ",\r\n")))
            fail("too few columns", line);
    return true;
}

static int compare_reps(const void *a, const void *b) {
    return strcmp(((const rep *)a)->id, ((const rep *)b)->id);
}

static size_t read_reps(const char *folder, rep **reps) {
    FILE *file = open_table(folder, "reps.csv", "rep_id,name,cohort,quota");
    size_t n = 0, capacity = 0;
    char line[LINE], *cell[4];
    for (; read_row(file, line, cell, 4); n++) {
        *reps = grow(*reps, n, &capacity, sizeof **reps);
        snprintf((*reps)[n].id, sizeof(*reps)[n].id, "%s", cell[0]);
        (*reps)[n].cohort = find(cohort_name, COHORTS, cell[2]);
    }
    fclose(file);
    qsort(*reps, n, sizeof **reps, compare_reps);
    return n;
}

static double parse_age(const char *text) {
    struct tm day = {0};
    double seconds;
    if (sscanf(text, "%d-%d-%dT%d:%d:%lfZ", &day.tm_year, &day.tm_mon, &day.tm_mday, &day.tm_hour,
               &day.tm_min, &seconds) != 6)
        fail("not a timestamp", text);
    day.tm_year -= 1900;
    day.tm_mon -= 1;
    return (as_of_unix - (double)timegm(&day) - seconds) / 86400;
}

static size_t read_deals(const char *folder, deal **deals) {
    rep *reps = NULL;
    size_t n_reps = read_reps(folder, &reps), n = 0, capacity = 0;
    FILE *file = open_table(folder, "deals.csv",
                            "deal_id,rep_id,channel,amount,created,stage,stage_entered,outcome");
    char line[LINE], *cell[8];
    for (; read_row(file, line, cell, 8); n++) {
        *deals = grow(*deals, n, &capacity, sizeof **deals);
        rep key;
        snprintf(key.id, sizeof key.id, "%s", cell[1]);
        const rep *owner = bsearch(&key, reps, n_reps, sizeof *reps, compare_reps);
        if (!owner || strcmp(cell[7], "open") != 0)
            fail(owner ? "not an open deal" : "owned by an unknown rep", cell[0]);
        (*deals)[n] = (deal){.cohort = owner->cohort,
                             .channel = find(channel_name, CHANNELS, cell[2]),
                             .stage = find(stage_name, STAGES, cell[5]),
                             .age_days = parse_age(cell[6]),
                             .amount = atof(cell[3])};
    }
    fclose(file);
    free(reps);
    return n;
}

/* --- the simulation --------------------------------------------------------------------------- */

/* A deal of age a advances with odds p S_advance(a) : (1 - p) S_lost(a). */
static double aged_logit(const plan *p, const deal *d, double *tail) {
    int s = d->stage;
    *tail = gsl_cdf_lognormal_Q(d->age_days, p->mu[s][d->cohort], advance_sigma);
    return p->logit[s][d->cohort][d->channel] +
           log(*tail / gsl_cdf_weibull_Q(d->age_days, lost_scale_days[s], lost_shape));
}

static double advance_dwell(gsl_rng *rng, double mu, double age, double tail) {
    double u = gsl_rng_uniform_pos(rng);
    return age > 0 ? gsl_cdf_lognormal_Qinv(u * tail, mu, advance_sigma) - age
                   : gsl_cdf_lognormal_Pinv(u, mu, advance_sigma);
}

static double lost_dwell(gsl_rng *rng, double scale, double age) {
    double u = gsl_rng_uniform_pos(rng);
    return age > 0 ? gsl_cdf_weibull_Qinv(u * gsl_cdf_weibull_Q(age, scale, lost_shape), scale,
                                          lost_shape) -
                         age
                   : gsl_cdf_weibull_Pinv(u, scale, lost_shape);
}

/* What became of a deal by the horizon. Lean: a deal that will be lost counts as open. */
typedef enum fate { OPEN, LOST, WON, FATES } fate;

static fate live(gsl_rng *rng, const plan *p, const deal *d, double day, double market, bool lean) {
    double age = d->age_days;
    for (int s = d->stage; s < STAGES; s++, age = 0) {
        double logit = p->logit[s][d->cohort][d->channel], tail = 1;
        if (age > 0 && lean) {
            logit = d->aged_logit;
            tail = d->tail;
        } else if (age > 0) {
            logit = aged_logit(p, d, &tail);
        }
        double advances = 1 / (1 + exp(-logit - market_conversion * market));
        bool lost = gsl_rng_uniform(rng) >= advances;
        if (lost && lean)
            return OPEN;
        day += lost ? lost_dwell(rng, lost_scale_days[s], age)
                    : advance_dwell(rng, p->mu[s][d->cohort], age, tail);
        if (lost || day > horizon_days)
            return day > horizon_days ? OPEN : LOST;
    }
    return WON;
}

static double revision(gsl_rng *rng) { /* mean 1 */
    return gsl_ran_lognormal(rng, -0.5 * revision_sigma * revision_sigma, revision_sigma);
}

typedef struct options {
    const char *folder;
    int plans, threads;
    long paths;
    unsigned long seed;
    double quota, arrivals;
    bool lean;
} options;

static double simulate_path(gsl_rng *rng, const options *o, const plan *p, const deal *deals,
                            size_t n, long *count) {
    double bookings = 0, market = gsl_ran_gaussian(rng, 1);
    for (size_t i = 0; i < n; i++) {
        fate end = live(rng, p, &deals[i], 0, market, o->lean);
        if (end == WON)
            bookings += deals[i].amount * revision(rng);
        count[end]++;
    }
    for (int c = 0; c < COHORTS; c++)
        for (int h = 0; h < CHANNELS; h++) {
            double rate = o->arrivals * cohort_share[c] * channel_share[h];
            unsigned n_new =
                gsl_ran_poisson(rng, rate * exp(market_arrivals * market) * horizon_days);
            deal fresh = {.cohort = c, .channel = h};
            for (unsigned i = 0; i < n_new; i++) {
                double day = gsl_rng_uniform(rng) * horizon_days;
                fate end = live(rng, p, &fresh, day, market, o->lean);
                if (end == WON)
                    bookings += gsl_ran_lognormal(rng, log(new_median), new_sigma) * revision(rng);
                count[end]++;
            }
        }
    return bookings;
}

static void simulate_plan(const options *o, int index, deal *deals, size_t n, double *bookings,
                          long *count) {
    plan p;
    make_plan(&p, index);
    for (size_t i = 0; i < n && o->lean; i++)
        deals[i].aged_logit = aged_logit(&p, &deals[i], &deals[i].tail);
#pragma omp parallel num_threads(o->threads) reduction(+ : count[:FATES])
    {
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
        gsl_rng_set(rng, o->seed * 4096 + (unsigned long)omp_get_thread_num());
#pragma omp for schedule(static)
        for (long i = 0; i < o->paths; i++)
            bookings[i] = simulate_path(rng, o, &p, deals, n, count);
        gsl_rng_free(rng);
    }
}

/* --- the answer ------------------------------------------------------------------------------- */

static void print_plan(const options *o, int index, double *bookings, const long *count) {
    static const double level[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    size_t n = (size_t)o->paths, hits = 0;
    for (size_t i = 0; i < n; i++)
        hits += bookings[i] >= o->quota;
    double p = (double)hits / (double)n, mean = gsl_stats_mean(bookings, 1, n);
    printf("%s\n    {\"plan\": \"%s\", \"hit_probability\": %.9g, \"hit_probability_se\": %.9g, "
           "\"bookings_mean\": %.9g, \"bookings_sd\": %.9g, \"wins_mean\": %.9g,\n     ",
           index ? "," : "", plan_name[index], p, sqrt(p * (1 - p) / (double)n), mean,
           n > 1 ? gsl_stats_sd_m(bookings, 1, n, mean) : 0, (double)count[WON] / (double)n);
    if (!o->lean)
        printf("\"losses_mean\": %.9g, ", (double)count[LOST] / (double)n);
    printf("\"bookings_quantiles\": [");
    gsl_sort(bookings, 1, n);
    for (int i = 0; i < 5; i++)
        printf("%s%.9g", i ? ", " : "",
               gsl_stats_quantile_from_sorted_data(bookings, 1, n, level[i]));
    printf("]}");
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void parse_options(options *o, int argc, char **argv) {
    static const struct option known[] = {
        {"lean", no_argument, NULL, 'l'},           {"plans", required_argument, NULL, 'p'},
        {"paths", required_argument, NULL, 'n'},    {"threads", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},     {"quota", required_argument, NULL, 'q'},
        {"arrivals", required_argument, NULL, 'a'}, {0}};
    int key;
    while ((key = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (key) {
        case 'l':
            o->lean = true;
            break;
        case 'p':
            o->plans = atoi(optarg);
            break;
        case 'n':
            o->paths = atol(optarg);
            break;
        case 't':
            o->threads = atoi(optarg);
            break;
        case 's':
            o->seed = strtoul(optarg, NULL, 10);
            break;
        case 'q':
            o->quota = atof(optarg);
            break;
        case 'a':
            o->arrivals = atof(optarg);
            break;
        default:
            exit(2);
        }
    o->folder = argv[optind];
    if (argc != optind + 1 || o->plans < 1 || o->plans > PLANS || o->paths < 1 || o->threads < 1) {
        fprintf(stderr, "usage: gsl_loop FOLDER [--lean] [--plans 1|3] [--paths N] [--threads N] "
                        "[--seed N] [--quota X] [--arrivals X]\n");
        exit(2);
    }
}

int main(int argc, char **argv) {
    options o = {
        .plans = 3, .threads = 1, .paths = 10000, .seed = 1, .quota = 6e6, .arrivals = 1.6};
    parse_options(&o, argc, argv);
    double started = now(), simulation_seconds = 0;
    deal *deals = NULL;
    size_t n = read_deals(o.folder, &deals);
    double *bookings = malloc((size_t)o.paths * sizeof *bookings);
    if (!bookings)
        fail("out of memory", "bookings");
    printf("{\"program\": \"gsl_loop\", \"paths\": %ld, \"threads\": %d, \"plans\": [", o.paths,
           o.threads);
    for (int i = 0; i < o.plans; i++) {
        double before = now();
        long count[FATES] = {0};
        simulate_plan(&o, i, deals, n, bookings, count);
        simulation_seconds += now() - before;
        print_plan(&o, i, bookings, count);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("],\n \"simulation_seconds\": %.6f, \"seconds\": %.6f, \"peak_memory_bytes\": %ld}\n",
           simulation_seconds, now() - started, usage.ru_maxrss * 1024);
    free(bookings);
    free(deals);
    return 0;
}
