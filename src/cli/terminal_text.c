#include "cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool cli_text_open(cli_text *text) {
    *text = (cli_text){0};
    text->stream = open_memstream(&text->bytes, &text->length);
    return text->stream != NULL;
}

/* Columns that UTF-8 takes: one for each byte that does not continue a character. */
static int count_columns(const char *text, size_t length) {
    int n = 0;
    for (size_t i = 0; i < length; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

/* One line, word by word. */
static void print_line(const char *line, size_t length, FILE *stream) {
    int indent = length > 2 && strncmp(line, "- ", 2) == 0 ? 2 : 0, column = 0;
    for (size_t i = 0; i < length;) {
        size_t blanks = strspn(line + i, " "), word = strcspn(line + i + blanks, " \n");
        int width = count_columns(line + i + blanks, word);
        if (column > indent && column + (int)blanks + width > CLI_WIDTH) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
        } else {
            fprintf(stream, "%*s", (int)blanks, "");
            column += (int)blanks;
        }
        for (size_t k = i + blanks; k < i + blanks + word; k++) /* names may hold escapes */
            fputc(iscntrl((unsigned char)line[k]) ? ' ' : line[k], stream);
        column += width;
        i += blanks + word;
    }
    fputc('\n', stream);
}

bool cli_text_print(cli_text *text, FILE *stream) {
    bool done = fclose(text->stream) == 0;
    for (char *line = text->bytes; done && line && *line;) {
        size_t length = strcspn(line, "\n");
        print_line(line, length, stream);
        line += length + (line[length] == '\n');
    }
    free(text->bytes);
    *text = (cli_text){0};
    return done;
}
