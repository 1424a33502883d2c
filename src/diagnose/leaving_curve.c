#include "diagnose/leaving_curve.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

bool recoup_leaving_curve_create(const recoup_stay *stay, int n_stays,
                                 recoup_leaving_curve *curve) {
    recoup_risk risk = {0};
    *curve = (recoup_leaving_curve){0};
    bool enough = recoup_risk_create(&risk, stay, n_stays);
    curve->step = RECOUP_NEW(recoup_incidence_step, risk.n);
    curve->hazard = RECOUP_NEW(double, risk.n);
    enough = enough && curve->step && curve->hazard;
    if (enough)
        curve->n = recoup_incidence(&risk, RECOUP_ADVANCE, curve->step);
    recoup_risk_clear(&risk);
    double open = 1, hazard = 0;
    for (int k = 0; k < curve->n; k++) {
        if (open > 0)
            hazard += 1 - curve->step[k].open / open;
        open = curve->step[k].open;
        curve->hazard[k] = hazard;
    }
    return enough;
}

void recoup_leaving_curve_clear(recoup_leaving_curve *curve) {
    free(curve->step);
    free(curve->hazard);
    *curve = (recoup_leaving_curve){0};
}

/* Up to an age, that day included. */
static double hazard_until(const recoup_leaving_curve *curve, double days) {
    int low = 0, high = curve->n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (curve->step[middle].days <= days)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? curve->hazard[low - 1] : 0;
}

double recoup_leaving_expected(const recoup_leaving_curve *curve, const recoup_stay *stay) {
    bool late = stay->entry_days > 0;
    if (stay->kind == RECOUP_STAY_UNDATED || (late && !(stay->entry_days < stay->dwell_days)))
        return 0;
    return hazard_until(curve, stay->dwell_days) -
           (late ? hazard_until(curve, stay->entry_days) : 0);
}

double recoup_leaving_median(const recoup_leaving_curve *curve, double speed) {
    double half = exp(-M_LN2 / speed), days = 0, open = 1;
    for (int k = 0; k < curve->n; k++) {
        const recoup_incidence_step *step = &curve->step[k];
        if (step->open <= half)
            return days + (step->days - days) * (open - half) / (open - step->open);
        days = step->days;
        open = step->open;
    }
    return NAN;
}
