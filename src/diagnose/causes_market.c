/* Market: are fewer deals won against one competitor, or in one segment, whoever works them?
 *
 * - Standing: the win rate of a level (deals created to won or lost, open ones censored) against
 * the other levels', beside cohort, channel, quarter and the other dimension. A difference that
 * comes from one cohort alone is not the market's but that cohort's skill.
 * - Change: of the deals that were closed, what share was won. In the last RECENT_DAYS against
 *   before, in the level against elsewhere: what changed for all is taken out. Among deals of like
 *   age at their end (tenths) this share is a ratio of hazards, which censoring does not touch
 *   (cf. fit/leavings.h). */
#include "diagnose/causes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RECENT_DAYS = 91, AGE_BINS = 10 };

typedef struct dimension {
    recoup_trait by;
    const recoup_names *names;
} dimension;

static const char *level_name(const recoup_causes *causes, const dimension *of, int level) {
    return recoup_records_text(causes->diagnosing->results, of->names->name[level]);
}

/* Adds a test of a level. */
static recoup_cause *add_level(recoup_causes *causes, const dimension *of, int level,
                               const char *test, const char *subject) {
    recoup_results *results = causes->diagnosing->results;
    recoup_cause *cause = recoup_cause_add(causes, "market", test);
    const char *name = cause ? level_name(causes, of, level) : NULL;
    if (!name)
        return NULL;
    if (of->by == RECOUP_BY_COMPETITOR)
        cause->row.competitor = name;
    else
        cause->row.segment = name;
    cause->row.subject = recoup_records_format(
        results, "%s %s%s", of->by == RECOUP_BY_COMPETITOR ? "competitor" : "segment", name,
        subject);
    return cause;
}

/* --- levers ----------------------------------------------------------------------------------- */

/* From a segment to the one that is won most often. */
static const char *segment_lever(const recoup_causes *causes, const recoup_finding_row *row,
                                 const char *best) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    const recoup_names *known = &diagnosing->model->segments;
    if (!best || strcmp(best, row->segment) == 0 || !diagnosing->model->segment_mix ||
        recoup_names_find(known, row->segment) < 0 || recoup_names_find(known, best) < 0)
        return "";
    const recoup_lever_key keys[] = {
        {"from", row->segment, 0}, {"to", best, 0}, {"share", NULL, .25}, {"returns", NULL, .8}};
    return recoup_lever_text(diagnosing->results,
                             "a quarter of the effort goes to the segment that is won most often",
                             "segment_focus", 4, keys);
}

/* No lever knows competitors: half of the gap, spread over all deals in the last stage. */
static const char *competitor_lever(const recoup_causes *causes, const recoup_finding_row *row) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    const recoup_model *model = diagnosing->model;
    const recoup_stage *last = model->n_stages > 0 ? &model->stage[model->n_stages - 1] : NULL;
    if (!last || recoup_stage_find_exit(last, "advance") < 0)
        return "";
    double share = (double)row->n / (row->n + row->n_reference);
    double half = (row->value + row->reference) / 2;
    double logit = share * (recoup_logit_of(half) - recoup_logit_of(row->value));
    char comment[128];
    snprintf(comment, sizeof comment,
             "closes half of the gap against this competitor, %.0f %% of the deals, spread over "
             "all deals",
             100 * share);
    const recoup_lever_key keys[] = {{"stage", last->name, 0},
                                     {"exit", "advance", 0},
                                     {"logit", NULL, fmax(.01, round(100 * logit) / 100)}};
    return recoup_lever_text(diagnosing->results, comment, "adjust", 3, keys);
}

/* --- standing --------------------------------------------------------------------------------- */

/* The cohort without which less than half of the difference is left, within chance; -1: none.
 * -2: out of memory. */
static int find_driver(const recoup_sample *sample, const dimension *of,
                       const recoup_contrast *all) {
    int driver = -1;
    bool *keep = RECOUP_NEW(bool, sample->n);
    if (!keep)
        return -2;
    for (int c = 0; c < sample->n_levels[RECOUP_BY_COHORT] && driver == -1; c++) {
        recoup_contrast without;
        recoup_sample rest;
        for (int i = 0; i < sample->n; i++)
            keep[i] = sample->level[RECOUP_BY_COHORT][i] != c;
        if (!recoup_sample_copy(sample, keep, &rest) ||
            !recoup_sample_compare(&rest, of->by, 0, NULL, &without))
            driver = -2;
        else if (without.n_in >= RECOUP_LEAST_STAYS && without.p_value > .05 &&
                 without.difference / all->difference < .5)
            driver = c;
        recoup_sample_clear(&rest);
    }
    free(keep);
    return driver;
}

