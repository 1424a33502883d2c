/* Slots of time, the unit that books a deal in each, and the levers' factors on amounts. */
#include "program/tables_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME_DAY 1e-6 /* days: rounding of dates */
enum { SAMPLES_A_DAY = 8 };

/* --- when slots end --------------------------------------------------------------------------- */

typedef struct ends {
    double *day;
    bool *is_week;
    int n;
    size_t day_capacity, week_capacity;
} ends;

/* In order, each once. */
static bool add_end(ends *list, double day, bool is_week, double horizon) {
    if (!(day > SAME_DAY) || day > horizon + SAME_DAY || (!is_week && day > horizon - SAME_DAY))
        return true;
    int at = list->n;
    while (at > 0 && list->day[at - 1] > day - SAME_DAY)
        at--;
    if (at < list->n && list->day[at] < day + SAME_DAY) {
        list->is_week[at] |= is_week;
        return true;
    }
    if (!RECOUP_GROW(list->day, list->n, list->day_capacity) ||
        !RECOUP_GROW(list->is_week, list->n, list->week_capacity))
        return false;
    for (int i = list->n; i > at; i--) {
        list->day[i] = list->day[i - 1];
        list->is_week[i] = list->is_week[i - 1];
    }
    list->day[at] = day;
    list->is_week[at] = is_week;
    list->n++;
    return true;
}

static bool add_weeks(const recoup_program *program, ends *list) {
    double horizon = program->horizon_days;
    bool ok = add_end(list, horizon, true, horizon);
    for (int week = 1; 7 * week < horizon - SAME_DAY; week++)
        ok = ok && add_end(list, 7 * week, true, horizon);
    return ok;
}

static bool add_plan(const recoup_program *program, const recoup_program_plan *plan, ends *list) {
    double horizon = program->horizon_days;
    for (int i = 0; i < plan->episode_first[program->n_deals]; i++)
        if (plan->episode[i].start_day > 0 && plan->episode[i].still_until < INFINITY &&
            !add_end(list, plan->episode[i].start_day, false, horizon))
            return false;
    for (int i = 0; i < plan->n_amount_changes; i++)
        if (!add_end(list, plan->amount_change[i].start_day, false, horizon))
            return false;
    return !plan->cap || add_end(list, plan->cap->start_day, false, horizon);
}

/* Drops the ends that are closest to the next one, never those of weeks. */
static bool merge(ends *list) {
    bool merged = false;
    while (list->n > RECOUP_TABLES_MAX_SLOTS) {
        int nearest = -1;
        for (int i = 0; i + 1 < list->n; i++)
            if (!list->is_week[i] &&
                (nearest < 0 ||
                 list->day[i + 1] - list->day[i] < list->day[nearest + 1] - list->day[nearest]))
                nearest = i;
        if (nearest < 0)
            break;
        merged = true;
        list->n--;
        for (int i = nearest; i < list->n; i++) {
            list->day[i] = list->day[i + 1];
            list->is_week[i] = list->is_week[i + 1];
        }
    }
    return merged;
}

/* Marks of the grid at or around the slots' ends. */
static recoup_status set_marks(recoup_build *build) {
    recoup_tables *tables = build->tables;
    build->mark = RECOUP_BUILD_NEW(build, int, 2 * tables->n_slots);
    build->slot_mark = RECOUP_BUILD_NEW(build, int, tables->n_slots);
    build->slot_share = RECOUP_BUILD_NEW(build, double, tables->n_slots);
    if (!build->mark || !build->slot_mark || !build->slot_share)
        return recoup_fail_memory(build->error);
    int n = 0;
    for (int slot = 0; slot < tables->n_slots; slot++) {
        double place = tables->slot_end[slot] / build->step;
        int cell = (int)(place + SAME_DAY);
        double share = place - cell > SAME_DAY ? place - cell : 0;
        if (cell > 0 && (n == 0 || build->mark[n - 1] < cell))
            build->mark[n++] = cell;
        build->slot_mark[slot] = n - 1;
        if (n > 0 && build->mark[n - 1] > cell) /* the one before ended in this cell too */
            build->slot_mark[slot]--;
        build->slot_share[slot] = share;
        if (share > 0 && (n == 0 || build->mark[n - 1] < cell + 1))
            build->mark[n++] = cell + 1;
    }
    build->n_marks = n;
    return RECOUP_OK;
}

static recoup_status find_ends(recoup_build *build) {
    const recoup_program *program = build->program;
    recoup_tables *tables = build->tables;
    double horizon = program->horizon_days;
    recoup_status status = RECOUP_OK;
    ends list = {0};
    bool ok = add_weeks(program, &list);
    for (int p = 0; p < program->n_plans; p++)
        ok = ok && add_plan(program, &program->plan[p], &list);
    double *end = ok ? RECOUP_TABLES_NEW(tables, double, list.n) : NULL;
    int *week = ok ? RECOUP_TABLES_NEW(tables, int, list.n) : NULL;
    if (!end || !week) {
        status = recoup_fail_memory(build->error);
        goto exit;
    }
    tables->merged_slots = merge(&list);
    for (int i = 0; i < list.n; i++) {
        end[i] = i == list.n - 1 ? horizon : list.day[i];
        week[i] = (int)((list.day[i] - SAME_DAY) / 7);
    }
    tables->n_slots = list.n;
    tables->slot_end = end;
    tables->slot_week = week;
exit:
    free(list.day);
    free(list.is_week);
    return status;
}

