/* New deals week by week (INFLOW): what tracking holds the next weeks' new deals against. */
#include "diagnose/inflow.h"

#include "base/error.h"
#include "diagnose/diagnose.h"
#include "program/program.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

enum { WEEK_DAYS = 7, MAX_COUNT = 1 << 30 };

/* --- the law of a count ----------------------------------------------------------------------- */

static double cumulative(unsigned k, double mean, double variance) {
    if (variance <= mean * (1 + 1e-9))
        return gsl_cdf_poisson_P(k, mean);
    double n = mean * mean / (variance - mean);
    return gsl_cdf_negative_binomial_P(k, n / (n + mean), n);
}

double recoup_inflow_quantile(double mean, double variance, double p) {
    unsigned low = 0, high = 1; /* the answer is at most `high`, and at least `low` */
    if (mean <= 0)
        return 0;
    while (high < MAX_COUNT && cumulative(high, mean, variance) < p) {
        low = high + 1;
        high *= 2;
    }
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (cumulative(middle, mean, variance) >= p)
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

/* --- what the first plan expects -------------------------------------------------------------- */

/* Over one day of a stream, mean over the segments of new deals. */
static double daily_mean(const recoup_program *program, const recoup_program_stream *stream,
                         double day) {
    const recoup_program_plan *plan = &program->plan[0];
    if (!plan->has_segment_rates || program->n_mix == 0)
        return stream->rate * recoup_program_rate_factor(plan, stream, -1, day);
    double factor = 0;
    for (int k = 0; k < program->n_mix; k++) {
        double share = program->mix[k] - (k > 0 ? program->mix[k - 1] : 0);
        factor += share * recoup_program_rate_factor(plan, stream, k, day);
    }
    return stream->rate * factor;
}

static double stream_mean(const recoup_program *program, const recoup_program_stream *stream,
                          double days) {
    double mean = 0;
    for (int day = 0; day < days; day++) {
        double part = fmin(1, days - day);
        mean += part * daily_mean(program, stream, day + part / 2);
    }
    return mean;
}

/* Relative standard error of a stream's fitted rate; 0: not known. */
static double rate_error(const recoup_model *model, const recoup_program_stream *stream) {
    int n_channels = recoup_model_n_channels(model);
    int cell = stream->cohort * n_channels + stream->channel;
    return model->arrivals_se ? model->arrivals_se[cell] / model->arrivals[cell] : 0;
}

void recoup_inflow_expect(const recoup_program *program, const recoup_model *model, double days,
                          double *mean, double *variance) {
    double sum = 0, squares = 0, loading = program->market_arrivals * program->market_arrivals;
    for (int s = 0; s < program->n_streams; s++) {
        const recoup_program_stream *stream = &program->stream[s];
        double m = stream_mean(program, stream, days), error = rate_error(model, stream);
        sum += m;
        squares += m * m * (stream->dispersion + error * error);
    }
    *mean = exp(loading / 2) * sum;
    *variance = *mean + exp(2 * loading) * (sum * sum + squares) - exp(loading) * sum * sum;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int count_created(const recoup_view *view, double start) {
    int n = 0;
    for (int i = 0; i < view->n_deals; i++)
        n += view->created[i] >= start && view->created[i] < view->as_of;
    return n;
}

static bool add_row(const recoup_diagnosing *of, const recoup_program *program, double counted,
                    double days) {
    const recoup_scenario *scenario = of->scenario;
    recoup_inflow_row *row = recoup_records_add(of->results, RECOUP_RECORD_INFLOW);
    double mean = 0, variance = 0;
    if (!row)
        return false;
    if (days > 0)
        recoup_inflow_expect(program, of->model, days, &mean, &variance);
    row->until = floor(scenario->as_of + scenario->zone_days + days) - 1;
    row->created = counted + mean;
    row->low = counted + recoup_inflow_quantile(mean, variance, .1);
    row->high = counted + recoup_inflow_quantile(mean, variance, .9);
    return true;
}

recoup_status recoup_diagnose_inflow(const recoup_diagnosing *of) {
    recoup_error repeated = RECOUP_ERROR_INIT; /* its notes were told with the simulation */
    recoup_program *program = NULL;
    double counted = count_created(of->view, of->scenario->period_start);
    recoup_status status =
        recoup_program_create(of->scenario, of->model, of->view, &program, &repeated);
    if (status != RECOUP_OK) {
        recoup_error_merge(of->error, &repeated);
        return status;
    }
    recoup_error_clear(&repeated);
    bool added = program->n_streams == 0 || add_row(of, program, counted, 0);
    int n_weeks = program->n_streams > 0 ? (int)ceil(program->horizon_days / WEEK_DAYS) : 0;
    for (int w = 1; w <= n_weeks && added; w++)
        added = add_row(of, program, counted, fmin(WEEK_DAYS * w, program->horizon_days));
    recoup_program_free(program);
    return added ? RECOUP_OK : recoup_fail_memory(of->error);
}
