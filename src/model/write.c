/* A model as model.yaml that a person can read and edit, and that reads back the same. */
#include "model/write.h"

#include "base/file.h"
#include "config/config.h"
#include "model/draws.h"
#include "model/family.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void recoup_model_add_map(recoup_text *text, const recoup_names *names, const double *value) {
    recoup_text_add(text, "{");
    for (int i = 0; i < names->n; i++) {
        recoup_text_add(text, i ? ", " : "");
        recoup_yaml_add_scalar(text, names->name[i]);
        recoup_text_add(text, ": ");
        recoup_text_add_number(text, value[i]);
    }
    recoup_text_add(text, "}");
}

void recoup_model_add_error(recoup_text *text, double se) {
    char buffer[RECOUP_NUMBER_SIZE];
    snprintf(buffer, sizeof buffer, "%.6g", se);
    if (isnan(se))
        recoup_text_add(text, "~");
    else
        recoup_text_add_number(text, strtod(buffer, NULL));
}

static void add_list(recoup_text *text, const char *key, char *const *name, int n) {
    if (n == 0)
        return;
    recoup_text_add(text, "%s: [", key);
    for (int i = 0; i < n; i++) {
        recoup_text_add(text, i ? ", " : "");
        recoup_yaml_add_scalar(text, name[i]);
    }
    recoup_text_add(text, "]\n");
}

static void add_head(recoup_text *text, const recoup_model *model, const char *uncertainty) {
    recoup_text_add(text, "recoup: model/1\n");
    if (model->currency && model->currency[0]) {
        recoup_text_add(text, "currency: ");
        recoup_yaml_add_scalar(text, model->currency);
        recoup_text_add(text, "\n");
    }
    if (uncertainty) {
        recoup_text_add(text, "uncertainty: ");
        recoup_yaml_add_scalar(text, uncertainty);
        recoup_text_add(text, " # draws of the parameters; without this line there is none\n");
    }
    recoup_text_add(text, "stages: [");
    for (int s = 0; s < model->n_stages; s++) {
        recoup_text_add(text, s ? ", " : "");
        recoup_yaml_add_scalar(text, model->stage[s].name);
    }
    recoup_text_add(text, "]\n");
    add_list(text, "cohorts", model->cohorts.name, model->cohorts.n);
    add_list(text, "channels", model->channels.name, model->channels.n);
    add_list(text, "segments", model->segments.name, model->segments.n);
    recoup_text_add(text, "\nmarket: # Z ~ N(0, 1), one for each path\n  conversion: ");
    recoup_text_add_number(text, model->market_conversion);
    recoup_text_add(text, " # added to the logit of advance and of every exit to won, per unit of "
                          "Z\n  arrivals: ");
    recoup_text_add_number(text, model->market_arrivals);
    recoup_text_add(text, " # added to every log arrival rate, per unit of Z\n");
    if (model->quarter_end_logit != 0) {
        recoup_text_add(text, "  quarter_end: {last_days: ");
        recoup_text_add_number(text, model->quarter_end_days);
        recoup_text_add(text, ", logit: ");
        recoup_text_add_number(text, model->quarter_end_logit);
        recoup_text_add(text, "} # exits to won: these days of a quarter against its others\n");
    }
}

static void add_amount(recoup_text *text, const recoup_model *model) {
    recoup_text_add(text, "\namount:\n");
    if (model->size_ref != 1) {
        recoup_text_add(text, "  size_ref: ");
        recoup_text_add_number(text, model->size_ref);
        recoup_text_add(text, " # size_logit is per ln(amount / size_ref)\n");
    }
    if (model->has_new_amount) {
        recoup_text_add(text, "  new: ");
        recoup_dist_add(text, &model->new_amount);
        recoup_text_add(text, "\n");
    }
    recoup_text_add(text, "  revision: {sigma: ");
    recoup_text_add_number(text, model->revision_sigma);
    recoup_text_add(text, "} # booked / current amount: lognormal with mean 1\n");
    if (model->n_discount > 0) {
        recoup_text_add(text, "  discount: # of new deals, at equally spaced probabilities\n"
                              "    quantiles: [");
        for (int i = 0; i < model->n_discount; i++) {
            recoup_text_add(text, i ? ", " : "");
            recoup_text_add_number(text, model->discount_quantile[i]);
        }
        recoup_text_add(text, "]\n");
    }
}

static void add_mix(recoup_text *text, const recoup_model *model) {
    if (!model->segment_mix || model->segments.n == 0)
        return;
    recoup_text_add(text, "\nmix: # shares of new deals\n  segment: ");
    recoup_model_add_map(text, &model->segments, model->segment_mix);
    recoup_text_add(text, "\n");
}

typedef void add_cell(recoup_text *text, const recoup_model *model, int cell);

static void add_rate(recoup_text *text, const recoup_model *model, int cell) {
    double dispersion = model->arrivals_dispersion ? model->arrivals_dispersion[cell] : 0;
    recoup_text_add(text, dispersion > 0 ? "{rate: " : "");
    recoup_text_add_number(text, model->arrivals[cell]);
    if (dispersion > 0) {
        recoup_text_add(text, ", dispersion: ");
        recoup_text_add_number(text, dispersion);
        recoup_text_add(text, "}");
    }
}

