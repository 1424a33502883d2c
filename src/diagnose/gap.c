/* The gap to a reference by factor (GAP).
 *
 * Bookings of a period are the product of four factors,
 *
 *     volume    N  deals in play: open at the period's start or created in it
 *     win rate  w  = W / N, W the deals in play that are won in the end
 *     value     a  = B / K, B the bookings of the period, K its wins
 *     velocity  v  = K / W
 *
 * For a period that is over, N, K and B are counted, and W is the deals won since and P(won in the
 * end) of those still open: these are censored, not lost. For the current one, what was seen until
 * the as-of date stands, and the rest is expected under the first plan (diagnose/expected.h).
 *
 * The effect of each factor is that of diagnose/factors.h, by cohort, each a sum in whole cents.
 * The team's effects are the sums of its cohorts', so that shifts between cohorts are not taken for
 * a change of the team's rates (Simpson's paradox). Intervals are those of the effects over the
 * parameter draws: what the draws change is expected bookings, and W of both periods. */
#include "diagnose/diagnose.h"
#include "diagnose/factors.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

enum { PARTS = RECOUP_FACTORS + 1, TOTAL = RECOUP_FACTORS }; /* the factors, then their sum */

static const struct {
    const char *name, *unit;
} part_names[PARTS] = {{"volume", "deals"},
                       {"win rate", "share"},
                       {"value", "currency"},
                       {"velocity", "share"},
                       {"total", "currency"}};

/* What is compared, of one cohort or of all. */
typedef struct comparison {
    double before[PARTS], after[PARTS]; /* factors, then bookings */
    double effect[PARTS];
} comparison;

typedef struct decomposing {
    const recoup_diagnosing *diagnosing;
    const recoup_expected *expected;
    int n_cohorts;
    int *cohort;                 /* view's -> model's */
    recoup_deal_counts *current; /* [cohort]: seen until the as-of date */
    recoup_deal_counts *past;    /* [reference][cohort] */
    comparison *point;           /* [cohort + 1]: the last is the team */
    double *effect;              /* [cohort + 1][part][draw] */
    recoup_arena arena;
} decomposing;

/* --- quantities ---------------------------------------------------------------------------------
 */

static void set_factors(const recoup_deal_counts *of, double *factor) {
    factor[0] = of->deals;
    factor[1] = of->deals > 0 ? of->eventual / of->deals : NAN;
    factor[2] = of->wins > 0 ? of->bookings / of->wins : NAN;
    factor[3] = of->eventual > 0 ? of->wins / of->eventual : NAN;
    factor[TOTAL] = of->bookings;
}

static void add_counts(recoup_deal_counts *to, const recoup_deal_counts *of, double weight) {
    to->deals += weight * of->deals;
    to->eventual += weight * of->eventual;
    to->wins += weight * of->wins;
    to->bookings += weight * of->bookings;
}

/* What a draw expects of the current period, of a cohort, besides what was seen. */
static recoup_deal_counts expected_of(const decomposing *d, int cohort, int draw) {
    const recoup_expected *e = d->expected;
    size_t at = (size_t)draw * (size_t)e->n_cohorts + (size_t)cohort;
    size_t open = (size_t)draw * (size_t)e->n_cohorts * (size_t)e->n_limits + (size_t)cohort;
    return (recoup_deal_counts){.deals = e->new_deals[at],
                                .eventual = e->open_eventual[open] + e->new_eventual[at],
                                .wins = e->open_wins[at] + e->new_wins[at],
                                .bookings = e->open_bookings[at] + e->new_bookings[at]};
}

/* The same of a reference: its deals that are still open. */
static recoup_deal_counts still_open_of(const decomposing *d, int reference, int cohort, int draw) {
    const recoup_expected *e = d->expected;
    size_t row = (size_t)draw * (size_t)e->n_limits + (size_t)reference + 1;
    return (recoup_deal_counts){.eventual =
                                    e->open_eventual[row * (size_t)e->n_cohorts + (size_t)cohort]};
}

/* Before and after of a cohort in a draw; draw < 0: the mean over all. reference < 0: only after.
 */
static void set_counts(const decomposing *d, int reference, int cohort, int draw,
                       recoup_deal_counts *before, recoup_deal_counts *after) {
    int first = draw < 0 ? 0 : draw, end = draw < 0 ? d->expected->n_draws : draw + 1;
    recoup_deal_counts past = {0}, current = {0};
    for (int i = first; i < end; i++) {
        recoup_deal_counts of = expected_of(d, cohort, i);
        add_counts(&current, &of, 1. / (end - first));
        if (reference >= 0)
            of = still_open_of(d, reference, cohort, i);
        add_counts(&past, &of, reference >= 0 ? 1. / (end - first) : 0);
    }
    *after = d->current[cohort];
    add_counts(after, &current, 1);
    *before = reference >= 0 ? d->past[reference * d->n_cohorts + cohort] : (recoup_deal_counts){0};
    add_counts(before, &past, 1);
}

