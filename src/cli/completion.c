/* Completions for shells, made from the commands' tables of options: what an option takes is told
 * by its argument (`a|b|c`: these words; FILE, DIR: paths), what a command takes by its arguments.
 */
#include "cli.h"

#include <string.h>

static bool has_letter(const struct argp_option *option) {
    return option->key > ' ' && option->key < 127;
}

static bool is_choice(const struct argp_option *option) {
    return option->arg && strchr(option->arg, '|');
}

static bool is_file(const struct argp_option *option) {
    return option->arg && strcmp(option->arg, "FILE") == 0;
}

static bool is_folder(const struct argp_option *option) {
    return option->arg && strcmp(option->arg, "DIR") == 0;
}

/* Which files the plain arguments of a command may be. */
static bool takes_any(const cli_command *command) {
    return strstr(command->parser->args_doc, "FILE");
}

static bool takes_scenario(const cli_command *command) {
    return strstr(command->parser->args_doc, "SCENARIO");
}

static bool takes_results(const cli_command *command) {
    return strstr(command->parser->args_doc, "RESULTS");
}

/* The choices `a|b|c` with something else between them. */
static void print_choices(const char *choices, char between, FILE *stream) {
    for (const char *p = choices; *p; p++)
        fputc(*p == '|' ? between : *p, stream);
}

static void print_commands(FILE *stream) {
    for (int i = 0; i < cli_n_commands; i++)
        fprintf(stream, "%s%s", i ? " " : "", cli_commands[i].name);
}

/* --- bash ---------------------------------------------------------------------------------------
 */

static const char bash_start[] =
    "# Completion of recoup for bash: `recoup help --completion bash`.\n"
    "_recoup_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n"
    "# Folders, and the files that end so; with no ending every file.\n"
    "_recoup_files() {\n"
    "    local ending\n"
    "    compopt -o filenames 2> /dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
    "    for ending in \"$@\"; do\n"
    "        mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -X \"!*$ending\" -- "
    "\"$cur\" |\n"
    "            while IFS= read -r file; do [[ -d $file ]] || printf '%s\\n' \"$file\"; done)\n"
    "    done\n"
    "}\n"
    "_recoup() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    COMPREPLY=()\n"
    "    # --option=value comes as three words\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = && COMP_CWORD -gt 2 ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static void print_bash_value(const cli_command *command, const struct argp_option *option,
                             FILE *stream) {
    if (!option->arg)
        return;
    fprintf(stream, "    %s:--%s", command->name, option->name);
    if (has_letter(option))
        fprintf(stream, " | %s:-%c", command->name, option->key);
    fputs(") ", stream);
    if (is_choice(option)) {
        fputs("_recoup_words '", stream);
        print_choices(option->arg, ' ', stream);
        fputs("' ;;\n", stream);
    } else if (is_file(option)) {
        fputs("_recoup_files '' ;;\n", stream);
    } else {
        fputs(is_folder(option) ? "_recoup_files ;;\n" : ";;\n", stream);
    }
}

static void print_bash_command(const cli_command *command, FILE *stream) {
    const struct argp_option *option[CLI_MOST_OPTIONS];
    int n = cli_list_options(command, option);
    for (int i = 0; i < n; i++)
        print_bash_value(command, option[i], stream);
    fprintf(stream, "    %s:*)\n        if [[ $cur == -* ]]; then\n            _recoup_words '",
            command->name);
    for (int i = 0; i < n; i++) {
        if (has_letter(option[i]))
            fprintf(stream, "-%c ", option[i]->key);
        fprintf(stream, "--%s%s", option[i]->name, i + 1 < n ? " " : "");
    }
    fputs("'\n        else\n            _recoup_files", stream);
    if (takes_any(command)) {
        fputs(" ''", stream);
    } else {
        fputs(takes_scenario(command) ? " .yaml .yml" : "", stream);
        fputs(takes_results(command) ? " .h5" : "", stream);
    }
    fputs("\n        fi\n        ;;\n", stream);
}

static void print_bash(FILE *stream) {
    fputs(bash_start, stream);
    fputs("    if ((COMP_CWORD == 1)); then\n        _recoup_words '", stream);
    print_commands(stream);
    fputs(" help --help --version'\n        return\n    fi\n    case ${COMP_WORDS[1]}:$prev in\n",
          stream);
    for (int i = 0; i < cli_n_commands; i++)
        print_bash_command(&cli_commands[i], stream);
    fputs("    help:help) _recoup_words '", stream);
    print_commands(stream);
    fputs("' ;;\n    esac\n}\ncomplete -F _recoup recoup\n", stream);
}

/* --- zsh ----------------------------------------------------------------------------------------
 */

/* Within single quotes, as _arguments and _describe read it. */
static void print_zsh_text(const char *text, FILE *stream) {
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            fputs("'\\'", stream);
        else if (strchr("[]:\\", *p))
            fputc('\\', stream);
        fputc(*p, stream);
    }
}

static void print_zsh_option(const struct argp_option *option, FILE *stream) {
    const char *value = option->arg ? "=" : "";
    fputs(" \\\n            ", stream);
    if (has_letter(option))
        fprintf(stream, "'(-%c --%s)'{-%c%s,--%s%s}'[", option->key, option->name, option->key,
                option->arg ? "+" : "", option->name, value);
    else
        fprintf(stream, "'--%s%s[", option->name, value);
    print_zsh_text(option->doc, stream);
    fputc(']', stream);
    if (option->arg) {
        fputc(':', stream);
        print_zsh_text(is_choice(option) ? option->name : option->arg, stream);
        fputc(':', stream);
    }
    if (is_choice(option)) {
        fputc('(', stream);
        print_choices(option->arg, ' ', stream);
        fputc(')', stream);
    } else if (is_file(option)) {
        fputs("_files", stream);
    } else if (is_folder(option)) {
        fputs("_files -/", stream);
    } else if (option->arg) {
        fputc(' ', stream);
    }
    fputc('\'', stream);
}

