#include "config/override.h"

#include "base/names.h"
#include <stdlib.h>
#include <string.h>

/* A deep copy in the document's arena; NULL: out of memory. A value that comes from somewhere else
 * has no line in this document. */
static recoup_node *copy_node(recoup_arena *arena, const recoup_node *from) {
    recoup_node *copy = recoup_arena_alloc(arena, 1, sizeof *copy);
    if (!copy)
        return NULL;
    *copy = (recoup_node){.kind = from->kind, .quoted = from->quoted, .n = from->n};
    if (from->text && !(copy->text = recoup_arena_text(arena, from->text, strlen(from->text))))
        return NULL;
    size_t n = (size_t)from->n;
    if (from->item && !(copy->item = recoup_arena_alloc(arena, n, sizeof *copy->item)))
        return NULL;
    if (from->key && !(copy->key = recoup_arena_alloc(arena, n, sizeof *copy->key)))
        return NULL;
    for (int i = 0; copy->item && i < from->n; i++) {
        if (!(copy->item[i] = copy_node(arena, from->item[i])))
            return NULL;
        if (from->key && !(copy->key[i] = copy_node(arena, from->key[i])))
            return NULL;
    }
    return copy;
}

static recoup_node *new_text(recoup_arena *arena, const char *text) {
    recoup_node *node = recoup_arena_alloc(arena, 1, sizeof *node);
    if (!node || !(node->text = recoup_arena_text(arena, text, strlen(text))))
        return NULL;
    node->kind = RECOUP_NODE_SCALAR;
    return node;
}

/* Adds a pair to a mapping, or gives the key that is there the new value; NULL: out of memory. */
static recoup_node *put(recoup_arena *arena, recoup_node *mapping, const char *key,
                        recoup_node *value) {
    for (int i = 0; i < mapping->n; i++)
        if (strcmp(mapping->key[i]->text, key) == 0)
            return mapping->item[i] = value;
    size_t n = (size_t)mapping->n;
    recoup_node **keys = recoup_arena_alloc(arena, n + 1, sizeof(recoup_node *));
    recoup_node **items = recoup_arena_alloc(arena, n + 1, sizeof(recoup_node *));
    if (!keys || !items || !(keys[n] = new_text(arena, key)))
        return NULL;
    if (n > 0) {
        memcpy(keys, mapping->key, n * sizeof(recoup_node *));
        memcpy(items, mapping->item, n * sizeof(recoup_node *));
    }
    items[n] = value;
    mapping->key = keys;
    mapping->item = items;
    mapping->n++;
    return value;
}

/* The next part of the path without its backslashes, into `part`; NULL behind the last one. */
static const char *next_part(const char *path, char *part) {
    if (!path)
        return NULL;
    for (; *path && *path != '.'; path++) {
        if (*path == '\\' && path[1])
            path++;
        *part++ = *path;
    }
    *part = '\0';
    return path;
}

/* Place of an item by name, then by number; -1: there is none. */
static int find_item(const recoup_node *list, const char *part) {
    for (int i = 0; i < list->n; i++) {
        const recoup_node *name = recoup_node_find(list->item[i], "name");
        if (name && name->kind == RECOUP_NODE_SCALAR && strcmp(name->text, part) == 0)
            return i;
    }
    char *end;
    long place = part[0] >= '0' && part[0] <= '9' ? strtol(part, &end, 10) : -1;
    return place >= 0 && *end == '\0' && place < list->n ? (int)place : -1;
}

static recoup_status fail_item(const recoup_document *document, const recoup_node *list,
                               const char *path, const char *part, recoup_error *error) {
    char **names = RECOUP_NEW(char *, list->n);
    int n = 0;
    for (int i = 0; names && i < list->n; i++) {
        const recoup_node *name = recoup_node_find(list->item[i], "name");
        if (name && name->kind == RECOUP_NODE_SCALAR)
            names[n++] = (char *)(uintptr_t)name->text; // NOLINT(performance-no-int-to-ptr)
    }
    const char *nearest = names ? recoup_names_nearest(names, n, part) : NULL;
    recoup_status status = recoup_node_fail(
        document, list, error, "'%s' cannot be set: this list has no item '%s'%s%s%s", path, part,
        nearest ? "; did you mean '" : "; expected the name of one, or its place from 0",
        nearest ? nearest : "", nearest ? "'?" : "");
    free(names);
    return status;
}

/* Puts the value at one part of the way (is_last), or makes *node the next node of it. */
static recoup_status step(recoup_document *document, const char *path, const char *part,
                          recoup_node **node, recoup_node *last, recoup_error *error) {
    recoup_arena *arena = &document->arena;
    recoup_node *at = *node;
    if (at->kind == RECOUP_NODE_SCALAR)
        return recoup_node_fail(document, at, error,
                                "'%s' cannot be set: this is a single value, which has no '%s'",
                                path, part);
    if (at->kind == RECOUP_NODE_SEQUENCE) {
        int i = find_item(at, part);
        if (i < 0)
            return fail_item(document, at, path, part, error);
        if (last)
            at->item[i] = last;
        *node = at->item[i];
        return RECOUP_OK;
    }
    for (int i = 0; i < at->n && !last; i++)
        if (strcmp(at->key[i]->text, part) == 0 && recoup_node_find(at, part)) {
            *node = at->item[i];
            return RECOUP_OK;
        }
    recoup_node *value = last ? last : recoup_arena_alloc(arena, 1, sizeof *value);
    if (value && !last)
        value->kind = RECOUP_NODE_MAPPING;
    if (!value || !put(arena, at, part, value))
        return recoup_fail_memory(error);
    *node = value;
    return RECOUP_OK;
}

recoup_status recoup_document_override(recoup_document *document, const char *path,
                                       const recoup_node *value, recoup_error *error) {
    recoup_status status = RECOUP_OK;
    recoup_node *node = document->root, *copy = copy_node(&document->arena, value);
    char *part = malloc(strlen(path) + 1);
    if (!copy || !part)
        status = recoup_fail_memory(error);
    for (const char *rest = path; rest && status == RECOUP_OK;) {
        rest = next_part(rest, part);
        bool is_last = *rest == '\0';
        if (!*part)
            status = recoup_node_fail(document, NULL, error,
                                      "'%s' is no path of a key; expected names with dots between "
                                      "them, such as simulation.seed",
                                      path);
        else
            status = step(document, path, part, &node, is_last ? copy : NULL, error);
        rest = is_last ? NULL : rest + 1;
    }
    free(part);
    return status;
}

void recoup_document_remove(recoup_document *document, const char *key) {
    recoup_node *root = document->root;
    for (int i = 0; i < root->n; i++)
        if (strcmp(root->key[i]->text, key) == 0) {
            root->n--;
            for (; i < root->n; i++) {
                root->key[i] = root->key[i + 1];
                root->item[i] = root->item[i + 1];
            }
        }
}
