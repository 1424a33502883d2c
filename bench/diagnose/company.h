/* Books of deals with one planted cause, for the table of what the diagnosis makes of them. */
#ifndef RECOUP_BENCH_DIAGNOSE_COMPANY_H
#define RECOUP_BENCH_DIAGNOSE_COMPANY_H

#include "crm/view.h"
#include "model/model.h"

typedef enum plant {
    PLANT_NOTHING,
    PLANT_SKILL,      /* a cohort converts 10 points less of what enters a stage */
    PLANT_PROCESS,    /* deals take 3 times as long in a stage from a date on */
    PLANT_MOTIVATION, /* reps have 40 % fewer activities from a date on */
    PLANT_MARKET,     /* the win rate against one competitor is 20 points lower */
    N_PLANTS
} plant;

/* What was planted, and where; names as the findings have them, "" where it is not about one. */
typedef struct planted {
    plant kind;
    const char *stage, *cohort, *competitor;
    double since; /* days since 1970; NaN: always so */
} planted;

typedef struct company {
    recoup_view *view;
    recoup_model model; /* the pipeline without any effects, as far as the diagnosis reads it */
    planted planted;
} company;

/* A company of 48 reps in four cohorts that convert alike, and its 18 months before the as-of date:
 *
 *     deals         Poisson with mean 4,000, evenly over the days; a rep's share has log sd .3
 *     stages        discovery, proposal, negotiation; 70 % go on, logit of a rep N(0, .1²), of a
 *                   quarter N(0, .1²), of a channel up to ±.2
 *     dwell         lognormal, medians 8, 10 and 7 days for deals that go on, sigma .7; 12, 15 and
 *                   10 for lost ones; a rep's log N(0, .1²)
 *     competitors   four, with shares .4, .25, .2, .15, channels three, with shares .4, .4, .2;
 * both differ between cohorts (log sd .2). Four segments activities    8 a week of each rep, log sd
 * of the reps .3; a week's factor for all is lognormal with sigma .1, a rep's week
 * gamma-distributed with variance .15
 *
 * A planted -10 points is 70 % to 60 % in discovery or proposal, of any cohort; a planted date lies
 * 35 to 112 days back; the competitor is any of the four, and all stages have their part in its -20
 * points. A function of its arguments. False: out of memory. */
bool company_create(plant kind, uint64_t seed, company *made);
void company_clear(company *made);

#endif
