/* Uncertain effects of levers: what is drawn, and on which scale. */
#ifndef RECOUP_SCENARIO_EFFECT_H
#define RECOUP_SCENARIO_EFFECT_H

#include "config/effect.h"
#include <stdbool.h>

/* On which scale effects add up, and are multiplied by strength, adoption and evidence. */
typedef enum recoup_scale {
    RECOUP_SCALE_PLAIN,
    RECOUP_SCALE_LOG,    /* a factor: by its logarithm */
    RECOUP_SCALE_LOG_ONE /* a relative increase x: by log(1 + x) */
} recoup_scale;

double recoup_scale_of(recoup_scale scale, double x);

static inline bool recoup_effect_is_uncertain(const recoup_effect *effect) {
    return effect->kind > RECOUP_EFFECT_FIXED;
}

/* The value below which it is with probability u, 0 < u < 1; values beyond min and max count as
 * these. */
double recoup_effect_quantile(const recoup_effect *effect, double u, double min, double max);

/* The mean of it on a scale: for a distribution by the midpoint rule over 1,024 quantiles. */
double recoup_effect_mean(const recoup_effect *effect, recoup_scale scale, double min, double max);

#endif
