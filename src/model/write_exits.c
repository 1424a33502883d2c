#include "config/config.h"
#include "model/family.h"
#include "model/write.h"

#include <math.h>
#include <string.h>

enum { LINE_MAX_LENGTH = 100 };

/* The terms of an exit that are maps of names. */
enum { N_MAPS = 4 };
typedef struct exit_map {
    const char *key;
    size_t offset; /* of the array in recoup_exit */
    size_t names;  /* of the dictionary in recoup_model */
} exit_map;

static const exit_map maps[N_MAPS] = {
    {"cohort_logit", offsetof(recoup_exit, cohort_logit), offsetof(recoup_model, cohorts)},
    {"channel_logit", offsetof(recoup_exit, channel_logit), offsetof(recoup_model, channels)},
    {"segment_logit", offsetof(recoup_exit, segment_logit), offsetof(recoup_model, segments)},
    {"cohort_log_dwell", offsetof(recoup_exit, cohort_log_dwell), offsetof(recoup_model, cohorts)},
};

static const double *map_values(const recoup_exit *exit, const exit_map *map) {
    double *const *values = (double *const *)((const char *)exit + map->offset);
    return *values;
}

static const recoup_names *map_names(const recoup_model *model, const exit_map *map) {
    return (const recoup_names *)((const char *)model + map->names);
}

/* The map when at least two stages have the exit and all of these have the same map; else NULL. */
static const double *shared_map(const recoup_model *model, const char *name, const exit_map *map) {
    const double *shared = NULL;
    size_t size = (size_t)map_names(model, map)->n * sizeof *shared;
    int n = 0;
    for (int s = 0; s < model->n_stages; s++) {
        int e = recoup_stage_find_exit(&model->stage[s], name);
        if (e < 0)
            continue;
        const double *values = map_values(&model->stage[s].exit[e], map);
        if (!values || (shared && memcmp(values, shared, size) != 0))
            return NULL;
        shared = values;
        n++;
    }
    return n >= 2 ? shared : NULL;
}

/* Whether this exit is the first of its name, so that each name comes once. */
static bool is_first(const recoup_model *model, int stage, const char *name) {
    for (int s = 0; s < stage; s++)
        if (recoup_stage_find_exit(&model->stage[s], name) >= 0)
            return false;
    return true;
}

static void add_defaults(recoup_text *text, const recoup_model *model) {
    bool any = false;
    for (int s = 0; s < model->n_stages; s++)
        for (int e = 0; e < model->stage[s].n_exits; e++) {
            const char *name = model->stage[s].exit[e].name;
            bool named = false;
            if (!is_first(model, s, name))
                continue;
            for (int m = 0; m < N_MAPS; m++) {
                const double *values = shared_map(model, name, &maps[m]);
                if (!values)
                    continue;
                if (!any)
                    recoup_text_add(text, "\n# Terms that hold in every stage with this exit; a "
                                          "stage's own value replaces them.\ndefaults:\n");
                if (!named) {
                    recoup_text_add(text, "  ");
                    recoup_yaml_add_scalar(text, name);
                    recoup_text_add(text, ":\n");
                }
                any = named = true;
                recoup_text_add(text, "    %s: ", maps[m].key);
                recoup_model_add_map(text, map_names(model, &maps[m]), values);
                recoup_text_add(text, "\n");
            }
        }
}

/* Items of an exit are written one after the other, each after this: in a block on lines of their
 * own, in a flow mapping after commas. */
static void begin(recoup_text *text, bool flow, int *n, const char *key) {
    recoup_text_add(text, "%s%s: ", !flow ? "\n      " : *n ? ", " : "", key);
    ++*n;
}

static void add_number(recoup_text *text, bool flow, int *n, const char *key, double x) {
    begin(text, flow, n, key);
    recoup_text_add_number(text, x);
}

static void add_target(recoup_text *text, const recoup_model *model, const recoup_exit *exit,
                       bool flow, int *n) {
    if (exit->target == RECOUP_EXIT_NEVER || exit->target == RECOUP_EXIT_LOST ||
        strcmp(exit->name, "advance") == 0)
        return;
    begin(text, flow, n, "to");
    recoup_yaml_add_scalar(text, exit->target == RECOUP_EXIT_WON ? "won"
                                                                 : model->stage[exit->target].name);
}

static void add_shape_errors(recoup_text *text, const double *se, const char *comma) {
    recoup_text_add(text, "%sshape: [", comma);
    recoup_model_add_error(text, se[0]);
    if (!isnan(se[1])) {
        recoup_text_add(text, ", ");
        recoup_model_add_error(text, se[1]);
    }
    recoup_text_add(text, "]");
}

