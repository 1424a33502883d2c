/* An open deal under a course: the stay it is in from its age on, with its own size and discount,
 * then the values of the stages it goes to. The same formulas as in tables_solve.c, in floats: a
 * sum of a few thousand terms below 1 is good to 1e-6. */
#include "program/tables_build.h"

#include <math.h>
#include <string.h>

/* Scratch of one deal. */
typedef struct stay {
    const recoup_build *build;
    double *row;                         /* [exit][half cell] */
    double *alive, *sum, *rate, *worth;  /* [x] */
    double *share;                       /* [exit][x] */
    double *mark_win;                    /* [mark][x] */
    double *node_weight;                 /* [discount][size] */
    float *mass, *first, *folded, *each; /* [cell], [cell], [cell], [node] */
    float curve;                         /* see recoup_masses */
} stay;

size_t recoup_deal_scratch(const recoup_build *build) {
    size_t cells = (size_t)build->n_cells + 2, x = (size_t)build->x.n;
    return RECOUP_PROGRAM_MAX_EXITS * (2 * cells + 1 + x) + 4 * x + (size_t)build->n_marks * x +
           RECOUP_TABLES_MAX_TERMS * RECOUP_TABLES_MAX_TERMS + 3 * cells + (size_t)build->width;
}

static double *take(double **at, size_t n) {
    double *result = *at;
    *at += n;
    return result;
}

static void lay_out(stay *deal, const recoup_build *build) {
    size_t cells = (size_t)build->n_cells + 2, x = (size_t)build->x.n;
    double *at = build->scratch;
    deal->build = build;
    deal->curve = 0;
    deal->row = take(&at, RECOUP_PROGRAM_MAX_EXITS * (2 * cells + 1));
    deal->share = take(&at, RECOUP_PROGRAM_MAX_EXITS * x);
    deal->alive = take(&at, x);
    deal->sum = take(&at, x);
    deal->rate = take(&at, x);
    deal->worth = take(&at, x);
    deal->mark_win = take(&at, (size_t)build->n_marks * x);
    deal->node_weight = take(&at, (size_t)RECOUP_TABLES_MAX_TERMS * RECOUP_TABLES_MAX_TERMS);
    deal->mass = (float *)(void *)take(&at, cells);
    deal->first = (float *)(void *)take(&at, cells);
    deal->folded = (float *)(void *)take(&at, cells);
    deal->each = (float *)(void *)take(&at, (size_t)build->width);
}

/* recoup_masses_set in floats. */
static void set_masses(stay *deal, const double *row, int n) {
    float *mass = deal->mass, *first = deal->first, *folded = deal->folded;
    for (int j = 0; j < n; j++) {
        double left = row[2 * j] - row[2 * j + 1], right = row[2 * j + 1] - row[2 * j + 2];
        mass[j] = (float)(left + right);
        first[j] = (float)((right - left) / 3);
    }
    if (n < 3) {
        memcpy(folded, mass, (size_t)n * sizeof *mass);
        return;
    }
    /* The slopes of the cells 1 .. n - 2. */
    folded[0] = mass[0] - .5f * first[1];
    folded[1] = n > 3 ? mass[1] - .5f * first[2] : mass[1];
    for (int j = 2; j < n - 2; j++)
        folded[j] = mass[j] + .5f * (first[j - 1] - first[j + 1]);
    if (n > 3)
        folded[n - 2] = mass[n - 2] + .5f * first[n - 3];
    folded[n - 1] = mass[n - 1] + .5f * first[n - 2];
}

