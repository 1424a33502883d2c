#include "fit/conversion.h"
#include "fit/groups.h"
#include "fit/stays.h"

#include <stdlib.h>

/* Counts and conversions of one stage: [0] the team, [1 + c] cohort c. */
typedef struct tally {
    recoup_fit_row *row;
    recoup_conversion *conversion;
} tally;

static void count(recoup_fit_row *row, const recoup_stay *stay) {
    row->n_advance += stay->exit == RECOUP_ADVANCE;
    row->n_lost += stay->exit == RECOUP_REFERENCE;
}

static void count_stays(const recoup_view *view, const recoup_model *model, int stage,
                        const recoup_stage_data *data, const tally *to) {
    for (int i = 0; i < view->n_visits; i++)
        if (view->visit[i].stage == stage) {
            bool open = view->visit[i].target == RECOUP_TO_NONE;
            int cohort = view->cohort[view->visit[i].deal];
            to->row[0].n_entered++;
            to->row[0].n_open += open;
            to->row[1 + cohort].n_entered++;
            to->row[1 + cohort].n_open += open;
        }
    for (int i = 0; i < data->n_stays; i++) {
        recoup_deal_state deal = recoup_deal_state_of(view, data->stay[i].deal);
        count(&to->row[0], &data->stay[i]);
        count(&to->row[1 + deal.cohort], &data->stay[i]);
        recoup_conversion_add(&to->conversion[0], model, &model->stage[stage], &deal, 0);
        recoup_conversion_add(&to->conversion[1 + deal.cohort], model, &model->stage[stage], &deal,
                              0);
    }
}

static void finish_row(const recoup_model *model, int stage, int cohort, recoup_conversion *sum,
                       recoup_fit_row *row) {
    const recoup_stage *of = &model->stage[stage];
    const recoup_exit *advance = &of->exit[RECOUP_ADVANCE];
    row->stage = of->name;
    row->cohort = cohort >= 0 ? model->cohorts.name[cohort] : NULL;
    row->n_other = row->n_entered - row->n_advance - row->n_lost - row->n_open;
    if (sum->n == 0) { /* nobody was there: a deal without channel, segment and amount */
        recoup_deal_state deal = {.cohort = cohort, .channel = -1, .segment = -1};
        recoup_conversion_add(sum, model, of, &deal, 0);
    }
    row->conversion = recoup_conversion_mean(sum, of, cohort, 0);
    row->median_days = recoup_median_of(advance, cohort);
    row->family = recoup_family_name(advance->dwell.family);
}

static bool add_stage(const recoup_view *view, const recoup_model *model, int stage,
                      recoup_fit_summary *summary) {
    int n_cohorts = view->cohorts.n;
    recoup_stage_data data;
    if (!recoup_stage_data_create(view, stage, &data))
        return false;
    tally sums = {RECOUP_NEW(recoup_fit_row, n_cohorts + 1),
                  RECOUP_NEW(recoup_conversion, n_cohorts + 1)};
    bool enough = sums.row && sums.conversion;
    if (enough)
        count_stays(view, model, stage, &data, &sums);
    for (int c = -1; c < n_cohorts && enough; c++) {
        if (c >= 0 && n_cohorts == 1)
            break;
        finish_row(model, stage, c, &sums.conversion[1 + c], &sums.row[1 + c]);
        summary->row[summary->n_rows++] = sums.row[1 + c];
    }
    free(data.stay);
    free(sums.row);
    free(sums.conversion);
    return enough;
}

static void add_exits(const recoup_stage *stage, recoup_fit_summary *summary) {
    for (int e = 0; e < stage->n_exits; e++) {
        const recoup_exit *exit = &stage->exit[e];
        summary->exit[summary->n_exits++] =
            (recoup_fit_exit){stage->name,
                              exit->name,
                              exit->fit.n_events,
                              recoup_family_name(exit->dwell.family),
                              exit->fit.gof_distance,
                              exit->fit.gof_days,
                              exit->fit.gof_bound};
    }
}

recoup_status recoup_fit_summarise(const recoup_view *view, const recoup_model *model,
                                   recoup_fit_summary **summary, recoup_error *error) {
    recoup_fit_summary *made = RECOUP_NEW(recoup_fit_summary, 1);
    bool enough = made != NULL;
    *summary = NULL;
    if (enough) {
        size_t n_rows = (size_t)model->n_stages * ((size_t)view->cohorts.n + 1);
        int n_exits = 0;
        for (int s = 0; s < model->n_stages; s++)
            n_exits += model->stage[s].n_exits;
        made->row = RECOUP_NEW(recoup_fit_row, n_rows);
        made->exit = RECOUP_NEW(recoup_fit_exit, n_exits);
        made->n_notes = model->n_fit_notes;
        made->note = (const char *const *)model->fit_note;
        enough = made->row && made->exit;
    }
    for (int s = 0; s < model->n_stages && enough; s++) {
        enough = add_stage(view, model, s, made);
        add_exits(&model->stage[s], made);
    }
    if (!enough) {
        recoup_fit_summary_free(made);
        return recoup_fail_memory(error);
    }
    *summary = made;
    return RECOUP_OK;
}

void recoup_fit_summary_free(recoup_fit_summary *summary) {
    if (!summary)
        return;
    free(summary->row);
    free(summary->exit);
    free(summary);
}
