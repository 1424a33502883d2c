#include "crm/hygiene.h"

#include <math.h>

double recoup_hygiene_longest_win(const recoup_view *view) {
    double longest = -INFINITY;
    for (int i = 0; i < view->n_deals; i++)
        if (view->outcome[i] == RECOUP_WON)
            longest = fmax(longest, view->closed[i] - view->created[i]);
    return longest >= 0 ? longest : INFINITY;
}

static bool matches(const recoup_view *view, const recoup_hygiene_limits *limits, int deal,
                    recoup_hygiene_rule rule) {
    switch (rule) {
    case RECOUP_HYGIENE_EXPIRED: /* false without a date */
        return view->as_of - view->expected_close[deal] > limits->expired_days;
    case RECOUP_HYGIENE_NO_NEXT_STEP:
        return !view->has_next_step[deal];
    case RECOUP_HYGIENE_STALE:
        return limits->stale_days &&
               view->as_of - view->stage_entered[deal] > limits->stale_days[deal];
    case RECOUP_HYGIENE_ANCIENT:
        return view->as_of - view->created[deal] > limits->ancient_days;
    case RECOUP_HYGIENE_NO_AMOUNT:
        return !view->is_amount_known[deal] || view->amount[deal] == 0;
    case RECOUP_N_HYGIENE_RULES:
        break;
    }
    return false;
}

unsigned recoup_hygiene_match(const recoup_view *view, const recoup_hygiene_limits *limits,
                              int deal) {
    unsigned rules = 0;
    for (unsigned rule = 0; rule < RECOUP_N_HYGIENE_RULES; rule++)
        if (matches(view, limits, deal, (recoup_hygiene_rule)rule))
            rules |= 1u << rule;
    return rules;
}

const char *recoup_hygiene_missing(const recoup_view *view, recoup_hygiene_rule rule) {
    if (rule == RECOUP_HYGIENE_EXPIRED && !view->has_expected_closes)
        return "expected_close";
    if (rule == RECOUP_HYGIENE_NO_NEXT_STEP && !view->has_next_steps)
        return "next_step";
    return NULL;
}
