/* What the tables themselves lack, as far as the as-of view tells (QUALITY): only what there is.
 * Rows with a problem come in the order of the list below, then tables that are not there. */
#include "diagnose/diagnose.h"

#include <math.h>

/* --- what is looked at: deals, stays in stages, reps, activities ---------------------------------
 */

static int n_deals(const recoup_view *view) {
    return view->n_deals;
}
static int n_visits(const recoup_view *view) {
    return view->n_visits;
}
static int n_reps(const recoup_view *view) {
    return view->n_reps;
}
static int n_activities(const recoup_view *view) {
    return view->n_activities;
}

static bool is_open(const recoup_view *view, int i) {
    return view->outcome[i] == RECOUP_OPEN;
}
static bool is_closed(const recoup_view *view, int i) {
    return view->outcome[i] != RECOUP_OPEN;
}
static bool is_lost(const recoup_view *view, int i) {
    return view->outcome[i] == RECOUP_LOST;
}
static bool is_won(const recoup_view *view, int i) {
    return view->outcome[i] == RECOUP_WON;
}
static bool has_list_amount(const recoup_view *view, int i) {
    return view->is_amount_known[i] && !isnan(view->list_amount[i]);
}
static bool is_left(const recoup_view *view, int visit) {
    return view->visit[visit].target != RECOUP_TO_NONE && view->visit[visit].entry_known;
}
static bool is_seated(const recoup_view *view, int rep) {
    return view->rep_status[rep] != RECOUP_REP_VACANT;
}

/* --- what may be wrong ---------------------------------------------------------------------------
 */

static bool always(const recoup_view *view, int i) {
    (void)view;
    (void)i;
    return true;
}
static bool lacks_rep(const recoup_view *view, int i) {
    return view->rep[i] < 0;
}
static bool lacks_amount(const recoup_view *view, int i) {
    return !view->is_amount_known[i];
}
static bool has_zero_amount(const recoup_view *view, int i) {
    return view->is_amount_known[i] && view->amount[i] == 0;
}
static bool has_first_amount(const recoup_view *view, int i) {
    return view->n_deals > 1 && view->is_amount_known[i] && view->amount[i] == view->amount[0];
}
static bool is_at_list(const recoup_view *view, int i) {
    return view->amount[i] == view->list_amount[i];
}
static bool lacks_list_amount(const recoup_view *view, int i) {
    return isnan(view->list_amount[i]);
}
static bool lacks_channel(const recoup_view *view, int i) {
    return view->channel[i] < 0;
}
static bool lacks_segment(const recoup_view *view, int i) {
    return view->segment[i] < 0;
}
static bool lacks_competitor(const recoup_view *view, int i) {
    return view->competitor[i] < 0;
}
static bool lacks_product(const recoup_view *view, int i) {
    return view->product[i] < 0;
}
static bool lacks_reason(const recoup_view *view, int i) {
    return view->loss_reason[i] < 0;
}
static bool lacks_expected_close(const recoup_view *view, int i) {
    return isnan(view->expected_close[i]);
}
/* Deals without one are a rule of hygiene; here only that there is no such column. */
static bool lacks_next_steps(const recoup_view *view, int i) {
    (void)i;
    return !view->has_next_steps;
}
static bool lacks_visits(const recoup_view *view, int i) {
    return view->visit_first[i] == view->visit_first[i + 1];
}
static bool lacks_entry(const recoup_view *view, int visit) {
    return !view->visit[visit].entry_known;
}
static bool is_instant(const recoup_view *view, int visit) {
    return view->visit[visit].dwell == 0;
}
static bool is_dated_by_day(const recoup_view *view, int visit) {
    (void)visit;
    return view->dated_by_day;
}
static bool lacks_quota(const recoup_view *view, int rep) {
    return isnan(view->rep_quota[rep]);
}
static bool lacks_start(const recoup_view *view, int rep) {
    return isnan(view->rep_start[rep]);
}
static bool lacks_type(const recoup_view *view, int activity) {
    return view->activity_type[activity] < 0;
}

/* --- the list ------------------------------------------------------------------------------------
 */

typedef bool predicate(const recoup_view *view, int i);

typedef struct check {
    const char *table, *column, *problem;
    int (*size)(const recoup_view *view);
    predicate *is_row; /* the rows that should have it */
    predicate *is_wrong;
    bool is_of_all;      /* a problem only where every row has it */
    const char *meaning; /* where some rows have it, and where all have (NULL: the same) */
    const char *meaning_of_all;
} check;

