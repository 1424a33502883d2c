/* Amounts of new deals: the law by maximum likelihood, and a look at its upper tail. */
#include "fit/inflow.h"

#include "fit/rivals.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

/* All amounts equal: a spread of .1 % keeps the law a law. */
#define LEAST_SIGMA 1e-3
/* The upper tail: its share of the deals, the least number in all, and by how many standard
 * deviations it may be above the law's; sums of large amounts are skewed, hence 4. */
#define TOP_SHARE .01
enum { TOP_DEALS = 300, TOP_LIMIT = 4 };

static const recoup_family families[] = {RECOUP_LOGNORMAL, RECOUP_GAMMA, RECOUP_WEIBULL};
enum { N_FAMILIES = sizeof families / sizeof *families };

/* Moments of the logs, and the log of the mean. */
typedef struct moments {
    double mean, sd, log_mean, top;
} moments;

static moments moments_of(const double *amount, size_t n) {
    moments m = {.top = -INFINITY};
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        m.mean += log(amount[i]) / (double)n;
        m.top = fmax(m.top, log(amount[i]));
    }
    for (size_t i = 0; i < n; i++) {
        double x = log(amount[i]) - m.mean;
        m.sd += x * x / (double)n;
        sum += exp(log(amount[i]) - m.top) / (double)n;
    }
    m.sd = sqrt(m.sd);
    m.log_mean = m.top + log(sum);
    return m;
}

/* The root of a function that falls from above to below 0 over [e^-12, e^12], by halving log k. */
static double root(double (*function)(double k, const void *user), const void *user) {
    double low = -12, high = 12;
    for (int round = 0; round < 80; round++) {
        double middle = (low + high) / 2;
        if (function(exp(middle), user) > 0)
            low = middle;
        else
            high = middle;
    }
    return exp((low + high) / 2);
}

/* Of the gamma's shape: ln k - psi(k) = ln mean - mean ln (Choi & Wette 1969). */
static double gamma_score(double k, const void *user) {
    const moments *m = user;
    return log(k) - gsl_sf_psi(k) - (m->log_mean - m->mean);
}

/* Amounts on the log scale. */
typedef struct weibull_sample {
    const double *amount;
    size_t n;
    const moments *moments;
} weibull_sample;

/* Sum of w^k and of w^k ln w with w = amount / largest. */
static double weibull_sums(double k, const weibull_sample *sample, double *weighted) {
    double sum = 0;
    *weighted = 0;
    for (size_t i = 0; i < sample->n; i++) {
        double x = log(sample->amount[i]) - sample->moments->top, w = exp(k * x);
        sum += w;
        *weighted += w * x;
    }
    return sum;
}

/* Of the Weibull's shape: 1/k = sum w^k ln w / sum w^k - mean ln w (Cohen 1965). */
static double weibull_score(double k, const void *user) {
    const weibull_sample *sample = user;
    double weighted, sum = weibull_sums(k, sample, &weighted);
    return 1 / k - weighted / sum + sample->moments->mean - sample->moments->top;
}

bool recoup_amount_fit(const double *amount, size_t n, recoup_family family, recoup_dist *dist,
                       double *log_likelihood) {
    if (n < 2)
        return false;
    moments m = moments_of(amount, n);
    *dist = (recoup_dist){.family = family};
    if (m.sd < LEAST_SIGMA)
        return false;
    if (family == RECOUP_LOGNORMAL) {
        dist->mu = m.mean;
        dist->shape[0] = m.sd;
    } else if (family == RECOUP_GAMMA) {
        dist->shape[0] = root(gamma_score, &m);
        dist->mu = m.log_mean - log(dist->shape[0]);
    } else {
        weibull_sample sample = {amount, n, &m};
        double k = dist->shape[0] = root(weibull_score, &sample), unused;
        dist->mu = m.top + log(weibull_sums(k, &sample, &unused) / (double)n) / k;
    }
    *log_likelihood = 0;
    for (size_t i = 0; i < n; i++)
        *log_likelihood += recoup_dist_log_density(dist, amount[i]);
    return isfinite(*log_likelihood);
}

