/* Between hygiene.c, which judges the open deals, and hygiene_forecast.c, which takes some of them
 * out. */
#ifndef RECOUP_DIAGNOSE_HYGIENE_H
#define RECOUP_DIAGNOSE_HYGIENE_H

#include "diagnose/disposition.h"
#include "diagnose/outlook.h"

typedef struct recoup_hygiene {
    recoup_outlooks outlooks;
    unsigned *rules;                 /* [open deal]: those that match, of those that can be told */
    recoup_disposition *disposition; /* [open deal] without a rule: keep */
} recoup_hygiene;

/* The rows FORECAST: "as is", and "scrubbed", without the deals that are to be closed; none where
 * there are no win tables, with a note. */
recoup_status recoup_diagnose_forecast(const recoup_diagnosing *diagnosing,
                                       const recoup_hygiene *hygiene);

#endif
