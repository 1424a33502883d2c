/* One number for all that a view took from the tables. */
#include "crm/builder.h"

static uint64_t hash_names(uint64_t hash, const recoup_names *names) {
    hash = recoup_hash(hash, &names->n, sizeof names->n);
    for (int i = 0; i < names->n; i++)
        hash = recoup_hash_text(hash, names->name[i]);
    return hash;
}

#define HASH_ARRAY(hash, items, n) recoup_hash(hash, items, (size_t)(n) * sizeof *(items))

static uint64_t hash_deals(uint64_t hash, const recoup_view *view) {
    int n = view->n_deals;
    hash = recoup_hash(hash, &n, sizeof n);
    for (int i = 0; i < n; i++)
        hash = recoup_hash_text(hash, view->deal_id[i]);
    hash = HASH_ARRAY(hash, view->rep, n);
    hash = HASH_ARRAY(hash, view->cohort, n);
    hash = HASH_ARRAY(hash, view->channel, n);
    hash = HASH_ARRAY(hash, view->segment, n);
    hash = HASH_ARRAY(hash, view->amount, n);
    hash = HASH_ARRAY(hash, view->list_amount, n);
    hash = HASH_ARRAY(hash, view->created, n);
    hash = HASH_ARRAY(hash, view->closed, n);
    hash = HASH_ARRAY(hash, view->outcome, n);
    hash = HASH_ARRAY(hash, view->stage, n);
    hash = HASH_ARRAY(hash, view->stage_entered, n);
    hash = HASH_ARRAY(hash, view->key, n);
    return hash;
}

/* Field by field: what lies between the fields of a struct is not defined. */
static uint64_t hash_visits(uint64_t hash, const recoup_view *view) {
    hash = recoup_hash(hash, &view->n_visits, sizeof view->n_visits);
    for (int k = 0; k < view->n_visits; k++) {
        const recoup_visit *visit = &view->visit[k];
        hash = recoup_hash(hash, &visit->deal, sizeof visit->deal);
        hash = recoup_hash(hash, &visit->stage, sizeof visit->stage);
        hash = recoup_hash(hash, &visit->entered, sizeof visit->entered);
        hash = recoup_hash(hash, &visit->dwell, sizeof visit->dwell);
        hash = recoup_hash(hash, &visit->entry_age, sizeof visit->entry_age);
        hash = recoup_hash(hash, &visit->target, sizeof visit->target);
        hash = recoup_hash(hash, &visit->entry_known, sizeof visit->entry_known);
    }
    return hash;
}

static uint64_t hash_reps(uint64_t hash, const recoup_view *view) {
    int n = view->n_reps;
    hash = hash_names(hash, &view->rep_ids);
    for (int i = 0; i < n; i++)
        hash = recoup_hash_text(hash, view->rep_name[i]);
    hash = HASH_ARRAY(hash, view->rep_cohort, n);
    hash = HASH_ARRAY(hash, view->rep_team, n);
    hash = HASH_ARRAY(hash, view->rep_status, n);
    hash = HASH_ARRAY(hash, view->rep_quota, n);
    hash = HASH_ARRAY(hash, view->rep_capacity, n);
    return hash;
}

void recoup_builder_add_digest(recoup_view_builder *builder) {
    recoup_view *view = builder->view;
    const recoup_names *const names[] = {&view->stages, &view->cohorts, &view->channels,
                                         &view->segments, &view->teams};
    uint64_t hash = RECOUP_HASH_START;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        hash = hash_names(hash, names[i]);
    hash = hash_deals(hash, view);
    hash = hash_visits(hash, view);
    hash = hash_reps(hash, view);
    hash = recoup_hash(hash, &view->dated_by_day, sizeof view->dated_by_day);
    hash = recoup_hash(hash, &view->first_created, sizeof view->first_created);
    view->digest = hash;
}

/* view->digest is what a fit reads; the rules of hygiene and a diagnosis read more. */
uint64_t recoup_view_digest(const recoup_view *view) {
    const recoup_names *const names[] = {&view->competitors, &view->products, &view->loss_reasons,
                                         &view->activity_types};
    int n = view->n_deals;
    uint64_t hash = recoup_hash(RECOUP_HASH_START, &view->digest, sizeof view->digest);
    hash = HASH_ARRAY(hash, view->expected_close, n);
    hash = HASH_ARRAY(hash, view->has_next_step, n);
    hash = HASH_ARRAY(hash, view->is_amount_known, n);
    hash = recoup_hash(hash, &view->has_expected_closes, sizeof view->has_expected_closes);
    hash = recoup_hash(hash, &view->has_next_steps, sizeof view->has_next_steps);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        hash = hash_names(hash, names[i]);
    hash = HASH_ARRAY(hash, view->competitor, n);
    hash = HASH_ARRAY(hash, view->product, n);
    hash = HASH_ARRAY(hash, view->loss_reason, n);
    hash = recoup_hash(hash, &view->n_undated, sizeof view->n_undated);
    hash = HASH_ARRAY(hash, view->rep_start, view->n_reps);
    hash = HASH_ARRAY(hash, view->activity_rep, view->n_activities);
    hash = HASH_ARRAY(hash, view->activity_type, view->n_activities);
    return HASH_ARRAY(hash, view->activity_time, view->n_activities);
}
