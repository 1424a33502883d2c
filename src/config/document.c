/* libyaml's events -> the tree of nodes. */
#include "base/file.h"
#include "base/names.h"
#include "config/place.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64, LINEAR_MAX = 16 };

typedef struct builder {
    yaml_parser_t parser;
    recoup_document *document;
    recoup_error *error;
    bool invalid; /* something was reported; building goes on where it can */
} builder;

static recoup_status fail_mark(builder *b, yaml_mark_t mark, const char *message) {
    b->invalid = true;
    return recoup_document_fail(b->document, (int)mark.line + 1, (int)mark.column + 1, b->error,
                                "%s", message);
}

static recoup_status next_event(builder *b, yaml_event_t *event) {
    if (yaml_parser_parse(&b->parser, event))
        return RECOUP_OK;
    memset(event, 0, sizeof *event);
    b->invalid = true;
    return recoup_document_fail_yaml(b->document, &b->parser, b->error);
}

/* Children of a collection while their number is not known; keys stay empty in a sequence. */
typedef struct children {
    recoup_node **key, **item;
    size_t key_capacity, item_capacity;
    int n;
} children;

static bool children_add(children *list, recoup_node *key, recoup_node *item) {
    if (!RECOUP_GROW(list->key, list->n, list->key_capacity) ||
        !RECOUP_GROW(list->item, list->n, list->item_capacity))
        return false;
    list->key[list->n] = key;
    list->item[list->n] = item;
    list->n++;
    return true;
}

static bool children_store(const children *list, recoup_arena *arena, recoup_node *node) {
    size_t n = (size_t)list->n;
    node->n = list->n;
    node->item = recoup_arena_alloc(arena, n, sizeof *node->item);
    if (node->item && n)
        memcpy(node->item, list->item, n * sizeof *node->item);
    if (node->kind == RECOUP_NODE_MAPPING) {
        node->key = recoup_arena_alloc(arena, n, sizeof *node->key);
        if (node->key && n)
            memcpy(node->key, list->key, n * sizeof *node->key);
    }
    return node->item && (node->kind == RECOUP_NODE_SEQUENCE || node->key);
}

static void fail_duplicate(builder *b, const recoup_node *key, const recoup_node *first) {
    b->invalid = true;
    recoup_node_fail(b->document, key, b->error, "the key '%s' is there twice; first on line %d",
                     key->text, first->line);
}

/* A dictionary where there are many keys, so that a huge mapping takes no quadratic time. */
static recoup_status check_duplicates(builder *b, const recoup_node *mapping) {
    if (mapping->n <= LINEAR_MAX) {
        for (int i = 1; i < mapping->n; i++)
            for (int k = 0; k < i; k++)
                if (strcmp(mapping->key[i]->text, mapping->key[k]->text) == 0) {
                    fail_duplicate(b, mapping->key[i], mapping->key[k]);
                    break;
                }
        return RECOUP_OK;
    }
    recoup_status status = RECOUP_OK;
    recoup_names names = {0};
    int *first = RECOUP_NEW(int, mapping->n);
    for (int i = 0; i < mapping->n && status == RECOUP_OK; i++) {
        int n = names.n;
        int index = first ? recoup_names_add(&names, mapping->key[i]->text) : -1;
        if (index < 0)
            status = recoup_fail_memory(b->error);
        else if (names.n == n)
            fail_duplicate(b, mapping->key[i], mapping->key[first[index]]);
        else
            first[index] = i;
    }
    free(first);
    recoup_names_clear(&names);
    return status;
}

/* Anchors and tags are reported; the node is built as if they were not there. */
static void check_properties(builder *b, const yaml_event_t *event) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor)
        fail_mark(b, event->start_mark,
                  "anchors (&) are not used here; write the value out, or quote the text");
    if (tag)
        fail_mark(b, event->start_mark,
                  "tags (!) are not used here; quote a text that starts with '!'");
}

static recoup_status build_scalar(builder *b, const yaml_event_t *event, recoup_node *node) {
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    node->kind = RECOUP_NODE_SCALAR;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = recoup_arena_text(&b->document->arena, value, length);
    if (!node->text)
        return recoup_fail_memory(b->error);
    if (memchr(value, '\0', length))
        fail_mark(b, event->start_mark, "a text cannot hold the character \\0");
    return RECOUP_OK;
}

static recoup_status build_node(builder *b, yaml_event_t *event, int depth, recoup_node **node);

/* The next child into *node, or NULL when the collection ends. */
static recoup_status build_next(builder *b, int depth, recoup_node **node) {
    yaml_event_t event;
    recoup_status status = next_event(b, &event);
    if (status != RECOUP_OK)
        return status;
    *node = NULL;
    if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
        yaml_event_delete(&event);
        return RECOUP_OK;
    }
    return build_node(b, &event, depth, node);
}

static recoup_status check_key(builder *b, recoup_node *key) {
    if (key->kind == RECOUP_NODE_SCALAR && (key->text[0] || key->quoted))
        return RECOUP_OK;
    b->invalid = true;
    recoup_node_fail(b->document, key, b->error,
                     key->kind == RECOUP_NODE_SCALAR ? "a key is missing before the ':'"
                                                     : "a key is a name, not a list or a mapping");
    if (!key->text)
        key->text = "";
    return RECOUP_OK;
}

