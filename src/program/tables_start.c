/* The last cell before a mark, where exits may be so quick that V jumps within it: stages of
 * minutes between others of days. V is computed on grids of 8 cells, of which each covers the first
 * cell (of time left) of the one that is 8 times coarser and gives it V, its mean and its slope
 * there; the finest is so fine that no exit takes more than a fifth of the entrants within a cell.
 */
#include "program/tables_build.h"

#include <math.h>
#include <string.h>

enum { N = RECOUP_TABLES_REFINE, MAX_PASSES = 200 };

typedef struct levels {
    recoup_build *build;
    const recoup_stretch **now; /* in force, by stage */
    double step;
    int lowest; /* 1: V(1), and the mean and the slope of the first cell, are known; 0: not yet */
    double *value, *mean, *slope; /* [stage][0 .. N], [stage][N], [stage] */
    double *sum;                  /* [0 .. N] */
    double *chance;               /* [exit] */
    double *row;                  /* [half cell] */
    recoup_masses masses;
} levels;

size_t recoup_start_scratch(const recoup_build *build) {
    size_t stages = (size_t)build->program->n_stages, width = build->max_width;
    size_t exits = (size_t)build->program->exit_first[stages];
    return (stages * (2 * N + 2) + N + 1 + exits + 1) * width + 2 * N + 1 + 3 * (N + 1);
}

static double *take(double **at, size_t n) {
    double *result = *at;
    *at += n;
    return result;
}

static void lay_out(levels *of, recoup_build *build) {
    size_t stages = (size_t)build->program->n_stages, width = (size_t)build->width;
    double *at = build->level;
    *of = (levels){.build = build};
    of->value = take(&at, stages * (N + 1) * width);
    of->mean = take(&at, stages * N * width);
    of->slope = take(&at, stages * width);
    of->sum = take(&at, (N + 1) * width);
    of->chance = take(&at, (size_t)build->program->exit_first[stages] * width);
    of->row = take(&at, 2 * N + 1);
    of->masses = (recoup_masses){
        .mass = take(&at, N + 1), .first = take(&at, N + 1), .folded = take(&at, N + 1)};
}

/* The stretches in force in a cell. False: laws change within it, or a stage stands still. */
static bool find_stretches(const recoup_build *build, int cell, levels *of) {
    for (int stage = 0; stage < build->program->n_stages; stage++) {
        const recoup_stretch *at = build->stretch[stage];
        while (!at->last && at->end <= cell)
            at++;
        if (at->part != 1 || at->speed == 0)
            return false;
        of->now[stage] = at;
    }
    return true;
}

static int count_levels(const levels *of) {
    const recoup_build *build = of->build;
    const int *exit_first = build->program->exit_first;
    int n = 0;
    for (int stage = 0; stage < build->program->n_stages; stage++)
        for (int e = 0; e < exit_first[stage + 1] - exit_first[stage]; e++) {
            int own = build->survival[of->now[stage]->survival[e]].n_levels;
            n = own > n ? own : n;
        }
    return n;
}

/* Odds of the exits on entering. */
static void set_chances(levels *of) {
    const recoup_build *build = of->build;
    const int *exit_first = build->program->exit_first;
    int width = build->width;
    for (int stage = 0; stage < build->program->n_stages; stage++) {
        double *chance = of->chance + exit_first[stage] * width;
        int n_exits = exit_first[stage + 1] - exit_first[stage];
        recoup_shares_set(build, stage, of->now[stage], chance);
        for (int i = 0; i < width; i++) {
            double all = 0;
            for (int e = 0; e < n_exits; e++)
                all += chance[e * width + i];
            for (int e = 0; e < n_exits; e++)
                chance[e * width + i] /= all;
        }
    }
}

static void set_row(levels *of, const recoup_dist *dwell) {
    for (int k = 0; k <= 2 * N; k++)
        of->row[k] = recoup_dist_survival(dwell, .5 * k * of->step);
}

static void add_exit(levels *of, int exit, const recoup_dist *dwell) {
    const recoup_build *build = of->build;
    int target = build->program->exit[exit].target, width = build->width;
    const double *chance = of->chance + exit * width;
    set_row(of, dwell);
    for (int left = of->lowest + 1; target == RECOUP_EXIT_WON && left <= N; left++)
        for (int i = 0; i < width; i++)
            of->sum[left * width + i] += chance[i] * (of->row[0] - of->row[2 * left]);
    if (target < 0)
        return;
    recoup_masses_set(&of->masses, of->row, N);
    if (recoup_entry_is_steep(of->row)) {
        recoup_entry entry = recoup_entry_at(dwell, 0, of->step);
        of->masses.first[0] = entry.first;
        of->masses.curve = entry.curve;
    }
    const double *value = of->value + (ptrdiff_t)target * (N + 1) * width;
    const double *mean = of->mean + (ptrdiff_t)target * N * width;
    const double *slope = of->lowest ? of->slope + target * width : NULL;
    for (int left = of->lowest + 1; left <= N; left++) {
        recoup_worth worth = recoup_worth_of(&of->masses, left, value + left * width,
                                             mean + (left - 1) * width, slope, width);
        build->kernels->add_worth(of->sum + left * width, chance, &worth);
    }
}

