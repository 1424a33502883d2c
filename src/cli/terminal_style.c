/* What a terminal can show. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The name alone counts, as a terminal shows UTF-8 whether or not that locale is installed here.
 * Order of the variables: POSIX.1-2017, 8.2. */
bool cli_is_unicode(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *locale = getenv(variables[i]);
        if (locale && *locale)
            return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
    }
    return false;
}

bool cli_has_color(FILE *stream) {
    const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return !(none && *none) && terminal && strcmp(terminal, "dumb") != 0 &&
           isatty(fileno(stream)) == 1;
}
