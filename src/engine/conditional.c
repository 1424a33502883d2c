#include "engine/conditional.h"

#include "base/error.h"
#include "base/memory.h"
#include "engine/characteristic.h"
#include "engine/conditional_law.h"
#include "engine/kernels/vector_double.h"
#include "random/sobol.h"
#include <stdlib.h>

struct recoup_conditional {
    recoup_conditional_options options;
    recoup_law_of_bookings *law; /* [plan * n_draws + draw] */
    double *hit;                 /* [(plan * n_draws + draw) * n_replicates + replicate] */
};

recoup_conditional_options recoup_conditional_defaults(uint64_t seed, int n_plans, int n_draws) {
    recoup_conditional_options options = {.seed = seed,
                                          .n_plans = n_plans,
                                          .n_draws = n_draws,
                                          .n_replicates = RECOUP_CONDITIONAL_REPLICATES,
                                          .n_points = 16};
    while (2 * options.n_points <= RECOUP_CONDITIONAL_POINTS / n_draws)
        options.n_points *= 2;
    return options;
}

recoup_status recoup_conditional_create(const recoup_conditional_options *options,
                                        recoup_conditional **conditional, recoup_error *error) {
    size_t n = (size_t)options->n_plans * (size_t)options->n_draws;
    recoup_conditional *result = RECOUP_NEW(recoup_conditional, 1);
    if (!result)
        return recoup_fail_memory(error);
    result->options = *options;
    result->law = RECOUP_NEW(recoup_law_of_bookings, n);
    result->hit = RECOUP_NEW(double, n *(size_t)options->n_replicates);
    if (!result->law || !result->hit) {
        recoup_conditional_free(result);
        return recoup_fail_memory(error);
    }
    *conditional = result;
    return RECOUP_OK;
}

void recoup_conditional_free(recoup_conditional *conditional) {
    if (!conditional)
        return;
    for (int i = 0;
         conditional->law && i < conditional->options.n_plans * conditional->options.n_draws; i++)
        recoup_law_of_bookings_clear(&conditional->law[i]);
    free(conditional->law);
    free(conditional->hit);
    free(conditional);
}

/* --- one draw --------------------------------------------------------------------------------- */

/* x of all points of a draw: [replicate][point]. */
static void set_points(const recoup_conditional_options *options, int draw, double *x) {
    size_t n = (size_t)options->n_points;
    for (int r = 0; r < options->n_replicates; r++)
        recoup_sobol_fill(options->seed, (uint32_t)r, 0, (uint32_t)draw * (uint32_t)n, n,
                          x + (size_t)r * n);
    for (size_t i = 0; i < n * (size_t)options->n_replicates; i++)
        x[i] = recoup_tables_x(vector_normal_quantile(x[i]));
}

static size_t cell_of(const recoup_conditional *conditional, int plan, int draw) {
    return (size_t)plan * (size_t)conditional->options.n_draws + (size_t)draw;
}

static recoup_status do_plan(recoup_conditional *conditional, const recoup_tables *tables, int draw,
                             int plan, const recoup_revision *revision, const double *x,
                             recoup_error *error) {
    const recoup_conditional_options *options = &conditional->options;
    size_t cell = cell_of(conditional, plan, draw), n = (size_t)options->n_points;
    recoup_characteristic *characteristic = NULL;
    recoup_hit_curve curve = {0};
    recoup_status status =
        recoup_characteristic_create(tables, plan, revision, false, &characteristic, error);
    if (status != RECOUP_OK)
        return status;
    recoup_law_of_bookings_clear(&conditional->law[cell]);
    const double fixed = options->market ? recoup_tables_x(*options->market) : 0;
    status = recoup_law_of_bookings_set(&conditional->law[cell], characteristic,
                                        options->market ? &fixed : NULL, &curve, error);
    for (int r = 0; r < options->n_replicates && status == RECOUP_OK; r++) {
        double sum = 0;
        for (size_t i = 0; i < n && !options->market; i++)
            sum += recoup_hit_curve_at(&curve, x[(size_t)r * n + i]);
        conditional->hit[cell * (size_t)options->n_replicates + (size_t)r] =
            options->market ? conditional->law[cell].hit : sum / (double)n;
    }
    recoup_hit_curve_clear(&curve);
    recoup_characteristic_free(characteristic);
    conditional->law[cell].booked = tables->program->booked;
    conditional->law[cell].quota = tables->program->plan[plan].quota;
    return status;
}

recoup_status recoup_conditional_draw(recoup_conditional *conditional, const recoup_tables *tables,
                                      int draw, recoup_error *error) {
    const recoup_conditional_options *options = &conditional->options;
    recoup_status status = RECOUP_OK;
    double *x = RECOUP_NEW(double, options->n_replicates * options->n_points);
    recoup_revision *revision = RECOUP_NEW(recoup_revision, 1);
    if (!x || !revision) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    recoup_revision_init(revision, tables->program->revision_sigma);
    if (!options->market)
        set_points(options, draw, x);
    for (int plan = 0; plan < options->n_plans && status == RECOUP_OK; plan++)
        status = do_plan(conditional, tables, draw, plan, revision, x, error);
exit:
    free(x);
    free(revision);
    return status;
}

