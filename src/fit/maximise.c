#include "fit/maximise.h"

#include <math.h>
#include <string.h>

enum { MAX = RECOUP_MAX_PARAMETERS, MAX_ITERATIONS = 200 };

/* Differences of a gradient whose parameters are logarithms and logits: an error of h²/6 of the
 * third derivative against 1e-16/h of rounding. */
#define DIFFERENCE 1e-4
#define TOLERANCE 1e-9
#define RENEW_ABOVE .5 /* of the decrement: below half a standard error, the last Hessian does */
#define MAX_STEP 2.0   /* of one parameter: e² in a scale */

/* Minus the Hessian at x, symmetrised. */
static void negative_hessian(recoup_objective objective, const void *user, int n, const double *x,
                             double a[MAX][MAX]) {
    double moved[MAX], up[MAX], down[MAX];
    memcpy(moved, x, (size_t)n * sizeof *x);
    for (int i = 0; i < n; i++) {
        moved[i] = x[i] + DIFFERENCE;
        objective(moved, up, user);
        moved[i] = x[i] - DIFFERENCE;
        objective(moved, down, user);
        moved[i] = x[i];
        for (int j = 0; j < n; j++)
            a[i][j] = (down[j] - up[j]) / (2 * DIFFERENCE);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            a[i][j] = a[j][i] = (a[i][j] + a[j][i]) / 2;
}

/* Lower triangle of the Cholesky factor of a + shift·diagonal; false unless positive definite. */
static bool factorise(int n, double a[MAX][MAX], double shift, double factor[MAX][MAX]) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[i][j] + (i == j ? shift : 0);
            for (int k = 0; k < j; k++)
                sum -= factor[i][k] * factor[j][k];
            if (i != j)
                factor[i][j] = sum / factor[j][j];
            else if (sum > 1e-12 * fabs(a[i][i]) && isfinite(sum))
                factor[i][i] = sqrt(sum);
            else
                return false;
        }
    return true;
}

static void solve(int n, double factor[MAX][MAX], const double *b, double *x) {
    for (int i = 0; i < n; i++) {
        x[i] = b[i];
        for (int k = 0; k < i; k++)
            x[i] -= factor[i][k] * x[k];
        x[i] /= factor[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            x[i] -= factor[k][i] * x[k];
        x[i] /= factor[i][i];
    }
}

/* A factor of a, made positive definite where it is not. True: it needed no help. */
static bool factorise_any(int n, double a[MAX][MAX], double factor[MAX][MAX]) {
    if (factorise(n, a, 0, factor))
        return true;
    double size = 1e-8;
    for (int i = 0; i < n; i++)
        if (isfinite(a[i][i]))
            size = fmax(size, fabs(a[i][i]));
    enum { MAX_SHIFTS = 20 }; /* from 1e-4 to 1e8 times the size, by fours */
    double shift = 1e-4 * size;
    for (int k = 0; k < MAX_SHIFTS; k++, shift *= 4)
        if (factorise(n, a, shift, factor))
            return false;
    memset(factor, 0, sizeof(double[MAX][MAX]));
    for (int i = 0; i < n; i++)
        factor[i][i] = 1;
    return false;
}

/* The longest of step, step/2, step/4 ... that increases the value; x, value and gradient move
 * there. False: none does. */
static bool climb(recoup_objective objective, const void *user, int n, double *x, double *value,
                  double *gradient, const double *step, double slope) {
    double longest = 0, moved[MAX], at[MAX];
    for (int i = 0; i < n; i++)
        longest = fmax(longest, fabs(step[i]));
    double length = longest > MAX_STEP ? MAX_STEP / longest : 1;
    for (int k = 0; k < 40; k++, length /= 2) {
        for (int i = 0; i < n; i++)
            moved[i] = x[i] + length * step[i];
        double reached = objective(moved, at, user);
        if (reached > *value + 1e-4 * length * slope) {
            memcpy(x, moved, (size_t)n * sizeof *x);
            memcpy(gradient, at, (size_t)n * sizeof *gradient);
            *value = reached;
            return true;
        }
    }
    return false;
}

static bool invert(recoup_objective objective, const void *user, int n, const double *x,
                   double *covariance) {
    double a[MAX][MAX], factor[MAX][MAX] = {{0}}, unit[MAX] = {0};
    negative_hessian(objective, user, n, x, a);
    if (!factorise(n, a, 0, factor))
        return false;
    for (int i = 0; i < n; i++) {
        unit[i] = 1;
        solve(n, factor, unit, covariance + i * n);
        unit[i] = 0;
    }
    return true;
}

bool recoup_maximise(recoup_objective objective, const void *user, int n, double *x, double *value,
                     double *covariance) {
    double a[MAX][MAX], factor[MAX][MAX] = {{0}}, gradient[MAX] = {0}, step[MAX];
    double best = objective(x, gradient, user);
    bool renew = true, definite = false, converged = n == 0;
    for (int iteration = 0; iteration < MAX_ITERATIONS && !converged; iteration++) {
        if (renew) {
            negative_hessian(objective, user, n, x, a);
            definite = factorise_any(n, a, factor);
        }
        solve(n, factor, gradient, step);
        double slope = 0;
        for (int i = 0; i < n; i++)
            slope += gradient[i] * step[i];
        double decrement = sqrt(fmax(0, slope));
        bool fresh = renew;
        renew = !definite || decrement > RENEW_ABOVE;
        if (definite && decrement < TOLERANCE)
            converged = true;
        else if (!climb(objective, user, n, x, &best, gradient, step, slope)) {
            /* The value is flat to its last digit, or the Hessian was an old one. */
            converged = definite && decrement < 1e-5;
            if (fresh && !converged)
                break;
            renew = true;
        }
    }
    if (value)
        *value = best;
    return converged && (!covariance || invert(objective, user, n, x, covariance));
}
