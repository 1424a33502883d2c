/* What became of deals (from creation to won or lost) or of stays in a stage, with open ones as
 * censored: weights by which those that have ended stand for all.
 *
 * A course that ended at age t gets the weight 1 / G(t-), G the share that is watched for longer
 * than t; open ones get 0. With n courses, Y(t) of them at risk and S the share still there (Kaplan
 * & Meier 1958; fit/goodness.h), ends before open ones last seen at the same age,
 *
 *     1 / G(t-) = n S(t-) / Y(t),
 *
 * which is n times the step of the Aalen-Johansen estimate at t for each that ended: weighted
 * shares are these estimates (Satten & Datta 2001), and means of what the ended ones carry (days,
 * amounts) are as free of censoring (Robins & Rotnitzky 1992). Only ages up to the largest with
 * G(t-) >= RECOUP_LEAST_WATCHED count, so that no weight is above 1 / RECOUP_LEAST_WATCHED. G is
 * taken as known in standard errors, which makes them no smaller than they are.
 *
 * Weights are for means (cycle time, deal size) and for shares of the same deals grouped in many
 * ways (diagnose/ratio.h). Conversions with the influence of each deal on them, for regressions and
 * with delayed entry, are those of diagnose/competing.h. */
#ifndef RECOUP_DIAGNOSE_COURSES_H
#define RECOUP_DIAGNOSE_COURSES_H

#include "diagnose/stays.h"

#define RECOUP_LEAST_WATCHED .1

typedef struct recoup_courses {
    int n;
    recoup_stay *stay; /* each of weight 1; to go back is an end like being lost */
    double *began;     /* days since 1970 */
    int *rep;          /* of the view; -1: nobody */
    double *weight;    /* set by recoup_courses_weigh; 0 at first */
} recoup_courses;

/* To be cleared, after a failure too. False: out of memory. */
bool recoup_courses_of_deals(const recoup_view *view, recoup_courses *courses);
/* Stays that were seen from their entry on. */
bool recoup_courses_of_stage(const recoup_view *view, int stage, recoup_courses *courses);
void recoup_courses_clear(recoup_courses *courses);

/* The weights of the courses whose group is `side`: [n], each side by itself. NULL: of all. False:
 * out of memory. */
bool recoup_courses_weigh(recoup_courses *courses, const int8_t *group, int8_t side);

/* Where those who are lost leave sooner than those who win, shares depend on how long they were
 * watched: what began lately must be held against the same ages of what came before. Weighs the
 * sides 0 and 1, with 0 for what ended after the least of the two last ages that count. */
bool recoup_courses_weigh_alike(recoup_courses *courses, const int8_t *group);

#endif
