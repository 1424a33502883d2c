/* What channel_focus and segment_focus share: effort moves from some of a kind to others. */
#ifndef RECOUP_SCENARIO_FOCUS_H
#define RECOUP_SCENARIO_FOCUS_H

#include "scenario/lever.h"

typedef struct recoup_focus_keys {
    recoup_lever_header header;
    recoup_texts from, to, cohort;
    recoup_effect share;
    double returns;
} recoup_focus_keys;

extern const recoup_schema recoup_channel_focus_schema, recoup_segment_focus_schema;

/* what: "channel" or "segment". */
recoup_status recoup_focus_check(const recoup_document *document, const recoup_lever *lever,
                                 const char *what, recoup_error *error);
/* Of the effort in `from`, in this parameter draw. */
double recoup_focus_share(const recoup_lowering *lowering, const recoup_lever *lever);
void recoup_focus_format(const recoup_lever *lever, recoup_writer *writer);

#endif