/* E(X^power; X > q), q the quantile above which TOP_SHARE of the deals are. */
static double upper_moment(const recoup_dist *dist, int power) {
    double k = dist->shape[0], scale = exp(power * dist->mu);
    switch (dist->family) {
    case RECOUP_LOGNORMAL:
        return scale * exp(power * power * k * k / 2) *
               gsl_cdf_ugaussian_P(power * k - gsl_cdf_ugaussian_Qinv(TOP_SHARE));
    case RECOUP_GAMMA:
        return scale * exp(gsl_sf_lngamma(k + power) - gsl_sf_lngamma(k)) *
               gsl_cdf_gamma_Q(gsl_cdf_gamma_Qinv(TOP_SHARE, k, 1), k + power, 1);
    default: /* Weibull: X^k is exponential */
        return scale * gsl_sf_gamma(1 + power / k) *
               gsl_cdf_gamma_Q(-log(TOP_SHARE), 1 + power / k, 1);
    }
}

double recoup_amount_top(const recoup_dist *dist, double *sd) {
    double first = upper_moment(dist, 1), second = upper_moment(dist, 2);
    double q = recoup_dist_quantile(dist, 1 - TOP_SHARE);
    /* The influence function of the sum above a quantile is (x - q)+ but for a constant. */
    double excess = first - q * TOP_SHARE;
    double squares = second - 2 * q * first + q * q * TOP_SHARE;
    *sd = sqrt(fmax(0, squares - excess * excess));
    return first;
}

/* Says so when the largest deals hold more than the law gives them. */
static void check_tail(recoup_fitting *fitting, const double *sorted, size_t n) {
    const recoup_dist *dist = &fitting->model->new_amount;
    size_t n_top = (size_t)ceil(TOP_SHARE * (double)n);
    double total = 0, top = 0, sd, expected = recoup_amount_top(dist, &sd);
    if (n < TOP_DEALS || !isfinite(expected) || !isfinite(sd))
        return;
    for (size_t i = 0; i < n; i++) {
        total += sorted[i];
        top += i >= n - n_top ? sorted[i] : 0;
    }
    if (top / (double)n - expected > TOP_LIMIT * sd / sqrt((double)n))
        recoup_remark(
            fitting,
            "the largest 1 %% of the new deals hold %.0f %% of the value, under the fitted "
            "%s %.0f %%: the forecast has too few very large deals",
            100 * top / total, recoup_family_name(dist->family),
            100 * expected / recoup_dist_mean(dist));
}

/* What the two families that were not chosen add to the covariance of mu and log shape. */
static void add_rivals(const recoup_dist *chosen, const recoup_dist *law, const double *highest,
                       double *covariance) {
    double weight[N_FAMILIES], sum = 0, most = -INFINITY;
    for (int k = 0; k < N_FAMILIES; k++)
        most = fmax(most, highest[k]);
    for (int k = 0; k < N_FAMILIES; k++)
        sum += weight[k] = exp(highest[k] - most);
    for (int k = 0; k < N_FAMILIES; k++) {
        recoup_dist alike;
        if (!(weight[k] > 0) || !recoup_dist_alike(&law[k], chosen->family, &alike))
            continue;
        const double apart[2] = {alike.mu - chosen->mu, log(alike.shape[0] / chosen->shape[0])};
        for (int i = 0; i < 4; i++)
            covariance[i] += weight[k] / sum * apart[i / 2] * apart[i % 2];
    }
}

/* Into the model and the posterior. The median's derivatives follow from S(median) = 1/2: those of
 * log S by the parameters over that by mu. */
