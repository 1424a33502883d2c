/* Win tables: which rows there are, and course by course their values. */
#include "program/tables_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* New deals outside of these quantiles of the amount count as if they were there. */
#define RARE_AMOUNT 1e-6
enum { MONOMIAL_STRIDE = (RECOUP_TABLES_MAX_TERMS + 7) / 8 * 8 };

/* --- axes and memory -------------------------------------------------------------------------- */

static void set_axes(recoup_build *build) {
    const recoup_program *program = build->program;
    const recoup_tables_grid *grid = &build->tables->grid;
    double size_low = INFINITY, size_high = -INFINITY, discount_low = 0, discount_high = 0;
    for (int i = 0; i < program->n_deals; i++) {
        size_low = fmin(size_low, program->deal[i].log_size);
        size_high = fmax(size_high, program->deal[i].log_size);
        discount_low = fmin(discount_low, program->deal[i].discount);
        discount_high = fmax(discount_high, program->deal[i].discount);
    }
    if (program->n_streams > 0) {
        const recoup_dist *amount = &program->new_amount;
        double low = log(recoup_dist_quantile(amount, RARE_AMOUNT)) - program->log_size_ref;
        double high = log(recoup_dist_quantile(amount, 1 - RARE_AMOUNT)) - program->log_size_ref;
        size_low = fmin(size_low, low);
        size_high = fmax(size_high, high);
        for (int i = 0; i < program->n_discount; i++) {
            discount_low = fmin(discount_low, program->discount_quantile[i]);
            discount_high = fmax(discount_high, program->discount_quantile[i]);
        }
    }
    if (!(size_high >= size_low))
        size_low = size_high = 0;
    build->discount_high = discount_high;
    recoup_axis_set(&build->x, grid->n_terms, -1, 1);
    recoup_axis_set(&build->size, size_high > size_low ? grid->n_sizes : 1, size_low, size_high);
    bool discounts = false;
    for (int e = 0; e < program->exit_first[program->n_stages]; e++)
        discounts |= program->exit[e].discount_logit != 0;
    recoup_axis_set(&build->discount[0],
                    discounts && discount_high > discount_low ? grid->n_discounts : 1, discount_low,
                    discount_high);
    build->discount[1] = build->discount[0];
}

/* Tables of survival reach as far as deals are old, unless that costs more than it saves. */
static bool set_lags(recoup_build *build) {
    const recoup_program *program = build->program;
    double *lag = RECOUP_BUILD_NEW(build, double, program->n_stages);
    if (!(build->longest_lag = lag))
        return false;
    for (int stage = 0; stage < program->n_stages; stage++) {
        double n = 0;
        for (int i = 0; i < program->n_deals; i++)
            if (program->deal[i].stage == stage) {
                lag[stage] = fmax(lag[stage], program->deal[i].age_days);
                n++;
            }
        if (lag[stage] * program->n_cohorts > program->horizon_days * n)
            lag[stage] = fmin(lag[stage], program->horizon_days);
    }
    return true;
}

static void set_market(recoup_build *build) {
    const recoup_program *program = build->program;
    for (int e = 0; e < program->exit_first[program->n_stages]; e++)
        for (int i = 0; i < build->x.n; i++)
            build->market[e * build->x.n + i] = exp(fmax(
                -200, fmin(200, program->exit[e].market * RECOUP_TABLES_MAX_Z * build->x.node[i])));
}

/* Coefficients of the Lagrange polynomials of the nodes. */
static void set_monomials(recoup_build *build) {
    int n = build->x.n;
    const double *node = build->x.node;
    for (int i = 0; i < n; i++) {
        double c[RECOUP_TABLES_MAX_TERMS + 1] = {1};
        for (int j = 0, degree = 0; j < n; j++) {
            if (j == i)
                continue;
            degree++;
            for (int k = degree; k >= 0; k--)
                c[k] = ((k > 0 ? c[k - 1] : 0) - node[j] * c[k]) / (node[i] - node[j]);
        }
        for (int k = 0; k < n; k++)
            build->monomial[i * MONOMIAL_STRIDE + k] = c[k];
    }
}

