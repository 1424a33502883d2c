/* Going on after a problem, so that all are reported. */
#ifndef RECOUP_SCENARIO_CHECK_H
#define RECOUP_SCENARIO_CHECK_H

#include <recoup/error.h>

/* The status of two steps that both ran: running out of memory outweighs wrong input. */
static inline recoup_status recoup_worse(recoup_status a, recoup_status b) {
    return a == RECOUP_OK || b == RECOUP_ENOMEM ? b : a;
}

#endif
