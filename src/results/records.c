#include "results/records.h"

#include "base/names.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const void *recoup_results_records(const recoup_results *results, recoup_record_id id, int *n) {
    *n = results->records[id].n;
    return results->records[id].row;
}

static void clear_field(const recoup_record_field *field, void *row) {
    void *place = recoup_record_place(field, row);
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        *(const char **)place = "";
        break;
    case RECOUP_RECORD_FIELD_NUMBER:
    case RECOUP_RECORD_FIELD_DATE:
        *(double *)place = NAN;
        break;
    case RECOUP_RECORD_FIELD_INT:
        *(int *)place = 0;
        break;
    }
}

void *recoup_record_add(const recoup_record_type *type, void **rows, int *n, size_t *capacity) {
    if (!recoup_grow(rows, (size_t)*n, capacity, type->size))
        return NULL;
    char *row = (char *)*rows + (size_t)(*n)++ * type->size;
    memset(row, 0, type->size);
    for (int f = 0; f < type->n_fields; f++)
        clear_field(&type->field[f], row);
    return row;
}

void *recoup_records_add(recoup_results *results, recoup_record_id id) {
    recoup_records *records = &results->records[id];
    return recoup_record_add(&recoup_record_types[id], &records->row, &records->n,
                             &records->capacity);
}

const char *recoup_records_text(recoup_results *results, const char *text) {
    return recoup_arena_text(&results->arena, text, strlen(text));
}

const char *recoup_records_format(recoup_results *results, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = recoup_arena_format(&results->arena, format, arguments);
    va_end(arguments);
    return text;
}

void recoup_records_clear(recoup_results *results) {
    for (int id = 0; id < RECOUP_N_RECORDS; id++)
        free(results->records[id].row);
}

static bool fields_equal(const recoup_record_field *field, const void *a, const void *b) {
    const void *x = recoup_record_place(field, a), *y = recoup_record_place(field, b);
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        return strcmp(*(const char *const *)x, *(const char *const *)y) == 0;
    case RECOUP_RECORD_FIELD_INT:
        return *(const int *)x == *(const int *)y;
    case RECOUP_RECORD_FIELD_NUMBER:
    case RECOUP_RECORD_FIELD_DATE:
        break;
    }
    return memcmp(x, y, sizeof(double)) == 0;
}

bool recoup_records_equal(const recoup_results *a, const recoup_results *b) {
    for (int id = 0; id < RECOUP_N_RECORDS; id++) {
        const recoup_record_type *type = &recoup_record_types[id];
        if (a->records[id].n != b->records[id].n)
            return false;
        const char *x = a->records[id].row, *y = b->records[id].row;
        for (int i = 0; i < a->records[id].n; i++, x += type->size, y += type->size)
            for (int f = 0; f < type->n_fields; f++)
                if (!fields_equal(&type->field[f], x, y))
                    return false;
    }
    return true;
}

static uint64_t hash_field(uint64_t hash, const recoup_record_field *field, const void *row) {
    const void *place = recoup_record_place(field, row);
    switch (field->type) {
    case RECOUP_RECORD_FIELD_TEXT:
        return recoup_hash_text(hash, *(const char *const *)place);
    case RECOUP_RECORD_FIELD_INT:
        return recoup_hash(hash, place, sizeof(int));
    case RECOUP_RECORD_FIELD_NUMBER:
    case RECOUP_RECORD_FIELD_DATE:
        break;
    }
    return recoup_hash(hash, place, sizeof(double));
}

uint64_t recoup_records_hash(uint64_t hash, const recoup_results *results) {
    for (int id = 0; id < RECOUP_N_RECORDS; id++) {
        const recoup_record_type *type = &recoup_record_types[id];
        const char *row = results->records[id].row;
        if (results->records[id].n > 0)
            hash = recoup_hash_text(hash, type->name);
        for (int i = 0; i < results->records[id].n; i++, row += type->size)
            for (int f = 0; f < type->n_fields; f++)
                hash = hash_field(hash, &type->field[f], row);
    }
    return hash;
}
