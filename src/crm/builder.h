/* Shared by the steps that make a view; each fills its part of builder->view. */
#ifndef RECOUP_CRM_BUILDER_H
#define RECOUP_CRM_BUILDER_H

#include "crm/stages.h"
#include "crm/view.h"

typedef struct recoup_view_builder {
    const recoup_dataset *dataset;
    const recoup_view_options *options;
    recoup_view *view;
    recoup_error *error;
    recoup_status status;
    int *deal;        /* by deal of the view: its place in the dataset */
    int *entry_first; /* by deal of the dataset, and one more: where its entries begin */
    int *entry_end;   /* by deal of the view: where those known at the as-of date end */
    int *stage_of;    /* by stage of the dataset: its place in the view, -1 */
    int *rep_of;      /* by rep of the dataset: its place in the view, -1 */
    recoup_arena scratch;
} recoup_view_builder;

/* The steps, in the order in which they must run. */
void recoup_builder_add_deals(recoup_view_builder *builder);   /* who is in it, what it is worth */
void recoup_builder_add_visits(recoup_view_builder *builder);  /* outcomes, stages, visits */
void recoup_builder_add_reps(recoup_view_builder *builder);    /* reps, teams, cohorts */
void recoup_builder_add_details(recoup_view_builder *builder); /* what only a diagnosis reads */
void recoup_builder_add_digest(recoup_view_builder *builder);

/* The names of a column that the view's deals use, sorted into `to`; index[i] becomes that of deal
 * i, -1 where the column has none. NULL and builder->status when out of memory. */
int *recoup_builder_add_names(recoup_view_builder *builder, const recoup_names *from,
                              const int *column, recoup_names *to);

/* n zeroed elements that live as long as the view, or as the builder; NULL and builder->status when
 * out of memory. */
void *recoup_builder_alloc(recoup_view_builder *builder, int n, size_t size);
void *recoup_builder_scratch(recoup_view_builder *builder, int n, size_t size);

/* Adds the used names of a dictionary to one of the view, sorted: what is not used, or comes first
 * in the file, must not show. index_of[i] becomes the place of name i, -1 when it is not used. */
void recoup_builder_map_names(recoup_view_builder *builder, const recoup_names *from,
                              const uint8_t *used, recoup_names *to, int *index_of);

void recoup_builder_fail_memory(recoup_view_builder *builder);

#endif
