#include "crm/stages.h"

#include <stdlib.h>
#include <string.h>

bool recoup_stage_order_init(recoup_stage_order *order, int n) {
    size_t size = (size_t)n;
    *order = (recoup_stage_order){.n = n,
                                  .before = RECOUP_NEW(int, size *size),
                                  .n_deals = RECOUP_NEW(int, size),
                                  .rank_sum = RECOUP_NEW(double, size),
                                  .sequence = RECOUP_NEW(int, size)};
    if (order->before && order->n_deals && order->rank_sum && order->sequence)
        return true;
    recoup_stage_order_clear(order);
    return false;
}

void recoup_stage_order_clear(recoup_stage_order *order) {
    free(order->before);
    free(order->n_deals);
    free(order->rank_sum);
    free(order->sequence);
    *order = (recoup_stage_order){0};
}

static bool contains(const int *items, int n, int item) {
    for (int i = 0; i < n; i++)
        if (items[i] == item)
            return true;
    return false;
}

void recoup_stage_order_add(recoup_stage_order *order, const int *target, int n) {
    int *sequence = order->sequence, length = 0;
    for (int i = 0; i < n; i++)
        if (target[i] >= 0 && !contains(sequence, length, target[i]))
            sequence[length++] = target[i];
    for (int i = 0; i < length; i++) {
        order->n_deals[sequence[i]]++;
        order->rank_sum[sequence[i]] += i;
        for (int j = i + 1; j < length; j++)
            order->before[sequence[i] * order->n + sequence[j]]++;
    }
}

static bool has_predecessor(const recoup_stage_order *order, const bool *placed, int stage) {
    for (int other = 0; other < order->n; other++)
        if (!placed[other] &&
            order->before[other * order->n + stage] > order->before[stage * order->n + other])
            return true;
    return false;
}

/* Whether stage a goes before b by mean rank, then by name. */
static bool ranks_lower(const recoup_stage_order *order, char *const *name, int a, int b) {
    if (!order->n_deals[a] != !order->n_deals[b])
        return order->n_deals[a] != 0;
    /* Means compared as fractions: both sides are whole numbers, exact in a double. */
    double left = order->rank_sum[a] * order->n_deals[b];
    double right = order->rank_sum[b] * order->n_deals[a];
    if (left != right)
        return left < right;
    return strcmp(name[a], name[b]) < 0;
}

void recoup_stage_order_finish(const recoup_stage_order *order, char *const *name, int *place) {
    bool placed[RECOUP_STAGES_MAX] = {false};
    for (int k = 0; k < order->n; k++) {
        int best = -1;
        bool best_free = false;
        for (int stage = 0; stage < order->n; stage++) {
            if (placed[stage])
                continue;
            bool is_free = order->n_deals[stage] && !has_predecessor(order, placed, stage);
            if (best < 0 || (is_free && !best_free) ||
                (is_free == best_free && ranks_lower(order, name, stage, best))) {
                best = stage;
                best_free = is_free;
            }
        }
        placed[best] = true;
        place[k] = best;
    }
}