static void describe_standing(const recoup_causes *causes, recoup_finding_row *row,
                              const char *driver) {
    recoup_results *results = causes->diagnosing->results;
    const char *chance = recoup_chance_text(results, row->p_value);
    const char *who = "";
    if (driver)
        who = recoup_records_format(results, " It comes from one cohort, %s.", driver);
    row->sentence =
        !chance || !who
            ? NULL
            : recoup_records_format(
                  results,
                  "Of %d deals %s %s %.0f %% are won in the end, against %.0f %% of comparable "
                  "deals elsewhere (%+.0f points, 95 %% interval %+.0f to %+.0f); %s.%s",
                  row->n, *row->competitor ? "against" : "in",
                  *row->competitor ? row->competitor : row->segment, 100 * row->value,
                  100 * row->reference, 100 * row->effect, 100 * row->effect_low,
                  100 * row->effect_high, chance, who);
}

static recoup_status test_standing(recoup_causes *causes, recoup_sample *sample,
                                   const dimension *of, int level,
                                   const recoup_conversion *conversion, const char *best) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_contrast contrast;
    recoup_cause *cause = add_level(causes, of, level, "win rate", "");
    for (int i = 0; i < sample->n; i++)
        sample->is_in[i] = sample->level[of->by][i] == level;
    if (!cause || !recoup_sample_compare(sample, of->by, 0, NULL, &contrast))
        return recoup_fail_memory(diagnosing->error);
    recoup_finding_row *row = &cause->row;
    if (!recoup_cause_has_data(causes, cause, conversion, &contrast))
        return RECOUP_OK;
    recoup_cause_set(cause, conversion, &contrast);
    const char *driver = NULL;
    if (contrast.p_value < .05) {
        int cohort = find_driver(sample, of, &contrast);
        if (cohort == -2)
            return recoup_fail_memory(diagnosing->error);
        if (cohort >= 0) {
            driver =
                recoup_records_text(diagnosing->results, diagnosing->view->cohorts.name[cohort]);
            if (!driver)
                return recoup_fail_memory(diagnosing->error);
            row->cause = "skill";
            row->cohort = driver;
        }
    }
    describe_standing(causes, row, driver);
    if (row->effect < 0 && !driver)
        row->lever = of->by == RECOUP_BY_SEGMENT ? segment_lever(causes, row, best)
                                                 : competitor_lever(causes, row);
    return RECOUP_OK;
}

static recoup_status test_standings(recoup_causes *causes, const dimension *of) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_sample sample;
    recoup_status status = RECOUP_OK;
    const char *best = NULL;
    double highest = 0;
    recoup_conversion *conversion = RECOUP_NEW(recoup_conversion, of->names->n);
    if (!recoup_sample_of_deals(diagnosing->view, &sample) || !conversion ||
        !recoup_sample_convert(&sample, of->by, conversion))
        status = recoup_fail_memory(diagnosing->error);
    for (int k = 0; k < of->names->n && status == RECOUP_OK; k++)
        if (conversion[k].n >= RECOUP_LEAST_STAYS && conversion[k].value > highest) {
            highest = conversion[k].value;
            best = of->names->name[k];
        }
    for (int k = 0; k < of->names->n && status == RECOUP_OK; k++)
        status = test_standing(causes, &sample, of, k, &conversion[k], best);
    recoup_sample_clear(&sample);
    free(conversion);
    return status;
}

/* --- change ----------------------------------------------------------------------------------- */

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The closed deals of the dimension, with the outcome won; tenths of their age at the end; whether
 * they were closed in the recent window. */
