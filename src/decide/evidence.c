/* What rests on the stated effects: each plan with its effects at other strengths, and with their
 * means taken off. */
#include "decide/decide.h"
#include "decide/evidence_effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where P(hit) is looked at first. The smallest strength that reaches the target is looked for
 * where it is first reached among these, to TOLERANCE. */
static const double strengths[] = {0, .25, .5, .75, 1, 1.5, 2, 3, 4};
enum { N_STRENGTHS = sizeof strengths / sizeof *strengths, MAX_ROUNDS = 20 };
static const double TOLERANCE = .01;

static recoup_status add_strength(const recoup_deciding *deciding, recoup_tries *tries, int p,
                                  double strength) {
    const recoup_plan *plan = recoup_deciding_plan(deciding, p);
    recoup_lever *lever;
    if (recoup_tries_add(tries, plan, &lever) < 0)
        return recoup_fail_memory(deciding->error);
    for (int i = 0; i < plan->n_levers; i++)
        lever[i].strength *= strength;
    return RECOUP_OK;
}

static recoup_status evaluate(const recoup_deciding *deciding, const recoup_tries *tries,
                              recoup_evaluation **evaluation) {
    return recoup_tries_evaluate(tries, &deciding->situation, deciding->n_draws, NULL, evaluation,
                                 deciding->error);
}

/* --- centered --------------------------------------------------------------------------------- */

/* Of plan p in the evaluation: as stated, and centered, side by side, so that they are evaluated
 * together and equal bits mean that centering changes nothing. */
static int stated_of(int p) {
    return 2 * p;
}
static int centered_of(int p) {
    return 2 * p + 1;
}

static const double *draws_of(const recoup_evaluation *evaluation, int variant) {
    return evaluation->hit_draw + (size_t)variant * (size_t)evaluation->n_draws;
}

/* How often a plan, centered, is best against the others as stated; a tie counts in part. */
static double best_share(const recoup_evaluation *evaluation, int n_plans, int self) {
    double sum = 0;
    for (int d = 0; d < evaluation->n_draws; d++) {
        double mine = draws_of(evaluation, centered_of(self))[d];
        bool is_best = true;
        int n_best = 1;
        for (int p = 0; p < n_plans; p++) {
            double other = draws_of(evaluation, stated_of(p))[d];
            if (p == self)
                continue;
            is_best = is_best && other <= mine;
            n_best += other == mine;
        }
        sum += is_best ? 1. / n_best : 0;
    }
    return sum / evaluation->n_draws;
}

static recoup_status set_centered(const recoup_deciding *deciding) {
    recoup_results *results = deciding->results;
    recoup_tries tries = {0};
    recoup_evaluation *evaluation = NULL;
    recoup_status status = RECOUP_OK;
    int n = results->n_plans;
    for (int p = 0; p < n && status == RECOUP_OK; p++) {
        const recoup_plan *plan = recoup_deciding_plan(deciding, p);
        recoup_lever *lever = NULL;
        status = add_strength(deciding, &tries, p, 1);
        if (status == RECOUP_OK && recoup_tries_add(&tries, plan, &lever) < 0)
            status = recoup_fail_memory(deciding->error);
        for (int i = 0; i < plan->n_levers && status == RECOUP_OK; i++)
            lever[i].is_centered = true;
    }
    if (status == RECOUP_OK)
        status = evaluate(deciding, &tries, &evaluation);
    for (int p = 0; p < n && status == RECOUP_OK; p++) {
        bool matters =
            memcmp(draws_of(evaluation, stated_of(p)), draws_of(evaluation, centered_of(p)),
                   (size_t)evaluation->n_draws * sizeof(double)) != 0;
        results->hit_probability_centered[p] = matters ? evaluation->hit[centered_of(p)] : NAN;
        results->best_probability_centered[p] = matters ? best_share(evaluation, n, p) : NAN;
    }
    recoup_evaluation_free(evaluation);
    recoup_tries_clear(&tries);
    return status;
}

/* --- strengths -------------------------------------------------------------------------------- */

static recoup_status set_strengths(const recoup_deciding *deciding) {
    recoup_results *results = deciding->results;
    recoup_tries tries = {0};
    recoup_evaluation *evaluation = NULL;
    recoup_status status = RECOUP_OK;
    int n = results->n_plans;
    for (int p = 0; p < n && status == RECOUP_OK; p++) /* nothing to be stronger: once is enough */
        for (int i = 0; i < N_STRENGTHS && status == RECOUP_OK; i++)
            if (i == 0 || recoup_deciding_plan(deciding, p)->n_levers > 0)
                status = add_strength(deciding, &tries, p, strengths[i]);
    if (status == RECOUP_OK)
        status = evaluate(deciding, &tries, &evaluation);
    for (int p = 0, v = 0; p < n && status == RECOUP_OK; p++) {
        bool has_levers = recoup_deciding_plan(deciding, p)->n_levers > 0;
        for (int i = 0; i < N_STRENGTHS; i++)
            results->strength_hit_probability[p * N_STRENGTHS + i] =
                evaluation->hit[has_levers ? v + i : v];
        v += has_levers ? N_STRENGTHS : 1;
    }
    recoup_evaluation_free(evaluation);
    recoup_tries_clear(&tries);
    return status;
}

