#include "diagnose/wilson.h"

#include <math.h>

void recoup_wilson(double k, double n, double *low, double *high) {
    const double z = 1.959963984540054; /* of 97.5 % */
    double share = k / n, centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    *low = n > 0 ? fmax(0, centre - half) : NAN;
    *high = n > 0 ? fmin(1, centre + half) : NAN;
}
