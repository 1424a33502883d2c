/* Many tests at once: which of them are findings, when some come out by chance alone. */
#ifndef RECOUP_DIAGNOSE_FALSE_DISCOVERIES_H
#define RECOUP_DIAGNOSE_FALSE_DISCOVERIES_H

#include <stdbool.h>

/* p, q: [n]. q[i] <= level for those that are found when at most the share `level` of the findings
 * may be due to chance: p-values adjusted by Benjamini & Hochberg 1995. A p-value of NaN was not
 * tested, its q is NaN. q may be p. False: out of memory. */
bool recoup_q_values(int n, const double *p, double *q);

/* What the diagnosis takes for `level`. */
#define RECOUP_FALSE_DISCOVERIES .05

#endif
