/* Values: V_s(tau; node) = P(won by the mark | enters stage s at tau), backward in time.
 *
 * In a stretch that starts at age a with a share `alive` of the entrants, exit e takes in a cell
 * alive·p_e·[S_e(a_j) - S_e(a_j+1)] / sum_r p_r·S_r(a): the survivors' odds are taken from the laws
 * of the stretch at their operational age. What such an exit is worth is the mean of V_target over
 * the cell plus its slope there times the first moment of the exits: both to fourth order. A stage
 * is solved when those after it are; stages that lead back to each other are solved together, each
 * entry for V at the entry itself.
 */
#include "program/tables_build.h"

#include <math.h>
#include <string.h>

enum { MAX_PASSES = 200 };

/* Scratch of one solution. */
typedef struct solver {
    recoup_build *build;
    int first_stage, end_stage;         /* the group that is solved */
    bool is_cyclic;                     /* it leads back to itself */
    int first_row;                      /* rows before it are not computed now: see share_rows */
    double *alive, *sum, *rate, *worth; /* [node] */
    double *share;                      /* [exit of the stage][node]: p up to a factor */
    double *known, *factor;             /* [stage][row][node], [exit][row][node]: V = known +
                                           factor·V_target, both at the entry */
    double *win_chance; /* [exit][row][node]: on entering, under the laws at the mark; won only */
    const recoup_stretch **at_mark; /* [stage][row]: these laws; NULL: they change there */
    double *row;                    /* [exit of the stage][half cell] */
    double *start;                  /* [row]: weight of V at the entry in the first mean */
    recoup_masses masses;
    /* Entries in the last stretch all have the same law: for each exit its odds at the nodes and
     * its masses. */
    double *chance; /* [exit][node] */
    recoup_masses *newborn;
    const double **newborn_row; /* [exit] */
    bool *is_settled;           /* [stage]: these are set */
} solver;

static int n_exits_of(const recoup_build *build) {
    return build->program->exit_first[build->program->n_stages];
}

size_t recoup_solve_scratch(const recoup_build *build) {
    size_t n_exits = (size_t)n_exits_of(build), cells = (size_t)build->n_cells + 2;
    size_t width = (size_t)build->width, rows = (size_t)build->n_marks;
    size_t stages = (size_t)build->program->n_stages;
    return (4 + RECOUP_PROGRAM_MAX_EXITS) * width + (stages + 2 * n_exits) * rows * width +
           stages * rows + RECOUP_PROGRAM_MAX_EXITS * (2 * cells + 1) + rows +
           3 * cells * (1 + n_exits) +
           n_exits * (width + 1 + sizeof(recoup_masses) / sizeof(double)) + stages + 8;
}

static double *take(double **at, size_t n) {
    double *result = *at;
    *at += n;
    return result;
}

static recoup_masses take_masses(double **at, size_t cells) {
    return (recoup_masses){
        .mass = take(at, cells), .first = take(at, cells), .folded = take(at, cells)};
}

static void lay_out(solver *solve, recoup_build *build) {
    size_t n_exits = (size_t)n_exits_of(build), cells = (size_t)build->n_cells + 2;
    size_t width = (size_t)build->width, rows = (size_t)build->n_rows;
    size_t stages = (size_t)build->program->n_stages;
    double *at = build->scratch;
    solve->build = build;
    solve->alive = take(&at, width);
    solve->sum = take(&at, width);
    solve->rate = take(&at, width);
    solve->worth = take(&at, width);
    solve->share = take(&at, RECOUP_PROGRAM_MAX_EXITS * width);
    solve->known = take(&at, stages * rows * width);
    solve->factor = take(&at, n_exits * rows * width);
    solve->win_chance = take(&at, n_exits * rows * width);
    solve->at_mark = (const recoup_stretch **)(void *)take(&at, stages * rows);
    solve->row = take(&at, RECOUP_PROGRAM_MAX_EXITS * (2 * cells + 1));
    solve->start = take(&at, rows);
    solve->masses = take_masses(&at, cells);
    solve->chance = take(&at, n_exits * width);
    double *newborn = take(&at, 3 * cells * n_exits);
    solve->newborn = (recoup_masses *)(void *)at;
    solve->newborn_row = (const double **)(void *)(solve->newborn + n_exits);
    solve->is_settled = (bool *)(void *)(solve->newborn_row + n_exits);
    for (size_t e = 0; e < n_exits; e++)
        solve->newborn[e] = take_masses(&newborn, cells);
    memset(solve->is_settled, 0, stages * sizeof *solve->is_settled);
}

