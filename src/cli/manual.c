/* Man pages, made from the commands' tables of options. Source: man(7). */
#include "cli.h"

#include <recoup/version.h>
#include <string.h>

/* What argp adds to every command by itself. */
static const struct argp_option argp_table[] = {
    {"help", '?', NULL, 0, "give this help list", 0},
    {"usage", 256, NULL, 0, "give a short usage message", 0},
    {0}};

static int add_options(const struct argp_option *table, const struct argp_option **option, int n) {
    for (; table && (table->name || table->key || table->doc); table++)
        if (table->name && !(table->flags & OPTION_HIDDEN) && n < CLI_MOST_OPTIONS)
            option[n++] = table;
    return n;
}

int cli_list_options(const cli_command *command, const struct argp_option **option) {
    int n = add_options(command->parser->options, option, 0);
    for (const struct argp_child *child = command->parser->children; child && child->argp; child++)
        n = add_options(child->argp->options, option, n);
    return add_options(argp_table, option, n);
}

/* --- pages --------------------------------------------------------------------------------------
 */

/* A text as roff reads it: backslashes, hyphens and quotes as they are, no line a request. */
static void print_text(const char *text, size_t length, FILE *stream) {
    for (size_t i = 0; i < length; i++) {
        bool starts = i == 0 || text[i - 1] == '\n';
        if (starts && (text[i] == '.' || text[i] == '\''))
            fputs("\\&", stream);
        if (text[i] == '\\')
            fputs("\\e", stream);
        else if (text[i] == '-')
            fputs("\\-", stream);
        else if (text[i] == '\'')
            fputs("\\(aq", stream);
        else if (text[i] == '`')
            fputs("\\(ga", stream);
        else if (text[i] == '^')
            fputs("\\(ha", stream);
        else if (text[i] == '~')
            fputs("\\(ti", stream);
        else
            fputc(text[i], stream);
    }
}

static void print_word(const char *before, const char *text, const char *after, FILE *stream) {
    fputs(before, stream);
    print_text(text, strlen(text), stream);
    fputs(after, stream);
}

static void print_header(const char *name, const char *meaning, FILE *stream) {
    char upper[64] = "RECOUP", file[64] = "recoup";
    if (name) {
        snprintf(file, sizeof file, "recoup-%s", name);
        snprintf(upper, sizeof upper, "RECOUP-%s", name);
        for (char *p = upper; *p; p++)
            *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    fprintf(stream, ".TH %s 1 \"\" \"recoup %s\" \"recoup\"\n.SH NAME\n", upper, recoup_version());
    print_word("", file, " \\- ", stream);
    print_word("", meaning, "\n", stream);
}

/* One line for each way of using it, as `Usage:` in the help. */
static void print_synopsis(const cli_command *command, FILE *stream) {
    const char *arguments = command->parser->args_doc;
    fputs(".SH SYNOPSIS\n", stream);
    while (arguments && *arguments) {
        size_t length = strcspn(arguments, "\n");
        print_word(".B ", command->called, "\n[\\fIOPTION\\fR...] ", stream);
        print_text(arguments, length, stream);
        arguments += length + (arguments[length] == '\n');
        fputs(*arguments ? "\n.br\n" : "\n", stream);
    }
}

static void print_option(const struct argp_option *option, FILE *stream) {
    bool has_letter = option->key > ' ' && option->key < 127;
    fputs(".TP\n", stream);
    if (has_letter)
        fprintf(stream, "\\fB\\-%c\\fR", option->key);
    if (has_letter && option->arg)
        print_word(" \\fI", option->arg, "\\fR", stream);
    print_word(has_letter ? ", \\fB\\-\\-" : "\\fB\\-\\-", option->name, "\\fR", stream);
    if (option->arg)
        print_word("=\\fI", option->arg, "\\fR", stream);
    print_word("\n", option->doc, "\n", stream);
}

static void print_command(const cli_command *command, FILE *stream) {
    const struct argp_option *option[CLI_MOST_OPTIONS];
    int n = cli_list_options(command, option);
    const char *doc = command->parser->doc, *end = strchr(doc, '\v');
    print_header(command->name, command->meaning, stream);
    print_synopsis(command, stream);
    fputs(".SH DESCRIPTION\n", stream);
    print_text(doc, end ? (size_t)(end - doc) : strlen(doc), stream);
    fputs("\n.SH OPTIONS\n", stream);
    for (int i = 0; i < n; i++)
        print_option(option[i], stream);
    if (end)
        print_word(".SH NOTES\n", end + 1, "\n", stream);
}

static void print_program(FILE *stream) {
    print_header(NULL,
                 "which sales recovery plan gives the best chance of hitting quota, and how "
                 "sure it is",
                 stream);
    fputs(".SH SYNOPSIS\n.B recoup\n\\fICOMMAND\\fR [\\fIOPTION\\fR...] ...\n.br\n"
          ".B recoup help\n[\\fICOMMAND\\fR]\n.br\n.B recoup \\-\\-version\n"
          ".SH COMMANDS\n",
          stream);
    for (int i = 0; i < cli_n_commands; i++) {
        print_word(".TP\n.BR recoup\\-", cli_commands[i].name, " (1)\n", stream);
        print_word("", cli_commands[i].meaning, "\n", stream);
    }
    fputs(".SH OPTIONS\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nthe list of commands\n"
          ".TP\n\\fB\\-V\\fR, \\fB\\-\\-version\\fR\nversion, git commit, build, instruction set\n"
          ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nwhen set and not empty: no colours on a terminal\n"
          ".TP\n.BR LC_ALL \", \" LC_CTYPE \", \" LANG\n"
          "the first that is set says whether charts in text may use UTF\\-8\n",
          stream);
}

static void print_footer(const cli_command *command, FILE *stream) {
    const char *between = "";
    fputs(".SH EXIT STATUS\n.TP\n0\ndone\n.TP\n1\nfailed: reading, writing, a computation, "
          "interrupted\n.TP\n2\nwrong usage\n.TP\n3\ninvalid input; nothing is written\n"
          ".SH SEE ALSO\n",
          stream);
    if (command)
        fprintf(stream, ".BR recoup (1)%s", cli_n_commands > 1 ? ",\n" : "\n");
    for (int i = 0; i < cli_n_commands; i++) {
        if (&cli_commands[i] == command)
            continue;
        fprintf(stream, "%s.BR recoup\\-%s (1)", between, cli_commands[i].name);
        between = ",\n";
    }
    fputc('\n', stream);
}

void cli_print_manual(const cli_command *command, FILE *stream) {
    if (command)
        print_command(command, stream);
    else
        print_program(stream);
    print_footer(command, stream);
}
