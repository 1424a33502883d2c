#include "cli.h"

#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void cli_progress_start(cli_progress *progress, bool quiet) {
    double started = now();
    *progress = (cli_progress){.quiet = quiet,
                               .terminal = isatty(STDERR_FILENO) == 1,
                               .started = started,
                               .printed = started};
}

/* 75 -> 1:15, 4000 -> 1:06:40 */
static void format_duration(char *buffer, size_t size, double seconds) {
    long whole = seconds < 1e9 ? (long)(seconds + 0.5) : 999999999;
    if (whole < 3600)
        snprintf(buffer, size, "%ld:%02ld", whole / 60, whole % 60);
    else
        snprintf(buffer, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

/* A line on a terminal is rewritten ten times a second; a log gets one every five seconds. */
void cli_progress_report(const recoup_progress *state, void *user) {
    cli_progress *progress = user;
    double time = now(), elapsed = time - progress->started;
    if (progress->quiet || state->paths_done <= 0 ||
        time - progress->printed < (progress->terminal ? 0.1 : 5.0))
        return;
    progress->printed = time;
    double rate = (double)state->paths_done / (elapsed > 0 ? elapsed : 1e-9);
    double left = (double)(state->paths_total - state->paths_done) / rate;
    char eta[32], done[CLI_MONEY_SIZE], speed[CLI_MONEY_SIZE], line[256];
    format_duration(eta, sizeof eta, left > 0 ? left : 0);
    int length = snprintf(
        line, sizeof line, "%3.0f %%  %s paths  %s/s  %s left  P(hit) %.2f %% ± %.2f",
        100.0 * (double)state->paths_done / (double)state->paths_total,
        cli_format_money(done, (double)state->paths_done, 0), cli_format_money(speed, rate, 0), eta,
        100 * state->hit_probability, 196 * state->hit_probability_se);
    if (progress->terminal) { /* blanks over what a longer line left behind */
        fprintf(stderr, "\r%-*s", progress->width, line);
        progress->width = length;
    } else {
        fprintf(stderr, "%s\n", line);
    }
    fflush(stderr);
}

double cli_progress_end(cli_progress *progress) {
    if (progress->width > 0)
        fprintf(stderr, "\r%*s\r", progress->width, "");
    progress->width = 0;
    return now() - progress->started;
}
