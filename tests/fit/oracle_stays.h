/* Stays with right censoring, delayed entry and competing exits of which R has estimated the curves
 * (tests/oracle/aalen_johansen.csv). */
#ifndef TESTS_FIT_ORACLE_STAYS_H
#define TESTS_FIT_ORACLE_STAYS_H

#include "fit/mixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { MAX_STAYS = 2000 };

/* stay: room for MAX_STAYS; how many the sample has. */
static int read_oracle_stays(int wanted, recoup_stay *stay) {
    FILE *file = fopen(SOURCE_DIR "/tests/oracle/aalen_johansen_data.csv", "r");
    char line[256];
    int n = 0, sample, exit;
    double entry, days;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        assert_int_equal(sscanf(line, "%d,%lf,%lf,%d", &sample, &entry, &days, &exit), 4);
        if (sample == wanted)
            stay[n++] = (recoup_stay){.kind = exit ? RECOUP_STAY_CLOSED : RECOUP_STAY_OPEN,
                                      .exit = exit - 1,
                                      .deal = -1,
                                      .dwell_days = days,
                                      .entry_days = entry,
                                      .weight = 1};
    }
    fclose(file);
    return n;
}

#endif