/* --- break-even ------------------------------------------------------------------------------- */

/* The target is reached between two strengths: hit_low < target <= hit_high. */
typedef struct bracket {
    int plan;
    double low, high, hit_low, hit_high;
} bracket;

static double interpolate(const bracket *b, double target) {
    return b->low + (b->high - b->low) * (target - b->hit_low) / (b->hit_high - b->hit_low);
}

/* The brackets of plans that need a search, from the table of strengths; others are set. */
static int find_brackets(const recoup_results *results, bracket *open) {
    int n = 0;
    for (int p = 0; p < results->n_plans; p++) {
        const double *hit = results->strength_hit_probability + (size_t)p * N_STRENGTHS;
        int i = 0;
        while (i < N_STRENGTHS && hit[i] < results->target)
            i++;
        results->break_even[p] = i == 0 ? 0 : NAN;
        if (i > 0 && i < N_STRENGTHS)
            open[n++] = (bracket){p, strengths[i - 1], strengths[i], hit[i - 1], hit[i]};
    }
    return n;
}

/* Two strengths close to where the target is supposed to be: by a straight line, or the middle. */
static void choose(const bracket *b, double target, bool by_line, double at[2]) {
    double guess = by_line ? interpolate(b, target) : .5 * (b->low + b->high);
    at[0] = fmax(guess - TOLERANCE / 2, b->low);
    at[1] = fmin(guess + TOLERANCE / 2, b->high);
}

static void narrow(bracket *b, double target, const double at[2], const double hit[2]) {
    for (int k = 0; k < 2; k++) {
        if (hit[k] >= target) {
            b->high = at[k];
            b->hit_high = hit[k];
            return;
        }
        b->low = at[k];
        b->hit_low = hit[k];
    }
}

/* One round of all brackets that are still too wide. */
static recoup_status search_round(const recoup_deciding *deciding, bracket *open, int n,
                                  bool by_line) {
    double target = deciding->results->target, at[2];
    recoup_tries tries = {0};
    recoup_evaluation *evaluation = NULL;
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < n; i++) {
        choose(&open[i], target, by_line, at);
        for (int k = 0; k < 2 && status == RECOUP_OK; k++)
            status = add_strength(deciding, &tries, open[i].plan, at[k]);
    }
    if (status == RECOUP_OK)
        status = evaluate(deciding, &tries, &evaluation);
    for (int i = 0; i < n && status == RECOUP_OK; i++) {
        choose(&open[i], target, by_line, at);
        narrow(&open[i], target, at, evaluation->hit + 2 * i);
    }
    recoup_evaluation_free(evaluation);
    recoup_tries_clear(&tries);
    return status;
}

static recoup_status set_break_even(const recoup_deciding *deciding) {
    recoup_results *results = deciding->results;
    bracket *open = RECOUP_NEW(bracket, results->n_plans);
    if (!open)
        return recoup_fail_memory(deciding->error);
    recoup_status status = RECOUP_OK;
    int n = find_brackets(results, open);
    for (int round = 0; n > 0 && status == RECOUP_OK; round++) {
        status = search_round(deciding, open, n, round % 2 == 0);
        int left = 0;
        for (int i = 0; i < n && status == RECOUP_OK; i++) {
            bool is_narrow = open[i].high - open[i].low <= TOLERANCE * (1 + 1e-9);
            if (is_narrow || round >= MAX_ROUNDS)
                results->break_even[open[i].plan] = interpolate(&open[i], results->target);
            else
                open[left++] = open[i];
        }
        n = left;
    }
    free(open);
    return status;
}

static recoup_status set_effects(const recoup_deciding *deciding) {
    recoup_results *results = deciding->results;
    recoup_status status = RECOUP_OK;
    for (int p = 0; p < results->n_plans && status == RECOUP_OK; p++) {
        const char *unit = "";
        status = recoup_single_effect(&deciding->situation, recoup_deciding_plan(deciding, p),
                                      results->break_even[p], &results->break_even_effect[p], &unit,
                                      deciding->error);
        results->break_even_unit[p] = recoup_arena_text(&results->arena, unit, strlen(unit));
        if (status == RECOUP_OK && !results->break_even_unit[p])
            status = recoup_fail_memory(deciding->error);
    }
    return status;
}

recoup_status recoup_decide_evidence(const recoup_deciding *deciding) {
    const recoup_decisions *decisions = &deciding->situation.scenario->decisions;
    recoup_results *results = deciding->results;
    results->n_strengths = N_STRENGTHS;
    if (!recoup_results_extend(results, RECOUP_DIMENSION_STRENGTH))
        return recoup_fail_memory(deciding->error);
    for (int i = 0; i < N_STRENGTHS; i++)
        results->strength[i] = strengths[i];
    results->target = decisions->target;
    results->margin = decisions->margin;
    results->decision_draws = deciding->n_draws;
    recoup_status status = set_centered(deciding);
    if (status == RECOUP_OK)
        status = set_strengths(deciding);
    if (status == RECOUP_OK)
        status = set_break_even(deciding);
    return status == RECOUP_OK ? set_effects(deciding) : status;
}
