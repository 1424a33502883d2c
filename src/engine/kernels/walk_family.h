/* Dwell times and survival of many lanes at once. All arrays have room for n rounded up to a
 * multiple of LIST_STEP, and something harmless in what is beyond n. */
#ifndef RECOUP_ENGINE_KERNELS_WALK_FAMILY_H
#define RECOUP_ENGINE_KERNELS_WALK_FAMILY_H

#include "engine/kernels/compress.h"
#include "engine/kernels/vector_double.h"
#include "engine/walk_prepare.h"

enum {
    WALK_BLOCK = 1024, /* lanes that are worked on at a time */
    WALK_ROOM = WALK_BLOCK + LIST_STEP
};

/* What is asked: the time at which the survival is the given share of what it was. */
typedef struct walk_stay {
    double log_survival[WALK_ROOM]; /* when the stay begins */
    double survival[WALK_ROOM];
    double dwell[WALK_ROOM]; /* uniform: the share is 1 - dwell */
    double scale[WALK_ROOM]; /* e^mu */
    double time[WALK_ROOM];  /* the answer */
} walk_stay;

typedef struct walk_family_work {
    double z[WALK_ROOM], root[WALK_ROOM], value[WALK_ROOM];
    uint8_t keep[WALK_ROOM];
    int32_t tail[WALK_ROOM];
} walk_family_work;

static inline double walk_level(const walk_stay *stay, int i) {
    return stay->log_survival[i] + vector_log(1 - stay->dwell[i]);
}

/* z[i] with Q(z) = survival·(1 - dwell): most lie in the middle, and few in the tails. */
static inline void walk_normal(const walk_stay *stay, int n, walk_family_work *work) {
    double *z = work->z, *root = work->root, *value = work->value;
    int32_t *tail = work->tail;
    double longest = 0;
#pragma omp simd
    for (int i = 0; i < list_padded(n); i++) {
        double q = 0.5 - stay->survival[i] * (1 - stay->dwell[i]);
        z[i] = vector_normal_centre(q);
        work->keep[i] = (q > 0.425) | (q < -0.425);
    }
    int n_tail = list_compress(NULL, work->keep, n, tail);
#pragma omp simd
    for (int j = 0; j < list_padded(n_tail); j++) {
        int i = tail[j];
        double upper = stay->survival[i] * (1 - stay->dwell[i]);
        bool is_upper = upper < 0.5; /* log Q, or log(1 - Q), of which only that is exact */
        double part = vector_log(is_upper ? 1 - stay->dwell[i] : 1 - upper);
        root[j] = sqrt(-(part + (is_upper ? stay->log_survival[i] : 0)));
        double far = vector_normal_tail(root[j]);
        value[j] = upper < 0.5 ? far : -far;
    }
    for (int j = 0; j < n_tail; j++) {
        z[tail[j]] = value[j];
        longest = vector_max(longest, root[j]);
    }
    if (longest <= 5)
        return;
    for (int j = 0; j < n_tail; j++)
        if (root[j] > 5)
            z[tail[j]] =
                value[j] < 0 ? -vector_normal_far_tail(root[j]) : vector_normal_far_tail(root[j]);
}

/* log(time / scale) at z. */
static inline double walk_quantile_at(const recoup_walk_quantile *quantile, double z) {
    double place = (z - RECOUP_WALK_LOWEST_Z) * (1 / RECOUP_WALK_STEP_Z);
    place = vector_min(vector_max(place, 0), RECOUP_WALK_INTERVALS - 1);
    int interval = (int)place;
    const double *c = quantile->coefficient[interval];
    double t = (z - RECOUP_WALK_LOWEST_Z) * (1 / RECOUP_WALK_STEP_Z) - interval;
    return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5]))));
}

/* The z at which log(time / scale) is y: the interval by bisection, then Newton's method (the
 * function is nearly straight within an interval). */
