#include "model/read.h"

#include <string.h>

bool recoup_model_reader_take(recoup_model_reader *reader, recoup_status status) {
    if (status == RECOUP_ENOMEM || reader->status == RECOUP_OK)
        reader->status = status;
    return status == RECOUP_OK;
}

void *recoup_model_reader_alloc(recoup_model_reader *reader, int n, size_t size) {
    void *memory = recoup_arena_alloc(&reader->model->arena, (size_t)n, size);
    if (!memory)
        recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
    return memory;
}

char *recoup_model_reader_text(recoup_model_reader *reader, const char *text) {
    char *copy = recoup_arena_text(&reader->model->arena, text, strlen(text));
    if (!copy)
        recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
    return copy;
}

void recoup_model_reader_unknown(recoup_model_reader *reader, const recoup_node *key,
                                 const char *kind, char *const *name, int n) {
    const char *nearest = recoup_names_nearest(name, n, key->text);
    recoup_model_reader_take(
        reader, nearest ? recoup_node_fail(reader->document, key, reader->error,
                                           "the model has no %s '%s'; did you mean '%s'?", kind,
                                           key->text, nearest)
                        : recoup_node_fail(reader->document, key, reader->error,
                                           "the model has no %s '%s'", kind, key->text));
}

static bool names_all(recoup_model_reader *reader, const recoup_node *mapping, const char *key,
                      const char *kind, const recoup_names *names, const recoup_node **item) {
    recoup_text list = {0};
    int n = 0;
    for (int i = 0; i < names->n; i++)
        if (!item[i])
            recoup_text_add(&list, "%s'%s'", n++ ? ", " : "", names->name[i]);
    if (n > 0)
        recoup_model_reader_take(
            reader, recoup_node_fail(reader->document, mapping, reader->error,
                                     "'%s' leaves out %s; it names every %s of the model", key,
                                     list.bytes ? list.bytes : "a name", kind));
    recoup_text_clear(&list);
    return n == 0;
}

bool recoup_model_reader_by_name(recoup_model_reader *reader, const recoup_node *mapping,
                                 const char *key, const char *kind, const recoup_names *names,
                                 const recoup_node **item) {
    if (names->n == 0)
        return recoup_model_reader_take(
            reader, recoup_node_fail(reader->document, mapping, reader->error,
                                     "'%s' has no meaning here: the model has no %ss", key, kind));
    if (mapping->kind != RECOUP_NODE_MAPPING)
        return recoup_model_reader_take(
            reader,
            recoup_node_fail(reader->document, mapping, reader->error,
                             "'%s' is a mapping that names every %s of the model", key, kind));
    bool known = true;
    memset(item, 0, (size_t)names->n * sizeof *item);
    for (int i = 0; i < mapping->n; i++) {
        int index = recoup_names_find(names, mapping->key[i]->text);
        if (index < 0) {
            recoup_model_reader_unknown(reader, mapping->key[i], kind, names->name, names->n);
            known = false;
        } else {
            item[index] = mapping->item[i];
        }
    }
    return names_all(reader, mapping, key, kind, names, item) && known;
}

double *recoup_model_reader_numbers(recoup_model_reader *reader, const recoup_node *mapping,
                                    const char *key, const char *kind, const recoup_names *names) {
    double *value = recoup_model_reader_alloc(reader, names->n, sizeof *value);
    const recoup_node **item =
        recoup_arena_alloc(&reader->document->arena, (size_t)names->n, sizeof *item);
    if (!item)
        recoup_model_reader_take(reader, recoup_fail_memory(reader->error));
    if (!value || !item || !recoup_model_reader_by_name(reader, mapping, key, kind, names, item))
        return NULL;
    bool good = true;
    for (int i = 0; i < names->n; i++)
        good &= recoup_model_reader_take(
            reader, recoup_bind_number(reader->document, item[i], &value[i], reader->error));
    return good ? value : NULL;
}
