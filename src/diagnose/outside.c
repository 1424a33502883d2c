/* What others say: benchmarks, reasons of losses, the review (BENCHMARK, LOSS, REVIEW). */
#include "diagnose/diagnose.h"

recoup_status recoup_diagnose_outside(const recoup_diagnosing *diagnosing) {
    (void)diagnosing;
    return RECOUP_OK;
}