static void add_rate_error(recoup_text *text, const recoup_model *model, int cell) {
    recoup_model_add_error(text, model->arrivals_se[cell]);
}

/* A line for each cohort: `  top: {outbound: 0.12, inbound: 0.072}`. */
static void add_cells(recoup_text *text, const recoup_model *model, const char *indent,
                      add_cell *add) {
    int n_channels = recoup_model_n_channels(model);
    for (int i = 0; i < model->cohorts.n; i++) {
        recoup_text_add(text, "%s", indent);
        recoup_yaml_add_scalar(text, model->cohorts.name[i]);
        recoup_text_add(text, model->channels.n ? ": {" : ": ");
        for (int k = 0; k < n_channels; k++) {
            if (model->channels.n) {
                recoup_text_add(text, k ? ", " : "");
                recoup_yaml_add_scalar(text, model->channels.name[k]);
                recoup_text_add(text, ": ");
            }
            add(text, model, i * n_channels + k);
        }
        recoup_text_add(text, model->channels.n ? "}\n" : "\n");
    }
}

static void add_amount_error(recoup_text *text, const recoup_dist_se *se) {
    recoup_text_add(text, "  amount_se: {log_scale: ");
    recoup_model_add_error(text, se->log_scale);
    recoup_text_add(text, ", shape: ");
    recoup_model_add_error(text, se->shape);
    recoup_text_add(text, ", log_median: ");
    recoup_model_add_error(text, se->log_median);
    recoup_text_add(text, "} # standard errors of amount.new\n");
}

static void add_fit(recoup_text *text, const recoup_model *model) {
    bool counted = false;
    for (int s = 0; s < model->n_stages; s++)
        counted |= model->stage[s].n_entered > 0 || model->stage[s].n_open > 0;
    bool has_amount_se = !isnan(model->new_amount_se.log_scale);
    if (!counted && !has_amount_se && !model->arrivals_se && model->n_fit_notes == 0)
        return;
    recoup_text_add(text, "\nfit: # how the numbers were estimated; nothing is computed from it\n");
    if (counted)
        recoup_text_add(text, "  stages: # stays seen, and how many of them have not ended\n");
    for (int s = 0; counted && s < model->n_stages; s++) {
        recoup_text_add(text, "    ");
        recoup_yaml_add_scalar(text, model->stage[s].name);
        recoup_text_add(text, ": {entered: ");
        recoup_text_add_number(text, model->stage[s].n_entered);
        recoup_text_add(text, ", open: ");
        recoup_text_add_number(text, model->stage[s].n_open);
        recoup_text_add(text, "}\n");
    }
    if (has_amount_se)
        add_amount_error(text, &model->new_amount_se);
    if (model->arrivals_se) {
        recoup_text_add(text, "  arrivals_se: # standard errors of the rates\n");
        add_cells(text, model, "    ", add_rate_error);
    }
    if (model->n_fit_notes > 0)
        recoup_text_add(text, "  notes:\n");
    for (int i = 0; i < model->n_fit_notes; i++) {
        recoup_text_add(text, "    - ");
        recoup_yaml_add_scalar(text, model->fit_note[i]);
        recoup_text_add(text, "\n");
    }
}

static recoup_status format_model(const recoup_model *model, const char *uncertainty, char **result,
                                  recoup_error *error) {
    recoup_text text = {0};
    *result = NULL;
    add_head(&text, model, uncertainty);
    recoup_model_add_exits(&text, model);
    add_amount(&text, model);
    add_mix(&text, model);
    if (model->arrivals) {
        recoup_text_add(&text, "\narrivals: # new deals per day\n");
        add_cells(&text, model, "  ", add_rate);
    }
    add_fit(&text, model);
    if (text.failed) {
        recoup_text_clear(&text);
        return recoup_fail_memory(error);
    }
    *result = text.bytes;
    return RECOUP_OK;
}

recoup_status recoup_model_format(const recoup_model *model, char **text, recoup_error *error) {
    return format_model(model, model->uncertainty, text, error);
}

/* The name of the file of the draws beside a model: its own with the ending .h5. NULL: out of
 * memory. */
static char *draws_name(const char *path) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t stem =
        dot && dot > base && strcmp(dot, ".h5") != 0 ? (size_t)(dot - base) : strlen(base);
    char *name = malloc(stem + sizeof ".h5");
    if (name) {
        memcpy(name, base, stem);
        strcpy(name + stem, ".h5");
    }
    return name;
}

recoup_status recoup_model_save(const recoup_model *model, const char *path, recoup_error *error) {
    char *text = NULL, *name = NULL, *beside = NULL;
    recoup_status status = RECOUP_OK;
    if (model->draws) {
        name = draws_name(path);
        beside = name ? recoup_path_beside(path, name) : NULL;
        status =
            beside ? recoup_draws_write(model->draws, beside, error) : recoup_fail_memory(error);
    }
    if (status == RECOUP_OK)
        status = format_model(model, name, &text, error);
    if (status == RECOUP_OK && text)
        status = recoup_file_write(path, text, strlen(text), error);
    free(text);
    free(name);
    free(beside);
    return status;
}