static recoup_status build_collection(builder *b, recoup_node *node, int depth) {
    children list = {0};
    recoup_status status = RECOUP_OK;
    for (;;) {
        recoup_node *key = NULL, *item = NULL;
        if (node->kind == RECOUP_NODE_MAPPING) {
            status = build_next(b, depth, &key);
            if (status != RECOUP_OK || !key)
                break;
            status = check_key(b, key);
        }
        if (status == RECOUP_OK)
            status = build_next(b, depth, &item);
        if (status != RECOUP_OK || !item)
            break;
        if (!children_add(&list, key, item)) {
            status = recoup_fail_memory(b->error);
            break;
        }
    }
    if (status == RECOUP_OK && !children_store(&list, &b->document->arena, node))
        status = recoup_fail_memory(b->error);
    if (status == RECOUP_OK && node->kind == RECOUP_NODE_MAPPING)
        status = check_duplicates(b, node);
    free(list.key);
    free(list.item);
    return status;
}

/* Takes the event over. */
static recoup_status build_node(builder *b, yaml_event_t *event, int depth, recoup_node **node) {
    recoup_status status = RECOUP_OK;
    recoup_node *made = recoup_arena_alloc(&b->document->arena, 1, sizeof *made);
    if (!made) {
        status = recoup_fail_memory(b->error);
        goto exit;
    }
    made->line = (int)event->start_mark.line + 1;
    made->column = (int)event->start_mark.column + 1;
    check_properties(b, event);
    if (event->type == YAML_SCALAR_EVENT) {
        status = build_scalar(b, event, made);
    } else if (event->type == YAML_ALIAS_EVENT) {
        fail_mark(b, event->start_mark,
                  "aliases (*) are not used here; write the value out, or quote the text");
        made->text = "*";
    } else if (depth >= DEPTH_MAX) {
        status = fail_mark(b, event->start_mark, "lists and mappings are nested too deeply");
    } else {
        made->kind =
            event->type == YAML_MAPPING_START_EVENT ? RECOUP_NODE_MAPPING : RECOUP_NODE_SEQUENCE;
        status = build_collection(b, made, depth + 1);
    }
    *node = made;
exit:
    yaml_event_delete(event);
    return status;
}

/* The events around the root: stream start, document start, root, document end, stream end. */
static recoup_status build_document(builder *b) {
    for (;;) {
        yaml_event_t event;
        recoup_status status = next_event(b, &event);
        if (status != RECOUP_OK)
            return status;
        yaml_event_type_t type = event.type;
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT) {
            yaml_event_delete(&event);
            continue;
        }
        if (type == YAML_STREAM_END_EVENT) {
            yaml_event_delete(&event);
            return RECOUP_OK;
        }
        if (type == YAML_DOCUMENT_START_EVENT) {
            if (b->document->root)
                status =
                    fail_mark(b, event.start_mark,
                              "a second document starts here; one document a file is expected");
            yaml_event_delete(&event);
        } else {
            status = build_node(b, &event, 0, &b->document->root);
        }
        if (status != RECOUP_OK)
            return status;
    }
}

static recoup_status check_root(builder *b) {
    const recoup_node *root = b->document->root;
    if (!root || (root->kind == RECOUP_NODE_SCALAR && !root->text[0] && !root->quoted))
        return recoup_document_fail(b->document, 0, 0, b->error,
                                    "the file is empty; lines such as 'key: value' are expected");
    if (root->kind == RECOUP_NODE_SCALAR)
        return recoup_node_fail(b->document, root, b->error,
                                "this is a single text; lines such as 'key: value' are expected "
                                "(with a blank after the ':')");
    if (root->kind == RECOUP_NODE_SEQUENCE)
        return recoup_node_fail(b->document, root, b->error,
                                "this is a list; lines such as 'key: value' are expected");
    return RECOUP_OK;
}

static recoup_status build(recoup_document *document, recoup_error *error) {
    builder b = {.document = document, .error = error};
    if (!yaml_parser_initialize(&b.parser))
        return recoup_fail_memory(error);
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)document->source,
                                 strlen(document->source));
    recoup_status status = build_document(&b);
    if (status == RECOUP_OK && b.invalid)
        status = RECOUP_EINVALID;
    if (status == RECOUP_OK)
        status = check_root(&b);
    yaml_parser_delete(&b.parser);
    return status;
}

recoup_status recoup_document_parse(const char *file, const char *text, size_t length,
                                    recoup_document **document, recoup_error *error) {
    *document = NULL;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark */
        text += 3;
        length -= 3;
    }
    recoup_document *made = RECOUP_NEW(recoup_document, 1);
    if (!made)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    made->file = recoup_arena_text(&made->arena, file, strlen(file));
    made->source = recoup_arena_text(&made->arena, text, length);
    if (!made->file || !made->source)
        status = recoup_fail_memory(error);
    if (status == RECOUP_OK)
        status = recoup_document_check_text(made, length, error);
    if (status == RECOUP_OK)
        status = build(made, error);
    if (status == RECOUP_OK)
        *document = made;
    else
        recoup_document_free(made);
    return status;
}

recoup_status recoup_document_load(const char *path, recoup_document **document,
                                   recoup_error *error) {
    char *text = NULL;
    size_t length = 0;
    *document = NULL;
    recoup_status status = recoup_file_read(path, &text, &length, error);
    if (status == RECOUP_OK)
        status = recoup_document_parse(path, text, length, document, error);
    free(text);
    return status;
}

void recoup_document_free(recoup_document *document) {
    if (!document)
        return;
    recoup_arena_clear(&document->arena);
    free(document);
}
