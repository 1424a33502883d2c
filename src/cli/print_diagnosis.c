/* The diagnosis on a stream. */
#include "cli.h"

const char *const cli_topic_names[CLI_N_TOPICS] = {"gap",  "causes",  "reps",   "skills",
                                                   "swot", "hygiene", "quality"};

recoup_status cli_print_diagnosis_json(const recoup_results *results, FILE *stream) {
    bool done = true;
    fputs("{\n", stream);
    for (int id = 0; id < RECOUP_N_RECORDS && done; id++) {
        fputs(id ? ",\n" : "", stream);
        done = cli_print_json_kind(results, (recoup_record_id)id, stream);
    }
    fputs("\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

recoup_status cli_print_diagnosis(const recoup_results *results, cli_topic topic, FILE *stream) {
    static void (*const print[CLI_N_TOPICS])(const recoup_results *, cli_screen *) = {
        cli_print_gap,  cli_print_causes,  cli_print_reps,   cli_print_skills,
        cli_print_swot, cli_print_hygiene, cli_print_quality};
    bool done = true;
    for (int t = 0; t < CLI_N_TOPICS && done; t++) {
        cli_screen screen = {.stream = stream, .left = CLI_SCREEN_LINES};
        if (topic != CLI_N_TOPICS && t != (int)topic)
            continue;
        if (topic == CLI_N_TOPICS && t > 0)
            cli_screen_line(&screen, "%s", ""); /* one of its lines */
        print[t](results, &screen);
        done = !screen.failed;
    }
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}
