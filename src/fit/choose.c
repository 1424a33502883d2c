#include "fit/choose.h"

#include "base/memory.h"
#include "fit/expect.h"
#include "fit/rivals.h"
#include "fit/stays.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Families are compared on times rounded to 2 %: hundreds of numbers do for a hundred thousand, and
 * ln L moves by less than one for all families alike. */
#define SEARCH_PRECISION .02
/* A family so far behind by the criterion is not tried again. */
#define HOPELESS 20.

/* Mean and standard deviation of log t, and log of the mean of t. */
typedef struct moments {
    double log_mean, log_sd, mean_log;
} moments;

static recoup_dist start_exponential(const moments *m) {
    return (recoup_dist){.family = RECOUP_EXPONENTIAL, .mu = m->log_mean};
}

/* The log of a Weibull time has standard deviation pi / (sqrt(6) k) and mean mu - .5772 / k. */
static recoup_dist start_weibull(const moments *m) {
    double k = fmin(5, fmax(.2, M_PI / sqrt(6) / fmax(m->log_sd, 1e-3)));
    return (recoup_dist){
        .family = RECOUP_WEIBULL, .mu = m->mean_log + .57721566490153286 / k, .shape = {k}};
}

static recoup_dist start_lognormal(const moments *m) {
    double sigma = fmin(4, fmax(.1, m->log_sd));
    return (recoup_dist){.family = RECOUP_LOGNORMAL, .mu = m->mean_log, .shape = {sigma}};
}

/* The log of a loglogistic time has the standard deviation pi / (sqrt(3) k). */
static recoup_dist start_loglogistic(const moments *m) {
    double k = fmin(8, fmax(.2, M_PI / sqrt(3) / fmax(m->log_sd, 1e-3)));
    return (recoup_dist){.family = RECOUP_LOGLOGISTIC, .mu = m->mean_log, .shape = {k}};
}

/* log of the mean less mean of the log is log k - psi(k), about 1 / (2k) + 1 / (12k²). */
static recoup_dist start_gamma(const moments *m) {
    double gap = fmax(m->log_mean - m->mean_log, 1e-3);
    double k = fmin(20, fmax(.1, (1 + sqrt(1 + 4 * gap / 3)) / (4 * gap)));
    return (recoup_dist){.family = RECOUP_GAMMA, .mu = m->log_mean, .shape = {k}};
}

/* The families to choose from, the one that is tried first at the top. The generalised gamma has
 * no start of its own: it continues from the laws that it contains. */
static const struct candidate {
    recoup_family family;
    recoup_dist (*start)(const moments *moments);
} candidates[] = {
    {RECOUP_LOGNORMAL, start_lognormal},
    {RECOUP_WEIBULL, start_weibull},
    {RECOUP_LOGLOGISTIC, start_loglogistic},
    {RECOUP_GAMMA, start_gamma},
};
enum { N_CANDIDATES = sizeof candidates / sizeof *candidates };

double recoup_aicc(double log_likelihood, int n_parameters, double n_observations) {
    double p = n_parameters, rest = n_observations - p - 1;
    return rest > 0 ? 2 * (p - log_likelihood) + 2 * p * (p + 1) / rest : INFINITY;
}

static recoup_dist start_of(recoup_family family, const moments *m) {
    for (int i = 0; i < N_CANDIDATES; i++)
        if (candidates[i].family == family)
            return candidates[i].start(m);
    return start_exponential(m);
}

typedef struct weighted {
    double weight, log1, log2, time;
} weighted;

static void add_time(weighted *sum, double weight, double days) {
    double x = log(days);
    sum->weight += weight;
    sum->log1 += weight * x;
    sum->log2 += weight * x * x;
    sum->time += weight * days;
}

