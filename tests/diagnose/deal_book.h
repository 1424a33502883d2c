/* A book of deals with reps, made field by field; one stage, one cohort. */
#ifndef RECOUP_TESTS_DIAGNOSE_DEAL_BOOK_H
#define RECOUP_TESTS_DIAGNOSE_DEAL_BOOK_H

#include "../fit/synthetic_view.h"
#include "diagnose/people.h"
#include "results/records.h"
#include "scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The as-of date is 20000 (2024-10-04), a day within the quarter from 1 October 2024 on. */
enum { QUARTER_START = 19997, QUARTER_END = 20089 };

static inline recoup_view *book_of(int n_reps, int most_deals) {
    recoup_view *view = empty_view(1, 1, 0, most_deals, most_deals);
    recoup_arena *arena = &view->arena;
    size_t n = (size_t)most_deals, reps = (size_t)n_reps;
    char name[16];
    view->period_start = QUARTER_START;
    view->competitor = recoup_arena_alloc(arena, n, sizeof(int));
    view->product = recoup_arena_alloc(arena, n, sizeof(int));
    view->loss_reason = recoup_arena_alloc(arena, n, sizeof(int));
    view->rep_id = recoup_arena_alloc(arena, reps, sizeof(char *));
    view->rep_cohort = recoup_arena_alloc(arena, reps, sizeof(int));
    view->rep_status = recoup_arena_alloc(arena, reps, 1);
    view->rep_quota = recoup_arena_alloc(arena, reps, sizeof(double));
    view->rep_start = recoup_arena_alloc(arena, reps, sizeof(double));
    view->n_reps = n_reps;
    for (int r = 0; r < n_reps; r++) {
        snprintf(name, sizeof name, "R%03d", r);
        recoup_names_add(&view->rep_ids, name);
        view->rep_id[r] = recoup_arena_text(arena, name, strlen(name));
        view->rep_quota[r] = view->rep_start[r] = NAN;
    }
    return view;
}

/* Stays in the one stage until it is closed after `days`, if that is before the as-of date. */
static inline int add_course(recoup_view *view, int rep, double created, double days, bool won,
                             double amount) {
    int i = add_deal(view, 0, -1, created, amount);
    bool open = !(created + days < view->as_of);
    view->rep[i] = rep;
    view->competitor[i] = view->product[i] = view->loss_reason[i] = -1;
    add_visit(view, i, 0, created, open ? view->as_of - created : days,
              open  ? RECOUP_TO_NONE
              : won ? RECOUP_TO_WON
                    : RECOUP_TO_LOST);
    return i;
}

static inline void free_book(recoup_view *view) {
    recoup_names_clear(&view->rep_ids);
    recoup_names_clear(&view->competitors);
    recoup_names_clear(&view->products);
    recoup_names_clear(&view->loss_reasons);
    free_view(view);
}

/* A part of the diagnosis on a view; the results are to be freed. */
static inline recoup_results *diagnose(const recoup_view *view, const recoup_scenario *scenario,
                                       recoup_status (*part)(const recoup_diagnosing *)) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = calloc(1, sizeof *results);
    assert_non_null(results);
    const recoup_diagnosing diagnosing = {
        .scenario = scenario, .view = view, .results = results, .error = &error};
    assert_int_equal(part(&diagnosing), RECOUP_OK);
    recoup_error_clear(&error);
    return results;
}

static inline recoup_scenario quarter(void) {
    return (recoup_scenario){
        .as_of = 20000, .period_start = QUARTER_START, .period_end = QUARTER_END};
}

/* Standard normal (Box & Muller 1958). */
static inline double normal(uint64_t *seed) {
    double radius = sqrt(-2 * log(uniform(seed)));
    return radius * cos(2 * M_PI * uniform(seed));
}

#endif