/* Counts by the model's cohorts. */
static bool count(const decomposing *d, double start, double end, recoup_deal_counts *to) {
    const recoup_view *view = d->diagnosing->view;
    recoup_deal_counts *own = RECOUP_NEW(recoup_deal_counts, view->cohorts.n);
    if (!own)
        return false;
    recoup_deals_count(view, start, end, own);
    for (int c = 0; c < view->cohorts.n; c++)
        if (d->cohort[c] >= 0)
            add_counts(&to[d->cohort[c]], &own[c], 1);
    free(own);
    return true;
}

static recoup_status begin(decomposing *d) {
    const recoup_diagnosing *of = d->diagnosing;
    const recoup_scenario *scenario = of->scenario;
    int n_view = of->view->cohorts.n, n = d->n_cohorts, n_draws = d->expected->n_draws;
    d->cohort = recoup_arena_alloc(&d->arena, (size_t)n_view, sizeof *d->cohort);
    d->current = recoup_arena_alloc(&d->arena, (size_t)n, sizeof *d->current);
    d->past = recoup_arena_alloc(&d->arena, (size_t)n * RECOUP_REFERENCES, sizeof *d->past);
    d->point = recoup_arena_alloc(&d->arena, (size_t)n + 1, sizeof *d->point);
    d->effect =
        recoup_arena_alloc(&d->arena, (size_t)(n + 1) * PARTS * (size_t)n_draws, sizeof *d->effect);
    if (!d->cohort || !d->current || !d->past || !d->point || !d->effect)
        return recoup_fail_memory(of->error);
    for (int c = 0; c < n_view; c++)
        d->cohort[c] = recoup_names_find(&of->model->cohorts, of->view->cohorts.name[c]);
    bool enough = count(d, scenario->period_start, scenario->as_of, d->current);
    for (int r = 0; r < of->n_references && enough; r++)
        enough = count(d, of->reference[r].start, of->reference[r].end, &d->past[r * n]);
    return enough ? RECOUP_OK : recoup_fail_memory(of->error);
}

/* --- effects ------------------------------------------------------------------------------------
 */

static comparison compare(const recoup_deal_counts *before, const recoup_deal_counts *after) {
    comparison of;
    set_factors(before, of.before);
    set_factors(after, of.after);
    recoup_factors_explain(of.before, of.after, of.effect);
    of.effect[TOTAL] = of.after[TOTAL] - of.before[TOTAL];
    return of;
}

/* Against a target, which the team alone has. */
static comparison compare_to_target(const recoup_gap_target *target,
                                    const recoup_deal_counts *after) {
    comparison of = {
        .before = {target->volume, target->win_rate, target->value, target->velocity,
                   target->volume * target->win_rate * target->value * target->velocity}};
    set_factors(after, of.after);
    recoup_factors_explain(of.before, of.after, of.effect);
    of.effect[TOTAL] = of.after[TOTAL] - of.before[TOTAL];
    return of;
}

static double *draws_of(const decomposing *d, int cohort, int part) {
    return d->effect + ((size_t)cohort * PARTS + (size_t)part) * (size_t)d->expected->n_draws;
}

static comparison compare_team(const decomposing *d, int reference,
                               const recoup_deal_counts *before, const recoup_deal_counts *after) {
    return reference < 0 ? compare_to_target(&d->diagnosing->scenario->diagnosis.target, after)
                         : compare(before, after);
}

/* Effects of one draw: the team's are the sums of the cohorts', unless they are of a target. */
static void decompose_draw(const decomposing *d, int reference, int draw) {
    int n = d->n_cohorts;
    recoup_deal_counts before, after, team = {0};
    for (int part = 0; part < PARTS; part++)
        draws_of(d, n, part)[draw] = 0;
    for (int c = 0; c < n; c++) {
        set_counts(d, reference, c, draw, &before, &after);
        add_counts(&team, &after, 1);
        if (reference < 0)
            continue;
        comparison of = compare(&before, &after);
        for (int part = 0; part < PARTS; part++) {
            draws_of(d, c, part)[draw] = of.effect[part];
            draws_of(d, n, part)[draw] += of.effect[part];
        }
    }
    if (reference < 0) {
        comparison of = compare_team(d, reference, NULL, &team);
        for (int part = 0; part < PARTS; part++)
            draws_of(d, n, part)[draw] = of.effect[part];
    }
}