/* One stay that is fully known, or that is imputed from the mixture so far (`shared`). */
static void add_stay(const recoup_mixture *mixture, const recoup_stay *s, bool shared,
                     weighted *sum, double *events) {
    if (s->kind == RECOUP_STAY_UNDATED) {
        events[s->exit] += s->weight;
    } else if (s->kind != RECOUP_STAY_OPEN) {
        events[s->exit] += s->weight;
        add_time(&sum[s->exit], s->weight, s->kind == RECOUP_STAY_CLOSED ? s->dwell_days : .5);
    } else if (shared) {
        double odds[RECOUP_MAX_EXITS];
        recoup_log_shares(mixture->n_exits, mixture->logit, odds);
        for (int e = 0; e < mixture->n_exits; e++)
            odds[e] += recoup_dist_log_survival(&mixture->dwell[e], s->dwell_days);
        double total = recoup_log_sum(mixture->n_exits, odds);
        for (int e = 0; e < mixture->n_exits && isfinite(total); e++) {
            double weight = s->weight * exp(odds[e] - total);
            double days = recoup_dist_quantile_above(&mixture->dwell[e], s->dwell_days, .5);
            events[e] += weight;
            if (weight > 0 && days > 0 && isfinite(days)) /* `never` has no time */
                add_time(&sum[e], weight, days);
        }
    }
}

static void start_round(recoup_mixture *mixture, const bool *dwell_fixed, const recoup_stay *stay,
                        int n_stays, bool shared) {
    weighted sum[RECOUP_MAX_EXITS] = {{.weight = 0}};
    double events[RECOUP_MAX_EXITS] = {0};
    for (int i = 0; i < n_stays; i++)
        add_stay(mixture, &stay[i], shared, sum, events);
    for (int e = 0; e < mixture->n_exits; e++) {
        int reference = mixture->n_exits > 1 ? RECOUP_REFERENCE : 0;
        mixture->logit[e] = log((events[e] + .5) / (events[reference] + .5));
        if (dwell_fixed && dwell_fixed[e])
            continue;
        moments m = {log(40), 1, log(40)};
        if (sum[e].weight > 0) {
            m.mean_log = sum[e].log1 / sum[e].weight;
            m.log_mean = log(sum[e].time / sum[e].weight);
            double variance = sum[e].log2 / sum[e].weight - m.mean_log * m.mean_log;
            m.log_sd = sum[e].weight > 1 ? sqrt(fmax(0, variance)) : 1;
        }
        mixture->dwell[e] = start_of(mixture->dwell[e].family, &m);
    }
}

void recoup_mixture_start(recoup_mixture *mixture, const bool *dwell_fixed, const recoup_stay *stay,
                          int n_stays) {
    enum { ROUNDS = 4 };
    for (int round = 0; round < ROUNDS; round++)
        start_round(mixture, dwell_fixed, stay, n_stays, round > 0);
}

static int by_posterior(const double *value, int n) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (value[i] > value[best])
            best = i;
    return best;
}

/* What a search for families shares. */
typedef struct family_search {
    const bool *dwell_fixed;
    const recoup_prior *prior;
    const recoup_stay *stay;
    int n_stays;
    recoup_stay *copy;              /* what stay points to, where that is rounded */
    double dated[RECOUP_MAX_EXITS]; /* dwell times seen of each exit */
    double behind[RECOUP_MAX_EXITS][RECOUP_N_FAMILIES]; /* by the criterion, when last tried */
    recoup_rivals rivals;
} family_search;

/* From the mixture as it is to the maximum; its posterior, -inf when that is not found. */
static double fit_from(const family_search *search, recoup_mixture *mixture,
                       const recoup_layout *layout) {
    double unused[RECOUP_MAX_PARAMETERS];
    if (!recoup_mixture_fit(mixture, layout, search->prior, search->stay, search->n_stays, NULL))
        return -INFINITY;
    return recoup_mixture_log_posterior(mixture, layout, search->prior, search->stay,
                                        search->n_stays, unused);
}

/* The best of several starts: open stays shared out at the odds so far, and, where an exit has few
 * events, each exit in turn slower and more frequent than that, so that open stays belong to it. */
