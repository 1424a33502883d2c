#include "report/tables.h"

#include "base/date.h"
#include <math.h>
#include <string.h>

/* --- which tables there are ---------------------------------------------------------------------
 */

static bool same_dimensions(const recoup_variable *a, const recoup_variable *b) {
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dimension[i] != b->dimension[i])
            return false;
    return true;
}

/* The first variable of each set of dimensions stands for its table; coordinates make none. */
static bool starts_table(int v) {
    const recoup_variable *variable = &recoup_variables[v];
    if (variable->rank == 0 || recoup_variable_is_coordinate(variable))
        return false;
    for (int i = 0; i < v; i++)
        if (!recoup_variable_is_coordinate(&recoup_variables[i]) &&
            same_dimensions(&recoup_variables[i], variable))
            return false;
    return true;
}

static int count_starts(void) {
    int n = 0;
    for (int v = 0; v < recoup_n_variables; v++)
        n += starts_table(v);
    return n;
}

int recoup_export_count(void) {
    return 1 + count_starts() + RECOUP_N_RECORDS;
}

static bool add_column(recoup_export_table *table, recoup_column column) {
    if (table->n_columns == RECOUP_TABLE_COLUMNS)
        return false;
    table->column[table->n_columns++] = column;
    return true;
}

/* --- the run ------------------------------------------------------------------------------------
 */

static bool make_run(recoup_export_table *table) {
    bool done = true;
    for (int i = 0; i < recoup_n_attributes && done; i++)
        done = add_column(table, (recoup_column){.kind = RECOUP_COLUMN_ATTRIBUTE,
                                                 .axis = -1,
                                                 .attribute = &recoup_attributes[i]});
    for (int v = 0; v < recoup_n_variables && done; v++)
        if (recoup_variables[v].rank == 0)
            done = add_column(table, (recoup_column){.kind = RECOUP_COLUMN_VARIABLE,
                                                     .axis = -1,
                                                     .variable = &recoup_variables[v]});
    return done;
}

/* --- variables with the same dimensions ---------------------------------------------------------
 */

static const recoup_variable *find_coordinate(recoup_dimension_id dimension) {
    for (int v = 0; v < recoup_n_variables; v++)
        if (recoup_variable_is_coordinate(&recoup_variables[v]) &&
            recoup_variables[v].dimension[0] == dimension)
            return &recoup_variables[v];
    return NULL;
}

/* Edges are a dimension of the same size, and one more. */
static const recoup_variable *find_edges(recoup_dimension_id dimension) {
    const recoup_dimension *of = &recoup_dimensions[dimension];
    for (int d = 0; d < RECOUP_N_DIMENSIONS; d++)
        if (recoup_dimensions[d].more == 1 && of->more == 0 &&
            recoup_dimensions[d].size_offset == of->size_offset)
            return find_coordinate((recoup_dimension_id)d);
    return NULL;
}

/* What a line stands for along one dimension. */
static bool add_axis(recoup_export_table *table, int axis) {
    recoup_dimension_id dimension = table->dimension[axis];
    const recoup_variable *coordinate = find_coordinate(dimension), *edges = find_edges(dimension);
    recoup_column column = {.kind = coordinate ? RECOUP_COLUMN_VARIABLE : RECOUP_COLUMN_INDEX,
                            .axis = axis,
                            .variable = coordinate,
                            .name = recoup_dimensions[dimension].name};
    bool done = add_column(table, column);
    column.variable = edges;
    column.kind = RECOUP_COLUMN_LOW;
    done = done && (!edges || add_column(table, column));
    column.kind = RECOUP_COLUMN_HIGH;
    return done && (!edges || add_column(table, column));
}

static bool make_variables(recoup_export_table *table, int number) {
    int v = 0;
    for (int left = number; v < recoup_n_variables; v++)
        if (starts_table(v) && left-- == 0)
            break;
    const recoup_variable *first = &recoup_variables[v];
    table->rank = first->rank;
    memcpy(table->dimension, first->dimension, sizeof table->dimension);
    bool done = true;
    for (int axis = 0; axis < table->rank && done; axis++)
        done = add_axis(table, axis);
    for (; v < recoup_n_variables && done; v++)
        if (!recoup_variable_is_coordinate(&recoup_variables[v]) &&
            same_dimensions(&recoup_variables[v], first))
            done = add_column(table, (recoup_column){.kind = RECOUP_COLUMN_VARIABLE,
                                                     .axis = -1,
                                                     .variable = &recoup_variables[v]});
    return done;
}

/* --- records ------------------------------------------------------------------------------------
 */

static bool make_records(recoup_export_table *table, recoup_record_id id) {
    bool done = true;
    table->id = id;
    table->type = &recoup_record_types[id];
    for (int f = 0; f < table->type->n_fields && done; f++)
        done = add_column(table, (recoup_column){.kind = RECOUP_COLUMN_FIELD,
                                                 .axis = -1,
                                                 .field = &table->type->field[f]});
    return done;
}

bool recoup_export_table_make(recoup_export_table *table, int number) {
    int n_starts = count_starts();
    *table = (recoup_export_table){0};
    if (number == 0)
        return make_run(table);
    if (number <= n_starts)
        return make_variables(table, number - 1);
    return make_records(table, (recoup_record_id)(number - 1 - n_starts));
}

int64_t recoup_export_rows(const recoup_results *results, const recoup_export_table *table) {
    if (table->type) {
        int n;
        recoup_results_records(results, table->id, &n);
        return n;
    }
    int64_t rows = 1;
    for (int i = 0; i < table->rank; i++)
        rows *= recoup_results_size(results, table->dimension[i]);
    return rows;
}

