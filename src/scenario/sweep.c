#include "scenario/sweep.h"

#include "config/override.h"
#include "scenario/check.h"
#include "scenario/load.h"
#include <stdlib.h>
#include <string.h>

recoup_status recoup_sweep_check(const recoup_document *document, const recoup_node *node,
                                 recoup_error *error) {
    if (node->kind != RECOUP_NODE_MAPPING)
        return recoup_node_fail(
            document, node, error,
            "'sweep' is not a mapping; expected keys with lists of values, such "
            "as 'quota: [4e6, 5e6]'");
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < node->n; i++)
        if (node->item[i]->kind != RECOUP_NODE_SEQUENCE || node->item[i]->n == 0)
            status = recoup_node_fail(document, node->item[i], error,
                                      "'%s' has no list of values; expected one such as [4e6, 5e6]",
                                      node->key[i]->text);
    return status;
}

/* --- values as text --------------------------------------------------------------------------- */

static void add_node(recoup_text *text, const recoup_node *node) {
    bool is_mapping = node->kind == RECOUP_NODE_MAPPING;
    if (node->kind == RECOUP_NODE_SCALAR) {
        recoup_text_add(text, "%s", node->text);
        return;
    }
    recoup_text_add(text, is_mapping ? "{" : "[");
    for (int i = 0; i < node->n; i++) {
        recoup_text_add(text, i ? ", " : "");
        if (is_mapping)
            recoup_text_add(text, "%s: ", node->key[i]->text);
        add_node(text, node->item[i]);
    }
    recoup_text_add(text, is_mapping ? "}" : "]");
}

static const char *format_node(recoup_arena *arena, const recoup_node *node) {
    recoup_text text = {0};
    add_node(&text, node);
    const char *bytes = text.bytes ? text.bytes : "";
    const char *copy = text.failed ? NULL : recoup_arena_text(arena, bytes, strlen(bytes));
    recoup_text_clear(&text);
    return copy;
}

/* False: out of memory. */
static bool set_axis(recoup_arena *arena, const char *path, const recoup_node *list,
                     recoup_sweep_axis *axis) {
    const char **text = recoup_arena_alloc(arena, (size_t)list->n, sizeof *text);
    for (int i = 0; text && i < list->n; i++)
        if (!(text[i] = format_node(arena, list->item[i])))
            return false;
    *axis = (recoup_sweep_axis){recoup_arena_text(arena, path, strlen(path)), list->n, list->item,
                                text};
    return text && axis->path;
}

/* --- options ---------------------------------------------------------------------------------- */

/* KEY=V1,V2,... into an axis; the document owns the values. */
static recoup_status read_option(const char *option, recoup_arena *arena, recoup_sweep_axis *axis,
                                 recoup_document **document, recoup_error *error) {
    const char *equals = strchr(option, '=');
    recoup_error problems = RECOUP_ERROR_INIT;
    recoup_text yaml = {0};
    if (!equals || equals == option || !equals[1])
        return recoup_fail(error, RECOUP_EUSAGE, NULL,
                           "--sweep %s: expected KEY=V1,V2,... such as quota=4e6,5e6", option);
    recoup_text_add(&yaml, "values: [%s]\n", equals + 1);
    recoup_status status = yaml.failed ? recoup_fail_memory(error)
                                       : recoup_document_parse("--sweep", yaml.bytes, yaml.length,
                                                               document, &problems);
    const recoup_node *list = status == RECOUP_OK ? (*document)->root->item[0] : NULL;
    char *path = strndup(option, (size_t)(equals - option));
    if (status == RECOUP_EINVALID ||
        (list && ((*document)->root->n != 1 || list->kind != RECOUP_NODE_SEQUENCE || list->n == 0)))
        status = recoup_fail(error, RECOUP_EUSAGE, NULL,
                             "--sweep %s: the values are not a list that can be read%s%s", option,
                             problems.n_problems ? ": " : "",
                             problems.n_problems ? problems.problems[0].message : "");
    else if (status == RECOUP_OK && (!path || !set_axis(arena, path, list, axis)))
        status = recoup_fail_memory(error);
    free(path);
    recoup_text_clear(&yaml);
    recoup_error_clear(&problems);
    return status;
}

