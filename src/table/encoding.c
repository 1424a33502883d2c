#include "table/encoding.h"

#include <stdint.h>
#include <string.h>

static bool begins(const char *bytes, size_t length, const char *mark, size_t n) {
    return length >= n && memcmp(bytes, mark, n) == 0;
}

static size_t count_zeros(const char *bytes, size_t first, size_t step, size_t n) {
    size_t zeros = 0;
    for (size_t i = first; i < n; i += step)
        zeros += bytes[i] == '\0';
    return zeros;
}

/* Name of a wide encoding, NULL when the bytes look like none. Mostly Latin text in UTF-16 has a
 * zero in every second byte, in UTF-32 three in four. */
static const char *wide_encoding(const char *bytes, size_t length) {
    if (begins(bytes, length, "\xFF\xFE\0\0", 4) || begins(bytes, length, "\0\0\xFE\xFF", 4))
        return "UTF-32";
    if (begins(bytes, length, "\xFF\xFE", 2) || begins(bytes, length, "\xFE\xFF", 2))
        return "UTF-16";
    size_t n = length < 4096 ? length : 4096;
    n -= n % 4;
    if (n == 0)
        return NULL;
    size_t even = count_zeros(bytes, 0, 2, n), odd = count_zeros(bytes, 1, 2, n);
    if (10 * (even + odd) > 7 * n)
        return "UTF-32";
    if (10 * even > 7 * n / 2 || 10 * odd > 7 * n / 2)
        return "UTF-16";
    return NULL;
}

static bool is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

size_t recoup_utf8_length(const unsigned char *p, size_t room) {
    unsigned char a = p[0];
    if (a < 0x80)
        return 1;
    if (a >= 0xC2 && a <= 0xDF)
        return room >= 2 && is_continuation(p[1]) ? 2 : 0;
    if (a >= 0xE0 && a <= 0xEF) {
        unsigned char low = a == 0xE0 ? 0xA0 : 0x80, high = a == 0xED ? 0x9F : 0xBF;
        return room >= 3 && p[1] >= low && p[1] <= high && is_continuation(p[2]) ? 3 : 0;
    }
    if (a >= 0xF0 && a <= 0xF4) {
        unsigned char low = a == 0xF0 ? 0x90 : 0x80, high = a == 0xF4 ? 0x8F : 0xBF;
        return room >= 4 && p[1] >= low && p[1] <= high && is_continuation(p[2]) &&
                       is_continuation(p[3])
                   ? 4
                   : 0;
    }
    return 0;
}

/* Index of the first byte that is not part of UTF-8 text; n when all are. */
static size_t first_bad_byte(const unsigned char *p, size_t n) {
    size_t i = 0;
    while (i < n) {
        uint64_t word;
        if (n - i >= sizeof word) { /* eight letters at a time: none with its high bit, none zero */
            memcpy(&word, p + i, sizeof word);
            bool has_high = word & 0x8080808080808080u;
            if (!has_high && !((word - 0x0101010101010101u) & 0x8080808080808080u)) {
                i += sizeof word;
                continue;
            }
        }
        size_t length = p[i] ? recoup_utf8_length(p + i, n - i) : 0;
        if (length == 0)
            return i;
        i += length;
    }
    return n;
}

/* Line of a byte; CR alone ends a line too. */
static int line_of(const char *bytes, size_t at) {
    int line = 1;
    for (size_t i = 0; i < at; i++)
        line += bytes[i] == '\n' || (bytes[i] == '\r' && bytes[i + 1] != '\n');
    return line;
}

recoup_status recoup_encoding_check(const char *file, const char *bytes, size_t length,
                                    size_t *start, recoup_error *error) {
    recoup_place place = {.file = file};
    *start = begins(bytes, length, "\xEF\xBB\xBF", 3) ? 3 : 0;
    const char *wide = wide_encoding(bytes, length);
    if (wide)
        return recoup_fail(error, RECOUP_EINVALID, &place,
                           "this file is %s; save it as UTF-8 (CSV UTF-8)", wide);
    if (begins(bytes, length, "PK\3\4", 4))
        return recoup_fail(error, RECOUP_EINVALID, &place,
                           "this file is a workbook or an archive; save the sheet as UTF-8 text "
                           "(CSV UTF-8)");
    size_t bad = first_bad_byte((const unsigned char *)bytes, length);
    if (bad == length)
        return RECOUP_OK;
    place.line = line_of(bytes, bad);
    if (bytes[bad] == '\0')
        return recoup_fail(error, RECOUP_EINVALID, &place,
                           "a zero byte: this file is not text; a CSV file in UTF-8 is expected");
    return recoup_fail(error, RECOUP_EINVALID, &place,
                       "the byte 0x%02X here is not UTF-8; save the file as UTF-8 (CSV UTF-8)",
                       (unsigned)(unsigned char)bytes[bad]);
}
