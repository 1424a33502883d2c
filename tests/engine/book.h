/* Books of open deals made by hand, and how much the sanitizers leave of a test. */
#ifndef RECOUP_TESTS_ENGINE_BOOK_H
#define RECOUP_TESTS_ENGINE_BOOK_H

#include "../win_tables.h"

/* Sanitizers make all of this some five to ten times slower. Fewer samples, seeds and worlds show
 * the same accesses. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { LESS = 8 };
#else
enum { LESS = 1 };
#endif

enum { MAX_DEALS = 200, SLOTS = 3, TERMS = 3 };

/* Open deals whose probabilities to be won by the end of each of three slots are polynomials. */
typedef struct book {
    recoup_program program;
    recoup_program_plan plan;
    recoup_cap cap;
    recoup_program_deal deal[MAX_DEALS];
    recoup_tables tables;
    recoup_outlook outlook[MAX_DEALS];
    float coefficient[2 * MAX_DEALS * SLOTS * TERMS];
    float factor[2 * SLOTS];
    int n_rows;
} book;

static inline void start_book(book *b, double sigma, double quota) {
    memset(b, 0, sizeof *b);
    b->program.n_plans = 1;
    b->program.plan = &b->plan;
    b->program.deal = b->deal;
    b->program.revision_sigma = sigma;
    b->program.quota = b->plan.quota = quota;
    b->tables.program = &b->program;
    b->tables.n_slots = SLOTS;
    b->tables.n_terms = TERMS;
    b->tables.n_nodes = TERMS;
    b->tables.coefficient = b->coefficient;
    b->tables.factor = b->factor;
    b->tables.outlook = b->outlook;
    for (int s = 0; s < 2 * SLOTS; s++)
        b->factor[s] = s < SLOTS ? 1 + .1f * (float)s : 1.5f;
}

/* p + slope·x + bend·x², a third of it by the end of the first slot, two thirds of the second. */
static inline uint32_t add_row(book *b, double p, double slope, double bend) {
    const double value[TERMS] = {p, slope, bend};
    int first = b->n_rows++ * SLOTS * TERMS;
    for (int s = 0; s < SLOTS; s++)
        for (int k = 0; k < TERMS; k++)
            b->coefficient[first + s * TERMS + k] = (float)(value[k] * (s + 1) / SLOTS);
    return (uint32_t)first;
}

static inline int add_deal(book *b, double amount, double p, double slope) {
    int i = b->program.n_deals++;
    uint32_t row = add_row(b, p, slope, 0.1 * slope);
    b->deal[i].amount = amount;
    b->outlook[i] =
        (recoup_outlook){.win = row, .capped_win = row, .factor = -1, .capped_factor = -1};
    return i;
}

#endif
