/* How far reps differ, and whether the team as a whole changed (SPREAD). docs/diagnosis.md
 * says what the verdicts mean. */
#include "crm/ranking.h"
#include "diagnose/courses.h"
#include "diagnose/false_discoveries.h"
#include "diagnose/leaving_curve.h"
#include "diagnose/people.h"
#include "diagnose/people_spread_change.h"
#include "diagnose/rep_effects.h"
#include "fit/stays.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_REPS = 5, LEAST_OBSERVED = 30 };
#define TENTH .1

/* A row before its q-values; whether what changed is for the worse. */
typedef struct spread {
    recoup_spread_row row;
    bool is_worse;
} spread;

typedef struct work {
    const recoup_diagnosing *diagnosing;
    spread *list; /* win rate; 2 rows a stage; amounts */
    int n;
    int *ranked, n_ranked; /* reps, the best first */
    double *value;         /* [rep] of the row that is worked on; NaN: none */
} work;

/* From the scale on which reps are averaged to the unit of the row. */
typedef double unit_of(const void *user, double value);

static double as_it_is(const void *user, double share) {
    (void)user;
    return share;
}

static double logit_as_share(const void *user, double logit) {
    (void)user;
    return 1 / (1 + exp(-logit));
}

static double log_as_amount(const void *user, double log_amount) {
    (void)user;
    return exp(log_amount);
}

static double speed_as_days(const void *curve, double speed) {
    return recoup_leaving_median(curve, speed);
}

/* The mean over the ranks [first, end) of those with a value. */
static double mean_of(const work *w, int first, int end) {
    double sum = 0;
    int n = 0;
    for (int k = first; k < end; k++)
        if (!isnan(w->value[w->ranked[k]])) {
            sum += w->value[w->ranked[k]];
            n++;
        }
    return n > 0 ? sum / n : NAN;
}

static void set_ranks(const work *w, unit_of *unit, const void *user, recoup_spread_row *row) {
    int n = w->n_ranked, tenth = recoup_reps_share(TENTH, n);
    if (n < RECOUP_RANKED_REPS_MIN)
        return;
    row->top = unit(user, mean_of(w, 0, tenth));
    row->middle = unit(user, mean_of(w, tenth, n - tenth));
    row->bottom = unit(user, mean_of(w, n - tenth, n));
}

static recoup_spread_row *begin(work *w, const char *measure, const char *stage, const char *unit) {
    recoup_spread_row *row = &w->list[w->n++].row;
    *row = (recoup_spread_row){.measure = measure,
                               .stage = stage,
                               .unit = unit,
                               .team = NAN,
                               .sd = NAN,
                               .p_value = NAN,
                               .q_value = NAN,
                               .top = NAN,
                               .middle = NAN,
                               .bottom = NAN,
                               .before = NAN,
                               .recent = NAN,
                               .change_p_value = NAN,
                               .change_q_value = NAN};
    return row;
}

static bool has_data(const recoup_spread_row *row) {
    return row->n_reps >= LEAST_REPS && row->n >= LEAST_OBSERVED;
}

static void set_change(work *w, const recoup_spread_change *change, bool is_worse, unit_of *unit,
                       const void *user) {
    spread *last = &w->list[w->n - 1];
    last->is_worse = is_worse;
    last->row.change_p_value = change->p_value;
    last->row.before = unit(user, change->before);
    last->row.recent = unit(user, change->recent);
}

/* --- the measures ----------------------------------------------------------------------------- */

/* Deals from creation on that have a rep, with the weights of the courses: a rep's estimate is the
 * share won, and its variance that of a share of as many deals as the weights are worth. */
static void observe_wins(const recoup_courses *courses, recoup_observations *to, double *win_rate) {
    double won = 0, ended = 0, squares = 0;
    for (int i = 0; i < courses->n; i++) {
        if (courses->rep[i] < 0)
            continue;
        ended += courses->weight[i];
        squares += courses->weight[i] * courses->weight[i];
        won += courses->stay[i].exit == RECOUP_GOES_ON ? courses->weight[i] : 0;
    }
    double share = *win_rate = won / ended;
    double variance = share * (1 - share) * squares / ended;
    for (int i = 0; i < courses->n && variance > 0; i++) {
        if (courses->rep[i] < 0 || !(courses->weight[i] > 0))
            continue;
        to->rep[to->n] = courses->rep[i];
        to->information[to->n] = courses->weight[i] / variance;
        to->score[to->n] = courses->stay[i].exit == RECOUP_GOES_ON ? to->information[to->n] : 0;
        to->n++;
    }
}