/* The most stretches of a stage: each change of laws or owner parts a cell in two. */
static size_t count_stretches(const recoup_build *build) {
    const recoup_program *program = build->program;
    int n_epochs = 0, n_episodes = 1;
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_program_plan *plan = &program->plan[p];
        for (int i = 0; i < program->n_cells * program->n_stages; i++)
            if (plan->epoch_first[i + 1] - plan->epoch_first[i] > n_epochs)
                n_epochs = plan->epoch_first[i + 1] - plan->epoch_first[i];
        for (int i = 0; i < program->n_deals; i++)
            if (plan->episode_first[i + 1] - plan->episode_first[i] > n_episodes)
                n_episodes = plan->episode_first[i + 1] - plan->episode_first[i];
    }
    for (int i = 0; i < program->n_cells * program->n_stages; i++)
        if (program->none->epoch_first[i + 1] - program->none->epoch_first[i] > n_epochs)
            n_epochs = program->none->epoch_first[i + 1] - program->none->epoch_first[i];
    return (size_t)build->n_cells + 2 * (size_t)n_episodes * ((size_t)n_epochs + 2);
}

static bool set_memory(recoup_build *build) {
    const recoup_program *program = build->program;
    size_t n_exits = (size_t)program->exit_first[program->n_stages], values = 0;
    size_t n_stages = (size_t)program->n_stages, n_x = (size_t)build->x.n;
    bool any_cap = false;
    for (int p = 0; p < program->n_plans; p++)
        any_cap |= program->plan[p].cap && build->discount_high > program->plan[p].cap->max;
    size_t n_discounts = (size_t)build->discount[0].n;
    if (any_cap && (size_t)build->tables->grid.n_discounts > n_discounts)
        n_discounts = (size_t)build->tables->grid.n_discounts;
    build->max_width = (n_discounts * (size_t)build->size.n * n_x + 7) / 8 * 8;
    for (int i = 0; i < build->n_marks; i++)
        values += (size_t)build->mark[i] + 1;
    if (values < (size_t)build->n_cells + 1)
        values = (size_t)build->n_cells + 1;
    values *= n_stages * build->max_width;
    build->width = (int)build->max_width;
    size_t solve = recoup_solve_scratch(build), deal = recoup_deal_scratch(build);
    build->tilt = RECOUP_BUILD_NEW(build, double, n_exits * build->max_width);
    build->points = RECOUP_BUILD_NEW(build, double, build->max_width);
    build->stretch = RECOUP_BUILD_NEW(build, recoup_stretch *, n_stages);
    build->n_stretches = RECOUP_BUILD_NEW(build, int, n_stages);
    build->last_stretch = RECOUP_BUILD_NEW(build, recoup_stretch *, n_stages);
    build->n_last_stretches = RECOUP_BUILD_NEW(build, int, n_stages);
    build->smooth_first = RECOUP_BUILD_NEW(build, int, n_stages *(size_t)build->n_cells);
    build->smooth_end = RECOUP_BUILD_NEW(build, int, n_stages *(size_t)build->n_cells);
    build->has_jump = RECOUP_BUILD_NEW(build, bool, n_stages *(size_t)build->n_cells);
    build->group = RECOUP_BUILD_NEW(build, int, n_stages + 1);
    build->is_after = RECOUP_BUILD_NEW(build, bool, n_stages *n_stages);
    build->is_computed = RECOUP_BUILD_NEW(build, bool, n_stages);
    build->is_kept = RECOUP_BUILD_NEW(build, bool, n_stages);
    build->row_end = RECOUP_BUILD_NEW(build, int, build->n_marks + 1);
    build->row_at = RECOUP_BUILD_NEW(build, size_t, build->n_marks + 1);
    build->value = RECOUP_BUILD_NEW(build, double, values);
    build->mean = RECOUP_BUILD_NEW(build, double, values);
    build->fast_value = RECOUP_BUILD_NEW(build, float, values);
    build->fast_mean = RECOUP_BUILD_NEW(build, float, values);
    size_t starts = (size_t)build->n_marks * n_stages * build->max_width;
    build->has_start = RECOUP_BUILD_NEW(build, bool, build->n_marks + 1);
    build->start_value = RECOUP_BUILD_NEW(build, double, starts);
    build->start_mean = RECOUP_BUILD_NEW(build, double, starts);
    build->start_slope = RECOUP_BUILD_NEW(build, double, starts);
    build->fast_slope = RECOUP_BUILD_NEW(build, float, starts);
    build->level = RECOUP_BUILD_NEW(build, double, recoup_start_scratch(build));
    build->in_force = RECOUP_BUILD_NEW(build, const recoup_stretch *, 2 * n_stages);
    if (!build->in_force || !build->has_start || !build->start_value || !build->start_mean ||
        !build->start_slope || !build->fast_slope || !build->level)
        return false;
    build->scratch = RECOUP_BUILD_NEW(build, double, solve > deal ? solve : deal);
    build->market = RECOUP_BUILD_NEW(build, double, n_exits *n_x);
    build->monomial = RECOUP_BUILD_NEW(build, double, n_x *MONOMIAL_STRIDE);
    if (!build->last_stretch || !build->n_last_stretches || !build->group || !build->is_after ||
        !build->is_computed || !build->is_kept || !build->smooth_first || !build->smooth_end ||
        !build->has_jump)
        return false;
    if (!build->tilt || !build->points || !build->stretch || !build->n_stretches ||
        !build->row_end || !build->row_at || !build->value || !build->mean || !build->fast_value ||
        !build->fast_mean || !build->scratch || !build->market || !build->monomial)
        return false;
    for (size_t stage = 0; stage < n_stages; stage++)
        if (!(build->stretch[stage] =
                  RECOUP_BUILD_NEW(build, recoup_stretch, count_stretches(build))) ||
            !(build->last_stretch[stage] =
                  RECOUP_BUILD_NEW(build, recoup_stretch, count_stretches(build))))
            return false;
    return true;
}

