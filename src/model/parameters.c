#include "model/parameters.h"

#include "base/text.h"
#include <math.h>
#include <stdlib.h>

typedef struct lister {
    recoup_parameters *list;
    size_t values_capacity, logs_capacity;
    bool failed;
} lister;

/* A part of a name, after a dot unless it is the first. */
static void add_part(recoup_text *name, const char *part) {
    recoup_text_add(name, name->length ? "." : "");
    for (const char *p = part; *p; p++)
        recoup_text_add(name, *p == '.' || *p == '\\' ? "\\%c" : "%c", *p);
}

static void add(lister *to, const char *const *part, int n_parts, double *value, bool is_log) {
    recoup_parameters *list = to->list;
    int n = list->names.n;
    recoup_text name = {0};
    if (to->failed || (is_log && !(*value > 0)))
        return;
    for (int i = 0; i < n_parts; i++)
        add_part(&name, part[i]);
    to->failed = name.failed || !RECOUP_GROW(list->value, n, to->values_capacity) ||
                 !RECOUP_GROW(list->is_log, n, to->logs_capacity) ||
                 recoup_names_add(&list->names, name.bytes) != n;
    recoup_text_clear(&name);
    if (to->failed)
        return;
    list->value[n] = value;
    list->is_log[n] = is_log;
}

/* What the parameters of a family are called on their scale: location, shapes. */
static const char *const family_names[RECOUP_N_FAMILIES][3] = {
    [RECOUP_EXPONENTIAL] = {"log_mean", NULL, NULL},
    [RECOUP_WEIBULL] = {"log_scale", "log_shape", NULL},
    [RECOUP_GAMMA] = {"log_scale", "log_shape", NULL},
    [RECOUP_LOGNORMAL] = {"log_median", "log_sigma", NULL},
    [RECOUP_LOGLOGISTIC] = {"log_scale", "log_shape", NULL},
    [RECOUP_GENGAMMA] = {"mu", "log_sigma", "q"},
};

/* parts[0 .. n_parts) are the path of the distribution; there is room for two more. */
static void add_dist(lister *to, const char **part, int n_parts, recoup_dist *dist) {
    const char *const *name = family_names[dist->family];
    part[n_parts] = recoup_family_name(dist->family);
    for (int k = 0; k < 3; k++) {
        part[n_parts + 1] = name[k];
        if (name[k]) /* q of gengamma may be below 0 */
            add(to, part, n_parts + 2, k == 0 ? &dist->mu : &dist->shape[k - 1], k == 1);
    }
}

static void add_map(lister *to, const char **part, int n_parts, const char *key,
                    const recoup_names *names, double *value) {
    part[n_parts] = key;
    for (int i = 0; value && i < names->n; i++) {
        part[n_parts + 1] = names->name[i];
        add(to, part, n_parts + 2, &value[i], false);
    }
}

static void add_exit(lister *to, const recoup_model *model, const char *stage, recoup_exit *exit) {
    const char *part[6] = {"exits", stage, exit->name};
    if (exit->target != RECOUP_EXIT_LOST) {
        part[3] = "logit";
        add(to, part, 4, &exit->logit, false);
        add_map(to, part, 3, "cohort_logit", &model->cohorts, exit->cohort_logit);
        add_map(to, part, 3, "channel_logit", &model->channels, exit->channel_logit);
        add_map(to, part, 3, "segment_logit", &model->segments, exit->segment_logit);
        part[3] = "size_logit";
        add(to, part, 4, &exit->size_logit, false);
        part[3] = "discount_logit";
        add(to, part, 4, &exit->discount_logit, false);
    }
    part[3] = "dwell";
    add_dist(to, part, 4, &exit->dwell);
    add_map(to, part, 3, "cohort_log_dwell", &model->cohorts, exit->cohort_log_dwell);
}

static void add_shares(lister *to, const recoup_model *model) {
    const char *part[4] = {"mix", "segment", NULL, "log_share"};
    for (int i = 0; model->segment_mix && i < model->segments.n; i++) {
        part[2] = model->segments.name[i];
        add(to, part, 4, &model->segment_mix[i], true);
    }
}

static void add_arrivals(lister *to, const recoup_model *model) {
    int n_channels = recoup_model_n_channels(model);
    for (int i = 0; model->arrivals && i < model->cohorts.n; i++)
        for (int k = 0; k < n_channels; k++) {
            const char *part[4] = {"arrivals", model->cohorts.name[i]};
            int n = 2;
            if (model->channels.n)
                part[n++] = model->channels.name[k];
            part[n] = "log_rate";
            add(to, part, n + 1, &model->arrivals[i * n_channels + k], true);
            part[n] = "log_dispersion";
            if (model->arrivals_dispersion)
                add(to, part, n + 1, &model->arrivals_dispersion[i * n_channels + k], true);
        }
}

bool recoup_parameters_list(const recoup_model *model, recoup_parameters *parameters) {
    /* The pointers into the model are for those who own it; nothing is changed here. */
    recoup_model *own = (recoup_model *)(uintptr_t)model; // NOLINT(performance-no-int-to-ptr)
    *parameters = (recoup_parameters){0};
    lister to = {.list = parameters};
    const char *market[3] = {"market", "conversion", "log_loading"}, *amount[4] = {"amount", "new"};
    add(&to, market, 3, &own->market_conversion, true);
    market[1] = "arrivals";
    add(&to, market, 3, &own->market_arrivals, true);
    if (model->quarter_end_logit != 0)
        add(&to, (const char *const[]){"market", "quarter_end", "logit"}, 3,
            &own->quarter_end_logit, false);
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++)
            add_exit(&to, model, model->stage[s].name, &model->stage[s].exit[e]);
    if (model->has_new_amount)
        add_dist(&to, amount, 2, &own->new_amount);
    add_shares(&to, model);
    add_arrivals(&to, model);
    return !to.failed;
}

void recoup_parameters_clear(recoup_parameters *parameters) {
    recoup_names_clear(&parameters->names);
    free(parameters->value);
    free(parameters->is_log);
    *parameters = (recoup_parameters){0};
}

double recoup_parameters_get(const recoup_parameters *parameters, int i) {
    return parameters->is_log[i] ? log(*parameters->value[i]) : *parameters->value[i];
}

void recoup_parameters_set(const recoup_parameters *parameters, int i, double x) {
    *parameters->value[i] = parameters->is_log[i] ? exp(x) : x;
}