recoup_status recoup_slots_set(recoup_build *build) {
    recoup_status status = build->tables->slot_end ? RECOUP_OK : find_ends(build);
    return status == RECOUP_OK ? set_marks(build) : status;
}

/* --- owners and factors ----------------------------------------------------------------------- */

/* The days from one slot's end that a plan has by itself to the next: what a plan says of a slot
 * does not depend on the ends of other plans. */
typedef struct stretch_of_days {
    double start, days;
} stretch_of_days;

/* Those that the slots lie in: [slot]. */
static bool find_own(const recoup_build *build, const recoup_program_plan *plan,
                     stretch_of_days *own) {
    const recoup_tables *tables = build->tables;
    ends list = {0};
    bool ok = add_weeks(build->program, &list) && add_plan(build->program, plan, &list);
    double start = 0;
    int first = 0;
    for (int slot = 0, i = 0; ok && slot < tables->n_slots; slot++) {
        double end = tables->slot_end[slot];
        while (i < list.n && list.day[i] < end - SAME_DAY)
            i++; /* merged with a later one */
        if (i == list.n || list.day[i] > end + SAME_DAY)
            continue; /* another plan's */
        for (; first <= slot; first++)
            own[first] = (stretch_of_days){start, list.day[i] - start};
        start = list.day[i];
    }
    free(list.day);
    free(list.is_week);
    return ok;
}

/* Mean over the days of f^share for all amount changes of a cell. */
static double mean_factor(const recoup_program_plan *plan, int cell, stretch_of_days own) {
    double sum = 0;
    int n = (int)ceil(own.days * SAMPLES_A_DAY);
    for (int k = 0; k < n; k++) {
        double day = own.start + (k + .5) * own.days / n, log_factor = 0;
        for (int i = 0; i < plan->n_amount_changes; i++) {
            const recoup_amount_change *change = &plan->amount_change[i];
            if (change->cell[cell])
                log_factor +=
                    recoup_share(change->start_day, change->ramp_days, day) * change->log_factor;
        }
        sum += log_factor != 0 ? exp(log_factor) : 1;
    }
    return sum / n;
}

static double mean_cut(const recoup_cap *cap, stretch_of_days own) {
    double sum = 0;
    int n = (int)ceil(own.days * SAMPLES_A_DAY);
    for (int k = 0; k < n; k++)
        sum += recoup_share(cap->start_day, cap->ramp_days, own.start + (k + .5) * own.days / n);
    return sum / n;
}

/* The owner in the middle of the days. */
static const recoup_episode *owner_in(const recoup_program_plan *plan, int deal,
                                      stretch_of_days own) {
    int i = plan->episode_first[deal + 1] - 1;
    double middle = own.start + .5 * own.days;
    while (i > plan->episode_first[deal] && plan->episode[i].start_day > middle)
        i--;
    return &plan->episode[i];
}

static bool changes_hands(const recoup_program_plan *plan, int deal) {
    return plan->episode_first[deal + 1] - plan->episode_first[deal] > 1;
}

static int unit_of(const recoup_program *program, const recoup_episode *owner) {
    int cohort = owner->cell / (program->n_channels * program->n_segments);
    return owner->rep >= 0 ? owner->rep : program->n_reps + cohort;
}

static recoup_status set_units(recoup_build *build, const stretch_of_days *own,
                               recoup_outlook *outlook) {
    const recoup_program *program = build->program;
    recoup_tables *tables = build->tables;
    int n_slots = tables->n_slots, n = program->n_reps + program->n_cohorts;
    tables->n_units = n;
    for (int p = 0; p < program->n_plans; p++)
        for (int deal = 0; deal < program->n_deals; deal++)
            n += changes_hands(&program->plan[p], deal);
    int *unit = RECOUP_TABLES_NEW(tables, int, (size_t)n *(size_t)n_slots);
    if (!unit)
        return recoup_fail_memory(build->error);
    tables->slot_unit = unit;
    for (n = 0; n < tables->n_units; n++)
        for (int slot = 0; slot < n_slots; slot++)
            unit[n * n_slots + slot] = n;
    for (int p = 0; p < program->n_plans; p++)
        for (int deal = 0; deal < program->n_deals; deal++) {
            const recoup_program_plan *plan = &program->plan[p];
            recoup_outlook *look = &outlook[(size_t)p * (size_t)program->n_deals + (size_t)deal];
            if (!changes_hands(plan, deal)) {
                look->unit = unit_of(program, &plan->episode[plan->episode_first[deal]]) * n_slots;
                continue;
            }
            look->unit = n * n_slots;
            for (int slot = 0; slot < n_slots; slot++)
                unit[n * n_slots + slot] =
                    unit_of(program, owner_in(plan, deal, own[p * n_slots + slot]));
            n++;
        }
    return RECOUP_OK;
}

