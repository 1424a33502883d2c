/* The quarter-end effect.
 *
 * A deal that left its stage on a day with contrast c (base/quarter.h) was won with log odds o + a
 * + x·c: o those of its stratum (fit/leavings.h) without a calendar, a what the stratum has to be
 * shifted by with one, x what is wanted. The last eight quarters are cut into blocks: the last 30
 * days of each, and the two halves of its other days. A block's residual is its score step delta =
 * sum (y - q) / sum q(1 - q), with the variance v = 1 / sum q(1 - q); what these vary beyond v is
 * the market's, tau² (Paule & Mandel 1982). x is the slope of the blocks on c with weights
 * 1 / (v + tau²), and it is kept when its ratio to its standard error is as unlikely as 3 standard
 * deviations, by Student's t with blocks - 2 degrees of freedom: a few months that happened to be
 * good are not taken for a calendar. */
#include "fit/calendar.h"

#include "base/quarter.h"
#include "fit/leavings.h"
#include "fit/pool.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { LAST_DAYS = 30, QUARTERS = 8, PARTS = 3, BLOCKS = QUARTERS * PARTS, LEAST_QUARTERS = 2 };
/* Below so much information in a block the normal approximation is none. */
#define LEAST_INFORMATION 5.
/* Two-sided, of 3 standard deviations. */
#define LEAST_PROBABILITY .0027
/* Of the weak prior N(0, 1.5²) on a stratum's shift, which keeps it finite. */
#define PRECISION (1 / (1.5 * 1.5))

double recoup_calendar_logit(const recoup_model *model, const recoup_view *view,
                             const recoup_exit *exit, double time) {
    if (model->quarter_end_logit == 0 || exit->target != RECOUP_EXIT_WON)
        return 0;
    return model->quarter_end_logit *
           recoup_quarter_end_contrast(view->period_start, model->quarter_end_days, time);
}

typedef struct block {
    double contrast, score, information;
} block;

/* What was left in the blocks, and what is fitted to it. */
typedef struct calendar_data {
    block block[BLOCKS];
    recoup_leavings leavings;
    int *at;                             /* [leaving]: block, -1 none */
    double *shift, *score, *information; /* [stratum] */
} calendar_data;

/* Counted back from the quarter of the as-of date, its last days first; -1: too long ago. */
static int block_of(const recoup_view *view, double time, double *contrast) {
    recoup_quarter now = recoup_quarter_of(view->period_start, view->as_of);
    recoup_quarter then = recoup_quarter_of(view->period_start, time);
    int back = (int)round((now.start - then.start) / 91.3125);
    *contrast = recoup_quarter_end_contrast(view->period_start, LAST_DAYS, time);
    if (back < 0 || back >= QUARTERS)
        return -1;
    double rest = then.end - LAST_DAYS - then.start;
    int part = *contrast > 0 ? 0 : time - then.start < rest / 2 ? 2 : 1;
    return back * PARTS + part;
}

typedef struct slope {
    double value, se;
    int n_blocks, n_quarter_ends;
} slope;

/* The weighted slope of the blocks' residuals on their contrasts; the error of the whole. */
static slope slope_of(const block *blocks) {
    double residual[BLOCKS], variance[BLOCKS], unused[BLOCKS];
    slope result = {.n_blocks = 0};
    for (int b = 0; b < BLOCKS; b++) {
        bool enough = blocks[b].information >= LEAST_INFORMATION;
        residual[b] = enough ? blocks[b].score / blocks[b].information : 0;
        variance[b] = enough ? 1 / blocks[b].information : INFINITY;
        result.n_blocks += enough;
        result.n_quarter_ends += enough && blocks[b].contrast > 0;
    }
    double tau2 = recoup_pool(BLOCKS, residual, variance, unused);
    double total = 0, centre = 0, mean = 0, spread = 0, product = 0;
    for (int b = 0; b < BLOCKS; b++) {
        double weight = 1 / (variance[b] + tau2);
        total += weight;
        centre += weight * blocks[b].contrast;
        mean += weight * residual[b];
    }
    for (int b = 0; b < BLOCKS && total > 0; b++) {
        double weight = 1 / (variance[b] + tau2), x = blocks[b].contrast - centre / total;
        spread += weight * x * x;
        product += weight * x * (residual[b] - mean / total);
    }
    result.value = spread > 0 ? product / spread : 0;
    result.se = spread > 0 ? 1 / sqrt(spread) : INFINITY;
    return result;
}

/* Scores and information of blocks and strata at a slope. */
static void add_up(calendar_data *data, double x) {
    for (int k = 0; k < data->leavings.n_strata; k++) {
        data->score[k] = -PRECISION * data->shift[k];
        data->information[k] = PRECISION;
    }
    for (int b = 0; b < BLOCKS; b++)
        data->block[b].score = data->block[b].information = 0;
    for (int i = 0; i < data->leavings.n; i++) {
        const recoup_leaving *leaving = &data->leavings.leaving[i];
        if (data->at[i] < 0)
            continue;
        block *at = &data->block[data->at[i]];
        int k = leaving->stratum;
        double q = recoup_leaving_share(leaving->odds + data->shift[k] + x * at->contrast);
        data->score[k] += leaving->yes - q;
        data->information[k] += q * (1 - q);
        at->score += leaving->yes - q;
        at->information += q * (1 - q);
    }
}