static double *row_of(const recoup_build *build, double *values, int stage, int row) {
    return values +
           ((size_t)stage * build->stage_values + build->row_at[row]) * (size_t)build->width;
}

static void add_scaled(double *restrict sum, double scale, const double *restrict row, int width) {
    for (int i = 0; i < width; i++)
        sum[i] += scale * row[i];
}

/* The weight of the value at the entry in `weigh`, where it is `start` of the first mean. */
static double entry_weight(const recoup_masses *masses, int n, double start) {
    double weight = masses->folded[0];
    if ((n == 1 || n == 2) && 1 < masses->n - 1)
        weight += .5 * masses->first[1];
    return weight * start - masses->first[0] + masses->curve * (1 - 2 * start);
}

/* sum_r p_r·S_r at half cell `half` of the rows. */
static void set_sum(solver *solve, int n_exits, const double *const *row, int half) {
    int width = solve->build->width;
    memset(solve->sum, 0, (size_t)width * sizeof *solve->sum);
    for (int e = 0; e < n_exits; e++)
        add_scaled(solve->sum, row[e][half], solve->share + (size_t)e * (size_t)width, width);
}

/* chance: odds of the exit at the start of the stretch, times the share that is still there. */
static void add_wins(solver *solve, int stage, const double *chance, int cell, int n_cells,
                     const double *row) {
    const recoup_build *build = solve->build;
    int width = build->width;
    for (int r = solve->first_row; r < build->n_rows; r++) {
        int n = build->row_end[r] - cell;
        if (n > 0)
            add_scaled(solve->known + (size_t)(stage * build->n_rows + r) * (size_t)width,
                       row[0] - row[2 * (n < n_cells ? n : n_cells)], chance, width);
    }
}

/* Whether values at the entry are not known yet, as the stage is of the group that is solved. */
static bool is_open(const solver *solve, int stage) {
    return solve->is_cyclic && stage >= solve->first_stage && stage < solve->end_stage;
}

static void add_moves(solver *solve, int stage, int exit, const double *chance, int cell,
                      int n_cells, bool at_entry, const recoup_masses *masses) {
    recoup_build *build = solve->build;
    int target = build->program->exit[exit].target, width = build->width;
    for (int r = solve->first_row; r < build->n_rows; r++) {
        int left = build->row_end[r] - cell, n = left < n_cells ? left : n_cells;
        if (n <= 0)
            continue;
        const double *value = row_of(build, build->value, target, r) + (ptrdiff_t)left * width;
        const double *mean = row_of(build, build->mean, target, r) + (ptrdiff_t)(left - 1) * width;
        double *known = solve->known + (size_t)(stage * build->n_rows + r) * (size_t)width;
        const double *slope = build->has_start[r] && n == left
                                  ? recoup_start_row(build, build->start_slope, target, r)
                                  : NULL;
        recoup_worth worth = recoup_worth_of(masses, n, value, mean, slope, width);
        build->kernels->add_worth(known, chance, &worth);
        if (!at_entry || !is_open(solve, target))
            continue;
        double *factor = solve->factor + (size_t)(exit * build->n_rows + r) * (size_t)width;
        double weight = entry_weight(masses, n, solve->start[r]);
        for (int i = 0; i < width; i++)
            factor[i] += chance[i] * weight;
    }
}

/* Odds of all exits at the start of a stretch, times the share that is still there. */
static void set_chances(solver *solve, int stage, const recoup_stretch *stretch,
                        const double *const *row) {
    const recoup_build *build = solve->build;
    int first = build->program->exit_first[stage], width = build->width;
    int n_exits = build->program->exit_first[stage + 1] - first;
    recoup_shares_set(build, stage, stretch, solve->share);
    set_sum(solve, n_exits, row, 0);
    for (int i = 0; i < width; i++)
        solve->rate[i] = solve->sum[i] > 0 ? solve->alive[i] / solve->sum[i] : 0;
    for (int e = 0; e < n_exits; e++)
        for (int i = 0; i < width; i++)
            solve->chance[(first + e) * width + i] = solve->rate[i] * solve->share[e * width + i];
}

static void set_entry(const recoup_build *build, const recoup_stretch *stretch, int e,
                      recoup_masses *masses) {
    recoup_entry entry = build->survival[stretch->survival[e]].entry;
    masses->first[0] = entry.first;
    masses->curve = entry.curve;
}