/* recoup_worth_of and add_worth in floats; n_masses cells in all. */
static void weigh(stay *deal, int n, int n_masses, const float *value, const float *mean,
                  const float *slope) {
    int last = n - 1, width = deal->build->width;
    const float *before = last > 0 ? mean - (ptrdiff_t)(last - 1) * width : mean;
    const float *end = mean - (ptrdiff_t)last * width, *v = value - (ptrdiff_t)last * width;
    const float *after = slope ? slope : v - width, *from = slope ? v - width : v;
    bool single = slope && last == 0;
    float first = single ? 0 : deal->first[0], curve = single ? 0 : deal->curve;
    float at_last = last > 0 || slope ? deal->first[last] : 0;
    float folded = last > 0 && last < n_masses - 1 ? .5f * deal->first[last] : 0;
    float cut = n < n_masses - 1 ? .5f * deal->first[n] : 0;
    float *restrict worth = deal->each;
    deal->build->kernels->set_products(worth, deal->folded, n, mean, width);
    for (int i = 0; i < width; i++)
        worth[i] += (first * (value[i - width] - value[i]) + at_last * (after[i] - from[i])) +
                    (curve * (value[i] + value[i - width] - 2 * mean[i]) +
                     (folded * before[i] + cut * end[i]));
}

/* The worth at the deal's own size and discount. */
static void interpolate_nodes(stay *deal) {
    const recoup_build *build = deal->build;
    int n = build->size_axis->n * build->discount_axis->n, n_x = build->x.n;
    memset(deal->worth, 0, (size_t)n_x * sizeof *deal->worth);
    for (int node = 0; node < n; node++)
        for (int i = 0; i < n_x; i++)
            deal->worth[i] += deal->node_weight[node] * (double)deal->each[node * n_x + i];
}

static void set_node_weights(stay *deal, double log_size, double discount) {
    const recoup_build *build = deal->build;
    double size_weight[RECOUP_TABLES_MAX_TERMS], discount_weight[RECOUP_TABLES_MAX_TERMS];
    recoup_axis_weights(build->size_axis, log_size, size_weight);
    recoup_axis_weights(build->discount_axis, discount, discount_weight);
    for (int d = 0; d < build->discount_axis->n; d++)
        for (int s = 0; s < build->size_axis->n; s++)
            deal->node_weight[d * build->size_axis->n + s] = discount_weight[d] * size_weight[s];
}

static void add_worth(stay *deal, int e, int mark) {
    int n_x = deal->build->x.n;
    double *win = deal->mark_win + (size_t)mark * (size_t)n_x;
    for (int i = 0; i < n_x; i++)
        win[i] += deal->rate[i] * deal->share[e * n_x + i] * deal->worth[i];
}

/* Moments of the first cell. */
static void set_entry(stay *deal, int e, const recoup_stretch *stretch, double age,
                      const double *row) {
    const recoup_survival *survival = &deal->build->survival[stretch->survival[e]];
    deal->curve = 0;
    if (stretch->part != 1) {
        deal->first[0] =
            (float)recoup_stretch_moment(stretch, (double)deal->mass[0], (double)deal->first[0]);
    } else if (recoup_entry_is_steep(row)) {
        recoup_entry entry =
            recoup_entry_at(&survival->dwell, age / stretch->speed, deal->build->step);
        deal->first[0] = (float)(row[0] * entry.first);
        deal->curve = (float)(row[0] * entry.curve);
    }
}

static void add_exit(stay *deal, int target, int e, const recoup_stretch *stretch, double age,
                     const double *row) {
    const recoup_build *build = deal->build;
    int cell = stretch->first, n_cells = stretch->end - cell;
    if (target >= 0) {
        set_masses(deal, row, n_cells);
        set_entry(deal, e, stretch, age, row);
    }
    for (int mark = 0; mark < build->n_marks; mark++) {
        int left = build->mark[mark] - cell, n = left < n_cells ? left : n_cells;
        if (n <= 0)
            continue;
        if (target == RECOUP_EXIT_WON) {
            for (int i = 0; i < build->x.n; i++)
                deal->worth[i] = row[0] - row[2 * n];
        } else {
            int r = build->steady ? 0 : mark;
            size_t at = (size_t)target * build->stage_values + build->row_at[r] + (size_t)left;
            size_t width = (size_t)build->width;
            size_t start = (size_t)(r * build->program->n_stages + target) * width;
            weigh(deal, n, n_cells, build->fast_value + at * width,
                  build->fast_mean + (at - 1) * width,
                  build->has_start[r] && n == left ? build->fast_slope + start : NULL);
            interpolate_nodes(deal);
        }
        add_worth(deal, e, mark);
    }
}

