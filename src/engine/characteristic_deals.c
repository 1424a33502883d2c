#include "engine/characteristic_deals.h"

#include "base/error.h"
#include "base/memory.h"
#include <stdlib.h>

enum { TERMS = RECOUP_TABLES_MAX_TERMS, ORDER = RECOUP_DEALS_ORDER, BINS_PER_OCTAVE = 4 };

const double recoup_deals_probe[RECOUP_DEALS_PROBES] = {-1, -0.6, 0, 0.6, 1};

/* --- bookings --------------------------------------------------------------------------------- */

/* Adds share times the probabilities of one row; equal amounts are one booking. */
static int add_bookings(const recoup_tables *tables, uint32_t win, int32_t factor, double amount,
                        double share, int n, recoup_booking *booking) {
    int n_terms = tables->n_terms, n_slots = tables->n_slots, begin = n;
    const float *row = tables->coefficient + win;
    const float *factors = factor < 0 ? NULL : tables->factor + factor;
    for (int s = factors ? 0 : n_slots - 1; s < n_slots; s++) {
        double booked = factors ? amount * (double)factors[s] : amount;
        int o = begin;
        while (o < n && booking[o].amount != booked)
            o++;
        if (o == n)
            booking[n++] = (recoup_booking){.amount = booked};
        for (int k = 0; k < n_terms; k++) {
            double before = factors && s > 0 ? (double)row[(s - 1) * n_terms + k] : 0;
            booking[o].win[k] += share * ((double)row[s * n_terms + k] - before);
        }
    }
    return n;
}

static const recoup_outlook *outlook_of(const recoup_tables *tables, int plan, int deal) {
    return &tables->outlook[(size_t)plan * (size_t)tables->program->n_deals + (size_t)deal];
}

double recoup_deal_escapes(const recoup_tables *tables, int plan, int deal) {
    const recoup_program *program = tables->program;
    const recoup_outlook *outlook = outlook_of(tables, plan, deal);
    const recoup_cap *cap = program->plan[plan].cap;
    bool capped =
        cap && program->deal[deal].discount > cap->max &&
        (outlook->capped_win != outlook->win || outlook->capped_factor != outlook->factor);
    return capped ? cap->escapes : 1;
}

void recoup_deal_add_wins(const recoup_tables *tables, int plan, int deal, double *wins) {
    const recoup_outlook *outlook = outlook_of(tables, plan, deal);
    double escapes = recoup_deal_escapes(tables, plan, deal);
    int last = (tables->n_slots - 1) * tables->n_terms;
    const float *free = tables->coefficient + outlook->win + last;
    const float *capped = tables->coefficient + outlook->capped_win + last;
    for (int k = 0; k < tables->n_terms; k++)
        wins[k] += escapes * (double)free[k] + (1 - escapes) * (double)capped[k];
}

int recoup_deal_bookings(const recoup_tables *tables, int plan, int deal, recoup_booking *booking) {
    const recoup_program_deal *of = &tables->program->deal[deal];
    const recoup_outlook *outlook = outlook_of(tables, plan, deal);
    double escapes = recoup_deal_escapes(tables, plan, deal);
    int n = 0, kept = 0;
    if (!(of->amount > 0))
        return 0;
    if (escapes > 0)
        n = add_bookings(tables, outlook->win, outlook->factor, of->amount, escapes, n, booking);
    if (escapes < 1)
        n = add_bookings(tables, outlook->capped_win, outlook->capped_factor, of->amount,
                         1 - escapes, n, booking);
    for (int o = 0; o < n; o++) {
        bool chance = booking[o].amount > 0;
        double most = 0;
        for (int i = 0; i < RECOUP_DEALS_PROBES; i++)
            most =
                fmax(most, recoup_booking_win(&booking[o], tables->n_terms, recoup_deals_probe[i]));
        if (chance && most > 0)
            booking[kept++] = booking[o];
    }
    return kept;
}

/* --- survey ----------------------------------------------------------------------------------- */

static double largest_amount(const recoup_booking *booking, int n) {
    double amount = 0;
    for (int o = 0; o < n; o++)
        amount = fmax(amount, booking[o].amount);
    return amount;
}

static int bin_of(double amount) {
    int bin = RECOUP_DEALS_BINS / 2 + (int)floor(BINS_PER_OCTAVE * log2(amount)) - 64;
    return bin < 0 ? 0 : bin >= RECOUP_DEALS_BINS ? RECOUP_DEALS_BINS - 1 : bin;
}

static double bin_start(int bin) {
    return bin == 0 ? 0 : exp2((double)(2 * bin + 128 - RECOUP_DEALS_BINS) / (2 * BINS_PER_OCTAVE));
}

