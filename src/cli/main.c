#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <recoup/names.h>
#include <recoup/version.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define COMMAND(name, meaning)                                                                     \
    { #name, "recoup " #name, meaning, cli_##name, &cli_##name##_parser }
const cli_command cli_commands[] = {
    COMMAND(run, "simulate every plan of a scenario and compare them"),
    COMMAND(fit, "fit the model to a scenario's history and write it"),
    COMMAND(compare, "compare the plans of a results file"),
    COMMAND(export, "write every table of a results file as CSV"),
    COMMAND(optimize, "choose the best levers under a budget"),
    COMMAND(check, "check a scenario and its tables, simulate nothing"),
    COMMAND(activity, "how many deals, proposals and calls close the gap"),
    COMMAND(diagnose, "where the gap comes from, causes, people, hygiene"),
    COMMAND(report, "one page to look at, and the plan document"),
    COMMAND(track, "forecasts week after week, against what came; what is due"),
    COMMAND(batch, "run many scenarios and summarise them"),
    COMMAND(example, "write an example: tables, scenario and true model"),
};
enum { N_COMMANDS = sizeof cli_commands / sizeof *cli_commands };
const int cli_n_commands = N_COMMANDS;

static void print_help(FILE *stream) {
    fputs("Usage: recoup COMMAND ...\n"
          "Which sales recovery plan gives the best chance of hitting quota, and how sure\n"
          "is it?\n\n"
          "Commands:\n",
          stream);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(stream, "  %-9s %s\n", cli_commands[i].name, cli_commands[i].meaning);
    fputs("\n`recoup help COMMAND` or `recoup COMMAND --help` explains one, `man recoup` all;\n"
          "`recoup --version` names this build.\n"
          "Exit status: 0 done, 1 failed, 2 wrong usage, 3 invalid input.\n",
          stream);
}

static void print_version(void) {
    printf("recoup %s\ngit %s\nbuild %s\ninstruction set %s\n", recoup_version(), recoup_git_sha1(),
           recoup_build(), recoup_isa_best());
}

static const cli_command *find_command(const char *name) {
    char *names[N_COMMANDS];
    for (int i = 0; i < N_COMMANDS; i++) {
        names[i] = cli_commands[i].name;
        if (strcmp(names[i], name) == 0)
            return &cli_commands[i];
    }
    const char *nearest = recoup_names_nearest(names, N_COMMANDS, name);
    fprintf(stderr, "recoup: there is no command `%s`", name);
    if (nearest)
        fprintf(stderr, "; did you mean `%s`?\n", nearest);
    else
        fputs("; `recoup --help` lists them\n", stderr);
    return NULL;
}

/* Output that could not be written is a failure, wherever in the program it was printed. An unused
 * descriptor that was closed from the start is none. Idea: close_stdout of gnulib. */
static void close_stdout(void) {
    bool pending = __fpending(stdout) != 0;
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fclose(stdout) != 0 && (pending || errno != EBADF))
        failed = true;
    if (failed) {
        fprintf(stderr, "recoup: writing to standard output failed%s%s\n", errno ? ": " : "",
                errno ? strerror(errno) : "");
        _exit(EXIT_FAILED);
    }
}

/* A results file must never get descriptor 1 or 2, or messages would be written into it: closed
 * standard streams are taken by /dev/null, in the direction in which using them fails. */
static void occupy_standard_streams(void) {
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* Tables of tens of megabytes come and go with every parameter draw. Giving them back to the system
 * each time made a run with decisions a third slower: all threads wait while pages are unmapped. */
static void keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that it takes */
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
    mallopt(M_TOP_PAD, 16 << 20);
}

/* `recoup help --manual [COMMAND]` and `recoup help --completion SHELL`, which the build installs.
 */
static int print_generated(int argc, char **argv) {
    if (strcmp(argv[2], "--manual") == 0) {
        const cli_command *command = argc > 3 ? find_command(argv[3]) : NULL;
        if (argc > 3 && !command)
            return EXIT_USAGE;
        cli_print_manual(command, stdout);
        return 0;
    }
    if (argc == 4 && cli_print_completion(argv[3], stdout))
        return 0;
    fputs("recoup help: --completion takes bash, zsh or fish\n", stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    keep_memory();
    occupy_standard_streams();
    /* All texts are UTF-8, whatever the environment says; numbers stay those of the C locale. */
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is reported as a failed write */
    atexit(close_stdout);
    argp_err_exit_status = EXIT_USAGE;

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *first = argv[1];
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        print_version();
        return 0;
    }
    bool help = strcmp(first, "help") == 0;
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || (help && argc == 2)) {
        print_help(stdout);
        return 0;
    }
    if (help && (strcmp(argv[2], "--manual") == 0 || strcmp(argv[2], "--completion") == 0))
        return print_generated(argc, argv);
    const cli_command *command = find_command(help ? argv[2] : first);
    if (!command)
        return EXIT_USAGE;
    if (help)
        return command->run(2, (char *[]){command->called, "--help", NULL});
    argv[1] = command->called;
    return command->run(argc - 1, argv + 1);
}
