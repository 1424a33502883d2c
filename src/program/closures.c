/* Scrubbing: which open deals a plan closes, on which day, and what the freed effort brings. */
#include "program/compile.h"

#include "crm/hygiene.h"
#include <math.h>
#include <stdlib.h>

/* Open deals as the rules see them. */
typedef struct book {
    int *deal;          /* [open deal]: its place in the view */
    double *stale_days; /* [deal of the view] */
    unsigned *rules;    /* [open deal]: those of the closure that it matches */
} book;

/* The deals that a rule finds, in a note. */
static const char *const what[RECOUP_N_HYGIENE_RULES] = {
    "whose expected close is long over", "without a next step", "that are stale in their stage",
    "older than any deal that was won",  "without an amount",
};

/* Columns that the rules need. */
static recoup_status check_columns(const recoup_compile *compile, const recoup_closure *closure) {
    recoup_status status = RECOUP_OK;
    for (int rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++) {
        const char *column = recoup_hygiene_missing(compile->view, (recoup_hygiene_rule)rule);
        if (closure->rule[rule] && column)
            status = recoup_node_fail(compile->scenario->document, closure->rule_node[rule],
                                      compile->error,
                                      "the rule '%s' looks at the column '%s', which the deals "
                                      "table does not have; expected that column, or other rules",
                                      closure->rule_node[rule]->text, column);
    }
    return status;
}

void recoup_program_stale_days(const recoup_program *program, const recoup_view *view,
                               const double *limit_days, double *stale_days) {
    int n = 0;
    for (int deal = 0; deal < view->n_deals; deal++) {
        if (view->outcome[deal] != RECOUP_OPEN)
            continue;
        int cohort = recoup_program_cohort(program, program->plan, program->owner[n].cell);
        stale_days[deal] = limit_days[program->deal[n++].stage * program->n_cohorts + cohort];
    }
}

static void match(const recoup_compile *compile, const recoup_closure *closure, const book *of) {
    const recoup_view *view = compile->view;
    unsigned asked = 0;
    const recoup_hygiene_limits limits = {.expired_days = closure->expired_days,
                                          .stale_days = closure->stale_days ? of->stale_days : NULL,
                                          .ancient_days = recoup_hygiene_longest_win(view)};
    if (closure->stale_days)
        recoup_program_stale_days(compile->program, view, closure->stale_days, of->stale_days);
    for (unsigned rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++)
        asked |= (unsigned)closure->rule[rule] << rule;
    for (int i = 0; i < compile->program->n_deals; i++)
        of->rules[i] = asked & recoup_hygiene_match(view, &limits, of->deal[i]);
}

/* What each rule finds, whatever the others do, and what all of them close. */
static void add_notes(const recoup_compile *compile, const recoup_closure *closure, const book *of,
                      int n_closed, double amount_closed) {
    const recoup_program *program = compile->program;
    const recoup_document *document = compile->scenario->document;
    for (int rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++) {
        int n = 0;
        double amount = 0;
        if (!closure->rule[rule])
            continue;
        for (int i = 0; i < program->n_deals; i++)
            if (of->rules[i] >> rule & 1) {
                n++;
                amount += program->deal[i].amount;
            }
        recoup_node_note(document, closure->rule_node[rule], compile->error,
                         "open deals %s: %d of %d, %.0f in all", what[rule], n, program->n_deals,
                         amount);
    }
    recoup_node_note(document, closure->lever_node, compile->error,
                     "open deals that this lever closes: %d of %d, %.0f in all", n_closed,
                     program->n_deals, amount_closed);
}

/* In each cohort arrivals × (1 + share of its open deals)^returns. */
static recoup_status add_freed(recoup_compile *compile, const recoup_closure *closure,
                               const int *n_closed, recoup_change *freed, int *n_freed) {
    const recoup_program *program = compile->program;
    int n_cohorts = program->n_cohorts;
    for (int cohort = 0; cohort < n_cohorts && closure->returns > 0; cohort++) {
        int n_open = 0;
        for (int i = 0; i < program->n_deals; i++)
            n_open +=
                recoup_program_cohort(program, program->plan, program->owner[i].cell) == cohort;
        if (n_closed[cohort] == 0)
            continue;
        bool *only = RECOUP_COMPILE_NEW(compile, bool, n_cohorts);
        if (!only)
            return recoup_fail_memory(compile->error);
        only[cohort] = true;
        freed[(*n_freed)++] = (recoup_change){
            .quantity = RECOUP_CHANGE_LOG_RATE,
            .cohort = only,
            .start_day = closure->start_day,
            .ramp_days = closure->ramp_days,
            .value = closure->returns * log1p((double)n_closed[cohort] / n_open),
            .node = closure->lever_node,
        };
    }
    return RECOUP_OK;
}