static inline double walk_quantile_inverse(const recoup_walk_quantile *quantile, double y) {
    const double(*terms)[RECOUP_WALK_TERMS] = quantile->coefficient;
    int low = 0;
    y = vector_min(vector_max(y, terms[0][0]), terms[RECOUP_WALK_INTERVALS - 1][0]);
    for (int step = 512; step > 0; step /= 2) {
        int middle = low + step < RECOUP_WALK_INTERVALS ? low + step : RECOUP_WALK_INTERVALS - 1;
        low = terms[middle][0] <= y ? middle : low;
    }
    const double *c = terms[low];
    double t = 0.5;
    for (int i = 0; i < 6; i++) {
        double f = c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5])))) - y;
        double slope = c[1] + t * (2 * c[2] + t * (3 * c[3] + t * (4 * c[4] + t * (5 * c[5]))));
        t = slope > 0 ? t - f / slope : t;
    }
    return RECOUP_WALK_LOWEST_Z + (low + t) * RECOUP_WALK_STEP_Z;
}

/* Fills stay->time. */
static inline void walk_times(const recoup_walk_exit *exit, walk_stay *stay, int n,
                              walk_family_work *work) {
    int padded = list_padded(n);
    double *time = stay->time;
    const double *scale = stay->scale;
    double shape = exit->shape, inverse = exit->inverse;
    switch (exit->family) {
    case RECOUP_EXPONENTIAL:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            time[i] = scale[i] * -walk_level(stay, i);
        break;
    case RECOUP_WEIBULL:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            time[i] = scale[i] * vector_exp(inverse * vector_log(-walk_level(stay, i)));
        break;
    case RECOUP_LOGLOGISTIC:
#pragma omp simd
        for (int i = 0; i < padded; i++) { /* log(e^-level - 1), -level where that is beyond */
            double level = walk_level(stay, i), left = stay->survival[i] * (1 - stay->dwell[i]);
            double log_odds = level < -40 ? -level : vector_log(1 - left) - level;
            time[i] = scale[i] * vector_exp(inverse * log_odds);
        }
        break;
    case RECOUP_LOGNORMAL:
        walk_normal(stay, n, work);
#pragma omp simd
        for (int i = 0; i < padded; i++)
            time[i] = scale[i] * vector_exp(shape * work->z[i]);
        break;
    case RECOUP_GAMMA:
    case RECOUP_GENGAMMA:
        walk_normal(stay, n, work);
#pragma omp simd
        for (int i = 0; i < padded; i++)
            time[i] = scale[i] * vector_exp(walk_quantile_at(exit->quantile, work->z[i]));
        break;
    default: /* never */
#pragma omp simd
        for (int i = 0; i < padded; i++)
            time[i] = INFINITY;
    }
}

static inline double walk_softplus(double x) { /* log(1 + e^x) */
    return vector_max(x, 0) + vector_log1p(vector_exp(x < 0 ? x : -x));
}

/* log_survival[i] of the exit at age[i]; scale[i] = e^mu. */
static inline void walk_log_survival(const recoup_walk_exit *exit, const double *age,
                                     const double *scale, int n, double *log_survival) {
    int padded = list_padded(n);
    double shape = exit->shape, inverse = exit->inverse;
    switch (exit->family) {
    case RECOUP_EXPONENTIAL:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            log_survival[i] = -age[i] / scale[i];
        break;
    case RECOUP_WEIBULL:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            log_survival[i] = -vector_exp(shape * vector_log(age[i] / scale[i]));
        break;
    case RECOUP_LOGLOGISTIC:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            log_survival[i] = -walk_softplus(shape * vector_log(age[i] / scale[i]));
        break;
    case RECOUP_LOGNORMAL:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            log_survival[i] = vector_normal_log_tail(inverse * vector_log(age[i] / scale[i]));
        break;
    case RECOUP_GAMMA:
    case RECOUP_GENGAMMA:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            log_survival[i] = vector_normal_log_tail(
                walk_quantile_inverse(exit->quantile, vector_log(age[i] / scale[i])));
        break;
    default:
#pragma omp simd
        for (int i = 0; i < padded; i++)
            log_survival[i] = 0;
    }
}

#endif
