/* A visit of a stage takes two uniforms: one for the exit, one for the dwell time. While the laws
 * stay the same they decide once. When a lever changes the laws (or the owner) while the deal is
 * still there, the survivor's odds are taken from the new laws at its operational age, and the same
 * two uniforms are used again, stretched to what is left of them: given that exit e was chosen, the
 * first is uniform within e's cell, and given that the dwell outlasted the age, the second is
 * uniform above it. So a deal that a lever hardly changes hardly changes its fate: plans stay
 * coupled path by path. */
#include "engine/walk.h"

#include <math.h>

/* The visits of one path of one deal: a guard against cycles of instant exits. */
enum { MAX_VISITS = 10000 };

/* The laws of one stage at one time. */
typedef struct laws {
    int n;
    const recoup_program_exit *exit;
    double logit[RECOUP_PROGRAM_MAX_EXITS];
    double edge[RECOUP_PROGRAM_MAX_EXITS + 1]; /* cumulative odds given the age; the last is 1 */
    recoup_dist dwell[RECOUP_PROGRAM_MAX_EXITS];
    double log_survival[RECOUP_PROGRAM_MAX_EXITS]; /* at the age */
    double speed;
    double until_day; /* the laws may change then; +inf: never */
} laws;

/* The last epoch that has started by `day`; few epochs, so from the end. */
static int find_epoch(const recoup_program_plan *plan, int first, int end, double day) {
    int i = end - 1;
    while (i > first && plan->epoch[i].start_day > day)
        i--;
    return i;
}

static double logit_of(const recoup_walker *walker, const recoup_program_exit *exit,
                       const recoup_law *law, const recoup_epoch *epoch) {
    double logit = law->logit + exit->market * walker->market +
                   exit->size_logit * walker->log_size + exit->discount_logit * walker->discount;
    if (walker->capped && exit->target == RECOUP_EXIT_WON) {
        const recoup_cap *cap = walker->plan->cap;
        double points = 100 * fmax(0, walker->discount - cap->max);
        logit -= epoch->cap_share * cap->win_logit_per_point * points;
    }
    return logit;
}

/* P(e | age) is proportional to p_e·S_e(age). False: no exit is left (S_e = 0 for all). */
static bool set_odds(laws *now, double age) {
    double weight[RECOUP_PROGRAM_MAX_EXITS], highest = -INFINITY, sum = 0;
    for (int e = 0; e < now->n; e++) {
        now->log_survival[e] = age > 0 ? recoup_dist_log_survival(&now->dwell[e], age) : 0;
        weight[e] = now->logit[e] + now->log_survival[e];
        highest = fmax(highest, weight[e]);
    }
    if (!(highest > -INFINITY))
        return false;
    for (int e = 0; e < now->n; e++)
        sum += weight[e] = exp(weight[e] - highest);
    now->edge[0] = 0;
    for (int e = 0; e < now->n; e++)
        now->edge[e + 1] = now->edge[e] + weight[e] / sum;
    now->edge[now->n] = 1;
    return true;
}

static bool find_laws(const recoup_walker *walker, laws *now, int stage, int cell, double day,
                      double age) {
    const recoup_program *program = walker->program;
    const recoup_program_plan *plan = walker->plan;
    const int *range = &plan->epoch_first[cell * program->n_stages + stage];
    int i = find_epoch(plan, range[0], range[1], day);
    const recoup_epoch *epoch = &plan->epoch[i];
    now->exit = &program->exit[program->exit_first[stage]];
    now->n = program->exit_first[stage + 1] - program->exit_first[stage];
    now->speed = epoch->speed;
    now->until_day = i + 1 < range[1] ? plan->epoch[i + 1].start_day : INFINITY;
    for (int e = 0; e < now->n; e++) {
        const recoup_law *law = &plan->law[epoch->law + e];
        now->dwell[e] = now->exit[e].dwell;
        now->dwell[e].mu = law->mu;
        now->logit[e] = logit_of(walker, &now->exit[e], law, epoch);
    }
    return set_odds(now, age);
}

static int find_exit(const laws *now, double u) {
    int e = 0;
    while (e + 1 < now->n && u >= now->edge[e + 1])
        e++;
    return e;
}

/* Rounding must not push a uniform out of [0, 1). */
static double clamp(double u) {
    return u > 0 ? fmin(u, 1 - 0x1p-53) : 0;
}

/* Stays in one stage from *day at operational age `age`. Returns the exit's target and sets *day to
 * the time of the exit; RECOUP_EXIT_NEVER when it outlasts the horizon. */
static int stay(const recoup_walker *walker, int stage, double age, uint32_t visit, double *day,
                int *episode) {
    double horizon = walker->program->horizon_days;
    recoup_pair draw =
        recoup_random_pair(walker->seed, walker->path, walker->entity, visit, walker->visit);
    for (;;) {
        while (*episode + 1 < walker->n_episodes && walker->episode[*episode + 1].start_day <= *day)
            ++*episode;
        const recoup_episode *owner = &walker->episode[*episode];
        double next_owner = *episode + 1 < walker->n_episodes ? owner[1].start_day : INFINITY;
        if (owner->still_until == INFINITY) /* it is closed */
            return RECOUP_EXIT_LOST;
        if (owner->still_until > *day) { /* nobody works the deal: it does not age either */
            *day = fmin(owner->still_until, next_owner);
            if (*day > horizon)
                return RECOUP_EXIT_NEVER;
            continue;
        }
        laws now;
        if (!find_laws(walker, &now, stage, owner->cell, *day, age))
            return RECOUP_EXIT_NEVER;
        int e = find_exit(&now, draw.first);
        /* Every stage has an exit, so e < n. NOLINTNEXTLINE(clang-analyzer-core.*) */
        double level = now.log_survival[e] + log1p(-draw.second);
        double end_age = fmax(age, recoup_dist_time_at(&now.dwell[e], level));
        double exit_day = *day + (end_age - age) / now.speed;
        double change = fmin(now.until_day, next_owner);
        if (exit_day <= change) {
            *day = exit_day;
            return exit_day <= horizon ? now.exit[e].target : RECOUP_EXIT_NEVER;
        }
        if (change > horizon)
            return RECOUP_EXIT_NEVER;
        /* Still there when the laws change: what is left of both uniforms goes on. The first is
         * uniform within e's cell, which under the old laws has the odds of the new age. */
        double within = clamp((draw.first - now.edge[e]) / (now.edge[e + 1] - now.edge[e]));
        age += (change - *day) * now.speed;
        *day = change;
        draw.second = clamp(-expm1(level - recoup_dist_log_survival(&now.dwell[e], age)));
        if (!set_odds(&now, age))
            return RECOUP_EXIT_NEVER;
        draw.first = now.edge[e] + within * (now.edge[e + 1] - now.edge[e]);
    }
}

recoup_ending recoup_walk(const recoup_walker *walker, double *day, int *episode) {
    int stage = walker->stage;
    double age = walker->age_days;
    *day = walker->start_day;
    *episode = 0;
    for (uint32_t visit = 0; visit < MAX_VISITS; visit++) {
        int target = stay(walker, stage, age, visit, day, episode);
        if (target == RECOUP_EXIT_WON)
            return RECOUP_ENDING_WON;
        if (target == RECOUP_EXIT_LOST)
            return RECOUP_ENDING_LOST;
        if (target == RECOUP_EXIT_NEVER)
            return RECOUP_ENDING_OPEN;
        stage = target;
        age = 0;
        if (walker->entered)
            walker->entered(walker->user, *day, stage);
    }
    return RECOUP_ENDING_OPEN;
}