static const check checks[] = {
    {"deals", "rep_id", "missing", n_deals, always, lacks_rep, false,
     "they belong to nobody: they count for the team, in a cohort of their own where reps have "
     "cohorts, and for no rep",
     "reps cannot be compared"},
    {"deals", "amount", "missing", n_deals, always, lacks_amount, false,
     "the median of the other deals stands for them", "bookings cannot be told in money"},
    {"deals", "amount", "zero", n_deals, always, has_zero_amount, false,
     "they add nothing to bookings, even when they are won", NULL},
    {"deals", "amount", "the same in every deal", n_deals, always, has_first_amount, true,
     "bookings count deals, not money; size plays no part", NULL},
    {"deals", "outcome", "no deal is closed", n_deals, always, is_open, true,
     "nothing is known of how deals end: only a model that is given can tell", NULL},
    {"deals", "outcome", "no deal is lost", n_deals, is_closed, is_won, true,
     "losses are not recorded: win rates and the time to a loss cannot be estimated", NULL},
    {"deals", "channel", "missing", n_deals, always, lacks_channel, false,
     "they take no channel effect, and channels leave them out", "channels cannot be compared"},
    {"deals", "segment", "missing", n_deals, always, lacks_segment, false,
     "they take no segment effect, and segments leave them out", "segments cannot be compared"},
    {"deals", "competitor", "missing", n_deals, always, lacks_competitor, false,
     "win rates by competitor leave them out", "win rates by competitor cannot be told"},
    {"deals", "product", "missing", n_deals, always, lacks_product, false,
     "win rates by product leave them out", "win rates by product cannot be told"},
    {"deals", "loss_reason", "missing", n_deals, is_lost, lacks_reason, false,
     "why they were lost is not known", "why deals are lost cannot be told"},
    {"deals", "list_amount", "missing", n_deals, always, lacks_list_amount, false,
     "their discount is taken as none", "discounts and their effect cannot be estimated"},
    {"deals", "list_amount", "equal to the amount in every deal", n_deals, has_list_amount,
     is_at_list, true, "no discount shows: its effect cannot be estimated", NULL},
    {"deals", "expected_close", "missing", n_deals, is_open, lacks_expected_close, false,
     "whether they are expired cannot be told", "expired deals cannot be told"},
    {"deals", "next_step", "missing", n_deals, is_open, lacks_next_steps, true,
     "deals that nobody works on cannot be told from others", NULL},
    {"deals", "stage", "not known of a closed deal", n_deals, is_closed, lacks_visits, false,
     "where they were when they closed is not known: they teach nothing of any stage", NULL},
    {"deals", "amount", "today's only, no history", n_deals, is_open, always, true,
     "how amounts change until a deal is booked (the revision) cannot be estimated", NULL},
    {"stage_history", "entered", "missing", n_visits, always, lacks_entry, false,
     "how long these stays took is not known: they tell where deals went, not how fast", NULL},
    {"stage_history", "entered", "left in the instant of entry", n_visits, is_left, is_instant,
     false,
     "stages that are passed at once were skipped or filled in afterwards: their times tell little",
     NULL},
    {"stage_history", "entered", "day without a time", n_visits, always, is_dated_by_day, true,
     "stays of less than a day are known to be that, and no more", NULL},
    {"reps", "quota", "missing", n_reps, is_seated, lacks_quota, false,
     "whether these reps reach their number cannot be told",
     "whether reps reach their number cannot be told"},
    {"reps", "start_date", "missing", n_reps, is_seated, lacks_start, false,
     "whether these reps are ramping cannot be told", "tenure cannot be told"},
    {"activities", "type", "missing", n_activities, always, lacks_type, false,
     "they count as activity, but as no call", NULL},
};

static bool add_row(const recoup_diagnosing *diagnosing, const char *table, const char *column,
                    const char *problem, int n, int n_rows, const char *meaning) {
    recoup_quality_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_QUALITY);
    if (!row)
        return false;
    *row = (recoup_quality_row){.table = table,
                                .column = column,
                                .problem = problem,
                                .n = n,
                                .n_rows = n_rows,
                                .share = n_rows > 0 ? (double)n / n_rows : NAN,
                                .meaning = meaning};
    return true;
}

/* Without a stage history, stays come from the deals. */
static bool add_check(const recoup_diagnosing *diagnosing, const check *of) {
    const recoup_view *view = diagnosing->view;
    int n = 0, n_rows = 0, size = of->size(view);
    for (int i = 0; i < size; i++)
        if (of->is_row(view, i)) {
            n_rows++;
            n += of->is_wrong(view, i);
        }
    bool is_all = n == n_rows;
    if (n == 0 || (of->is_of_all && !is_all))
        return true;
    bool is_of_deals = of->size == n_visits && !view->has_history;
    return add_row(diagnosing, is_of_deals ? "deals" : of->table,
                   is_of_deals ? "stage_entered" : of->column, of->problem, n, n_rows,
                   is_all && of->meaning_of_all ? of->meaning_of_all : of->meaning);
}

/* --- what is not there at all --------------------------------------------------------------------
 */

static bool add_undated(const recoup_diagnosing *diagnosing) {
    const recoup_view *view = diagnosing->view;
    int n = view->n_undated;
    return n == 0 ||
           add_row(diagnosing, "deals", "created", "missing in an open deal", n, n + view->n_open,
                   "they are left out of the forecast and of everything else");
}

static bool add_tables(const recoup_diagnosing *diagnosing) {
    const recoup_view *view = diagnosing->view;
    bool added = true;
    if (!view->has_history && view->stages.n > 1)
        added = add_row(diagnosing, "stage_history", "", "not given", 0, 0,
                        "only the last stage of a deal is known: how deals pass the stages before "
                        "it cannot be estimated");
    if (added && view->n_reps == 0)
        added = add_row(diagnosing, "reps", "", "not given", 0, 0,
                        "cohorts, quotas and the reps themselves cannot be told");
    if (added && view->n_activities == 0)
        added = add_row(diagnosing, "activities", "", "none before the as-of date", 0, 0,
                        "whether effort fell cannot be told, nor what a deal takes in calls");
    return added;
}

recoup_status recoup_diagnose_quality(const recoup_diagnosing *diagnosing) {
    bool added = add_undated(diagnosing);
    for (size_t i = 0; added && i < sizeof checks / sizeof *checks; i++)
        added = add_check(diagnosing, &checks[i]);
    added = added && add_tables(diagnosing);
    return added ? RECOUP_OK : recoup_fail_memory(diagnosing->error);
}
