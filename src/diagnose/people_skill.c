/* The skill matrix (SKILL): what a rep converts in a stage, against what the team converts with the
 * same deals. */
#include "diagnose/false_discoveries.h"
#include "diagnose/people.h"
#include "fit/conversion.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { LEAST_DEALS = 10 };

static double logit_of(double share) {
    return log(share) - log1p(-share);
}

/* Adds the stays of reps in a stage: with their cohorts' terms, or without and the logit raised by
 * a shift that is the same for all. */
static void add_up(const recoup_diagnosing *diagnosing, int stage, bool with_cohort, double shift,
                   recoup_conversion *by_rep, recoup_conversion *all) {
    const recoup_view *view = diagnosing->view;
    const recoup_stage *of = &diagnosing->model->stage[stage];
    for (int i = 0; i < view->n_visits; i++) {
        const recoup_visit *visit = &view->visit[i];
        int rep = view->rep[visit->deal];
        if (visit->stage != stage || rep < 0)
            continue;
        recoup_deal_state deal = recoup_deal_state_of(view, visit->deal);
        if (!with_cohort)
            deal.cohort = -1;
        recoup_conversion_add(by_rep ? &by_rep[rep] : all, diagnosing->model, of, &deal, shift);
    }
}

/* What the team converts of each rep's deals: their channels, segments and sizes, and instead of
 * the cohort a shift with which all deals convert as they do. */
static bool measure_team(const recoup_diagnosing *diagnosing, int stage, double *team) {
    int n_reps = diagnosing->view->n_reps;
    recoup_conversion with = {0}, without = {0};
    recoup_conversion *sum = RECOUP_NEW(recoup_conversion, n_reps);
    if (!sum)
        return false;
    add_up(diagnosing, stage, true, 0, NULL, &with);
    add_up(diagnosing, stage, false, 0, NULL, &without);
    double shift = logit_of(with.share / with.n) - logit_of(without.share / without.n);
    add_up(diagnosing, stage, false, isfinite(shift) ? shift : 0, sum, NULL);
    for (int r = 0; r < n_reps; r++)
        team[r] = sum[r].n > 0 ? sum[r].share / sum[r].n : NAN;
    free(sum);
    return true;
}

/* Whether the team's conversion is a likely value of the rep's, as it is after shrinkage: a
 * difference that chance makes is shrunk, and its p-value is rather too large than too small. */
static double p_value_of(const recoup_rep_row *rep, double team) {
    const double z = 1.959963984540054; /* the interval's */
    double value = rep->conversion.value, low = rep->conversion.low, high = rep->conversion.high;
    if (rep->n_entered < LEAST_DEALS || !(low > 0 && high < 1 && team > 0 && team < 1))
        return NAN;
    double se = (logit_of(high) - logit_of(low)) / (2 * z);
    return se > 0 ? 2 * gsl_cdf_ugaussian_Q(fabs(logit_of(value) - logit_of(team)) / se) : NAN;
}

static const char *verdict_of(const recoup_rep_row *rep, double team, double q) {
    if (isnan(q))
        return "not enough data";
    if (q > RECOUP_FALSE_DISCOVERIES)
        return "as the team";
    return rep->conversion.value > team ? "above" : "below";
}

static bool add_rows(const recoup_diagnosing *diagnosing, const recoup_rep_summary *reps,
                     const double *team, const double *q) {
    recoup_results *results = diagnosing->results;
    for (int i = 0; i < reps->n_rows; i++) {
        const recoup_rep_row *rep = &reps->row[i];
        if (!(rep->n_entered > 0))
            continue;
        recoup_skill_row *row = recoup_records_add(results, RECOUP_RECORD_SKILL);
        if (!row)
            return false;
        row->rep = recoup_records_text(results, rep->rep);
        row->cohort = recoup_records_text(results, rep->cohort);
        row->stage = recoup_records_text(results, rep->stage);
        if (!row->rep || !row->cohort || !row->stage)
            return false;
        row->n = (int)rep->n_entered;
        row->conversion = rep->conversion.value;
        row->low = rep->conversion.low;
        row->high = rep->conversion.high;
        row->team = team[i];
        row->verdict = verdict_of(rep, team[i], q[i]);
    }
    return true;
}

recoup_status recoup_diagnose_skill(const recoup_diagnosing *diagnosing,
                                    const recoup_rep_summary *reps) {
    const recoup_view *view = diagnosing->view;
    double *team = RECOUP_NEW(double, reps->n_rows), *p = RECOUP_NEW(double, reps->n_rows);
    double *of_stage = RECOUP_NEW(double, view->n_reps);
    bool enough = team && p && of_stage;
    /* rows come by stage, then by rep as in the view */
    for (int s = 0, i = 0; s < diagnosing->model->n_stages && enough; s++) {
        enough = measure_team(diagnosing, s, of_stage);
        for (; i < reps->n_rows && reps->row[i].stage == diagnosing->model->stage[s].name; i++) {
            team[i] = of_stage[recoup_names_find(&view->rep_ids, reps->row[i].rep)];
            p[i] = p_value_of(&reps->row[i], team[i]);
        }
    }
    enough = enough && recoup_q_values(reps->n_rows, p, p) && add_rows(diagnosing, reps, team, p);
    free(team);
    free(p);
    free(of_stage);
    return enough ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}
