/* Telling selections apart by what they are worth in each parameter draw.
 *
 * All are evaluated on the same draws, so two are compared by their differences, draw by draw: with
 * d_1 ... d_n of mean m and standard deviation s, the error of m as an estimate of the mean over
 * all possible draws is s / sqrt(n), and t = m / (s / sqrt(n)) has about Student's distribution
 * with n - 1 degrees of freedom. The scramblings of the market factor give another error, which
 * counts where it is larger (and alone where there is one draw).
 *
 * That a selection which looks worse by t is better in truth is held against its *doubt*, twice the
 * tail probability beyond t: twice, because the winner was named by the same draws. By Bonferroni's
 * inequality the winner is the best with a probability of at least 1 less the sum of all doubts
 * (Kim & Nelson 2006, Selecting the best system, Handbooks in Operations Research and Management
 * Science 13, chapter 17, who screen by such sums; Chen & Lee 2010, Stochastic Simulation
 * Optimization, call the bound APCS-B). */
#ifndef RECOUP_DECIDE_OPTIMIZE_RANK_H
#define RECOUP_DECIDE_OPTIMIZE_RANK_H

/* Values of one selection; by draw, and as means over draws by scrambling of Z. */
typedef struct recoup_trial {
    int n_draws, n_replicates; /* n_replicates 0: they have no error */
    double *value, *replicate;
} recoup_trial;

typedef struct recoup_difference {
    double mean, se;
    int freedom; /* degrees of */
} recoup_difference;

double recoup_trial_mean(const recoup_trial *trial);
/* a less b, on the draws that both have. least_se: the error is at least that large. */
recoup_difference recoup_trial_difference(const recoup_trial *a, const recoup_trial *b,
                                          double least_se);
/* The value less a number. */
recoup_difference recoup_trial_above(const recoup_trial *trial, double number, double least_se);
/* That the difference is below -tolerance in truth. */
double recoup_difference_doubt(const recoup_difference *difference, double tolerance);

#endif