static bool fit_starts(const family_search *search, recoup_mixture *mixture,
                       const recoup_layout *layout) {
    recoup_mixture from[RECOUP_MAX_EXITS + 1];
    double value[RECOUP_MAX_EXITS + 1];
    int n = 1;
    bool few = false;
    for (int e = 0; e < mixture->n_exits; e++)
        few |= !search->dwell_fixed[e] && search->dated[e] < RECOUP_FEW_EVENTS;
    from[0] = *mixture;
    for (int e = 0; e < mixture->n_exits && few && mixture->n_exits > 1; e++) {
        if (search->dwell_fixed[e])
            continue;
        from[n] = *mixture;
        from[n].dwell[e].mu += 1;
        for (int k = 0; k < mixture->n_exits; k++)
            from[n].logit[k] += k == RECOUP_REFERENCE ? 0 : e == RECOUP_REFERENCE ? -1 : (k == e);
        n++;
    }
    for (int i = 0; i < n; i++)
        value[i] = fit_from(search, &from[i], layout);
    int best = by_posterior(value, n);
    *mixture = from[best];
    return isfinite(value[best]);
}

/* The generalised gamma of exit e from the two likeliest of four laws of the same median and
 * spread: near the lognormal (q = 0), the Weibull (q = 1), one with a heavier tail, one with next
 * to none. Beside a stale exit no tail heavier than the lognormal's: both would claim the same
 * deals. */
static bool fit_gengamma(const family_search *search, recoup_mixture *mixture, int e,
                         const recoup_layout *layout) {
    const double start_q[] = {.05, 1, -1, 3};
    enum { N_STARTS = sizeof start_q / sizeof *start_q };
    recoup_mixture from[N_STARTS];
    double value[N_STARTS], unused[RECOUP_MAX_PARAMETERS];
    recoup_dist is = mixture->dwell[e];
    double median = log(recoup_dist_median(&is));
    double range = log(recoup_dist_quantile(&is, .8) / recoup_dist_quantile(&is, .2));
    for (int i = 0; i < N_STARTS; i++) {
        recoup_dist start = {RECOUP_GENGAMMA, 0, {1, start_q[i]}};
        double unit = log(recoup_dist_quantile(&start, .8) / recoup_dist_quantile(&start, .2));
        start.shape[0] = fmin(5, fmax(.05, range / unit));
        start.mu = median - log(recoup_dist_median(&start));
        from[i] = *mixture;
        from[i].dwell[e] = start;
        value[i] = recoup_mixture_log_posterior(&from[i], layout, search->prior, search->stay,
                                                search->n_stays, unused);
    }
    bool stale = mixture->dwell[mixture->n_exits - 1].family == RECOUP_NEVER;
    bool fitted[N_STARTS] = {false};
    for (int k = 0; k < (stale ? N_STARTS : 2); k++) {
        int likeliest = -1;
        for (int i = 0; i < N_STARTS; i++)
            if (!fitted[i] && (likeliest < 0 || value[i] > value[likeliest]))
                likeliest = i;
        fitted[likeliest] = true;
        value[likeliest] = fit_from(search, &from[likeliest], layout);
    }
    for (int i = 0; i < N_STARTS; i++)
        if (!fitted[i] || (stale && from[i].dwell[e].shape[1] < 0))
            value[i] = -INFINITY;
    int best = by_posterior(value, N_STARTS);
    *mixture = from[best];
    return isfinite(value[best]);
}

/* Fits with the families of choice->mixture; exits that are not `started` from a fresh start. */
static bool fit_families(const family_search *search, const bool *started, recoup_choice *choice) {
    recoup_mixture *mixture = &choice->mixture;
    choice->layout = recoup_layout_of(mixture, search->dwell_fixed, false);
    recoup_mixture_start(mixture, started, search->stay, search->n_stays);
    return fit_starts(search, mixture, &choice->layout);
}

static void judge(const family_search *search, recoup_choice *choice) {
    choice->log_likelihood =
        recoup_mixture_log_likelihood(&choice->mixture, search->stay, search->n_stays);
    choice->aicc = recoup_aicc(choice->log_likelihood, choice->layout.n, choice->n_stays);
}

