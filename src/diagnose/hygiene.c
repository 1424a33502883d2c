/* Hygiene of the open pipeline: rows HYGIENE and RULE; FORECAST is hygiene_forecast.c's. The rules
 * and their limits are those of the lever `scrub` without further keys. */
#include "diagnose/hygiene.h"

#include "crm/hygiene.h"
#include <math.h>
#include <stdlib.h>

static const char *const rule_names[RECOUP_N_HYGIENE_RULES] = {
    [RECOUP_HYGIENE_EXPIRED] = "expired",     [RECOUP_HYGIENE_NO_NEXT_STEP] = "no next step",
    [RECOUP_HYGIENE_STALE] = "stale",         [RECOUP_HYGIENE_ANCIENT] = "ancient",
    [RECOUP_HYGIENE_NO_AMOUNT] = "no amount",
};

typedef struct judging {
    const recoup_diagnosing *diagnosing;
    recoup_hygiene hygiene;
    double ancient_days;
    const char *lacking[RECOUP_N_HYGIENE_RULES]; /* why a rule cannot be told; NULL: it can */
    const char *combination[1 << RECOUP_N_HYGIENE_RULES]; /* their names, once they are needed */
    double *amount; /* [open deal]: what rows are sorted by; -1: not known */
} judging;

/* --- judging ------------------------------------------------------------------------------------
 */

static void find_lacking(judging *of) {
    const recoup_view *view = of->diagnosing->view;
    for (int rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++)
        of->lacking[rule] = recoup_hygiene_missing(view, (recoup_hygiene_rule)rule);
    if (!isfinite(of->ancient_days))
        of->lacking[RECOUP_HYGIENE_ANCIENT] = "closed of a won deal";
}

static void match(judging *of) {
    const recoup_view *view = of->diagnosing->view;
    const recoup_outlooks *outlooks = &of->hygiene.outlooks;
    const recoup_hygiene_limits limits = {.expired_days = RECOUP_SCRUB_EXPIRED_DAYS,
                                          .stale_days = outlooks->stale_days,
                                          .ancient_days = of->ancient_days};
    unsigned asked = 0;
    for (int rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++)
        asked |= (unsigned)!of->lacking[rule] << rule;
    for (int i = 0; i < outlooks->n_open; i++) {
        int deal = outlooks->deal[i];
        of->hygiene.rules[i] = asked & recoup_hygiene_match(view, &limits, deal);
        of->amount[i] = view->is_amount_known[deal] ? view->amount[deal] : -1;
    }
}

static bool is_fresh(unsigned rules) {
    const unsigned old =
        1u << RECOUP_HYGIENE_EXPIRED | 1u << RECOUP_HYGIENE_STALE | 1u << RECOUP_HYGIENE_ANCIENT;
    return !(rules & old);
}

/* By stage: the mean win probability of its fresh deals. */
static double *find_fresh(const judging *of) {
    const recoup_view *view = of->diagnosing->view;
    const recoup_outlooks *outlooks = &of->hygiene.outlooks;
    double *mean = RECOUP_NEW(double, view->stages.n);
    int *n = RECOUP_NEW(int, view->stages.n);
    for (int i = 0; mean && n && i < outlooks->n_open; i++)
        if (is_fresh(of->hygiene.rules[i])) {
            int stage = view->stage[outlooks->deal[i]];
            mean[stage] += (outlooks->win_probability[i] - mean[stage]) / ++n[stage];
        }
    for (int s = 0; mean && n && s < view->stages.n; s++)
        if (n[s] == 0)
            mean[s] = NAN;
    if (!n) {
        free(mean);
        mean = NULL;
    }
    free(n);
    return mean;
}

static recoup_status judge(judging *of) {
    const recoup_view *view = of->diagnosing->view;
    const recoup_hygiene *hygiene = &of->hygiene;
    recoup_disposition_scope scope = {.has_expected_closes = view->has_expected_closes,
                                      .has_next_steps = view->has_next_steps};
    double *fresh = find_fresh(of);
    if (!fresh)
        return recoup_fail_memory(of->diagnosing->error);
    for (int i = 0; i < view->n_deals; i++)
        scope.n_won += view->outcome[i] == RECOUP_WON;
    for (int i = 0; i < hygiene->outlooks.n_open; i++)
        hygiene->disposition[i] =
            recoup_disposition_of(hygiene->rules[i], hygiene->outlooks.win_probability[i],
                                  fresh[view->stage[hygiene->outlooks.deal[i]]], &scope);
    free(fresh);
    return RECOUP_OK;
}

/* --- HYGIENE ------------------------------------------------------------------------------------
 */

/* "expired, no next step"; each combination is kept once. NULL: out of memory. */
static const char *name_rules(judging *of, unsigned rules) {
    recoup_text text = {0};
    if (of->combination[rules])
        return of->combination[rules];
    for (int rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++)
        if (rules >> rule & 1)
            recoup_text_add(&text, "%s%s", text.length ? ", " : "", rule_names[rule]);
    if (!text.failed)
        of->combination[rules] = recoup_records_text(of->diagnosing->results, text.bytes);
    recoup_text_clear(&text);
    return of->combination[rules];
}

typedef struct sort_item {
    recoup_disposition disposition;
    double amount;
    int open;
} sort_item;

/* Close-lost first, then to nurture, then to keep; the largest first, those without an amount last;
 * then by deal_id. */
static int compare_items(const void *left, const void *right) {
    const sort_item *a = left, *b = right;
    if (a->disposition != b->disposition)
        return a->disposition < b->disposition ? -1 : 1;
    if (a->amount != b->amount)
        return a->amount > b->amount ? -1 : 1;
    return (a->open > b->open) - (a->open < b->open);
}