static bool add_win_rate(work *w) {
    const recoup_view *view = w->diagnosing->view;
    recoup_spread_row *row = begin(w, "win rate", "", "share");
    recoup_courses courses = {0};
    recoup_observations observed = {0};
    recoup_rep_effects effects = {.value = w->value};
    recoup_spread_change change;
    double win_rate;
    bool enough = recoup_courses_of_deals(view, &courses) &&
                  recoup_courses_weigh(&courses, NULL, 0) &&
                  recoup_observations_create(courses.n, &observed);
    if (enough)
        observe_wins(&courses, &observed, &win_rate);
    enough = enough &&
             recoup_rep_effects_of(view, &observed, false, (unsigned long)view->digest + 3000,
                                   &effects) &&
             recoup_spread_change_of_win_rate(view, recoup_recent_start(w->diagnosing), &change);
    if (enough) {
        row->n = observed.n;
        row->n_reps = effects.n_reps;
        set_change(w, &change, change.recent < change.before, as_it_is, NULL);
    }
    if (enough && has_data(row)) {
        row->team = win_rate;
        row->sd = effects.sd;
        row->p_value = effects.p_value;
        set_ranks(w, as_it_is, NULL, row);
    }
    recoup_observations_clear(&observed);
    recoup_courses_clear(&courses);
    return enough;
}

/* As the fit says it (recoup/fit_summary.h). */
static bool add_conversion(work *w, const recoup_rep_summary *reps, int stage) {
    const recoup_view *view = w->diagnosing->view;
    const char *name = w->diagnosing->model->stage[stage].name;
    recoup_spread_row *row = begin(w, "conversion", name, "share");
    recoup_spread_change change;
    double sum = 0, n = 0;
    for (int r = 0; r < view->n_reps; r++)
        w->value[r] = NAN;
    for (int i = 0; i < reps->n_rows; i++)
        if (strcmp(reps->row[i].stage, name) == 0) {
            w->value[recoup_names_find(&view->rep_ids, reps->row[i].rep)] =
                reps->row[i].conversion.value;
            sum += reps->row[i].n_entered * reps->row[i].conversion.value;
            n += reps->row[i].n_entered;
        }
    for (int i = 0; i < view->n_visits; i++)
        row->n += view->visit[i].stage == stage && view->visit[i].target != RECOUP_TO_NONE &&
                  view->rep[view->visit[i].deal] >= 0;
    row->n_reps = reps->spread[stage].n_reps;
    if (has_data(row)) {
        double logit = log(sum / (n - sum)), sd = reps->spread[stage].sd;
        row->team = sum / n;
        row->sd = (logit_as_share(NULL, logit + sd) - logit_as_share(NULL, logit - sd)) / 2;
        row->p_value = reps->spread[stage].p_value;
        set_ranks(w, as_it_is, NULL, row);
    }
    if (!recoup_spread_change_of_conversion(view, stage, recoup_recent_start(w->diagnosing),
                                            &change))
        return false;
    set_change(w, &change, change.recent < change.before, as_it_is, NULL);
    return true;
}

static bool observe_stays(const recoup_view *view, const recoup_stage_data *data,
                          const recoup_leaving_curve *curve, recoup_observations *to,
                          int *n_ended) {
    for (int i = 0; i < data->n_stays; i++) {
        double expected = recoup_leaving_expected(curve, &data->stay[i]);
        int rep = view->rep[data->stay[i].deal];
        if (!(expected > 0) || rep < 0)
            continue;
        bool ended = data->stay[i].kind != RECOUP_STAY_OPEN;
        to->rep[to->n] = rep;
        to->information[to->n] = expected;
        to->score[to->n++] = ended;
        *n_ended += ended;
    }
    return true;
}

static bool add_dwell(work *w, int stage) {
    const recoup_view *view = w->diagnosing->view;
    recoup_spread_row *row = begin(w, "dwell", w->diagnosing->model->stage[stage].name, "days");
    recoup_stage_data data;
    recoup_leaving_curve curve = {0};
    recoup_observations observed = {0};
    recoup_rep_effects effects = {.value = w->value};
    recoup_spread_change change;
    bool enough = recoup_stage_data_create(view, stage, &data) &&
                  recoup_leaving_curve_create(data.stay, data.n_stays, &curve) &&
                  recoup_observations_create(data.n_stays, &observed) &&
                  observe_stays(view, &data, &curve, &observed, &row->n) &&
                  recoup_rep_effects_of(view, &observed, true,
                                        (unsigned long)view->digest + (unsigned long)stage + 1000,
                                        &effects) &&
                  recoup_spread_change_of_dwell(view, &data, &curve,
                                                recoup_recent_start(w->diagnosing), &change);
    if (enough) {
        row->n_reps = effects.n_reps;
        set_change(w, &change, change.recent < change.before, speed_as_days, &curve);
    }
    if (enough && has_data(row)) {
        row->team = recoup_leaving_median(&curve, 1);
        row->sd = (recoup_leaving_median(&curve, exp(-effects.sd)) -
                   recoup_leaving_median(&curve, exp(effects.sd))) /
                  2;
        row->p_value = effects.p_value;
        set_ranks(w, speed_as_days, &curve, row);
    }
    recoup_observations_clear(&observed);
    recoup_leaving_curve_clear(&curve);
    free(data.stay);
    return enough;
}

