#include "diagnose/market_rule.h"

#include "engine/characteristic_deals.h"
#include <math.h>

recoup_market_rule recoup_market_rule_make(void) {
    const int middle = RECOUP_MARKET_POINTS / 2; /* Z = 0 */
    recoup_market_rule rule = {0};
    double sum = 0;
    for (int i = 0; i < RECOUP_MARKET_POINTS; i++) {
        double z = .5 * (i - middle);
        rule.x[i] = recoup_tables_x(z);
        rule.weight[i] = exp(-.5 * z * z);
        sum += rule.weight[i];
    }
    for (int i = 0; i < RECOUP_MARKET_POINTS; i++) {
        double power = 1;
        rule.weight[i] /= sum;
        for (int k = 0; k < RECOUP_TABLES_MAX_TERMS; k++, power *= rule.x[i])
            rule.power[k] += rule.weight[i] * power;
    }
    return rule;
}

/* Mean of P(won by the end of a slot). */
static double win_by(const recoup_market_rule *rule, const recoup_tables *tables, uint32_t row,
                     int slot) {
    const float *c = tables->coefficient + row + slot * tables->n_terms;
    double sum = 0;
    for (int k = 0; k < tables->n_terms; k++)
        sum += (double)c[k] * rule->power[k];
    return fmin(fmax(sum, 0), 1); /* polynomials are off by rounding where there is no chance */
}

/* By one of the deal's two outlooks, which has the chance `share`. */
static double add_outlook(const recoup_market_rule *rule, const recoup_tables *tables, uint32_t row,
                          int32_t factors, double share, double amount, double *bookings) {
    double before = 0;
    for (int s = 0; s < tables->n_slots; s++) {
        double win = win_by(rule, tables, row, s);
        double factor = factors >= 0 ? (double)tables->factor[factors + s] : 1;
        bookings[s] += share * (win - before) * amount * factor;
        before = win;
    }
    return share * before;
}

double recoup_market_rule_deal(const recoup_market_rule *rule, const recoup_tables *tables,
                               int plan, int deal, double *bookings) {
    const recoup_program *program = tables->program;
    const recoup_outlook *outlook =
        &tables->outlook[(size_t)plan * (size_t)program->n_deals + (size_t)deal];
    double escapes = recoup_deal_escapes(tables, plan, deal);
    double amount = fmax(0, program->deal[deal].amount);
    for (int s = 0; s < tables->n_slots; s++)
        bookings[s] = 0;
    double win =
        add_outlook(rule, tables, outlook->win, outlook->factor, escapes, amount, bookings);
    if (escapes < 1)
        win += add_outlook(rule, tables, outlook->capped_win, outlook->capped_factor, 1 - escapes,
                           amount, bookings);
    return win;
}