recoup_status recoup_build_begin(recoup_build *build, const recoup_program *program,
                                 recoup_tables *tables, recoup_error *error) {
    *build = (recoup_build){.program = program, .tables = tables, .error = error};
    build->step = tables->grid.grid_days;
    build->n_cells = (int)ceil(program->horizon_days / build->step - 1e-6);
    set_axes(build);
    build->kernels = &recoup_tables_kernels_for[tables->isa];
    recoup_status status = recoup_slots_set(build);
    if (status != RECOUP_OK)
        return status;
    if (!set_lags(build) || !set_memory(build))
        return recoup_fail_memory(error);
    recoup_groups_set(build);
    set_market(build);
    set_monomials(build);
    return RECOUP_OK;
}

void recoup_build_end(recoup_build *build) {
    recoup_arena_clear(&build->arena);
    free(build->survival);
    build->survival = NULL;
}

/* --- rows of open deals ----------------------------------------------------------------------- */

/* One wanted row: an open deal under a plan. */
typedef struct wish {
    int deal, plan, course; /* course -1: the deal changes hands */
    bool capped;
    uint32_t row;
} wish;

typedef struct wishes {
    wish *wish;
    size_t n;
    const recoup_build *build;
} wishes;

static const recoup_episode *episodes_of(const recoup_program *program, int plan, int deal,
                                         int *n) {
    const int *range = &program->plan[plan].episode_first[deal];
    *n = range[1] - range[0];
    return &program->plan[plan].episode[range[0]];
}

static bool is_capped(const recoup_program *program, int plan, int deal) {
    const recoup_cap *cap = program->plan[plan].cap;
    if (!cap || !(program->deal[deal].discount > cap->max))
        return false;
    int n;
    const recoup_episode *episode = episodes_of(program, plan, deal, &n);
    for (int i = 0; i < n; i++)
        if (program->plan[plan].cap_cell[episode[i].cell])
            return true;
    return false;
}