/* Rows of the cells. */
static void set_cells(const recoup_build *build, const stretch_of_days *own, float *factor,
                      int32_t *cell_factor, float *cut) {
    const recoup_program *program = build->program;
    const recoup_tables *tables = build->tables;
    int n_slots = tables->n_slots;
    int32_t row = 0;
    for (int p = 0; p < program->n_plans; p++) {
        const recoup_program_plan *plan = &program->plan[p];
        for (int slot = 0; plan->cap && slot < n_slots; slot++)
            cut[p * n_slots + slot] = (float)mean_cut(plan->cap, own[p * n_slots + slot]);
        for (int cell = 0; cell < program->n_cells; cell++, row++) {
            bool changed = false;
            for (int i = 0; i < plan->n_amount_changes; i++)
                changed |= plan->amount_change[i].cell[cell];
            cell_factor[row] = changed ? row * n_slots : -1;
            for (int slot = 0; changed && slot < n_slots; slot++)
                factor[row * n_slots + slot] =
                    (float)mean_factor(plan, cell, own[p * n_slots + slot]);
        }
    }
}

/* One deal's row; capped: times (1 - d') / (1 - d) where the limit is in force. */
static void set_row(const recoup_build *build, const stretch_of_days *own, int p, int deal,
                    bool capped, float *row) {
    const recoup_program *program = build->program;
    const recoup_tables *tables = build->tables;
    const recoup_program_plan *plan = &program->plan[p];
    double discount = program->deal[deal].discount;
    for (int slot = 0; slot < tables->n_slots; slot++) {
        int cell = owner_in(plan, deal, own[p * tables->n_slots + slot])->cell;
        int32_t at = tables->cell_factor[p * program->n_cells + cell];
        double factor = at < 0 ? 1 : (double)tables->factor[at + slot];
        if (capped && plan->cap_cell[cell] && discount < 1)
            factor *= 1 + (double)tables->cap_cut[p * tables->n_slots + slot] *
                              (discount - plan->cap->max) / (1 - discount);
        row[slot] = (float)factor;
    }
}

recoup_status recoup_units_set(recoup_build *build, recoup_outlook *outlook) {
    const recoup_program *program = build->program;
    recoup_tables *tables = build->tables;
    size_t n_deals = (size_t)program->n_deals, n_slots = (size_t)tables->n_slots;
    size_t n = (size_t)program->n_plans * (size_t)program->n_cells, at = n * n_slots;
    stretch_of_days *own =
        RECOUP_BUILD_NEW(build, stretch_of_days, (size_t)program->n_plans * n_slots);
    for (int p = 0; p < program->n_plans; p++)
        if (!own || !find_own(build, &program->plan[p], own + (size_t)p * n_slots))
            return recoup_fail_memory(build->error);
    recoup_status status = set_units(build, own, outlook);
    if (status != RECOUP_OK)
        return status;
    for (int p = 0; p < program->n_plans; p++)
        for (size_t deal = 0; deal < n_deals; deal++) {
            const recoup_program_plan *plan = &program->plan[p];
            n += plan->n_amount_changes > 0 && changes_hands(plan, (int)deal);
            n += plan->cap && program->deal[deal].discount > plan->cap->max;
        }
    float *factor = RECOUP_TABLES_NEW(tables, float, n *n_slots);
    int32_t *cell_factor = RECOUP_TABLES_NEW(tables, int32_t, program->n_plans * program->n_cells);
    float *cut = RECOUP_TABLES_NEW(tables, float, (size_t)program->n_plans *n_slots);
    if (!factor || !cell_factor || !cut)
        return recoup_fail_memory(build->error);
    tables->factor = factor;
    tables->cell_factor = cell_factor;
    tables->cap_cut = cut;
    set_cells(build, own, factor, cell_factor, cut);
    for (int p = 0; p < program->n_plans; p++)
        for (size_t deal = 0; deal < n_deals; deal++) {
            const recoup_program_plan *plan = &program->plan[p];
            recoup_outlook *look = &outlook[(size_t)p * n_deals + deal];
            look->factor =
                cell_factor[p * program->n_cells + plan->episode[plan->episode_first[deal]].cell];
            if (plan->n_amount_changes > 0 && changes_hands(plan, (int)deal)) {
                set_row(build, own, p, (int)deal, false, factor + at);
                look->factor = (int32_t)at;
                at += n_slots;
            }
            look->capped_factor = look->factor;
            if (plan->cap && program->deal[deal].discount > plan->cap->max) {
                set_row(build, own, p, (int)deal, true, factor + at);
                look->capped_factor = (int32_t)at;
                at += n_slots;
            }
        }
    return RECOUP_OK;
}