void recoup_deals_look(const recoup_tables *tables, int plan, const recoup_revision *revision,
                       recoup_deals_survey *survey) {
    recoup_booking booking[RECOUP_DEALS_MAX_BOOKINGS];
    double second = recoup_revision_moment(revision, 2);
    double seventh = recoup_revision_moment(revision, 7);
    *survey = (recoup_deals_survey){.n_results = 1};
    for (int i = 0; i < tables->program->n_deals; i++) {
        int n = recoup_deal_bookings(tables, plan, i, booking);
        if (n == 0)
            continue;
        double largest = largest_amount(booking, n), power = 0;
        survey->n_deals++;
        survey->n_results *= n + 1;
        survey->largest = fmax(survey->largest, largest);
        for (int probe = 0; probe < RECOUP_DEALS_PROBES; probe++) {
            double mean = 0, square = 0;
            for (int o = 0; o < n; o++) {
                double a = booking[o].amount;
                double p =
                    recoup_booking_win(&booking[o], tables->n_terms, recoup_deals_probe[probe]);
                mean += p * a;
                square += p * a * a * second;
                if (recoup_deals_probe[probe] == 0)
                    power += p * seventh * pow(a, 7);
            }
            survey->mean[probe] += mean;
            survey->variance[probe] += square - mean * mean;
        }
        survey->power[bin_of(largest)] += power;
    }
}

double recoup_deals_threshold(const recoup_deals_survey *survey, double allowed, double *rest) {
    int bin = 0;
    *rest = 0;
    while (bin < RECOUP_DEALS_BINS && *rest + survey->power[bin] <= allowed)
        *rest += survey->power[bin++];
    return bin == RECOUP_DEALS_BINS ? INFINITY : bin_start(bin);
}

/* --- cumulants -------------------------------------------------------------------------------- */

/* Everything that adding deals up takes. */
typedef struct adding {
    recoup_deals *deals;
    double moment[ORDER + 1];                           /* of the revision */
    double power[TERMS][RECOUP_CHARACTERISTIC_NODES];   /* x^k at the nodes */
    double raw[ORDER + 1][RECOUP_CHARACTERISTIC_NODES]; /* moments of one deal */
    double own[ORDER + 1][RECOUP_CHARACTERISTIC_NODES]; /* its cumulants */
} adding;

/* Raw moments of a deal at all nodes up to `order`. */
static void find_moments(adding *at, const recoup_booking *booking, int n, int order) {
    int nodes = at->deals->n_nodes, n_terms = at->deals->n_terms;
    for (int k = 1; k <= order; k++)
        for (int j = 0; j < nodes; j++)
            at->raw[k][j] = 0;
    for (int o = 0; o < n; o++) {
        double p[RECOUP_CHARACTERISTIC_NODES];
        for (int j = 0; j < nodes; j++)
            p[j] = booking[o].win[0];
        for (int k = 1; k < n_terms; k++)
            for (int j = 0; j < nodes; j++)
                p[j] += booking[o].win[k] * at->power[k][j];
        double scale = 1;
        for (int j = 0; j < nodes; j++)
            p[j] = p[j] < 0 ? 0 : p[j];
        for (int k = 1; k <= order; k++) {
            scale *= booking[o].amount;
            double factor = scale * at->moment[k];
            for (int j = 0; j < nodes; j++)
                at->raw[k][j] += p[j] * factor;
        }
    }
}

/* k_n = m_n - sum_j C(n-1, j-1)·k_j·m_(n-j) (Smith 1995, A recursive formulation of the old problem
 * of obtaining moments from cumulants and vice versa, Am. Stat. 49). */
static void add_cumulants(adding *at) {
    recoup_deals *deals = at->deals;
    int nodes = deals->n_nodes;
    for (int n = 1; n <= ORDER; n++) {
        double *own = at->own[n], binomial = 1;
        for (int j = 0; j < nodes; j++)
            own[j] = at->raw[n][j];
        for (int i = 1; i < n; i++) {
            const double *k = at->own[i], *m = at->raw[n - i];
            for (int j = 0; j < nodes; j++)
                own[j] -= binomial * k[j] * m[j];
            binomial = binomial * (n - i) / i;
        }
        double *sum = deals->cumulant[n - 1];
        for (int j = 0; j < nodes; j++)
            sum[j] += own[j];
    }
}

static bool add_large(recoup_deals *deals, const recoup_booking *booking, int n) {
    for (int o = 0; o < n; o++) {
        if (!RECOUP_GROW(deals->booking, deals->n_bookings, deals->booking_capacity))
            return false;
        deals->booking[deals->n_bookings++] = booking[o];
    }
    if (!RECOUP_GROW(deals->first, deals->n_large + 1, deals->first_capacity))
        return false;
    deals->first[++deals->n_large] = deals->n_bookings;
    return true;
}

static bool set_coefficients(recoup_deals *deals) {
    size_t n = deals->n_bookings, n_terms = (size_t)deals->n_terms;
    deals->coefficient = RECOUP_NEW(double, n_terms *n);
    deals->p = RECOUP_NEW(double, n);
    if (!deals->coefficient || !deals->p)
        return false;
    for (size_t k = 0; k < n_terms; k++)
        for (size_t o = 0; o < n; o++)
            deals->coefficient[k * n + o] = deals->booking[o].win[k];
    return true;
}

