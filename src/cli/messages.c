#include "cli.h"

#include <stdarg.h>
#include <time.h>

static const struct argp_option option_table[] = {
    {"quiet", 'q', NULL, 0, "no progress, no notes", -1},
    {"verbose", 'v', NULL, 0, "tell what was read, fitted and chosen, and when", -1},
    {0}};

double cli_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    cli_messages *messages = state->input;
    (void)text;
    switch (key) {
    case ARGP_KEY_INIT:
        messages->started = cli_clock();
        return 0;
    case 'q':
        messages->quiet = true;
        break;
    case 'v':
        messages->verbose = true;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (messages->quiet && messages->verbose)
        argp_error(state, "--quiet or --verbose, not both");
    return 0;
}

static const struct argp parser = {.options = option_table, .parser = parse_option};
const struct argp_child cli_common[] = {{&parser, 0, NULL, 0}, {0}};

void cli_tell(const cli_messages *messages, const char *format, ...) {
    va_list arguments;
    if (!messages->verbose)
        return;
    fprintf(stderr, "[%7.2f s] ", cli_clock() - messages->started);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