static void add_exits(solver *solve, int stage, int entry, int cell, const recoup_stretch *stretch,
                      bool newborn, const double *const *row) {
    const recoup_build *build = solve->build;
    const recoup_program *program = build->program;
    int first = program->exit_first[stage], n_cells = stretch->end - cell;
    for (int exit = first; exit < program->exit_first[stage + 1]; exit++) {
        const double *chance = solve->chance + (size_t)exit * (size_t)build->width;
        if (program->exit[exit].target == RECOUP_EXIT_WON)
            add_wins(solve, stage, chance, cell, n_cells, row[exit - first]);
        if (program->exit[exit].target < 0)
            continue;
        if (!newborn) {
            recoup_masses_set(&solve->masses, row[exit - first], n_cells);
            if (stretch->part != 1)
                solve->masses.first[0] =
                    recoup_stretch_moment(stretch, solve->masses.mass[0], solve->masses.first[0]);
            else if (cell == entry)
                set_entry(build, stretch, exit - first, &solve->masses);
        }
        add_moves(solve, stage, exit, chance, cell, n_cells, cell == entry,
                  newborn ? &solve->newborn[exit] : &solve->masses);
    }
}

/* Entries in the last stretch, which lasts to the end. */
static void set_newborn(solver *solve, int stage) {
    const recoup_build *build = solve->build;
    const recoup_stretch *stretch = &build->stretch[stage][build->n_stretches[stage] - 1];
    int first = build->program->exit_first[stage];
    int n_exits = build->program->exit_first[stage + 1] - first;
    if (solve->is_settled[stage])
        return;
    for (int e = 0; e < n_exits; e++)
        solve->newborn_row[first + e] = build->survival[stretch->survival[e]].at;
    for (int i = 0; i < build->width; i++)
        solve->alive[i] = 1;
    set_chances(solve, stage, stretch, solve->newborn_row + first);
    for (int e = 0; e < n_exits; e++)
        if (build->program->exit[first + e].target >= 0) {
            recoup_masses_set(&solve->newborn[first + e], solve->newborn_row[first + e],
                              build->n_cells);
            set_entry(build, stretch, e, &solve->newborn[first + e]);
        }
    solve->is_settled[stage] = true;
}

static void add_newborn(solver *solve, int stage, int entry, const recoup_stretch *stretch) {
    const recoup_build *build = solve->build;
    int first = build->program->exit_first[stage];
    set_newborn(solve, stage);
    add_exits(solve, stage, entry, entry, stretch, true, solve->newborn_row + first);
}

/* Exits of a stretch from `cell` on, its first for entries at `entry`. False: nobody is left. */
static bool add_stretch(solver *solve, int stage, int entry, int cell, double age,
                        const recoup_stretch *stretch) {
    const recoup_build *build = solve->build;
    const double *row[RECOUP_PROGRAM_MAX_EXITS];
    int n_exits = build->program->exit_first[stage + 1] - build->program->exit_first[stage];
    int n_cells = stretch->end - cell;
    if (!recoup_survival_rows(build, stretch, n_exits, age, 2 * n_cells + 1, solve->row, row))
        return false;
    set_chances(solve, stage, stretch, row);
    add_exits(solve, stage, entry, cell, stretch, false, row);
    if (stretch->last)
        return false;
    set_sum(solve, n_exits, row, 2 * n_cells);
    for (int i = 0; i < build->width; i++)
        solve->alive[i] = solve->rate[i] * solve->sum[i];
    return true;
}

/* Whatever is known before the values at `entry` are. */
static void enter(solver *solve, int stage, int entry) {
    const recoup_build *build = solve->build;
    size_t size = (size_t)build->n_rows * (size_t)build->width;
    int first = build->program->exit_first[stage];
    memset(solve->known + (size_t)stage * size, 0, size * sizeof *solve->known);
    memset(solve->factor + (size_t)first * size, 0,
           (size_t)(build->program->exit_first[stage + 1] - first) * size * sizeof *solve->factor);
    for (int i = 0; i < build->width; i++)
        solve->alive[i] = 1;
    double age = 0;
    for (int i = 0; i < build->n_stretches[stage]; i++) {
        const recoup_stretch *stretch = &build->stretch[stage][i];
        int cell = stretch->first > entry ? stretch->first : entry;
        if (stretch->end <= entry || stretch->speed == 0)
            continue;
        if (cell == entry && stretch->last && stretch->part == 1) {
            add_newborn(solve, stage, entry, stretch);
            return;
        }
        if (!add_stretch(solve, stage, entry, cell, age, stretch))
            return;
        age += stretch->speed * (stretch->end - cell) * stretch->part * build->step;
    }
}

