#include "engine/walk_prepare.h"

#include "dist/family.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The tables while they are built. */
typedef struct preparation {
    recoup_walk_tables *tables;
    const recoup_program *program;
    recoup_walk_plan *plan;
    const uint32_t *forks;
    int n_segments, n_legs;
    size_t segment_capacity, leg_capacity;
} preparation;

#define PREPARE_NEW(prepare, type, n)                                                              \
    ((type *)recoup_arena_alloc(&(prepare)->tables->arena, (size_t)(n), sizeof(type)))

/* --- families --------------------------------------------------------------------------------- */

/* The polynomial of degree 5 through value[0..5] at -2, -1, ..., 3, by Newton's differences. */
static void interpolate(const double *value, double *coefficient) {
    double difference[RECOUP_WALK_TERMS];
    memcpy(difference, value, sizeof difference);
    for (int order = 1; order < RECOUP_WALK_TERMS; order++)
        for (int i = RECOUP_WALK_TERMS - 1; i >= order; i--)
            difference[i] = (difference[i] - difference[i - 1]) / order;
    memset(coefficient, 0, RECOUP_WALK_TERMS * sizeof *coefficient);
    for (int i = RECOUP_WALK_TERMS - 1; i >= 0; i--) { /* p := p·(t - node) + difference */
        double node = i - 2;
        for (int k = RECOUP_WALK_TERMS - 1; k > 0; k--)
            coefficient[k] = coefficient[k - 1] - node * coefficient[k];
        coefficient[0] = difference[i] - node * coefficient[0];
    }
}

/* log(T / scale) where Q(z) = S(T). Times below e^-650 scales are as good as none, those above
 * e^650 as good as for ever. */
static double log_time_at(const recoup_dist *dist, double z) {
    double log_time = log(recoup_dist_time_at(dist, recoup_normal_log_tail(z)));
    return fmin(fmax(log_time, -650), 650);
}

static void fill_quantile(recoup_walk_quantile *quantile, const recoup_dist *dist) {
    recoup_dist standard = *dist;
    standard.mu = 0;
    double value[RECOUP_WALK_INTERVALS + RECOUP_WALK_TERMS];
    for (int i = 0; i < RECOUP_WALK_INTERVALS + RECOUP_WALK_TERMS; i++)
        value[i] = log_time_at(&standard, RECOUP_WALK_LOWEST_Z + (i - 2) * RECOUP_WALK_STEP_Z);
    for (int i = 0; i < RECOUP_WALK_INTERVALS; i++)
        interpolate(&value[i], quantile->coefficient[i]);
    quantile->family = dist->family;
    memcpy(quantile->shape, dist->shape, sizeof quantile->shape);
}

/* Exits of the same shape share one. */
static const recoup_walk_quantile *find_quantile(preparation *prepare, const recoup_walk_exit *exit,
                                                 int n, const recoup_dist *dist) {
    for (int e = 0; e < n; e++) {
        const recoup_walk_quantile *other = exit[e].quantile;
        if (other && other->family == dist->family && other->shape[0] == dist->shape[0] &&
            other->shape[1] == dist->shape[1])
            return other;
    }
    recoup_walk_quantile *quantile = PREPARE_NEW(prepare, recoup_walk_quantile, 1);
    if (quantile)
        fill_quantile(quantile, dist);
    return quantile;
}

static void fill_survival(recoup_walk_survival *survival, const recoup_dist *dist) {
    recoup_dist standard = *dist;
    standard.mu = 0;
    double before = 1, largest = 0;
    for (int i = 0; i <= RECOUP_WALK_BINS; i++) {
        uint32_t bits = (uint32_t)(RECOUP_WALK_FIRST_BIN + i) << (23 - RECOUP_WALK_BIN_BITS);
        float start;
        memcpy(&start, &bits, sizeof start);
        double here = exp(recoup_dist_log_survival(&standard, start));
        if (i > 0) {
            survival->middle[i - 1] = (before + here) / 2;
            largest = fmax(largest, (before - here) / 2);
        }
        before = here;
    }
    /* The kernels' floats are within 2e-7 of the time, which is less than 1e-5 of a bin; their
     * times and this table are within 1e-8. */
    survival->margin = 1.001 * largest + 1e-5;
    survival->family = dist->family;
    memcpy(survival->shape, dist->shape, sizeof survival->shape);
}

