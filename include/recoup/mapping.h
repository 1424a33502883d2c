/* A mapping: how the file of any CRM becomes one of the canonical tables.
 *
 * Row by row, in this order:
 *   1. columns of the file are renamed, and texts in them replaced by `value`;
 *   2. rows of joined tables are looked up by a key (a left join), and their columns taken;
 *   3. rows that `skip` names are left out.
 * Names of columns are found in the file first, then in the joined tables in their order; letter
 * case and blanks around them do not matter. Cells are compared as they stand in the file.
 *
 * A canonical column that the mapping does not name is taken from the file's column of that name,
 * if there is one. Everything here is borrowed by who uses it.
 */
#ifndef RECOUP_MAPPING_H
#define RECOUP_MAPPING_H

#include <recoup/date.h>
#include <recoup/error.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where one canonical column comes from: a column, or several of which the first cell counts that
 * is neither empty nor 0. */
typedef struct recoup_mapped_column {
    const char *name; /* of the canonical column (docs/tables.md) */
    const char *const *source;
    int n_sources;
    /* Of the column `outcome`, instead of sources: two columns of true or false. `won` where the
     * first is true, else `lost` where the second is, else `open`. */
    const char *won, *closed;
    int line; /* of the mapping's file, for messages; 0: unknown */
} recoup_mapped_column;

/* A text of a canonical column, as the file has it, and what it becomes. */
typedef struct recoup_mapped_value {
    const char *column, *from, *to;
    int line;
} recoup_mapped_value;

/* A table whose row of the same key belongs to a row of the file. */
typedef struct recoup_mapped_join {
    const char *file;
    /* Of the file (or of an earlier join, or a canonical column with its values replaced), and of
     * the joined table, where no key may occur twice. */
    const char *key, *joined_key;
    int line;
} recoup_mapped_join;

/* Rows with this text in this column are left out; letter case does not matter. */
typedef struct recoup_mapped_skip {
    const char *column, *text;
    int line;
} recoup_mapped_skip;

typedef struct recoup_mapping {
    const char *file; /* that the mapping stands in, for messages; NULL: unknown */
    const recoup_mapped_column *column;
    const recoup_mapped_value *value;
    const recoup_mapped_join *join;
    const recoup_mapped_skip *skip;
    int n_columns, n_values, n_joins, n_skips;
    recoup_date_order dates; /* ISO dates are read in any case */
    bool decimal_comma;      /* 1.234,56 */
} recoup_mapping;

#ifdef __cplusplus
}
#endif
#endif
