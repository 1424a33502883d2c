/* `data` of a scenario: each table is a path, or a file with the mapping that makes it one.
 *
 *     deals: deals.csv
 *     deals: {file: export.csv, columns: {deal_id: Id, outcome: {won: IsWon, closed: IsClosed}},
 *             values: {segment: {Tech: technology}}, join: [{file: accounts.csv, on: {AccountId:
 * Id}}], skip: {IsDeleted: true}, dates: us, decimal: comma}
 */
#ifndef RECOUP_SCENARIO_DATA_H
#define RECOUP_SCENARIO_DATA_H

#include "config/config.h"
#include <recoup/dataset.h>

typedef struct recoup_writer recoup_writer;
struct recoup_scenario;

/* `data` as written: a node for each table. */
typedef struct recoup_data_keys {
    const recoup_node *table[RECOUP_N_TABLES];
} recoup_data_keys;

/* One item of `join`. */
typedef struct recoup_join_keys {
    const char *file;
    const recoup_node *on;
} recoup_join_keys;

/* One of its tables as written. */
typedef struct recoup_table_keys {
    const char *file; /* NULL: the scenario has no such table */
    const recoup_node *columns, *values, *skip;
    recoup_list join; /* of recoup_join_keys */
    int dates;        /* recoup_date_order */
    int decimal;      /* 1: comma */
} recoup_table_keys;

typedef struct recoup_data_table {
    recoup_table_keys keys;
    char *path;                    /* of the file, beside the scenario; NULL: no such table */
    const recoup_mapping *mapping; /* NULL: the file is the table */
} recoup_data_table;

extern const recoup_schema recoup_data_schema;

/* Gives the bound keys their meaning; what is made lives in the scenario's arena. What a mapping
 * names in its file is checked when that is read. */
recoup_status recoup_data_read(struct recoup_scenario *scenario, const recoup_data_keys *keys,
                               recoup_error *error);
/* A path of the scenario's file, in its arena; NULL when it was not given. `mapping` holds `key`.
 */
recoup_status recoup_path_read(struct recoup_scenario *scenario, const recoup_node *mapping,
                               const char *key, const char *written, char **path,
                               recoup_error *error);
/* `data` again, from the tables' keys. */
void recoup_data_format(const recoup_data_table *table, recoup_writer *writer);

#endif