static void set_shares(stay *deal, const recoup_stretch *stretch, int first, int n_exits,
                       const double *tilt, double points) {
    const recoup_build *build = deal->build;
    int n_x = build->x.n;
    for (int e = 0; e < n_exits; e++) {
        double odds = stretch->odds[e] * tilt[e];
        if (points > 0 && build->program->exit[first + e].target == RECOUP_EXIT_WON)
            odds *=
                exp(-stretch->cap_share * build->course.plan->cap->win_logit_per_point * points);
        for (int i = 0; i < n_x; i++)
            deal->share[e * n_x + i] = odds * build->market[(first + e) * n_x + i];
    }
}

static void set_sum(stay *deal, int n_exits, const double *const *row, int half) {
    int n_x = deal->build->x.n;
    memset(deal->sum, 0, (size_t)n_x * sizeof *deal->sum);
    for (int e = 0; e < n_exits; e++)
        for (int i = 0; i < n_x; i++)
            deal->sum[i] += row[e][half] * deal->share[e * n_x + i];
}

/* Marks to slots. */
static void set_slots(const stay *deal, double *win) {
    const recoup_build *build = deal->build;
    int n_x = build->x.n;
    for (int slot = 0; slot < build->tables->n_slots; slot++) {
        int mark = build->slot_mark[slot];
        double share = build->slot_share[slot];
        const double *low = deal->mark_win + (size_t)(mark < 0 ? 0 : mark) * (size_t)n_x;
        const double *high = deal->mark_win + (size_t)(mark + (share > 0)) * (size_t)n_x;
        for (int i = 0; i < n_x; i++) {
            double from = mark < 0 ? 0 : low[i];
            win[slot * n_x + i] = share > 0 ? from + share * (high[i] - from) : from;
        }
    }
}

void recoup_deal_solve(const recoup_build *build, const recoup_program_deal *open, double *win) {
    const recoup_program *program = build->program;
    int first = program->exit_first[open->stage], n_x = build->x.n;
    int n_exits = program->exit_first[open->stage + 1] - first;
    double tilt[RECOUP_PROGRAM_MAX_EXITS], age = open->age_days, points = 0;
    stay deal;
    lay_out(&deal, build);
    memset(deal.mark_win, 0, (size_t)build->n_marks * (size_t)n_x * sizeof *deal.mark_win);
    set_node_weights(&deal, open->log_size, open->discount);
    if (build->course.capped)
        points = 100 * fmax(0, open->discount - build->course.plan->cap->max);
    for (int e = 0; e < n_exits; e++) {
        const recoup_program_exit *exit = &program->exit[first + e];
        double logit = exit->size_logit * open->log_size + exit->discount_logit * open->discount;
        tilt[e] = logit != 0 ? exp(fmax(-200, fmin(200, logit))) : 1;
    }
    for (int i = 0; i < n_x; i++)
        deal.alive[i] = 1;
    for (int k = 0; k < build->n_stretches[open->stage]; k++) {
        const recoup_stretch *stretch = &build->stretch[open->stage][k];
        const double *row[RECOUP_PROGRAM_MAX_EXITS];
        int n_cells = stretch->end - stretch->first;
        if (stretch->speed == 0)
            continue;
        if (!recoup_survival_rows(build, stretch, n_exits, age, 2 * n_cells + 1, deal.row, row))
            break;
        set_shares(&deal, stretch, first, n_exits, tilt, points);
        set_sum(&deal, n_exits, row, 0);
        for (int i = 0; i < n_x; i++)
            deal.rate[i] = deal.sum[i] > 0 ? deal.alive[i] / deal.sum[i] : 0;
        for (int e = 0; e < n_exits; e++) {
            int target = program->exit[first + e].target;
            if (target >= 0 || target == RECOUP_EXIT_WON)
                add_exit(&deal, target, e, stretch, age, row[e]);
        }
        if (stretch->last)
            break;
        set_sum(&deal, n_exits, row, 2 * n_cells);
        for (int i = 0; i < n_x; i++)
            deal.alive[i] = deal.rate[i] * deal.sum[i];
        age += stretch->speed * n_cells * stretch->part * build->step;
    }
    set_slots(&deal, win);
}
