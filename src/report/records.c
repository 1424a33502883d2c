/* Records (recoup/record.h), column by column: a text column that repeats itself is a list of its
 * different texts and a place in it for each row, so that a page of thousands of rows stays small.
 */
#include "report/report.h"

#include "base/names.h"
#include "results/records.h"

/* Of one kind; the rows come in the order of their importance. What is left out is counted. */
enum { MAX_ROWS = 20000, MAX_HYGIENE_ROWS = 5000 };

static json_t *text_column(recoup_json *json, const recoup_record_field *field, const char *rows,
                           size_t size, int n) {
    recoup_names different = {0};
    json_t *column = json_object(), *texts = json_array(), *places = json_array();
    for (int i = 0; i < n; i++) {
        const char *text = *(char *const *)recoup_record_place(field, rows + (size_t)i * size);
        int n_before = different.n, at = recoup_names_add(&different, text);
        if (at < 0)
            json->failed = true;
        if (different.n > n_before)
            recoup_json_append(json, texts, recoup_json_text(text));
        recoup_json_append(json, places, json_integer(at));
    }
    bool repeats = different.n < n;
    recoup_names_clear(&different);
    if (!repeats) { /* the places would be 0, 1, 2 ... */
        json_decref(places);
        json_decref(column);
        return texts;
    }
    recoup_json_set(json, column, "texts", texts);
    recoup_json_set(json, column, "at", places);
    return column;
}

static json_t *number_column(recoup_json *json, const recoup_record_field *field, const char *rows,
                             size_t size, int n) {
    json_t *column = json_array();
    for (int i = 0; i < n; i++) {
        const void *place = recoup_record_place(field, rows + (size_t)i * size);
        json_t *value = NULL;
        if (field->type == RECOUP_RECORD_FIELD_INT)
            value = json_integer(*(const int *)place);
        else if (field->type == RECOUP_RECORD_FIELD_DATE)
            value = recoup_json_date(*(const double *)place);
        else
            value = recoup_json_number(*(const double *)place);
        recoup_json_append(json, column, value);
    }
    return column;
}

static json_t *kind(recoup_json *json, const recoup_record_type *type, const void *rows, int n) {
    json_t *columns = json_object();
    for (int f = 0; f < type->n_fields; f++) {
        const recoup_record_field *field = &type->field[f];
        recoup_json_set(json, columns, field->name,
                        field->type == RECOUP_RECORD_FIELD_TEXT
                            ? text_column(json, field, rows, type->size, n)
                            : number_column(json, field, rows, type->size, n));
    }
    return columns;
}

void recoup_report_add_records(recoup_json *json, json_t *data, const recoup_results *results,
                               recoup_error *error) {
    json_t *records = json_object();
    for (int id = 0; id < RECOUP_N_RECORDS; id++) {
        int n, most = id == RECOUP_RECORD_HYGIENE ? MAX_HYGIENE_ROWS : MAX_ROWS;
        const void *rows = recoup_results_records(results, (recoup_record_id)id, &n);
        const recoup_record_type *type = &recoup_record_types[id];
        int n_shown = n < most ? n : most;
        json_t *object = json_object();
        recoup_json_set(json, object, "n", json_integer(n_shown));
        recoup_json_set(json, object, "total", json_integer(n));
        recoup_json_set(json, object, "columns", kind(json, type, rows, n_shown));
        recoup_json_set(json, records, type->name, object);
        if (n_shown < n)
            recoup_note(error, NULL, "the page shows the first %d of %d rows of `%s`", n_shown, n,
                        type->name);
    }
    recoup_json_set(json, data, "records", records);
}
