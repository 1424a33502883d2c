#include "scenario/decisions.h"

#include "scenario/check.h"
#include "scenario/keys.h"
#include <math.h>
#include <stdlib.h>

typedef struct decisions_keys {
    double target, margin;
    recoup_values delay;
    bool sensitivity;
    int64_t draws;
} decisions_keys;

static const recoup_field fields[] = {
    RECOUP_KEY("target", NUMBER, decisions_keys, target, .max = 1, .open_min = true,
               .meaning = "a probability of hitting quota above 0 and below 1, such as 50%"),
    RECOUP_KEY("delay", VALUES, decisions_keys, delay, .max = 3650, .open_min = true,
               .meaning = "a number of days above 0, at most 3650"),
    RECOUP_KEY("sensitivity", BOOLEAN, decisions_keys, sensitivity),
    RECOUP_KEY("draws", INTEGER, decisions_keys, draws, .min = 1, .max = 1e6,
               .meaning = "a whole number, 1 or more"),
    RECOUP_KEY("margin", NUMBER, decisions_keys, margin, .max = 1, .open_min = true,
               .meaning = "a share of bookings above 0, at most 1"),
};
static const recoup_schema schema = RECOUP_SCHEMA("decisions", decisions_keys, fields);

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* 0 and the delays, in order. */
static recoup_status read_delays(const recoup_document *document, const recoup_node *node,
                                 const recoup_values *values, recoup_arena *arena,
                                 recoup_decisions *decisions, recoup_error *error) {
    int n = values->n;
    double *delay = recoup_arena_alloc(arena, (size_t)n + 1, sizeof *delay);
    if (!delay)
        return recoup_fail_memory(error);
    for (int i = 0; i < n; i++) {
        delay[i + 1] = values->value[i];
        if (values->value[i] != floor(values->value[i]))
            return recoup_node_fail(document, node, error,
                                    "'delay' has %g; expected whole days, such as [7, 14, 21]",
                                    values->value[i]);
    }
    qsort(delay, (size_t)n + 1, sizeof *delay, compare_numbers);
    for (int i = 0; i < n; i++)
        if (delay[i] == delay[i + 1])
            return recoup_node_fail(document, node, error,
                                    "'delay' has %g twice; expected different numbers of days",
                                    delay[i]);
    decisions->delay = delay;
    decisions->n_delays = n > 0 ? n + 1 : 0;
    return RECOUP_OK;
}

recoup_status recoup_decisions_read(recoup_document *document, const recoup_node *node,
                                    recoup_arena *arena, recoup_decisions *decisions,
                                    recoup_error *error) {
    decisions_keys keys = {.target = .5, .draws = 50, .margin = 1};
    recoup_status status = RECOUP_OK;
    if (node)
        status = recoup_bind(document, node, &schema, &keys, error);
    *decisions = (recoup_decisions){
        .is_given = node != NULL,
        .target = keys.target,
        .sensitivity = keys.sensitivity,
        .draws = keys.draws,
        .margin = keys.margin,
    };
    if (status != RECOUP_OK)
        return status;
    if (keys.target == 1)
        status = recoup_node_fail(document, recoup_node_find(node, "target"), error,
                                  "'target' is 1, which no plan is sure to reach; expected a "
                                  "probability below 1, such as 50%%");
    const recoup_node *place = node ? recoup_node_find(node, "delay") : NULL;
    return recoup_worse(status, read_delays(document, place, &keys.delay, arena, decisions, error));
}

void recoup_decisions_format(const recoup_decisions *decisions, recoup_writer *writer) {
    if (!decisions->is_given)
        return;
    recoup_write_open(writer, "decisions");
    recoup_write_number(writer, "target", decisions->target);
    if (decisions->n_delays > 1) /* the first one is none */
        recoup_write_values(writer, "delay", decisions->delay + 1, decisions->n_delays - 1);
    recoup_write_boolean(writer, "sensitivity", decisions->sensitivity);
    recoup_write_integer(writer, "draws", decisions->draws);
    recoup_write_number(writer, "margin", decisions->margin);
    recoup_write_close(writer);
}