/* The laws that say something of what was not seen, the far tail, must be beyond doubt: each pays
 * the difference from which on the other law has essentially no support (Burnham & Anderson 2002,
 * section 2.6). */
#define EVIDENCE 10.

static double criterion(const recoup_choice *choice) {
    double sum = choice->aicc;
    for (int e = 0; e < choice->mixture.n_exits; e++) {
        recoup_family family = choice->mixture.dwell[e].family;
        sum += family == RECOUP_GENGAMMA || family == RECOUP_NEVER ? EVIDENCE : 0;
    }
    return sum;
}

/* Better by AICc; among those with too few observations for it, the one with fewer parameters. */
static bool is_better(const recoup_choice *a, const recoup_choice *b) {
    if (isinf(a->aicc) && isinf(b->aicc))
        return a->layout.n < b->layout.n;
    return criterion(a) < criterion(b);
}

/* Takes another family for exit e where that is better. */
static bool exchange(family_search *search, bool fitted, int e, recoup_family family,
                     recoup_choice *choice) {
    recoup_choice other = *choice;
    bool started[RECOUP_MAX_EXITS] = {false};
    bool found = false;
    other.mixture.dwell[e].family = family;
    for (int k = 0; k < choice->mixture.n_exits; k++)
        started[k] = search->dwell_fixed[k] || (fitted && k != e);
    if (family == RECOUP_GENGAMMA) {
        other.mixture.dwell[e] = choice->mixture.dwell[e];
        recoup_mixture with = other.mixture;
        with.dwell[e].family = family;
        other.layout = recoup_layout_of(&with, search->dwell_fixed, false);
        found = fit_gengamma(search, &other.mixture, e, &other.layout);
    } else {
        found = fit_families(search, started, &other);
    }
    if (!found)
        return false;
    judge(search, &other);
    search->behind[e][family] = fitted ? criterion(&other) - criterion(choice) : 0;
    recoup_rivals_keep(&search->rivals, e, &other.mixture, criterion(&other));
    if (fitted)
        recoup_rivals_keep(&search->rivals, e, &choice->mixture, criterion(choice));
    if (fitted && !is_better(&other, choice))
        return false;
    *choice = other;
    return true;
}

/* One family at a time is exchanged while that helps: exits interact only through the stays that
 * are open. Two rounds at most. The generalised gamma comes last, from the best of the others. */
static void improve(family_search *search, bool *fitted, recoup_choice *choice) {
    bool changed = true;
    for (int round = 0; round < 2 && changed; round++) {
        changed = false;
        for (int e = 0; e < choice->mixture.n_exits; e++) {
            if (search->dwell_fixed[e] || search->dated[e] < RECOUP_SHAPE_EVENTS)
                continue;
            for (int c = 0; c < N_CANDIDATES; c++)
                if (candidates[c].family != choice->mixture.dwell[e].family &&
                    search->behind[e][candidates[c].family] < HOPELESS &&
                    exchange(search, *fitted, e, candidates[c].family, choice))
                    *fitted = changed = true;
        }
    }
    for (int e = 0; e < choice->mixture.n_exits; e++)
        if (*fitted && !search->dwell_fixed[e] && search->dated[e] >= RECOUP_SECOND_SHAPE_EVENTS)
            exchange(search, true, e, RECOUP_GENGAMMA, choice);
}

/* A copy of the stays rounded to a precision, where that makes them fewer; to be ended. Falls back
 * to the stays themselves without memory. */
static family_search search_begin(const bool *dwell_fixed, const recoup_prior *prior,
                                  const recoup_stay *stay, int n_stays, double precision) {
    family_search search = {
        .dwell_fixed = dwell_fixed, .prior = prior, .stay = stay, .n_stays = n_stays};
    recoup_rivals_init(&search.rivals);
    for (int i = 0; i < n_stays; i++)
        if (stay[i].kind == RECOUP_STAY_CLOSED || stay[i].kind == RECOUP_STAY_WITHIN_DAY)
            search.dated[stay[i].exit] += stay[i].weight;
    search.copy = RECOUP_NEW(recoup_stay, n_stays);
    if (search.copy) {
        memcpy(search.copy, stay, (size_t)n_stays * sizeof *stay);
        search.stay = search.copy;
        search.n_stays = recoup_stays_round(search.copy, n_stays, precision);
    }
    return search;
}

