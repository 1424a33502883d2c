#include "diagnose/disposition.h"

#include "crm/hygiene.h"

const char *const recoup_disposition_names[RECOUP_N_DISPOSITIONS] = {"close-lost", "nurture",
                                                                     "keep"};

static bool has(unsigned rules, recoup_hygiene_rule rule) {
    return rules >> rule & 1;
}

recoup_disposition recoup_disposition_of(unsigned rules, double win_probability, double fresh,
                                         const recoup_disposition_scope *scope) {
    bool is_ancient = has(rules, RECOUP_HYGIENE_ANCIENT),
         is_stale = has(rules, RECOUP_HYGIENE_STALE);
    bool is_expired = has(rules, RECOUP_HYGIENE_EXPIRED);
    bool is_idle = !scope->has_next_steps || has(rules, RECOUP_HYGIENE_NO_NEXT_STEP);
    bool is_overdue = !scope->has_expected_closes || is_expired;
    bool has_columns = scope->has_next_steps || scope->has_expected_closes;
    bool is_too_old = is_ancient && scope->n_won >= RECOUP_DISPOSITION_MIN_WINS;
    if (is_idle && (is_too_old || (is_stale && is_overdue && has_columns)))
        return RECOUP_CLOSE_LOST;
    if ((is_ancient || is_stale || is_expired) && !(win_probability >= fresh / 2)) /* or NaN */
        return RECOUP_NURTURE;
    return RECOUP_KEEP;
}
