/* The laws that a plan leaves in force. */
#ifndef RECOUP_DIAGNOSE_LASTING_MODEL_H
#define RECOUP_DIAGNOSE_LASTING_MODEL_H

#include "program/program.h"

/* A model whose deals all live by the laws that the program's first plan has in force in a cell at
 * the end of the period, its levers included and the calendar, which means nothing over the years,
 * left out. For fit/predict.h, with deals of no cohort, channel and segment. model: what the
 * program was made of; borrowed. In the arena; NULL: out of memory. */
const recoup_model *recoup_lasting_model(const recoup_program *program, const recoup_model *model,
                                         const recoup_view *view, int cell, recoup_arena *arena);

#endif
