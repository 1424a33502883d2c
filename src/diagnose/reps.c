/* Reps: how far they differ, who falls short, the skill matrix (SPREAD, SHORTFALL, SKILL). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_reps(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
