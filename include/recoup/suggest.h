/* A mapping for tables that nobody has described yet.
 *
 * Files of Salesforce and HubSpot (API names, the names of warehouse loaders, and the headings of
 * their exports) are told by their headers; a look at the cells tells how dates and numbers are
 * written, which stages there are, and how they end. What comes out is a start for a person, who
 * knows what the columns really hold. */
#ifndef RECOUP_SUGGEST_H
#define RECOUP_SUGGEST_H

#include <recoup/dataset.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_suggested_table {
    recoup_table_kind kind;
    const char *file; /* NULL: none of the files is this table */
    recoup_mapping mapping;
    /* Canonical columns that nothing was found for; the first n_required of them are required. */
    int n_absent, n_required;
    const char **absent;
    int n_remarks; /* sentences on what a person has to look at */
    const char **remark;
} recoup_suggested_table;

typedef struct recoup_suggestion {
    recoup_suggested_table table[RECOUP_N_TABLES];
    /* Open stages, by the systems' own order or as they occur, and what the others mean. */
    int n_stages, n_labels;
    const char **stage, **label, **meaning;
} recoup_suggestion;

/* Of n files. EINVALID: one cannot be read, or none is known. Notes tell of files that are of no
 * use. On success *suggestion is to be freed by recoup_suggestion_free (NULL is fine). */
recoup_status recoup_mapping_suggest(const char *const *file, int n, recoup_suggestion **suggestion,
                                     recoup_error *error);
void recoup_suggestion_free(recoup_suggestion *suggestion);

#ifdef __cplusplus
}
#endif
#endif