/* Log amounts of deals won that have a rep and an amount; s² within reps. */
static bool observe_amounts(const recoup_view *view, recoup_observations *to) {
    double *sum = RECOUP_NEW(double, view->n_reps), *count = RECOUP_NEW(double, view->n_reps);
    double squares = 0;
    int n_reps = 0;
    bool enough = sum && count;
    for (int i = 0; i < view->n_deals && enough; i++)
        if (view->outcome[i] == RECOUP_WON && view->rep[i] >= 0 && view->amount[i] > 0) {
            to->rep[to->n] = view->rep[i];
            to->score[to->n] = log(view->amount[i]);
            sum[view->rep[i]] += to->score[to->n];
            count[view->rep[i]]++;
            to->n++;
        }
    for (int r = 0; r < view->n_reps && enough; r++)
        n_reps += count[r] > 0;
    for (int i = 0; i < to->n && enough; i++)
        squares += pow(to->score[i] - sum[to->rep[i]] / count[to->rep[i]], 2);
    double precision = (to->n - n_reps) / squares;
    if (!(precision > 0 && isfinite(precision))) /* nothing to tell from: all alike */
        to->n = 0;
    for (int i = 0; i < to->n; i++) {
        to->score[i] *= precision;
        to->information[i] = precision;
    }
    free(sum);
    free(count);
    return enough;
}

static bool add_amount(work *w) {
    const recoup_view *view = w->diagnosing->view;
    recoup_spread_row *row = begin(w, "amount", "", "currency");
    recoup_observations observed = {0};
    recoup_rep_effects effects = {.value = w->value};
    recoup_spread_change change;
    bool enough = recoup_observations_create(view->n_deals, &observed) &&
                  observe_amounts(view, &observed) &&
                  recoup_rep_effects_of(view, &observed, false, (unsigned long)view->digest + 2000,
                                        &effects) &&
                  recoup_spread_change_of_amount(view, recoup_recent_start(w->diagnosing), &change);
    if (enough) {
        row->n = observed.n;
        row->n_reps = effects.n_reps;
        set_change(w, &change, change.recent < change.before, log_as_amount, NULL);
    }
    if (enough && has_data(row)) {
        double score = 0, information = 0;
        for (int i = 0; i < observed.n; i++) {
            score += observed.score[i];
            information += observed.information[i];
        }
        row->team = exp(score / information);
        row->sd = row->team * sinh(effects.sd);
        row->p_value = effects.p_value;
        set_ranks(w, log_as_amount, NULL, row);
    }
    recoup_observations_clear(&observed);
    return enough;
}

/* --- verdicts --------------------------------------------------------------------------------- */

static const char *verdict_of(const spread *of) {
    const recoup_spread_row *row = &of->row;
    bool reps = row->q_value <= RECOUP_FALSE_DISCOVERIES;
    bool team = of->is_worse && row->change_q_value <= RECOUP_FALSE_DISCOVERIES;
    if (isnan(row->q_value))
        return "not enough data";
    return reps && team ? "both" : reps ? "individual" : team ? "systemic" : "no difference";
}

static bool add_rows(work *w) {
    double *p = RECOUP_NEW(double, w->n), *change_p = RECOUP_NEW(double, w->n);
    bool enough = p && change_p;
    recoup_results *results = w->diagnosing->results;
    for (int i = 0; i < w->n && enough; i++) {
        p[i] = w->list[i].row.p_value;
        change_p[i] = w->list[i].row.change_p_value;
    }
    enough = enough && recoup_q_values(w->n, p, p) && recoup_q_values(w->n, change_p, change_p);
    for (int i = 0; i < w->n && enough; i++) {
        recoup_spread_row *row = recoup_records_add(results, RECOUP_RECORD_SPREAD);
        const char *stage = recoup_records_text(results, w->list[i].row.stage);
        enough = row && stage;
        if (!enough)
            break;
        w->list[i].row.q_value = p[i];
        w->list[i].row.change_q_value = change_p[i];
        *row = w->list[i].row;
        row->stage = stage;
        row->verdict = verdict_of(&w->list[i]);
    }
    free(p);
    free(change_p);
    return enough;
}

recoup_status recoup_diagnose_spread(const recoup_diagnosing *diagnosing,
                                     const recoup_rep_summary *reps) {
    const recoup_view *view = diagnosing->view;
    int n_stages = diagnosing->model->n_stages;
    work w = {.diagnosing = diagnosing,
              .list = RECOUP_NEW(spread, 2 * n_stages + 2),
              .ranked = RECOUP_NEW(int, view->n_reps),
              .value = RECOUP_NEW(double, view->n_reps)};
    bool enough = w.list && w.ranked && w.value;
    if (enough)
        w.n_ranked = recoup_reps_rank(view, w.ranked);
    enough = enough && w.n_ranked >= 0;
    enough = enough && add_win_rate(&w);
    for (int s = 0; s < n_stages && enough; s++)
        enough = add_conversion(&w, reps, s) && add_dwell(&w, s);
    enough = enough && add_amount(&w) && add_rows(&w);
    free(w.list);
    free(w.ranked);
    free(w.value);
    return enough ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}
