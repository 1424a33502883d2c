/* Process, too: what the tables show of how deals leave a stage that is neither anybody's skill nor
 * a slowing.
 *
 * - Mass exit: on one day of age many more deals leave by an exit than on the days around, as when
 * a rule closes what is 30 days old. Of the deals that left on that day or on the neighbours, so
 * many would be that day's by the deals at risk, even if its hazard were EXCESS times theirs:
 * binomial, times the number of days and exits that were looked at (Bonferroni).
 * - Stale: hardly any deal leaves that is older than 95 in 100 were which left. Hazards fall with
 * age in many stages; here by more than FALL, from the ages between the quantiles 75 and 95 % to
 * those beyond: binomial, by the days at risk.
 * - Quarter end: deals that close in the last days of a quarter are won more often
 *   (fit/calendar.h). */
#include "diagnose/causes.h"

#include "fit/calendar.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* --- mass exit -------------------------------------------------------------------------------- */

enum { FIRST_DAY = 3, LAST_DAY = 400, AROUND = 7, LEAST_MASS = 10 };
#define EXCESS 3.

/* By whole days of age: at risk at the beginning, and lost. */
typedef struct days {
    double at_risk[LAST_DAY + AROUND + 1], lost[LAST_DAY + AROUND + 1];
} days;

static void count_days(const recoup_sample *sample, days *d) {
    enum { END = LAST_DAY + AROUND };
    for (int i = 0; i < sample->n; i++) {
        const recoup_stay *stay = &sample->stay[i];
        int last = stay->dwell_days > END ? END : (int)stay->dwell_days;
        int first = stay->entry_days > END ? END + 1 : (int)ceil(stay->entry_days);
        for (int k = first; k <= last; k++)
            d->at_risk[k]++;
        if (stay->exit == RECOUP_IS_LOST && stay->dwell_days <= END && last >= first)
            d->lost[last]++;
    }
}

typedef struct mass {
    int day;
    double p_value; /* one-sided */
    double n, at_risk;
    double share, around; /* of the deals at risk, lost that day and on a day around it */
} mass;

static mass mass_at(const days *d, int day) {
    double lost = 0, at_risk = 0;
    for (int k = day - AROUND; k <= day + AROUND; k++)
        if (k >= 1 && abs(k - day) > 1) { /* a clock may spread it over two days */
            lost += d->lost[k];
            at_risk += d->at_risk[k];
        }
    mass m = {.day = day, .p_value = 1, .n = d->lost[day], .at_risk = d->at_risk[day]};
    m.share = m.n / m.at_risk;
    m.around = fmax(lost, .5) / at_risk; /* none: half a deal */
    double part = EXCESS * m.at_risk / (EXCESS * m.at_risk + at_risk);
    if (m.n > 0)
        m.p_value = gsl_cdf_binomial_Q((unsigned)m.n - 1, part, (unsigned)(m.n + lost));
    return m;
}

/* The most unlikely day; *n_looks: how many were looked at. Its n is 0: none has enough. */
static mass find_mass(const days *d, int *n_looks) {
    mass best = {.p_value = 2};
    *n_looks = 0;
    for (int day = FIRST_DAY; day <= LAST_DAY && d->at_risk[day] >= RECOUP_LEAST_STAYS; day++) {
        mass m = mass_at(d, day);
        ++*n_looks;
        if (m.n >= LEAST_MASS && m.p_value < best.p_value)
            best = m;
    }
    return best;
}

