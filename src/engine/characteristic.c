#include "engine/characteristic.h"

#include "base/error.h"
#include "base/memory.h"
#include <stdlib.h>

#define DECAYED 1e-7   /* |phi| at the last frequency, for Z = 0 */
#define TOLERATED 1e-7 /* error of P(hit) by leaving out cumulants */
#define FAR 1e-6       /* chance that a new deal is larger than the range allows for */

enum {
    WORK = 1000000,         /* large deals times frequencies */
    LEAST_FREQUENCIES = 64, /* that `WORK` leaves in any case */
    FEW_DEALS = 128,        /* all are large */
    MANY_DEALS = 4096,      /* fewer may all be large when cumulants do not suffice */
    LONG_LATTICE = 1024     /* frequencies: with more deals, a longer one is dense */
};

/* Between the functions that set one up. */
typedef struct scales {
    recoup_deals_survey survey;
    double mean[RECOUP_DEALS_PROBES], deviation[RECOUP_DEALS_PROBES];
    double least;     /* deviation at the inner probes */
    double threshold; /* of large deals */
    double rest;      /* seventh powers of small deals */
    int most;         /* frequencies */
    double *re, *im;  /* [frequency] */
} scales;

/* How much an error at a probe counts, at most: the density of Z there relative to that at 0, with
 * some room; 0: not looked at. */
static const double importance[RECOUP_DEALS_PROBES] = {0, 0.01, 1, 0.01, 0};
/* Standard deviations about the mean that are in the range. */
static const double width[RECOUP_DEALS_PROBES] = {3.5, 6.5, 8, 6.5, 3.5};

enum {
    GUESSES = 16
}; /* frequencies tried at once for the last one, each 1.15 times the one before */

/* --- range and first guess -------------------------------------------------------------------- */

/* A sum of independent parts is normal up to so many standard deviations, or one or two parts are
 * large themselves. */
static void set_range(recoup_characteristic *c, scales *at) {
    const recoup_deals_survey *survey = &at->survey;
    double sigma = c->revision->sigma, low = INFINITY, high = 0;
    at->least = INFINITY;
    for (int i = 0; i < RECOUP_DEALS_PROBES; i++) {
        recoup_arrivals_at new_deals;
        recoup_arrivals_add(&c->arrivals, recoup_deals_probe[i], NULL, NULL, &new_deals);
        at->mean[i] = survey->mean[i] + new_deals.mean;
        at->deviation[i] = sqrt(fmax(0, survey->variance[i] + new_deals.variance));
        low = fmin(low, at->mean[i] - width[i] * at->deviation[i]);
        high = fmax(high, at->mean[i] + width[i] * at->deviation[i]);
        if (importance[i] > 0 && at->deviation[i] > 0)
            at->least = fmin(at->least, at->deviation[i]);
    }
    double revised = exp(5.2 * sigma - 0.5 * sigma * sigma); /* 1e-7 of revisions are larger */
    double fair = exp(3 * sigma - 0.5 * sigma * sigma);
    high += 2 * survey->largest * revised + recoup_arrivals_largest(&c->arrivals, FAR) * fair;
    c->low = fmax(0, low);
    c->high = high + 0.01 * (high - c->low);
}

static bool alloc_arrays(recoup_characteristic *c, scales *at, int n) {
    double **arrays[] = {&c->cosine,  &c->sine,    &c->atom_cosine, &c->atom_sine, &c->damping,
                         &c->open_re, &c->open_im, &c->frequency,   &at->re,       &at->im};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        free(*arrays[i]);
        *arrays[i] = RECOUP_NEW(double, n);
        if (!*arrays[i])
            return false;
    }
    for (int k = 0; k < n; k++)
        c->damping[k] = 1;
    return true;
}

/* Frequencies start + k·step, or start·ratio^k. */
static recoup_status set_frequencies(recoup_characteristic *c, scales *at, double start,
                                     double step, double ratio, int n, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    c->n = 0;
    if (!alloc_arrays(c, at, n))
        return recoup_fail_memory(error);
    for (int k = 0; k < n; k++)
        c->frequency[k] = start * pow(ratio, k) + k * step;
    status = recoup_deals_set_frequencies(&c->deals, c->revision, c->frequency, n, error);
    if (status == RECOUP_OK)
        status = recoup_arrivals_set_frequencies(&c->arrivals, c->revision, c->frequency, n, error);
    if (status == RECOUP_OK)
        c->n = n;
    return status;
}

/* --- checks ----------------------------------------------------------------------------------- */

