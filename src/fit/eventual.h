/* The deals that exist, in the end: what share of them will have been won. */
#ifndef RECOUP_FIT_EVENTUAL_H
#define RECOUP_FIT_EVENTUAL_H

#include "crm/view.h"
#include "model/model.h"
#include <recoup/fit_summary.h>

/* How many of the view's open deals are won in the end, under one model: mean and variance given
 * the market Z (fit/predict.h). Of more than 10,000 open deals a part
 * stands for all. False: out of memory. */
bool recoup_eventual_wins(const recoup_view *view, const recoup_model *model, double z,
                          double *mean, double *variance);

#endif
