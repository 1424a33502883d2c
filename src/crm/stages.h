/* The order of the stages of a pipeline, told from the ways that deals took. */
#ifndef RECOUP_CRM_STAGES_H
#define RECOUP_CRM_STAGES_H

#include "crm/dataset.h"

/* More different stages than this are not stages: another column was named so. */
enum { RECOUP_STAGES_MAX = 64 };

/* Counts for the order: how many deals came to stage a before stage b. */
typedef struct recoup_stage_order {
    int n;
    int *before;      /* n × n: deals that entered a (row) before b */
    int *n_deals;     /* deals that entered the stage at all */
    double *rank_sum; /* sum over them of its place among the stages of the deal */
    int *sequence;    /* the stages of one deal, for add */
} recoup_stage_order;

/* For n <= RECOUP_STAGES_MAX stages; false: out of memory. */
bool recoup_stage_order_init(recoup_stage_order *order, int n);
void recoup_stage_order_clear(recoup_stage_order *order);

/* Counts the n entries of one deal, in their order in time; targets < 0 (won, lost) are skipped. */
void recoup_stage_order_add(recoup_stage_order *order, const int *target, int n);

/* place[k] is the stage at place k: again and again the stage that no other remaining one comes
 * before in most deals; of several, and in a circle, the one with the lowest mean rank, then by
 * name. Stages that no deal entered come last. */
void recoup_stage_order_finish(const recoup_stage_order *order, char *const *name, int *place);

#endif
