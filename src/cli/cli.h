/* What the commands share. A command is one file cmd_<name>.c with one function of its name; main.c
 * holds the table of them. Results go to standard output, messages and progress to standard error.
 */
#ifndef RECOUP_CLI_CLI_H
#define RECOUP_CLI_CLI_H

#include <argp.h>
#include <pthread.h>
#include <recoup/activity.h>
#include <recoup/compare.h>
#include <recoup/dataset.h>
#include <recoup/diagnosis.h>
#include <recoup/engine.h>
#include <recoup/error.h>
#include <recoup/fit_summary.h>
#include <recoup/model.h>
#include <recoup/optimize.h>
#include <recoup/scenario.h>
#include <recoup/suggest.h>
#include <recoup/track.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* --- main.c: the commands --------------------------------------------------------------------- */

/* Each returns the exit status of the program; argv[0] is "recoup <name>". The parser is the one
 * table of a command's options: help, man pages and completions come from it. */
#define CLI_COMMAND(name)                                                                          \
    int cli_##name(int argc, char **argv);                                                         \
    extern const struct argp cli_##name##_parser
CLI_COMMAND(run);
CLI_COMMAND(fit);
CLI_COMMAND(compare);
CLI_COMMAND(export);
CLI_COMMAND(check);
CLI_COMMAND(optimize);
CLI_COMMAND(example);
CLI_COMMAND(batch);
CLI_COMMAND(activity);
CLI_COMMAND(diagnose);
CLI_COMMAND(report);
CLI_COMMAND(track);

typedef struct cli_command {
    char *name;
    char *called; /* argv[0] for its own messages */
    const char *meaning;
    int (*run)(int argc, char **argv);
    const struct argp *parser;
} cli_command;
extern const cli_command cli_commands[];
extern const int cli_n_commands;

/* --- messages.c: what a command tells of its work, on standard error ---------------------------
 */

typedef struct cli_messages {
    bool quiet;     /* no progress, no notes */
    bool verbose;   /* every step too */
    double started; /* seconds of the monotonic clock */
} cli_messages;

/* The children of every command's parser: -q and -v. The parser's own function gives them its
 * cli_messages: at ARGP_KEY_INIT, state->child_inputs[0] = &options->messages. */
extern const struct argp_child cli_common[];

