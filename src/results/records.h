/* Records in results: rows of structs that tables of fields describe (recoup/record.h). In a file
 * each kind of record is a dimension of its name, without a coordinate, and each field a variable
 * <record>_<field>; kinds without rows are left out. */
#ifndef RECOUP_RESULTS_RECORDS_H
#define RECOUP_RESULTS_RECORDS_H

#include "results/results.h"
#include <stdint.h>

/* A new row: numbers and dates NaN, integers 0, texts "". Valid until the next one of its kind.
 * NULL: out of memory. */
void *recoup_records_add(recoup_results *results, recoup_record_id id);

/* The same for any array of a type's rows: `rows` is the address of its pointer. */
void *recoup_record_add(const recoup_record_type *type, void **rows, int *n, size_t *capacity);

/* A copy of a text that lives as long as the results; the first includes what printf makes. NULL:
 * out of memory. */
const char *recoup_records_format(recoup_results *results, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *recoup_records_text(recoup_results *results, const char *text);

/* Where a field of a row lies. */
static inline void *recoup_record_place(const recoup_record_field *field, const void *row) {
    return (char *)row + field->offset;
}

void recoup_records_clear(recoup_results *results);
/* Every value, bit for bit. */
bool recoup_records_equal(const recoup_results *a, const recoup_results *b);
/* FNV-1a over names and values, chained to `hash`; kinds without rows leave it as it is. */
uint64_t recoup_records_hash(uint64_t hash, const recoup_results *results);

#endif
