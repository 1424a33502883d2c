/* Writes the sample results to the path given, for checks by other programs. */
#include "sample.h"

#include <stdlib.h>

int main(int argc, char **argv) {
    const sample_options options = {.keep_paths = true, .draws = 2, .paths_per_draw = 1000};
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = argc == 2 ? sample_results(&options, NULL) : NULL;
    recoup_status status = results ? recoup_results_write(results, argv[1], &error) : RECOUP_EUSAGE;
    recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    recoup_results_free(results);
    return recoup_status_exit(status);
}