/* How many of the frequencies it takes until |phi| has died down at all probes (n + 1: more), and
 * the largest error by what cumulants leave out: the sum over frequencies of
 * |phi|·t^7/7!·rest / (pi·(k + 1/2)). */
static int count_needed(recoup_characteristic *c, const scales *at, double *error) {
    int needed = 0;
    *error = 0;
    for (int i = 0; i < RECOUP_DEALS_PROBES; i++) {
        recoup_characteristic_at point;
        double sum = 0;
        if (importance[i] == 0)
            continue;
        recoup_characteristic_evaluate(c, recoup_deals_probe[i], at->re, at->im, &point);
        for (int k = 0; k < c->n; k++) {
            double t = c->frequency[k], q = t * t;
            double size = importance[i] * sqrt(at->re[k] * at->re[k] + at->im[k] * at->im[k]);
            sum += size * (q * q * q * t / (k + 0.5));
            if (size >= DECAYED && k >= needed)
                needed = k + 1;
        }
        *error = fmax(*error, at->rest / (5040 * M_PI) * sum);
    }
    return needed + 1;
}

/* How many frequencies it takes, `least` at least. */
static recoup_status guess(recoup_characteristic *c, scales *at, int least, int limit, int *n,
                           recoup_error *error) {
    const double ratio = 1.2;
    *n = least;
    while (*n < limit) {
        recoup_status status =
            set_frequencies(c, at, (*n - 0.5) * c->step, 0, ratio, GUESSES, error);
        if (status != RECOUP_OK)
            return status;
        double unused;
        int needed = count_needed(c, at, &unused);
        *n = (int)ceil(*n * pow(ratio, needed - 1));
        if (needed <= GUESSES)
            break;
    }
    *n = *n < limit ? *n : limit;
    return RECOUP_OK;
}

/* Deals and frequencies so that phi dies down (or as many as may be) and cumulants suffice. */
static recoup_status set_scales(recoup_characteristic *c, const recoup_tables *tables, int plan,
                                scales *at, int least, bool *decayed, recoup_error *error) {
    double left_out;
    for (;;) {
        recoup_deals_clear(&c->deals);
        recoup_status status =
            recoup_deals_init(&c->deals, tables, plan, c->revision, at->threshold, error);
        if (status != RECOUP_OK)
            return status;
        double most = fmax((double)WORK / (double)(c->deals.n_bookings + 1), LEAST_FREQUENCIES);
        int limit = most < at->most ? (int)most : at->most, n = limit;
        if (least < limit && (status = guess(c, at, least, limit, &n, error)) != RECOUP_OK)
            return status;
        status = set_frequencies(c, at, 0.5 * c->step, c->step, 1, n, error);
        if (status != RECOUP_OK)
            return status;
        *decayed = count_needed(c, at, &left_out) <= n;
        if (at->rest == 0 || left_out < TOLERATED)
            return RECOUP_OK;
        double less = at->survey.n_deals > MANY_DEALS ? 0.01 * at->rest : 0;
        at->threshold = recoup_deals_threshold(&at->survey, less, &at->rest);
    }
}

/* --- looking at one level --------------------------------------------------------------------- */

static void set_phases(const recoup_characteristic *c, double level, double lattice, double *cosine,
                       double *sine) {
    for (int k = 0; k < c->n; k++) {
        double t = c->frequency[k], half = 0.5 * t * lattice;
        double factor = half > 0 ? half / sin(half) : 1;
        cosine[k] = factor * cos(t * level);
        sine[k] = factor * sin(t * level);
    }
}

/* Where unrevised sums are looked at: between two multiples of the lattice's step, or below the
 * level by the kernel's reach. */
static void set_levels(recoup_characteristic *c, double lattice, bool unrevised) {
    double level = c->level;
    set_phases(c, level, 0, c->cosine, c->sine);
    if (unrevised && lattice > 0)
        level = (ceil(level / lattice - 1e-6) - 0.5) * lattice;
    c->atoms = level != c->level || c->countable;
    if (c->atoms)
        set_phases(c, level, lattice, c->atom_cosine, c->atom_sine);
}

/* P(B >= level) of a part of the distribution with this mass. */
static double invert(const recoup_characteristic *c, double mass, const double *re,
                     const double *im, const double *cosine, const double *sine) {
    double sum = 0;
    for (int k = 0; k < c->n; k++)
        sum += (im[k] * cosine[k] - re[k] * sine[k]) / (k + 0.5);
    return 0.5 * mass + sum / M_PI;
}

