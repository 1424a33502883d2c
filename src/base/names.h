/* A dictionary of names: text <-> index in order of first appearance. */
#ifndef RECOUP_BASE_NAMES_H
#define RECOUP_BASE_NAMES_H

#include "base/memory.h"
#include <recoup/names.h>
#include <stdint.h>

typedef struct recoup_names {
    char **name; /* name[0..n), owned by `arena` */
    int n;
    size_t capacity;
    int *slots; /* open addressing; index + 1, 0 empty */
    size_t n_slots;
    recoup_arena arena;
} recoup_names;

/* A zeroed struct is an empty dictionary. */
void recoup_names_clear(recoup_names *names);
/* Index of the text, added when new; -1 when out of memory. */
int recoup_names_add(recoup_names *names, const char *text);
/* Index of the text, -1 when absent. */
int recoup_names_find(const recoup_names *names, const char *text);

/* FNV-1a over bytes; chain by passing the previous value, start with RECOUP_HASH_START.
 * Source: Fowler, Noll, Vo; RFC 9923. */
#define RECOUP_HASH_START 0xcbf29ce484222325u
uint64_t recoup_hash(uint64_t hash, const void *bytes, size_t n);
uint64_t recoup_hash_text(uint64_t hash, const char *text); /* the closing NUL included */

#endif