static void add_errors(recoup_fitting *fitting, const double *covariance) {
    recoup_dist *dist = &fitting->model->new_amount;
    double by[3], variance = 0;
    recoup_dist_log_survival_gradient(dist, recoup_dist_median(dist), by);
    for (int i = 0; i < 4; i++)
        variance += by[i / 2] * by[i % 2] / (by[0] * by[0]) * covariance[i];
    fitting->model->new_amount_se =
        (recoup_dist_se){sqrt(covariance[0]), sqrt(covariance[3]), sqrt(fmax(0, variance))};
    recoup_posterior_add(&fitting->posterior, 2, (double *[2]){&dist->mu, &dist->shape[0]},
                         covariance);
}

/* The most likely of the three families; they have two parameters each, so that AICc orders them as
 * the likelihood does. Nothing is corrected for small samples: the mean of the law, which forecasts
 * add up, is as good as unbiased as it is, and would not be with an unbiased shape (Cox & Snell
 * 1968) or an average over the families; docs/fit.md has figures. */
static void choose_family(recoup_fitting *fitting, const double *amount, size_t n) {
    recoup_dist *best = &fitting->model->new_amount, law[N_FAMILIES];
    double highest[N_FAMILIES], most = -INFINITY, covariance[4];
    if (n == 0)
        return;
    moments m = moments_of(amount, n);
    *best =
        (recoup_dist){.family = RECOUP_LOGNORMAL, .mu = m.mean, .shape = {fmax(LEAST_SIGMA, m.sd)}};
    for (int k = 0; k < N_FAMILIES; k++) {
        if (!recoup_amount_fit(amount, n, families[k], &law[k], &highest[k]))
            highest[k] = -INFINITY;
        if (highest[k] > most) {
            most = highest[k];
            *best = law[k];
        }
    }
    if (!recoup_sample_covariance(best, amount, n, covariance))
        return;
    if (isfinite(most))
        add_rivals(best, law, highest, covariance);
    add_errors(fitting, covariance);
}

/* The amounts of the deals created since a day, sorted. */
static size_t gather(const recoup_view *view, double since, double *amount) {
    size_t n = 0;
    for (int i = 0; i < view->n_deals; i++)
        if (view->created[i] >= since && recoup_has_amount(view, i))
            amount[n++] = view->amount[i];
    gsl_sort(amount, 1, n);
    return n;
}

static void fit_new_amount(recoup_fitting *fitting, double since, double *amount, size_t n_all) {
    size_t n = gather(fitting->view, since, amount);
    if (n < 2)
        n = gather(fitting->view, -INFINITY, amount);
    if (n_all >= 2) {
        choose_family(fitting, amount, n);
        check_tail(fitting, amount, n);
    } else {
        recoup_remark(fitting, "only one deal has an amount: new deals get a lognormal around it "
                               "with sigma 1: edit the model");
    }
}

recoup_status recoup_fit_amounts(recoup_fitting *fitting, recoup_window recent) {
    const recoup_view *view = fitting->view;
    recoup_model *model = fitting->model;
    double *amount = RECOUP_NEW(double, view->n_deals);
    if (!amount)
        return recoup_fail_memory(fitting->error);
    size_t n = gather(view, -INFINITY, amount);
    model->has_new_amount = n > 0;
    model->new_amount = (recoup_dist){.family = RECOUP_LOGNORMAL, .shape = {1}};
    if (n > 0) {
        model->size_ref = gsl_stats_median_from_sorted_data(amount, 1, n);
        model->new_amount.mu = log(model->size_ref);
        fit_new_amount(fitting, recent.start, amount, n);
    } else {
        recoup_remark(fitting, "no deal has an amount above 0: no new deals are simulated");
        for (int i = 0; i < model->cohorts.n * recoup_model_n_channels(model); i++)
            model->arrivals[i] = model->arrivals_se[i] = 0;
        model->arrivals_dispersion = NULL;
    }
    free(amount);
    return RECOUP_OK;
}
