#include "batch/share.h"

#include "model/model.h"
#include "scenario/scenario.h"
#include "scenario/writer.h"
#include <recoup/fit.h>
#include <stdlib.h>
#include <string.h>

/* --- keys ------------------------------------------------------------------------------------- */

/* A path as it is on disk, so that two ways to one file are one key. */
static void add_path(recoup_text *key, const char *what, const char *path) {
    char *whole = path ? realpath(path, NULL) : NULL;
    recoup_text_add(key, "%s %s\n", what, whole ? whole : path ? path : "-");
    free(whole);
}

/* The mappings as they are written; where their files are is added apart. */
static void add_mappings(recoup_text *key, const recoup_scenario *scenario) {
    recoup_writer writer = {.zone_days = scenario->zone_days};
    for (int kind = 0; kind < RECOUP_N_TABLES; kind++)
        if (scenario->table[kind].mapping) {
            recoup_data_format(scenario->table, &writer);
            break;
        }
    if (writer.text.failed)
        key->failed = true;
    else if (writer.text.length)
        recoup_text_add(key, "%s", writer.text.bytes);
    recoup_text_clear(&writer.text);
}

static void add_dataset_key(recoup_text *key, const recoup_scenario *scenario) {
    recoup_dataset_source source;
    recoup_scenario_source(scenario, &source);
    add_path(key, "deals", source.deals);
    add_path(key, "stage_history", source.stage_history);
    add_path(key, "reps", source.reps);
    add_path(key, "activities", source.activities);
    for (int kind = 0; kind < RECOUP_N_TABLES; kind++)
        for (int i = 0; source.mapping[kind] && i < source.mapping[kind]->n_joins; i++)
            add_path(key, "join", source.mapping[kind]->join[i].file);
    add_mappings(key, scenario);
    recoup_text_add(key, "zone %a\n", source.zone_days);
    for (int i = 0; i < source.n_stages; i++)
        recoup_text_add(key, "stage %s\n", source.stages[i]);
    for (int i = 0; i < source.n_labels; i++)
        recoup_text_add(key, "label %s\nmeaning %s\n", source.label[i], source.meaning[i]);
    if (source.n_stages == 0) /* then they are the model's, if one is named */
        add_path(key, "stages of", recoup_scenario_model_path(scenario));
}

static void add_view_key(recoup_text *key, const recoup_scenario *scenario) {
    recoup_view_options options;
    recoup_scenario_view_options(scenario, &options);
    add_dataset_key(key, scenario);
    recoup_text_add(key, "as_of %a\nperiod %a\ncohorts %d %a %a %a\n", options.as_of,
                    options.period_start, (int)options.cohorts, options.top_share,
                    options.bottom_share, options.ramp_days);
}

static void add_model_key(recoup_text *key, const recoup_scenario *scenario) {
    const char *currency = recoup_scenario_currency(scenario);
    if (recoup_scenario_model_path(scenario)) {
        add_path(key, "model", recoup_scenario_model_path(scenario));
        return;
    }
    recoup_text_add(key, "fit in %s\n", currency ? currency : "-");
    add_view_key(key, scenario);
}

/* All that win tables depend on: the scenario without what only says how far to simulate, or what
 * to hold bookings against. Its name and paths stay: the text of the whole is easy to be sure of.
 */
static recoup_status add_tables_key(recoup_text *key, const recoup_scenario *scenario,
                                    recoup_error *error) {
    recoup_scenario masked = *scenario;
    char *text = NULL;
    masked.quota = 1;
    masked.quota_from_reps = false;
    masked.simulation.paths = 1;
    masked.simulation.precision = 0;
    masked.simulation.keep_paths = false;
    recoup_status status = recoup_scenario_format(&masked, &text, error);
    if (status == RECOUP_OK)
        recoup_text_add(key, "%s", text);
    free(text);
    add_view_key(key, scenario);
    add_model_key(key, scenario);
    return status;
}

/* --- pools ------------------------------------------------------------------------------------ */

