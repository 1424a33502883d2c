/* How other systems call what the canonical tables hold: the one list of it.
 *
 * Names are compared by their letters and digits alone, small, without the prefix `property` and
 * the suffix `__c`: StageName, stage_name and "Stage Name" are all stagename. */
#ifndef RECOUP_CRM_SYNONYMS_H
#define RECOUP_CRM_SYNONYMS_H

#include <recoup/dataset.h>

/* What a file may be: one of the canonical tables, or one that can be joined to the deals. */
enum {
    RECOUP_SOURCE_STAGE_NAMES = RECOUP_N_TABLES, /* stages by their ids */
    RECOUP_SOURCE_ACCOUNTS,
    RECOUP_SOURCE_NONE, /* known, and of no use */
    RECOUP_N_SOURCES
};

/* What a column is besides canonical ones. */
#define RECOUP_FLAG_WON "won flag"
#define RECOUP_FLAG_CLOSED "closed flag"
#define RECOUP_KEY_STAGE "stage key"
#define RECOUP_KEY_ACCOUNT "account key"
#define RECOUP_SKIP_TRUE "skip where true"
#define RECOUP_SKIP_FALSE "skip where false"
#define RECOUP_PROBABILITY "probability"
#define RECOUP_DISPLAY_ORDER "display order"

typedef struct recoup_synonym {
    int source;
    const char *column; /* canonical, or one of the above */
    const char *names;  /* with blanks between them, the best first */
    bool takes_all;     /* every one of them, as a list; else the first that the file has */
} recoup_synonym;

/* A file that has all of these columns is of this kind; the first that holds counts. */
typedef struct recoup_signature {
    int source;
    const char *names;
} recoup_signature;

extern const recoup_synonym recoup_synonyms[];
extern const int recoup_n_synonyms;
extern const recoup_signature recoup_signatures[];
extern const int recoup_n_signatures;

/* Open stages that many systems come with, in their usual order; compared as names are. */
extern const char *const recoup_usual_stages[];
extern const int recoup_n_usual_stages;

/* Words in the name of a stage that say how a deal ended. */
extern const char *const recoup_won_words[2], *const recoup_lost_words[2];

#endif
