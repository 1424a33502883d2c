/* What a results file holds: one table of dimensions, one of variables, one of root attributes.
 * Writer, reader, comparison and allocation walk them; nothing is named a second time. */
#ifndef RECOUP_RESULTS_SCHEMA_H
#define RECOUP_RESULTS_SCHEMA_H

#include "results/results.h"

/* The format's own constants. Readers accept the same major version. */
#define RECOUP_RESULTS_FILETYPE "recoup results"
#define RECOUP_RESULTS_CONVENTIONS "CF-1.10"
enum { RECOUP_RESULTS_MAJOR = 1, RECOUP_RESULTS_MINOR = 0 };

typedef enum recoup_dimension_id {
    RECOUP_DIMENSION_PLAN,
    RECOUP_DIMENSION_QUANTILE,
    RECOUP_DIMENSION_COHORT,
    RECOUP_DIMENSION_TEAM,
    RECOUP_DIMENSION_REP,
    RECOUP_DIMENSION_WEEK,
    RECOUP_DIMENSION_STAGE,
    RECOUP_DIMENSION_BIN,
    RECOUP_DIMENSION_BIN_EDGE,
    RECOUP_DIMENSION_DRAW,
    RECOUP_DIMENSION_PATH,
    RECOUP_DIMENSION_REPLICATE,
    RECOUP_DIMENSION_DELAY,
    RECOUP_DIMENSION_STRENGTH,
    RECOUP_DIMENSION_FACTOR,
    RECOUP_DIMENSION_END,
    RECOUP_DIMENSION_SOURCE,
    RECOUP_N_DIMENSIONS
} recoup_dimension_id;

typedef struct recoup_dimension {
    const char *name;
    size_t size_offset; /* of its size in struct recoup_results: an int, or int64_t when `wide` */
    bool wide;
    int more;      /* bin_edge: one more than there are bins */
    bool optional; /* may be empty, and is then left out with all its variables */
} recoup_dimension;

extern const recoup_dimension recoup_dimensions[RECOUP_N_DIMENSIONS];

typedef enum recoup_variable_type {
    RECOUP_VARIABLE_DOUBLE,
    RECOUP_VARIABLE_INT,
    RECOUP_VARIABLE_INT64,
    RECOUP_VARIABLE_TEXT
} recoup_variable_type;

enum { RECOUP_VARIABLE_MAX_RANK = 3 };

typedef struct recoup_variable {
    const char *name;
    recoup_variable_type type;
    int rank; /* 0: a scalar, which stands in the struct itself */
    recoup_dimension_id dimension[RECOUP_VARIABLE_MAX_RANK];
    const char *units; /* NULL: a name or a number of order; RECOUP_MONEY: the currency */
    const char *long_name, *note;
    bool has_missing;          /* NaN stands for a value that does not exist */
    size_t offset;             /* in struct recoup_results */
    recoup_dimension_id needs; /* left out where this dimension is, too */
} recoup_variable;

#define RECOUP_MONEY "currency"

extern const recoup_variable recoup_variables[];
extern const int recoup_n_variables;

typedef struct recoup_attribute {
    const char *name;
    bool is_text; /* char *, else int64_t */
    size_t offset;
    bool is_optional; /* a text that files of older versions lack */
} recoup_attribute;

extern const recoup_attribute recoup_attributes[];
extern const int recoup_n_attributes;

/* Size of a dimension; 0: left out. */
int64_t recoup_results_size(const recoup_results *results, recoup_dimension_id dimension);
/* False when the size is out of range. Not for bin_edge. */
bool recoup_results_set_size(recoup_results *results, recoup_dimension_id dimension, int64_t size);

/* A coordinate variable has the name of its only dimension. */
bool recoup_variable_is_coordinate(const recoup_variable *variable);
/* Number of values; 0 when one of its dimensions is left out, SIZE_MAX when there is no such
 * number. */
size_t recoup_variable_count(const recoup_results *results, const recoup_variable *variable);
size_t recoup_variable_value_size(const recoup_variable *variable);
/* Its values in memory (borrowed). */
void *recoup_variable_values(const recoup_results *results, const recoup_variable *variable);

char *recoup_attribute_text(const recoup_results *results, const recoup_attribute *attribute);
int64_t recoup_attribute_number(const recoup_results *results, const recoup_attribute *attribute);

/* Makes zeroed arrays for all variables, once the sizes of the dimensions are set. */
bool recoup_results_allocate(recoup_results *results);
/* The same for the variables that have or need a dimension whose size was 0 until now. */
bool recoup_results_extend(recoup_results *results, recoup_dimension_id dimension);

/* Every attribute and value, bit for bit. */
bool recoup_results_equal(const recoup_results *a, const recoup_results *b);
/* FNV-1a over every attribute, name and value in the order of the tables. */
uint64_t recoup_results_digest(const recoup_results *results);

#endif
