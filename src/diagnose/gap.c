/* The gap to a reference by factor (GAP). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_gap(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
