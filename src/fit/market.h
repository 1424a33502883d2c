/* The posterior of a loading on the market factor, from what the periods of the past show. */
#ifndef RECOUP_FIT_MARKET_H
#define RECOUP_FIT_MARKET_H

enum { RECOUP_LOADING_STEPS = 400 };

/* edge[0] = 0, ascending; cumulative[k] = P(loading <= edge[k]). */
typedef struct recoup_loading {
    double mean;
    double edge[RECOUP_LOADING_STEPS + 1], cumulative[RECOUP_LOADING_STEPS + 1];
} recoup_loading;

/* Of n periods with estimates y ~ N(m, loading² + variance), m flat, the loading half-normal with
 * the median `ordinary`. A period with infinite variance says nothing. */
void recoup_loading_posterior(int n, const double *estimate, const double *variance,
                              double ordinary, recoup_loading *loading);
double recoup_loading_quantile(const recoup_loading *loading, double p);

#endif
