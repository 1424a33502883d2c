/* Chebyshev points of the second kind on [-1, 1], ends included, and barycentric interpolation
 * between them (Berrut & Trefethen 2004, Barycentric Lagrange interpolation, SIAM Review 46). One
 * point: nothing depends on x. */
#ifndef RECOUP_ENGINE_CHARACTERISTIC_AXIS_H
#define RECOUP_ENGINE_CHARACTERISTIC_AXIS_H

#include <math.h>

enum { RECOUP_CHARACTERISTIC_NODES = 33 };

/* The j-th of n, increasing. */
static inline double recoup_chebyshev_node(int n, int j) {
    return n == 1 ? 0 : -cos(M_PI * j / (n - 1));
}

static inline void recoup_chebyshev_weights(int n, const double *node, double x, double *weight) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
        double distance = x - node[j];
        if (distance == 0 || n == 1) {
            for (int i = 0; i < n; i++)
                weight[i] = i == j;
            return;
        }
        weight[j] = (j == 0 || j == n - 1 ? 0.5 : 1.0) * (j % 2 ? -1 : 1) / distance;
        sum += weight[j];
    }
    for (int j = 0; j < n; j++)
        weight[j] /= sum;
}

#endif
