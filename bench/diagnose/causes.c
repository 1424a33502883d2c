/* Plants one cause in each of many books, and prints what the diagnosis names first. */
#include "company.h"

#include "diagnose/diagnose.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const plant_names[N_PLANTS] = {"nothing", "skill", "process", "motivation",
                                                  "market"};
static const char *const plant_meanings[N_PLANTS] = {
    "nothing", "a cohort's conversion of a stage -10 points", "a stage 3 times as long from a date",
    "activity -40 % from a date", "win rate against a competitor -20 points"};

typedef struct tally {
    int n, flagged, right_cause, right_subject;
} tally;

/* Limits by Clopper & Pearson 1934. */
static double lower(int k, int n) {
    return k > 0 ? gsl_cdf_beta_Pinv(.025, k, n - k + 1) : 0;
}
static double upper(int k, int n) {
    return k < n ? gsl_cdf_beta_Pinv(.975, k + 1, n - k) : 1;
}

static bool count(const company *made, const recoup_finding_row *first, tally *t) {
    const planted *p = &made->planted;
    bool flagged = first && strcmp(first->verdict, "found") == 0;
    t->n++;
    t->flagged += flagged;
    bool right = flagged && strcmp(first->cause, plant_names[p->kind]) == 0;
    t->right_cause += right;
    right = right && strcmp(first->stage, p->stage) == 0 && strcmp(first->cohort, p->cohort) == 0 &&
            strcmp(first->competitor, p->competitor) == 0;
    t->right_subject += right;
    return right;
}

/* What the findings say instead, the first three. */
static void print_wrong(const company *made, uint64_t seed, const recoup_finding_row *row, int n) {
    const planted *p = &made->planted;
    printf("  seed %llu, planted: %s %s%s%s\n", (unsigned long long)seed, plant_names[p->kind],
           p->stage, p->cohort, p->competitor);
    for (int i = 0; i < n && i < 3; i++)
        printf("    %s: %s, p %.2g, q %.2g: %s\n", row[i].cause, row[i].verdict, row[i].p_value,
               row[i].q_value, row[i].sentence);
}

typedef struct options {
    int books, first, last; /* first and last plant */
    uint64_t seed;
    bool check, verbose;
} options;

/* One book. False: out of memory. */
static bool diagnose(plant kind, int book, const options *asked, tally *t) {
    company made;
    recoup_error error = RECOUP_ERROR_INIT;
    uint64_t seed = asked->seed * 1000003 + (uint64_t)kind * 100000 + (uint64_t)book;
    recoup_scenario scenario = {.simulation = {.seed = (int64_t)seed}};
    recoup_results results = {0};
    recoup_engine_options engine = {0};
    bool enough = company_create(kind, seed, &made);
    const recoup_diagnosing diagnosing = {.scenario = &scenario,
                                          .model = &made.model,
                                          .view = made.view,
                                          .engine = &engine,
                                          .results = &results,
                                          .error = &error};
    enough = enough && recoup_diagnose_causes(&diagnosing) == RECOUP_OK;
    if (enough) {
        int n, flagged = t->flagged;
        const recoup_finding_row *row = recoup_results_records(&results, RECOUP_RECORD_FINDING, &n);
        bool right = count(&made, n > 0 ? row : NULL, t);
        if (asked->verbose && (kind == PLANT_NOTHING ? t->flagged > flagged : !right))
            print_wrong(&made, seed, row, n);
    }
    recoup_records_clear(&results);
    recoup_arena_clear(&results.arena);
    recoup_error_clear(&error);
    company_clear(&made);
    return enough;
}

static void print_cell(int k, int n) {
    printf("  %4d (%2.0f-%3.0f %%)", k, 100 * lower(k, n), 100 * upper(k, n));
}

static void print_row(plant kind, const tally *t) {
    printf("%-44s  %5d", plant_meanings[kind], t->n);
    if (kind == PLANT_NOTHING) {
        printf("%34s", "");
    } else {
        print_cell(t->right_cause, t->n);
        print_cell(t->right_subject, t->n);
    }
    print_cell(t->flagged, t->n);
    printf("\n");
    fflush(stdout);
}

/* Whether so few would be as unlikely as 1 in 1,000 with a share of 90 %. */
static bool too_few(int k, int n) {
    return gsl_cdf_binomial_P((unsigned)k, .9, (unsigned)n) < .001;
}

static int find_plant(const char *name) {
    for (int k = 0; k < N_PLANTS; k++)
        if (strcmp(plant_names[k], name) == 0)
            return k;
    return -1;
}

static bool read_options(int argc, char **argv, options *asked) {
    *asked = (options){.books = 100, .last = N_PLANTS - 1, .seed = 1};
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--check") == 0)
            asked->check = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            asked->verbose = true;
        else if (more && strcmp(argv[i], "--books") == 0)
            asked->books = (int)strtol(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--seed") == 0)
            asked->seed = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--only") == 0)
            asked->first = asked->last = find_plant(argv[++i]);
        else
            return false;
    }
    return asked->books > 0 && asked->first >= 0;
}

int main(int argc, char **argv) {
    options asked;
    bool good = true;
    if (!read_options(argc, argv, &asked)) {
        fprintf(stderr, "usage: %s [--books N] [--seed N] [--only PLANT] [--check] [--verbose]\n",
                argv[0]);
        return 2;
    }
    printf("%-44s  books  right cause first  right subject  anything found\n", "planted");
    for (int kind = asked.first; kind <= asked.last; kind++) {
        tally t = {0};
        for (int b = 0; b < asked.books; b++)
            if (!diagnose((plant)kind, b, &asked, &t)) {
                fprintf(stderr, "out of memory\n");
                return 1;
            }
        print_row((plant)kind, &t);
        good = good && !too_few(kind == PLANT_NOTHING ? t.n - t.flagged : t.right_cause, t.n);
    }
    return asked.check && !good ? 1 : 0;
}
