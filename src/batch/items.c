/* Arguments -> files -> combinations, each with its name. */
#include "batch/items.h"

#include "config/config.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static recoup_status fail_path(recoup_error *error, const char *path, const char *what) {
    recoup_place place = {.file = path};
    return recoup_fail(error, RECOUP_EINVALID, &place, "%s", what);
}

/* --- files ------------------------------------------------------------------------------------ */

typedef struct path_list {
    const char **path;
    int n;
    size_t capacity;
} path_list;

static recoup_status add_path(recoup_batch_items *items, path_list *list, const char *path,
                              recoup_error *error) {
    const char *copy = recoup_arena_text(&items->arena, path, strlen(path));
    if (!copy || !RECOUP_GROW(list->path, list->n, list->capacity))
        return recoup_fail_memory(error);
    list->path[list->n++] = copy;
    return RECOUP_OK;
}

/* Models and other YAML files lie beside scenarios; one that cannot be read may be a scenario. */
static bool is_scenario(const char *path) {
    recoup_document *document = NULL;
    recoup_error ignored = RECOUP_ERROR_INIT;
    bool is_one = true;
    if (recoup_document_load(path, &document, &ignored) == RECOUP_OK) {
        const recoup_node *format = recoup_node_find(document->root, "recoup");
        is_one = format && format->kind == RECOUP_NODE_SCALAR &&
                 strncmp(format->text, "scenario/", strlen("scenario/")) == 0;
    }
    recoup_error_clear(&ignored);
    recoup_document_free(document);
    return is_one;
}

