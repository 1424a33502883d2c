/* Win tables: the program collapsed over each deal's life. Given a parameter draw and the market
 * factor Z, deals are independent, so all that the estimators `sample` and `conditional` need of an
 * open deal is the probability to be won by the end of each *slot* of time; of a new deal, the same
 * for each day of its arrival. Both come from convolving the dwell times on a grid, stage by stage
 * from the last to the first, with the first stage of an open deal conditioned on its age, and with
 * the laws of each epoch and episode in force at their time (docs/simulation.md has the formulas).
 *
 * Error against the continuous model: at most 1e-4 in every probability; the grid is refined until
 * halving it changes no checked probability by more than a third of that.
 *
 * Z enters as x = clamp(Z, -RECOUP_TABLES_MAX_Z, +RECOUP_TABLES_MAX_Z) / RECOUP_TABLES_MAX_Z.
 */
#ifndef RECOUP_PROGRAM_TABLES_H
#define RECOUP_PROGRAM_TABLES_H

#include "base/isa.h"
#include "program/program.h"

#define RECOUP_TABLES_MAX_Z 5.0 /* beyond: 6e-7 of all paths */
enum { RECOUP_TABLES_MAX_TERMS = 17, RECOUP_TABLES_MAX_CELLS = 4096, RECOUP_TABLES_MAX_SLOTS = 64 };

/* What the accuracy takes. Found once and given for other parameters of the same scenario. */
typedef struct recoup_tables_grid {
    double grid_days;         /* step of the time grid */
    double check_error;       /* largest change of a checked probability when it was halved */
    int n_terms;              /* of the polynomials in x */
    int n_sizes, n_discounts; /* nodes of log size and of discount */
} recoup_tables_grid;

/* One open deal under one plan. Capped: when the plan's discount limit binds the deal and it does
 * not escape; equal to the other where there is no limit, or none for this deal. */
typedef struct recoup_outlook {
    /* Each is the index of the first number of a row. */
    uint32_t win, capped_win;      /* into coefficient: [slot][term] */
    int32_t factor, capped_factor; /* into factor: [slot]; -1: 1 in every slot */
    int32_t unit;                  /* into slot_unit: [slot]; deals that stay with one owner share
                                      one row per unit */
} recoup_outlook;

typedef struct recoup_tables {
    const recoup_program *program;
    recoup_isa isa; /* of the kernels that made them, and of those `conditional` reads them by */
    /* Slots end at the ends of the weeks (day 7, 14, ... and the horizon), and where a deal changes
     * hands in some plan, or the levers' factor on amounts starts. */
    int n_slots;
    const double *slot_end; /* days, increasing; the last is the horizon */
    const int *slot_week;   /* week of the fan */
    /* Units that bookings are added up by: the reps, then for each cohort the deals of nobody. */
    int n_units;
    const int *slot_unit;
    int n_terms;              /* 1 where nothing depends on Z */
    const float *coefficient; /* P(won by the end of the slot | x) = sum_k coefficient[k]·x^k */
    const float *factor;      /* mean factor of the levers on the booked amount in the slot */
    /* The same for new deals, [plan * n_cells + cell]: the row in factor, -1 for 1 in every slot.
     * A capped deal's is multiplied by 1 + cut·excess / (1 - discount), where excess is its
     * discount above the limit and cut = cap_cut[plan * n_slots + slot], the limit's mean share. */
    const int32_t *cell_factor;
    const float *cap_cut;
    const recoup_outlook *outlook; /* [plan * n_deals + deal]; plans that do nothing to a deal share
                                      the rows of the first */

    /* New deals: their number is a Poisson process whose points are thinned by the probability to
     * be won within the period. bound[stream][band] is in units of arrivals, at least the
     * probability of any deal of the stream without levers while Z is in the band, and does not
     * depend on the plans; a plan accepts a point when its height (in units of the bound) is below
     * rate factor × probability / bound. So plans that make more of the deals win accept supersets,
     * and n_layers layers of height 1 are enough for all plans. */
    int n_bands;         /* of Z, equally wide over [-MAX_Z, MAX_Z] */
    const double *bound; /* [stream][band] */
    int n_layers;
    /* On the days [i, i + 1)·reach_days of arrival no plan accepts a point of the stream that is as
     * high as reach[stream * n_reaches + i]: most points need no second look. */
    int n_reaches;
    double reach_days;
    const double *reach;
    int n_nodes;        /* of x: the probabilities of new deals are kept at these */
    const double *node; /* [n_nodes], Chebyshev points of [-1, 1]; {0} where n_terms is 1 */
    struct recoup_arrival_tables *arrivals; /* see recoup_tables_arrival */
    recoup_tables_grid grid;
    bool merged_slots; /* hand-overs and starts were merged, as there were too many */
    recoup_arena arena;
} recoup_tables;