/* Whether a plan does nothing to the probabilities of a deal. */
static bool same_as_first(const recoup_build *build, int plan, int deal) {
    const recoup_program *program = build->program;
    const int *same_plan = build->tables->arrivals->same_plan;
    int n, n_first;
    const recoup_episode *episode = episodes_of(program, plan, deal, &n);
    const recoup_episode *first = episodes_of(program, 0, deal, &n_first);
    if (n != n_first)
        return false;
    for (int i = 0; i < n; i++)
        if (episode[i].start_day != first[i].start_day ||
            episode[i].still_until != first[i].still_until || episode[i].cell != first[i].cell ||
            same_plan[plan * program->n_cells + episode[i].cell] != 0)
            return false;
    return true;
}

static void make_wish(wishes *list, int plan, int deal, bool capped, uint32_t row) {
    const recoup_build *build = list->build;
    int n;
    const recoup_episode *episode = episodes_of(build->program, plan, deal, &n);
    int course = n > 1 ? -1
                       : recoup_course_number(build->tables->arrivals, build->program, plan,
                                              episode->cell, capped);
    list->wish[list->n++] = (wish){deal, plan, course, capped, row};
}

/* By course; those that change hands last, alike ones together. */
static int compare_wishes(const void *a, const void *b, void *user) {
    const wish *x = a, *y = b;
    const recoup_build *build = user;
    const recoup_program *program = build->program;
    int n, n_other;
    const recoup_episode *p = episodes_of(program, x->plan, x->deal, &n);
    const recoup_episode *q = episodes_of(program, y->plan, y->deal, &n_other);
    if (x->capped != y->capped)
        return x->capped ? 1 : -1;
    if (x->capped && x->plan != y->plan)
        return x->plan < y->plan ? -1 : 1;
    if (n != n_other)
        return n < n_other ? -1 : 1;
    for (int i = 0; i < n; i++) {
        const int *same_plan = build->tables->arrivals->same_plan;
        int plan = same_plan[x->plan * program->n_cells + p[i].cell];
        int other = same_plan[y->plan * program->n_cells + q[i].cell];
        if (p[i].cell != q[i].cell)
            return p[i].cell < q[i].cell ? -1 : 1;
        if (plan != other)
            return plan < other ? -1 : 1;
        if (p[i].start_day != q[i].start_day)
            return p[i].start_day < q[i].start_day ? -1 : 1;
        if (p[i].still_until != q[i].still_until)
            return p[i].still_until < q[i].still_until ? -1 : 1;
    }
    return 0;
}

/* Rows of all deals under all plans: the outlook's win and capped_win are set. */
static recoup_status find_wishes(recoup_build *build, recoup_outlook *outlook, wishes *list) {
    const recoup_program *program = build->program;
    size_t n_deals = (size_t)program->n_deals, n_rows = 0;
    size_t size = (size_t)build->tables->n_slots * (size_t)build->tables->grid.n_terms;
    for (int plan = 0; plan < program->n_plans; plan++)
        for (int deal = 0; deal < program->n_deals; deal++)
            n_rows += (size_t)(plan == 0 || !same_as_first(build, plan, deal)) +
                      is_capped(program, plan, deal);
    if (n_rows * size > UINT32_MAX)
        return recoup_fail(build->error, RECOUP_ENOMEM, NULL,
                           "%zu rows of win tables with %zu numbers each are more than %u", n_rows,
                           size, UINT32_MAX);
    *list = (wishes){.wish = RECOUP_NEW(wish, n_rows), .build = build};
    if (!list->wish)
        return recoup_fail_memory(build->error);
    for (int plan = 0; plan < program->n_plans; plan++)
        for (int deal = 0; deal < program->n_deals; deal++) {
            recoup_outlook *look = &outlook[(size_t)plan * n_deals + (size_t)deal];
            if (plan > 0 && same_as_first(build, plan, deal)) {
                look->win = outlook[deal].win;
            } else {
                look->win = (uint32_t)(list->n * size);
                make_wish(list, plan, deal, false, look->win);
            }
            look->capped_win = look->win;
            if (is_capped(program, plan, deal)) {
                look->capped_win = (uint32_t)(list->n * size);
                make_wish(list, plan, deal, true, look->capped_win);
            }
        }
    return RECOUP_OK;
}

