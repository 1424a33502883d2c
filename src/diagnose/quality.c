/* What the tables lack (QUALITY). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_quality(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