static void search_end(family_search *search) {
    free(search->copy);
}

bool recoup_choice_set(recoup_choice *choice, recoup_objective objective, const void *user,
                       const double *x, const double *covariance) {
    const recoup_layout *layout = &choice->layout;
    recoup_mixture mixture = choice->mixture;
    double moved[RECOUP_MAX_PARAMETERS], mean[RECOUP_MAX_PARAMETERS];
    int n = layout->n;
    memcpy(moved, x, (size_t)n * sizeof *x);
    recoup_posterior_mean(objective, user, n, x, covariance, mean);
    for (int i = 0; i < n; i++)
        mean[i] += choice->shift[i];
    recoup_layout_move_dwell(layout, mixture.n_exits, mean, moved);
    recoup_layout_set(layout, &mixture, moved);
    for (int e = 0; e < mixture.n_exits; e++)
        if (!recoup_dist_valid(&mixture.dwell[e]))
            return false;
    choice->mixture = mixture;
    for (int i = 0; i < n * n; i++)
        choice->covariance[i] = covariance[i] + choice->between[i];
    return true;
}

/* The chosen families on stays that are hardly rounded, with the covariance. */
static bool finish(const family_search *search, const recoup_stay *stay, int n_stays,
                   recoup_choice *choice) {
    family_search fine =
        search_begin(search->dwell_fixed, search->prior, stay, n_stays, RECOUP_STAYS_PRECISION);
    double x[RECOUP_MAX_PARAMETERS], covariance[RECOUP_MAX_PARAMETERS * RECOUP_MAX_PARAMETERS];
    recoup_rivals_average(&search->rivals, &choice->mixture, criterion(choice), &choice->layout,
                          choice->shift, choice->between);
    choice->has_covariance = recoup_mixture_fit(&choice->mixture, &choice->layout, search->prior,
                                                fine.stay, fine.n_stays, covariance);
    judge(&fine, choice);
    recoup_layout_get(&choice->layout, &choice->mixture, x);
    const recoup_mixture mode = choice->mixture;
    const recoup_mixture_posterior of = {&mode, &choice->layout, search->prior, fine.stay,
                                         fine.n_stays};
    choice->has_covariance =
        choice->has_covariance &&
        recoup_choice_set(choice, recoup_mixture_objective, &of, x, covariance);
    search_end(&fine);
    return choice->has_covariance;
}

bool recoup_choose(int n_exits, const bool *dwell_fixed, const recoup_dist *fixed_dwell,
                   const recoup_prior *prior, const recoup_stay *stay, int n_stays,
                   recoup_choice *choice) {
    family_search coarse = search_begin(dwell_fixed, prior, stay, n_stays, SEARCH_PRECISION);
    *choice = (recoup_choice){.mixture.n_exits = n_exits};
    for (int i = 0; i < n_stays; i++)
        choice->n_stays += stay[i].weight;
    for (int e = 0; e < n_exits; e++) {
        if (dwell_fixed[e])
            choice->mixture.dwell[e] = fixed_dwell[e];
        else
            choice->mixture.dwell[e].family =
                coarse.dated[e] >= RECOUP_SHAPE_EVENTS ? candidates[0].family : RECOUP_EXPONENTIAL;
    }
    bool fitted = fit_families(&coarse, dwell_fixed, choice);
    if (fitted)
        judge(&coarse, choice);
    improve(&coarse, &fitted, choice);
    if (fitted)
        finish(&coarse, stay, n_stays, choice);
    search_end(&coarse);
    return fitted;
}

/* ln L of the stays older than `age`, given that they got there. NaN: out of memory, or no open
 * stay is that old: without such stays, what becomes of the open ones is anybody's guess. */
