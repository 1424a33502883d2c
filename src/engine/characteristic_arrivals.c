#include "engine/characteristic_arrivals.h"

#include "base/error.h"
#include "base/memory.h"
#include <complex.h>
#include <stdlib.h>
#include <string.h>

#define DECAYED 1e-9 /* expected wins times |phi_W| */

enum {
    MAX_NODES = RECOUP_TABLES_MAX_TERMS,
    MAX_AMOUNTS = 4096,
    BLOCK = 32,        /* amounts at a time */
    FIRST_RANGE = 128, /* frequencies */
    LOOKED_AT = 16
};

/* --- amounts ---------------------------------------------------------------------------------- */

/* Booked amounts at equal steps of the log: the trapezoid rule, which for smooth densities is
 * accurate to rounding once the step resolves the density and the oscillation of phi_R(t·amount)
 * where that has not died down. All factors share the amounts: each shifts the density. */
typedef struct amount_rule {
    int n;
    double *amount;
    double *weight; /* [factor][size][amount]: of the win probability at each size */
} amount_rule;

static void clear_rule(amount_rule *rule) {
    free(rule->amount);
    free(rule->weight);
}

/* The density of log amounts times what the sizes count there. */
static void set_density(const recoup_arrivals *arrivals, const amount_rule *rule, double factor,
                        double *weight) {
    const recoup_program *program = arrivals->tables->program;
    size_t n = (size_t)rule->n, n_sizes = (size_t)arrivals->n_sizes;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double amount = rule->amount[i] / factor, share[MAX_NODES];
        double density = exp(recoup_dist_log_density(&program->new_amount, amount)) * amount;
        recoup_tables_size_weights(arrivals->tables, log(amount) - program->log_size_ref, share);
        for (size_t k = 0; k < n_sizes; k++)
            weight[k * n + i] = share[k] * density;
        sum += density;
    }
    for (size_t i = 0; i < n * n_sizes; i++)
        weight[i] /= sum;
}

/* For frequencies up to `top` and the first n_factors factors; to be cleared after a failure too.
 */
static bool set_rule(const recoup_arrivals *arrivals, const recoup_revision *revision, double top,
                     const double *factor, int n_factors, amount_rule *rule) {
    const recoup_dist *dist = &arrivals->tables->program->new_amount;
    double least = INFINITY, largest = 0;
    *rule = (amount_rule){0};
    for (int i = 0; i < n_factors; i++)
        if (factor[i] > 0) {
            least = fmin(least, factor[i]);
            largest = fmax(largest, factor[i]);
        }
    if (largest == 0)
        least = largest = 1;
    double high = log(recoup_dist_time_at(dist, log(1e-11))) + log(largest);
    double low = fmax(log(recoup_dist_quantile(dist, 1e-8)) + log(least), high - 40);
    double fastest = top * largest * recoup_dist_time_at(dist, log(1e-4));
    if (revision->sigma > 0)
        fastest = fmin(fastest, 6 / revision->sigma); /* |phi_R| < 2e-8 beyond */
    double step = fmin(arrivals->spread / 3, 3 / (fastest + 4));
    rule->n = (int)fmin(MAX_AMOUNTS, ceil((high - low) / step) + 1);
    step = (high - low) / (rule->n - 1);
    size_t size = (size_t)arrivals->n_sizes * (size_t)rule->n;
    rule->amount = RECOUP_NEW(double, rule->n);
    rule->weight = RECOUP_NEW(double, (size_t)n_factors *size);
    if (!rule->amount || !rule->weight)
        return false;
    for (int i = 0; i < rule->n; i++)
        rule->amount[i] = exp(low + i * step);
    for (int f = 0; f < n_factors; f++)
        if (factor[f] > 0) /* else the amount is 0 */
            set_density(arrivals, rule, factor[f], rule->weight + (size_t)f * size);
    return true;
}

static const double *wins_at(const recoup_arrivals *arrivals, int group, int factor, int size) {
    return arrivals->wins + (size_t)group * arrivals->group_size +
           (size_t)(factor * arrivals->n_sizes + size) * (size_t)arrivals->n_nodes;
}

/* --- moments ---------------------------------------------------------------------------------- */

