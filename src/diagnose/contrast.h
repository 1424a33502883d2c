/* The difference of an outcome between a group and the rest, other things being equal.
 *
 * The outcome is 0 or 1, or a pseudo-value (diagnose/competing.h); the difference is the
 * coefficient of "in the group" beside factors that add up: channel, segment, the quarter ... A
 * factor's levels that lie wholly on one side of the comparison take no part in it. By least
 * squares, the factors taken out first (Frisch & Waugh 1933; in turn, until nothing moves:
 * Guimarães & Portugal 2010).
 *
 * Outcomes of one rep resemble each other: residuals of a rep have the correlation rho, one for
 * all, by the moments of their products (0 where it comes out below). With x the group's indicator
 * less what the factors say of it, e residuals and S² their mean square,
 *
 *     variance = (max(sum x² e², S² sum x²) + rho S² B) / (sum x²)²,
 *     B = sum over reps of ((sum x)² - sum x²), at least 0,
 *
 * so that heteroscedasticity only ever widens. Student's t with the degrees of freedom of
 * Satterthwaite 1946, where what is uncertain is rho: with few reps, or a few that have most of the
 * deals, there are few. */
#ifndef RECOUP_DIAGNOSE_CONTRAST_H
#define RECOUP_DIAGNOSE_CONTRAST_H

#include <stdbool.h>

enum { RECOUP_MAX_FACTORS = 8 };

typedef struct recoup_factor {
    const int *level; /* [i]; 0 .. n_levels - 1 */
    int n_levels;
    bool only_residuals; /* not of the comparison, but residuals are taken within its levels */
} recoup_factor;

typedef struct recoup_contrast_data {
    int n;
    const double *outcome;
    const bool *is_in;
    const int *rep; /* 0 .. n_reps - 1; -1: nobody, who resembles nobody */
    int n_reps;
    int n_factors;
    recoup_factor factor[RECOUP_MAX_FACTORS];
} recoup_contrast_data;

typedef struct recoup_contrast {
    int n_in, n_out;
    int reps_in, reps_out; /* with such outcomes; one without a rep counts as a rep */
    double difference, se, df;
    double low, high; /* 95 % */
    double p_value;   /* two-sided; NaN: the factors leave nothing to compare */
    /* The rep of the group without whom the difference is nearest to 0 (away from 0 it does not
     * count), and what it is and its standard error without; -1: none. */
    int driver;
    double without, without_se;
} recoup_contrast;

/* False: out of memory. */
bool recoup_contrast_of(const recoup_contrast_data *data, recoup_contrast *contrast);

#endif