/* In turn the slope and the shifts of the strata, until nothing moves. */
static slope fit_slope(calendar_data *data) {
    enum { MAX_ROUNDS = 100 };
    slope step = {.n_blocks = 0};
    double x = 0, move = 1;
    for (int round = 0; round < MAX_ROUNDS && move > 1e-8; round++) {
        add_up(data, x);
        step = slope_of(data->block);
        double change = fmax(-1, fmin(1, step.value));
        x += change;
        move = fabs(change);
        for (int k = 0; k < data->leavings.n_strata; k++) {
            change = fmax(-1, fmin(1, data->score[k] / data->information[k]));
            data->shift[k] += change;
            move = fmax(move, fabs(change));
        }
    }
    step.value = x;
    return step;
}

/* The base logit of a stage moves by what its strata do on average. */
static double shift_of_stage(const calendar_data *data, int stage) {
    double sum = 0, weights = 0;
    for (int i = 0; i < data->leavings.n; i++) {
        const recoup_leaving *leaving = &data->leavings.leaving[i];
        double q = recoup_leaving_share(leaving->odds);
        if (leaving->stage != stage || data->at[i] < 0)
            continue;
        sum += q * (1 - q) * data->shift[leaving->stratum];
        weights += q * (1 - q);
    }
    return weights > 0 ? sum / weights : 0;
}

static void keep(recoup_fitting *fitting, const slope *found, const calendar_data *data) {
    recoup_model *model = fitting->model;
    model->quarter_end_days = LAST_DAYS;
    model->quarter_end_logit = found->value;
    for (int s = 0; s < model->n_stages; s++) {
        double shift = shift_of_stage(data, s);
        for (int e = 0; e < model->stage[s].n_exits; e++)
            if (model->stage[s].exit[e].target == RECOUP_EXIT_WON)
                model->stage[s].exit[e].logit += shift;
    }
    recoup_posterior_add_one(&fitting->posterior, &model->quarter_end_logit, found->se * found->se);
    recoup_remark(fitting,
                  "deals that close in the last %d days of a quarter are won with %.3g times the "
                  "odds of its other days (logit %.2f, standard error %.2f): market.quarter_end",
                  LAST_DAYS, exp(found->value), found->value, found->se);
}

/* The leavings in their blocks, and the slope on them. */
static recoup_status find_slope(const recoup_fitting *fitting, calendar_data *data, slope *found) {
    if (!recoup_leavings_create(fitting, true, &data->leavings))
        return recoup_fail_memory(fitting->error);
    int n_strata = data->leavings.n_strata;
    data->at = RECOUP_NEW(int, data->leavings.n);
    data->shift = RECOUP_NEW(double, 3 * (size_t)n_strata);
    if (!data->at || !data->shift)
        return recoup_fail_memory(fitting->error);
    data->score = data->shift + n_strata;
    data->information = data->score + n_strata;
    for (int i = 0; i < data->leavings.n; i++) {
        double contrast;
        data->at[i] = block_of(fitting->view, data->leavings.leaving[i].time, &contrast);
        if (data->at[i] >= 0)
            data->block[data->at[i]].contrast = contrast;
    }
    *found = fit_slope(data);
    return RECOUP_OK;
}

static void calendar_data_clear(calendar_data *data) {
    recoup_leavings_clear(&data->leavings);
    free(data->at);
    free(data->shift);
}

/* NaN: not enough quarters. */
static double p_value_of(const slope *found) {
    if (found->n_quarter_ends < LEAST_QUARTERS || found->n_blocks <= found->n_quarter_ends + 1)
        return NAN;
    return 2 * gsl_cdf_tdist_Q(fabs(found->value) / found->se, found->n_blocks - 2);
}

recoup_status recoup_fit_calendar(recoup_fitting *fitting) {
    calendar_data data = {.block = {{.contrast = 0}}};
    slope found;
    recoup_status status = find_slope(fitting, &data, &found);
    if (status == RECOUP_OK && p_value_of(&found) < LEAST_PROBABILITY)
        keep(fitting, &found, &data);
    calendar_data_clear(&data);
    return status;
}

recoup_status recoup_quarter_end_find(const recoup_fitting *fitting, recoup_quarter_end *found) {
    recoup_model plain = *fitting->model;
    recoup_fitting without = *fitting;
    calendar_data data = {.block = {{.contrast = 0}}};
    slope by;
    plain.quarter_end_logit = 0;
    without.model = &plain;
    recoup_status status = find_slope(&without, &data, &by);
    *found = (recoup_quarter_end){.last_days = LAST_DAYS};
    if (status == RECOUP_OK) {
        found->logit = by.value;
        found->se = by.se;
        found->df = by.n_blocks - 2;
        found->p_value = p_value_of(&by);
        for (int i = 0; i < data.leavings.n; i++) {
            bool at_end = data.at[i] >= 0 && data.block[data.at[i]].contrast > 0;
            int *n = at_end ? &found->n : &found->n_other;
            int *n_won = at_end ? &found->n_won : &found->n_other_won;
            *n += data.at[i] >= 0;
            *n_won += data.at[i] >= 0 && data.leavings.leaving[i].yes;
        }
    }
    calendar_data_clear(&data);
    return status;
}