/* Wins and moments of their amounts by group and node. */
static void set_moments(recoup_arrivals *arrivals, const recoup_revision *revision,
                        const amount_rule *rule) {
    int n_nodes = arrivals->n_nodes;
    double square = recoup_revision_moment(revision, 2);
    for (int size = 0; size < arrivals->n_sizes; size++) {
        double mass = 0, first = 0, second = 0;
        for (int i = 0; i < rule->n; i++) {
            double a = rule->amount[i], weight = rule->weight[size * rule->n + i];
            mass += weight;
            first += weight * a;
            second += weight * a * a * square;
        }
        for (int group = 0; group < arrivals->n_groups; group++)
            for (int f = 0; f < arrivals->n_factors; f++) {
                const double *wins = wins_at(arrivals, group, f, size);
                double factor = arrivals->factor[f];
                for (int node = 0; node < n_nodes; node++) {
                    arrivals->lambda[group * n_nodes + node] += wins[node] * mass;
                    arrivals->first[group * n_nodes + node] += wins[node] * first * factor;
                    arrivals->second[group * n_nodes + node] +=
                        wins[node] * second * factor * factor;
                }
            }
    }
    for (int node = 0; node < n_nodes; node++) {
        const recoup_tables *tables = arrivals->tables;
        double z = RECOUP_TABLES_MAX_Z * (n_nodes == 1 ? 1 : tables->node[node]), total = 0;
        for (int group = 0; group < arrivals->n_groups; group++)
            total += arrivals->lambda[group * n_nodes + node];
        arrivals->total = fmax(arrivals->total, total * exp(tables->program->market_arrivals * z));
    }
}

static recoup_status prepare_moments(recoup_arrivals *arrivals, const recoup_revision *revision,
                                     recoup_error *error) {
    int n = arrivals->n_groups * arrivals->n_nodes;
    const double unchanged = 1;
    amount_rule rule;
    arrivals->lambda = RECOUP_NEW(double, n);
    arrivals->first = RECOUP_NEW(double, n);
    arrivals->second = RECOUP_NEW(double, n);
    bool ready = set_rule(arrivals, revision, 0, &unchanged, 1, &rule) && arrivals->lambda &&
                 arrivals->first && arrivals->second;
    if (ready)
        set_moments(arrivals, revision, &rule);
    clear_rule(&rule);
    return ready ? RECOUP_OK : recoup_fail_memory(error);
}

recoup_status recoup_arrivals_init(recoup_arrivals *arrivals, const recoup_tables *tables, int plan,
                                   const recoup_revision *revision, recoup_error *error) {
    recoup_status status = recoup_arrivals_count(arrivals, tables, plan, error);
    if (status == RECOUP_OK && arrivals->n_groups > 0)
        status = prepare_moments(arrivals, revision, error);
    return status;
}

void recoup_arrivals_clear(recoup_arrivals *arrivals) {
    free(arrivals->dispersion);
    free(arrivals->factor);
    free(arrivals->wins);
    free(arrivals->re);
    free(arrivals->im);
    free(arrivals->lambda);
    free(arrivals->first);
    free(arrivals->second);
    free(arrivals->scratch);
    *arrivals = (recoup_arrivals){0};
}

double recoup_arrivals_largest(const recoup_arrivals *arrivals, double chance) {
    if (!(arrivals->total > 0))
        return 0;
    double factor = 1, each = fmin(0.5, chance / arrivals->total);
    for (int i = 0; i < arrivals->n_factors; i++)
        factor = fmax(factor, arrivals->factor[i]);
    return factor * recoup_dist_time_at(&arrivals->tables->program->new_amount, log(each));
}

/* --- frequencies ------------------------------------------------------------------------------ */

/* weight[group * n_nodes + node][amount]: wins with this amount. */
static void weigh_amounts(const recoup_arrivals *arrivals, const amount_rule *rule,
                          double *weight) {
    size_t n = (size_t)rule->n, n_nodes = (size_t)arrivals->n_nodes;
    size_t n_basis = (size_t)arrivals->n_factors * (size_t)arrivals->n_sizes;
    for (size_t row = 0; row < (size_t)arrivals->n_groups * n_nodes; row++) {
        const double *wins = arrivals->wins + row / n_nodes * arrivals->group_size + row % n_nodes;
        for (size_t b = 0; b < n_basis; b++)
            if (wins[b * n_nodes] != 0)
                arrivals->kernels->add_rows(n, 1, n, wins + b * n_nodes, rule->weight + b * n,
                                            weight + row * n);
    }
}

/* Frequencies [first, end), for which the amounts are chosen. */
static bool fill_range(recoup_arrivals *arrivals, const recoup_revision *revision,
                       const double *frequency, int first, int end) {
    const recoup_characteristic_kernels *kernels = arrivals->kernels;
    size_t n = (size_t)(end - first), rows = (size_t)arrivals->n_groups * (size_t)arrivals->n_nodes;
    amount_rule rule;
    bool ready = set_rule(arrivals, revision, frequency[end - 1], arrivals->factor,
                          arrivals->n_factors, &rule);
    double *weight = RECOUP_NEW(double, rows *(size_t)rule.n);
    double *one = RECOUP_NEW(double, 2 * BLOCK * n), *two = one ? one + BLOCK * n : NULL;
    ready = ready && weight && one;
    if (ready)
        weigh_amounts(arrivals, &rule, weight);
    for (int start = 0; ready && start < rule.n; start += BLOCK) {
        int count = rule.n - start < BLOCK ? rule.n - start : BLOCK;
        for (int i = 0; i < count; i++)
            kernels->fill(revision, rule.amount[start + i], frequency + first, end - first,
                          one + (size_t)i * n, two + (size_t)i * n);
        for (size_t row = 0; row < rows; row++) {
            const double *of = weight + row * (size_t)rule.n + start;
            size_t at = row * (size_t)arrivals->n + (size_t)first;
            kernels->add_rows(n, (size_t)count, n, of, one, arrivals->re + at);
            kernels->add_rows(n, (size_t)count, n, of, two, arrivals->im + at);
        }
    }
    clear_rule(&rule);
    free(weight);
    free(one);
    return ready;
}

