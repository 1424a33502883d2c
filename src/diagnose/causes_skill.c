/* Skill: does a cohort convert less of what enters a stage than the other cohorts do?
 *
 * Cohort against the others, stage by stage; beside channel, segment, competitor and quarter. Deals
 * without a rep are nobody's skill. Cohorts by performance were made from what was won before the
 * period: they differ in that by their making, and only what entered the stage in the period tells
 * something new of them. */
#include "diagnose/causes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool keep_known(const recoup_causes *causes, recoup_sample *sample) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    bool by_performance = diagnosing->scenario->cohorts == RECOUP_COHORTS_PERFORMANCE;
    bool *keep = RECOUP_NEW(bool, sample->n);
    if (!keep)
        return false;
    for (int i = 0; i < sample->n; i++)
        keep[i] = sample->rep[i] >= 0 &&
                  (!by_performance || sample->entered[i] >= diagnosing->view->period_start);
    recoup_sample_keep(sample, keep);
    free(keep);
    return true;
}

/* Less than half is left without one rep, and that is not beyond chance. */
static bool one_rep_drives(const recoup_contrast *contrast) {
    return contrast->driver >= 0 && fabs(contrast->without) < fabs(contrast->difference) / 2 &&
           fabs(contrast->without) < 1.96 * contrast->without_se;
}

static void describe(const recoup_causes *causes, recoup_finding_row *row,
                     const recoup_contrast *contrast) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    const char *driver = "";
    if (one_rep_drives(contrast))
        driver = recoup_records_format(
            diagnosing->results, " One rep, %s, drives it: without that one it is %+.0f points.",
            diagnosing->view->rep_name[contrast->driver], 100 * contrast->without);
    const char *chance = recoup_chance_text(diagnosing->results, row->p_value);
    row->sentence =
        !driver || !chance
            ? NULL
            : recoup_records_format(
                  diagnosing->results,
                  "In %s, %s converts %.0f %% of %d deals against %.0f %% elsewhere "
                  "(%+.0f points, 95 %% interval %+.0f to %+.0f); %s.%s",
                  row->stage, row->cohort, 100 * row->value, row->n, 100 * row->reference,
                  100 * row->effect, 100 * row->effect_low, 100 * row->effect_high, chance, driver);
}

static bool has_advance(const recoup_model *model, const char *name) {
    int s = recoup_model_find_stage(model, name);
    return s >= 0 && recoup_stage_find_exit(&model->stage[s], "advance") >= 0;
}

static const char *lever_of(const recoup_causes *causes, const recoup_finding_row *row) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    if (!(row->effect < 0) || !has_advance(diagnosing->model, row->stage))
        return "";
    double half = (row->value + row->reference) / 2;
    char comment[96];
    snprintf(comment, sizeof comment, "closes half of the gap: from %.0f %% to %.0f %%",
             100 * row->value, 100 * half);
    const recoup_lever_key keys[] = {
        {"cohort", row->cohort, 0},
        {"stage", row->stage, 0},
        {"logit", NULL, round(100 * (recoup_logit_of(half) - recoup_logit_of(row->value))) / 100}};
    return recoup_lever_text(diagnosing->results, comment, "coach", 3, keys);
}

static recoup_status test_cohort(recoup_causes *causes, recoup_sample *sample, int stage,
                                 int cohort, const recoup_conversion *conversion) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    recoup_cause *cause = recoup_cause_add(causes, "skill", "conversion");
    recoup_contrast contrast;
    for (int i = 0; i < sample->n; i++)
        sample->is_in[i] = sample->level[RECOUP_BY_COHORT][i] == cohort;
    if (!cause || !recoup_sample_compare(sample, RECOUP_BY_COHORT, 0, NULL, &contrast))
        return recoup_fail_memory(diagnosing->error);
    recoup_finding_row *row = &cause->row;
    row->stage = recoup_records_text(diagnosing->results, diagnosing->view->stages.name[stage]);
    row->cohort = recoup_records_text(diagnosing->results, diagnosing->view->cohorts.name[cohort]);
    if (!row->stage || !row->cohort)
        return recoup_fail_memory(diagnosing->error);
    row->subject = recoup_records_format(diagnosing->results, "%s in %s", row->cohort, row->stage);
    if (contrast.reps_in < 2 || contrast.reps_out < 2) {
        row->n = contrast.n_in;
        row->n_reference = contrast.n_out;
        row->sentence = "Not enough data: it takes two reps on both sides to tell a cohort from a "
                        "person.";
    } else if (recoup_cause_has_data(causes, cause, conversion, &contrast)) {
        recoup_cause_set(cause, conversion, &contrast);
        describe(causes, row, &contrast);
        row->lever = lever_of(causes, row);
    }
    return RECOUP_OK;
}

static recoup_status test_stage(recoup_causes *causes, int stage) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    int n_cohorts = diagnosing->view->cohorts.n;
    recoup_sample sample;
    recoup_conversion *conversion = RECOUP_NEW(recoup_conversion, n_cohorts);
    recoup_status status = RECOUP_OK;
    if (!recoup_sample_of_stage(diagnosing->view, stage, &sample) || !conversion ||
        !keep_known(causes, &sample) ||
        !recoup_sample_convert(&sample, RECOUP_BY_COHORT, conversion))
        status = recoup_fail_memory(diagnosing->error);
    for (int c = 0; c < n_cohorts && status == RECOUP_OK; c++)
        if (conversion[c].n > 0)
            status = test_cohort(causes, &sample, stage, c, &conversion[c]);
    recoup_sample_clear(&sample);
    free(conversion);
    return status;
}

recoup_status recoup_causes_skill(recoup_causes *causes) {
    const recoup_view *view = causes->diagnosing->view;
    recoup_status status = RECOUP_OK;
    for (int s = 0; s < view->stages.n && view->cohorts.n > 1 && status == RECOUP_OK; s++)
        status = test_stage(causes, s);
    return status;
}
