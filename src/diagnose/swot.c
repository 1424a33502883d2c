/* Strengths and weaknesses of the deal flow (SWOT). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_swot(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