/* Whether phi_W has died down at the last frequencies before `end`. */
static bool has_decayed(const recoup_arrivals *arrivals, int end) {
    for (int row = 0; row < arrivals->n_groups * arrivals->n_nodes; row++)
        for (int k = end - LOOKED_AT; k < end; k++) {
            size_t at = (size_t)row * (size_t)arrivals->n + (size_t)k;
            if (fabs(arrivals->re[at] + arrivals->lambda[row]) > DECAYED ||
                fabs(arrivals->im[at]) > DECAYED)
                return false;
        }
    return true;
}

/* In ranges of frequencies that double, until phi_W is 0. */
recoup_status recoup_arrivals_set_frequencies(recoup_arrivals *arrivals,
                                              const recoup_revision *revision,
                                              const double *frequency, int n, recoup_error *error) {
    size_t rows = (size_t)arrivals->n_groups * (size_t)arrivals->n_nodes;
    if (arrivals->n_groups == 0)
        return RECOUP_OK;
    free(arrivals->re);
    free(arrivals->im);
    free(arrivals->scratch);
    arrivals->n = n;
    arrivals->re = RECOUP_NEW(double, rows *(size_t)n);
    arrivals->im = RECOUP_NEW(double, rows *(size_t)n);
    arrivals->scratch = RECOUP_NEW(double, 2 * n);
    bool ready = arrivals->re && arrivals->im && arrivals->scratch, decayed = false;
    for (int first = 0, end; ready && first < n; first = end) {
        end = first == 0 ? FIRST_RANGE : 2 * first;
        end = end < n ? end : n;
        for (size_t row = 0; decayed && row < rows; row++)
            for (int k = first; k < end; k++)
                arrivals->re[row * (size_t)n + (size_t)k] = -arrivals->lambda[row];
        ready = decayed || fill_range(arrivals, revision, frequency, first, end);
        decayed = decayed || (ready && end >= LOOKED_AT && has_decayed(arrivals, end));
    }
    return ready ? RECOUP_OK : recoup_fail_memory(error);
}

/* --- at one x --------------------------------------------------------------------------------- */

/* Adds the log of one group's characteristic function. */
static void add_group(const recoup_arrivals *arrivals, int group, const double *weight, double *re,
                      double *im) {
    double dispersion = arrivals->dispersion[group];
    size_t n = (size_t)arrivals->n, n_nodes = (size_t)arrivals->n_nodes;
    size_t at = (size_t)group * n_nodes * n;
    double *a = dispersion > 0 ? arrivals->scratch : re, *b = dispersion > 0 ? a + n : im;
    if (dispersion > 0)
        memset(a, 0, 2 * n * sizeof *a);
    arrivals->kernels->add_rows(n, n_nodes, n, weight, arrivals->re + at, a);
    arrivals->kernels->add_rows(n, n_nodes, n, weight, arrivals->im + at, b);
    for (size_t k = 0; dispersion > 0 && k < n; k++) {
        double complex log_phi = clog(1 - dispersion * (a[k] + I * b[k])) / dispersion;
        re[k] -= creal(log_phi);
        im[k] -= cimag(log_phi);
    }
}

void recoup_arrivals_add(const recoup_arrivals *arrivals, double x, double *re, double *im,
                         recoup_arrivals_at *at) {
    double weight[MAX_NODES];
    *at = (recoup_arrivals_at){.none = 1};
    if (arrivals->n_groups == 0)
        return;
    double rate = exp(arrivals->tables->program->market_arrivals * RECOUP_TABLES_MAX_Z * x);
    recoup_tables_weights(arrivals->tables, x, weight);
    for (int node = 0; node < arrivals->n_nodes; node++)
        weight[node] *= rate;
    for (int group = 0; group < arrivals->n_groups; group++) {
        double wins = 0, first = 0, second = 0, dispersion = arrivals->dispersion[group];
        for (int node = 0; node < arrivals->n_nodes; node++) {
            wins += weight[node] * arrivals->lambda[group * arrivals->n_nodes + node];
            first += weight[node] * arrivals->first[group * arrivals->n_nodes + node];
            second += weight[node] * arrivals->second[group * arrivals->n_nodes + node];
        }
        at->wins += wins;
        at->mean += first;
        at->variance += second + dispersion * first * first;
        at->none *= dispersion > 0 ? exp(-log1p(dispersion * wins) / dispersion) : exp(-wins);
        if (re)
            add_group(arrivals, group, weight, re, im);
    }
}
