/* The reps of the view and their cohorts. */
#include "crm/builder.h"
#include "crm/ranking.h"

#include <string.h>

static int add_cohort(recoup_view_builder *builder, const char *name) {
    int cohort = recoup_names_add(&builder->view->cohorts, name);
    if (cohort < 0)
        recoup_builder_fail_memory(builder);
    return cohort;
}

/* Reps: those of reps.csv, or without one those that own a deal of the view. */
static void add_reps(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    int n = dataset->n_reps;
    uint8_t *used = recoup_builder_scratch(builder, n, sizeof *used);
    builder->rep_of = recoup_builder_scratch(builder, n, sizeof *builder->rep_of);
    view->rep = recoup_builder_alloc(builder, view->n_deals, sizeof *view->rep);
    if (builder->status != RECOUP_OK)
        return;
    memset(used, dataset->has_reps, (size_t)n);
    for (int i = 0; i < view->n_deals; i++)
        if (dataset->rep[builder->deal[i]] >= 0)
            used[dataset->rep[builder->deal[i]]] = 1;
    recoup_builder_map_names(builder, &dataset->rep_ids, used, &view->rep_ids, builder->rep_of);
    view->n_reps = view->rep_ids.n;
    for (int i = 0; i < view->n_deals; i++) {
        int rep = dataset->rep[builder->deal[i]];
        view->rep[i] = rep >= 0 ? builder->rep_of[rep] : -1;
    }
}

static void copy_reps(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    int n = view->n_reps;
    uint8_t *team_used = recoup_builder_scratch(builder, dataset->teams.n, sizeof *team_used);
    int *team_of = recoup_builder_scratch(builder, dataset->teams.n, sizeof *team_of);
    view->rep_id = recoup_builder_alloc(builder, n, sizeof *view->rep_id);
    view->rep_name = recoup_builder_alloc(builder, n, sizeof *view->rep_name);
    view->rep_cohort = recoup_builder_alloc(builder, n, sizeof *view->rep_cohort);
    view->rep_team = recoup_builder_alloc(builder, n, sizeof *view->rep_team);
    view->rep_status = recoup_builder_alloc(builder, n, sizeof *view->rep_status);
    view->rep_quota = recoup_builder_alloc(builder, n, sizeof *view->rep_quota);
    view->rep_capacity = recoup_builder_alloc(builder, n, sizeof *view->rep_capacity);
    if (builder->status != RECOUP_OK)
        return;
    memset(team_used, 1, (size_t)dataset->teams.n);
    recoup_builder_map_names(builder, &dataset->teams, team_used, &view->teams, team_of);
    for (int r = 0; r < dataset->n_reps && builder->status == RECOUP_OK; r++) {
        int i = builder->rep_of[r];
        if (i < 0)
            continue;
        const char *name = dataset->rep_name[r];
        view->rep_id[i] = view->rep_ids.name[i];
        view->rep_name[i] = recoup_arena_text(&view->arena, name, strlen(name));
        if (!view->rep_name[i])
            recoup_builder_fail_memory(builder);
        view->rep_team[i] = dataset->rep_team[r] >= 0 ? team_of[dataset->rep_team[r]] : -1;
        view->rep_status[i] = dataset->rep_status[r];
        view->rep_quota[i] = dataset->rep_quota[r];
        view->rep_capacity[i] = dataset->rep_capacity[r];
    }
}

static void all_in_one(recoup_view_builder *builder) {
    int all = add_cohort(builder, "all");
    for (int i = 0; i < builder->view->n_reps; i++)
        builder->view->rep_cohort[i] = all;
}

/* The cohorts of the column, in the order of reps.csv. */
static void group_by_column(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    if (dataset->column_cohorts.n == 0) {
        all_in_one(builder);
        return;
    }
    for (int c = 0; c < dataset->column_cohorts.n; c++)
        (void)add_cohort(builder, dataset->column_cohorts.name[c]);
    for (int r = 0; r < dataset->n_reps && builder->status == RECOUP_OK; r++) {
        int cohort = dataset->rep_cohort[r];
        if (builder->rep_of[r] >= 0)
            view->rep_cohort[builder->rep_of[r]] =
                cohort >= 0 ? cohort : add_cohort(builder, "unassigned");
    }
}

