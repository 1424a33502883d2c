#include "report/report.h"

#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { N_ARGUMENTS = 12, MAX_SECONDS = 120, LINE_SIZE = 512 };

/* The arguments after the program's name; texts live in `own`. */
static bool make_arguments(char *argument[N_ARGUMENTS], recoup_text own[3], const char *folder,
                           const char *page, const char *pdf) {
    static char headless[] = "--headless", no_gpu[] = "--disable-gpu",
                no_questions[] = "--no-first-run",
                no_requests[] = "--disable-background-networking",
                no_margins[] = "--no-pdf-header-footer", no_sandbox[] = "--no-sandbox";
    int n = 1;
    recoup_text_add(&own[0], "--user-data-dir=%s/profile", folder);
    recoup_text_add(&own[1], "--print-to-pdf=%s", pdf);
    recoup_text_add(&own[2], "%s", page);
    argument[n++] = headless;
    argument[n++] = no_gpu;
    argument[n++] = no_questions;
    argument[n++] = no_requests;
    argument[n++] = no_margins;
    if (geteuid() == 0) /* its sandbox refuses to run as root, and the page is our own */
        argument[n++] = no_sandbox;
    for (int i = 0; i < 3; i++)
        argument[n++] = own[i].bytes;
    argument[n] = NULL;
    return !own[0].failed && !own[1].failed && !own[2].failed;
}

/* Starts the first browser that is there, its output in a file. ENOENT: none is. */
static int start(char *argument[N_ARGUMENTS], const char *log, pid_t *process) {
    static char *const names[] = {"chromium", "chromium-browser", "google-chrome",
                                  "google-chrome-stable"};
    posix_spawn_file_actions_t actions;
    argument[0] = names[0];
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem != 0)
        return problem;
    problem = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (problem == 0)
        problem = posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT, 0600);
    if (problem == 0)
        problem = posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (problem == 0)
        problem = ENOENT;
    for (size_t i = 0; i < sizeof names / sizeof *names && problem == ENOENT; i++) {
        argument[0] = names[i];
        problem = posix_spawnp(process, names[i], &actions, NULL, argument, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

/* False: it took too long, and was ended. */
static bool wait_for(pid_t process, int *ended) {
    const struct timespec pause = {.tv_nsec = 20000000};
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (;;) {
        pid_t got = waitpid(process, ended, WNOHANG);
        if (got == process || (got < 0 && errno != EINTR))
            return true;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - began.tv_sec >= MAX_SECONDS)
            break;
        nanosleep(&pause, NULL);
    }
    kill(process, SIGKILL);
    waitpid(process, ended, 0);
    return false;
}

/* The last line that it said, for the message. */
static void read_last_line(const char *log, char line[LINE_SIZE]) {
    char next[LINE_SIZE] = "";
    FILE *file = fopen(log, "r");
    line[0] = '\0';
    while (file && fgets(next, sizeof next, file))
        memcpy(line, next, sizeof next);
    if (file)
        (void)fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
}

static recoup_status run(char *argument[N_ARGUMENTS], const char *log, const char *pdf,
                         recoup_error *error) {
    char line[LINE_SIZE];
    pid_t process = 0;
    int ended = -1, problem = start(argument, log, &process);
    if (problem == ENOENT)
        return recoup_fail(error, RECOUP_EIO, NULL,
                           "printing a PDF takes Chromium or Chrome, and neither is on PATH: "
                           "install one (Debian: chromium), or open the page without --pdf in any "
                           "browser and print it there");
    if (problem != 0)
        return recoup_fail(error, RECOUP_EIO, NULL, "%s cannot be started: %s", argument[0],
                           strerror(problem));
    if (!wait_for(process, &ended))
        return recoup_fail(error, RECOUP_EIO, NULL, "%s did not print the page within %d seconds",
                           argument[0], MAX_SECONDS);
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0 || access(pdf, R_OK) != 0) {
        read_last_line(log, line);
        return recoup_fail(error, RECOUP_EIO, NULL, "%s did not print the page%s%s", argument[0],
                           line[0] ? ": " : "", line);
    }
    return RECOUP_OK;
}

recoup_status recoup_browser_print(const char *folder, const char *page, const char *pdf,
                                   recoup_error *error) {
    recoup_text own[3] = {{0}}, log = {0};
    char *argument[N_ARGUMENTS];
    recoup_text_add(&log, "%s/browser.log", folder);
    bool done = make_arguments(argument, own, folder, page, pdf) && !log.failed;
    recoup_status status = done ? run(argument, log.bytes, pdf, error) : recoup_fail_memory(error);
    for (int i = 0; i < 3; i++)
        recoup_text_clear(&own[i]);
    recoup_text_clear(&log);
    return status;
}
