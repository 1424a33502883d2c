/* Values that replace those of a document before it is bound.
 *
 * A path leads to a value: keys of mappings and items of lists with dots between them. An item is
 * called by its own key `name`, or by its place, from 0. A dot or a backslash within a name has a
 * backslash before it.
 *
 *     quota
 *     simulation.seed
 *     plans.discount limit.levers.0.discount_limit.max
 */
#ifndef RECOUP_CONFIG_OVERRIDE_H
#define RECOUP_CONFIG_OVERRIDE_H

#include "config/config.h"

/* Puts a copy of `value` at the path; a key that is not there is added, with the mappings that lead
 * to it, so that a misspelt one is reported by the binder. Messages about the copy name no line.
 * EINVALID: the path leads through something that has no such part. */
recoup_status recoup_document_override(recoup_document *document, const char *path,
                                       const recoup_node *value, recoup_error *error);

/* Takes a key out of the root; nothing happens where there is none. */
void recoup_document_remove(recoup_document *document, const char *key);

#endif
