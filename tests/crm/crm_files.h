/* Tables in a temporary folder, for the tests of this folder. */
#ifndef RECOUP_TESTS_CRM_FILES_H
#define RECOUP_TESTS_CRM_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/text.h"
#include "crm/view.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct crm_files {
    char folder[32];
    char deals[64], history[64], reps[64], activities[64];
    recoup_dataset_source source;
} crm_files;

static inline void crm_write(const char *path, const char *text) {
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
    assert_int_equal(fclose(stream), 0);
}

static inline const char *crm_add(char *path, const char *folder, const char *name,
                                  const char *text) {
    if (!text)
        return NULL;
    snprintf(path, 64, "%s/%s", folder, name);
    crm_write(path, text);
    return path;
}

/* Writes the tables that are not NULL and points the source at them. */
static inline void crm_open(crm_files *files, const char *deals, const char *history,
                            const char *reps, const char *activities) {
    memset(files, 0, sizeof *files);
    strcpy(files->folder, "/tmp/recoup_crm_XXXXXX");
    assert_non_null(mkdtemp(files->folder));
    files->source.deals = crm_add(files->deals, files->folder, "deals.csv", deals);
    files->source.stage_history =
        crm_add(files->history, files->folder, "stage_history.csv", history);
    files->source.reps = crm_add(files->reps, files->folder, "reps.csv", reps);
    files->source.activities =
        crm_add(files->activities, files->folder, "activities.csv", activities);
}

static inline void crm_close(crm_files *files) {
    const char *const paths[] = {files->deals, files->history, files->reps, files->activities};
    for (int i = 0; i < 4; i++)
        if (*paths[i])
            unlink(paths[i]);
    rmdir(files->folder);
}

static inline double crm_day(const char *text) {
    double days;
    assert_true(recoup_date_parse(text, 0, &days, NULL));
    return days;
}

static inline recoup_view_options crm_options(const char *as_of) {
    return (recoup_view_options){.as_of = crm_day(as_of),
                                 .period_start = crm_day(as_of),
                                 .cohorts = RECOUP_COHORTS_COLUMN,
                                 .top_share = 0.1,
                                 .bottom_share = 0.1,
                                 .ramp_days = 90};
}

/* The view of sound tables; `error` keeps the notes. */
static inline recoup_view *crm_view(const recoup_dataset_source *source,
                                    const recoup_view_options *options, recoup_error *error) {
    recoup_dataset *dataset = NULL;
    recoup_view *view = NULL;
    recoup_status status = recoup_dataset_load(source, &dataset, error);
    if (status == RECOUP_OK)
        status = recoup_view_create(dataset, options, &view, error);
    if (status != RECOUP_OK)
        recoup_error_print(error, stderr);
    assert_int_equal(status, RECOUP_OK);
    recoup_dataset_free(dataset); /* the view outlives it */
    return view;
}

static inline int crm_find(const recoup_view *view, const char *deal_id) {
    for (int i = 0; i < view->n_deals; i++)
        if (strcmp(view->deal_id[i], deal_id) == 0)
            return i;
    return -1;
}

static inline bool crm_has_note(const recoup_error *error, const char *fragment) {
    for (size_t i = 0; i < error->n_problems; i++)
        if (error->problems[i].code == RECOUP_OK && strstr(error->problems[i].message, fragment))
            return true;
    return false;
}

static inline const char *crm_target(const recoup_view *view, int target) {
    return target >= 0                ? view->stages.name[target]
           : target == RECOUP_TO_WON  ? "won"
           : target == RECOUP_TO_LOST ? "lost"
                                      : "-";
}

/* Visits of a deal as `stage@entered+dwell>target`, days counted from 2026-01-01, `?` after an
 * entry that is not known. */
static inline char *crm_visits(const recoup_view *view, const char *deal_id) {
    recoup_text text = {0};
    int i = crm_find(view, deal_id);
    assert_true(i >= 0);
    recoup_text_add(&text, "%s", "");
    for (int k = view->visit_first[i]; k < view->visit_first[i + 1]; k++) {
        const recoup_visit *visit = &view->visit[k];
        assert_int_equal(visit->deal, i);
        recoup_text_add(&text, "%s%s@", k > view->visit_first[i] ? " " : "",
                        view->stages.name[visit->stage]);
        recoup_text_add_number(&text, visit->entered - crm_day("2026-01-01"));
        recoup_text_add(&text, "%s+", visit->entry_known ? "" : "?");
        recoup_text_add_number(&text, visit->dwell);
        recoup_text_add(&text, ">%s", crm_target(view, visit->target));
    }
    assert_false(text.failed);
    return text.bytes;
}

#endif
