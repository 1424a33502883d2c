/* Hygiene of the open pipeline (HYGIENE, RULE, FORECAST). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_hygiene(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
