/* A course: the laws of every stage along a deal's owners, cut at the cells of the grid; and the
 * nodes of size, discount and Z. */
#include "program/tables_build.h"

#include <math.h>
#include <string.h>

/* Beyond this no probability of 1e-80 can be told, and sums of odds stay finite. */
#define MAX_LOGIT 200.

static double odds_of(double logit) {
    return exp(fmax(-MAX_LOGIT, fmin(MAX_LOGIT, logit)));
}

/* --- axes ------------------------------------------------------------------------------------- */

/* Source: Berrut & Trefethen 2004, "Barycentric Lagrange interpolation", SIAM Review 46, (5.4). */
void recoup_axis_set(recoup_axis *axis, int n, double low, double high) {
    axis->n = n;
    axis->node[0] = n > 1 ? low : .5 * (low + high);
    axis->weight[0] = 1;
    for (int i = 0; n > 1 && i < n; i++) {
        double x = sin(.5 * M_PI * (2 * i - (n - 1)) / (n - 1)); /* -cos, exact at 0 */
        axis->node[i] = i == 0       ? low
                        : i == n - 1 ? high
                                     : .5 * (low + high) + .5 * (high - low) * x;
        axis->weight[i] = (i % 2 ? -1. : 1.) * (i == 0 || i == n - 1 ? .5 : 1);
    }
}

