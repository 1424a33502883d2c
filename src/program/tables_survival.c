/* Survival functions on half cells, one table per (exit, time scale), and rows of them from any age
 * on. */
#include "program/tables_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    N_BUCKETS = 4096,
    N_YOUNG = 6 /* half cells from age 0 in which a density may be too steep to interpolate */
};

static size_t hash(int exit, double mu) {
    uint64_t bits;
    memcpy(&bits, &mu, sizeof bits);
    bits = (bits ^ (uint64_t)exit) * 0x9e3779b97f4a7c15u;
    return (size_t)(bits >> 52);
}

static int stage_of(const recoup_program *program, int exit) {
    int stage = 0;
    while (program->exit_first[stage + 1] <= exit)
        stage++;
    return stage;
}

/* Of exits that win nothing only the survival at a few ages is asked for. */
static bool is_idle(const recoup_program *program, int exit) {
    int target = program->exit[exit].target;
    return target == RECOUP_EXIT_LOST || target == RECOUP_EXIT_NEVER;
}

/* Integrals of S and of u·S over a cell, u in cells from its start on. */
typedef struct integrals {
    double plain, linear;
} integrals;

static integrals simpson(double start, double middle, double end) {
    return (integrals){(start + 4 * middle + end) / 6, (2 * middle + end) / 6};
}

/* S = exp(log S - base). */
static double relative(const recoup_dist *dwell, double age, double base) {
    return exp(recoup_dist_log_survival(dwell, age) - base);
}

static integrals integrate(const recoup_dist *dwell, double age, double days, double base,
                           int depth) {
    const int n = RECOUP_TABLES_REFINE;
    double row[3] = {relative(dwell, age, base), relative(dwell, age + .5 * days, base),
                     relative(dwell, age + days, base)};
    if (depth == 0 || !recoup_entry_is_steep(row))
        return simpson(row[0], row[1], row[2]);
    integrals sum = integrate(dwell, age, days / n, base, depth - 1);
    double start = relative(dwell, age + days / n, base);
    for (int k = 1; k < n; k++) {
        double end = relative(dwell, age + (k + 1) * days / n, base);
        integrals part = simpson(start, relative(dwell, age + (k + .5) * days / n, base), end);
        sum.plain += part.plain;
        sum.linear += k * part.plain + part.linear;
        start = end;
    }
    return (integrals){sum.plain / n, sum.linear / (n * n)};
}

/* By parts: the moments of the exits about the start are S's integrals less its value at the end.
 */
static recoup_entry moments(integrals of, double start, double end) {
    double mass = start - end, first = of.plain - end, second = 2 * of.linear - end;
    return (recoup_entry){first - .5 * mass, 3 * (second - first + mass / 6)};
}

static recoup_entry entry_of(const double *row) {
    return moments(simpson(row[0], row[1], row[2]), row[0], row[2]);
}

recoup_entry recoup_entry_at(const recoup_dist *dwell, double age, double days) {
    double base = recoup_dist_log_survival(dwell, age);
    if (!(base > -INFINITY))
        return (recoup_entry){0};
    return moments(integrate(dwell, age, days, base, RECOUP_TABLES_MAX_LEVELS), 1,
                   relative(dwell, age + days, base));
}

static bool fill(recoup_build *build, recoup_survival *table) {
    double half = .5 * build->step;
    if (is_idle(build->program, table->exit)) {
        table->n = 1;
        table->at = RECOUP_BUILD_NEW(build, double, 1);
        if (table->at)
            table->at[0] = 1;
        return table->at;
    }
    double lag = build->longest_lag[stage_of(build->program, table->exit)];
    table->n = 2 * build->n_cells + (int)(lag / half) + 6;
    if (!(table->at = RECOUP_BUILD_NEW(build, double, table->n)))
        return false;
    for (int i = 0; i < table->n; i++)
        table->at[i] = recoup_dist_survival(&table->dwell, i * half);
    table->entry = entry_of(table->at);
    if (!recoup_entry_is_steep(table->at))
        return true;
    table->entry = recoup_entry_at(&table->dwell, 0, build->step);
    double days = build->step, row[3] = {1, 0, 0};
    while (table->n_levels < RECOUP_TABLES_MAX_LEVELS && recoup_entry_is_steep(row)) {
        table->n_levels++;
        days /= RECOUP_TABLES_REFINE;
        row[2] = recoup_dist_survival(&table->dwell, days);
    }
    return true;
}

int recoup_survival_find(recoup_build *build, int exit, double mu) {
    const recoup_program_exit *law = &build->program->exit[exit];
    if (!build->bucket) {
        if (!(build->bucket = RECOUP_BUILD_NEW(build, int, N_BUCKETS)))
            return -1;
        for (int i = 0; i < N_BUCKETS; i++)
            build->bucket[i] = -1;
    }
    if (law->dwell.family == RECOUP_NEVER)
        mu = 0;
    size_t at = hash(exit, mu);
    for (; build->bucket[at] >= 0; at = (at + 1) % N_BUCKETS) {
        const recoup_survival *table = &build->survival[build->bucket[at]];
        if (table->exit == exit && table->dwell.mu == mu)
            return build->bucket[at];
    }
    if (build->n_survivals >= N_BUCKETS / 2) { /* linear search is no worse than a grown table */
        for (int i = N_BUCKETS / 2; i < build->n_survivals; i++)
            if (build->survival[i].exit == exit && build->survival[i].dwell.mu == mu)
                return i;
    } else {
        build->bucket[at] = build->n_survivals;
    }
    if (!RECOUP_GROW(build->survival, build->n_survivals, build->survival_capacity))
        return -1;
    recoup_survival *table = &build->survival[build->n_survivals];
    *table = (recoup_survival){.exit = exit, .dwell = law->dwell};
    table->dwell.mu = mu;
    if (!fill(build, table))
        return -1;
    return build->n_survivals++;
}

