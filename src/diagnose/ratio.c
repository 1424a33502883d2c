#include "diagnose/ratio.h"

#include "base/memory.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Whether an observation is on the side. */
static bool is_on(const recoup_ratio_data *data, int i, int side) {
    return (data->side ? data->side[i] : 1) == side && (data->x[i] != 0 || data->d[i] != 0);
}

/* Of one side; residual: [n], as a share of the sum of d, with the sign of the side. */
static bool measure(const recoup_ratio_data *data, int side, recoup_ratio *ratio,
                    double *residual) {
    double *sum = RECOUP_NEW(double, data->n_clusters);
    bool *used = RECOUP_NEW(bool, data->n_clusters);
    double x = 0, d = 0, square = 0, alone = 0;
    bool enough = sum && used;
    *ratio = (recoup_ratio){NAN, NAN, NAN, NAN, 0};
    for (int i = 0; i < data->n && enough; i++)
        if (is_on(data, i, side)) {
            x += data->x[i];
            d += data->d[i];
        }
    for (int i = 0; i < data->n && enough && d > 0; i++) {
        if (!is_on(data, i, side))
            continue;
        double own = (data->x[i] - x / d * data->d[i]) / d;
        residual[i] = side ? own : -own;
        alone += own * own;
        if (data->cluster[i] < 0) {
            square += own * own;
            ratio->n_clusters++;
        } else {
            sum[data->cluster[i]] += own;
            used[data->cluster[i]] = true;
        }
    }
    for (int c = 0; c < data->n_clusters && enough; c++) {
        square += sum[c] * sum[c];
        ratio->n_clusters += used[c];
    }
    free(sum);
    free(used);
    if (!enough || !(d > 0))
        return enough;
    ratio->value = x / d;
    int n = ratio->n_clusters;
    if (n > 1) {
        ratio->se = sqrt(fmax(square, alone) * n / (n - 1));
        double half = ratio->se * gsl_cdf_tdist_Pinv(.975, n - 1);
        ratio->low = ratio->value - half;
        ratio->high = ratio->value + half;
    }
    return true;
}

bool recoup_ratio_of(const recoup_ratio_data *data, recoup_ratio *ratio) {
    double *residual = RECOUP_NEW(double, data->n);
    bool enough = residual && measure(data, 1, ratio, residual);
    free(residual);
    return enough;
}

/* Residuals of both sides summed by cluster. */
static double square_of(const recoup_ratio_data *data, const double *residual, double *sum) {
    double square = 0, alone = 0;
    for (int i = 0; i < data->n; i++) {
        alone += residual[i] * residual[i];
        if (data->cluster[i] < 0)
            square += residual[i] * residual[i];
        else
            sum[data->cluster[i]] += residual[i];
    }
    for (int c = 0; c < data->n_clusters; c++)
        square += sum[c] * sum[c];
    return fmax(square, alone);
}

bool recoup_ratio_compare(const recoup_ratio_data *data, recoup_ratio_difference *difference) {
    double *residual = RECOUP_NEW(double, data->n);
    double *sum = RECOUP_NEW(double, data->n_clusters);
    *difference =
        (recoup_ratio_difference){.value = NAN, .se = NAN, .low = NAN, .high = NAN, .p_value = NAN};
    bool enough = residual && sum && measure(data, 1, &difference->in, residual) &&
                  measure(data, 0, &difference->out, residual);
    if (enough) {
        int in = difference->in.n_clusters, out = difference->out.n_clusters;
        int n = in < out ? in : out;
        difference->value = difference->in.value - difference->out.value;
        if (n > 1 && !isnan(difference->value)) {
            difference->se = sqrt(square_of(data, residual, sum) * n / (n - 1));
            double half = difference->se * gsl_cdf_tdist_Pinv(.975, n - 1);
            difference->low = difference->value - half;
            difference->high = difference->value + half;
        }
        if (difference->se > 0)
            difference->p_value =
                2 * gsl_cdf_tdist_Q(fabs(difference->value) / difference->se, n - 1);
    }
    free(residual);
    free(sum);
    return enough;
}