static void assign_ranks(recoup_view_builder *builder, const int *ranked, int n) {
    static const char *const names[] = {"top", "middle", "bottom"};
    recoup_view *view = builder->view;
    int n_top = recoup_reps_share(builder->options->top_share, n);
    int n_bottom = recoup_reps_share(builder->options->bottom_share, n);
    if (n_bottom > n - n_top)
        n_bottom = n - n_top;
    for (int rank = 0; rank < n; rank++)
        view->rep_cohort[ranked[rank]] = rank < n_top ? 0 : rank < n - n_bottom ? 1 : 2;
    bool used[3] = {false};
    int cohort_of[3];
    for (int i = 0; i < view->n_reps; i++)
        used[view->rep_cohort[i]] = true;
    for (int k = 0; k < 3; k++)
        cohort_of[k] = used[k] ? add_cohort(builder, names[k]) : -1;
    for (int i = 0; i < view->n_reps; i++)
        view->rep_cohort[i] = cohort_of[view->rep_cohort[i]];
}

/* A vacant seat has no performance; it belongs to the middle. */
static void group_by_performance(recoup_view_builder *builder) {
    recoup_view *view = builder->view;
    int *ranked = recoup_builder_scratch(builder, view->n_reps, sizeof *ranked);
    if (builder->status != RECOUP_OK)
        return;
    int n = recoup_reps_rank(view, ranked);
    if (n < 0) {
        recoup_builder_fail_memory(builder);
        return;
    }
    if (n < RECOUP_RANKED_REPS_MIN) {
        recoup_note(builder->error, NULL,
                    "cohorts by performance need at least %d reps and there are %d: all are one "
                    "cohort",
                    RECOUP_RANKED_REPS_MIN, n);
        all_in_one(builder);
        return;
    }
    for (int i = 0; i < view->n_reps; i++)
        view->rep_cohort[i] = 1;
    assign_ranks(builder, ranked, n);
}

static void group_by_tenure(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    double ramping_since = view->as_of - builder->options->ramp_days;
    bool any_ramping = false, any_tenured = false;
    for (int r = 0; r < dataset->n_reps; r++) {
        int i = builder->rep_of[r];
        if (i < 0)
            continue;
        bool ramping = dataset->rep_status[r] == RECOUP_REP_RAMPING ||
                       dataset->rep_start[r] > ramping_since; /* false for NaN */
        view->rep_cohort[i] = ramping;
        any_ramping = any_ramping || ramping;
        any_tenured = any_tenured || !ramping;
    }
    int ramping_cohort = any_ramping ? add_cohort(builder, "ramping") : -1;
    int tenured_cohort = any_tenured ? add_cohort(builder, "tenured") : -1;
    for (int i = 0; i < view->n_reps; i++)
        view->rep_cohort[i] = view->rep_cohort[i] ? ramping_cohort : tenured_cohort;
}

/* A deal has the cohort of its rep; nobody's deals have one of their own where there are several.
 */
static void add_deal_cohorts(recoup_view_builder *builder) {
    recoup_view *view = builder->view;
    int nobody = -1;
    view->cohort = recoup_builder_alloc(builder, view->n_deals, sizeof *view->cohort);
    for (int i = 0; i < view->n_deals && builder->status == RECOUP_OK; i++) {
        if (view->rep[i] < 0 && nobody < 0) {
            int n = view->cohorts.n;
            nobody = n == 1 ? 0 : add_cohort(builder, n ? "unassigned" : "all");
        }
        view->cohort[i] = view->rep[i] >= 0 ? view->rep_cohort[view->rep[i]] : nobody;
    }
}

void recoup_builder_add_reps(recoup_view_builder *builder) {
    add_reps(builder);
    if (builder->status == RECOUP_OK)
        copy_reps(builder);
    if (builder->status != RECOUP_OK)
        return;
    switch (builder->options->cohorts) {
    case RECOUP_COHORTS_COLUMN:
        group_by_column(builder);
        break;
    case RECOUP_COHORTS_PERFORMANCE:
        group_by_performance(builder);
        break;
    case RECOUP_COHORTS_TENURE:
        group_by_tenure(builder);
        break;
    }
    if (builder->status == RECOUP_OK)
        add_deal_cohorts(builder);
}