/* S at lag + i·half by the distribution itself; base: subtracted from its log. */
static void evaluate(const recoup_survival *table, double lag, double half, double base, int n,
                     double *row) {
    for (int i = 0; i < n; i++)
        row[i] = exp(recoup_dist_log_survival(&table->dwell, lag + i * half) - base);
}

/* Weights of the six table entries -2 .. 3 around a place t beyond entry 0 (Lagrange). */
static void set_weights(double t, double *weight) {
    for (int i = 0; i < 6; i++) {
        weight[i] = 1;
        for (int j = 0; j < 6; j++)
            if (j != i)
                weight[i] *= (t + 2 - j) / (i - j);
    }
}

/* Interpolation of fifth degree with one fraction for the whole row. False: the table does not
 * serve. *row becomes a place in the table, or stays where it is filled. */
static bool interpolate(const recoup_survival *table, double lag, double half, int n, double *own,
                        const double **row) {
    double place = lag / half, w[6];
    if (!(place < table->n))
        return false;
    int i = (int)(place + 1e-9);
    double t = place - i;
    if (fabs(t) < 1e-8) {
        *row = table->at + i;
        return i + n <= table->n;
    }
    if (i + n + 3 > table->n)
        return false;
    int young = i < N_YOUNG ? N_YOUNG - i : 0;
    if (young > n)
        young = n;
    const double *at = table->at + i + young;
    if (at[2] < .45 * at[-1]) /* falls by more than a quarter in each half cell */
        return false;
    set_weights(t, w);
    evaluate(table, lag, half, 0, young, own);
    *row = own;
    own += young;
    for (int k = 0; k < n - young; k++)
        own[k] = (w[0] * at[k - 2] + w[1] * at[k - 1]) + (w[2] * at[k] + w[3] * at[k + 1]) +
                 (w[4] * at[k + 2] + w[5] * at[k + 3]);
    return true;
}

/* The row by the distribution itself; of an idle exit only its ends, the second where the stretch
 * is not the last. */
static void evaluate_row(const recoup_build *build, const recoup_survival *table, bool last,
                         double lag, double half, double base, int n, double *row) {
    bool idle = is_idle(build->program, table->exit);
    evaluate(table, lag, half, base, idle ? 1 : n, row);
    if (idle && !last)
        evaluate(table, lag + (n - 1) * half, half, base, 1, row + n - 1);
}

bool recoup_survival_rows(const recoup_build *build, const recoup_stretch *stretch, int n_exits,
                          double age, int n, double *buffer, const double **row) {
    double half = .5 * build->step * stretch->part, lag = age / stretch->speed;
    double highest = 0, base = -INFINITY;
    for (int e = 0; e < n_exits; e++) {
        const recoup_survival *table = &build->survival[stretch->survival[e]];
        double *own = buffer + (size_t)e * (size_t)n;
        if (stretch->part != 1 || !interpolate(table, lag, half, n, own, &row[e])) {
            evaluate_row(build, table, stretch->last, lag, half, 0, n, own);
            row[e] = own;
        }
        highest = fmax(highest, row[e][0]);
    }
    if (highest > 1e-20) /* floats go down to 1e-38 */
        return true;
    for (int e = 0; e < n_exits; e++)
        base =
            fmax(base, recoup_dist_log_survival(&build->survival[stretch->survival[e]].dwell, lag));
    if (!(base > -INFINITY))
        return false;
    for (int e = 0; e < n_exits; e++) {
        const recoup_survival *table = &build->survival[stretch->survival[e]];
        double *own = buffer + (size_t)e * (size_t)n;
        evaluate_row(build, table, stretch->last, lag, half, base, n, own);
        row[e] = own;
    }
    return true;
}

/* The density is taken as linear within the cell: its halves weigh m(1 ∓ s/4)/2, its first moment
 * is m·s/12. */
void recoup_masses_set(recoup_masses *masses, const double *row, int n) {
    double *mass = masses->mass, *first = masses->first, *folded = masses->folded;
    masses->n = n;
    masses->curve = 0;
    for (int j = 0; j < n; j++) {
        double left = row[2 * j] - row[2 * j + 1], right = row[2 * j + 1] - row[2 * j + 2];
        mass[j] = left + right;
        first[j] = (right - left) / 3;
        folded[j] = mass[j];
    }
    for (int j = 1; j + 1 < n; j++) {
        folded[j - 1] -= .5 * first[j];
        folded[j + 1] += .5 * first[j];
    }
}