/* --- P(hit) ----------------------------------------------------------------------------------- */

/* Mean and standard error over replicates of the mean over draws [first, end) of P(hit), less that
 * of the plan `less` (-1: nothing). */
static double summarise(const recoup_conditional *conditional, int plan, int less, int first,
                        int end, double *se) {
    int n = conditional->options.n_replicates;
    double mean = 0, square = 0;
    for (int r = 0; r < n; r++) {
        double sum = 0;
        for (int draw = first; draw < end; draw++) {
            sum += conditional->hit[cell_of(conditional, plan, draw) * (size_t)n + (size_t)r];
            if (less >= 0)
                sum -= conditional->hit[cell_of(conditional, less, draw) * (size_t)n + (size_t)r];
        }
        double p = sum / (end - first), delta = p - mean;
        mean += delta / (r + 1);
        square += delta * (p - mean);
    }
    if (se)
        *se = n > 1 ? sqrt(square / (n - 1) / n) : NAN;
    return mean;
}

double recoup_conditional_hit(const recoup_conditional *conditional, int plan, double *se) {
    return summarise(conditional, plan, -1, 0, conditional->options.n_draws, se);
}

double recoup_conditional_gain(const recoup_conditional *conditional, int plan, double *se) {
    return summarise(conditional, plan, 0, 0, conditional->options.n_draws, se);
}

double recoup_conditional_draw_hit(const recoup_conditional *conditional, int plan, int draw,
                                   double *se) {
    return summarise(conditional, plan, -1, draw, draw + 1, se);
}

double recoup_conditional_replicate_hit(const recoup_conditional *conditional, int plan,
                                        int replicate) {
    const recoup_conditional_options *options = &conditional->options;
    double sum = 0;
    for (int draw = 0; draw < options->n_draws; draw++)
        sum += conditional->hit[cell_of(conditional, plan, draw) * (size_t)options->n_replicates +
                                (size_t)replicate];
    return sum / options->n_draws;
}

/* --- the mixture over draws ------------------------------------------------------------------- */

/* Mean over draws of what `of` says of each law. */
static double average(const recoup_conditional *conditional, int plan,
                      double (*of)(const recoup_law_of_bookings *law, double amount),
                      double amount) {
    double sum = 0;
    for (int draw = 0; draw < conditional->options.n_draws; draw++)
        sum += of(&conditional->law[cell_of(conditional, plan, draw)], amount);
    return sum / conditional->options.n_draws;
}

static double hit_of(const recoup_law_of_bookings *law, double amount) {
    (void)amount;
    return law->hit;
}
static double wins_of(const recoup_law_of_bookings *law, double amount) {
    (void)amount;
    return law->wins;
}
static double mean_of(const recoup_law_of_bookings *law, double amount) {
    (void)amount;
    return law->booked + law->mean;
}
static double square_of(const recoup_law_of_bookings *law, double about) {
    double distance = law->booked + law->mean - about;
    return law->variance + distance * distance;
}

double recoup_conditional_exact(const recoup_conditional *conditional, int plan) {
    return average(conditional, plan, hit_of, 0);
}
double recoup_conditional_draw_exact(const recoup_conditional *conditional, int plan, int draw) {
    return conditional->law[cell_of(conditional, plan, draw)].hit;
}
double recoup_conditional_mean(const recoup_conditional *conditional, int plan) {
    return average(conditional, plan, mean_of, 0);
}

double recoup_conditional_draw_mean(const recoup_conditional *conditional, int plan, int draw) {
    return mean_of(&conditional->law[cell_of(conditional, plan, draw)], 0);
}
double recoup_conditional_wins(const recoup_conditional *conditional, int plan) {
    return average(conditional, plan, wins_of, 0);
}
double recoup_conditional_sd(const recoup_conditional *conditional, int plan) {
    return sqrt(average(conditional, plan, square_of, recoup_conditional_mean(conditional, plan)));
}
double recoup_conditional_below(const recoup_conditional *conditional, int plan, double amount) {
    return average(conditional, plan, recoup_law_of_bookings_below, amount);
}
double recoup_conditional_quota(const recoup_conditional *conditional, int plan, int draw) {
    return conditional->law[cell_of(conditional, plan, draw)].quota;
}
double recoup_conditional_shortfall(const recoup_conditional *conditional, int plan) {
    return average(conditional, plan, recoup_law_of_bookings_shortfall, 0);
}

double recoup_conditional_quantile(const recoup_conditional *conditional, int plan, double p) {
    double low = INFINITY, high = 0;
    for (int draw = 0; draw < conditional->options.n_draws; draw++) {
        const recoup_law_of_bookings *law = &conditional->law[cell_of(conditional, plan, draw)];
        low = fmin(low, law->booked + law->low);
        high = fmax(high, law->booked + law->high);
    }
    if (recoup_conditional_below(conditional, plan, low) >= p)
        return low;
    /* bisection: 1e-9 of the range, far below the error of the distribution */
    for (int i = 0; i < 30; i++) {
        double middle = 0.5 * (low + high);
        if (recoup_conditional_below(conditional, plan, middle) >= p)
            high = middle;
        else
            low = middle;
    }
    return 0.5 * (low + high);
}