/* --- create ----------------------------------------------------------------------------------- */

static recoup_status set_up(recoup_characteristic *c, const recoup_tables *tables, int plan,
                            bool all_large, scales *at, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    bool unrevised = c->revision->sigma == 0, decayed = false;
    bool dense = at->survey.n_deals > FEW_DEALS;
    double deviation = at->deviation[RECOUP_DEALS_PROBES / 2], lattice = 0;
    recoup_arrivals_at quiet;
    c->step = 2 * M_PI / (c->high - c->low);
    at->most = RECOUP_CHARACTERISTIC_MAX;
    if (all_large || at->survey.n_deals <= FEW_DEALS)
        at->threshold = 0;
    else /* the integral of t^6·exp(-t²/2)/(7!·pi) is 0.0012 */
        at->threshold = recoup_deals_threshold(
            &at->survey, 0.5 * TOLERATED / 0.0012 * pow(deviation, 7), &at->rest);
    recoup_arrivals_add(&c->arrivals, -0.6, NULL, NULL, &quiet);
    unrevised = unrevised && quiet.none > FAR && at->survey.n_deals > 0;
    int n = (int)fmin(at->most, ceil(5 / at->least / c->step) + 1);
    if (unrevised) {
        status = recoup_deals_init(&c->deals, tables, plan, c->revision, 0, error);
        if (status != RECOUP_OK)
            return status;
        lattice = recoup_deal_sums_lattice(&c->deals, 1e-9 * c->high);
        if (lattice > 0) {
            double full = ceil((c->high - c->low) / (2 * lattice));
            c->step = M_PI / (full * lattice);
            at->most = (int)fmin(at->most, full);
            if (full <= (dense ? LONG_LATTICE : RECOUP_CHARACTERISTIC_MAX)) {
                n = at->most;
                at->threshold = 0;
            }
        } else if (!dense) {
            n = at->most;
        }
    }
    status = set_scales(c, tables, plan, at, n, &decayed, error);
    if (status != RECOUP_OK)
        return status;
    bool whole = lattice > 0 && c->step * (c->n + 0.5) > M_PI / lattice;
    c->lattice = whole && c->arrivals.total == 0 ? lattice : 0;
    if (!decayed && !whole) {
        c->resolution = 6 / (c->step * c->n);
        for (int k = 0; k < c->n; k++)
            c->damping[k] = c->revision->sigma == 0
                                ? exp(-0.5 * pow(c->resolution * c->frequency[k], 2))
                                : exp(-18 * pow((k + 0.5) / c->n, 8));
    }
    c->countable = unrevised && at->survey.n_results <= RECOUP_DEAL_SUMS_MAX_RESULTS &&
                   c->deals.n_large == at->survey.n_deals;
    c->few = c->countable && c->arrivals.total == 0;
    set_levels(c, lattice, unrevised);
    return c->countable ? recoup_deal_sums_init(&c->sums, &c->deals, c->level, error) : RECOUP_OK;
}

recoup_status recoup_characteristic_create(const recoup_tables *tables, int plan,
                                           const recoup_revision *revision, bool all_large,
                                           recoup_characteristic **characteristic,
                                           recoup_error *error) {
    const recoup_program *program = tables->program;
    recoup_status status = RECOUP_OK;
    scales *at = RECOUP_NEW(scales, 1);
    recoup_characteristic *c = RECOUP_NEW(recoup_characteristic, 1);
    if (!at || !c) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    c->kernels = &recoup_characteristic_kernels_for[tables->isa];
    c->revision = revision;
    c->level = program->plan[plan].quota - program->booked;
    status = recoup_arrivals_init(&c->arrivals, tables, plan, revision, error);
    if (status != RECOUP_OK)
        goto exit;
    recoup_deals_look(tables, plan, revision, &at->survey);
    set_range(c, at);
    c->varies = tables->n_terms > 1 ||
                (c->arrivals.total > 0 && (tables->n_nodes > 1 || program->market_arrivals != 0));
    if (isfinite(at->least)) {
        status = set_up(c, tables, plan, all_large, at, error);
    } else { /* nothing is random: no frequency is needed */
        c->certain = true;
        status = recoup_deals_init(&c->deals, tables, plan, revision, 0, error);
    }
    if (status == RECOUP_OK) {
        *characteristic = c;
        c = NULL;
    }
exit:
    recoup_characteristic_free(c);
    if (at) {
        free(at->re);
        free(at->im);
    }
    free(at);
    return status;
}

