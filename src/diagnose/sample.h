/* What a comparison looks at: stays (of deals in a stage, or in the pipeline as a whole) with what
 * is known of their deals. */
#ifndef RECOUP_DIAGNOSE_SAMPLE_H
#define RECOUP_DIAGNOSE_SAMPLE_H

#include "crm/view.h"
#include "diagnose/competing.h"
#include "diagnose/contrast.h"

/* What deals can be told apart by. */
typedef enum recoup_trait {
    RECOUP_BY_COHORT,
    RECOUP_BY_CHANNEL,
    RECOUP_BY_SEGMENT,
    RECOUP_BY_COMPETITOR,
    RECOUP_BY_QUARTER, /* when the stay began: of the as-of date, the one before ... */
    RECOUP_N_TRAITS
} recoup_trait;

typedef struct recoup_sample {
    int n;
    recoup_stay *stay;           /* exits of diagnose/stays.h */
    double *entered;             /* days since 1970 */
    double *outcome;             /* after recoup_sample_convert */
    bool *is_in;                 /* for a contrast */
    int *rep;                    /* of the view; -1: nobody */
    int *level[RECOUP_N_TRAITS]; /* -1: not given */
    int n_levels[RECOUP_N_TRAITS];
    int n_reps;
} recoup_sample;

/* The stays in a stage of which the time of entry is known. Where it is of no closed stay, ages
 * count from the deal's creation. False: out of memory; to be cleared also then. */
bool recoup_sample_of_stage(const recoup_view *view, int stage, recoup_sample *sample);
/* The deals from their creation on: won, lost or open. */
bool recoup_sample_of_deals(const recoup_view *view, recoup_sample *sample);
void recoup_sample_clear(recoup_sample *sample);

/* Leaves those out for which keep is false. */
void recoup_sample_keep(recoup_sample *sample, const bool *keep);
/* A copy of the others. False: out of memory; to be cleared also then. */
bool recoup_sample_copy(const recoup_sample *sample, const bool *keep, recoup_sample *copy);

/* The conversion of each level of the trait ([n_levels]), and the pseudo-values of its stays as
 * outcomes. Stays without a level, or of a level without a conversion, are left out. False: out of
 * memory. */
bool recoup_sample_convert(recoup_sample *sample, recoup_trait by, recoup_conversion *conversion);

/* Whether a trait is known of at least four fifths of the stays, and tells them apart. */
bool recoup_sample_tells(const recoup_sample *sample, recoup_trait trait);

/* The difference of the outcome between those that are in and the others, beside every trait that
 * tells them apart, and `more` factors, but `by`, which the comparison is of. Where that is the
 * cohort residuals are taken within cohorts. RECOUP_N_TRAITS: of none. False: out of memory. */
bool recoup_sample_compare(const recoup_sample *sample, recoup_trait by, int n_more,
                           const recoup_factor *more, recoup_contrast *contrast);

#endif