/* Exits of the same shape share one. */
static const recoup_walk_survival *find_survival(preparation *prepare, const recoup_walk_exit *exit,
                                                 int n, const recoup_dist *dist) {
    for (int e = 0; e < n; e++) {
        const recoup_walk_survival *other = exit[e].survival;
        if (other && other->family == dist->family && other->shape[0] == dist->shape[0] &&
            other->shape[1] == dist->shape[1])
            return other;
    }
    recoup_walk_survival *survival = PREPARE_NEW(prepare, recoup_walk_survival, 1);
    if (survival)
        fill_survival(survival, dist);
    return survival;
}

static int find_loading(double *loading, int *n, double value) {
    int i = 0;
    while (i < *n && loading[i] != value)
        i++;
    if (i == *n)
        loading[(*n)++] = value;
    return i;
}

/* others: the n exits before this one. */
static bool set_family(preparation *prepare, recoup_walk_exit *exit, const recoup_walk_exit *others,
                       int n, const recoup_dist *dist) {
    exit->family = dist->family;
    exit->shape = dist->shape[0];
    exit->inverse = dist->shape[0] > 0 ? 1 / dist->shape[0] : 0;
    if (dist->family != RECOUP_GAMMA && dist->family != RECOUP_GENGAMMA)
        return true;
    exit->quantile = find_quantile(prepare, others, n, dist);
    return exit->quantile;
}

static bool prepare_exits(preparation *prepare) {
    const recoup_program *program = prepare->program;
    recoup_walk_tables *tables = prepare->tables;
    int n = program->exit_first[program->n_stages];
    recoup_walk_exit *exits = PREPARE_NEW(prepare, recoup_walk_exit, n);
    double *loading = PREPARE_NEW(prepare, double, n + 1);
    if (!exits || !loading)
        return false;
    tables->n_loadings = 1;
    for (int e = 0; e < n; e++) {
        const recoup_program_exit *from = &program->exit[e];
        if (!set_family(prepare, &exits[e], exits, e, &from->dwell))
            return false;
        exits[e].target = from->target;
        if (from->target == RECOUP_EXIT_LOST &&
            !(exits[e].survival = find_survival(prepare, exits, e, &from->dwell)))
            return false;
        exits[e].loading = find_loading(loading, &tables->n_loadings, from->market);
        exits[e].has_terms = from->size_logit != 0 || from->discount_logit != 0;
        exits[e].size_logit = from->size_logit;
        exits[e].discount_logit = from->discount_logit;
    }
    if (!set_family(prepare, &tables->new_amount, exits, n, &program->new_amount))
        return false;
    tables->new_amount_scale = exp(program->new_amount.mu);
    for (int s = 0; s < program->n_stages; s++)
        if (program->exit_first[s + 1] - program->exit_first[s] > tables->n_exits)
            tables->n_exits = program->exit_first[s + 1] - program->exit_first[s];
    tables->exit = exits;
    tables->loading = loading;
    return true;
}

/* --- laws ------------------------------------------------------------------------------------- */

/* Whether two epochs, of whatever plans, are the same but for the discount limit, bit for bit. */
static bool same_epoch(const recoup_program_plan *a, const recoup_epoch *x,
                       const recoup_program_plan *b, const recoup_epoch *y, int n_exits) {
    return x->speed == y->speed &&
           memcmp(&a->law[x->law], &b->law[y->law], (size_t)n_exits * sizeof *a->law) == 0;
}

static int n_exits_of(const recoup_program *program, int row) {
    int stage = row % program->n_stages;
    return program->exit_first[stage + 1] - program->exit_first[stage];
}

/* Deals that the discount limit does not bind do not notice epochs that change nothing else. */
static bool prepare_epochs(preparation *prepare, const recoup_program_plan *plan, bool capped,
                           recoup_walk_epochs *to) {
    const recoup_program *program = prepare->program;
    int n_rows = program->n_cells * program->n_stages, n_epochs = plan->epoch_first[n_rows], n = 0;
    int *first = PREPARE_NEW(prepare, int, n_rows + 1);
    double *start = PREPARE_NEW(prepare, double, n_epochs);
    double *speed = PREPARE_NEW(prepare, double, n_epochs);
    double *cap = PREPARE_NEW(prepare, double, n_epochs);
    int *law = PREPARE_NEW(prepare, int, n_epochs);
    if (!first || !start || !speed || !cap || !law)
        return false;
    for (int row = 0; row < n_rows; row++) {
        const recoup_epoch *epoch = &plan->epoch[plan->epoch_first[row]];
        int n_of_row = plan->epoch_first[row + 1] - plan->epoch_first[row];
        first[row] = n;
        for (int i = 0; i < n_of_row; i++) {
            if (!capped && i > 0 &&
                same_epoch(plan, &epoch[i - 1], plan, &epoch[i], n_exits_of(program, row)))
                continue;
            start[n] = epoch[i].start_day;
            speed[n] = epoch[i].speed;
            cap[n] = epoch[i].cap_share;
            law[n++] = epoch[i].law;
            to->has_speed |= epoch[i].speed != 1;
        }
        if (n - first[row] > to->n_epochs)
            to->n_epochs = n - first[row];
    }
    first[n_rows] = n;
    to->first = first;
    to->start_day = start;
    to->speed = speed;
    to->cap_share = cap;
    to->law = law;
    return true;
}

