#include "scenario/review.h"

#include "scenario/check.h"

static recoup_status read_notes(recoup_document *document, const char *group,
                                const recoup_node *node, recoup_texts *notes, recoup_error *error) {
    if (node->kind == RECOUP_NODE_MAPPING)
        return recoup_node_fail(document, node, error,
                                "the notes of '%s' are a mapping; expected a text or a list of "
                                "texts",
                                group);
    recoup_status status = recoup_bind_texts(document, node, notes, error);
    for (int i = 0; i < notes->n; i++)
        if (!notes->text[i][0])
            status = recoup_node_fail(document, notes->node[i], error,
                                      "an empty note of '%s'; expected a text", group);
    return status;
}

recoup_status recoup_review_read(recoup_document *document, const recoup_node *node,
                                 recoup_arena *arena, recoup_review *review, recoup_error *error) {
    *review = (recoup_review){0};
    if (!node)
        return RECOUP_OK;
    if (node->kind != RECOUP_NODE_MAPPING)
        return recoup_node_fail(document, node, error,
                                "'review' is not a mapping; expected groups with their notes, such "
                                "as {partners: [the first note, the second]}");
    review->group = recoup_arena_alloc(arena, (size_t)node->n, sizeof *review->group);
    review->note = recoup_arena_alloc(arena, (size_t)node->n, sizeof *review->note);
    if (!review->group || !review->note)
        return recoup_fail_memory(error);
    recoup_status status = RECOUP_OK;
    for (int i = 0; i < node->n; i++) {
        const char *group = node->key[i]->text;
        recoup_texts notes = {0};
        if (!group[0])
            status = recoup_node_fail(document, node->key[i], error,
                                      "a group without a name; expected one such as partners");
        if (!recoup_node_find(node, group)) /* nothing was said */
            continue;
        status = recoup_worse(status, read_notes(document, group, node->item[i], &notes, error));
        review->group[review->n] = group;
        review->note[review->n++] = notes;
    }
    return status;
}

void recoup_review_format(const recoup_review *review, recoup_writer *writer) {
    if (review->n == 0)
        return;
    recoup_write_open(writer, "review");
    for (int i = 0; i < review->n; i++)
        recoup_write_texts(writer, review->group[i], &review->note[i]);
    recoup_write_close(writer);
}
