/* How many new deals a plan expects, and how far their number may be off. */
#ifndef RECOUP_DIAGNOSE_INFLOW_H
#define RECOUP_DIAGNOSE_INFLOW_H

#include "program/program.h"

/* Mean and variance of the number of new deals in the first `days` days under the first plan. A
 * stream s with the mean m_s at Z = 0 counts Poisson(m_s exp(lZ) G_s), G_s gamma with mean 1 and
 * variance d_s, and its rate is known up to the relative standard error e_s, so that with M = sum
 * of m_s
 *     mean = exp(l²/2) M,  variance = mean + exp(2l²) (M² + sum m_s² (d_s + e_s²)) - exp(l²) M²
 * by the law of total variance (moments of the lognormal distribution). */
void recoup_inflow_expect(const recoup_program *program, const recoup_model *model, double days,
                          double *mean, double *variance);

/* The p-quantile of the negative binomial count of this mean and variance; Poisson where the
 * variance is not above the mean. */
double recoup_inflow_quantile(double mean, double variance, double p);

#endif
