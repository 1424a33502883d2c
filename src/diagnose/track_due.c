/* Actions and reviews of the plans that are due. */
#include "diagnose/track.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WEEK_DAYS = 7, NEXT_WEEKS = 4 };

/* Dates of plans are whole days of the scenario's timezone but are kept in UTC: the nearest whole
 * day is the one that was written, in all zones within 12 hours of UTC. */
static double whole_day(double days) {
    return rint(days);
}

static const char *state_of(double due, double as_of) {
    double today = floor(as_of);
    return due < today                            ? "overdue"
           : due < today + WEEK_DAYS              ? "this week"
           : due < today + WEEK_DAYS * NEXT_WEEKS ? "next"
                                                  : "later";
}

static bool add_due(recoup_track *track, double due, const recoup_track_due_row *about) {
    recoup_track_due_row *row = recoup_track_add(track, RECOUP_TRACK_DUE);
    if (!row)
        return false;
    *row = *about;
    row->due = whole_day(due);
    row->state = state_of(row->due, track->point[track->n_points - 1].as_of);
    return true;
}

static int compare_due(const void *left, const void *right) {
    const recoup_track_due_row *a = left, *b = right;
    if (a->due != b->due)
        return a->due < b->due ? -1 : 1;
    int order = strcmp(a->plan, b->plan);
    if (order == 0)
        order = strcmp(a->kind, b->kind);
    return order != 0 ? order : strcmp(a->what, b->what);
}

bool recoup_track_add_due(recoup_track *track) {
    const recoup_results *results = track->point[track->n_points - 1].results;
    int n_actions, n_documents;
    const recoup_action_row *action =
        recoup_results_records(results, RECOUP_RECORD_ACTION, &n_actions);
    const recoup_document_row *document =
        recoup_results_records(results, RECOUP_RECORD_DOCUMENT, &n_documents);
    bool added = true;
    for (int i = 0; i < n_actions && added; i++) {
        const recoup_track_due_row about = {.plan = action[i].plan,
                                            .kind = "action",
                                            .what = action[i].what,
                                            .owner = action[i].owner,
                                            .measure = action[i].measure};
        added = isnan(action[i].due) || add_due(track, action[i].due, &about);
    }
    for (int i = 0; i < n_documents && added; i++) {
        const recoup_track_due_row about = {.plan = document[i].plan,
                                            .kind = "review",
                                            .what = "review of the plan",
                                            .owner = document[i].owner,
                                            .measure = ""};
        added = isnan(document[i].review) || add_due(track, document[i].review, &about);
    }
    recoup_track_list *list = &track->list[RECOUP_TRACK_DUE];
    if (added && list->n > 1)
        qsort(list->row, (size_t)list->n, sizeof(recoup_track_due_row), compare_due);
    return added;
}