static void print_zsh_command(const cli_command *command, FILE *stream) {
    const struct argp_option *option[CLI_MOST_OPTIONS];
    int n = cli_list_options(command, option);
    bool scenario = takes_scenario(command), results = takes_results(command);
    fprintf(stream, "        %s)\n            _arguments -s", command->name);
    for (int i = 0; i < n; i++)
        print_zsh_option(option[i], stream);
    fputs(" \\\n            '*:argument:", stream);
    if (takes_any(command))
        fputs("_files", stream);
    else if (scenario || results)
        fprintf(stream, "_files -g \"*.(%s%s%s)(-.)\"", scenario ? "yaml|yml" : "",
                scenario && results ? "|" : "", results ? "h5" : "");
    else
        fputs("_files -/", stream);
    fputs("'\n            ;;\n", stream);
}

static void print_zsh(FILE *stream) {
    fputs("#compdef recoup\n# Completion of recoup for zsh: `recoup help --completion zsh`.\n"
          "_recoup() {\n    local context state line\n    local -A opt_args\n"
          "    local -a commands=(\n",
          stream);
    for (int i = 0; i < cli_n_commands; i++) {
        fprintf(stream, "        '%s:", cli_commands[i].name);
        print_zsh_text(cli_commands[i].meaning, stream);
        fputs("'\n", stream);
    }
    fputs("        'help:explain a command'\n    )\n"
          "    _arguments -C '(- *)--help[the list of commands]' '(- *)--version[the build]' \\\n"
          "        '1:command:->command' '*::argument:->argument' && return\n"
          "    case $state in\n    command) _describe command commands ;;\n    argument)\n"
          "        case $words[1] in\n        help) _describe command commands ;;\n",
          stream);
    for (int i = 0; i < cli_n_commands; i++)
        print_zsh_command(&cli_commands[i], stream);
    fputs("        esac\n        ;;\n    esac\n}\n_recoup \"$@\"\n", stream);
}

/* --- fish ---------------------------------------------------------------------------------------
 */

static void print_fish_text(const char *text, FILE *stream) {
    fputc('\'', stream);
    for (const char *p = text; *p; p++)
        fprintf(stream, "%s%c", *p == '\'' || *p == '\\' ? "\\" : "", *p);
    fputc('\'', stream);
}

static void print_fish_start(const cli_command *command, FILE *stream) {
    fprintf(stream, "complete -c recoup -n '__fish_seen_subcommand_from %s'", command->name);
}

static void print_fish_option(const cli_command *command, const struct argp_option *option,
                              FILE *stream) {
    print_fish_start(command, stream);
    if (has_letter(option) && option->key == '?')
        fputs(" -s '?'", stream);
    else if (has_letter(option))
        fprintf(stream, " -s %c", option->key);
    fprintf(stream, " -l %s", option->name);
    if (is_choice(option)) {
        fputs(" -x -a '", stream);
        print_choices(option->arg, ' ', stream);
        fputc('\'', stream);
    } else if (is_file(option)) {
        fputs(" -r -F", stream);
    } else if (is_folder(option)) {
        fputs(" -x -a '(__fish_complete_directories)'", stream);
    } else if (option->arg) {
        fputs(" -x", stream);
    }
    fputs(" -d ", stream);
    print_fish_text(option->doc, stream);
    fputc('\n', stream);
}

static void print_fish_files(const cli_command *command, FILE *stream) {
    static const char *const endings[] = {".yaml", ".yml", ".h5"};
    bool takes[] = {takes_scenario(command), takes_scenario(command), takes_results(command)};
    print_fish_start(command, stream);
    if (takes_any(command)) {
        fputs(" -F\n", stream);
        return;
    }
    if (!takes[0] && !takes[2]) {
        fputs(" -a '(__fish_complete_directories)'\n", stream);
        return;
    }
    fputs(" -k -a '(", stream);
    const char *between = "";
    for (int i = 0; i < 3; i++) {
        if (!takes[i])
            continue;
        fprintf(stream, "%s__fish_complete_suffix %s", between, endings[i]);
        between = "; ";
    }
    fputs(")'\n", stream);
}

static void print_fish(FILE *stream) {
    fputs("# Completion of recoup for fish: `recoup help --completion fish`.\n"
          "complete -c recoup -f\n"
          "complete -c recoup -n __fish_use_subcommand -l help -d 'the list of commands'\n"
          "complete -c recoup -n __fish_use_subcommand -l version -d 'the build'\n"
          "complete -c recoup -n __fish_use_subcommand -a help -d 'explain a command'\n"
          "complete -c recoup -n '__fish_seen_subcommand_from help' -a '",
          stream);
    print_commands(stream);
    fputs("'\n", stream);
    for (int i = 0; i < cli_n_commands; i++) {
        const struct argp_option *option[CLI_MOST_OPTIONS];
        int n = cli_list_options(&cli_commands[i], option);
        fprintf(stream, "complete -c recoup -n __fish_use_subcommand -a %s -d ",
                cli_commands[i].name);
        print_fish_text(cli_commands[i].meaning, stream);
        fputc('\n', stream);
        for (int k = 0; k < n; k++)
            print_fish_option(&cli_commands[i], option[k], stream);
        print_fish_files(&cli_commands[i], stream);
    }
}

bool cli_print_completion(const char *shell, FILE *stream) {
    if (strcmp(shell, "bash") == 0)
        print_bash(stream);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(stream);
    else if (strcmp(shell, "fish") == 0)
        print_fish(stream);
    else
        return false;
    return true;
}
