#include "base/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

uint64_t recoup_hash(uint64_t hash, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

uint64_t recoup_hash_text(uint64_t hash, const char *text) {
    return recoup_hash(hash, text, strlen(text) + 1);
}

void recoup_names_clear(recoup_names *names) {
    free(names->name);
    free(names->slots);
    recoup_arena_clear(&names->arena);
    *names = (recoup_names){0};
}

static size_t slot_of(const recoup_names *names, const char *text) {
    size_t mask = names->n_slots - 1;
    size_t i = (size_t)recoup_hash_text(RECOUP_HASH_START, text) & mask;
    while (names->slots[i] && strcmp(names->name[names->slots[i] - 1], text) != 0)
        i = (i + 1) & mask;
    return i;
}

static bool rehash(recoup_names *names, size_t n_slots) {
    int *slots = RECOUP_NEW(int, n_slots);
    if (!slots)
        return false;
    free(names->slots);
    names->slots = slots;
    names->n_slots = n_slots;
    for (int i = 0; i < names->n; i++)
        slots[slot_of(names, names->name[i])] = i + 1;
    return true;
}

int recoup_names_find(const recoup_names *names, const char *text) {
    return names->n_slots ? names->slots[slot_of(names, text)] - 1 : -1;
}

int recoup_names_add(recoup_names *names, const char *text) {
    int found = recoup_names_find(names, text);
    if (found >= 0)
        return found;
    if (2 * ((size_t)names->n + 1) > names->n_slots &&
        !rehash(names, names->n_slots ? 2 * names->n_slots : 32))
        return -1;
    if (!RECOUP_GROW(names->name, names->n, names->capacity))
        return -1;
    char *copy = recoup_arena_text(&names->arena, text, strlen(text));
    if (!copy)
        return -1;
    names->slots[slot_of(names, text)] = names->n + 1;
    names->name[names->n] = copy;
    return names->n++;
}

enum { NEAR_MAX = 63 };

/* Optimal string alignment distance of two short texts, letter case ignored. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    if (n > NEAR_MAX || m > NEAR_MAX)
        return SIZE_MAX;
    size_t rows[3][NEAR_MAX + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            size_t best = above[j - 1] + (x != y);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]) && above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[n % 3][m];
}

const char *recoup_names_nearest(char *const *name, int n, const char *text) {
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (int i = 0; i < n; i++) {
        size_t d = distance(name[i], text);
        size_t longer = strlen(name[i]) > strlen(text) ? strlen(name[i]) : strlen(text);
        if (d < best && 3 * d <= longer + 2) {
            best = d;
            nearest = name[i];
        }
    }
    return nearest;
}
