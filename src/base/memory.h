/* Checked allocation and a bump arena. */
#ifndef RECOUP_BASE_MEMORY_H
#define RECOUP_BASE_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Zeroed array of n elements (n = 0 gives a pointer that may be freed); NULL when out of memory or
 * when n × size overflows. */
void *recoup_new_array(size_t n, size_t size);
#define RECOUP_NEW(type, n) ((type *)recoup_new_array((size_t)(n), sizeof(type)))

/* Makes room for one more element in a growing array; *items and *capacity change only on success.
 *     if (!RECOUP_GROW(list->items, list->n, list->capacity)) return recoup_fail_memory(error); */
bool recoup_grow(void *items_address, size_t n, size_t *capacity, size_t size);
#define RECOUP_GROW(items, n, capacity)                                                            \
    recoup_grow(&(items), (size_t)(n), &(capacity), sizeof *(items))

/* Memory that is freed all at once; everything handed out is zeroed and aligned to 16 bytes. */
typedef struct recoup_arena {
    struct recoup_arena_block *head;
} recoup_arena;

void *recoup_arena_alloc(recoup_arena *arena, size_t n, size_t size); /* NULL: out of memory */
char *recoup_arena_text(recoup_arena *arena, const char *text, size_t length); /* copy, NUL added */
/* What vprintf would print; NULL: out of memory. */
char *recoup_arena_format(recoup_arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
size_t recoup_arena_bytes(const recoup_arena *arena); /* that it takes */
void recoup_arena_clear(recoup_arena *arena);

#endif