static int is_yaml(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static recoup_status add_folder(recoup_batch_items *items, path_list *list, const char *folder,
                                recoup_error *error) {
    struct dirent **entry = NULL;
    recoup_status status = RECOUP_OK;
    int n = scandir(folder, &entry, is_yaml, by_name), before = list->n;
    if (n < 0)
        return fail_path(error, folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        recoup_text path = {0};
        recoup_text_add(&path, "%s/%s", folder, entry[i]->d_name);
        if (path.failed)
            status = recoup_fail_memory(error);
        else if (status == RECOUP_OK && is_scenario(path.bytes))
            status = add_path(items, list, path.bytes, error);
        recoup_text_clear(&path);
        free(entry[i]);
    }
    free(entry);
    if (status == RECOUP_OK && list->n == before)
        status = fail_path(error, folder,
                           "no file *.yaml in this folder is a scenario (recoup: scenario/1)");
    return status;
}

static recoup_status find_files(recoup_batch_items *items, path_list *list, const char *const *path,
                                int n_paths, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    struct stat info;
    for (int i = 0; i < n_paths && status != RECOUP_ENOMEM; i++) {
        bool is_folder = stat(path[i], &info) == 0 && S_ISDIR(info.st_mode);
        recoup_status one = is_folder ? add_folder(items, list, path[i], error)
                                      : add_path(items, list, path[i], error);
        status = status == RECOUP_OK || one == RECOUP_ENOMEM ? one : status;
    }
    return status;
}

/* --- names ------------------------------------------------------------------------------------ */

/* The name of the file without ending, or that with the name of its folder before it. */
static void add_stem(recoup_text *stem, const char *path, bool with_folder) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.'), *folder = path;
    char *part = NULL;
    if (slash && with_folder) {
        for (const char *p = path; p < slash; p++)
            if (*p == '/')
                folder = p + 1;
        part = strndup(folder, (size_t)(slash - folder));
        recoup_batch_name_add(stem, part ? part : "");
        recoup_text_add(stem, "-");
        stem->failed |= !part;
        free(part);
    }
    part = strndup(base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
    recoup_batch_name_add(stem, part ? part : "");
    stem->failed |= !part;
    free(part);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static recoup_status set_stems(recoup_batch_items *items, recoup_error *error) {
    for (int i = 0; i < items->n_files; i++) {
        bool is_shared = false;
        recoup_text stem = {0};
        for (int k = 0; k < items->n_files; k++)
            is_shared |= k != i && strcmp(base_name(items->file[i].path),
                                          base_name(items->file[k].path)) == 0;
        add_stem(&stem, items->file[i].path, is_shared);
        items->file[i].stem =
            stem.failed
                ? NULL
                : recoup_arena_text(&items->arena, stem.bytes ? stem.bytes : "", stem.length);
        recoup_text_clear(&stem);
        if (!items->file[i].stem)
            return recoup_fail_memory(error);
    }
    return RECOUP_OK;
}

/* The last part of a path, which starts after a dot without a backslash. */
static const char *last_part(const char *path) {
    const char *last = path;
    for (const char *p = path; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '.')
            last = p + 1;
    }
    return last;
}

static const char *label_of(const recoup_sweep *sweep, int axis) {
    const char *last = last_part(sweep->axis[axis].path);
    for (int i = 0; i < sweep->n_axes; i++)
        if (i != axis && strcmp(last_part(sweep->axis[i].path), last) == 0)
            return sweep->axis[axis].path;
    return last;
}

/* STEM-key=value-key=value */
static const char *make_name(recoup_batch_items *items, const recoup_batch_file *file, int k) {
    recoup_text name = {0};
    recoup_text_add(&name, "%s", file->stem);
    for (int i = 0; file->status == RECOUP_OK && i < file->sweep.n_axes; i++) {
        const recoup_sweep_axis *axis = &file->sweep.axis[i];
        recoup_text_add(&name, "-");
        recoup_batch_name_add(&name, label_of(&file->sweep, i));
        recoup_text_add(&name, "=");
        recoup_batch_name_add(&name, axis->text[recoup_sweep_place(&file->sweep, k, i)]);
    }
    const char *made = name.failed ? NULL : recoup_batch_name_take(items, &name);
    recoup_text_clear(&name);
    return made;
}

/* --- combinations ----------------------------------------------------------------------------- */

/* The paths of all keys that are swept, in order of first appearance. */
static recoup_status set_keys(recoup_batch_items *items, recoup_error *error) {
    recoup_names keys = {0};
    recoup_batch *batch = &items->batch;
    bool enough = true;
    for (int f = 0; f < items->n_files; f++)
        for (int i = 0; i < items->file[f].sweep.n_axes; i++)
            enough &= recoup_names_add(&keys, items->file[f].sweep.axis[i].path) >= 0;
    batch->n_keys = keys.n;
    batch->key = recoup_arena_alloc(&items->arena, (size_t)keys.n, sizeof *batch->key);
    for (int i = 0; enough && batch->key && i < keys.n; i++)
        enough = (batch->key[i] =
                      recoup_arena_text(&items->arena, keys.name[i], strlen(keys.name[i]))) != NULL;
    enough &= batch->key != NULL;
    recoup_names_clear(&keys);
    return enough ? RECOUP_OK : recoup_fail_memory(error);
}

/* False: out of memory. */
static bool set_scenario(recoup_batch_items *items, const char *folder, int f, int k) {
    const recoup_batch_file *file = &items->file[f];
    recoup_batch *batch = &items->batch;
    recoup_batch_scenario *scenario = &batch->scenario[file->first + k];
    const char **value = recoup_arena_alloc(&items->arena, (size_t)batch->n_keys, sizeof *value);
    recoup_text path = {0};
    *scenario = (recoup_batch_scenario){.name = make_name(items, file, k),
                                        .file = file->path,
                                        .value = value,
                                        .is_first = k == 0,
                                        .quota = 0};
    if (!scenario->name || !value)
        return false;
    for (int i = 0; i < file->sweep.n_axes && file->status == RECOUP_OK; i++)
        for (int key = 0; key < batch->n_keys; key++)
            if (strcmp(batch->key[key], file->sweep.axis[i].path) == 0)
                value[key] = file->sweep.axis[i].text[recoup_sweep_place(&file->sweep, k, i)];
    recoup_text_add(&path, "%s/%s.h5", folder, scenario->name);
    if (!path.failed)
        scenario->results = recoup_arena_text(&items->arena, path.bytes, path.length);
    recoup_text_clear(&path);
    items->file_of[file->first + k] = f;
    return scenario->results != NULL;
}

static int n_combinations(const recoup_batch_file *file) {
    return file->status == RECOUP_OK ? file->sweep.n : 1;
}

static recoup_status set_scenarios(recoup_batch_items *items, const char *folder,
                                   recoup_error *error) {
    recoup_batch *batch = &items->batch;
    recoup_text reserved = {0};
    int n = 0;
    for (int f = 0; f < items->n_files; f++) {
        items->file[f].first = n;
        n += n_combinations(&items->file[f]);
    }
    batch->scenario = recoup_arena_alloc(&items->arena, (size_t)n, sizeof *batch->scenario);
    items->file_of = recoup_arena_alloc(&items->arena, (size_t)n, sizeof *items->file_of);
    recoup_text_add(&reserved, "summary"); /* summary.h5 is the batch's own */
    bool enough = batch->scenario && items->file_of && !reserved.failed &&
                  recoup_batch_name_take(items, &reserved) != NULL;
    recoup_text_clear(&reserved);
    for (int f = 0; f < items->n_files && enough; f++)
        for (int k = 0; k < n_combinations(&items->file[f]) && enough; k++)
            enough = set_scenario(items, folder, f, k);
    batch->n_scenarios = enough ? n : 0;
    return enough ? RECOUP_OK : recoup_fail_memory(error);
}

recoup_status recoup_batch_items_find(recoup_batch_items *items, const char *const *path,
                                      int n_paths, const recoup_batch_options *options,
                                      recoup_error *error) {
    path_list list = {0};
    *items = (recoup_batch_items){0};
    recoup_status status =
        recoup_sweep_options_read(options->sweep, options->n_sweeps, &items->options, error);
    if (status == RECOUP_OK)
        status = find_files(items, &list, path, n_paths, error);
    if (status != RECOUP_OK)
        goto exit;
    items->file = recoup_arena_alloc(&items->arena, (size_t)list.n, sizeof *items->file);
    if (!items->file) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    for (; list.path && items->n_files < list.n && status != RECOUP_ENOMEM; items->n_files++) {
        recoup_batch_file *file = &items->file[items->n_files];
        *file = (recoup_batch_file){.path = list.path[items->n_files]};
        status = file->status =
            recoup_sweep_load(file->path, &items->options, &file->sweep, &file->problems);
    }
    status = status == RECOUP_ENOMEM ? recoup_fail_memory(error) : set_stems(items, error);
    if (status == RECOUP_OK)
        status = set_keys(items, error);
    if (status == RECOUP_OK)
        status = set_scenarios(items, options->folder, error);
exit:
    free(list.path);
    return status;
}

void recoup_batch_items_clear(recoup_batch_items *items) {
    for (int i = 0; i < items->batch.n_scenarios; i++)
        recoup_error_clear(&items->batch.scenario[i].problems);
    for (int f = 0; f < items->n_files; f++) {
        recoup_sweep_clear(&items->file[f].sweep);
        recoup_error_clear(&items->file[f].problems);
    }
    recoup_sweep_options_clear(&items->options);
    recoup_names_clear(&items->taken);
    recoup_arena_clear(&items->arena);
    *items = (recoup_batch_items){0};
}
