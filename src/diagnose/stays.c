#include "diagnose/stays.h"

#include <math.h>

static recoup_stay stay_of(int deal, int exit, double dwell_days, double entry_days) {
    return (recoup_stay){.kind = exit < 0 ? RECOUP_STAY_OPEN : RECOUP_STAY_CLOSED,
                         .exit = exit,
                         .deal = deal,
                         .dwell_days = fmax(0, dwell_days),
                         .entry_days = fmax(0, entry_days),
                         .weight = 1};
}

recoup_stay recoup_stay_of_deal(const recoup_view *view, int deal) {
    bool open = view->outcome[deal] == RECOUP_OPEN, won = view->outcome[deal] == RECOUP_WON;
    double end = open ? view->as_of : view->closed[deal];
    int exit = open ? -1 : won ? RECOUP_GOES_ON : RECOUP_IS_LOST;
    return stay_of(deal, exit, end - view->created[deal], 0);
}

recoup_stay recoup_stay_of_visit(const recoup_visit *visit, double entered) {
    int exit = RECOUP_GOES_BACK;
    if (visit->target == RECOUP_TO_NONE)
        exit = -1;
    else if (visit->target == RECOUP_TO_LOST)
        exit = RECOUP_IS_LOST;
    else if (visit->target == RECOUP_TO_WON || visit->target > visit->stage)
        exit = RECOUP_GOES_ON;
    return stay_of(visit->deal, exit, visit->dwell + (visit->entered - entered), visit->entry_age);
}