static bool prepare_laws(preparation *prepare, const recoup_program_plan *plan,
                         recoup_walk_plan *to) {
    const recoup_program *program = prepare->program;
    int n_rows = program->n_cells * program->n_stages;
    double *odds = PREPARE_NEW(prepare, double, plan->n_laws);
    double *scale = PREPARE_NEW(prepare, double, plan->n_laws);
    if (!odds || !scale || !prepare_epochs(prepare, plan, false, &to->epochs[0]))
        return false;
    to->epochs[1] = to->epochs[0];
    if (plan->cap && !prepare_epochs(prepare, plan, true, &to->epochs[1]))
        return false;
    for (int row = 0; row < n_rows; row++) {
        int n = n_exits_of(program, row);
        for (int i = plan->epoch_first[row]; i < plan->epoch_first[row + 1]; i++) {
            const recoup_law *law = &plan->law[plan->epoch[i].law];
            double highest = -INFINITY;
            if (scale[plan->epoch[i].law] > 0) /* laws can be shared */
                continue;
            for (int e = 0; e < n; e++)
                highest = fmax(highest, law[e].logit);
            for (int e = 0; e < n; e++) {
                odds[plan->epoch[i].law + e] = exp(law[e].logit - highest);
                scale[plan->epoch[i].law + e] = exp(law[e].mu);
            }
        }
    }
    to->odds = odds;
    to->scale = scale;
    return true;
}

/* --- first visits ----------------------------------------------------------------------------- */

/* A deal in its first stage, as it is followed through owners and laws. */
typedef struct follower {
    const recoup_program_plan *plan;
    const recoup_walk_epochs *epochs;
    const recoup_program_deal *deal;
    bool capped;
    const recoup_episode *episode;
    int n_episodes, at; /* at: the owner's episode */
    double day, age;
} follower;

static double logit_of(const follower *deal, const recoup_program_exit *exit, int epoch,
                       const recoup_law *law) {
    double logit = law->logit + exit->size_logit * deal->deal->log_size +
                   exit->discount_logit * deal->deal->discount;
    if (deal->capped && exit->target == RECOUP_EXIT_WON) {
        const recoup_cap *cap = deal->plan->cap;
        double points = 100 * fmax(0, deal->deal->discount - cap->max);
        logit -= deal->epochs->cap_share[epoch] * cap->win_logit_per_point * points;
    }
    return logit;
}

/* Adds the exits of the segment [deal->day, until). *dead: none of them is left at this age. */
static bool add_legs(preparation *prepare, const follower *deal, int epoch, double until,
                     bool *dead) {
    const recoup_program *program = prepare->program;
    int first = program->exit_first[deal->deal->stage];
    int n = program->exit_first[deal->deal->stage + 1] - first;
    double weight[RECOUP_PROGRAM_MAX_EXITS], highest = -INFINITY;
    double end_age = deal->age + (until - deal->day) * deal->epochs->speed[epoch];
    int first_leg = prepare->n_legs;
    for (int e = 0; e < n; e++) {
        const recoup_law *law = &deal->plan->law[deal->epochs->law[epoch] + e];
        recoup_dist dwell = program->exit[first + e].dwell;
        dwell.mu = law->mu;
        if (!RECOUP_GROW(prepare->tables->leg, prepare->n_legs, prepare->leg_capacity))
            return false;
        recoup_walk_leg *leg = &prepare->tables->leg[prepare->n_legs++];
        leg->scale = exp(law->mu);
        leg->log_survival = recoup_dist_log_survival(&dwell, deal->age);
        leg->survival = exp(leg->log_survival);
        leg->leave = 1;
        if (leg->log_survival > -INFINITY)
            leg->leave = -expm1(recoup_dist_log_survival(&dwell, end_age) - leg->log_survival);
        weight[e] = logit_of(deal, &program->exit[first + e], epoch, law) + leg->log_survival;
        highest = fmax(highest, weight[e]);
    }
    *dead = !(highest > -INFINITY);
    for (int e = 0; e < n && !*dead; e++)
        prepare->tables->leg[first_leg + e].odds = exp(weight[e] - highest);
    return true;
}

