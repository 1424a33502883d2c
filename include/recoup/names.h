/* Names that a person typed, and what they probably meant. */
#ifndef RECOUP_NAMES_H
#define RECOUP_NAMES_H

#ifdef __cplusplus
extern "C" {
#endif

/* The name nearest to `text` (Damerau-Levenshtein distance, letter case ignored), NULL when none is
 * near enough to be a slip of the pen (more than a third of the letters differ). */
const char *recoup_names_nearest(char *const *name, int n, const char *text);

#ifdef __cplusplus
}
#endif
#endif
