#include "book.h"

#include <gsl/gsl_cdf.h>

enum { DAYS = 540, MONTH_DAYS = 30, MONTHS = DAYS / MONTH_DAYS };

double draw_normal(uint64_t *seed) {
    double u = uniform(seed), v = uniform(seed); /* Box & Muller 1958 */
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Steele, Lea & Flood 2014: splitmix64 is a good mixer of what it starts from. */
uint64_t book_seed(uint64_t seed, int size, int book) {
    uint64_t state = seed;
    const uint64_t part[2] = {(uint64_t)size, (uint64_t)book};
    for (int i = 0; i < 2; i++) {
        state += part[i];
        state = (uint64_t)(uniform(&state) * 9007199254740992.) << 11;
    }
    return state;
}

/* The log of the upper over the lower quartile. */
static double spread_of(const recoup_dist *dist) {
    return log(recoup_dist_quantile(dist, .75) / recoup_dist_quantile(dist, .25));
}

/* The law of a family with this median and this log ratio of the quartiles: the log of the shape,
 * which the ratio rises with (lognormal) or falls with (the others), by halving. */
static recoup_dist law_of(recoup_family family, double log_median, double spread) {
    recoup_dist law = {.family = family};
    double low = -5, high = 5;
    for (int k = 0; k < 60; k++) {
        double middle = (low + high) / 2;
        law.shape[0] = exp(middle);
        if ((spread_of(&law) < spread) == (family == RECOUP_LOGNORMAL))
            low = middle;
        else
            high = middle;
    }
    law.mu = log_median - log(recoup_dist_median(&law));
    return law;
}

static recoup_dist draw_dwell(uint64_t *seed) {
    static const struct {
        recoup_family family;
        double shape;
    } typical[4] = {
        {RECOUP_LOGNORMAL, 1}, {RECOUP_WEIBULL, 1}, {RECOUP_GAMMA, 1}, {RECOUP_LOGLOGISTIC, 1.63}};
    int k = (int)(4 * uniform(seed));
    recoup_dist law = {.family = typical[k].family,
                       .shape = {typical[k].shape * exp(.2 * draw_normal(seed))}};
    law.mu = log(40) + .5 * draw_normal(seed) - log(recoup_dist_median(&law));
    return law;
}

static recoup_dist draw_amount(uint64_t *seed) {
    static const recoup_family families[3] = {RECOUP_LOGNORMAL, RECOUP_WEIBULL, RECOUP_GAMMA};
    recoup_family family = families[(int)(3 * uniform(seed))];
    double log_median = 9 + draw_normal(seed);
    return law_of(family, log_median, .7 + 1.3 * uniform(seed));
}

static void draw_stage(truth *t, int s, uint64_t *seed) {
    t->exit[s][0] = (recoup_exit){.target = s + 1 < STAGES ? s + 1 : RECOUP_EXIT_WON,
                                  .logit = .7 * draw_normal(seed),
                                  .cohort_logit = t->logit[s]};
    t->exit[s][1] = (recoup_exit){.target = RECOUP_EXIT_LOST};
    for (int e = 0; e < 2; e++) {
        t->exit[s][e].dwell = draw_dwell(seed);
        t->exit[s][e].cohort_log_dwell = t->log_dwell[s][e];
    }
    for (int c = 0; c < COHORTS; c++) {
        t->logit[s][c] = .5 * draw_normal(seed);
        for (int e = 0; e < 2; e++)
            t->log_dwell[s][e][c] = .25 * draw_normal(seed);
    }
    t->stage[s] = (recoup_stage){.n_exits = 2, .exit = t->exit[s]};
}

void truth_draw(truth *t, double deals_per_cohort, truth_kind kind, uint64_t *seed) {
    const double half_normal_median = .67448975019608171; /* Phi(this) = .75 */
    *t = (truth){.rate = deals_per_cohort / DAYS};
    t->amount = draw_amount(seed);
    t->dispersion = kind == TRUTH_VARYING ? .05 + .25 * uniform(seed) : 0;
    if (kind == TRUTH_MARKET) {
        t->conversion_loading = .15 / half_normal_median * fabs(draw_normal(seed));
        t->arrivals_loading = .10 / half_normal_median * fabs(draw_normal(seed));
    }
    for (int s = 0; s < STAGES; s++)
        draw_stage(t, s, seed);
    t->model.n_stages = STAGES;
    t->model.stage = t->stage;
}

/* The factor of a month: gamma with mean 1. */
static double draw_factor(const truth *t, uint64_t *seed) {
    return t->dispersion > 0 ? gsl_cdf_gamma_Pinv(uniform(seed), 1 / t->dispersion, t->dispersion)
                             : 1;
}

/* Deals of a cohort in a month; days after `start`. Poisson at the highest rate of its quarters,
 * thinned. */
static void draw_month(const truth *t, const world *from, int cohort, double start,
                       const double *rush, bool with_lives, recoup_view *view, int most,
                       uint64_t *seed) {
    double factor = draw_factor(t, seed), highest = 0;
    for (int day = 0; day < MONTH_DAYS; day++)
        highest = fmax(highest, rush[quarters_ago(view, start + day)]);
    double rate = t->rate * factor * exp(highest);
    for (double day = -log(uniform(seed)) / rate; day < MONTH_DAYS && view->n_deals < most;
         day += -log(uniform(seed)) / rate) {
        double keep = exp(rush[quarters_ago(view, start + day)] - highest);
        double amount = recoup_dist_quantile(&t->amount, uniform(seed));
        if (uniform(seed) > keep)
            continue;
        int deal = add_deal(view, cohort, -1, start + day, amount);
        if (with_lives)
            live(view, from, deal, seed);
    }
}

recoup_view *book_draw(const truth *t, bool with_lives, uint64_t *seed) {
    double rush[MARKET_QUARTERS], shift[STAGES * MARKET_QUARTERS],
        expected = COHORTS * t->rate * DAYS;
    int most = 200 + 4 * (int)expected; /* more than any market or month makes of it */
    world from = {.model = &t->model, .market = shift};
    recoup_view *view = empty_view(STAGES, COHORTS, 0, most, with_lives ? most * STAGES : 1);
    for (int q = 0; q < MARKET_QUARTERS; q++)
        rush[q] = t->arrivals_loading * draw_normal(seed);
    for (int q = 0; q < STAGES * MARKET_QUARTERS; q++)
        shift[q] = t->conversion_loading * draw_normal(seed);
    for (int c = 0; c < COHORTS; c++)
        for (int m = 0; m < MONTHS; m++)
            draw_month(t, &from, c, view->as_of - DAYS + m * MONTH_DAYS, rush, with_lives, view,
                       most, seed);
    view->first_created = view->as_of - DAYS;
    view->digest = *seed; /* the draws of a model follow from it */
    return view;
}
