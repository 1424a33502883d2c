#include "cli.h"

#include <string.h>
#include <unistd.h>

void cli_progress_start(cli_progress *progress, bool quiet) {
    double started = cli_clock();
    *progress = (cli_progress){.quiet = quiet,
                               .terminal = isatty(STDERR_FILENO) == 1,
                               .started = started,
                               .printed = started};
}

/* 75 -> 1:15, 4000 -> 1:06:40 */
void cli_format_duration(char *buffer, double seconds) {
    const size_t size = CLI_DURATION_SIZE;
    long whole = seconds < 1e9 ? (long)(seconds + 0.5) : 999999999;
    if (whole < 3600)
        snprintf(buffer, size, "%ld:%02ld", whole / 60, whole % 60);
    else
        snprintf(buffer, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

/* A line on a terminal is rewritten ten times a second; a log gets one every five seconds. */
static bool is_due(cli_progress *progress, double time) {
    if (progress->quiet || time - progress->printed < (progress->terminal ? 0.1 : 5.0))
        return false;
    progress->printed = time;
    return true;
}

static void print_line(cli_progress *progress, const char *line, int length) {
    if (progress->terminal) { /* blanks over what a longer line left behind */
        fprintf(stderr, "\r%-*s", progress->width, line);
        progress->width = length;
    } else {
        fprintf(stderr, "%s\n", line);
    }
    fflush(stderr);
}

void cli_progress_print(cli_progress *progress, const char *text) {
    if (is_due(progress, cli_clock()))
        print_line(progress, text, (int)strlen(text));
}

void cli_progress_report(const recoup_progress *state, void *user) {
    cli_progress *progress = user;
    double time = cli_clock(), elapsed = time - progress->started;
    if (state->paths_done <= 0 || !is_due(progress, time))
        return;
    double rate = (double)state->paths_done / (elapsed > 0 ? elapsed : 1e-9);
    double left = (double)(state->paths_total - state->paths_done) / rate;
    char eta[CLI_DURATION_SIZE], done[CLI_MONEY_SIZE], speed[CLI_MONEY_SIZE], line[256];
    cli_format_duration(eta, left > 0 ? left : 0);
    int length = snprintf(
        line, sizeof line, "%3.0f %%  %s paths  %s/s  %s left  P(hit) %.2f %% ± %.2f",
        100.0 * (double)state->paths_done / (double)state->paths_total,
        cli_format_money(done, (double)state->paths_done, 0), cli_format_money(speed, rate, 0), eta,
        100 * state->hit_probability, 196 * state->hit_probability_se);
    print_line(progress, line, length);
}

void cli_progress_batch(cli_progress *progress, const cli_batch_state *state) {
    enum { NAME_WIDTH = 40 };
    double time = cli_clock(), elapsed = time - progress->started;
    char eta[CLI_DURATION_SIZE] = "?", line[256];
    if (!is_due(progress, time))
        return;
    double done = state->n_done + state->share, timed = state->n_timed + state->share;
    if (timed > 0)
        cli_format_duration(eta, (state->n_total - done) * elapsed / timed);
    int length = snprintf(
        line, sizeof line, "%3.0f %%  %d of %d scenarios  %d failed  %.2f/s  %s left  %s%.*s",
        100 * done / state->n_total, state->n_done, state->n_total, state->n_failed,
        timed / (elapsed > 0 ? elapsed : 1e-9), eta, state->doing, NAME_WIDTH, state->name);
    print_line(progress, line, length);
}

void cli_progress_count(cli_progress *progress, int n, const char *what) {
    double time = cli_clock(), elapsed = time - progress->started;
    char duration[CLI_DURATION_SIZE], count[CLI_MONEY_SIZE], line[128];
    if (!is_due(progress, time))
        return;
    cli_format_duration(duration, elapsed);
    int length =
        snprintf(line, sizeof line, "%s %s  %.1f/s  %s so far", cli_format_money(count, n, 0), what,
                 n / (elapsed > 0 ? elapsed : 1e-9), duration);
    print_line(progress, line, length);
}

void cli_progress_wipe(cli_progress *progress) {
    if (progress->width > 0)
        fprintf(stderr, "\r%*s\r", progress->width, "");
    progress->width = 0;
}

double cli_progress_end(cli_progress *progress) {
    cli_progress_wipe(progress);
    return cli_clock() - progress->started;
}
