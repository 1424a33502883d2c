/* Steps that take a while and do not tell how far they are. */
#include "cli.h"

#include <stdatomic.h>
#include <time.h>

static void print_step(cli_step *step) {
    char text[128], duration[CLI_DURATION_SIZE];
    int n_done = atomic_load(&step->n_done), n_total = atomic_load(&step->n_total);
    cli_format_duration(duration, cli_clock() - step->progress.started);
    if (n_total > 0)
        snprintf(text, sizeof text, "%s  %d of %d steps  %s", step->what, n_done, n_total,
                 duration);
    else
        snprintf(text, sizeof text, "%s  %s", step->what, duration);
    cli_progress_print(&step->progress, text);
}

static void *watch(void *user) {
    cli_step *step = user;
    pthread_mutex_lock(&step->lock);
    while (!step->is_over) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000; /* a tenth of a second, as often as a line is rewritten */
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&step->over, &step->lock, &until);
        if (!step->is_over)
            print_step(step);
    }
    pthread_mutex_unlock(&step->lock);
    return NULL;
}

void cli_step_start(cli_step *step, const cli_messages *messages, const char *what) {
    *step = (cli_step){.what = what};
    cli_progress_start(&step->progress, messages->quiet);
    pthread_mutex_init(&step->lock, NULL);
    pthread_cond_init(&step->over, NULL);
    /* Without a thread the work goes on unseen. */
    step->is_shown = !messages->quiet && pthread_create(&step->thread, NULL, watch, step) == 0;
}

void cli_step_count(int n_done, int n_total, void *user) {
    cli_step *step = user;
    atomic_store(&step->n_done, n_done);
    atomic_store(&step->n_total, n_total);
}

void cli_step_end(cli_step *step) {
    pthread_mutex_lock(&step->lock);
    step->is_over = true;
    pthread_cond_signal(&step->over);
    pthread_mutex_unlock(&step->lock);
    if (step->is_shown)
        pthread_join(step->thread, NULL);
    pthread_cond_destroy(&step->over);
    pthread_mutex_destroy(&step->lock);
    cli_progress_wipe(&step->progress);
}