/* With --verbose: a line with the seconds since the start. */
void cli_tell(const cli_messages *messages, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Seconds of the monotonic clock. */
double cli_clock(void);

/* --- manual.c, completion.c: made from the tables of options -----------------------------------
 */

/* All options of a command, those of argp itself included, into `option`; returns their number. */
enum { CLI_MOST_OPTIONS = 64 };
int cli_list_options(const cli_command *command, const struct argp_option **option);
/* A page for man(1), in the macros of man(7); of the program where `command` is NULL. */
void cli_print_manual(const cli_command *command, FILE *stream);
/* A script for a shell: "bash", "zsh" or "fish"; false: there is none for it. */
bool cli_print_completion(const char *shell, FILE *stream);

/* --- arguments.c: values of options; a bad one ends the program with exit status 2 ----------- */

/* Reads a whole number within [min, max]; `option` as in messages ("--paths"). */
int64_t cli_whole_number(const struct argp_state *state, const char *option, const char *text,
                         int64_t min, int64_t max);
/* Reads a half-width of a probability, within (0, 0.5); 0.5% too. */
double cli_half_width(const struct argp_state *state, const char *option, const char *text);
/* Reads a number within [min, max]. */
double cli_number(const struct argp_state *state, const char *option, const char *text, double min,
                  double max);
/* Takes the one plain argument of a command; a second one is wrong usage. */
void cli_take_argument(const struct argp_state *state, const char **argument, char *text);

/* How many processors this process may use. */
int cli_count_processors(void);

/* Refuses, before any work is done, an output file that could not be written: prints why and
 * returns the exit status, 0 when all is well. */
int cli_check_output(const char *command, const char *path);

/* Prints the error (or, after success, the notes unless quiet), clears it and returns the exit
 * status. */
int cli_finish(recoup_status status, recoup_error *error, bool quiet);

/* --- inputs.c: what a scenario names, loaded ------------------------------------------------- */

typedef struct cli_inputs {
    recoup_scenario *scenario;
    recoup_view *view;
    recoup_model *model;          /* NULL until loaded or fitted */
    const cli_messages *messages; /* borrowed */
} cli_inputs;

/* Reads the scenario, the model that it names (if wanted) and its tables; to be cleared also after
 * a failure. */
recoup_status cli_inputs_load(cli_inputs *inputs, const char *scenario_path, bool with_model,
                              const cli_messages *messages, recoup_error *error);
recoup_status cli_inputs_fit(cli_inputs *inputs, int threads, recoup_error *error);
/* Fits a model where none was named; then resolves the plans against it. */
recoup_status cli_inputs_resolve(cli_inputs *inputs, int threads, recoup_error *error);
void cli_inputs_clear(cli_inputs *inputs);

/* --- simulate.c: from inputs to results ------------------------------------------------------ */

/* Simulates the plans, works out `decisions` and the diagnosis; *seconds is what the simulation
 * took. *results is to be freed by recoup_results_free, after a failure too (NULL is fine). */
recoup_status cli_simulate(const cli_inputs *inputs, int threads, const char *isa,
                           recoup_results **results, double *seconds, recoup_error *error);

/* --- interrupt.c: Ctrl-C and SIGTERM --------------------------------------------------------- */

/* From here on the signals end the program at once (exit status 1); nothing is being written. */
void cli_interrupt_at_once(void);
/* From here on they only set the flag that is returned. */
const volatile int *cli_interrupt_flag(void);

/* --- progress.c ------------------------------------------------------------------------------ */

typedef struct cli_progress {
    bool quiet, terminal;
    double started, printed; /* seconds of the monotonic clock */
    int width;               /* of the line on the terminal */
} cli_progress;

void cli_progress_start(cli_progress *progress, bool quiet);
/* To be recoup_engine_options.progress, with the cli_progress as its `user`. */
void cli_progress_report(const recoup_progress *state, void *user);
/* 75 seconds as 1:15, 4000 as 1:06:40, into a buffer of CLI_DURATION_SIZE bytes. */
enum { CLI_DURATION_SIZE = 32 };
void cli_format_duration(char *buffer, double seconds);
/* Any line, when one is due. */
void cli_progress_print(cli_progress *progress, const char *text);
/* Where work stands whose end is not known: so many of something. */
void cli_progress_count(cli_progress *progress, int n, const char *what);
/* Work that does not tell how far it is, or only by steps: a thread of its own shows how long it
 * has taken, until cli_step_end. Nothing else may be printed meanwhile. */
typedef struct cli_step {
    cli_progress progress;
    const char *what;
    _Atomic int n_done, n_total; /* 0: not told */
    bool is_shown, is_over;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t over;
} cli_step;
void cli_step_start(cli_step *step, const cli_messages *messages, const char *what);
/* To be recoup_fit_options.progress, with the cli_step as its `user`. */
void cli_step_count(int n_done, int n_total, void *user);
void cli_step_end(cli_step *step);
/* Wipes the line, so that something else can be printed. */
void cli_progress_wipe(cli_progress *progress);
/* Wipes the line; returns the seconds since the start. */
double cli_progress_end(cli_progress *progress);

/* Where a batch stands. */
typedef struct cli_batch_state {
    int n_done, n_total, n_failed;
    int n_timed;  /* of those done, the ones that took time: what the rate is made of */
    double share; /* of the one in progress */
    const char *doing, *name;
} cli_batch_state;
void cli_progress_batch(cli_progress *progress, const cli_batch_state *state);

/* --- terminal_style.c: what a terminal shows ----------------------------------------------------
 */

/* Whether texts of the environment's locale are UTF-8. */
bool cli_is_unicode(void);
/* Whether colours go to a stream: a terminal, unless NO_COLOR is set (no-color.org) or it is dumb.
 */
bool cli_has_color(FILE *stream);
/* Escape sequences of ECMA-48, SGR. */
#define CLI_GOOD "\033[1;32m"
#define CLI_BAD "\033[1;31m"
#define CLI_PLAIN "\033[0m"

/* --- terminal_text.c: paragraphs for people, in 80 columns ----------------------------------- */

enum { CLI_WIDTH = 80 };

/* A text that is written to `stream` first, and then printed. */
typedef struct cli_text {
    FILE *stream;
    char *bytes;
    size_t length;
} cli_text;

bool cli_text_open(cli_text *text); /* false: out of memory */
/* Prints it with long lines broken at blanks, and frees it; what follows a line that begins with
 * "- " is indented. False: out of memory. */
bool cli_text_print(cli_text *text, FILE *stream);

/* --- terminal_table.c: tables for people, in 80 columns --------------------------------------- */

struct libscols_table; /* of libsmartcols, which prints and frees it */
enum { CLI_CELL_SIZE = 96 };

/* Columns with these headings: the first one is text to the left that may wrap, the others stand
 * to the right. NULL: out of memory. */
struct libscols_table *cli_table_create(const char *const *heading, int n_headings, FILE *stream);
/* Adds a line: the first cell, then n others. False: out of memory. */
bool cli_table_add(struct libscols_table *table, const char *first, char (*cell)[CLI_CELL_SIZE],
                   int n);

/* Shows the last line added in a colour (CLI_GOOD ...), where the stream has any. */
void cli_table_color(struct libscols_table *table, const char *color, FILE *stream);

/* --- terminal_screen.c: a screen of 24 lines and 80 columns ----------------------------------- */

/* The columns of a terminal that a text takes. */
int cli_count_columns(const char *text);
/* Copies a text, control characters as blanks, cut with ".." to so many columns of the terminal. */
void cli_clip(char *cell, size_t size, const char *text, int columns);

enum { CLI_SCREEN_LINES = 24 };

typedef struct cli_screen {
    FILE *stream;
    int left;    /* lines */
    bool failed; /* out of memory */
} cli_screen;

/* One line, cut to the width; none where no line is left. */
void cli_screen_line(cli_screen *screen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A text in at most so many lines, those after the first one indented by two. */
void cli_screen_paragraph(cli_screen *screen, const char *text, int most_lines);
/* "... and 5 more (--json has all)"; nothing where n is not above 0. */
void cli_screen_more(cli_screen *screen, int n);

/* A table whose lines are added by cli_screen_row, and printed by cli_screen_end; it takes a line
 * more than it has rows. Cells are to be narrow enough, by cli_clip. */
struct libscols_table *cli_screen_table(cli_screen *screen, const char *const *heading, int n);
/* The table may be NULL. */
void cli_screen_row(cli_screen *screen, struct libscols_table *table, const char *first,
                    char (*cell)[CLI_CELL_SIZE], int n);
void cli_screen_end(cli_screen *screen, struct libscols_table *table);

/* Money in at most 10 columns: 9,999,999 at most, then in thousands (12,345k), millions (M),
 * billions (G); into a cell, which is returned. */
char *cli_format_amount(char *cell, double amount);
/* 41.5 of .415, "-" of NaN; into a cell, which is returned. */
char *cli_format_share(char *cell, double share);

/* --- print_data.c: records for programs ------------------------------------------------------ */

/* One member of a record: const char * (NULL prints as an empty text), double (null when not
 * finite), a date (a double, days since 1970; null when not finite), int64_t, int or bool. */
typedef enum cli_field_type {
    CLI_FIELD_TEXT,
    CLI_FIELD_NUMBER,
    CLI_FIELD_DATE,
    CLI_FIELD_COUNT,
    CLI_FIELD_INT,
    CLI_FIELD_FLAG
} cli_field_type;

typedef struct cli_field {
    const char *key;
    cli_field_type type;
    size_t offset;
} cli_field;

/* The members as `"key": value` lines after `indent`, without braces; numbers with full precision.
 * False: out of memory. */
bool cli_print_json_fields(const cli_field *fields, int n, const void *record, const char *indent,
                           FILE *stream);
/* `"key": [{...}, ...]` of n records of a size, indented by two. */
bool cli_print_json_records(const char *key, const cli_field *fields, int n_fields,
                            const void *records, int n, size_t size, FILE *stream);
/* The same of records of one type. */
bool cli_print_json_type(const recoup_record_type *type, const void *rows, int n, FILE *stream);
/* The same of the records of one kind in results. */
bool cli_print_json_kind(const recoup_results *results, recoup_record_id id, FILE *stream);
bool cli_print_csv_kind(const recoup_results *results, recoup_record_id id, FILE *stream);
bool cli_print_json_text(const char *text, FILE *stream);
/* A line of headings, and one line for each record; for CSV. */
void cli_print_csv_records(const cli_field *fields, int n_fields, const void *records, int n,
                           size_t size, FILE *stream);

/* --- print_*.c: a comparison on a stream ----------------------------------------------------- */

typedef enum cli_format { CLI_TABLE, CLI_JSON, CLI_CSV, CLI_MARKDOWN } cli_format;

/* For people, in 80 columns. ENOMEM only: whether writing went well is found at exit. */
recoup_status cli_print_table(const recoup_comparison *comparison, FILE *stream);
/* For programs: every field, numbers with full precision. */
recoup_status cli_print_json(const recoup_comparison *comparison, FILE *stream);
recoup_status cli_print_csv(const recoup_comparison *comparison, FILE *stream);

/* A summary in Markdown: the table of plans, and what it means. */
recoup_status cli_print_markdown(const recoup_comparison *comparison, FILE *stream);
/* How bookings against quota are distributed, a line a plan; nothing without paths or a quota. */
recoup_status cli_print_attainment(const recoup_results *results, FILE *stream,
                                   recoup_error *error);
/* The plan with the highest chance among those but `skip`; the earlier of equals; -1: none. */
int cli_find_best(const recoup_comparison *comparison, int skip);
/* Which plan is best and which are not told apart, as paragraphs. False: out of memory. */
bool cli_print_conclusion(const recoup_comparison *comparison, FILE *stream);

/* Each rep or cohort, later starts, and what matters: as the comparison. */
recoup_status cli_print_units(const recoup_unit_comparison *comparison, cli_format format,
                              FILE *stream);
recoup_status cli_print_delays(const recoup_delays *delays, cli_format format, FILE *stream);
recoup_status cli_print_sensitivity(const recoup_sensitivity *sensitivity, cli_format format,
                                    FILE *stream);
recoup_status cli_print_comparison(const recoup_comparison *comparison, cli_format format,
                                   FILE *stream);

/* The best plan, for people or as JSON; `plan` is its YAML, printed where it is not NULL. */
recoup_status cli_print_optimum(const recoup_optimum *optimum, const char *plan, FILE *stream);
recoup_status cli_print_optimum_json(const recoup_optimum *optimum, const char *plan, FILE *stream);

/* What a fit found, for people or as JSON; reps may be NULL. */
recoup_status cli_print_fit(const recoup_fit_summary *summary, const recoup_rep_summary *reps,
                            const recoup_eventual *eventual, FILE *stream);
recoup_status cli_print_fit_json(const recoup_fit_summary *summary, const recoup_rep_summary *reps,
                                 const recoup_eventual *eventual, FILE *stream);

/* What closes a gap, for people or as JSON. */
recoup_status cli_print_plain_activity(const recoup_activity_inputs *inputs,
                                       const recoup_activity_plain *plain, FILE *stream);
recoup_status cli_print_plain_activity_json(const recoup_activity_inputs *inputs,
                                            const recoup_activity_plain *plain, FILE *stream);
recoup_status cli_print_activity(const recoup_activity *activity, FILE *stream);
recoup_status cli_print_activity_json(const recoup_activity *activity, FILE *stream);

/* A mapping that files suggest, as YAML. */
recoup_status cli_print_mapping(const recoup_suggestion *suggestion, FILE *stream);

/* The diagnosis of the first plan, one screen a topic (CLI_N_TOPICS: all of them), or every record
 * as JSON. */
typedef enum cli_topic {
    CLI_TOPIC_GAP,
    CLI_TOPIC_CAUSES,
    CLI_TOPIC_REPS,
    CLI_TOPIC_SKILLS,
    CLI_TOPIC_SWOT,
    CLI_TOPIC_HYGIENE,
    CLI_TOPIC_QUALITY,
    CLI_N_TOPICS
} cli_topic;
extern const char *const cli_topic_names[CLI_N_TOPICS];
recoup_status cli_print_diagnosis(const recoup_results *results, cli_topic topic, FILE *stream);
recoup_status cli_print_diagnosis_json(const recoup_results *results, FILE *stream);

/* One screen each (print_diagnosis_*.c). */
void cli_print_gap(const recoup_results *results, cli_screen *screen);
void cli_print_causes(const recoup_results *results, cli_screen *screen);
void cli_print_reps(const recoup_results *results, cli_screen *screen);
void cli_print_skills(const recoup_results *results, cli_screen *screen);
void cli_print_swot(const recoup_results *results, cli_screen *screen);
void cli_print_hygiene(const recoup_results *results, cli_screen *screen);
void cli_print_quality(const recoup_results *results, cli_screen *screen);

/* Forecasts of one period, week after week, for people or as JSON. */
recoup_status cli_print_track(const recoup_track *track, FILE *stream);
recoup_status cli_print_track_json(const recoup_track *track, FILE *stream);

enum { CLI_ERROR_SIZE = 32 };
/* Half of a 95 % interval, in points; an error that two decimals would show as nothing is one
 * still. Into a buffer of CLI_ERROR_SIZE bytes, or static. */
const char *cli_format_error(char *text, double standard_error);

enum { CLI_MONEY_SIZE = 48 };
/* -1234567.8 as -1,234,567.80, with `decimals` (0 to 2) of them, into a buffer of CLI_MONEY_SIZE
 * bytes; "-" when not finite. Returns the buffer. */
char *cli_format_money(char *buffer, double amount, int decimals);

#endif
