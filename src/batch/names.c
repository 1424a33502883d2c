/* Names of files: safe in any folder and any shell, and no two alike. */
#include "batch/items.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* With the ending and a temporary suffix a name must stay below the 255 bytes of file systems. */
enum { NAME_MAX_BYTES = 200 };

void recoup_batch_name_add(recoup_text *name, const char *text) {
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool is_safe =
            c >= 0x80 || isalnum(c) || strchr("_+=%,", c) || (strchr(".-", c) && name->length > 0);
        recoup_text_add(name, "%c", is_safe ? (char)c : '_');
    }
}

/* A name that is too long is cut between characters and ends in a hash of the whole. */
static void shorten(recoup_text *name) {
    if (name->failed || name->length <= NAME_MAX_BYTES)
        return;
    uint64_t hash = recoup_hash_text(RECOUP_HASH_START, name->bytes);
    size_t length = NAME_MAX_BYTES;
    while (length > 0 && ((unsigned char)name->bytes[length] & 0xC0) == 0x80)
        length--;
    name->length = length;
    name->bytes[length] = '\0';
    recoup_text_add(name, "-%08" PRIx32, (uint32_t)(hash ^ hash >> 32));
}

/* 1: new, 0: in use, -1: out of memory. */
static int take(recoup_names *taken, const char *name) {
    char *small = strdup(name);
    int n = taken->n;
    for (char *p = small; p && *p; p++)
        *p = (char)tolower((unsigned char)*p);
    int index = small ? recoup_names_add(taken, small) : -1;
    free(small);
    return index < 0 ? -1 : taken->n > n;
}

const char *recoup_batch_name_take(recoup_batch_items *items, const recoup_text *name) {
    recoup_text tried = {0};
    const char *made = NULL;
    int is_new = 0;
    for (int number = 1; is_new == 0; number++) {
        recoup_text_clear(&tried);
        tried = (recoup_text){0};
        recoup_text_add(&tried, "%s", name->bytes ? name->bytes : "");
        shorten(&tried);
        if (number > 1)
            recoup_text_add(&tried, "-%d", number);
        is_new = tried.failed ? -1 : take(&items->taken, tried.bytes);
    }
    if (is_new > 0)
        made = recoup_arena_text(&items->arena, tried.bytes, tried.length);
    recoup_text_clear(&tried);
    return made;
}