/* The law in force, and until when: *until is left alone where it is for ever. */
static int epoch_at(const recoup_walk_epochs *epochs, int row, double day, double *until) {
    int first = epochs->first[row], i = epochs->first[row + 1] - 1;
    while (i > first && epochs->start_day[i] > day) {
        *until = epochs->start_day[i];
        i--;
    }
    return i;
}

/* The owner on the deal's day; a deal that is handed over waits. Returns when the next owner takes
 * it, +inf: never. */
static double settle(follower *deal) {
    for (;;) {
        while (deal->at + 1 < deal->n_episodes &&
               deal->episode[deal->at + 1].start_day <= deal->day)
            deal->at++;
        const recoup_episode *owner = &deal->episode[deal->at];
        double next = deal->at + 1 < deal->n_episodes ? owner[1].start_day : INFINITY;
        if (owner->still_until <= deal->day)
            return next;
        deal->day = fmin(owner->still_until, next);
    }
}

static bool add_course(preparation *prepare, follower *deal, recoup_walk_course *course) {
    const recoup_program *program = prepare->program;
    course->first_segment = prepare->n_segments;
    course->is_closed = deal->episode[deal->n_episodes - 1].still_until == INFINITY;
    for (;;) {
        double next_owner = settle(deal), until = INFINITY;
        if (deal->day >= program->horizon_days)
            break;
        int row = deal->episode[deal->at].cell * program->n_stages + deal->deal->stage;
        int epoch = epoch_at(deal->epochs, row, deal->day, &until);
        until = fmin(fmin(until, next_owner), program->horizon_days);
        if (!RECOUP_GROW(prepare->tables->segment, prepare->n_segments, prepare->segment_capacity))
            return false;
        int first_leg = prepare->n_legs;
        bool dead;
        if (!add_legs(prepare, deal, epoch, until, &dead))
            return false;
        if (dead)
            break;
        prepare->tables->segment[prepare->n_segments++] = (recoup_walk_segment){
            .start_day = deal->day,
            .start_age = deal->age,
            .speed = deal->epochs->speed[epoch],
            .leg = first_leg,
        };
        deal->age += (until - deal->day) * deal->epochs->speed[epoch];
        deal->day = until;
    }
    course->n_segments = prepare->n_segments - course->first_segment;
    return true;
}

static bool is_capped(const recoup_program_plan *plan, const recoup_program_deal *deal) {
    return plan->cap && deal->discount > plan->cap->max;
}

static bool prepare_courses(preparation *prepare, int p, recoup_walk_plan *to) {
    const recoup_program *program = prepare->program;
    const recoup_program_plan *plan = &program->plan[p];
    recoup_walk_course *course = PREPARE_NEW(prepare, recoup_walk_course, 2 * program->n_deals);
    if (!course)
        return false;
    to->course = course;
    for (int i = 0; i < program->n_deals; i++) {
        const int *range = &plan->episode_first[i];
        const recoup_program_deal *deal = &program->deal[i];
        if (to->shares[i]) { /* never asked for */
            continue;
        }
        for (int capped = 0; capped <= is_capped(plan, deal); capped++) {
            follower start = {.plan = plan,
                              .epochs = &to->epochs[capped],
                              .deal = deal,
                              .capped = capped,
                              .episode = &plan->episode[range[0]],
                              .n_episodes = range[1] - range[0],
                              .age = deal->age_days};
            if (!add_course(prepare, &start, &course[2 * i + capped]))
                return false;
        }
    }
    return true;
}

/* --- what plans share ------------------------------------------------------------------------- */

/* Whether the laws of a cell and stage are the same as under the first plan, for deals that no
 * discount limit binds. */
static bool same_laws(const preparation *prepare, int p, int row) {
    const recoup_program *program = prepare->program;
    const recoup_walk_epochs *a = &prepare->plan[0].epochs[0], *b = &prepare->plan[p].epochs[0];
    int n = a->first[row + 1] - a->first[row];
    size_t exits = (size_t)n_exits_of(program, row);
    if (b->first[row + 1] - b->first[row] != n)
        return false;
    for (int i = 0; i < n; i++) {
        int x = a->first[row] + i, y = b->first[row] + i;
        const recoup_law *law = program->plan[0].law;
        if (a->start_day[x] != b->start_day[y] || a->speed[x] != b->speed[y] ||
            memcmp(&law[a->law[x]], &program->plan[p].law[b->law[y]], exits * sizeof *law) != 0)
            return false;
    }
    return true;
}