recoup_status recoup_sweep_options_read(const char *const *text, int n,
                                        recoup_sweep_options *options, recoup_error *error) {
    *options = (recoup_sweep_options){0};
    options->axis = recoup_arena_alloc(&options->arena, (size_t)n, sizeof *options->axis);
    options->document = recoup_arena_alloc(&options->arena, (size_t)n, sizeof *options->document);
    recoup_status status =
        options->axis && options->document ? RECOUP_OK : recoup_fail_memory(error);
    for (int i = 0; i < n && status != RECOUP_ENOMEM; i++) {
        int k = options->n_axes++;
        status = recoup_worse(status, read_option(text[i], &options->arena, &options->axis[k],
                                                  &options->document[k], error));
        for (int j = 0; j < k && status == RECOUP_OK; j++)
            if (strcmp(options->axis[j].path, options->axis[k].path) == 0)
                status = recoup_fail(error, RECOUP_EUSAGE, NULL,
                                     "--sweep %s: this key is there twice", text[i]);
    }
    return status;
}

void recoup_sweep_options_clear(recoup_sweep_options *options) {
    for (int i = 0; i < options->n_axes; i++)
        recoup_document_free(options->document[i]);
    recoup_arena_clear(&options->arena);
    *options = (recoup_sweep_options){0};
}

/* --- a file ----------------------------------------------------------------------------------- */

static const recoup_sweep_axis *find_axis(const recoup_sweep_options *options, const char *path) {
    for (int i = 0; i < options->n_axes; i++)
        if (strcmp(options->axis[i].path, path) == 0)
            return &options->axis[i];
    return NULL;
}

static recoup_status set_axes(recoup_sweep *sweep, const recoup_node *node,
                              const recoup_sweep_options *options, recoup_error *error) {
    int n_own = node ? node->n : 0;
    sweep->axis = recoup_arena_alloc(&sweep->arena, (size_t)n_own + (size_t)options->n_axes,
                                     sizeof *sweep->axis);
    if (!sweep->axis)
        return recoup_fail_memory(error);
    for (int i = 0; i < n_own; i++)
        if (!find_axis(options, node->key[i]->text) &&
            !set_axis(&sweep->arena, node->key[i]->text, node->item[i],
                      &sweep->axis[sweep->n_axes++]))
            return recoup_fail_memory(error);
    for (int i = 0; i < options->n_axes; i++)
        sweep->axis[sweep->n_axes++] = options->axis[i];
    double n = 1;
    for (int i = 0; i < sweep->n_axes; i++)
        n *= sweep->axis[i].n;
    if (n > RECOUP_SWEEP_MAX)
        return recoup_node_fail(sweep->document, node, error,
                                "the sweep has %.0f combinations; expected at most %d", n,
                                (int)RECOUP_SWEEP_MAX);
    sweep->n = (int)n;
    return RECOUP_OK;
}

recoup_status recoup_sweep_load(const char *path, const recoup_sweep_options *options,
                                recoup_sweep *sweep, recoup_error *error) {
    *sweep = (recoup_sweep){0};
    recoup_status status = recoup_document_load(path, &sweep->document, error);
    if (status != RECOUP_OK)
        return status;
    const recoup_node *node = recoup_node_find(sweep->document->root, "sweep");
    sweep->file = recoup_arena_text(&sweep->arena, path, strlen(path));
    if (!sweep->file)
        return recoup_fail_memory(error);
    if (node)
        status = recoup_sweep_check(sweep->document, node, error);
    return status == RECOUP_OK ? set_axes(sweep, node, options, error) : status;
}

void recoup_sweep_clear(recoup_sweep *sweep) {
    recoup_document_free(sweep->document);
    recoup_arena_clear(&sweep->arena);
    *sweep = (recoup_sweep){0};
}

int recoup_sweep_place(const recoup_sweep *sweep, int k, int axis) {
    for (int i = sweep->n_axes - 1; i > axis; i--)
        k /= sweep->axis[i].n;
    return k % sweep->axis[axis].n;
}

recoup_status recoup_sweep_scenario(const recoup_sweep *sweep, int k, recoup_scenario **scenario,
                                    recoup_error *error) {
    const recoup_document *file = sweep->document;
    recoup_document *document = NULL;
    recoup_status status =
        recoup_document_parse(sweep->file, file->source, strlen(file->source), &document, error);
    if (status != RECOUP_OK)
        return status;
    recoup_document_remove(document, "sweep");
    for (int i = 0; i < sweep->n_axes && status == RECOUP_OK; i++) {
        const recoup_sweep_axis *axis = &sweep->axis[i];
        status = recoup_document_override(document, axis->path,
                                          axis->value[recoup_sweep_place(sweep, k, i)], error);
    }
    if (status == RECOUP_OK)
        return recoup_scenario_read(document, scenario, error);
    recoup_document_free(document);
    return status;
}
