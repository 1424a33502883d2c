/* Lists of columns, in increasing order: which columns are still concerned. Loops over a list may
 * run over n rounded up to a multiple of LIST_STEP: the functions below fill the list up with
 * zeros, so arrays that are reached through it can be read there.
 *
 * A list has room for LIST_STEP more than its columns. */
#ifndef RECOUP_ENGINE_KERNELS_COMPRESS_H
#define RECOUP_ENGINE_KERNELS_COMPRESS_H

#include <stdint.h>
#include <string.h>

#if defined __AVX512F__
#include <immintrin.h>
#elif defined __SSE2__
#include <emmintrin.h>
#endif

enum { LIST_STEP = 16 };

static inline int list_padded(int n) {
    return (n + LIST_STEP - 1) / LIST_STEP * LIST_STEP;
}

static inline void list_pad(int32_t *list, int n) {
    memset(list + n, 0, LIST_STEP * sizeof *list);
}

/* Adds to a list of `count` columns those of the LIST_STEP (or fewer) at `from` whose bit is set,
 * or with NULL, those of the numbers start, start + 1, ... Returns the new count. `from` may be
 * further on in the same list. */
static inline int list_append(int32_t *into, int count, const int32_t *from, int start,
                              uint32_t mask) {
#ifdef __AVX512F__
    const __m512i numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i value =
        from ? _mm512_loadu_si512(from) : _mm512_add_epi32(numbers, _mm512_set1_epi32(start));
    /* Into a register and whole to memory, which is quicker than a masked store. */
    _mm512_storeu_si512(into + count, _mm512_maskz_compress_epi32((__mmask16)mask, value));
    return count + __builtin_popcount(mask);
#else
    for (; mask; mask &= mask - 1) { /* most are dropped */
        int place = __builtin_ctz(mask);
        into[count++] = from ? from[place] : start + place;
    }
    return count;
#endif
}

/* The same for the floats that belong to the columns; the list tells how many there are. */
static inline void list_append_floats(float *into, int count, const float *from, uint32_t mask) {
#ifdef __AVX512F__
    __m512 value = _mm512_loadu_ps(from);
    _mm512_storeu_ps(into + count, _mm512_maskz_compress_ps((__mmask16)mask, value));
#else
    for (; mask; mask &= mask - 1)
        into[count++] = from[__builtin_ctz(mask)];
#endif
}

/* Bit i: keep[i] != 0, for LIST_STEP bytes. */
static inline uint32_t list_mask(const uint8_t *keep) {
#if defined __AVX512F__
    __m128i bytes = _mm_loadu_si128((const __m128i *)keep);
    return _mm_test_epi8_mask(bytes, bytes);
#elif defined __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)keep);
    return 0xffff ^ (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()));
#else
    uint32_t mask = 0;
    for (int i = 0; i < LIST_STEP; i++)
        mask |= (uint32_t)(keep[i] != 0) << i;
    return mask;
#endif
}

/* The bits of the elements i, i + 1, ... that are below n. */
static inline uint32_t list_inside(int i, int n) {
    return n - i < LIST_STEP ? (1u << (n - i)) - 1 : 0xffff;
}

/* The elements of list (NULL: the numbers 0 .. n - 1) whose keep is not 0; `keep` can be read up to
 * a multiple of LIST_STEP. `into` may be `list`. Returns how many. */
static inline int list_compress(const int32_t *list, const uint8_t *keep, int n, int32_t *into) {
    int count = 0;
    for (int i = 0; i < n; i += LIST_STEP)
        count = list_append(into, count, list ? list + i : NULL, i,
                            list_mask(keep + i) & list_inside(i, n));
    list_pad(into, count);
    return count;
}

#endif
