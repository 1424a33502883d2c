/* Which deals are in the view, in which order, and what does not change in them. */
#include "crm/builder.h"

#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The first eight bytes of an id as a number that sorts as they do: most comparisons end there. */
typedef struct sort_item {
    uint64_t prefix;
    const char *id;
    int deal;
} sort_item;

static uint64_t prefix_of(const char *id) {
    uint64_t prefix = 0;
    for (int i = 0; i < 8; i++) {
        prefix = prefix << 8 | (unsigned char)*id;
        id += *id != '\0';
    }
    return prefix;
}

static int compare_items(const void *left, const void *right) {
    const sort_item *a = left, *b = right;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* Deals created before the as-of date, by id. */
static void select_deals(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    sort_item *items = RECOUP_NEW(sort_item, dataset->n_deals);
    if (!items) {
        recoup_builder_fail_memory(builder);
        return;
    }
    int n = 0;
    for (int d = 0; d < dataset->n_deals; d++)
        if (dataset->created[d] < builder->options->as_of) { /* false for NaN */
            const char *id = dataset->deal_ids.name[d];
            items[n++] = (sort_item){prefix_of(id), id, d};
        }
    qsort(items, (size_t)n, sizeof *items, compare_items);
    builder->view->n_deals = n;
    builder->deal = recoup_builder_scratch(builder, n, sizeof *builder->deal);
    for (int i = 0; builder->deal && i < n; i++)
        builder->deal[i] = items[i].deal;
    free(items);
}

/* Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014; constants of Stafford's mix 13). */
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* Adds a key to an open-addressed set; false when it is there already. 0 marks a free slot. */
static bool add_key(uint64_t *slots, size_t n_slots, uint64_t key) {
    if (key == 0)
        return false;
    for (size_t i = (size_t)key & (n_slots - 1);; i = (i + 1) & (n_slots - 1)) {
        if (slots[i] == key)
            return false;
        if (slots[i] == 0) {
            slots[i] = key;
            return true;
        }
    }
}

/* A deal's key is the mixed hash of its id; of two with the same, the later id is mixed again. */
static void add_keys(recoup_view_builder *builder) {
    recoup_view *view = builder->view;
    size_t n_slots = 16;
    while (n_slots < 2 * (size_t)view->n_deals)
        n_slots *= 2;
    uint64_t *slots = RECOUP_NEW(uint64_t, n_slots);
    view->key = recoup_builder_alloc(builder, view->n_deals, sizeof *view->key);
    if (!slots)
        recoup_builder_fail_memory(builder);
    for (int i = 0; i < view->n_deals && builder->status == RECOUP_OK; i++) {
        uint64_t key = mix(recoup_hash_text(RECOUP_HASH_START, view->deal_id[i]));
        while (!add_key(slots, n_slots, key))
            key = mix(key + 0x9e3779b97f4a7c15u); /* the increment of SplitMix64 */
        view->key[i] = key;
    }
    free(slots);
}

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Deals without an amount get the median of the others in the view. */
static void fill_amounts(recoup_view_builder *builder) {
    recoup_view *view = builder->view;
    int n_missing = 0, n = 0;
    for (int i = 0; i < view->n_deals; i++)
        n_missing += isnan(view->amount[i]);
    if (!n_missing)
        return;
    double *given = RECOUP_NEW(double, view->n_deals);
    if (!given) {
        recoup_builder_fail_memory(builder);
        return;
    }
    for (int i = 0; i < view->n_deals; i++)
        if (!isnan(view->amount[i]))
            given[n++] = view->amount[i];
    qsort(given, (size_t)n, sizeof *given, compare_numbers);
    double median = n ? (given[(n - 1) / 2] + given[n / 2]) / 2 : 0;
    free(given);
    for (int i = 0; i < view->n_deals; i++)
        if (isnan(view->amount[i]))
            view->amount[i] = median;
    char number[RECOUP_NUMBER_SIZE];
    recoup_note(builder->error, NULL,
                "deals without an amount at the as-of date: %d; taken as %s%s", n_missing,
                recoup_number_format(number, median),
                n ? ", the median of the others" : ", because no deal has one");
}

int *recoup_builder_add_names(recoup_view_builder *builder, const recoup_names *from,
                              const int *column, recoup_names *to) {
    recoup_view *view = builder->view;
    uint8_t *used = recoup_builder_scratch(builder, from->n, sizeof *used);
    int *index_of = recoup_builder_scratch(builder, from->n, sizeof *index_of);
    int *index = recoup_builder_alloc(builder, view->n_deals, sizeof *index);
    if (builder->status != RECOUP_OK)
        return index;
    for (int i = 0; i < view->n_deals; i++)
        if (column[builder->deal[i]] >= 0)
            used[column[builder->deal[i]]] = 1;
    recoup_builder_map_names(builder, from, used, to, index_of);
    for (int i = 0; i < view->n_deals; i++) {
        int name = column[builder->deal[i]];
        index[i] = name >= 0 ? index_of[name] : -1;
    }
    return index;
}

static void copy_columns(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    view->first_created = view->as_of;
    for (int i = 0; i < view->n_deals && builder->status == RECOUP_OK; i++) {
        int d = builder->deal[i];
        const char *id = dataset->deal_ids.name[d];
        view->deal_id[i] = recoup_arena_text(&view->arena, id, strlen(id));
        if (!view->deal_id[i])
            recoup_builder_fail_memory(builder);
        view->amount[i] = dataset->amount[d];
        view->list_amount[i] = dataset->list_amount[d];
        view->created[i] = dataset->created[d];
        view->expected_close[i] = dataset->expected_close[d];
        view->has_next_step[i] =
            dataset->has_next_step[d] && !(dataset->next_step_end[d] <= view->as_of);
        view->is_amount_known[i] = !isnan(dataset->amount[d]);
        if (dataset->created[d] < view->first_created)
            view->first_created = dataset->created[d];
    }
}

void recoup_builder_add_deals(recoup_view_builder *builder) {
    const recoup_dataset *dataset = builder->dataset;
    recoup_view *view = builder->view;
    select_deals(builder);
    if (builder->status != RECOUP_OK)
        return;
    int n = view->n_deals;
    view->deal_id = recoup_builder_alloc(builder, n, sizeof *view->deal_id);
    view->amount = recoup_builder_alloc(builder, n, sizeof *view->amount);
    view->list_amount = recoup_builder_alloc(builder, n, sizeof *view->list_amount);
    view->created = recoup_builder_alloc(builder, n, sizeof *view->created);
    view->expected_close = recoup_builder_alloc(builder, n, sizeof *view->expected_close);
    view->has_next_step = recoup_builder_alloc(builder, n, sizeof *view->has_next_step);
    view->is_amount_known = recoup_builder_alloc(builder, n, sizeof *view->is_amount_known);
    view->has_expected_closes = dataset->has_expected_closes;
    view->has_next_steps = dataset->has_next_steps;
    view->channel =
        recoup_builder_add_names(builder, &dataset->channels, dataset->channel, &view->channels);
    view->segment =
        recoup_builder_add_names(builder, &dataset->segments, dataset->segment, &view->segments);
    if (builder->status != RECOUP_OK)
        return;
    copy_columns(builder);
    if (builder->status != RECOUP_OK)
        return;
    fill_amounts(builder);
    add_keys(builder);
}
