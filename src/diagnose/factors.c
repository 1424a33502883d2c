#include "diagnose/factors.h"

#include <math.h>
#include <stdbool.h>

enum { N = RECOUP_FACTORS };

/* --- products ----------------------------------------------------------------------------------
 */

/* L(x, y) from y, x and log(x / y): x - y cancels where they are close. */
static double logarithmic_mean(double x, double y, double log_ratio) {
    if (log_ratio == 0)
        return y;
    return fabs(log_ratio) < 1 ? y * expm1(log_ratio) / log_ratio : (x - y) / log_ratio;
}

/* log(x / y), to the last digits where they are close. */
static double log_ratio_of(double x, double y) {
    double change = (x - y) / y;
    return fabs(change) < .5 ? log1p(change) : log(x) - log(y);
}

void recoup_factors_lmdi(const double *before, const double *after, double *effect) {
    double x = 1, y = 1, log_ratio = 0;
    for (int i = 0; i < N; i++) {
        y *= before[i];
        x *= after[i];
        effect[i] = log_ratio_of(after[i], before[i]);
        log_ratio += effect[i];
    }
    double mean = logarithmic_mean(x, y, log_ratio);
    for (int i = 0; i < N; i++)
        effect[i] *= mean;
}

void recoup_factors_shapley(const double *before, const double *after, double *effect) {
    /* Orders in which a given set of 0 ... 3 others comes first, as a share of all 24. */
    static const double weight[N] = {6. / 24, 2. / 24, 2. / 24, 6. / 24};
    for (int i = 0; i < N; i++) {
        effect[i] = 0;
        for (int set = 0; set < 1 << N; set++) {
            double product = 1;
            int size = 0;
            if (set >> i & 1)
                continue;
            for (int j = 0; j < N; j++)
                if (j != i) {
                    bool has_gone = set >> j & 1;
                    product *= has_gone ? after[j] : before[j];
                    size += has_gone;
                }
            effect[i] += weight[size] * product * (after[i] - before[i]);
        }
    }
}

void recoup_factors_explain(const double *before, const double *after, double *effect) {
    double y[N], x[N];
    bool is_positive = true;
    for (int i = 0; i < N; i++) {
        y[i] = !isnan(before[i]) ? before[i] : isnan(after[i]) ? 1 : after[i];
        x[i] = !isnan(after[i]) ? after[i] : y[i];
        is_positive = is_positive && y[i] > 0 && x[i] > 0;
    }
    (is_positive ? recoup_factors_lmdi : recoup_factors_shapley)(y, x, effect);
}

/* --- cents -------------------------------------------------------------------------------------
 */

double recoup_cents_of(double money) {
    return round(100 * money);
}

/* Of `cents`, still with their fractions: the index with the largest; ties: the first. */
static int largest_remainder(const double *cents, int n) {
    int largest = 0;
    for (int i = 1; i < n; i++)
        if (cents[i] - floor(cents[i]) > cents[largest] - floor(cents[largest]))
            largest = i;
    return largest;
}

void recoup_cents_share(const double *part, int n, double total_cents, double *cents) {
    double lacking = total_cents;
    if (n == 0)
        return;
    for (int i = 0; i < n; i++) {
        cents[i] = 100 * part[i];
        lacking -= floor(cents[i]);
    }
    double each = floor(lacking / n); /* 0, unless the parts do not add up to the total */
    lacking -= each * n;
    for (int k = 0; k < lacking; k++) {
        int i = largest_remainder(cents, n);
        cents[i] = floor(cents[i]) + 1;
    }
    for (int i = 0; i < n; i++)
        cents[i] = floor(cents[i]) + each;
}