static recoup_status test_mass(recoup_causes *causes, const recoup_sample *sample,
                               const char *stage) {
    recoup_results *results = causes->diagnosing->results;
    days *d = RECOUP_NEW(days, 1);
    recoup_cause *cause = recoup_cause_add(causes, "process", "mass exit");
    if (!d || !cause) {
        free(d);
        return recoup_fail_memory(causes->diagnosing->error);
    }
    int n_looks;
    count_days(sample, d);
    mass best = find_mass(d, &n_looks);
    free(d);
    recoup_finding_row *row = &cause->row;
    row->stage = stage;
    row->subject = recoup_records_format(results, "losses on one day in %s", stage);
    row->unit = "times";
    if (best.n < LEAST_MASS) {
        row->sentence = recoup_records_format(
            results, "Not enough data: there is no day of age on which %d deals were lost.",
            LEAST_MASS);
        return RECOUP_OK;
    }
    row->n = (int)best.n;
    row->n_reference = (int)best.at_risk;
    row->value = best.share;
    row->reference = best.around;
    row->effect = best.share / best.around;
    row->p_value = fmin(1, n_looks * 2 * best.p_value);
    cause->does_harm = true;
    const char *chance = recoup_chance_text(results, row->p_value);
    row->sentence =
        !chance
            ? NULL
            : recoup_records_format(
                  results,
                  "On day %d in %s %d of the %d deals that were still there were lost, %.2g %%, "
                  "against %.2g %% a day around it%s; %s.",
                  best.day + 1, stage, row->n, row->n_reference, 100 * best.share,
                  100 * best.around, row->p_value < .001 ? ": a rule or a date seems to do it" : "",
                  chance);
    return RECOUP_OK;
}

/* --- stale ------------------------------------------------------------------------------------ */

enum { LEAST_CLOSED = 40, LEAST_OLD = 10 };
#define FALL .25 /* of the hazard */
#define OLD_FROM .75
#define OLD_TO .95

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Exits and days at risk between two ages. */
static void watch(const recoup_sample *sample, double from, double to, double *left,
                  double *at_risk) {
    *left = *at_risk = 0;
    for (int i = 0; i < sample->n; i++) {
        const recoup_stay *stay = &sample->stay[i];
        double start = fmax(from, stay->entry_days), end = fmin(to, stay->dwell_days);
        *at_risk += fmax(0, end - start);
        *left += stay->exit >= 0 && stay->dwell_days > from && stay->dwell_days <= to;
    }
}

/* The limits of the ratio of two rates, by Clopper & Pearson 1934 for the share of the one. */
static void set_ratio(recoup_finding_row *row, double a, double a_days, double b, double b_days) {
    double scale = b_days / a_days;
    double low = a > 0 ? gsl_cdf_beta_Pinv(.025, a, b + 1) : 0;
    double high = gsl_cdf_beta_Pinv(.975, a + 1, b);
    row->value = a / a_days;
    row->reference = b / b_days;
    row->effect = row->value / row->reference;
    row->effect_low = scale * low / (1 - low);
    row->effect_high = scale * high / (1 - high);
    row->unit = "times";
}

static recoup_status test_stale(recoup_causes *causes, const recoup_sample *sample,
                                const char *stage) {
    recoup_results *results = causes->diagnosing->results;
    double *closed = RECOUP_NEW(double, sample->n);
    recoup_cause *cause = recoup_cause_add(causes, "process", "stale");
    if (!closed || !cause) {
        free(closed);
        return recoup_fail_memory(causes->diagnosing->error);
    }
    int n = 0, n_open = 0, n_old = 0;
    for (int i = 0; i < sample->n; i++)
        if (sample->stay[i].exit >= 0)
            closed[n++] = sample->stay[i].dwell_days;
    if (n > 1)
        qsort(closed, (size_t)n, sizeof *closed, compare_numbers);
    double from = n > 0 ? closed[(int)(OLD_FROM * n)] : 0;
    double to = n > 0 ? closed[(int)(OLD_TO * n)] : 0;
    free(closed);
    recoup_finding_row *row = &cause->row;
    row->stage = stage;
    row->subject = recoup_records_format(results, "stale deals in %s", stage);
    double before, before_days, after, after_days;
    watch(sample, from, to, &before, &before_days);
    watch(sample, to, INFINITY, &after, &after_days);
    for (int i = 0; i < sample->n; i++) {
        n_open += sample->stay[i].exit < 0;
        n_old += sample->stay[i].exit < 0 && sample->stay[i].dwell_days > to;
    }
    row->n = n_old;
    row->n_reference = n_open;
    if (n < LEAST_CLOSED || n_old < LEAST_OLD ||
        !(before > 0 && before_days > 0 && after_days > 0)) {
        row->sentence = recoup_records_format(results,
                                              "Not enough data: it takes %d deals that left, and "
                                              "%d open ones older than 95 in 100 of "
                                              "these.",
                                              LEAST_CLOSED, LEAST_OLD);
        return RECOUP_OK;
    }
    double share = FALL * after_days / (FALL * after_days + before_days);
    row->p_value =
        fmin(1, 2 * gsl_cdf_binomial_P((unsigned)after, share, (unsigned)(after + before)));
    set_ratio(row, after, after_days, before, before_days);
    cause->does_harm = row->effect < FALL;
    const char *chance = recoup_chance_text(results, row->p_value);
    row->sentence =
        !chance
            ? NULL
            : recoup_records_format(
                  results,
                  "In %s %d of %d open deals are older than %.3g days, beyond which deals hardly "
                  "ever leave: %.2g %% a day, against %.2g %% a day between %.3g and %.3g days; "
                  "%s.",
                  stage, n_old, n_open, to, 100 * row->value, 100 * row->reference, from, to,
                  chance);
    if (cause->does_harm && row->sentence) {
        row->lever = recoup_lever_text(results, "closes what is older than 95 in 100 that leave",
                                       "scrub", 1, &(recoup_lever_key){"rules", "stale", 0});
    }
    return RECOUP_OK;
}

