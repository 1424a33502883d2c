#include "program/kernels/tables_kernel.h"

#include "base/kernel_name.h"

enum { LANES = RECOUP_TABLES_LANES };

/* Vectors in the spelling of GCC and clang, which split them where the processor's are shorter. */
typedef double doubles
    __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef float floats
    __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

/* The sum over the cells has four parts, because one would wait for each addition before the next.
 */
void RECOUP_KERNEL(recoup_add_worth)(double *sum, const double *chance, const recoup_worth *worth) {
    int n = worth->n, width = worth->width;
    const double *folded = worth->folded;
    for (int block = 0; block < width; block += LANES) {
        const double *at = worth->mean + block, *value = worth->value + block;
        doubles a = {0}, b = {0}, c = {0}, d = {0};
        doubles now = *(const doubles *)value, later = *(const doubles *)(value - width);
        doubles mean = *(const doubles *)at;
        doubles edge = worth->first * (later - now) + worth->curve * (now + later - 2 * mean);
        int j = 0;
        for (; j + 4 <= n; j += 4) {
            a += folded[j] * *(const doubles *)at;
            b += folded[j + 1] * *(const doubles *)(at - width);
            c += folded[j + 2] * *(const doubles *)(at - 2 * width);
            d += folded[j + 3] * *(const doubles *)(at - 3 * width);
            at -= 4 * width;
        }
        for (; j < n; j++, at -= width)
            a += folded[j] * *(const doubles *)at;
        edge += worth->end * *(const doubles *)(at + width);
        if (n > 1)
            edge += worth->before_last * *(const doubles *)(at + 2 * width);
        edge += worth->last * (*(const doubles *)(worth->after + block) -
                               *(const doubles *)(worth->before + block));
        *(doubles *)(sum + block) +=
            *(const doubles *)(chance + block) * ((a + b) + (c + d) + edge);
    }
}

void RECOUP_KERNEL(recoup_set_products)(float *sum, const float *weight, int n, const float *rows,
                                        int width) {
    for (int block = 0; block < width; block += LANES) {
        const float *at = rows + block;
        floats a = {0}, b = {0}, c = {0}, d = {0};
        int j = 0;
        for (; j + 4 <= n; j += 4) {
            a += weight[j] * *(const floats *)at;
            b += weight[j + 1] * *(const floats *)(at - width);
            c += weight[j + 2] * *(const floats *)(at - 2 * width);
            d += weight[j + 3] * *(const floats *)(at - 3 * width);
            at -= 4 * width;
        }
        for (; j < n; j++, at -= width)
            a += weight[j] * *(const floats *)at;
        *(floats *)(sum + block) = (a + b) + (c + d);
    }
}