/* Closes what the rules find and no earlier lever of the plan closes. */
static recoup_status close_deals(recoup_compile *compile, const recoup_closure *closure,
                                 const book *of, double *closed_day, recoup_change *freed,
                                 int *n_freed) {
    const recoup_program *program = compile->program;
    int n = 0, n_closed = 0;
    double amount = 0;
    int *by_cohort = RECOUP_NEW(int, program->n_cohorts),
        *chosen = RECOUP_NEW(int, program->n_deals);
    recoup_status status = RECOUP_OK;
    if (!by_cohort || !chosen) {
        status = recoup_fail_memory(compile->error);
        goto exit;
    }
    for (int i = 0; i < program->n_deals; i++)
        if (of->rules[i] && closed_day[i] > closure->start_day &&
            recoup_compile_shares(closure->key, closure->share, &program->deal[i]))
            chosen[n++] = i;
    for (int k = 0; k < n; k++) {
        double day = closure->start_day + floor(closure->ramp_days * (k + 0.5) / n);
        int i = chosen[k];
        if (day >= program->horizon_days || day >= closed_day[i])
            continue;
        closed_day[i] = day;
        by_cohort[recoup_program_cohort(program, program->plan, program->owner[i].cell)]++;
        amount += program->deal[i].amount;
        n_closed++;
    }
    add_notes(compile, closure, of, n_closed, amount);
    status = add_freed(compile, closure, by_cohort, freed, n_freed);
exit:
    free(by_cohort);
    free(chosen);
    return status;
}

static void find_open_deals(const recoup_compile *compile, book *of) {
    int n = 0;
    for (int i = 0; i < compile->view->n_deals; i++)
        if (compile->view->outcome[i] == RECOUP_OPEN)
            of->deal[n++] = i;
}

/* The plan's closures in the order of their start. */
static const recoup_closure **in_order(const recoup_effects *effects) {
    const recoup_closure **closures = RECOUP_NEW(const recoup_closure *, effects->n_closures);
    for (int i = 0; closures && i < effects->n_closures; i++) {
        int at = i;
        for (; at > 0 && closures[at - 1]->start_day > effects->closure[i].start_day; at--)
            closures[at] = closures[at - 1];
        closures[at] = &effects->closure[i];
    }
    return closures;
}

recoup_status recoup_compile_closures(recoup_compile *compile, const recoup_effects *effects,
                                      recoup_program_plan *plan) {
    const recoup_program *program = compile->program;
    if (effects->n_closures == 0)
        return RECOUP_OK;
    recoup_status status = RECOUP_OK;
    book of = {.deal = RECOUP_NEW(int, program->n_deals),
               .stale_days = RECOUP_NEW(double, compile->view->n_deals),
               .rules = RECOUP_NEW(unsigned, program->n_deals)};
    const recoup_closure **closures = in_order(effects);
    double *closed_day = RECOUP_COMPILE_NEW(compile, double, program->n_deals);
    recoup_change *freed =
        RECOUP_COMPILE_NEW(compile, recoup_change, effects->n_closures * program->n_cohorts);
    if (!of.deal || !of.stale_days || !of.rules || !closures || !closed_day || !freed) {
        status = recoup_fail_memory(compile->error);
        goto exit;
    }
    find_open_deals(compile, &of);
    for (int i = 0; i < program->n_deals; i++)
        closed_day[i] = INFINITY;
    for (int i = 0; i < effects->n_closures; i++) {
        recoup_status each = check_columns(compile, closures[i]);
        if (each == RECOUP_OK) {
            match(compile, closures[i], &of);
            each = close_deals(compile, closures[i], &of, closed_day, freed, &plan->n_freed);
        }
        if (each != RECOUP_OK)
            status = each; /* go on: the other levers' problems are reported too */
    }
    plan->closed_day = closed_day;
    plan->freed = freed;
exit:
    free(of.deal);
    free(of.stale_days);
    free(of.rules);
    free(closures);
    return status;
}