/* --- quarter end ------------------------------------------------------------------------------ */

static recoup_status test_quarter_end(recoup_causes *causes) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_model model = *diagnosing->model; /* the fit's struct has it without const */
    const recoup_fitting fitting = {
        .view = diagnosing->view, .model = &model, .error = diagnosing->error};
    recoup_quarter_end found;
    recoup_status status = recoup_quarter_end_find(&fitting, &found);
    if (status != RECOUP_OK)
        return status;
    recoup_cause *cause = recoup_cause_add(causes, "process", "calendar");
    if (!cause)
        return recoup_fail_memory(diagnosing->error);
    recoup_finding_row *row = &cause->row;
    row->subject = "end of the quarter";
    row->n = found.n;
    row->n_reference = found.n_other;
    row->unit = "times";
    if (isnan(found.p_value)) {
        row->sentence = "Not enough data: it takes two ends of a quarter with enough closed deals.";
        return RECOUP_OK;
    }
    double half = found.se * gsl_cdf_tdist_Pinv(.975, found.df);
    row->value = found.n > 0 ? (double)found.n_won / found.n : NAN;
    row->reference = found.n_other > 0 ? (double)found.n_other_won / found.n_other : NAN;
    row->effect = exp(found.logit);
    row->effect_low = exp(found.logit - half);
    row->effect_high = exp(found.logit + half);
    row->p_value = found.p_value;
    cause->does_harm = found.logit > 0; /* deals wait for the rush */
    const char *chance = recoup_chance_text(diagnosing->results, row->p_value);
    row->sentence =
        !chance
            ? NULL
            : recoup_records_format(
                  diagnosing->results,
                  "Of the deals that left their last stage in the last %d days of a quarter "
                  "%.0f %% were won, %.0f %% on other days: the odds are %.2g times as high (95 "
                  "%% interval %.2g to %.2g), after as long a stay; %s.",
                  found.last_days, 100 * row->value, 100 * row->reference, row->effect,
                  row->effect_low, row->effect_high, chance);
    return RECOUP_OK;
}

static recoup_status test_stage(recoup_causes *causes, int stage) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_sample sample;
    const char *name =
        recoup_records_text(diagnosing->results, diagnosing->view->stages.name[stage]);
    recoup_status status = RECOUP_OK;
    if (!recoup_sample_of_stage(diagnosing->view, stage, &sample) || !name)
        status = recoup_fail_memory(diagnosing->error);
    if (status == RECOUP_OK)
        status = test_mass(causes, &sample, name);
    if (status == RECOUP_OK)
        status = test_stale(causes, &sample, name);
    recoup_sample_clear(&sample);
    return status;
}

recoup_status recoup_causes_leaving(recoup_causes *causes) {
    const recoup_view *view = causes->diagnosing->view;
    recoup_status status = RECOUP_OK;
    for (int s = 0; s < view->stages.n && status == RECOUP_OK; s++)
        status = test_stage(causes, s);
    return status == RECOUP_OK ? test_quarter_end(causes) : status;
}
