/* Is it UTF-8 text? */
#ifndef RECOUP_TABLE_ENCODING_H
#define RECOUP_TABLE_ENCODING_H

#include "base/error.h"

/* EINVALID: the bytes are UTF-16, UTF-32, a workbook or other binary data, or not valid UTF-8 (with
 * the line of the first bad byte). *start is where the text begins, behind a byte order mark. */
recoup_status recoup_encoding_check(const char *file, const char *bytes, size_t length,
                                    size_t *start, recoup_error *error);

/* Length of the UTF-8 character at p, of which `room` bytes may be read; 0 when it is none.
 * Source: table 3-7, well-formed UTF-8 byte sequences, of the Unicode standard. */
size_t recoup_utf8_length(const unsigned char *p, size_t room);

#endif