void recoup_characteristic_free(recoup_characteristic *c) {
    if (!c)
        return;
    recoup_deals_clear(&c->deals);
    recoup_arrivals_clear(&c->arrivals);
    recoup_deal_sums_clear(&c->sums);
    free(c->cosine);
    free(c->sine);
    free(c->atom_cosine);
    free(c->atom_sine);
    free(c->damping);
    free(c->frequency);
    free(c->open_re);
    free(c->open_im);
    free(c);
}

/* --- at one x --------------------------------------------------------------------------------- */

/* t² up to which the real part of the cumulants' series falls, as the log of |phi| of many small
 * deals does; beyond, the series is of no use. */
static double turning_point(const double *k) {
    /* -k2/2 + k4·q/12 - k6·q²/240 = 0 */
    double a = -k[5] / 240, b = k[3] / 12, c = -k[1] / 2;
    double root = b * b - 4 * a * c;
    if (c == 0 || root < 0 || (a <= 0 && b <= 0))
        return INFINITY;
    double first = -2 * c / (b + sqrt(root)); /* the smaller positive one, without cancellation */
    return first > 0 ? first : INFINITY;
}

/* Log of the small deals' part: sum over n of k_n·(i·t)^n / n!. */
static void set_cumulants(const recoup_characteristic *c, const double *cumulant, double *re,
                          double *im) {
    const double *k = cumulant;
    double end = turning_point(k);
    for (int i = 0; i < c->n; i++) {
        double t = c->frequency[i], q = t * t, within = q < end ? q : end;
        re[i] = within * (-k[1] / 2 + within * (k[3] / 24 - within * k[5] / 720));
        im[i] = t * (k[0] + q * (-k[2] / 6 + q * k[4] / 120));
    }
}

/* The part of atoms (no new deal is won) and the part with new deals: the one is summed exactly, or
 * looked at in another place. */
static double hit_by_parts(recoup_characteristic *c, double x, double none, double quiet,
                           const double *re, const double *im) {
    double *open_re = c->open_re, *open_im = c->open_im; /* of open deals alone, damped */
    double hit;
    for (int k = 0; k < c->n; k++) {
        open_re[k] = quiet * (open_re[k] - none) * c->damping[k];
        open_im[k] = quiet * open_im[k] * c->damping[k];
    }
    if (c->countable)
        hit = quiet * recoup_deal_sums_reach(&c->sums, x);
    else
        hit = invert(c, quiet * (1 - none), open_re, open_im, c->atom_cosine, c->atom_sine);
    for (int k = 0; k < c->n; k++) {
        open_re[k] = re[k] - open_re[k];
        open_im[k] = im[k] - open_im[k];
    }
    return hit + invert(c, 1 - quiet, open_re, open_im, c->cosine, c->sine);
}

void recoup_characteristic_evaluate(recoup_characteristic *c, double x, double *re, double *im,
                                    recoup_characteristic_at *at) {
    recoup_deals_at deals;
    recoup_arrivals_at arrivals;
    recoup_deals_moments(&c->deals, x, &deals);
    set_cumulants(c, deals.cumulant, re, im);
    if (c->atoms) {
        for (int k = 0; k < c->n; k++) {
            c->open_re[k] = re[k];
            c->open_im[k] = im[k];
        }
        c->kernels->exponential((size_t)c->n, c->open_re, c->open_im);
        recoup_deals_multiply(&c->deals, c->open_re, c->open_im);
    }
    recoup_arrivals_add(&c->arrivals, x, re, im, &arrivals);
    c->kernels->exponential((size_t)c->n, re, im);
    recoup_deals_multiply(&c->deals, re, im);
    at->none = deals.none * arrivals.none;
    at->wins = deals.wins + arrivals.wins;
    at->mean = deals.mean + arrivals.mean;
    at->variance = fmax(0, deals.variance + arrivals.variance);
    for (int k = 0; k < c->n; k++) {
        re[k] = (re[k] - at->none) * c->damping[k];
        im[k] *= c->damping[k];
    }
    bool sure = c->level <= 0 || (!c->certain && !c->few && c->level < c->low);
    if (sure)
        at->hit = 1;
    else if (c->certain)
        at->hit = at->mean >= c->level * (1 - 1e-9);
    else if (c->level > c->high)
        at->hit = 0;
    else if (c->few)
        at->hit = recoup_deal_sums_reach(&c->sums, x);
    else if (c->atoms)
        at->hit = hit_by_parts(c, x, deals.none, arrivals.none, re, im);
    else
        at->hit = invert(c, 1 - at->none, re, im, c->cosine, c->sine);
}
