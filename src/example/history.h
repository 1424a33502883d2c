/* The example's history: deals that the engine walked through the true model, quarter by quarter.
 */
#ifndef RECOUP_EXAMPLE_HISTORY_H
#define RECOUP_EXAMPLE_HISTORY_H

#include "base/error.h"
#include "model/model.h"
#include <stdint.h>

/* The calendar of the example: seven quarters of history, then the current one up to the as-of
 * date. */
enum { RECOUP_EXAMPLE_QUARTERS = 8 };
typedef struct recoup_example_calendar {
    int start[RECOUP_EXAMPLE_QUARTERS +
              1]; /* first days of the quarters; the last ends the period */
    int as_of;
} recoup_example_calendar;
recoup_example_calendar recoup_example_dates(void);

typedef struct recoup_example_rep {
    char id[16];
    int cohort; /* of the true model */
    int team;
    int started; /* days since 1970 */
    bool vacant;
    double quota;
} recoup_example_rep;

typedef struct recoup_example_entry {
    int stage;
    double entered; /* days since 1970 */
} recoup_example_entry;

enum { RECOUP_EXAMPLE_MAX_ENTRIES = 16 };

typedef struct recoup_example_deal {
    int rep, channel, segment;
    double amount, discount, created, closed; /* closed NaN: open */
    bool won;
    int n_entries;
    recoup_example_entry entry[RECOUP_EXAMPLE_MAX_ENTRIES];
    double pick[6]; /* uniforms for what the model does not tell: competitor, product ... */
} recoup_example_deal;

typedef struct recoup_example_history {
    int n_reps, n_deals;
    recoup_example_rep *rep;
    recoup_example_deal *deal; /* by time of creation */
    size_t capacity;
} recoup_example_history;

/* Reps at the quotas of the groups times `scale`. */
recoup_status recoup_example_hire(recoup_example_history *history, const recoup_model *truth,
                                  double scale, recoup_error *error);
/* Walks all deals created before the as-of date, as they stand then. */
recoup_status recoup_example_live(recoup_example_history *history, const recoup_model *truth,
                                  int64_t seed, recoup_error *error);
void recoup_example_history_clear(recoup_example_history *history);

#endif