/* Place of the key, added when new; -1: out of memory. */
static int find_entry(recoup_batch_pool *pool, recoup_text *key) {
    int n = pool->keys.n;
    int index = key->failed || !RECOUP_GROW(pool->entry, n, pool->capacity)
                    ? -1
                    : recoup_names_add(&pool->keys, key->bytes);
    if (index == n)
        pool->entry[index] = (recoup_batch_shared){0};
    recoup_text_clear(key);
    return index;
}

static void free_dataset(void *object) {
    recoup_dataset_free(object);
}

static void free_view(void *object) {
    recoup_view_free(object);
}

static void free_model(void *object) {
    recoup_batch_model *model = object;
    if (!model)
        return;
    recoup_model_free(model->model);
    free(model->text);
    free(model);
}

static void drop(recoup_batch_shared *entry, void (*free_object)(void *)) {
    free_object(entry->object);
    entry->object = NULL;
}

static void let_go(recoup_batch_shared *entry, void (*free_object)(void *)) {
    if (--entry->users == 0)
        drop(entry, free_object);
}

static void clear_pool(recoup_batch_pool *pool, void (*free_object)(void *)) {
    for (int i = 0; i < pool->keys.n; i++) {
        drop(&pool->entry[i], free_object);
        recoup_error_clear(&pool->entry[i].problems);
    }
    free(pool->entry);
    recoup_names_clear(&pool->keys);
}

recoup_status recoup_batch_share_claim(recoup_batch_share *share, const recoup_scenario *scenario,
                                       recoup_batch_parts *parts, recoup_error *error) {
    recoup_text dataset = {0}, view = {0}, model = {0}, tables = {0};
    add_dataset_key(&dataset, scenario);
    add_view_key(&view, scenario);
    add_model_key(&model, scenario);
    *parts = (recoup_batch_parts){find_entry(&share->datasets, &dataset),
                                  find_entry(&share->views, &view),
                                  find_entry(&share->models, &model), -1};
    recoup_status status = add_tables_key(&tables, scenario, error);
    if (status == RECOUP_OK && !tables.failed)
        parts->tables = recoup_names_add(&share->tables, tables.bytes);
    recoup_text_clear(&tables);
    if (parts->dataset < 0 || parts->view < 0 || parts->model < 0 || parts->tables < 0)
        return recoup_fail_memory(error);
    if (share->views.entry[parts->view].users++ == 0)
        share->datasets.entry[parts->dataset].users++; /* only views are made from it */
    share->models.entry[parts->model].users++;
    return RECOUP_OK;
}

recoup_shelf *recoup_batch_share_shelf(recoup_batch_share *share, const recoup_batch_parts *parts) {
    if (share->shelf && share->shelved != parts->tables) {
        recoup_shelf_free(share->shelf);
        share->shelf = NULL;
    }
    if (!share->shelf)
        share->shelf = recoup_shelf_create();
    share->shelved = parts->tables;
    return share->shelf;
}

void recoup_batch_share_release(recoup_batch_share *share, const recoup_batch_parts *parts) {
    let_go(&share->views.entry[parts->view], free_view);
    let_go(&share->models.entry[parts->model], free_model);
}

void recoup_batch_share_clear(recoup_batch_share *share) {
    clear_pool(&share->datasets, free_dataset);
    clear_pool(&share->views, free_view);
    clear_pool(&share->models, free_model);
    recoup_names_clear(&share->tables);
    recoup_shelf_free(share->shelf);
    *share = (recoup_batch_share){0};
}

/* --- making them ------------------------------------------------------------------------------ */

/* Hands the outcome to a user: in full to the first, as a reference to it to the others. */
static recoup_status hand_out(recoup_batch_shared *entry, const char *what, const char *name,
                              recoup_error *error) {
    if (!entry->first) {
        entry->first = name;
        recoup_error_merge(error, &entry->problems);
    } else if (entry->status != RECOUP_OK && strcmp(entry->first, name) != 0) {
        recoup_fail(error, entry->status, NULL, "%s: the same problems as in %s", what,
                    entry->first);
    }
    return entry->status;
}