static double old_log_likelihood(const recoup_mixture *mixture, const recoup_stay *stay,
                                 int n_stays, double age) {
    recoup_stay *old = RECOUP_NEW(recoup_stay, n_stays);
    int n = 0, n_open = 0;
    for (int i = 0; i < n_stays && old; i++) {
        bool open = stay[i].kind == RECOUP_STAY_OPEN;
        if (!(open || stay[i].kind == RECOUP_STAY_CLOSED) || !(stay[i].dwell_days > age))
            continue;
        old[n] = stay[i];
        old[n].entry_days = fmax(stay[i].entry_days, age);
        n++;
        n_open += open;
    }
    double result = n_open > 0 ? recoup_mixture_log_likelihood(mixture, old, n) : NAN;
    free(old);
    return result;
}

/* A stale exit is a claim about old stays, and must earn its place there, beyond the age that one
 * in a hundred closed stays exceeded: over all stays, a family that follows the bulk of them a
 * little better would decide. It may cost as much elsewhere as it gains there, no more. */
static bool earns_place(const family_search *search, const recoup_choice *with,
                        const recoup_choice *without) {
    double age = recoup_stays_old_age(search->stay, search->n_stays);
    double gain = 2 * old_log_likelihood(&with->mixture, search->stay, search->n_stays, age) -
                  2 * old_log_likelihood(&without->mixture, search->stay, search->n_stays, age);
    return gain > EVIDENCE + 2 && gain > criterion(with) - criterion(without);
}

/* Whether fewer stays ended beyond `age` than the law expects (the sum of their hazards up to where
 * each was last seen), by two standard deviations: only then can there be stale deals, and the
 * search for them is worth its time. */
static bool ends_too_rarely(const recoup_mixture *mixture, const recoup_stay *stay, int n_stays,
                            double age) {
    double expected = 0, seen = 0;
    for (int i = 0; i < n_stays; i++) {
        bool open = stay[i].kind == RECOUP_STAY_OPEN;
        if (!(open || stay[i].kind == RECOUP_STAY_CLOSED) || !(stay[i].dwell_days > age))
            continue;
        recoup_stay until = stay[i];
        until.kind = RECOUP_STAY_OPEN;
        until.entry_days = fmax(stay[i].entry_days, age);
        expected -= recoup_mixture_log_likelihood(mixture, &until, 1);
        seen += open ? 0 : stay[i].weight;
    }
    return seen < expected - 2 * sqrt(expected);
}

/* The search begins anew, with laws of a light tail: the families chosen without such an exit may
 * have taken a far tail for its sake, and would leave it nothing. */
bool recoup_choose_stale(const bool *dwell_fixed, const recoup_prior *prior,
                         const recoup_stay *stay, int n_stays, recoup_choice *choice) {
    bool fixed[RECOUP_MAX_EXITS] = {false}, added = false;
    int stale = choice->mixture.n_exits;
    if (stale >= RECOUP_MAX_EXITS || stale < 2)
        return false;
    memcpy(fixed, dwell_fixed, (size_t)stale * sizeof *fixed);
    fixed[stale] = true;
    family_search coarse = search_begin(fixed, prior, stay, n_stays, SEARCH_PRECISION);
    recoup_choice without = *choice, with = *choice;
    judge(&coarse, &without);
    with.mixture.n_exits++;
    with.mixture.dwell[stale] = (recoup_dist){.family = RECOUP_NEVER};
    for (int e = 0; e < stale; e++)
        if (!fixed[e] && coarse.dated[e] >= RECOUP_SHAPE_EVENTS)
            with.mixture.dwell[e].family = RECOUP_WEIBULL;
    double age = recoup_stays_old_age(stay, n_stays);
    bool fitted = ends_too_rarely(&choice->mixture, stay, n_stays, age) &&
                  fit_families(&coarse, fixed, &with);
    if (fitted) {
        judge(&coarse, &with);
        improve(&coarse, &fitted, &with);
    }
    if (fitted && earns_place(&coarse, &with, &without) && finish(&coarse, stay, n_stays, &with)) {
        *choice = with;
        added = true;
    }
    search_end(&coarse);
    return added;
}
