#include "cli.h"

#include <signal.h>
#include <unistd.h>

/* A signal handler has nothing else to speak through than globals. */
static volatile sig_atomic_t at_once;
static volatile int interrupted;

static void handle(int number) {
    (void)number;
    interrupted = 1;
    if (at_once) {
        static const char message[] = "error: interrupted\n";
        (void)!write(STDERR_FILENO, message, sizeof message - 1);
        _exit(recoup_status_exit(RECOUP_EINTERRUPTED));
    }
}

static void install(void) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void cli_interrupt_at_once(void) {
    at_once = 1;
    install();
}

const volatile int *cli_interrupt_flag(void) {
    at_once = 0;
    install();
    return &interrupted;
}
