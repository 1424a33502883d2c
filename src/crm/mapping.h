/* Applying a mapping to a table that was just read (recoup/mapping.h says what it does). */
#ifndef RECOUP_CRM_MAPPING_H
#define RECOUP_CRM_MAPPING_H

#include "crm/loader.h"

/* Puts a table of canonical columns in the place of *table: as many of `columns` as the mapping, or
 * the file's own header, has a source for. Its rows keep their lines, its columns have the file's
 * names as labels, and its cells the file's texts: messages say what a person finds in the file.
 * Deals that are skipped are added to loader->left_out, by the first column.
 *
 * One column of the file that is both `closed` and `expected_close` (many CRMs have one closing
 * date) counts as the first in deals that are closed, and as the second in those that are open.
 *
 * EINVALID: the mapping, or a joined table, is wrong: each problem with its place in the mapping's
 * own file where it has one; *table is NULL then, unless only cells are wrong, and the others can
 * be checked as well. Notes tell what is never used. */
recoup_status recoup_mapping_apply(recoup_loader *loader, recoup_table_kind kind,
                                   const recoup_mapping *mapping,
                                   const recoup_table_column *columns, int n_columns,
                                   recoup_table **table);

/* --- inside: the file and what is joined to it ------------------------------------------------ */

/* A column of one of the tables of a mapper. */
typedef struct recoup_origin {
    int table, column; /* table 0 is the file, k the k-th join; -1: there is none */
} recoup_origin;

/* A canonical column on its way. */
typedef struct recoup_mapper_column {
    const char *name;
    int n_sources;
    recoup_origin *source;
    bool is_flags;                     /* sources are `won` and `closed` */
    bool is_named;                     /* by the mapping */
    int n_filled;                      /* cells that are not empty */
    recoup_names from;                 /* texts to replace, */
    const recoup_mapped_value **value; /* by what, */
    uint8_t *occurs;                   /* and whether they ever do */
} recoup_mapper_column;

typedef struct recoup_mapper_join {
    recoup_table *table;
    int key_column; /* canonical, an index of `column`; -1: the key is an origin */
    recoup_origin key;
    recoup_names keys;            /* of the joined table */
    int *row_of;                  /* by key: its row */
    int n_missing, first_missing; /* rows of the file without a partner; line */
} recoup_mapper_join;

typedef struct recoup_mapper {
    recoup_loader *loader;
    const recoup_mapping *mapping;
    recoup_table *file;
    int n_columns, n_joins; /* joins that are ready so far */
    recoup_mapper_column *column;
    recoup_mapper_join *join;
    recoup_origin *skip; /* by mapping->skip */
    size_t n_wrong;
    int row;              /* of the file */
    int *at;              /* by join: its row, -1 */
    recoup_status status; /* ENOMEM, EIO */
    recoup_arena arena;
} recoup_mapper;

/* Reports something wrong at a line of the mapping, or, without one, of the file's header. */
void recoup_mapper_fail(recoup_mapper *mapper, int line, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void recoup_mapper_fail_memory(recoup_mapper *mapper);

/* The column of a name in the file or in one of the joins so far; column -1 after reporting.
 * `field` and `line` say who asks; nothing is reported without a field, or when a joined table
 * could not be read. */
recoup_origin recoup_mapper_find(recoup_mapper *mapper, const char *name, const char *field,
                                 int line);
/* Finds where a canonical column comes from, as far as the joins are ready. */
void recoup_mapper_find_column(recoup_mapper *mapper, recoup_mapper_column *column, bool quietly);
/* The text of a column in the present row; "" in a join that has no such row. */
const char *recoup_mapper_text(const recoup_mapper *mapper, recoup_origin origin);
/* The text of a canonical column in the present row. */
const char *recoup_mapper_cell(recoup_mapper *mapper, int column);

/* Reads the joined tables and finds their keys; a problem of one leaves the others to be read. */
void recoup_mapper_join_open(recoup_mapper *mapper);
/* Finds the rows that belong to mapper->row. */
void recoup_mapper_join_follow(recoup_mapper *mapper);
/* Notes how many rows had none; frees the tables. */
void recoup_mapper_join_close(recoup_mapper *mapper);

#endif
