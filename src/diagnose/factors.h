/* The change of a product as a sum of what each of its factors does to it, and sums in whole cents.
 * Pure arithmetic; nothing here can fail. */
#ifndef RECOUP_DIAGNOSE_FACTORS_H
#define RECOUP_DIAGNOSE_FACTORS_H

enum { RECOUP_FACTORS = 4 };

/* Additive logarithmic mean Divisia index (LMDI-I; Ang 2005, The LMDI approach to decomposition
 * analysis: a practical guide, Energy Policy 33): with the logarithmic mean
 * L(x, y) = (x - y) / ln(x / y) of the products x after and y before,
 *
 *     effect_i = L(x, y)·ln(after_i / before_i).
 *
 * The effects sum to x - y and change their signs when before and after change places. All factors
 * must be above 0. */
void recoup_factors_lmdi(const double *before, const double *after, double *effect);

/* The mean over the 24 orders in which the factors can go from before to after of what each does
 * when its turn comes (Shapley 1953, A value for n-person games; for decompositions, Albrecht,
 * Francois & Schoors 2002, A Shapley decomposition of carbon emissions without residuals, Energy
 * Policy 30). The same sum and symmetry; any factors. */
void recoup_factors_shapley(const double *before, const double *after, double *effect);

/* LMDI, and Shapley's value where a factor is not above 0. A factor that is not known (NaN) in one
 * of the two is taken as it is in the other and explains nothing; not known in both, it is 1. */
void recoup_factors_explain(const double *before, const double *after, double *effect);

/* Amounts of money in whole cents with a given sum: each part is rounded down, and what the sum
 * then lacks goes to those with the largest remainders (the method of Hamilton; ties: to the first
 * ones), so that no part is moved by a cent or more where the parts add up to the total but for
 * rounding. Numbers of cents are exact up to 2^53 of them. cents [n] may be part [n]. */
void recoup_cents_share(const double *part, int n, double total_cents, double *cents);

/* The nearest whole number of cents. */
double recoup_cents_of(double money);

#endif