static void set_means(levels *of, int stage) {
    const recoup_build *build = of->build;
    const recoup_program *program = build->program;
    int width = build->width, first = program->exit_first[stage];
    double *value = of->value + (ptrdiff_t)stage * (N + 1) * width;
    double *mean = of->mean + (ptrdiff_t)stage * N * width;
    for (int i = of->lowest; i < N; i++)
        recoup_mean_set(value, mean, i, of->lowest, N, width);
    for (int e = first; e < program->exit_first[stage + 1]; e++) {
        if (program->exit[e].target != RECOUP_EXIT_WON)
            continue;
        set_row(of, &build->survival[of->now[stage]->survival[e - first]].dwell);
        for (int i = of->lowest; i < N; i++) {
            double error = recoup_mean_error(of->row, i, of->lowest, N);
            for (int k = 0; k < width; k++)
                mean[i * width + k] += error * of->chance[e * width + k];
        }
    }
    for (int i = 0; of->lowest == 0 && i < width; i++)
        of->slope[stage * width + i] = -value[width + i];
}

/* One pass over the stages; the largest change of a value. */
static double solve_stages(levels *of) {
    const recoup_build *build = of->build;
    const recoup_program *program = build->program;
    int width = build->width, from = of->lowest + 1;
    double change = 0;
    for (int stage = program->n_stages - 1; stage >= 0; stage--) {
        double *value = of->value + (ptrdiff_t)stage * (N + 1) * width;
        int first = program->exit_first[stage];
        memset(of->sum, 0, (size_t)((N + 1) * width) * sizeof *of->sum);
        for (int e = first; e < program->exit_first[stage + 1]; e++)
            add_exit(of, e, &build->survival[of->now[stage]->survival[e - first]].dwell);
        for (int i = from * width; i < (N + 1) * width; i++) {
            change = fabs(of->sum[i] - value[i]) > change ? fabs(of->sum[i] - value[i]) : change;
            value[i] = of->sum[i];
        }
        set_means(of, stage);
    }
    return change;
}

/* V(1), the mean and the slope of the first cell of the next coarser grid. */
static void coarsen(levels *of) {
    int width = of->build->width;
    for (int stage = 0; stage < of->build->program->n_stages; stage++) {
        double *value = of->value + (ptrdiff_t)stage * (N + 1) * width;
        double *mean = of->mean + (ptrdiff_t)stage * N * width, *slope = of->slope + stage * width;
        for (int i = 0; i < width; i++) {
            double sum = 0, moment = -slope[i] / (12 * N);
            for (int k = 0; k < N; k++) {
                sum += mean[k * width + i];
                moment += ((k + .5) / N - .5) * mean[k * width + i];
                if (k > 0)
                    moment += (value[(k + 1) * width + i] - value[k * width + i]) / (12 * N);
            }
            value[width + i] = value[N * width + i];
            mean[i] = sum / N;
            slope[i] = -12 * moment / N;
        }
    }
    of->lowest = 1;
}

static void solve_start(levels *of, int n_levels, int row) {
    recoup_build *build = of->build;
    int n_stages = build->program->n_stages, width = build->width;
    of->lowest = 0;
    memset(of->value, 0, (size_t)(n_stages * (N + 1) * width) * sizeof *of->value);
    memset(of->mean, 0, (size_t)(n_stages * N * width) * sizeof *of->mean);
    set_chances(of);
    for (int level = n_levels; level > 0; level--) {
        of->step = build->step / pow(N, level);
        for (int pass = 0; pass < MAX_PASSES && solve_stages(of) > 1e-13; pass++)
            ;
        coarsen(of);
    }
    for (int stage = 0; stage < n_stages; stage++) {
        size_t size = (size_t)width * sizeof(double);
        memcpy(recoup_start_row(build, build->start_value, stage, row),
               of->value + (ptrdiff_t)(stage * (N + 1) + 1) * width, size);
        memcpy(recoup_start_row(build, build->start_mean, stage, row),
               of->mean + (ptrdiff_t)stage * N * width, size);
        memcpy(recoup_start_row(build, build->start_slope, stage, row), of->slope + stage * width,
               size);
    }
}

/* Rows whose last cells have the same laws have the same start. */
static void copy_start(recoup_build *build, int row) {
    size_t size = (size_t)build->program->n_stages * (size_t)build->width;
    double *const starts[] = {build->start_value, build->start_mean, build->start_slope};
    for (int i = 0; i < 3; i++)
        memcpy(starts[i] + (size_t)row * size, starts[i] + (size_t)(row - 1) * size,
               size * sizeof(double));
}

void recoup_starts_set(recoup_build *build) {
    size_t n_stages = (size_t)build->program->n_stages;
    levels of;
    lay_out(&of, build);
    for (int row = 0; row < build->n_rows; row++) {
        const recoup_stretch **before = build->in_force + (size_t)((row + 1) % 2) * n_stages;
        of.now = build->in_force + (size_t)(row % 2) * n_stages;
        int n_levels = find_stretches(build, build->row_end[row] - 1, &of) ? count_levels(&of) : 0;
        build->has_start[row] = n_levels > 0;
        if (n_levels == 0)
            continue;
        if (row > 0 && build->has_start[row - 1] &&
            memcmp(before, of.now, n_stages * sizeof *before) == 0)
            copy_start(build, row);
        else
            solve_start(&of, n_levels, row);
    }
    size_t n = (size_t)build->n_rows * n_stages * (size_t)build->width;
    for (size_t i = 0; i < n; i++)
        build->fast_slope[i] = (float)build->start_slope[i];
}
