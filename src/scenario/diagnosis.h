/* `diagnosis`: what the diagnosis holds the period against (diagnose/gap.c). */
#ifndef RECOUP_SCENARIO_DIAGNOSIS_H
#define RECOUP_SCENARIO_DIAGNOSIS_H

#include "config/config.h"
#include "scenario/writer.h"
#include <recoup/error.h>

/* The team's target for the period as the factors of its bookings. */
typedef struct recoup_gap_target {
    double volume;   /* deals in play: open at the period's start or created in it */
    double win_rate; /* share of them that is won in the end */
    double value;    /* mean amount of a win */
    double velocity; /* share of the wins that comes within the period */
} recoup_gap_target;

typedef struct recoup_diagnosis_keys {
    bool has_target;
    recoup_gap_target target;
} recoup_diagnosis_keys;

/* `node` is NULL when the section is absent. */
recoup_status recoup_diagnosis_read(recoup_document *document, const recoup_node *node,
                                    recoup_diagnosis_keys *diagnosis, recoup_error *error);
/* Nothing when there is nothing in it. */
void recoup_diagnosis_format(const recoup_diagnosis_keys *diagnosis, recoup_writer *writer);

#endif
