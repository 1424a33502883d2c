/* Partial pooling of group estimates. */
#ifndef RECOUP_FIT_POOL_H
#define RECOUP_FIT_POOL_H

/* y_i ~ N(theta_i, v_i), theta_i ~ N(m, tau²): m and tau² by Paule & Mandel 1982 (tau² = 0 when the
 * groups differ no more than noise), and difference[i] = tau² / (tau² + v_i) · (y_i - m), what is
 * left of each group's distance from the centre. Groups with infinite variance (nothing known) get
 * 0. Returns tau². */
double recoup_pool(int n, const double *estimate, const double *variance, double *difference);

#endif
