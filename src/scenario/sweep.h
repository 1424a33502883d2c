/* Scenarios that differ from a file in the values of some keys: the key `sweep` of the file, and
 * what a command adds to it.
 *
 *     sweep: {quota: [4e6, 5e6], plans.discount limit.levers.0.discount_limit.max: [10%, 15%]}
 *
 * An axis is a path (config/override.h) with its values, several axes give every combination. */
#ifndef RECOUP_SCENARIO_SWEEP_H
#define RECOUP_SCENARIO_SWEEP_H

#include "config/config.h"
#include <recoup/scenario.h>

enum { RECOUP_SWEEP_MAX = 1000000 }; /* combinations of one file */

typedef struct recoup_sweep_axis {
    const char *path;
    int n;
    recoup_node *const *value;
    const char **text; /* [n]: the values as they were written, on one line */
} recoup_sweep_axis;

typedef struct recoup_sweep {
    char *file;
    int n_axes;
    recoup_sweep_axis *axis;   /* n_axes 0: the file as it stands, one combination */
    int n;                     /* combinations */
    recoup_document *document; /* of the file */
    recoup_arena arena;
} recoup_sweep;

/* Axes that a command gives, KEY=V1,V2,...: the values as YAML would have them in [V1,V2,...]. */
typedef struct recoup_sweep_options {
    int n_axes;
    recoup_sweep_axis *axis;
    recoup_document **document; /* [n_axes]: own the values */
    recoup_arena arena;
} recoup_sweep_options;

/* EUSAGE: what is wrong with any of the texts. To be cleared after a failure too. */
recoup_status recoup_sweep_options_read(const char *const *text, int n,
                                        recoup_sweep_options *options, recoup_error *error);
void recoup_sweep_options_clear(recoup_sweep_options *options);

/* The axes of a scenario file; those of the options (which must outlive it) come after them, or
 * replace those of the same path. To be cleared after a failure too. */
recoup_status recoup_sweep_load(const char *path, const recoup_sweep_options *options,
                                recoup_sweep *sweep, recoup_error *error);
void recoup_sweep_clear(recoup_sweep *sweep);

/* Which value an axis has in combination k, 0 <= k < n: the last axis changes fastest. */
int recoup_sweep_place(const recoup_sweep *sweep, int k, int axis);
/* Reads the scenario of a combination; its `sweep` is gone. EINVALID as recoup_scenario_load. */
recoup_status recoup_sweep_scenario(const recoup_sweep *sweep, int k, recoup_scenario **scenario,
                                    recoup_error *error);

/* Reports where `sweep` is not a mapping of keys to lists of values. */
recoup_status recoup_sweep_check(const recoup_document *document, const recoup_node *node,
                                 recoup_error *error);

#endif
