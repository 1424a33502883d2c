/* YAML with places, and a binder driven by tables.
 *
 * A document is read into a tree of nodes that keep their line and column. A table of fields (a
 * schema) then says which keys a mapping may hold, of which type and range, and where in a struct
 * each goes. Every departure (unknown key with the nearest known one, duplicate, wrong type, out of
 * range, missing key, bad number) is reported with file, line, column and the source line; binding
 * goes on after a problem, so that all are reported.
 *
 * YAML is read strictly: UTF-8, one document, no anchors, aliases or tags, no tabs for indentation.
 * All memory that binding makes lives in the document's arena: a bound struct is valid as long as
 * its document.
 */
#ifndef RECOUP_CONFIG_CONFIG_H
#define RECOUP_CONFIG_CONFIG_H

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/effect.h"

typedef enum recoup_node_kind {
    RECOUP_NODE_SCALAR,
    RECOUP_NODE_SEQUENCE,
    RECOUP_NODE_MAPPING
} recoup_node_kind;

typedef struct recoup_node recoup_node;
struct recoup_node {
    recoup_node_kind kind;
    int line, column;  /* from 1 */
    const char *text;  /* scalar */
    bool quoted;       /* scalar: '...' or "..." (or a block), so never a number, a date or null */
    int n;             /* sequence: items; mapping: pairs */
    recoup_node **key; /* mapping: scalars, no two alike */
    recoup_node **item;
};

typedef struct recoup_document {
    char *file;   /* as given */
    char *source; /* the whole text, NUL-terminated */
    recoup_node *root;
    recoup_arena arena;
} recoup_document;

/* Reads a file. EINVALID: cannot be opened, not UTF-8, not YAML, empty; the root is a mapping.
 * On success *document is to be freed by recoup_document_free (NULL is fine). */
recoup_status recoup_document_load(const char *path, recoup_document **document,
                                   recoup_error *error);
/* The same from a text that is called `file` in messages. */
recoup_status recoup_document_parse(const char *file, const char *text, size_t length,
                                    recoup_document **document, recoup_error *error);
void recoup_document_free(recoup_document *document);

/* The value of a key, NULL when absent (or when `mapping` is not a mapping). A key without a value
 * (nothing, null or ~) counts as absent here and in binding. */
const recoup_node *recoup_node_find(const recoup_node *mapping, const char *key);

/* Reports EINVALID at a node: file, line, column, the source line for the caret. */
recoup_status recoup_node_fail(const recoup_document *document, const recoup_node *node,
                               recoup_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void recoup_node_note(const recoup_document *document, const recoup_node *node, recoup_error *error,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* --- binding ------------------------------------------------------------------------------- */

/* What a field reads and the C type it fills. */
typedef enum recoup_field_type {
    RECOUP_FIELD_TEXT,    /* const char *: any scalar */
    RECOUP_FIELD_NUMBER,  /* double: recoup_number_parse, within [min, max] */
    RECOUP_FIELD_INTEGER, /* int64_t: a whole number within [min, max]; 1e6 is one */
    RECOUP_FIELD_BOOLEAN, /* bool: true | false */
    RECOUP_FIELD_DATE,    /* double, days since 1970 (base/date.h) */
    RECOUP_FIELD_CHOICE,  /* int: index into `choices` (NULL-terminated) */
    RECOUP_FIELD_TEXTS,   /* recoup_texts: a scalar or a sequence of scalars, none twice */
    RECOUP_FIELD_NUMBERS, /* recoup_numbers: a map name -> number, in file order */
    RECOUP_FIELD_VALUES,  /* recoup_values: a sequence of numbers */
    RECOUP_FIELD_EFFECT,  /* recoup_effect: a number or a distribution (config/effect.h) */
    RECOUP_FIELD_STRUCT,  /* a struct in place: a mapping bound by `schema` */
    RECOUP_FIELD_LIST,    /* recoup_list: a sequence of mappings, each bound by `schema` */
    RECOUP_FIELD_NODE     /* const recoup_node *: as it stands; the caller reads it */
} recoup_field_type;

typedef struct recoup_texts {
    int n;
    const char **text;
    const recoup_node **node; /* for messages */
} recoup_texts;

typedef struct recoup_numbers {
    int n;
    const char **name;
    double *value;
    const recoup_node **node; /* the key's node */
} recoup_numbers;

typedef struct recoup_values {
    int n;
    double *value;
} recoup_values;

typedef struct recoup_list {
    int n;
    void *items;              /* an array of structs of the schema's size */
    const recoup_node **node; /* each item's mapping */
} recoup_list;

typedef struct recoup_schema recoup_schema;
typedef struct recoup_field {
    const char *key;
    recoup_field_type type;
    size_t offset; /* of the value in the struct */
    bool required;
    double min, max; /* NUMBER, INTEGER, NUMBERS, VALUES, EFFECT: inclusive; both 0: any; max < min:
                        no upper limit */
    bool open_min;   /* min itself is not allowed; with both 0: "> 0" */
    const char *const *choices;
    const recoup_schema *schema;
    const char *meaning; /* what is expected, for messages: "a share between 0 and 1" */
} recoup_field;

struct recoup_schema {
    const char *name;     /* what the mapping is, for messages: "a plan" */
    size_t size;          /* of the struct */
    const void *defaults; /* of LIST items; NULL: zeroed */
    const recoup_field *fields;
    int n_fields;
};

/* Binds a mapping's keys into *target, which the caller has filled with defaults: an absent
 * optional key leaves its field alone. The items of a LIST start from `defaults` of their schema
 * (zeroed without). EINVALID when anything was reported. */
recoup_status recoup_bind(recoup_document *document, const recoup_node *mapping,
                          const recoup_schema *schema, void *target, recoup_error *error);

/* Reads single nodes by the same rules, for the parts that a table cannot describe. */
recoup_status recoup_bind_number(const recoup_document *document, const recoup_node *node,
                                 double *value, recoup_error *error);
recoup_status recoup_bind_texts(recoup_document *document, const recoup_node *node,
                                recoup_texts *texts, recoup_error *error);
recoup_status recoup_bind_numbers(recoup_document *document, const recoup_node *node,
                                  recoup_numbers *numbers, recoup_error *error);

/* --- writing ------------------------------------------------------------------------------- */

/* Adds a scalar, quoted when YAML (or the rules above) would read it as anything but this text. */
void recoup_yaml_add_scalar(recoup_text *text, const char *scalar);

#endif
