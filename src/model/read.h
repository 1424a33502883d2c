/* Reading model.yaml, in parts; inside this module. */
#ifndef RECOUP_MODEL_READ_H
#define RECOUP_MODEL_READ_H

#include "config/config.h"
#include "model/model.h"

/* A row of a table of fields: the key is called as the member that it fills. */
#define RECOUP_KEY(structure, member, field_type)                                                  \
    .key = #member, .type = field_type, .offset = offsetof(structure, member)

/* What the parts share. They report and go on; `status` keeps that something was wrong. */
typedef struct recoup_model_reader {
    recoup_document *document;
    recoup_model *model;
    recoup_error *error;
    recoup_status status;
} recoup_model_reader;

/* Keeps a status: running out of memory outweighs wrong input. True when it is RECOUP_OK. */
bool recoup_model_reader_take(recoup_model_reader *reader, recoup_status status);

/* Zeroed memory that lives with the model; NULL (and reported) when out of memory. */
void *recoup_model_reader_alloc(recoup_model_reader *reader, int n, size_t size);
char *recoup_model_reader_text(recoup_model_reader *reader, const char *text);

/* Reports a name that is none of the n known ones, with the nearest; `kind` ("cohort") says what it
 * should be. */
void recoup_model_reader_unknown(recoup_model_reader *reader, const recoup_node *key,
                                 const char *kind, char *const *name, int n);

/* The items of a mapping by the index of their key among `names`; every name must be there, `kind`
 * ("cohort") says what they are. item: names->n of them. False when anything was reported. */
bool recoup_model_reader_by_name(recoup_model_reader *reader, const recoup_node *mapping,
                                 const char *key, const char *kind, const recoup_names *names,
                                 const recoup_node **item);

/* A map name -> number; NULL when anything was reported. */
double *recoup_model_reader_numbers(recoup_model_reader *reader, const recoup_node *mapping,
                                    const char *key, const char *kind, const recoup_names *names);

/* The parts. */
void recoup_model_read_exits(recoup_model_reader *reader, const recoup_node *defaults,
                             const recoup_node *exits);
void recoup_model_read_amount(recoup_model_reader *reader, const recoup_node *amount);
void recoup_model_read_mix(recoup_model_reader *reader, const recoup_node *mix);
void recoup_model_read_arrivals(recoup_model_reader *reader, const recoup_node *arrivals);
void recoup_model_read_fit(recoup_model_reader *reader, const recoup_node *fit);

#endif