static void add_error_map(recoup_text *text, const recoup_names *names, const double *se,
                          const char *key, const char **comma) {
    if (!se)
        return;
    recoup_text_add(text, "%s%s: {", *comma, key);
    for (int i = 0; i < names->n; i++) {
        recoup_text_add(text, i ? ", " : "");
        recoup_yaml_add_scalar(text, names->name[i]);
        recoup_text_add(text, ": ");
        recoup_model_add_error(text, se[i]);
    }
    recoup_text_add(text, "}");
    *comma = ", ";
}

static void add_fit(recoup_text *text, const recoup_model *model, const recoup_exit *exit,
                    bool flow, int *n) {
    const recoup_exit_fit *fit = &exit->fit;
    if (fit->n_events > 0)
        add_number(text, flow, n, "events", fit->n_events);
    if (!isnan(fit->gof_distance)) {
        begin(text, flow, n, "fit");
        recoup_text_add(text, "{distance: ");
        recoup_model_add_error(text, fit->gof_distance);
        recoup_text_add(text, ", days: ");
        recoup_model_add_error(text, fit->gof_days);
        recoup_text_add(text, ", bound: ");
        recoup_model_add_error(text, fit->gof_bound);
        recoup_text_add(text, "}");
    }
    if (isnan(fit->logit_se) && isnan(fit->mu_se) && isnan(fit->shape_se[0]) &&
        isnan(fit->log_median_se) && !exit->cohort_logit_se && !exit->cohort_mu_se)
        return;
    begin(text, flow, n, "se");
    recoup_text_add(text, "{");
    const char *comma = "";
    if (!isnan(fit->logit_se)) {
        recoup_text_add(text, "logit: ");
        recoup_model_add_error(text, fit->logit_se);
        comma = ", ";
    }
    if (!isnan(fit->mu_se)) {
        recoup_text_add(text, "%slog_scale: ", comma);
        recoup_model_add_error(text, fit->mu_se);
        comma = ", ";
    }
    if (!isnan(fit->shape_se[0])) {
        add_shape_errors(text, fit->shape_se, comma);
        comma = ", ";
    }
    if (!isnan(fit->log_median_se)) {
        recoup_text_add(text, "%slog_median: ", comma);
        recoup_model_add_error(text, fit->log_median_se);
        comma = ", ";
    }
    if (!flow && (exit->cohort_logit_se || exit->cohort_mu_se) && *comma)
        comma = ",\n           ";
    add_error_map(text, &model->cohorts, exit->cohort_logit_se, "cohort_logit", &comma);
    add_error_map(text, &model->cohorts, exit->cohort_mu_se, "cohort_log_dwell", &comma);
    recoup_text_add(text, "}");
}

static void add_items(recoup_text *text, const recoup_model *model, const recoup_exit *exit,
                      bool flow) {
    int n = 0;
    add_target(text, model, exit, flow, &n);
    if (exit->target != RECOUP_EXIT_LOST)
        add_number(text, flow, &n, "logit", exit->logit);
    for (int m = 0; m < N_MAPS; m++) {
        const double *values = map_values(exit, &maps[m]);
        if (!values || shared_map(model, exit->name, &maps[m]))
            continue;
        begin(text, flow, &n, maps[m].key);
        recoup_model_add_map(text, map_names(model, &maps[m]), values);
    }
    if (exit->size_logit != 0)
        add_number(text, flow, &n, "size_logit", exit->size_logit);
    if (exit->discount_logit != 0)
        add_number(text, flow, &n, "discount_logit", exit->discount_logit);
    begin(text, flow, &n, "dwell");
    recoup_dist_add(text, &exit->dwell);
    add_fit(text, model, exit, flow, &n);
}

/* On one line where it fits. */
static void add_exit(recoup_text *text, const recoup_model *model, const recoup_exit *exit) {
    recoup_text flow = {0};
    recoup_text_add(&flow, "    ");
    recoup_yaml_add_scalar(&flow, exit->name);
    recoup_text_add(&flow, ": {");
    add_items(&flow, model, exit, true);
    recoup_text_add(&flow, "}");
    if (flow.failed) {
        text->failed = true;
    } else if (flow.length <= LINE_MAX_LENGTH) {
        recoup_text_add_bytes(text, flow.bytes, flow.length);
    } else {
        recoup_text_add(text, "    ");
        recoup_yaml_add_scalar(text, exit->name);
        recoup_text_add(text, ":");
        add_items(text, model, exit, false);
    }
    recoup_text_add(text, "\n");
    recoup_text_clear(&flow);
}

void recoup_model_add_exits(recoup_text *text, const recoup_model *model) {
    add_defaults(text, model);
    recoup_text_add(text, "\n# 'lost' is the reference: its logit is 0. Dwell times in days.\n");
    recoup_text_add(text, "exits:\n");
    for (int s = 0; s < model->n_stages; s++) {
        recoup_text_add(text, "  ");
        recoup_yaml_add_scalar(text, model->stage[s].name);
        recoup_text_add(text, ":\n");
        for (int e = 0; e < model->stage[s].n_exits; e++)
            add_exit(text, model, &model->stage[s].exit[e]);
    }
}