static bool shares_deal(const preparation *prepare, int p, int i) {
    const recoup_program *program = prepare->program;
    const recoup_program_plan *first = &program->plan[0], *plan = &program->plan[p];
    const recoup_program_deal *deal = &program->deal[i];
    int n = plan->episode_first[i + 1] - plan->episode_first[i];
    if (p == 0 || p >= RECOUP_WALK_SETS || is_capped(first, deal) || is_capped(plan, deal) ||
        first->episode_first[i + 1] - first->episode_first[i] != n)
        return false;
    for (int k = 0; k < n; k++) {
        const recoup_episode *x = &first->episode[first->episode_first[i] + k];
        const recoup_episode *y = &plan->episode[plan->episode_first[i] + k];
        if (x->start_day != y->start_day || x->still_until != y->still_until || x->rep != y->rep ||
            x->cell != y->cell ||
            (prepare->forks[x->cell * program->n_stages + deal->stage] >> p & 1))
            return false;
    }
    return true;
}

/* Of any segment. */
static bool changes_rate(const recoup_program_plan *plan, const recoup_program_stream *stream) {
    for (int i = 0; i < plan->n_rate_changes; i++) {
        const recoup_change *change = plan->rate_change[i];
        if ((!change->cohort || change->cohort[stream->cohort]) &&
            (!change->channel || change->channel[stream->channel]))
            return true;
    }
    return false;
}

static bool shares_stream(const preparation *prepare, int p, const recoup_program_stream *stream) {
    const recoup_program_plan *first = &prepare->program->plan[0];
    const recoup_program_plan *plan = &prepare->program->plan[p];
    return p == 0 ||
           (p < RECOUP_WALK_SETS && !first->n_lead_moves && !plan->n_lead_moves && !first->cap &&
            !plan->cap && !changes_rate(first, stream) && !changes_rate(plan, stream));
}

static bool prepare_shares(preparation *prepare, int p, recoup_walk_plan *to) {
    const recoup_program *program = prepare->program;
    bool *deals = PREPARE_NEW(prepare, bool, program->n_deals);
    bool *streams = PREPARE_NEW(prepare, bool, program->n_streams);
    if (!deals || !streams)
        return false;
    for (int i = 0; i < program->n_deals; i++)
        deals[i] = shares_deal(prepare, p, i);
    for (int i = 0; i < program->n_streams; i++)
        streams[i] = shares_stream(prepare, p, &program->stream[i]);
    to->shares = deals;
    to->shares_stream = streams;
    return true;
}

static bool prepare_forks(preparation *prepare) {
    const recoup_program *program = prepare->program;
    int n_rows = program->n_cells * program->n_stages;
    uint32_t *forks = PREPARE_NEW(prepare, uint32_t, n_rows);
    if (!forks)
        return false;
    for (int p = 1; p < program->n_plans && p < RECOUP_WALK_SETS; p++)
        for (int row = 0; row < n_rows; row++)
            if (!same_laws(prepare, p, row))
                forks[row] |= UINT32_C(1) << p;
    prepare->forks = prepare->tables->forks = forks;
    return true;
}

/* ---------------------------------------------------------------------------------------------- */

static bool prepare_plans(preparation *prepare) {
    const recoup_program *program = prepare->program;
    recoup_walk_plan *plan = PREPARE_NEW(prepare, recoup_walk_plan, program->n_plans);
    if (!plan)
        return false;
    prepare->tables->plan = prepare->plan = plan;
    for (int p = 0; p < program->n_plans; p++)
        if (!prepare_laws(prepare, &program->plan[p], &plan[p]))
            return false;
    if (!prepare_forks(prepare))
        return false;
    for (int p = 0; p < program->n_plans; p++)
        if (!prepare_shares(prepare, p, &plan[p]) || !prepare_courses(prepare, p, &plan[p]))
            return false;
    return true;
}

recoup_status recoup_walk_tables_create(const recoup_program *program, recoup_walk_tables **tables,
                                        recoup_error *error) {
    preparation prepare = {.program = program, .tables = RECOUP_NEW(recoup_walk_tables, 1)};
    if (!prepare.tables)
        return recoup_fail_memory(error);
    prepare.tables->program = program;
    bool complete = prepare_exits(&prepare) && prepare_plans(&prepare);
    if (!complete) {
        recoup_walk_tables_free(prepare.tables);
        return recoup_fail_memory(error);
    }
    *tables = prepare.tables;
    return RECOUP_OK;
}

void recoup_walk_tables_free(recoup_walk_tables *tables) {
    if (!tables)
        return;
    free(tables->segment);
    free(tables->leg);
    recoup_arena_clear(&tables->arena);
    free(tables);
}
