#include "diagnose/contrast.h"

#include "base/memory.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Of the sum over a rep's outcomes. */
typedef struct rep_sum {
    double n, in;             /* outcomes; of these in the group */
    double x, xx, e, product; /* sums of x, x², e and of x times the outcome's residual */
} rep_sum;

typedef struct work {
    double *x, *y, *e;   /* [i] */
    double *sum, *count; /* [level] */
    rep_sum *rep;
} work;

/* The mean of each level taken off; the largest one there was. */
static double centre(double *value, int n, const recoup_factor *factor, const work *w) {
    double largest = 0;
    for (int k = 0; k < factor->n_levels; k++)
        w->sum[k] = w->count[k] = 0;
    for (int i = 0; i < n; i++) {
        w->sum[factor->level[i]] += value[i];
        w->count[factor->level[i]]++;
    }
    for (int k = 0; k < factor->n_levels; k++)
        if (w->count[k] > 0) {
            w->sum[k] /= w->count[k];
            largest = fmax(largest, fabs(w->sum[k]));
        }
    for (int i = 0; i < n; i++)
        value[i] -= w->sum[factor->level[i]];
    return largest;
}

/* Takes the factors out of the values, which are of the order of 1. */
static void take_out(double *value, const recoup_contrast_data *data, bool all, const work *w) {
    enum { MAX_ROUNDS = 200 };
    double mean = 0, moved = 1;
    for (int i = 0; i < data->n; i++)
        mean += value[i] / data->n;
    for (int i = 0; i < data->n; i++)
        value[i] -= mean;
    for (int round = 0; round < MAX_ROUNDS && moved > 1e-9; round++) {
        moved = 0;
        for (int f = 0; f < data->n_factors; f++)
            if (all || !data->factor[f].only_residuals)
                moved = fmax(moved, centre(value, data->n, &data->factor[f], w));
    }
}

static bool work_create(const recoup_contrast_data *data, work *w) {
    int most = 1;
    for (int f = 0; f < data->n_factors; f++)
        most = data->factor[f].n_levels > most ? data->factor[f].n_levels : most;
    *w = (work){RECOUP_NEW(double, data->n), RECOUP_NEW(double, data->n),
                RECOUP_NEW(double, data->n), RECOUP_NEW(double, most),
                RECOUP_NEW(double, most),    RECOUP_NEW(rep_sum, data->n_reps)};
    return w->x && w->y && w->e && w->sum && w->count && w->rep;
}

static void work_clear(work *w) {
    free(w->x);
    free(w->y);
    free(w->e);
    free(w->sum);
    free(w->count);
    free(w->rep);
}

static void count(const recoup_contrast_data *data, const work *w, recoup_contrast *of) {
    for (int i = 0; i < data->n; i++) {
        of->n_in += data->is_in[i];
        of->n_out += !data->is_in[i];
        if (data->rep[i] < 0) {
            of->reps_in += data->is_in[i];
            of->reps_out += !data->is_in[i];
            continue;
        }
        rep_sum *rep = &w->rep[data->rep[i]];
        rep->n++;
        rep->in += data->is_in[i];
    }
    for (int r = 0; r < data->n_reps; r++) {
        of->reps_in += w->rep[r].in > 0;
        of->reps_out += w->rep[r].n > w->rep[r].in;
    }
}

/* How many numbers the factors and the comparison take. */
static int n_parameters(const recoup_contrast_data *data) {
    int n = 2;
    for (int f = 0; f < data->n_factors; f++)
        n += data->factor[f].n_levels - 1;
    return n;
}

/* Sums over all, and over reps. */
typedef struct totals {
    double xx, xxee, ee, square; /* square: S² */
    double rho, between, pairs;  /* rho; B; pairs of outcomes of a rep, both orders */
} totals;

