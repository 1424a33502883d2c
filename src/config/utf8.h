/* One code point of UTF-8 at a time. */
#ifndef RECOUP_CONFIG_UTF8_H
#define RECOUP_CONFIG_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes of the code point that starts at `bytes` (n > 0 are left), 0 when they are not
 * UTF-8 (overlong forms and surrogates included). Source: RFC 3629, section 4. */
size_t recoup_utf8_decode(const char *bytes, size_t n, uint32_t *code_point);

/* What a YAML file may hold as it is. Source: YAML 1.1, production [1] c-printable, less the byte
 * order mark. */
bool recoup_yaml_printable(uint32_t code_point);

/* A line break of YAML 1.1; libyaml counts lines by them. A CR before a LF is half of one. */
bool recoup_yaml_break(uint32_t code_point);

#endif