/* Tables of all plans of a program, which must outlive them. The bounds come from program->none,
 * the laws of no plan. grid: what an earlier call found (tables->grid); NULL: find it. isa: of
 * the kernels, a supported one; it leaves no trace in the numbers. ENOMEM;
 * ENUMERIC: the wanted accuracy needs more grid points than RECOUP_TABLES_MAX_CELLS (dwell times of
 * minutes over a year). To be freed by recoup_tables_free (NULL is fine). */
recoup_status recoup_tables_create(const recoup_program *program, const recoup_tables_grid *grid,
                                   recoup_isa isa, recoup_tables **tables, recoup_error *error);
void recoup_tables_free(recoup_tables *tables);

static inline double recoup_tables_x(double market) {
    double z = market < -RECOUP_TABLES_MAX_Z  ? -RECOUP_TABLES_MAX_Z
               : market > RECOUP_TABLES_MAX_Z ? RECOUP_TABLES_MAX_Z
                                              : market;
    return z / RECOUP_TABLES_MAX_Z;
}

static inline int recoup_tables_band(const recoup_tables *tables, double x) {
    int band = (int)((x + 1) / 2 * tables->n_bands);
    return band < tables->n_bands ? band : tables->n_bands - 1;
}

/* Weights of the nodes for polynomial interpolation at x (barycentric; Berrut & Trefethen 2004). */
void recoup_tables_weights(const recoup_tables *tables, double x, double *weight);

/* win[slot]: probability that a new deal of the cell, arrived on `day`, is won by the end of the
 * slot; mean over the grid cell of the day. `weight` from recoup_tables_weights. */
void recoup_tables_arrival(const recoup_tables *tables, int plan, int cell, bool capped, double day,
                           double log_size, double discount, const double *weight, double *win);

/* What recoup_tables_arrival reads. Probabilities are means over cells of days of arrival:
 * [cell of days][slot][width], the first n_discounts * n_sizes * n_nodes of each row being those at
 * the nodes (discount, log size, x), x innermost. */
typedef struct recoup_arrival_rows {
    int n_days;  /* cells, from day 0 on; the last may go beyond the horizon */
    double days; /* of one cell */
    int width, n_discounts, n_sizes;
} recoup_arrival_rows;

/* NULL where no new deal of the cell arrives under the plan. capped: only where the plan limits the
 * cell's discounts. */
const float *recoup_tables_arrival_rows(const recoup_tables *tables, int plan, int cell,
                                        bool capped, recoup_arrival_rows *rows);
/* Weights of the nodes of discount and of log size: at most RECOUP_TABLES_MAX_TERMS. */
void recoup_tables_discount_weights(const recoup_tables *tables, int plan, bool capped,
                                    double discount, double *weight);
void recoup_tables_size_weights(const recoup_tables *tables, double log_size, double *weight);

/* For people: each deal's probability to be won by the end of every slot at Z = -2, 0, 2 and what
 * the laws were, as text. */
recoup_status recoup_tables_dump(const recoup_tables *tables, const char *const *plan_name,
                                 char *const *deal_id, FILE *stream, recoup_error *error);

#endif
