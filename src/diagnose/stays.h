/* What became of deals, or of stays in a stage, as the stays of fit/mixture.h: the one reading of
 * the view that conversions (diagnose/competing.h) and weights (diagnose/courses.h) share. */
#ifndef RECOUP_DIAGNOSE_STAYS_H
#define RECOUP_DIAGNOSE_STAYS_H

#include "crm/view.h"
#include "fit/mixture.h"

/* Exits; -1: still there. A deal that is won goes on; to any stage but a later one is back. */
enum { RECOUP_GOES_ON = 0, RECOUP_IS_LOST = 1, RECOUP_GOES_BACK = 2 };

/* A deal of the view from its creation until it was won or lost, or the as-of date. */
recoup_stay recoup_stay_of_deal(const recoup_view *view, int deal);

/* A stay in a stage. Its time of entry must be known, or be taken as `entered` (days since 1970).
 */
recoup_stay recoup_stay_of_visit(const recoup_visit *visit, double entered);

#endif