/* order: wishes with a course by its number (counting sort), then those that change hands. */
static recoup_status sort_wishes(recoup_build *build, wishes *list) {
    const recoup_program *program = build->program;
    size_t n_courses = (size_t)(2 * program->n_plans + 1) * (size_t)program->n_cells + 1;
    wish *sorted = RECOUP_NEW(wish, list->n);
    size_t *start = RECOUP_NEW(size_t, n_courses + 1);
    recoup_status status = RECOUP_OK;
    if (!sorted || !start) {
        status = recoup_fail_memory(build->error);
        goto exit;
    }
    for (size_t i = 0; i < list->n; i++) {
        int course = list->wish[i].course;
        start[course < 0 ? n_courses : (size_t)course + 1]++;
    }
    for (size_t k = 1; k <= n_courses; k++)
        start[k] += start[k - 1];
    size_t n_single = start[n_courses - 1];
    for (size_t i = 0; i < list->n; i++) {
        int course = list->wish[i].course;
        sorted[start[course < 0 ? n_courses - 1 : (size_t)course]++] = list->wish[i];
    }
    free(list->wish);
    list->wish = sorted;
    sorted = NULL;
    if (list->n > n_single)
        qsort_r(list->wish + n_single, list->n - n_single, sizeof *list->wish, compare_wishes,
                build);
exit:
    free(sorted);
    free(start);
    return status;
}

/* --- values ----------------------------------------------------------------------------------- */

/* Values at the nodes of x to coefficients, eight at a time. */
static void solve_wish(const recoup_build *build, const wish *wanted, double *win,
                       float *coefficient) {
    int n = build->x.n;
    float *to = coefficient + wanted->row;
    recoup_deal_solve(build, &build->program->deal[wanted->deal], win);
    for (int slot = 0; slot < build->tables->n_slots; slot++, to += n)
        for (int block = 0; block < n; block += 8) {
            double sum[8] = {0};
            for (int i = 0; i < n; i++)
                for (int k = 0; k < 8; k++)
                    sum[k] += build->monomial[i * MONOMIAL_STRIDE + block + k] * win[slot * n + i];
            for (int k = 0; k < 8 && block + k < n; k++)
                to[block + k] = (float)sum[k];
        }
}

/* Stages that are entered after those of the wishes [first, end), and by new deals if there are
 * any. */
static void set_wanted(const recoup_build *build, const wish *first, const wish *end, bool arrivals,
                       bool *wanted) {
    const recoup_program *program = build->program;
    int n = program->n_stages;
    for (int stage = 0; stage < n; stage++)
        wanted[stage] = arrivals && (stage == 0 || build->is_after[stage]);
    for (const wish *at = first; at < end; at++)
        for (int stage = 0; stage < n; stage++)
            wanted[stage] |= build->is_after[program->deal[at->deal].stage * n + stage];
}

static recoup_status set_course(recoup_build *build, const recoup_course *course,
                                const bool *wanted) {
    if (!recoup_course_set(build, course, wanted))
        return recoup_fail_memory(build->error);
    recoup_solve(build);
    return RECOUP_OK;
}

/* All courses with one owner, for open and new deals. */
static recoup_status solve_cells(recoup_build *build, const wishes *list, size_t *next,
                                 bool *wanted, double *win, float *coefficient) {
    const recoup_program *program = build->program;
    const struct recoup_arrival_tables *arrivals = build->tables->arrivals;
    int n_courses = (2 * program->n_plans + 1) * program->n_cells;
    for (int number = 0; number < n_courses; number++) {
        size_t end = *next;
        while (end < list->n && list->wish[end].course == number)
            end++;
        if (end == *next && !arrivals->win[number])
            continue;
        int plan = number / program->n_cells;
        bool capped = plan > program->n_plans;
        const recoup_episode owner = {.rep = -1, .cell = number % program->n_cells};
        plan -= capped ? program->n_plans + 1 : 0;
        const recoup_course course = {recoup_plan_at(program, plan), &owner, 1, capped};
        set_wanted(build, list->wish + *next, list->wish + end, arrivals->win[number], wanted);
        recoup_status status = set_course(build, &course, wanted);
        if (status != RECOUP_OK)
            return status;
        recoup_arrivals_keep(build, number);
        for (; *next < end; ++*next)
            solve_wish(build, &list->wish[*next], win, coefficient);
    }
    return RECOUP_OK;
}

