/* The four causes (FINDING). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_causes(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
