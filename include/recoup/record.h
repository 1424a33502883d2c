/* Records: rows of one struct each, described by a table of fields, so that files, JSON, CSV and
 * pages all say the same. */
#ifndef RECOUP_RECORD_H
#define RECOUP_RECORD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a field is in the struct. */
typedef enum recoup_record_field_type {
    RECOUP_RECORD_FIELD_TEXT,   /* const char *, never NULL; "": none */
    RECOUP_RECORD_FIELD_NUMBER, /* double; NaN: none */
    RECOUP_RECORD_FIELD_DATE,   /* double, days since 1970-01-01; NaN: none */
    RECOUP_RECORD_FIELD_INT     /* int */
} recoup_record_field_type;

typedef struct recoup_record_field {
    const char *name;
    recoup_record_field_type type;
    size_t offset;
    const char *units; /* NULL: a text or a date; "currency": the results' */
    const char *long_name;
} recoup_record_field;

typedef struct recoup_record_type {
    const char *name;      /* singular: of the dimension, and before the fields' names, in files */
    const char *long_name; /* what the rows are */
    size_t size;           /* of the struct */
    int n_fields;
    const recoup_record_field *field;
} recoup_record_type;

#ifdef __cplusplus
}
#endif
#endif