/* Courses of deals that change hands. */
static recoup_status solve_handovers(recoup_build *build, const wishes *list, size_t next,
                                     bool *wanted, double *win, float *coefficient) {
    while (next < list->n) {
        const wish *first = &list->wish[next];
        size_t end = next + 1;
        while (end < list->n && compare_wishes(first, &list->wish[end], build) == 0)
            end++;
        int n;
        const recoup_episode *episode = episodes_of(build->program, first->plan, first->deal, &n);
        const recoup_course course = {&build->program->plan[first->plan], episode, n,
                                      first->capped};
        set_wanted(build, first, list->wish + end, false, wanted);
        recoup_status status = set_course(build, &course, wanted);
        if (status != RECOUP_OK)
            return status;
        for (; next < end; next++)
            solve_wish(build, &list->wish[next], win, coefficient);
    }
    return RECOUP_OK;
}

static recoup_status solve_all(recoup_build *build, recoup_outlook *outlook) {
    const recoup_program *program = build->program;
    recoup_tables *tables = build->tables;
    wishes list = {0};
    size_t next = 0;
    bool *wanted = RECOUP_BUILD_NEW(build, bool, program->n_stages);
    double *win = RECOUP_BUILD_NEW(build, double, tables->n_slots * build->x.n);
    recoup_status status = find_wishes(build, outlook, &list);
    if (status != RECOUP_OK || (status = sort_wishes(build, &list)) != RECOUP_OK)
        goto exit;
    float *coefficient =
        RECOUP_TABLES_NEW(tables, float, list.n *(size_t)tables->n_slots *(size_t)tables->n_terms);
    if (!wanted || !win || !coefficient) {
        status = recoup_fail_memory(build->error);
        goto exit;
    }
    tables->coefficient = coefficient;
    status = solve_cells(build, &list, &next, wanted, win, coefficient);
    if (status == RECOUP_OK)
        status = solve_handovers(build, &list, next, wanted, win, coefficient);
exit:
    free(list.wish);
    return status;
}

/* --- tables ----------------------------------------------------------------------------------- */

recoup_status recoup_tables_create(const recoup_program *program, const recoup_tables_grid *grid,
                                   recoup_isa isa, recoup_tables **result, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_build build = {0};
    recoup_outlook *outlook = NULL;
    recoup_tables *tables = RECOUP_NEW(recoup_tables, 1);
    if (!tables)
        return recoup_fail_memory(error);
    tables->program = program;
    tables->isa = isa;
    if (grid)
        tables->grid = *grid;
    else
        status = recoup_grid_find(program, isa, &tables->grid, error);
    tables->n_terms = tables->grid.n_terms;
    if (status != RECOUP_OK ||
        (status = recoup_build_begin(&build, program, tables, error)) != RECOUP_OK)
        goto exit;
    outlook = RECOUP_TABLES_NEW(tables, recoup_outlook,
                                (size_t)program->n_plans * (size_t)program->n_deals);
    if (!outlook) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    tables->outlook = outlook;
    if ((status = recoup_arrivals_begin(&build)) != RECOUP_OK ||
        (status = solve_all(&build, outlook)) != RECOUP_OK ||
        (status = recoup_arrivals_bound(&build)) != RECOUP_OK ||
        (status = recoup_units_set(&build, outlook)) != RECOUP_OK)
        goto exit;
    if (tables->merged_slots && !grid)
        recoup_note(error, NULL,
                    "hand-overs and starts of levers fall on so many days that some share a slot "
                    "of the win tables");
    *result = tables;
    tables = NULL;
exit:
    recoup_build_end(&build);
    recoup_tables_free(tables);
    return status;
}

void recoup_tables_free(recoup_tables *tables) {
    if (!tables)
        return;
    recoup_arena_clear(&tables->arena);
    free(tables);
}
