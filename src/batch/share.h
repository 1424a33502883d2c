/* What several scenarios of a batch use: data sets, views and models, made when first wanted and
 * freed after their last use. Equal keys mean equal inputs; inside this module. */
#ifndef RECOUP_BATCH_SHARE_H
#define RECOUP_BATCH_SHARE_H

#include "base/error.h"
#include "base/names.h"
#include "scenario/scenario.h"
#include <recoup/batch.h>

typedef struct recoup_batch_model {
    recoup_model *model;
    char *text;
    uint64_t digest;
} recoup_batch_model;

/* One of them; the type of `object` is the pool's. */
typedef struct recoup_batch_shared {
    void *object;         /* NULL before it is made and after a failure */
    recoup_status status; /* of making it */
    bool was_made;
    recoup_error problems; /* until its first user takes them over */
    const char *first;     /* who that is, once there is one */
    int users;             /* who have not let go of it */
} recoup_batch_shared;

typedef struct recoup_batch_pool {
    recoup_names keys;
    recoup_batch_shared *entry;
    size_t capacity;
} recoup_batch_pool;

/* The parts of one scenario, by their places in the pools. */
typedef struct recoup_batch_parts {
    int dataset, view, model;
    int tables; /* equal where all that win tables depend on is */
} recoup_batch_parts;

typedef struct recoup_batch_share {
    recoup_batch_pool datasets, views, models;
    recoup_names tables; /* keys */
    recoup_shelf *shelf; /* of win tables, for scenarios with the key `shelved` */
    int shelved;
    int threads;
    int n_tables_read, n_fits;
} recoup_batch_share;

/* Tells what a scenario uses and counts it as a user. ENOMEM only. */
recoup_status recoup_batch_share_claim(recoup_batch_share *share, const recoup_scenario *scenario,
                                       recoup_batch_parts *parts, recoup_error *error);
/* The shelf for the scenario: emptied when the one before had other tables. NULL: out of memory. */
recoup_shelf *recoup_batch_share_shelf(recoup_batch_share *share, const recoup_batch_parts *parts);
/* The scenario is done with its parts. */
void recoup_batch_share_release(recoup_batch_share *share, const recoup_batch_parts *parts);
void recoup_batch_share_clear(recoup_batch_share *share);

/* The model that the scenario names; NULL where it is to be fitted. `name` is the scenario's in the
 * batch. A problem is told in full to the first scenario that meets it. */
recoup_status recoup_batch_share_load(recoup_batch_share *share, const recoup_scenario *scenario,
                                      const char *name, const recoup_batch_parts *parts,
                                      const recoup_batch_model **model, recoup_error *error);
recoup_status recoup_batch_share_view(recoup_batch_share *share, const recoup_scenario *scenario,
                                      const char *name, const recoup_batch_parts *parts,
                                      const recoup_view **view, recoup_error *error);
bool recoup_batch_share_is_fitted(const recoup_batch_share *share, const recoup_batch_parts *parts);
recoup_status recoup_batch_share_fit(recoup_batch_share *share, const recoup_scenario *scenario,
                                     const char *name, const recoup_batch_parts *parts,
                                     const recoup_batch_model **model, recoup_error *error);

#endif