static bool add_deal(judging *of, int open) {
    const recoup_view *view = of->diagnosing->view;
    recoup_results *results = of->diagnosing->results;
    const recoup_hygiene *hygiene = &of->hygiene;
    int deal = hygiene->outlooks.deal[open], rep = view->rep[deal];
    recoup_hygiene_row *row = recoup_records_add(results, RECOUP_RECORD_HYGIENE);
    if (!row)
        return false;
    row->amount = of->amount[open] >= 0 ? of->amount[open] : NAN;
    row->created = view->created[deal];
    row->stage_days = view->as_of - view->stage_entered[deal];
    row->age_days = view->as_of - view->created[deal];
    row->win_probability = hygiene->outlooks.win_probability[open];
    row->expected = hygiene->outlooks.expected[open];
    row->deal = recoup_records_text(results, view->deal_id[deal]);
    row->rep = recoup_records_text(results, rep >= 0 ? view->rep_id[rep] : "");
    row->stage = recoup_records_text(results, view->stages.name[view->stage[deal]]);
    row->rules = name_rules(of, hygiene->rules[open]);
    row->disposition = recoup_disposition_names[hygiene->disposition[open]];
    return row->deal && row->rep && row->stage && row->rules;
}

static recoup_status add_deals(judging *of) {
    const recoup_hygiene *hygiene = &of->hygiene;
    recoup_status status = RECOUP_OK;
    sort_item *item = RECOUP_NEW(sort_item, hygiene->outlooks.n_open);
    int n = 0;
    if (!item)
        return recoup_fail_memory(of->diagnosing->error);
    for (int i = 0; i < hygiene->outlooks.n_open; i++)
        if (hygiene->rules[i])
            item[n++] = (sort_item){hygiene->disposition[i], of->amount[i], i};
    qsort(item, (size_t)n, sizeof *item, compare_items);
    for (int k = 0; k < n && status == RECOUP_OK; k++)
        if (!add_deal(of, item[k].open))
            status = recoup_fail_memory(of->diagnosing->error);
    free(item);
    return status;
}

/* --- RULE ---------------------------------------------------------------------------------------
 */

static const char *explain(const judging *of, int rule) {
    recoup_results *results = of->diagnosing->results;
    switch ((recoup_hygiene_rule)rule) {
    case RECOUP_HYGIENE_EXPIRED:
        return recoup_records_format(results, "its expected close date was more than %.0f days ago",
                                     RECOUP_SCRUB_EXPIRED_DAYS);
    case RECOUP_HYGIENE_NO_NEXT_STEP:
        return "it has no next step, or one whose date is over";
    case RECOUP_HYGIENE_STALE:
        return recoup_records_format(results,
                                     "it has been in its stage for longer than %.0f %% of those "
                                     "deals of its cohort that leave it",
                                     100 * RECOUP_SCRUB_STALE_QUANTILE);
    case RECOUP_HYGIENE_ANCIENT:
        if (of->lacking[rule])
            return "it is older than any deal was that was won";
        return recoup_records_format(results,
                                     "it was created more than %.0f days ago: no deal that was "
                                     "won took as long",
                                     of->ancient_days);
    case RECOUP_HYGIENE_NO_AMOUNT:
        return "its amount is missing or 0";
    case RECOUP_N_HYGIENE_RULES:
        break;
    }
    return NULL;
}

/* Amounts as the forecast takes them. */
static void count(const judging *of, int rule, recoup_rule_row *row) {
    const recoup_outlooks *outlooks = &of->hygiene.outlooks;
    row->amount = row->expected = 0;
    for (int i = 0; i < outlooks->n_open; i++)
        if (of->hygiene.rules[i] >> rule & 1) {
            row->n_deals++;
            row->amount += of->diagnosing->view->amount[outlooks->deal[i]];
            row->expected += outlooks->expected[i];
        }
    row->share = outlooks->n_open ? (double)row->n_deals / outlooks->n_open : 0;
}

static recoup_status add_rules(const judging *of) {
    for (int rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++) {
        recoup_rule_row *row = recoup_records_add(of->diagnosing->results, RECOUP_RECORD_RULE);
        const char *meaning = explain(of, rule);
        if (!row || !meaning)
            return recoup_fail_memory(of->diagnosing->error);
        row->rule = rule_names[rule];
        row->meaning = meaning;
        if (of->lacking[rule]) {
            row->missing = of->lacking[rule];
            row->n_deals = -1;
        } else {
            count(of, rule, row);
        }
    }
    return RECOUP_OK;
}

recoup_status recoup_diagnose_hygiene(const recoup_diagnosing *diagnosing) {
    const recoup_view *view = diagnosing->view;
    judging of = {.diagnosing = diagnosing, .ancient_days = recoup_hygiene_longest_win(view)};
    recoup_hygiene *hygiene = &of.hygiene;
    recoup_status status = recoup_outlooks_init(diagnosing, &hygiene->outlooks);
    hygiene->rules = RECOUP_NEW(unsigned, view->n_open);
    hygiene->disposition = RECOUP_NEW(recoup_disposition, view->n_open);
    of.amount = RECOUP_NEW(double, view->n_open);
    if (status == RECOUP_OK && (!hygiene->rules || !hygiene->disposition || !of.amount))
        status = recoup_fail_memory(diagnosing->error);
    if (status == RECOUP_OK) {
        find_lacking(&of);
        match(&of);
        status = judge(&of);
    }
    if (status == RECOUP_OK)
        status = add_deals(&of);
    if (status == RECOUP_OK)
        status = add_rules(&of);
    if (status == RECOUP_OK)
        status = recoup_diagnose_forecast(diagnosing, hygiene);
    recoup_outlooks_clear(&hygiene->outlooks);
    free(hygiene->rules);
    free(hygiene->disposition);
    free(of.amount);
    return status;
}
