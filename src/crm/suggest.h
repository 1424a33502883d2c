/* Inside of recoup/suggest.h: what its two files share. */
#ifndef RECOUP_CRM_SUGGEST_H
#define RECOUP_CRM_SUGGEST_H

#include "base/memory.h"
#include "crm/synonyms.h"
#include "table/table.h"
#include <recoup/suggest.h>

typedef struct recoup_suggester {
    recoup_suggestion suggestion; /* first: it is what callers hold */
    recoup_arena arena;           /* its texts */
    recoup_table *table[RECOUP_N_SOURCES];
    bool is_out_of_memory;
} recoup_suggester;

/* Place of the column that a synonym means in a file of that kind; -1: none. */
int recoup_suggester_find(const recoup_suggester *suggester, int source, const char *column);
/* Letters and digits of a name, small; into a buffer of RECOUP_NAME_SIZE bytes, returned. */
enum { RECOUP_NAME_SIZE = 64 };
const char *recoup_suggester_name(char *buffer, const char *text);

/* A text in the arena; "" when out of memory. */
const char *recoup_suggester_text(recoup_suggester *suggester, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a sentence to a table, a replacement of a text. */
void recoup_suggester_remark(recoup_suggester *suggester, recoup_table_kind kind,
                             const char *sentence);
void recoup_suggester_value(recoup_suggester *suggester, recoup_table_kind kind, const char *column,
                            const char *from, const char *to);

/* How the table's dates and numbers are written (suggest_values.c). */
void recoup_suggester_add_style(recoup_suggester *suggester, recoup_table_kind kind);
/* What the texts of `outcome` (taken from the stage `column`) and of `status` mean. */
void recoup_suggester_add_outcomes(recoup_suggester *suggester, int column);
void recoup_suggester_add_statuses(recoup_suggester *suggester);
/* The open stages in order, and what the others mean. */
void recoup_suggester_add_stages(recoup_suggester *suggester);

#endif