/* The points that a mean may be computed from, in cells before the mark: none beyond a kink. */
static void find_range(const recoup_build *build, int stage, int r, int i, int *lowest, int *n) {
    int end = build->row_end[r], at = stage * build->n_cells + end - 1 - i;
    int low = end - build->smooth_end[at] + build->has_jump[at],
        high = end - build->smooth_first[at];
    *lowest = low > *lowest ? low : *lowest;
    *n = high < *n ? high : *n;
}

/* What a stage's exits to won weigh under the laws at each mark. */
static void set_marks(solver *solve, int stage) {
    const recoup_build *build = solve->build;
    const recoup_program *program = build->program;
    int first = program->exit_first[stage], n_exits = program->exit_first[stage + 1] - first;
    int width = build->width;
    const recoup_stretch *at = build->stretch[stage], *last = NULL;
    for (int r = 0; r < build->n_rows; r++) {
        while (!at->last && at->end < build->row_end[r])
            at++;
        bool usable = at->part == 1 && at->speed > 0;
        solve->at_mark[stage * build->n_rows + r] = usable ? at : NULL;
        if (usable && at != last) {
            recoup_shares_set(build, stage, at, solve->share);
            memset(solve->sum, 0, (size_t)width * sizeof *solve->sum);
            for (int e = 0; e < n_exits; e++)
                add_scaled(solve->sum, 1, solve->share + e * width, width);
            last = at;
        }
        for (int e = 0; usable && e < n_exits; e++) {
            double *chance = solve->win_chance + ((first + e) * build->n_rows + r) * width;
            for (int i = 0; program->exit[first + e].target == RECOUP_EXIT_WON && i < width; i++)
                chance[i] = solve->share[e * width + i] / solve->sum[i];
        }
    }
}

/* Corrects the mean over a cell, from the values `lowest` .. n, for wins where the laws at the mark
 * hold. */
static void correct_mean(const solver *solve, int stage, int r, int i, int lowest, int n) {
    const recoup_build *build = solve->build;
    const recoup_program *program = build->program;
    const recoup_stretch *at = solve->at_mark[stage * build->n_rows + r];
    int first = program->exit_first[stage], width = build->width;
    double *mean = row_of(build, build->mean, stage, r) + (ptrdiff_t)i * width;
    if (!at || build->row_end[r] - n < at->first)
        return;
    for (int e = first; e < program->exit_first[stage + 1]; e++)
        if (program->exit[e].target == RECOUP_EXIT_WON)
            add_scaled(mean,
                       recoup_mean_error(build->survival[at->survival[e - first]].at, i, lowest, n),
                       solve->win_chance + (e * build->n_rows + r) * width, width);
}

/* The mean over a cell when values are known up to the n-th before the mark. */
static void set_mean(const solver *solve, int stage, int r, int i, int n) {
    const recoup_build *build = solve->build;
    int width = build->width, lowest = build->has_start[r];
    double *mean = row_of(build, build->mean, stage, r);
    if (i < lowest) {
        memcpy(mean, recoup_start_row(build, build->start_mean, stage, r),
               (size_t)width * sizeof *mean);
        return;
    }
    find_range(build, stage, r, i, &lowest, &n);
    recoup_mean_set(row_of(build, build->value, stage, r), mean, i, lowest, n, width);
    correct_mean(solve, stage, r, i, lowest, n);
}

/* A value of 0 at the entry, and the mean after it: what is known of them. */
static void start_means(solver *solve, int entry) {
    recoup_build *build = solve->build;
    for (int stage = solve->first_stage; stage < solve->end_stage; stage++)
        for (int r = solve->first_row; r < build->n_rows; r++) {
            int left = build->row_end[r] - entry, lowest = build->has_start[r];
            if (left <= 0)
                continue;
            memset(row_of(build, build->value, stage, r) + (ptrdiff_t)left * build->width, 0,
                   (size_t)build->width * sizeof(double));
            if (left <= lowest)
                continue;
            int n = left;
            find_range(build, stage, r, left - 1, &lowest, &n);
            recoup_stencil stencil = recoup_stencil_at(left - 1, lowest, n);
            solve->start[r] = stencil.weight[stencil.n - 1];
            set_mean(solve, stage, r, left - 1, left);
        }
}