static totals add_up(const recoup_contrast_data *data, const work *w, int n_reps) {
    totals t = {0};
    for (int i = 0; i < data->n; i++) {
        double x = w->x[i], e = w->e[i];
        t.xx += x * x;
        t.ee += e * e;
        t.xxee += x * x * e * e;
        if (data->rep[i] >= 0) {
            rep_sum *rep = &w->rep[data->rep[i]];
            rep->x += x;
            rep->xx += x * x;
            rep->e += e;
            rep->product += x * w->y[i];
        }
    }
    int free_numbers = data->n - n_parameters(data);
    t.square = t.ee / (free_numbers > 1 ? free_numbers : 1);
    double clustered = 0, alone = 0;
    for (int r = 0; r < data->n_reps; r++) {
        const rep_sum *rep = &w->rep[r];
        clustered += rep->e * rep->e;
        alone += rep->n * t.square;
        t.pairs += rep->n * (rep->n - 1);
        t.between += rep->x * rep->x - rep->xx;
    }
    t.between = fmax(0, t.between);
    /* two means are taken out of the reps' sums */
    clustered *= n_reps > 2 ? n_reps / (n_reps - 2.) : 1;
    t.rho = t.pairs > 0 && t.square > 0 ? fmax(0, (clustered - alone) / t.pairs / t.square) : 0;
    return t;
}

/* The rep without whom least of the difference is left, by what the rep's outcomes add to it. */
static void find_driver(const recoup_contrast_data *data, const work *w, const totals *t,
                        recoup_contrast *of) {
    of->driver = -1;
    of->without = of->difference;
    of->without_se = of->se;
    for (int r = 0; r < data->n_reps; r++) {
        const rep_sum *rep = &w->rep[r];
        double left = t->xx - rep->xx;
        if (rep->in < 1 || !(left > 0))
            continue;
        double without = (of->difference * t->xx - rep->product) / left;
        if (of->difference < 0 ? without > of->without : without < of->without) {
            of->driver = r;
            of->without = without;
            of->without_se = of->se * sqrt(t->xx / left);
        }
    }
}

static void compare(const recoup_contrast_data *data, const work *w, recoup_contrast *of) {
    int n_reps = 0;
    for (int r = 0; r < data->n_reps; r++)
        n_reps += w->rep[r].n > 0;
    double product = 0, xx = 0;
    for (int i = 0; i < data->n; i++) {
        product += w->x[i] * w->y[i];
        xx += w->x[i] * w->x[i];
    }
    if (!(xx > 1e-6 * data->n))
        return;
    of->difference = product / xx;
    for (int i = 0; i < data->n; i++)
        w->e[i] = data->outcome[i] - of->difference * data->is_in[i];
    take_out(w->e, data, true, w);
    totals t = add_up(data, w, n_reps);
    double alone = fmax(t.xxee, t.square * t.xx);
    double variance = alone + t.rho * t.square * t.between;
    /* of the part with rho: B²·Var(rho S²), of a mean of products of residuals */
    double effect = 1 + t.rho * (t.pairs > 0 ? t.pairs / data->n : 0);
    double uncertain =
        t.pairs > 0 ? t.between * t.between * 2 * pow(t.square * effect, 2) / t.pairs : 0;
    uncertain += 2 * alone * alone / fmax(1, data->n - n_parameters(data));
    if (!(variance > 0))
        return;
    of->se = sqrt(variance) / xx;
    of->df = fmax(1, 2 * variance * variance / uncertain);
    of->p_value = 2 * gsl_cdf_tdist_Q(fabs(of->difference) / of->se, of->df);
    double half = of->se * gsl_cdf_tdist_Pinv(.975, of->df);
    of->low = of->difference - half;
    of->high = of->difference + half;
    find_driver(data, w, &t, of);
}

bool recoup_contrast_of(const recoup_contrast_data *data, recoup_contrast *contrast) {
    *contrast = (recoup_contrast){.difference = NAN,
                                  .se = NAN,
                                  .df = NAN,
                                  .low = NAN,
                                  .high = NAN,
                                  .p_value = NAN,
                                  .driver = -1,
                                  .without = NAN,
                                  .without_se = NAN};
    work w;
    bool enough = work_create(data, &w);
    if (enough) {
        count(data, &w, contrast);
        for (int i = 0; i < data->n; i++) {
            w.x[i] = data->is_in[i];
            w.y[i] = data->outcome[i];
        }
        take_out(w.x, data, false, &w);
        take_out(w.y, data, false, &w);
        compare(data, &w, contrast);
    }
    work_clear(&w);
    return enough;
}
