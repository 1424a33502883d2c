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

static bool diagnose(plant kind, uint64_t seed, bool verbose, tally *t) {
    company made;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario scenario = {.simulation = {.seed = (int64_t)seed}};
    recoup_results results = {0};
    recoup_engine_options options = {0};
    bool enough = company_create(kind, seed, &made);
    const recoup_diagnosing diagnosing = {.scenario = &scenario,
                                          .model = &made.model,
                                          .view = made.view,
                                          .engine = &options,
                                          .results = &results,
                                          .error = &error};
    enough = enough && recoup_diagnose_causes(&diagnosing) == RECOUP_OK;
    int n;
    const recoup_finding_row *row = recoup_results_records(&results, RECOUP_RECORD_FINDING, &n);
    if (enough) {
        bool right = count(&made, n > 0 ? row : NULL, t);
        bool flagged = n > 0 && strcmp(row->verdict, "found") == 0;
        if (verbose && (kind == PLANT_NOTHING ? flagged : !right)) {
            printf("  seed %llu, planted %s %s %s:", (unsigned long long)seed, plant_names[kind],
                   made.planted.stage,
                   *made.planted.cohort ? made.planted.cohort : made.planted.competitor);
            for (int i = 0; i < n && i < 3; i++)
                printf("\n    %s: %s, p %.2g, q %.2g: %s", row[i].cause, row[i].verdict,
                       row[i].p_value, row[i].q_value, row[i].sentence);
            printf("\n");
        }
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

/* Whether so few would be as unlikely as 1 in 1,000 with a share of 90 %. */
static bool too_few(int k, int n) {
    return gsl_cdf_binomial_P((unsigned)k, .9, (unsigned)n) < .001;
}

int main(int argc, char **argv) {
    int books = 100, first = 0, last = N_PLANTS - 1;
    bool check = false, verbose = false, good = true;
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--books") == 0 && i + 1 < argc)
            books = atoi(argv[++i]);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            for (i++, first = 0; first < N_PLANTS && strcmp(plant_names[first], argv[i]) != 0;)
                first++;
            last = first;
        } else if (strcmp(argv[i], "--check") == 0)
            check = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            verbose = true;
        else {
            fprintf(stderr,
                    "usage: %s [--books N] [--seed N] [--only PLANT] [--check] [--verbose]\n",
                    argv[0]);
            return 2;
        }
    }
    printf("%-44s  books  right cause first  right subject  anything found\n", "planted");
    for (int kind = first; kind <= last && kind < N_PLANTS; kind++) {
        tally t = {0};
        for (int b = 0; b < books; b++)
            if (!diagnose((plant)kind, seed * 1000003 + (uint64_t)(kind * 100000 + b), verbose,
                          &t)) {
                fprintf(stderr, "failed\n");
                return 1;
            }
        printf("%-44s  %5d", plant_meanings[kind], t.n);
        if (kind == PLANT_NOTHING) {
            printf("%34s", "");
        } else {
            print_cell(t.right_cause, t.n);
            print_cell(t.right_subject, t.n);
        }
        print_cell(t.flagged, t.n);
        printf("\n");
        fflush(stdout);
        good = good && !too_few(kind == PLANT_NOTHING ? t.n - t.flagged : t.right_cause, t.n);
    }
    return check && !good ? 1 : 0;
}