static bool prepare_change(recoup_sample *sample, const dimension *of, double since, int *bin,
                           int *recent) {
    bool *keep = RECOUP_NEW(bool, sample->n);
    double *age = RECOUP_NEW(double, sample->n);
    bool enough = keep && age;
    for (int i = 0; i < sample->n && enough; i++) {
        keep[i] = sample->stay[i].exit >= 0 && sample->level[of->by][i] >= 0;
        sample->outcome[i] = sample->stay[i].exit == RECOUP_GOES_ON;
    }
    if (enough)
        recoup_sample_keep(sample, keep);
    for (int i = 0; i < sample->n && enough; i++)
        age[i] = sample->stay[i].dwell_days;
    if (enough)
        qsort(age, (size_t)sample->n, sizeof *age, compare_numbers);
    for (int i = 0; i < sample->n && enough; i++) {
        double days = sample->stay[i].dwell_days;
        for (bin[i] = 0; bin[i] < AGE_BINS - 1;) {
            if (days < age[(long)sample->n * (bin[i] + 1) / AGE_BINS])
                break;
            bin[i]++;
        }
        recent[i] = sample->entered[i] + days >= since;
    }
    free(keep);
    free(age);
    return enough;
}

static recoup_status test_change(recoup_causes *causes, recoup_sample *sample, const dimension *of,
                                 int level, double since, const int *bin, const int *recent) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    const recoup_factor more[] = {
        {bin, AGE_BINS, false}, {recent, 2, false}, {sample->level[of->by], of->names->n, false}};
    recoup_contrast contrast;
    recoup_cause *cause = add_level(causes, of, level, "change of win rate", ", change");
    int n = 0, won = 0, n_before = 0;
    for (int i = 0; i < sample->n; i++) {
        bool here = sample->level[of->by][i] == level;
        sample->is_in[i] = here && recent[i];
        n += sample->is_in[i];
        n_before += here && !recent[i];
        won += sample->is_in[i] && sample->outcome[i] > .5;
    }
    if (!cause || !recoup_sample_compare(sample, of->by, 3, more, &contrast))
        return recoup_fail_memory(diagnosing->error);
    recoup_finding_row *row = &cause->row;
    recoup_conversion here = {
        .value = n > 0 ? (double)won / n : NAN, .n_advanced = won, .n_lost = n - won, .n = n};
    contrast.n_out = n_before;
    row->since = since;
    if (!recoup_cause_has_data(causes, cause, &here, &contrast))
        return RECOUP_OK;
    recoup_cause_set(cause, &here, &contrast);
    const char *chance = recoup_chance_text(diagnosing->results, row->p_value);
    row->sentence =
        !chance
            ? NULL
            : recoup_records_format(
                  diagnosing->results,
                  "Of %d deals %s %s closed in the last %d days %.0f %% were won; as before, "
                  "with the change that there was elsewhere, it would be %.0f %% (%+.0f points, "
                  "95 %% interval %+.0f to %+.0f); %s.",
                  n, *row->competitor ? "against" : "in",
                  *row->competitor ? row->competitor : row->segment, RECENT_DAYS, 100 * row->value,
                  100 * row->reference, 100 * row->effect, 100 * row->effect_low,
                  100 * row->effect_high, chance);
    return RECOUP_OK;
}

static recoup_status test_changes(recoup_causes *causes, const dimension *of) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    double since = diagnosing->view->as_of - RECENT_DAYS;
    recoup_sample sample;
    recoup_status status = RECOUP_OK;
    int *bin = RECOUP_NEW(int, diagnosing->view->n_deals);
    int *recent = RECOUP_NEW(int, diagnosing->view->n_deals);
    if (!recoup_sample_of_deals(diagnosing->view, &sample) || !bin || !recent ||
        !prepare_change(&sample, of, since, bin, recent))
        status = recoup_fail_memory(diagnosing->error);
    for (int k = 0; k < of->names->n && status == RECOUP_OK; k++)
        status = test_change(causes, &sample, of, k, since, bin, recent);
    recoup_sample_clear(&sample);
    free(bin);
    free(recent);
    return status;
}

recoup_status recoup_causes_market(recoup_causes *causes) {
    const recoup_view *view = causes->diagnosing->view;
    const dimension dimensions[] = {{RECOUP_BY_COMPETITOR, &view->competitors},
                                    {RECOUP_BY_SEGMENT, &view->segments}};
    recoup_status status = RECOUP_OK;
    for (int d = 0; d < 2 && status == RECOUP_OK; d++) {
        if (dimensions[d].names->n < 2)
            continue;
        status = test_standings(causes, &dimensions[d]);
        if (status == RECOUP_OK)
            status = test_changes(causes, &dimensions[d]);
    }
    return status;
}