/* The means that the new values change. */
static void finish_means(solver *solve, int entry) {
    recoup_build *build = solve->build;
    for (int stage = solve->first_stage; stage < solve->end_stage; stage++)
        for (int r = solve->first_row; r < build->n_rows; r++) {
            int left = build->row_end[r] - entry;
            for (int i = left > 4 ? left - 2 : 0; i < left; i++)
                set_mean(solve, stage, r, i, left);
        }
}

/* All means, when all values are known: where no laws change they are those of the last row. */
static void set_means(solver *solve, int change) {
    recoup_build *build = solve->build;
    int last = build->n_rows - 1, stage = solve->first_stage, width = build->width;
    for (int r = last; r >= 0; r--) {
        int n = build->row_end[r], common = r < last ? n - change - 2 : 0;
        common = common > 0 ? common : 0;
        if (common > 0)
            memcpy(row_of(build, build->mean, stage, r), row_of(build, build->mean, stage, last),
                   (size_t)common * (size_t)width * sizeof(double));
        for (int i = common; i < n;) {
            int lowest = build->has_start[r], high = n, end = i + 1;
            find_range(build, stage, r, i, &lowest, &high);
            if (i > lowest && i + 2 <= high) {
                end = high - 1;
                recoup_inner_means_set(row_of(build, build->value, stage, r),
                                       row_of(build, build->mean, stage, r), i, end, width);
                for (; i < end; i++)
                    correct_mean(solve, stage, r, i, lowest, high);
            } else {
                set_mean(solve, stage, r, i, n);
            }
            i = end;
        }
    }
}

/* V = known + factor·V_target of the targets in the group; again as long as stages lead back.
 * Factors are at most half of an exit's probability, so this converges at once. Returns the largest
 * change. */