recoup_status recoup_deals_init(recoup_deals *deals, const recoup_tables *tables, int plan,
                                const recoup_revision *revision, double threshold,
                                recoup_error *error) {
    recoup_booking booking[RECOUP_DEALS_MAX_BOOKINGS];
    adding at = {.deals = deals};
    *deals = (recoup_deals){.kernels = &recoup_characteristic_kernels_for[tables->isa],
                            .n_terms = tables->n_terms};
    deals->n_nodes = deals->n_terms == 1   ? 1
                     : deals->n_terms <= 9 ? 17
                                           : RECOUP_CHARACTERISTIC_NODES;
    if (!RECOUP_GROW(deals->first, 0, deals->first_capacity))
        return recoup_fail_memory(error);
    for (int k = 1; k <= ORDER; k++)
        at.moment[k] = recoup_revision_moment(revision, k);
    for (int j = 0; j < deals->n_nodes; j++) {
        deals->node[j] = recoup_chebyshev_node(deals->n_nodes, j);
        at.power[0][j] = 1;
        for (int k = 1; k < deals->n_terms; k++)
            at.power[k][j] = at.power[k - 1][j] * deals->node[j];
    }
    for (int i = 0; i < tables->program->n_deals; i++) {
        int n = recoup_deal_bookings(tables, plan, i, booking);
        recoup_deal_add_wins(tables, plan, i, deals->wins);
        if (n == 0)
            continue;
        bool small = largest_amount(booking, n) < threshold;
        find_moments(&at, booking, n, small ? ORDER : 2);
        for (int j = 0; j < deals->n_nodes; j++) {
            deals->mean[j] += at.raw[1][j];
            deals->variance[j] += at.raw[2][j] - at.raw[1][j] * at.raw[1][j];
        }
        if (small)
            add_cumulants(&at);
        else if (!add_large(deals, booking, n))
            return recoup_fail_memory(error);
    }
    return set_coefficients(deals) ? RECOUP_OK : recoup_fail_memory(error);
}

recoup_status recoup_deals_set_frequencies(recoup_deals *deals, const recoup_revision *revision,
                                           const double *frequency, int n, recoup_error *error) {
    free(deals->re);
    free(deals->im);
    size_t block = RECOUP_FACTORS_BLOCK;
    deals->n = n;
    deals->stride = ((size_t)n + block - 1) / block * block;
    deals->re = RECOUP_NEW(double, deals->n_bookings * deals->stride);
    deals->im = RECOUP_NEW(double, deals->n_bookings * deals->stride);
    if (!deals->re || !deals->im)
        return recoup_fail_memory(error);
    for (size_t o = 0; o < deals->n_bookings; o++)
        deals->kernels->fill(revision, deals->booking[o].amount, frequency, n,
                             deals->re + o * deals->stride, deals->im + o * deals->stride);
    return RECOUP_OK;
}

void recoup_deals_clear(recoup_deals *deals) {
    free(deals->first);
    free(deals->booking);
    free(deals->coefficient);
    free(deals->p);
    free(deals->re);
    free(deals->im);
    *deals = (recoup_deals){0};
}

/* --- at one x --------------------------------------------------------------------------------- */

void recoup_deals_multiply(const recoup_deals *deals, double *re, double *im) {
    const recoup_factors factors = {.n_deals = (size_t)deals->n_large,
                                    .first = deals->first,
                                    .p = deals->p,
                                    .re = deals->re,
                                    .im = deals->im,
                                    .stride = deals->stride};
    deals->kernels->multiply(&factors, (size_t)deals->n, re, im);
}

void recoup_deals_moments(recoup_deals *deals, double x, recoup_deals_at *at) {
    double weight[RECOUP_CHARACTERISTIC_NODES];
    *at = (recoup_deals_at){.none = 1};
    recoup_chebyshev_weights(deals->n_nodes, deals->node, x, weight);
    for (int k = deals->n_terms - 1; k >= 0; k--)
        at->wins = at->wins * x + deals->wins[k];
    for (int j = 0; j < deals->n_nodes; j++) {
        at->mean += weight[j] * deals->mean[j];
        at->variance += weight[j] * deals->variance[j];
        for (int n = 0; n < ORDER; n++)
            at->cumulant[n] += weight[j] * deals->cumulant[n][j];
    }
    deals->kernels->polynomials(deals->n_bookings, deals->n_terms, deals->coefficient, x, deals->p);
    for (int i = 0; i < deals->n_large && at->none > 1e-15; i++) {
        double stays = 1;
        for (size_t o = deals->first[i]; o < deals->first[i + 1]; o++)
            stays -= deals->p[o];
        at->none *= fmax(0, stays);
    }
    /* Small deals are many, and their sum is taken for continuous. */
    if (at->none <= 1e-15 || deals->cumulant[0][deals->n_nodes - 1] > 0)
        at->none = 0;
}