void recoup_export_add_name(recoup_text *text, const recoup_export_table *table) {
    if (table->type)
        recoup_text_add(text, "%s", table->type->name);
    else if (table->rank == 0)
        recoup_text_add(text, "run");
    for (int i = 0; i < table->rank; i++)
        recoup_text_add(text, "%s%s", i ? "_" : "", recoup_dimensions[table->dimension[i]].name);
}

void recoup_export_add_heading(recoup_text *text, const recoup_column *column) {
    switch (column->kind) {
    case RECOUP_COLUMN_ATTRIBUTE:
        recoup_text_add(text, "%s", column->attribute->name);
        break;
    case RECOUP_COLUMN_INDEX:
        recoup_text_add(text, "%s", column->name);
        break;
    case RECOUP_COLUMN_LOW:
        recoup_text_add(text, "%s_low", column->name);
        break;
    case RECOUP_COLUMN_HIGH:
        recoup_text_add(text, "%s_high", column->name);
        break;
    case RECOUP_COLUMN_VARIABLE:
        recoup_text_add(text, "%s", column->variable->name);
        break;
    case RECOUP_COLUMN_FIELD:
        recoup_text_add(text, "%s", column->field->name);
        break;
    }
}

static bool is_date(const recoup_variable *variable) {
    return variable->units && strcmp(variable->units, "days since 1970-01-01") == 0;
}

/* --- what a column is ---------------------------------------------------------------------------
 */

const char *recoup_column_units(const recoup_column *column) {
    if (column->variable && is_date(column->variable))
        return NULL; /* cells have dates as text */
    return column->variable ? column->variable->units : column->field ? column->field->units : NULL;
}

const char *recoup_column_meaning(const recoup_column *column) {
    return column->variable ? column->variable->long_name
           : column->field  ? column->field->long_name
                            : NULL;
}

const char *recoup_column_note(const recoup_column *column) {
    return column->variable ? column->variable->note : NULL;
}

/* --- cells --------------------------------------------------------------------------------------
 */

static void add_number(recoup_text *text, double x) {
    if (isfinite(x))
        recoup_text_add_number(text, x);
}

static void add_date(recoup_text *text, double days) {
    char buffer[RECOUP_DATE_SIZE];
    if (isfinite(days))
        recoup_text_add(text, "%s", recoup_date_format(buffer, days));
}

static void add_value(recoup_text *text, const recoup_results *results,
                      const recoup_variable *variable, size_t at) {
    if (at >= recoup_variable_count(results, variable))
        return; /* left out of these results, where others of the table are not */
    const void *values = recoup_variable_values(results, variable);
    switch (variable->type) {
    case RECOUP_VARIABLE_DOUBLE:
        add_number(text, ((const double *)values)[at]);
        break;
    case RECOUP_VARIABLE_INT:
        if (is_date(variable))
            add_date(text, ((const int *)values)[at]);
        else
            recoup_text_add(text, "%d", ((const int *)values)[at]);
        break;
    case RECOUP_VARIABLE_INT64:
        recoup_text_add(text, "%lld", (long long)((const int64_t *)values)[at]);
        break;
    case RECOUP_VARIABLE_TEXT:
        recoup_text_add_cell(text, ((char *const *)values)[at]);
        break;
    }
}

static void add_field(recoup_text *text, const recoup_record_field *field, const void *row) {
    const void *place = recoup_record_place(field, row);
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        recoup_text_add_cell(text, *(const char *const *)place);
        break;
    case RECOUP_RECORD_FIELD_NUMBER:
        add_number(text, *(const double *)place);
        break;
    case RECOUP_RECORD_FIELD_DATE:
        add_date(text, *(const double *)place);
        break;
    case RECOUP_RECORD_FIELD_INT:
        recoup_text_add(text, "%d", *(const int *)place);
        break;
    }
}

static void add_attribute(recoup_text *text, const recoup_results *results,
                          const recoup_attribute *attribute) {
    if (attribute->is_text)
        recoup_text_add_cell(text, recoup_attribute_text(results, attribute));
    else
        recoup_text_add(text, "%lld", (long long)recoup_attribute_number(results, attribute));
}

/* Where a row stands along one axis: the last one runs fastest. */
static int64_t find_index(const recoup_results *results, const recoup_export_table *table, int axis,
                          int64_t row) {
    for (int i = table->rank - 1; i > axis; i--)
        row /= recoup_results_size(results, table->dimension[i]);
    return row % recoup_results_size(results, table->dimension[axis]);
}

void recoup_export_add_cell(recoup_text *text, const recoup_results *results,
                            const recoup_export_table *table, const recoup_column *column,
                            int64_t row) {
    int64_t at = column->axis >= 0 ? find_index(results, table, column->axis, row) : row;
    int n;
    switch (column->kind) {
    case RECOUP_COLUMN_ATTRIBUTE:
        add_attribute(text, results, column->attribute);
        break;
    case RECOUP_COLUMN_INDEX:
        recoup_text_add(text, "%lld", (long long)at);
        break;
    case RECOUP_COLUMN_HIGH:
        add_value(text, results, column->variable, (size_t)at + 1);
        break;
    case RECOUP_COLUMN_LOW:
    case RECOUP_COLUMN_VARIABLE:
        add_value(text, results, column->variable, (size_t)at);
        break;
    case RECOUP_COLUMN_FIELD:
        add_field(text, column->field,
                  (const char *)recoup_results_records(results, table->id, &n) +
                      (size_t)row * table->type->size);
        break;
    }
}
