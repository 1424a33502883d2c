/* The plans' own words, levers and actions (DOCUMENT, LEVER, ACTION). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_plans(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
