#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024, ALIGNMENT = 16 };

struct recoup_arena_block {
    struct recoup_arena_block *next;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
};

void *recoup_new_array(size_t n, size_t size) {
    return calloc(n ? n : 1, size ? size : 1);
}

/* The pointer is read and written as bytes: its type is the caller's. */
bool recoup_grow(void *items_address, size_t n, size_t *capacity, size_t size) {
    if (n < *capacity)
        return true;
    size_t larger = *capacity ? 2 * *capacity : 16;
    if (larger < *capacity || larger > SIZE_MAX / size)
        return false;
    void *items;
    memcpy(&items, items_address, sizeof items);
    void *grown = realloc(items, larger * size);
    if (!grown)
        return false;
    memset((char *)grown + *capacity * size, 0, (larger - *capacity) * size);
    memcpy(items_address, &grown, sizeof grown);
    *capacity = larger;
    return true;
}

void *recoup_arena_alloc(recoup_arena *arena, size_t n, size_t size) {
    if (size && n > (SIZE_MAX - 2 * BLOCK_SIZE) / size)
        return NULL;
    size_t bytes = (n * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes == 0)
        bytes = ALIGNMENT;
    struct recoup_arena_block *block = arena->head;
    if (!block || block->size - block->used < bytes) {
        size_t room = bytes > BLOCK_SIZE ? bytes : BLOCK_SIZE;
        block = calloc(1, sizeof *block + room);
        if (!block)
            return NULL;
        block->size = room;
        block->next = arena->head;
        arena->head = block;
    }
    void *result = block->bytes + block->used;
    block->used += bytes;
    return result;
}

char *recoup_arena_text(recoup_arena *arena, const char *text, size_t length) {
    char *copy = recoup_arena_alloc(arena, length + 1, 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

char *recoup_arena_format(recoup_arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : recoup_arena_alloc(arena, (size_t)length + 1, 1);
    if (text)
        (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

size_t recoup_arena_bytes(const recoup_arena *arena) {
    size_t bytes = 0;
    for (const struct recoup_arena_block *block = arena->head; block; block = block->next)
        bytes += sizeof *block + block->size;
    return bytes;
}

void recoup_arena_clear(recoup_arena *arena) {
    struct recoup_arena_block *block = arena->head;
    while (block) {
        struct recoup_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
}
