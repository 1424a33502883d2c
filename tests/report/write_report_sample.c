/* Writes the sample of a kind as results.h5; usage: write_report_sample KIND OUTPUT */
#include "sample.h"

int main(int argc, char **argv) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_results *results = argc == 3 ? sample_results(argv[1]) : NULL;
    recoup_status status = results ? recoup_results_write(results, argv[2], &error) : RECOUP_EUSAGE;
    recoup_error_print(&error, stderr);
    recoup_error_clear(&error);
    recoup_results_free(results);
    return recoup_status_exit(status);
}
