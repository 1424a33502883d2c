#include "model/dwell.h"

#include <math.h>

static recoup_dist dwell_of(const recoup_exit *exit, int cohort) {
    recoup_dist dwell = exit->dwell;
    dwell.mu += exit->cohort_log_dwell ? exit->cohort_log_dwell[cohort] : 0;
    return dwell;
}

static double logit_of(const recoup_exit *exit, int cohort) {
    return exit->logit + (exit->cohort_logit ? exit->cohort_logit[cohort] : 0);
}

/* The share of those who leave that has left by a time. */
static double left_by(const recoup_stage *stage, int cohort, double days) {
    double highest = -INFINITY, left = 0, all = 0;
    for (int e = 0; e < stage->n_exits; e++)
        highest = fmax(highest, logit_of(&stage->exit[e], cohort));
    for (int e = 0; e < stage->n_exits; e++) {
        const recoup_exit *exit = &stage->exit[e];
        recoup_dist dwell = dwell_of(exit, cohort);
        double odds = exp(logit_of(exit, cohort) - highest);
        if (exit->target == RECOUP_EXIT_NEVER)
            continue;
        left += odds * recoup_dist_cdf(&dwell, days);
        all += odds;
    }
    return left / all;
}

double recoup_stage_dwell_quantile(const recoup_stage *stage, int cohort, double share) {
    double low = INFINITY, high = 0; /* a mixture's quantile is between those of its parts */
    for (int e = 0; e < stage->n_exits; e++) {
        recoup_dist dwell = dwell_of(&stage->exit[e], cohort);
        if (stage->exit[e].target == RECOUP_EXIT_NEVER)
            continue;
        low = fmin(low, recoup_dist_quantile(&dwell, share));
        high = fmax(high, recoup_dist_quantile(&dwell, share));
    }
    if (!(low < high) || !isfinite(high))
        return low;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (!(middle > low && middle < high))
            return high;
        *(left_by(stage, cohort, middle) < share ? &low : &high) = middle;
    }
}

double *recoup_model_dwell_quantiles(const recoup_model *model, double share, recoup_arena *arena) {
    int n = model->cohorts.n;
    double *days = recoup_arena_alloc(arena, (size_t)model->n_stages * (size_t)n, sizeof *days);
    for (int s = 0; days && s < model->n_stages; s++)
        for (int c = 0; c < n; c++)
            days[s * n + c] = recoup_stage_dwell_quantile(&model->stage[s], c, share);
    return days;
}
