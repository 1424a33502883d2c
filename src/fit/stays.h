/* The stays of all deals in one stage, and the exits that they show. */
#ifndef RECOUP_FIT_STAYS_H
#define RECOUP_FIT_STAYS_H

#include "crm/view.h"
#include "fit/mixture.h"

/* A jump gets an exit of its own from so many deals, and from such a share of the visits, on. */
enum { RECOUP_JUMP_EVENTS = 10 };
#define RECOUP_JUMP_SHARE .01

typedef struct recoup_stage_data {
    int stage;
    int n_exits; /* advance, lost, then jumps, the most frequent first */
    int target[RECOUP_MAX_EXITS];
    double events[RECOUP_MAX_EXITS]; /* exits seen */
    double dated[RECOUP_MAX_EXITS];  /* of these with a known dwell time */
    recoup_stay *stay;               /* one per visit that is used, in the view's order */
    int n_stays, n_open;
    int n_ahead;       /* rare jumps ahead (or straight to won), counted as advance */
    int n_back;        /* rare jumps back: the stay counts as open when it ended so */
    int n_undated;     /* entry unknown, closed: count for conversion only */
    int n_left_out;    /* entry unknown, open: nothing is known of them */
    bool from_created; /* no closed visit has a known entry: ages count from the deal's creation */
} recoup_stage_data;

/* False: out of memory. data->stay is to be freed by the caller. */
bool recoup_stage_data_create(const recoup_view *view, int stage, recoup_stage_data *data);

/* Sorts stays and adds up those that are alike; the number that remains. */
int recoup_stays_group(recoup_stay *stay, int n);

/* At most this much times are rounded when parameters are estimated: it moves an estimate by about
 * a thousandth of its standard error, and bounds the work however many deals there are. */
#define RECOUP_STAYS_PRECISION .002

/* Groups; where more than RECOUP_MANY_STAYS remain, rounds dwell times and ages to multiples of
 * `precision` on the log scale and groups again. The number that remains. */
enum { RECOUP_MANY_STAYS = 500 };
int recoup_stays_round(recoup_stay *stay, int n, double precision);

/* The age that one in a hundred of the closed stays with a known time exceeded; +inf without such
 * stays. NaN: out of memory. */
double recoup_stays_old_age(const recoup_stay *stay, int n);

/* The share still open at the longest follow-up (its time in *days), by Kaplan and Meier 1958 with
 * delayed entry; undated stays play no part. NaN: out of memory. */
double recoup_stays_open_share(const recoup_stay *stay, int n, double *days);

#endif
