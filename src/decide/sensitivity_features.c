#include "decide/sensitivity_features.h"

#include "crm/view.h"
#include "model/draws.h"
#include <math.h>
#include <string.h>

/* Deals yet to pass each stage, by cohort: [stage][cohort]. */
static double *make_weights(const recoup_model *model, const recoup_view *view, double days,
                            recoup_arena *arena) {
    size_t n_stages = (size_t)model->n_stages, n_cohorts = (size_t)model->cohorts.n;
    size_t n_channels = (size_t)recoup_model_n_channels(model);
    double *weight = recoup_arena_alloc(arena, n_stages * n_cohorts, sizeof *weight);
    if (!weight)
        return NULL;
    for (size_t s = 0; s < n_stages; s++)
        for (size_t c = 0; c < n_cohorts; c++)
            for (size_t k = 0; k < n_channels; k++)
                weight[s * n_cohorts + c] += days * model->arrivals[c * n_channels + k];
    for (int i = 0; i < view->n_deals; i++) {
        if (view->outcome[i] != RECOUP_OPEN)
            continue;
        int stage = recoup_model_find_stage(model, view->stages.name[view->stage[i]]);
        int cohort = recoup_names_find(&model->cohorts, view->cohorts.name[view->cohort[i]]);
        for (size_t s = stage < 0 ? n_stages : (size_t)stage; s < n_stages && cohort >= 0; s++)
            weight[s * n_cohorts + (size_t)cohort]++;
    }
    return weight;
}

/* Mean of base + by[cohort]; `by` may be NULL. */
static double average(double base, const double *by, const double *weight, int n) {
    double sum = 0, total = 0;
    for (int c = 0; c < n; c++) {
        sum += weight[c] * (base + (by ? by[c] : 0));
        total += weight[c];
    }
    return total > 0 ? sum / total : base;
}

static double total_arrivals(const recoup_model *model) {
    double sum = 0;
    for (int i = 0; i < model->cohorts.n * recoup_model_n_channels(model); i++)
        sum += model->arrivals[i];
    return sum;
}

/* The features of one model into column d. */
static void set_column(const recoup_model *model, const double *weight, int d,
                       recoup_model_features *features) {
    int n_stages = features->n_stages, n_cohorts = model->cohorts.n, i = 0;
    size_t stride = (size_t)features->n_draws;
    double *to = features->value + d;
    for (int s = 0; s < n_stages; s++, i += 2) {
        const double *of_stage = weight + (size_t)s * (size_t)n_cohorts;
        int e = recoup_stage_find_exit(&model->stage[s], "advance");
        const recoup_exit *exit = e >= 0 ? &model->stage[s].exit[e] : NULL;
        to[(size_t)i * stride] =
            exit ? average(exit->logit, exit->cohort_logit, of_stage, n_cohorts) : NAN;
        to[(size_t)(i + 1) * stride] = exit ? average(log(recoup_dist_median(&exit->dwell)),
                                                      exit->cohort_log_dwell, of_stage, n_cohorts)
                                            : NAN;
    }
    const double rest[] = {
        model->has_new_amount ? log(recoup_dist_mean(&model->new_amount)) : NAN,
        log(total_arrivals(model)),
        model->market_conversion,
        model->market_arrivals,
        model->quarter_end_logit,
    };
    for (size_t k = 0; k < sizeof rest / sizeof *rest; k++)
        to[((size_t)i + k) * stride] = rest[k];
}

static void set_groups(recoup_model_features *features) {
    static const int rest[] = {RECOUP_FEATURE_AMOUNT, RECOUP_FEATURE_ARRIVALS,
                               RECOUP_FEATURE_MARKET, RECOUP_FEATURE_MARKET,
                               RECOUP_FEATURE_CALENDAR};
    int n_stages = features->n_stages;
    for (int s = 0; s < n_stages; s++) {
        features->group[2 * s] = s;
        features->group[2 * s + 1] = n_stages + RECOUP_FEATURE_DWELL;
    }
    for (int k = 0; k < (int)(sizeof rest / sizeof *rest); k++)
        features->group[2 * n_stages + k] = n_stages + rest[k];
}

recoup_status recoup_model_features_make(const recoup_model *model, const recoup_view *view,
                                         double days, int n_draws, recoup_arena *arena,
                                         recoup_model_features *features, recoup_error *error) {
    size_t n = 2 * (size_t)model->n_stages + 5;
    double *weight = make_weights(model, view, days, arena);
    *features = (recoup_model_features){
        .n_stages = model->n_stages,
        .n = (int)n,
        .n_draws = n_draws,
        .group = recoup_arena_alloc(arena, n, sizeof(int)),
        .value = recoup_arena_alloc(arena, n * (size_t)n_draws, sizeof(double)),
    };
    if (!weight || !features->group || !features->value)
        return recoup_fail_memory(error);
    set_groups(features);
    recoup_status status = RECOUP_OK;
    for (int d = 0; d < n_draws && status == RECOUP_OK; d++) {
        recoup_model *drawn = NULL;
        bool is_drawn = model->draws && d < model->draws->n_draws;
        if (is_drawn)
            status = recoup_model_draw(model, d, &drawn, error);
        if (status == RECOUP_OK)
            set_column(is_drawn ? drawn : model, weight, d, features);
        recoup_model_free(drawn);
    }
    return status;
}

double recoup_model_features_sd(const recoup_model_features *features, int group) {
    int i = 0, n = features->n_draws;
    while (features->group[i] != group)
        i++;
    const double *value = features->value + (size_t)i * (size_t)n;
    double mean = 0, square = 0;
    for (int d = 0; d < n; d++)
        mean += value[d] / n;
    for (int d = 0; d < n; d++)
        square += (value[d] - mean) * (value[d] - mean);
    double sd = n > 1 ? sqrt(square / (n - 1)) : 0;
    return sd > 1e-9 * fabs(mean) ? sd : 0; /* below it is rounding; NaN counts as certain */
}
