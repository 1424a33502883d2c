/* model.yaml: what new deals are like and how many arrive; the counts of a fit. */
#include "model/family.h"
#include "model/read.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define FROM_0 .max = -1, .meaning = "a number of 0 or more"

typedef struct amount_keys {
    double size_ref;
    const recoup_node *new;
    struct {
        double sigma;
    } revision;
    struct {
        recoup_values quantiles;
    } discount;
} amount_keys;

static const recoup_field revision_fields[] = {
    {"sigma", RECOUP_FIELD_NUMBER, 0, .required = true, FROM_0}};
static const recoup_schema revision_schema = {"'revision'", sizeof(double), NULL, revision_fields,
                                              1};
static const recoup_field discount_fields[] = {{"quantiles", RECOUP_FIELD_VALUES, 0,
                                                .required = true, .min = 0, .max = 1,
                                                .meaning = "a discount from 0 to below 1"}};
static const recoup_schema discount_schema = {"'discount'", sizeof(recoup_values), NULL,
                                              discount_fields, 1};
static const recoup_field amount_fields[] = {
    {RECOUP_KEY(amount_keys, size_ref, RECOUP_FIELD_NUMBER), .open_min = true,
     .meaning = "an amount above 0"},
    {RECOUP_KEY(amount_keys, new, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(amount_keys, revision, RECOUP_FIELD_STRUCT), .schema = &revision_schema},
    {RECOUP_KEY(amount_keys, discount, RECOUP_FIELD_STRUCT), .schema = &discount_schema},
};
static const recoup_schema amount_schema = {"'amount'", sizeof(amount_keys), NULL, amount_fields,
                                            sizeof amount_fields / sizeof *amount_fields};

static void read_discount(recoup_model_reader *reader, const recoup_node *amount,
                          const recoup_values *values) {
    recoup_model *model = reader->model;
    const recoup_node *node = recoup_node_find(recoup_node_find(amount, "discount"), "quantiles");
    if (!node || (values->n == 0 && node->n > 0)) /* absent, or reported already */
        return;
    bool good = values->n >= 2;
    for (int i = 0; i < values->n; i++)
        good &= values->value[i] < 1 && (i == 0 || values->value[i] >= values->value[i - 1]);
    if (!good) {
        recoup_model_reader_take(
            reader, recoup_node_fail(reader->document, node, reader->error,
                                     "'quantiles' needs at least two discounts from 0 to below 1 "
                                     "that never fall"));
        return;
    }
    model->discount_quantile =
        recoup_model_reader_alloc(reader, values->n, sizeof *model->discount_quantile);
    if (!model->discount_quantile)
        return;
    memcpy(model->discount_quantile, values->value,
           (size_t)values->n * sizeof *model->discount_quantile);
    model->n_discount = values->n;
}

void recoup_model_read_amount(recoup_model_reader *reader, const recoup_node *amount) {
    recoup_model *model = reader->model;
    amount_keys keys = {.size_ref = 1};
    if (!amount)
        return;
    recoup_model_reader_take(
        reader, recoup_bind(reader->document, amount, &amount_schema, &keys, reader->error));
    model->size_ref = keys.size_ref;
    model->revision_sigma = keys.revision.sigma;
    read_discount(reader, amount, &keys.discount.quantiles);
    if (!keys.new ||
        !recoup_model_reader_take(reader, recoup_dist_read(reader->document, keys.new,
                                                           &model->new_amount, reader->error)))
        return;
    model->has_new_amount = model->new_amount.family != RECOUP_NEVER;
    if (!model->has_new_amount)
        recoup_model_reader_take(
            reader, recoup_node_fail(reader->document, keys.new, reader->error,
                                     "'never' is no distribution of amounts; expected a family "
                                     "such as lognormal, gamma or weibull"));
}

/* Equal shares stand in where no new deals arrive (read.c reports the rest): nothing draws them. */
void recoup_model_read_mix(recoup_model_reader *reader, const recoup_node *mix) {
    recoup_model *model = reader->model;
    int n = model->segments.n;
    if (!mix) {
        model->segment_mix =
            n ? recoup_model_reader_alloc(reader, n, sizeof *model->segment_mix) : NULL;
        for (int i = 0; i < n && model->segment_mix; i++)
            model->segment_mix[i] = 1.0 / n;
        return;
    }
    double *share =
        recoup_model_reader_numbers(reader, mix, "segment", "segment", &model->segments);
    double sum = 0;
    bool good = true;
    for (int i = 0; i < n && share; i++) {
        good &= share[i] >= 0 && share[i] <= 1;
        sum += share[i];
    }
    if (!share)
        return;
    if (!good || fabs(sum - 1) > 1e-6) {
        recoup_model_reader_take(reader,
                                 recoup_node_fail(reader->document, mix, reader->error,
                                                  "the shares of the segments are from 0 to 1 and "
                                                  "sum to 1; these sum to %g",
                                                  sum));
        return;
    }
    /* Shares that sum to 1 as far as doubles can tell stay as they are, so that a file that was
     * written reads back the same. */
    if (fabs(sum - 1) > n * DBL_EPSILON)
        for (int i = 0; i < n; i++)
            share[i] /= sum;
    model->segment_mix = share;
}

typedef struct rate_keys {
    double rate, dispersion;
} rate_keys;

static const recoup_field rate_fields[] = {
    {RECOUP_KEY(rate_keys, rate, RECOUP_FIELD_NUMBER), .required = true, FROM_0},
    {RECOUP_KEY(rate_keys, dispersion, RECOUP_FIELD_NUMBER), FROM_0},
};
static const recoup_schema rate_schema = {"an arrival rate", sizeof(rate_keys), NULL, rate_fields,
                                          sizeof rate_fields / sizeof *rate_fields};

typedef void read_cell(recoup_model_reader *reader, const recoup_node *node, int cell);

/* Calls `read` for each cell of a mapping cohort -> channel (cohort alone without channels). */
static void read_cells(recoup_model_reader *reader, const recoup_node *node, const char *key,
                       read_cell *read) {
    const recoup_model *model = reader->model;
    int n_channels = recoup_model_n_channels(model);
    recoup_arena *arena = &reader->document->arena;
    const recoup_node **cohort =
        recoup_arena_alloc(arena, (size_t)model->cohorts.n, sizeof *cohort);
    const recoup_node **channel = recoup_arena_alloc(arena, (size_t)n_channels, sizeof *channel);
    if (!cohort || !channel) {
        recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
        return;
    }
    recoup_model_reader_by_name(reader, node, key, "cohort", &model->cohorts, cohort);
    for (int i = 0; i < model->cohorts.n; i++) {
        if (!cohort[i])
            continue;
        if (model->channels.n == 0) {
            read(reader, cohort[i], i);
            continue;
        }
        recoup_model_reader_by_name(reader, cohort[i], model->cohorts.name[i], "channel",
                                    &model->channels, channel);
        for (int k = 0; k < n_channels; k++)
            if (cohort[i]->kind == RECOUP_NODE_MAPPING && channel[k])
                read(reader, channel[k], i * n_channels + k);
    }
}

static void read_rate(recoup_model_reader *reader, const recoup_node *node, int cell) {
    recoup_model *model = reader->model;
    rate_keys keys = {0};
    if (node->kind == RECOUP_NODE_MAPPING) {
        recoup_model_reader_take(
            reader, recoup_bind(reader->document, node, &rate_schema, &keys, reader->error));
    } else if (recoup_model_reader_take(
                   reader, recoup_bind_number(reader->document, node, &keys.rate, reader->error)) &&
               keys.rate < 0) {
        recoup_model_reader_take(reader, recoup_node_fail(reader->document, node, reader->error,
                                                          "a rate of new deals per day is 0 or "
                                                          "more"));
    }
    model->arrivals[cell] = keys.rate;
    model->arrivals_dispersion[cell] = keys.dispersion;
}

void recoup_model_read_arrivals(recoup_model_reader *reader, const recoup_node *arrivals) {
    recoup_model *model = reader->model;
    int n = model->cohorts.n * recoup_model_n_channels(model);
    model->arrivals = recoup_model_reader_alloc(reader, n, sizeof *model->arrivals);
    model->arrivals_dispersion =
        recoup_model_reader_alloc(reader, n, sizeof *model->arrivals_dispersion);
    if (!arrivals || !model->arrivals || !model->arrivals_dispersion) {
        model->arrivals_dispersion = NULL;
        return;
    }
    read_cells(reader, arrivals, "arrivals", read_rate);
    bool dispersed = false;
    for (int i = 0; i < n; i++)
        dispersed |= model->arrivals_dispersion[i] > 0;
    if (!dispersed)
        model->arrivals_dispersion = NULL;
}

typedef struct fit_keys {
    const recoup_node *stages, *amount_se, *arrivals_se, *notes;
} fit_keys;

static const recoup_field fit_fields[] = {
    {RECOUP_KEY(fit_keys, stages, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(fit_keys, amount_se, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(fit_keys, arrivals_se, RECOUP_FIELD_NODE)},
    {RECOUP_KEY(fit_keys, notes, RECOUP_FIELD_NODE)},
};
static const recoup_schema fit_schema = {"'fit'", sizeof(fit_keys), NULL, fit_fields,
                                         sizeof fit_fields / sizeof *fit_fields};

static const recoup_field amount_se_fields[] = {
    {RECOUP_KEY(recoup_dist_se, log_scale, RECOUP_FIELD_NUMBER), .required = true, FROM_0},
    {RECOUP_KEY(recoup_dist_se, shape, RECOUP_FIELD_NUMBER), .required = true, FROM_0},
    {RECOUP_KEY(recoup_dist_se, log_median, RECOUP_FIELD_NUMBER), .required = true, FROM_0},
};
static const recoup_schema amount_se_schema = {"'amount_se'", sizeof(recoup_dist_se), NULL,
                                               amount_se_fields,
                                               sizeof amount_se_fields / sizeof *amount_se_fields};

typedef struct count_keys {
    double entered, open;
} count_keys;

static const recoup_field count_fields[] = {
    {RECOUP_KEY(count_keys, entered, RECOUP_FIELD_NUMBER), FROM_0},
    {RECOUP_KEY(count_keys, open, RECOUP_FIELD_NUMBER), FROM_0},
};
static const recoup_schema count_schema = {"the counts of a stage", sizeof(count_keys), NULL,
                                           count_fields,
                                           sizeof count_fields / sizeof *count_fields};

static void read_counts(recoup_model_reader *reader, const recoup_node *stages) {
    recoup_model *model = reader->model;
    if (stages->kind != RECOUP_NODE_MAPPING) {
        recoup_model_reader_take(reader,
                                 recoup_node_fail(reader->document, stages, reader->error,
                                                  "'stages' is a mapping of stages to counts"));
        return;
    }
    for (int i = 0; i < stages->n; i++) {
        count_keys keys = {0};
        int index = recoup_model_find_stage(model, stages->key[i]->text);
        recoup_model_reader_take(reader, recoup_bind(reader->document, stages->item[i],
                                                     &count_schema, &keys, reader->error));
        if (index < 0) {
            recoup_model_reader_unknown(reader, stages->key[i], "stage", NULL, 0);
            continue;
        }
        model->stage[index].n_entered = keys.entered;
        model->stage[index].n_open = keys.open;
    }
}

/* An empty value stands for an error that is not known. */
static void read_arrivals_se(recoup_model_reader *reader, const recoup_node *node, int cell) {
    double *se = &reader->model->arrivals_se[cell];
    *se = NAN;
    bool empty = node->kind == RECOUP_NODE_SCALAR && !node->quoted && strcmp(node->text, "~") == 0;
    if (empty)
        return;
    if (recoup_model_reader_take(reader,
                                 recoup_bind_number(reader->document, node, se, reader->error)) &&
        *se < 0)
        recoup_model_reader_take(reader, recoup_node_fail(reader->document, node, reader->error,
                                                          "a standard error is 0 or more"));
}

static void read_notes(recoup_model_reader *reader, const recoup_node *notes) {
    recoup_model *model = reader->model;
    bool good = notes->kind == RECOUP_NODE_SEQUENCE;
    for (int i = 0; good && i < notes->n; i++)
        good = notes->item[i]->kind == RECOUP_NODE_SCALAR;
    if (!good) {
        recoup_model_reader_take(reader, recoup_node_fail(reader->document, notes, reader->error,
                                                          "'notes' is a list of texts"));
        return;
    }
    model->fit_note = recoup_model_reader_alloc(reader, notes->n, sizeof *model->fit_note);
    for (int i = 0; model->fit_note && i < notes->n; i++)
        model->fit_note[i] = recoup_model_reader_text(reader, notes->item[i]->text);
    model->n_fit_notes = model->fit_note ? notes->n : 0;
}

void recoup_model_read_fit(recoup_model_reader *reader, const recoup_node *fit) {
    recoup_model *model = reader->model;
    fit_keys keys = {0};
    recoup_model_reader_take(reader,
                             recoup_bind(reader->document, fit, &fit_schema, &keys, reader->error));
    if (keys.stages)
        read_counts(reader, keys.stages);
    if (keys.amount_se)
        recoup_model_reader_take(reader,
                                 recoup_bind(reader->document, keys.amount_se, &amount_se_schema,
                                             &model->new_amount_se, reader->error));
    if (keys.arrivals_se) {
        int n = model->cohorts.n * recoup_model_n_channels(model);
        model->arrivals_se = recoup_model_reader_alloc(reader, n, sizeof *model->arrivals_se);
        if (model->arrivals_se)
            read_cells(reader, keys.arrivals_se, "arrivals_se", read_arrivals_se);
    }
    if (keys.notes)
        read_notes(reader, keys.notes);
}
