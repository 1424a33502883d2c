/* How the plans' bookings against quota are distributed, as a picture of text: a line a plan. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_COLUMNS = 18, BINS = 58, LEVELS = 9 };

static const char *const blocks[LEVELS] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const letters[LEVELS] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
static const double least_share = 1e-3; /* of a plan's paths that still leaves a mark */

static double find_highest(const recoup_attainment *attainment) {
    double highest = 0;
    for (int i = 0; i < attainment->n_plans * attainment->n_bins; i++)
        highest = fmax(highest, attainment->share[i]);
    return highest;
}

static void print_name(const char *name, FILE *stream) {
    char cell[CLI_CELL_SIZE];
    cli_clip(cell, sizeof cell, name, NAME_COLUMNS);
    fprintf(stream, "%s%*s  ", cell, NAME_COLUMNS - cli_count_columns(cell), "");
}

static void print_plan(const recoup_attainment *attainment, int p, double highest, FILE *stream) {
    bool is_unicode = cli_is_unicode();
    const char *const *level = is_unicode ? blocks : letters;
    const double *share = attainment->share + (size_t)p * (size_t)attainment->n_bins;
    print_name(attainment->plan[p], stream);
    for (int i = 0; i < attainment->n_bins; i++) {
        int height = (int)lround((LEVELS - 1) * share[i] / highest);
        if (i == attainment->n_below)
            fputs(is_unicode ? "│" : "|", stream);
        fputs(level[height == 0 && share[i] >= least_share ? 1 : height], stream);
    }
    if (attainment->n_below == attainment->n_bins)
        fputs(is_unicode ? "│" : "|", stream);
    fputc('\n', stream);
}

/* Three numbers below the picture: its ends, and the quota where there is room beside them. */
static void print_axis(const recoup_attainment *attainment, FILE *stream) {
    enum { WIDTH = 8 };
    char low[WIDTH + 1], high[WIDTH + 1];
    double end = attainment->low + attainment->n_bins * attainment->width;
    int columns = attainment->n_bins + 1, decimals = attainment->width < .01 ? 1 : 0, at = 0;
    snprintf(low, sizeof low, "%.*f", decimals, 100 * attainment->low);
    snprintf(high, sizeof high, "%.*f", decimals, 100 * end);
    fprintf(stream, "%*s", NAME_COLUMNS + 2, "");
    int quota = attainment->n_below - 1, last = columns - (int)strlen(high);
    if ((int)strlen(low) < quota)
        at = fprintf(stream, "%s", low);
    at += fprintf(stream, "%*s100", quota > at ? quota - at : 0, "");
    if (at < last)
        fprintf(stream, "%*s%s", last - at, "", high);
    fputc('\n', stream);
}

recoup_status cli_print_attainment(const recoup_results *results, FILE *stream,
                                   recoup_error *error) {
    recoup_attainment *attainment = NULL;
    recoup_status status = recoup_compare_attainment(results, BINS, &attainment, error);
    if (status == RECOUP_OK && attainment->n_plans > 0) {
        double highest = find_highest(attainment);
        fputs("\nPaths by bookings in % of quota; right of the line it is hit\n\n", stream);
        for (int p = 0; p < attainment->n_plans; p++)
            print_plan(attainment, p, highest, stream);
        print_axis(attainment, stream);
    }
    recoup_attainment_free(attainment);
    return status;
}
