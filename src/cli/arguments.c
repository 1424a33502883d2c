#include "cli.h"

#include <errno.h>
#include <libgen.h>
#include <math.h>
#include <recoup/number.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t cli_whole_number(const struct argp_state *state, const char *option, const char *text,
                         int64_t min, int64_t max) {
    double x;
    if (!recoup_number_parse(text, &x) || x != rint(x) || x < (double)min || x > (double)max)
        argp_error(state, "%s: `%s` is not a whole number from %lld to %lld", option, text,
                   (long long)min, (long long)max);
    return (int64_t)x;
}

double cli_half_width(const struct argp_state *state, const char *option, const char *text) {
    double x;
    if (!recoup_number_parse(text, &x) || x <= 0 || x >= 0.5)
        argp_error(state, "%s: `%s` is not a number above 0 and below 0.5", option, text);
    return x;
}

double cli_number(const struct argp_state *state, const char *option, const char *text, double min,
                  double max) {
    double x;
    char low[RECOUP_NUMBER_SIZE], high[RECOUP_NUMBER_SIZE];
    if (!recoup_number_parse(text, &x) || x < min || x > max)
        argp_error(state, "%s: `%s` is not a number from %s to %s", option, text,
                   recoup_number_format(low, min), recoup_number_format(high, max));
    return x;
}

void cli_take_argument(const struct argp_state *state, const char **argument, char *text) {
    if (*argument)
        argp_error(state, "too many arguments: `%s` after `%s`", text, *argument);
    *argument = text;
}

int cli_count_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

int cli_check_output(const char *command, const char *path) {
    struct stat info;
    const char *trouble = NULL;
    char *copy = strdup(path);
    if (!copy) {
        trouble = strerror(ENOMEM);
    } else if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        trouble = "this is a folder, the name of a file is expected";
    } else if (access(dirname(copy), W_OK | X_OK) != 0) {
        trouble = errno == ENOENT ? "the folder does not exist" : strerror(errno);
    }
    if (trouble)
        fprintf(stderr, "%s: cannot write %s: %s\n", command, path, trouble);
    free(copy);
    return trouble ? recoup_status_exit(RECOUP_EIO) : 0;
}

/* The word `error` of each problem in red. */
static void print_colored(const recoup_error *error) {
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (stream)
        recoup_error_print(error, stream);
    if (!stream || fclose(stream) != 0) {
        free(text);
        recoup_error_print(error, stderr);
        return;
    }
    static const char word[] = "error:";
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        char *at = strstr(line, word), *note = strstr(line, "note:");
        bool is_error = at && at < end && !(note && note < at) && *line != ' ';
        if (is_error)
            fprintf(stderr, "%.*s" CLI_BAD "%s" CLI_PLAIN "%.*s", (int)(at - line), line, word,
                    (int)(end - at) - (int)strlen(word), at + strlen(word));
        else
            fprintf(stderr, "%.*s", (int)(end - line), line);
    }
    free(text);
}

int cli_finish(recoup_status status, recoup_error *error, bool quiet) {
    bool has_color = cli_has_color(stderr);
    if (status != RECOUP_OK || !quiet) {
        if (has_color)
            print_colored(error);
        else
            recoup_error_print(error, stderr);
    }
    if (status != RECOUP_OK && error->n_errors == 0)
        fprintf(stderr, "%serror:%s %s\n", has_color ? CLI_BAD : "", has_color ? CLI_PLAIN : "",
                recoup_status_text(status));
    recoup_error_clear(error);
    return recoup_status_exit(status);
}
