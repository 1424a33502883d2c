/* The winner as a plan of a scenario. */
#include "decide/optimize.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "scenario/keys.h"
#include "scenario/writer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_taken(const recoup_scenario *scenario, const char *name) {
    for (int p = 0; p < scenario->n_plans; p++)
        if (strcmp(scenario->plan[p].name, name) == 0)
            return true;
    return false;
}

enum { NAME_SIZE = 32 };

static recoup_plan make_plan(const recoup_optimum *optimum, const recoup_scenario *scenario,
                             char name[NAME_SIZE]) {
    snprintf(name, NAME_SIZE, "optimized");
    for (int n = 2; is_taken(scenario, name); n++)
        snprintf(name, NAME_SIZE, "optimized %d", n);
    return (recoup_plan){.name = name,
                         .lever = optimum->memory->lever,
                         .n_levers = optimum->memory->n_levers,
                         .cost = optimum->winner.cost,
                         .hours = optimum->winner.hours,
                         .start = NAN,
                         .review = NAN};
}

recoup_status recoup_optimum_format(const recoup_optimum *optimum, const recoup_scenario *scenario,
                                    char **text, recoup_error *error) {
    char name[NAME_SIZE];
    recoup_writer writer = {.zone_days = scenario->zone_days};
    recoup_plan plan = make_plan(optimum, scenario, name);
    recoup_plan_format(scenario, &plan, &writer);
    if (writer.text.failed) {
        recoup_text_clear(&writer.text);
        return recoup_fail_memory(error);
    }
    *text = writer.text.bytes;
    return RECOUP_OK;
}

/* A file's absolute path, in the arena; NULL stays NULL. A path that leads nowhere (any more)
 * fails.
 */
static recoup_status resolve(recoup_arena *arena, const char *path, const char **absolute,
                             recoup_error *error) {
    if (!path)
        return RECOUP_OK;
    char *real = realpath(path, NULL);
    if (!real)
        return recoup_fail(error, RECOUP_EIO, NULL, "%s: its absolute path cannot be found", path);
    *absolute = recoup_arena_text(arena, real, strlen(real));
    free(real);
    return *absolute ? RECOUP_OK : recoup_fail_memory(error);
}

/* A copy of the joins with absolute paths. */
static recoup_status resolve_joins(recoup_arena *arena, const recoup_mapping *mapping,
                                   recoup_list *list, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_join_keys *join = recoup_arena_alloc(arena, (size_t)list->n, sizeof *join);
    if (!join)
        return recoup_fail_memory(error);
    if (list->n)
        memcpy(join, list->items, (size_t)list->n * sizeof *join);
    for (int i = 0; i < list->n && status == RECOUP_OK; i++)
        status = resolve(arena, mapping->join[i].file, &join[i].file, error);
    list->items = join;
    return status;
}

static recoup_status resolve_paths(recoup_scenario *scenario, recoup_arena *arena,
                                   recoup_scenario_keys *keys, recoup_error *error) {
    recoup_status status = resolve(arena, scenario->model_path, &keys->model, error);
    for (int kind = 0; kind < RECOUP_N_TABLES && status == RECOUP_OK; kind++) {
        recoup_data_table *table = &scenario->table[kind];
        status = resolve(arena, table->path, &table->keys.file, error);
        if (status == RECOUP_OK && table->mapping)
            status = resolve_joins(arena, table->mapping, &table->keys.join, error);
    }
    return status;
}

/* Whether two files are, or would be, in the same folder. */
static recoup_status compare_folders(const char *path, const char *other, bool *same,
                                     recoup_error *error) {
    char *folder[2] = {recoup_path_beside(path, "."), recoup_path_beside(other, ".")};
    char *real[2] = {folder[0] ? realpath(folder[0], NULL) : NULL,
                     folder[1] ? realpath(folder[1], NULL) : NULL};
    recoup_status status = folder[0] && folder[1] ? RECOUP_OK : recoup_fail_memory(error);
    *same = real[0] && real[1] && strcmp(real[0], real[1]) == 0;
    if (status == RECOUP_OK && !(real[0] && real[1]))
        status = recoup_fail(error, RECOUP_EIO, NULL, "%s: its folder cannot be found", path);
    for (int i = 0; i < 2; i++) {
        free(folder[i]);
        free(real[i]);
    }
    return status;
}

recoup_status recoup_optimum_save(const recoup_optimum *optimum, const recoup_scenario *scenario,
                                  const char *path, recoup_error *error) {
    char name[NAME_SIZE], *text = NULL;
    recoup_arena arena = {NULL};
    recoup_scenario longer = *scenario;
    recoup_scenario_keys keys = *scenario->keys;
    size_t n = (size_t)scenario->n_plans;
    bool stays = true;
    recoup_status status = compare_folders(path, scenario->document->file, &stays, error);
    longer.keys = &keys;
    longer.plan = recoup_arena_alloc(&arena, n + 1, sizeof *longer.plan);
    if (status == RECOUP_OK && !longer.plan)
        status = recoup_fail_memory(error);
    if (status != RECOUP_OK)
        goto exit;
    memcpy(longer.plan, scenario->plan, n * sizeof *longer.plan);
    longer.plan[longer.n_plans++] = make_plan(optimum, scenario, name);
    if (!stays)
        status = resolve_paths(&longer, &arena, &keys, error);
    if (status == RECOUP_OK)
        status = recoup_scenario_format(&longer, &text, error);
    if (status == RECOUP_OK)
        status = recoup_file_write(path, text, strlen(text), error);
exit:
    free(text);
    recoup_arena_clear(&arena);
    return status;
}