void recoup_axis_weights(const recoup_axis *axis, double x, double *weight) {
    int n = axis->n;
    double sum = 0;
    x = x > axis->node[0] ? (x < axis->node[n - 1] ? x : axis->node[n - 1]) : axis->node[0];
    for (int i = 0; i < n; i++) {
        if (n == 1 || x == axis->node[i]) {
            for (int j = 0; j < n; j++)
                weight[j] = j == i;
            return;
        }
        sum += weight[i] = axis->weight[i] / (x - axis->node[i]);
    }
    for (int i = 0; i < n; i++)
        weight[i] /= sum;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static void set_nodes(recoup_build *build, const recoup_course *course) {
    const recoup_program *program = build->program;
    const recoup_cap *cap = course->capped ? course->plan->cap : NULL;
    int n_exits = program->exit_first[program->n_stages];
    if (cap && build->discount_high > cap->max)
        recoup_axis_set(&build->discount[1], build->tables->grid.n_discounts, cap->max,
                        build->discount_high);
    else
        build->discount[1] = build->discount[0];
    build->size_axis = &build->size;
    build->discount_axis = &build->discount[course->capped];
    const recoup_axis *size = build->size_axis, *discount = build->discount_axis, *x = &build->x;
    build->n_nodes = discount->n * size->n * x->n;
    build->width = (build->n_nodes + 7) / 8 * 8;
    for (int node = 0; node < build->width; node++) {
        int i = node < build->n_nodes ? node : 0; /* the padding repeats the first */
        double z = RECOUP_TABLES_MAX_Z * x->node[i % x->n];
        double log_size = size->node[i / x->n % size->n];
        double part = discount->node[i / x->n / size->n];
        build->points[node] = cap ? 100 * fmax(0, part - cap->max) : 0;
        for (int e = 0; e < n_exits; e++) {
            const recoup_program_exit *exit = &program->exit[e];
            build->tilt[(size_t)e * (size_t)build->width + (size_t)node] = odds_of(
                exit->market * z + exit->size_logit * log_size + exit->discount_logit * part);
        }
    }
}

/* --- stretches -------------------------------------------------------------------------------- */

/* The laws from one day to another. */
typedef struct piece {
    double start, end;
    double speed; /* 0: stands still, with the laws of its epoch */
    double cap_share;
    const recoup_law *law;
} piece;

/* What is in force on `day`, and until when. */
static piece piece_at(const recoup_build *build, const recoup_course *course, int stage,
                      double day) {
    const recoup_program_plan *plan = course->plan;
    int episode = course->n_episodes - 1;
    while (episode > 0 && course->episode[episode].start_day > day)
        episode--;
    const recoup_episode *owner = &course->episode[episode];
    const int *range = &plan->epoch_first[owner->cell * build->program->n_stages + stage];
    int i = range[1] - 1;
    while (i > range[0] && plan->epoch[i].start_day > day)
        i--;
    piece result = {day, INFINITY, plan->epoch[i].speed,
                    course->capped ? plan->epoch[i].cap_share : 0, &plan->law[plan->epoch[i].law]};
    if (i + 1 < range[1])
        result.end = plan->epoch[i + 1].start_day;
    if (episode + 1 < course->n_episodes)
        result.end = fmin(result.end, owner[1].start_day);
    if (owner->still_until > day) {
        result.speed = 0;
        result.end = fmin(result.end, owner->still_until);
    }
    return result;
}

/* Whether the last stretch, of whole cells, goes on with the piece. */
static bool goes_on(const piece *last, const piece *now, int n_exits) {
    if (last->speed == 0 || now->speed == 0)
        return last->speed == now->speed;
    return last->speed == now->speed && last->cap_share == now->cap_share &&
           memcmp(last->law, now->law, (size_t)n_exits * sizeof *now->law) == 0;
}

static bool set_stretch(recoup_build *build, int stage, const piece *now, int cell, double from,
                        double part, recoup_stretch *stretch) {
    const recoup_program *program = build->program;
    int first = program->exit_first[stage];
    *stretch = (recoup_stretch){.first = cell,
                                .end = cell + 1,
                                .from = from,
                                .part = part,
                                .speed = now->speed,
                                .cap_share = now->cap_share};
    for (int e = first; now->speed > 0 && e < program->exit_first[stage + 1]; e++) {
        const recoup_law *law = &now->law[e - first];
        int survival = recoup_survival_find(build, e, law->mu - log(now->speed));
        if (survival < 0)
            return false;
        stretch->odds[e - first] = odds_of(law->logit);
        stretch->survival[e - first] = survival;
    }
    return true;
}

/* The parts of a cell in which laws change. */
static bool split_cell(recoup_build *build, const recoup_course *course, int stage, int cell,
                       int *n) {
    const double tiny = 1e-6;
    double from = 0;
    while (from < 1 - tiny) {
        piece now = piece_at(build, course, stage, (cell + from + tiny) * build->step);
        double to = fmin(1, now.end / build->step - cell);
        to = to > 1 - tiny ? 1 : to;
        if (!set_stretch(build, stage, &now, cell, from, to - from, &build->stretch[stage][*n]))
            return false;
        ++*n;
        from = to;
    }
    return true;
}

static bool set_stage(recoup_build *build, const recoup_course *course, int stage) {
    const recoup_program *program = build->program;
    int n_exits = program->exit_first[stage + 1] - program->exit_first[stage], n = 0;
    recoup_stretch *stretch = build->stretch[stage];
    bool whole = false; /* the last stretch can go on */
    piece last, now;
    for (int cell = 0; cell < build->n_cells;) {
        now = piece_at(build, course, stage, (cell + 1e-6) * build->step);
        double cells = now.end / build->step + 1e-6; /* whole ones before the laws change */
        int next = cells < build->n_cells ? (int)cells : build->n_cells;
        if (next == cell) {
            if (!split_cell(build, course, stage, cell++, &n))
                return false;
            whole = false;
            continue;
        }
        if (!(whole && goes_on(&last, &now, n_exits)) &&
            !set_stretch(build, stage, &now, cell, 0, 1, &stretch[n++]))
            return false;
        stretch[n - 1].end = cell = next;
        last = now;
        whole = true;
    }
    stretch[n - 1].last = true;
    build->n_stretches[stage] = n;
    return true;
}

/* Whether values have a kink where the stretch begins. Between laws that hold for a few cells only,
 * as in a ramp, kinks are small and polynomials of lower degree would cost more. */
static bool has_kink(const recoup_stretch *stretch) {
    enum { FEW = 3 };
    const recoup_stretch *before = stretch - 1;
    if (stretch->part != 1 || before->part != 1)
        return stretch->first != before->first;
    if (stretch->speed == 0 || before->speed == 0)
        return true;
    return stretch->end - stretch->first >= FEW && before->end - before->first >= FEW;
}

/* Whether a stage is so quick that who enters shortly before a change is hardly under the laws
 * after it: V jumps there. */
static bool is_quick(const recoup_build *build, int stage, const recoup_stretch *stretch) {
    const int *exit_first = build->program->exit_first;
    if (stretch->speed == 0)
        return false;
    for (int e = 0; e < exit_first[stage + 1] - exit_first[stage]; e++)
        if (build->survival[stretch->survival[e]].n_levels > 1)
            return true;
    return false;
}

static void set_smooth(recoup_build *build, int stage) {
    int *first = build->smooth_first + stage * build->n_cells;
    int *end = build->smooth_end + stage * build->n_cells;
    int n = build->n_stretches[stage], begin = 0;
    for (int i = 0; i < n; i++) {
        const recoup_stretch *stretch = &build->stretch[stage][i];
        if (i + 1 < n && !has_kink(stretch + 1))
            continue;
        bool jump = i + 1 < n && is_quick(build, stage, stretch);
        for (int cell = begin; cell < stretch->end; cell++) {
            build->has_jump[stage * build->n_cells + cell] = jump;
            first[cell] = begin;
            end[cell] = stretch->end;
        }
        begin = stretch->end;
    }
}

/* --- what a course takes over from the last one ----------------------------------------------- */

void recoup_groups_set(recoup_build *build) {
    const recoup_program *program = build->program;
    int n = program->n_stages, end = 0;
    bool *after = build->is_after;
    for (int stage = 0; stage < n; stage++)
        for (int e = program->exit_first[stage]; e < program->exit_first[stage + 1]; e++)
            if (program->exit[e].target >= 0)
                after[stage * n + program->exit[e].target] = true;
    for (int via = 0; via < n; via++) /* Warshall 1962 */
        for (int from = 0; from < n; from++)
            for (int to = 0; to < n; to++)
                after[from * n + to] |= after[from * n + via] && after[via * n + to];
    build->n_groups = 0;
    for (int stage = 0; stage < n; stage++) {
        if (stage >= end)
            build->group[build->n_groups++] = stage;
        end = end > stage + 1 ? end : stage + 1;
        for (int later = stage + 1; later < n; later++) /* until no later stage leads back */
            for (int back = build->group[build->n_groups - 1]; back <= stage; back++)
                if (after[later * n + back])
                    end = later + 1 > end ? later + 1 : end;
    }
    build->group[build->n_groups] = n;
}

static bool same_stretches(const recoup_build *build, int stage) {
    const recoup_program *program = build->program;
    int n_exits = program->exit_first[stage + 1] - program->exit_first[stage];
    if (build->n_stretches[stage] != build->n_last_stretches[stage])
        return false;
    for (int i = 0; i < build->n_stretches[stage]; i++) {
        const recoup_stretch *a = &build->stretch[stage][i], *b = &build->last_stretch[stage][i];
        if (a->first != b->first || a->end != b->end || a->from != b->from || a->part != b->part ||
            a->speed != b->speed || a->cap_share != b->cap_share ||
            memcmp(a->odds, b->odds, (size_t)n_exits * sizeof *a->odds) != 0 ||
            memcmp(a->survival, b->survival, (size_t)n_exits * sizeof *a->survival) != 0)
            return false;
    }
    return true;
}

/* Which stages have the values that they had in the last course: those with the same nodes and
 * laws that lead to such stages only. */
static void find_kept(recoup_build *build) {
    const recoup_program *program = build->program;
    int n = program->n_stages;
    const recoup_cap *cap = build->course.capped ? build->course.plan->cap : NULL;
    bool same_nodes = build->width == build->last_width && build->steady == build->last_steady &&
                      !cap == !build->last_cap;
    if (same_nodes && cap)
        same_nodes = cap->max == build->last_cap->max &&
                     cap->win_logit_per_point == build->last_cap->win_logit_per_point;
    for (int stage = 0; stage < n; stage++)
        build->is_kept[stage] =
            same_nodes && build->is_computed[stage] && same_stretches(build, stage);
    for (int stage = n - 1; stage >= 0; stage--)
        for (int later = 0; later < n; later++)
            if (build->is_after[stage * n + later] && !same_stretches(build, later))
                build->is_kept[stage] = false;
    for (int g = 0; g < build->n_groups; g++) { /* a group is kept as a whole */
        bool kept = true;
        for (int stage = build->group[g]; stage < build->group[g + 1]; stage++)
            kept &= build->is_kept[stage];
        for (int stage = build->group[g]; stage < build->group[g + 1]; stage++)
            build->is_kept[stage] = kept;
    }
    for (int stage = 0; stage < n; stage++)
        build->is_computed[stage] = build->is_kept[stage] || build->wanted[stage];
    build->last_width = build->width;
    build->last_steady = build->steady;
    build->last_cap = cap;
}

bool recoup_course_set(recoup_build *build, const recoup_course *course, const bool *wanted) {
    const recoup_program *program = build->program;
    build->course = *course;
    build->wanted = wanted;
    set_nodes(build, course);
    build->steady = true;
    for (int stage = 0; stage < program->n_stages; stage++) {
        recoup_stretch *last = build->stretch[stage];
        build->stretch[stage] = build->last_stretch[stage];
        build->last_stretch[stage] = last;
        build->n_last_stretches[stage] = build->n_stretches[stage];
        if (!set_stage(build, course, stage))
            return false;
        build->steady &= build->n_stretches[stage] == 1 && build->stretch[stage][0].speed > 0;
    }
    for (int stage = 0; stage < program->n_stages; stage++)
        set_smooth(build, stage);
    build->n_rows = build->steady ? 1 : build->n_marks;
    size_t at = 0;
    for (int row = 0; row < build->n_rows; row++) {
        build->row_end[row] = build->steady ? build->n_cells : build->mark[row];
        build->row_at[row] = at;
        at += (size_t)build->row_end[row] + 1;
    }
    build->stage_values = at;
    find_kept(build);
    return true;
}