/* reference < 0: the target. Every draw, and the means over the draws. */
static void decompose(const decomposing *d, int reference) {
    int n = d->n_cohorts;
    recoup_deal_counts before, after, team_before = {0}, team_after = {0};
    for (int draw = 0; draw < d->expected->n_draws; draw++)
        decompose_draw(d, reference, draw);
    for (int c = 0; c < n; c++) {
        set_counts(d, reference, c, -1, &before, &after);
        d->point[c] = compare(&before, &after);
        add_counts(&team_before, &before, 1);
        add_counts(&team_after, &after, 1);
    }
    d->point[n] = compare_team(d, reference, &team_before, &team_after);
}

/* To whole cents, each level a sum of the next. */
static bool round_effects(const decomposing *d, int reference) {
    int n = d->n_cohorts;
    comparison *team = &d->point[n];
    double *total = RECOUP_NEW(double, n);
    if (!total)
        return false;
    for (int c = 0; c < n; c++)
        total[c] = d->point[c].effect[TOTAL];
    team->effect[TOTAL] = recoup_cents_of(team->effect[TOTAL]);
    recoup_cents_share(total, n, team->effect[TOTAL], total);
    if (reference < 0)
        recoup_cents_share(team->effect, RECOUP_FACTORS, team->effect[TOTAL], team->effect);
    for (int part = 0; part < RECOUP_FACTORS && reference >= 0; part++)
        team->effect[part] = 0;
    for (int c = 0; c < n && reference >= 0; c++) {
        double *effect = d->point[c].effect;
        effect[TOTAL] = total[c];
        recoup_cents_share(effect, RECOUP_FACTORS, total[c], effect);
        for (int part = 0; part < RECOUP_FACTORS; part++)
            team->effect[part] += effect[part];
    }
    free(total);
    return true;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static recoup_status add_rows(const decomposing *d, const char *reference, int cohort) {
    recoup_results *results = d->diagnosing->results;
    const recoup_names *cohorts = &d->diagnosing->model->cohorts;
    const comparison *of = &d->point[cohort];
    size_t n_draws = (size_t)d->expected->n_draws;
    const char *name =
        cohort < d->n_cohorts ? recoup_records_text(results, cohorts->name[cohort]) : "";
    for (int part = 0; part < PARTS; part++) {
        recoup_gap_row *row = recoup_records_add(results, RECOUP_RECORD_GAP);
        if (!row || !name)
            return recoup_fail_memory(d->diagnosing->error);
        row->reference = reference;
        row->cohort = name;
        row->factor = part_names[part].name;
        row->unit = part_names[part].unit;
        row->reference_value = of->before[part];
        row->value = of->after[part];
        row->effect = of->effect[part] / 100;
        if (n_draws < 2)
            continue;
        double *draw = draws_of(d, cohort, part);
        gsl_sort(draw, 1, n_draws);
        row->effect_low = gsl_stats_quantile_from_sorted_data(draw, 1, n_draws, .025);
        row->effect_high = gsl_stats_quantile_from_sorted_data(draw, 1, n_draws, .975);
    }
    return RECOUP_OK;
}

static bool has_deals(const comparison *of) {
    return of->before[0] > 0 || of->after[0] > 0;
}

/* The team, then its cohorts. */
static recoup_status add_reference(const decomposing *d, const char *name, int reference) {
    int n = d->n_cohorts;
    decompose(d, reference);
    if (!has_deals(&d->point[n]))
        return RECOUP_OK;
    if (!round_effects(d, reference))
        return recoup_fail_memory(d->diagnosing->error);
    recoup_status status = add_rows(d, name, n);
    for (int c = 0; c < n && n > 1 && reference >= 0 && status == RECOUP_OK; c++)
        if (has_deals(&d->point[c]))
            status = add_rows(d, name, c);
    return status;
}

recoup_status recoup_diagnose_gap(const recoup_diagnosing *diagnosing) {
    decomposing d = {.diagnosing = diagnosing,
                     .expected = diagnosing->expected,
                     .n_cohorts = diagnosing->model->cohorts.n};
    if (!diagnosing->expected)
        return RECOUP_OK;
    recoup_status status = begin(&d);
    for (int r = 0; r < diagnosing->n_references && status == RECOUP_OK; r++)
        status = add_reference(&d, diagnosing->reference[r].name, r);
    if (status == RECOUP_OK && diagnosing->scenario->diagnosis.has_target)
        status = add_reference(&d, "target", -1);
    recoup_arena_clear(&d.arena);
    return status;
}
