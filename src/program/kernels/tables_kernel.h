/* The inner loops of the win tables, compiled once per instruction set; all give the same bits. */
#ifndef RECOUP_PROGRAM_KERNELS_TABLES_KERNEL_H
#define RECOUP_PROGRAM_KERNELS_TABLES_KERNEL_H

#include "base/isa.h"

enum { RECOUP_TABLES_LANES = 8 }; /* widths are multiples of it */

/* What exits in n cells are worth: values and means of V point to the first of the cells, those of
 * later cells lie before them. */
typedef struct recoup_worth {
    const double *folded; /* [cell]: see recoup_masses */
    int n, width;
    double first, curve;     /* moments of the first cell */
    double last;             /* first moment of the last cell, if it is not the first */
    double before_last, end; /* of the means there: undo the folding where the cells are cut off */
    const double *value, *mean;
    const double *after, *before; /* V changes over the last cell by after - before */
} recoup_worth;

typedef struct recoup_tables_kernels {
    /* sum[i] += chance[i]·worth[i], i < width. */
    void (*add_worth)(double *sum, const double *chance, const recoup_worth *worth);
    /* sum[i] = sum_j weight[j]·rows[i - j·width], i < width. */
    void (*set_products)(float *sum, const float *weight, int n, const float *rows, int width);
} recoup_tables_kernels;

/* For those that recoup_isa_supported says yes to. */
extern const recoup_tables_kernels recoup_tables_kernels_for[RECOUP_N_ISAS];

#define RECOUP_TABLES_KERNELS_DECLARE(isa, name)                                                   \
    void recoup_add_worth_##name(double *sum, const double *chance, const recoup_worth *worth);    \
    void recoup_set_products_##name(float *sum, const float *weight, int n, const float *rows,     \
                                    int width);

RECOUP_ISA_LIST(RECOUP_TABLES_KERNELS_DECLARE)

#endif