static double settle_row(solver *solve, int stage, int r, int left) {
    recoup_build *build = solve->build;
    const recoup_program *program = build->program;
    int width = build->width;
    double *value = row_of(build, build->value, stage, r) + (ptrdiff_t)left * width;
    double *sum = solve->worth, change = 0;
    size_t size = (size_t)width * sizeof *sum;
    memcpy(sum, solve->known + (size_t)(stage * build->n_rows + r) * (size_t)width, size);
    for (int e = program->exit_first[stage]; e < program->exit_first[stage + 1]; e++) {
        int target = program->exit[e].target;
        if (target < 0 || !is_open(solve, target))
            continue;
        const double *factor = solve->factor + (size_t)(e * build->n_rows + r) * (size_t)width;
        const double *at = row_of(build, build->value, target, r) + (ptrdiff_t)left * width;
        for (int i = 0; i < width; i++)
            sum[i] += factor[i] * at[i];
    }
    for (int i = 0; solve->is_cyclic && i < width; i++)
        change = fabs(sum[i] - value[i]) > change ? fabs(sum[i] - value[i]) : change;
    memcpy(value, sum, size);
    return change;
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* Values of the last cells that were found before. */
static void take_starts(solver *solve, int entry) {
    recoup_build *build = solve->build;
    size_t width = (size_t)build->width;
    for (int stage = solve->first_stage; stage < solve->end_stage; stage++)
        for (int r = solve->first_row; r < build->n_rows; r++)
            if (build->has_start[r] && build->row_end[r] - entry == 1)
                memcpy(row_of(build, build->value, stage, r) + width,
                       recoup_start_row(build, build->start_value, stage, r),
                       width * sizeof(double));
}

static void settle(solver *solve, int entry) {
    const recoup_build *build = solve->build;
    double change = 1;
    take_starts(solve, entry);
    for (int pass = 0; pass < MAX_PASSES && change > 1e-13; pass++) {
        change = 0;
        for (int stage = solve->end_stage - 1; stage >= solve->first_stage; stage--)
            for (int r = solve->first_row; r < build->n_rows; r++)
                if (build->row_end[r] - entry > build->has_start[r])
                    change = larger(change, settle_row(solve, stage, r, build->row_end[r] - entry));
    }
}

/* The first cell from which on no laws change, and no deal stands still. */
static int last_change(const recoup_build *build) {
    int cell = 0;
    for (int stage = 0; stage < build->program->n_stages; stage++) {
        const recoup_stretch *last = &build->stretch[stage][build->n_stretches[stage] - 1];
        int from = last->part == 1 && last->speed > 0 ? last->first : build->n_cells;
        cell = from > cell ? from : cell;
    }
    return cell;
}

/* While no laws change, values depend only on the time left: those of the last row, which reaches
 * furthest, are those of all others from `entry` on. */
static void share_rows(const solver *solve, int entry) {
    recoup_build *build = solve->build;
    int last = build->n_rows - 1, width = build->width;
    for (int stage = solve->first_stage; stage < solve->end_stage; stage++)
        for (int r = 0; r < last; r++) {
            int left = build->row_end[r] - entry;
            size_t size = (size_t)width * sizeof(double);
            if (left <= 0)
                continue;
            memcpy(row_of(build, build->value, stage, r), row_of(build, build->value, stage, last),
                   (size_t)(left + 1) * size);
            memcpy(row_of(build, build->mean, stage, r), row_of(build, build->mean, stage, last),
                   (size_t)left * size);
        }
}

/* While no laws change: all entries of a stage alone, in the last row. */
static void solve_common(solver *solve, int change) {
    recoup_build *build = solve->build;
    const recoup_program *program = build->program;
    int stage = solve->first_stage, r = build->n_rows - 1, width = build->width;
    int lowest = build->has_start[r], n = build->row_end[r] - change;
    double *value = row_of(build, build->value, stage, r);
    set_newborn(solve, stage);
    memset(value + width, 0, (size_t)(n * width) * sizeof *value);
    for (int e = program->exit_first[stage]; e < program->exit_first[stage + 1]; e++) {
        int target = program->exit[e].target;
        const double *chance = solve->chance + e * width, *row = solve->newborn_row[e];
        for (int left = lowest + 1; target == RECOUP_EXIT_WON && left <= n; left++)
            add_scaled(value + left * width, row[0] - row[2 * left], chance, width);
        if (target < 0)
            continue;
        const double *slope =
            lowest ? recoup_start_row(build, build->start_slope, target, r) : NULL;
        const double *at = row_of(build, build->value, target, r);
        const double *mean = row_of(build, build->mean, target, r);
        for (int left = lowest + 1; left <= n; left++) {
            recoup_worth worth =
                recoup_worth_of(&solve->newborn[e], left, at + (ptrdiff_t)left * width,
                                mean + (ptrdiff_t)(left - 1) * width, slope, width);
            build->kernels->add_worth(value + (ptrdiff_t)left * width, chance, &worth);
        }
    }
    if (lowest && n > 0)
        memcpy(value + width, recoup_start_row(build, build->start_value, stage, r),
               (size_t)width * sizeof *value);
}

/* The values of a group, when those of all later ones are known. */
static void solve_group(solver *solve, int change) {
    recoup_build *build = solve->build;
    int width = build->width, first_entry = build->n_cells - 1;
    for (int stage = solve->first_stage; stage < solve->end_stage; stage++)
        for (int r = 0; r < build->n_rows; r++)
            memset(row_of(build, build->value, stage, r), 0, (size_t)width * sizeof(double));
    for (int stage = solve->first_stage; stage < solve->end_stage; stage++)
        set_marks(solve, stage);
    if (!solve->is_cyclic && change < build->n_cells) {
        solve_common(solve, change);
        share_rows(solve, change);
        first_entry = change - 1;
    }
    for (int entry = first_entry; entry >= 0; entry--) {
        solve->first_row = entry >= change ? build->n_rows - 1 : 0;
        if (solve->is_cyclic)
            start_means(solve, entry);
        for (int stage = solve->first_stage; stage < solve->end_stage; stage++)
            enter(solve, stage, entry);
        settle(solve, entry);
        if (solve->is_cyclic)
            finish_means(solve, entry);
        if (entry == change)
            share_rows(solve, entry);
    }
    if (!solve->is_cyclic)
        set_means(solve, change);
    size_t size = build->stage_values * (size_t)width;
    size_t end = (size_t)solve->end_stage * size;
    for (size_t i = (size_t)solve->first_stage * size; i < end; i++) {
        build->fast_value[i] = (float)build->value[i];
        build->fast_mean[i] = (float)build->mean[i];
    }
}

void recoup_solve(recoup_build *build) {
    solver solve;
    int n_stages = build->program->n_stages, change = last_change(build);
    lay_out(&solve, build);
    recoup_starts_set(build);
    for (int g = build->n_groups - 1; g >= 0; g--) {
        solve.first_stage = build->group[g];
        solve.end_stage = build->group[g + 1];
        solve.is_cyclic = build->is_after[solve.first_stage * n_stages + solve.first_stage];
        bool wanted = false;
        for (int stage = solve.first_stage; stage < solve.end_stage; stage++)
            wanted |= build->wanted[stage];
        if (wanted && !build->is_kept[solve.first_stage])
            solve_group(&solve, change);
    }
}
