/* The tests of the four causes: one file each. What they share. */
#ifndef RECOUP_DIAGNOSE_CAUSES_H
#define RECOUP_DIAGNOSE_CAUSES_H

#include "base/text.h"
#include "diagnose/diagnose.h"
#include "diagnose/sample.h"

/* A test that was made, or that there is not enough data for (row.p_value NaN). Only what does harm
 * can be found: a cohort that stands above the others explains no gap. */
typedef struct recoup_cause {
    recoup_finding_row row; /* without q_value and verdict */
    bool does_harm;
} recoup_cause;

typedef struct recoup_causes {
    const recoup_diagnosing *diagnosing;
    recoup_cause *cause;
    int n;
    size_t capacity;
} recoup_causes;

/* The families of tests. ENOMEM, or what made the error. */
recoup_status recoup_causes_skill(recoup_causes *causes);      /* causes_skill.c */
recoup_status recoup_causes_process(recoup_causes *causes);    /* causes_process.c */
recoup_status recoup_causes_leaving(recoup_causes *causes);    /* causes_leaving.c */
recoup_status recoup_causes_motivation(recoup_causes *causes); /* causes_motivation.c */
recoup_status recoup_causes_market(recoup_causes *causes);     /* causes_market.c */

/* A new test: numbers NaN, texts "". Valid until the next one. NULL: out of memory. */
recoup_cause *recoup_cause_add(recoup_causes *causes, const char *cause, const char *test);

/* Fewer observations than these on either side say nothing that the tests could be trusted with:
 * stays or deals, those of them that ended, and the rarer of the two ends as expected. */
enum { RECOUP_LEAST_STAYS = 30, RECOUP_LEAST_ENDED = 20, RECOUP_LEAST_EXPECTED = 5 };

/* "chance alone would do that in 1 of 10,000 such comparisons", for sentences; in the results'
 * arena. */
const char *recoup_chance_text(recoup_results *results, double p_value);

/* A lever as an item of the list `levers:`, in one line with a comment at its end; keys are texts
 * and numbers, NULL and NaN left out. NULL: out of memory. */
typedef struct recoup_lever_key {
    const char *name, *text;
    double number;
} recoup_lever_key;
const char *recoup_lever_text(recoup_results *results, const char *comment, const char *kind,
                              int n_keys, const recoup_lever_key *key);

/* log(p / (1 - p)), with p kept within 1 and 99 %. */
double recoup_logit_of(double share);

/* Fills value, reference, effect, interval, p-value and numbers of a difference of conversions. */
void recoup_cause_set(recoup_cause *cause, const recoup_conversion *here,
                      const recoup_contrast *contrast);
/* Whether a comparison can be made; else the row says why it cannot. */
bool recoup_cause_has_data(recoup_causes *causes, recoup_cause *cause,
                           const recoup_conversion *here, const recoup_contrast *contrast);

#endif
