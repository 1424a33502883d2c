/* The interval of a share. */
#ifndef RECOUP_DIAGNOSE_WILSON_H
#define RECOUP_DIAGNOSE_WILSON_H

/* The 95 % interval of the probability of which k of n is an estimate (Wilson 1927): within 0 and
 * 1, also for k = 0 or n. NaN where n is 0. */
void recoup_wilson(double k, double n, double *low, double *high);

#endif
