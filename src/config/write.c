#include "config/config.h"

#include "base/date.h"
#include "config/utf8.h"
#include <string.h>
#include <strings.h>

/* Words that the binder or another YAML reader takes for something else than a text. */
static bool is_reserved(const char *scalar) {
    static const char *const words[] = {"",     "~",     "null",  "true", "false", "yes",
                                        "no",   "on",    "off",   "y",    "n",     ".nan",
                                        ".inf", "-.inf", "+.inf", "<<",   "="};
    double ignored;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(scalar, words[i]) == 0)
            return true;
    return recoup_number_parse(scalar, &ignored) || recoup_date_parse(scalar, 0, &ignored, NULL);
}

/* Plain in block and flow context alike. Source: YAML 1.1, section 5.3 (indicators) and 9.1.3. */
static bool is_plain(const char *scalar) {
    size_t length = strlen(scalar);
    if (is_reserved(scalar) || strchr("-?:,[]{}#&*!|>'\"%@` ", scalar[0]) ||
        strchr(": ", scalar[length - 1]))
        return false;
    for (const char *p = scalar; *p;) {
        uint32_t c;
        size_t n = recoup_utf8_decode(p, strlen(p), &c);
        if (n == 0 || !recoup_yaml_printable(c) || recoup_yaml_break(c) || c == '\t')
            return false;
        if (strchr(",[]{}", *p) || (*p == ':' && strchr(" ?", p[1])) || (*p == ' ' && p[1] == '#'))
            return false;
        p += n;
    }
    return strncmp(scalar, "...", 3) != 0;
}

/* One character within double quotation marks; a byte that is not UTF-8 is taken as Latin-1. */
static void add_quoted(recoup_text *text, const char *p, size_t n, uint32_t c) {
    if (n == 1 && (c == '"' || c == '\\'))
        recoup_text_add(text, "\\%c", (char)c);
    else if (c == '\n' || c == '\t' || c == '\r')
        recoup_text_add(text, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
    else if (n > 0 && recoup_yaml_printable(c) && !recoup_yaml_break(c))
        recoup_text_add_bytes(text, p, n);
    else if (c <= 0xFF)
        recoup_text_add(text, "\\x%02X", (unsigned)c);
    else
        recoup_text_add(text, "\\u%04X", (unsigned)c);
}

void recoup_yaml_add_scalar(recoup_text *text, const char *scalar) {
    if (is_plain(scalar)) {
        recoup_text_add(text, "%s", scalar);
        return;
    }
    recoup_text_add(text, "\"");
    for (const char *p = scalar; *p;) {
        uint32_t c = *(const unsigned char *)p;
        size_t n = recoup_utf8_decode(p, strlen(p), &c);
        add_quoted(text, p, n, c);
        p += n ? n : 1;
    }
    recoup_text_add(text, "\"");
}