static recoup_status wrap_model(recoup_model *model, recoup_batch_shared *entry) {
    recoup_batch_model *made = RECOUP_NEW(recoup_batch_model, 1);
    if (!made) {
        recoup_model_free(model);
        return recoup_fail_memory(&entry->problems);
    }
    made->model = model;
    entry->object = made;
    recoup_status status = recoup_model_format(model, &made->text, &entry->problems);
    if (status == RECOUP_OK)
        status = recoup_model_digest(model, &made->digest, &entry->problems);
    return status;
}

static void end_model(recoup_batch_shared *entry, recoup_status status, recoup_model *model) {
    entry->was_made = true;
    entry->status = status == RECOUP_OK ? wrap_model(model, entry) : status;
    if (entry->status != RECOUP_OK)
        drop(entry, free_model);
}

recoup_status recoup_batch_share_load(recoup_batch_share *share, const recoup_scenario *scenario,
                                      const char *name, const recoup_batch_parts *parts,
                                      const recoup_batch_model **model, recoup_error *error) {
    recoup_batch_shared *entry = &share->models.entry[parts->model];
    const char *path = recoup_scenario_model_path(scenario);
    *model = NULL;
    if (!path)
        return RECOUP_OK;
    if (!entry->was_made) {
        recoup_model *loaded = NULL;
        recoup_status status = recoup_model_load(path, &loaded, &entry->problems);
        end_model(entry, status, loaded);
    }
    *model = entry->object;
    return hand_out(entry, "its model", name, error);
}

static void read_tables(recoup_batch_share *share, const recoup_scenario *scenario,
                        const recoup_model *model, recoup_batch_shared *entry) {
    recoup_dataset_source source;
    recoup_dataset *dataset = NULL;
    const char **names = NULL;
    recoup_scenario_source(scenario, &source);
    entry->was_made = true;
    if (model && source.n_stages == 0) {
        source.stages = names = recoup_model_stage_names(model, &source.n_stages);
        if (!names) {
            entry->status = recoup_fail_memory(&entry->problems);
            return;
        }
    }
    entry->status = recoup_dataset_load(&source, &dataset, &entry->problems);
    entry->object = dataset;
    share->n_tables_read++;
    free(names);
}

recoup_status recoup_batch_share_view(recoup_batch_share *share, const recoup_scenario *scenario,
                                      const char *name, const recoup_batch_parts *parts,
                                      const recoup_view **view, recoup_error *error) {
    recoup_batch_shared *tables = &share->datasets.entry[parts->dataset];
    recoup_batch_shared *entry = &share->views.entry[parts->view];
    const recoup_batch_model *model = share->models.entry[parts->model].object;
    *view = NULL;
    if (!tables->was_made)
        read_tables(share, scenario, model ? model->model : NULL, tables);
    recoup_status status = hand_out(tables, "its tables", name, error);
    if (!entry->was_made) {
        entry->was_made = true;
        entry->status = status;
        recoup_view_options options;
        recoup_view *made = NULL;
        recoup_scenario_view_options(scenario, &options);
        if (status == RECOUP_OK)
            entry->status = recoup_view_create(tables->object, &options, &made, &entry->problems);
        entry->object = made;
        let_go(tables, free_dataset);
    }
    *view = entry->object;
    return status == RECOUP_OK ? hand_out(entry, "its tables", name, error) : status;
}

bool recoup_batch_share_is_fitted(const recoup_batch_share *share,
                                  const recoup_batch_parts *parts) {
    return share->models.entry[parts->model].was_made;
}

recoup_status recoup_batch_share_fit(recoup_batch_share *share, const recoup_scenario *scenario,
                                     const char *name, const recoup_batch_parts *parts,
                                     const recoup_batch_model **model, recoup_error *error) {
    recoup_batch_shared *entry = &share->models.entry[parts->model];
    if (!entry->was_made) {
        recoup_fit_options options = {.currency = recoup_scenario_currency(scenario),
                                      .threads = share->threads};
        recoup_model *fitted = NULL;
        recoup_status status =
            recoup_fit(share->views.entry[parts->view].object, &options, &fitted, &entry->problems);
        share->n_fits++;
        end_model(entry, status, fitted);
    }
    *model = entry->object;
    return hand_out(entry, "the fit of its model", name, error);
}
