/* `review`: what those around the sales team said of it, as text by group. */
#ifndef RECOUP_SCENARIO_REVIEW_H
#define RECOUP_SCENARIO_REVIEW_H

#include "config/config.h"
#include "scenario/writer.h"
#include <recoup/error.h>

typedef struct recoup_review {
    int n;
    const char **group; /* "partners", "prospects", "support" ...: free */
    recoup_texts *note; /* [group] */
} recoup_review;

/* `node` is NULL when the section is absent. The lists are in the arenas. */
recoup_status recoup_review_read(recoup_document *document, const recoup_node *node,
                                 recoup_arena *arena, recoup_review *review, recoup_error *error);
/* Nothing without notes. */
void recoup_review_format(const recoup_review *review, recoup_writer *writer);

#endif
