/* Where the team, its cohorts and its reps stand (STANDING). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_standing(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
