/* The diagnosis on a stream. */
#include "cli.h"

static recoup_status print_json(const recoup_results *results, FILE *stream) {
    bool done = true;
    fputs("{\n", stream);
    for (int id = 0; id < RECOUP_N_RECORDS && done; id++) {
        fputs(id ? ",\n" : "", stream);
        done = cli_print_json_kind(results, (recoup_record_id)id, stream);
    }
    fputs("\n}\n", stream);
    return done ? RECOUP_OK : RECOUP_ENOMEM;
}

recoup_status cli_print_diagnosis(const recoup_results *results, cli_format format, FILE *stream) {
    if (format == CLI_JSON)
        return print_json(results, stream);
    return RECOUP_OK;
}
