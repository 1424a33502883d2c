/* Between the files that compute win tables. The formulas are in docs/simulation.md.
 *
 * Time is cut into cells of `step` days; cell c is [c, c + 1)·step. Everything is computed for
 * *marks*, ends of cells at which wins are counted: a slot that ends between two marks is linear
 * between them. */
#ifndef RECOUP_PROGRAM_TABLES_BUILD_H
#define RECOUP_PROGRAM_TABLES_BUILD_H

#include "program/kernels/tables_kernel.h"
#include "program/tables.h"

/* Chebyshev points of the second kind on [low, high], ends included, with the weights of
 * barycentric interpolation. One point: nothing depends on this axis. */
typedef struct recoup_axis {
    int n;
    double node[RECOUP_TABLES_MAX_TERMS], weight[RECOUP_TABLES_MAX_TERMS];
} recoup_axis;

void recoup_axis_set(recoup_axis *axis, int n, double low, double high);
/* Weights of the nodes for the value at x, which is clamped to the range; their sum is 1. */
void recoup_axis_weights(const recoup_axis *axis, double x, double *weight);

/* The exits in a first cell, of those that are there at its start, in cells after it: the first
 * moment about the middle, and three times the second one in excess of a linear density's. */
typedef struct recoup_entry {
    double first, curve;
} recoup_entry;

/* S(i·step/2) of one exit with one time scale, i < n; n is 1 for exits that win nothing. */
typedef struct recoup_survival {
    int exit, n;
    recoup_dist dwell;
    double *at;
    recoup_entry entry; /* at age 0 */
    int n_levels;       /* see tables_start.c: finer grids that the first cell needs */
} recoup_survival;

/* A stretch of cells, or a part of one cell, in which the laws of a stage stay the same. */
typedef struct recoup_stretch {
    int first, end;    /* cells */
    double from, part; /* of a cell in which laws change: its start and length within the cell; a
                          stretch of whole cells has 0 and 1 */
    bool last;
    double speed; /* 0: the deal stands still */
    double cap_share;
    double odds[RECOUP_PROGRAM_MAX_EXITS];  /* exp of the law's logit */
    int survival[RECOUP_PROGRAM_MAX_EXITS]; /* index; time in it is age / speed */
} recoup_stretch;

/* Whose laws a deal is under when. */
typedef struct recoup_course {
    const recoup_program_plan *plan;
    const recoup_episode *episode;
    int n_episodes;
    bool capped;
} recoup_course;

/* Probabilities of new deals by the day they arrive on, course by course. Courses of new deals are
 * numbered (plan * n_cells + cell) for plans 0 .. n_plans, of which the last is program->none, then
 * for the capped deals of each plan. Those with equal laws have the number of the first. */
struct recoup_arrival_tables {
    int n_buckets;
    double bucket_days;
    int *same_plan; /* [plan * n_cells + cell]: the first plan with the same laws there */
    float **win;    /* [course]: [bucket][slot][node], NULL: no new deal has it */
    int *width;     /* [course]: nodes, padded */
    recoup_axis x, size, *discount; /* [0]: not capped, [1 + plan]: capped */
};

typedef struct recoup_build {
    const recoup_program *program;
    recoup_tables *tables;
    recoup_arena arena; /* what is only needed while building */
    recoup_error *error;

    double step;
    int n_cells;
    int n_marks, *mark; /* cell that each mark ends before, increasing */
    int *slot_mark;     /* [slot]: the mark at or before its end */
    double *slot_share; /* of the next mark; 0: it ends at the mark */
    /* Stages [group[g], group[g + 1]) are computed together, as they lead back to each other; one
     * stage alone otherwise. */
    int n_groups, *group;
    bool *is_after;      /* [stage][other]: the other can be entered after the stage */
    double *longest_lag; /* [stage] days that survival tables cover */

    recoup_axis x, size;
    recoup_axis discount[2]; /* of deals that are not capped, and capped by the current plan */
    double discount_high;

    recoup_survival *survival;
    int n_survivals, *bucket; /* of the hash table by (exit, mu), -1 empty */
    size_t survival_capacity;

    /* The current course. Nodes are (discount, size, x), x innermost, padded to a multiple of 8. */
    recoup_course course;
    const recoup_axis *size_axis, *discount_axis;
    int n_nodes, width;
    double *tilt;             /* [exit][node]: exp of what size, discount and Z add to the logit */
    double *points;           /* [node]: points of discount that the cap cuts */
    recoup_stretch **stretch; /* [stage] */
    int *n_stretches;
    bool steady; /* one stretch in every stage: values depend only on the time left */
    int *smooth_first, *smooth_end; /* [stage][cell]: cells around it over which V has no kink; */
    bool *has_jump;                 /* and after these it jumps */
    int n_rows;           /* of values: one for all marks when steady, else one per mark */
    int *row_end;         /* cells of the row */
    size_t *row_at;       /* of the row's first value, in values of width */
    size_t stage_values;  /* values of one stage */
    double *value, *mean; /* [stage][row][cells left]: V, and its mean over the cell from there */
    float *fast_value, *fast_mean;
    bool *has_start;                  /* [row]: V over the last cell was found on finer grids */
    double *start_value, *start_mean; /* [row][stage]: V at its beginning and its mean, */
    double *start_slope;              /* and what V changed by if it were linear */
    float *fast_slope;
    double *level;                   /* scratch of tables_start.c */
    const recoup_stretch **in_force; /* likewise */

    /* Stages that the last course left as they are wanted now are not computed again. */
    const bool *wanted;            /* [stage]: entered under the current course */
    bool *is_computed, *is_kept;   /* [stage] */
    recoup_stretch **last_stretch; /* [stage]: of the last course, which had these nodes */
    int *n_last_stretches, last_width;
    const recoup_cap *last_cap; /* NULL: not capped */
    bool last_steady;

    const recoup_tables_kernels *kernels;
    double *scratch; /* see tables_solve.c and tables_deal.c */
    size_t max_width;
    double *market;   /* [exit][x]: exp(loading·Z) */
    double *monomial; /* [x][term], padded: coefficients of the Lagrange polynomials */
} recoup_build;

#define RECOUP_BUILD_NEW(build, type, n)                                                           \
    ((type *)recoup_arena_alloc(&(build)->arena, (size_t)(n), sizeof(type)))
#define RECOUP_TABLES_NEW(tables, type, n)                                                         \
    ((type *)recoup_arena_alloc(&(tables)->arena, (size_t)(n), sizeof(type)))

/* --- tables_survival.c --- */

/* Index of the table of an exit with log time scale mu; -1: out of memory. */
int recoup_survival_find(recoup_build *build, int exit, double mu);
/* Survival of all exits of a stretch from the age on at n half cells (the first at the age itself),
 * up to a factor that all have in common; of exits that win nothing only the first, and the last
 * unless the stretch is the last. row[e] is in a table or in buffer + e·n. False: no exit
 * is left at this age. */
bool recoup_survival_rows(const recoup_build *build, const recoup_stretch *stretch, int n_exits,
                          double age, int n, double *buffer, const double **row);

/* The moments of the exits in [age, age + days) by the distribution itself, on grids that get finer
 * towards the age until no cell takes a large part of those who are left. */
recoup_entry recoup_entry_at(const recoup_dist *dwell, double age, double days);
/* Whether a first cell takes so much of those who are there at its start that the three points of
 * its survival do not tell how. */
static inline bool recoup_entry_is_steep(const double *row) {
    return row[2] < .8 * row[0];
}
enum { RECOUP_TABLES_REFINE = 8, RECOUP_TABLES_MAX_LEVELS = 5 };

/* What a stay's exits weigh: mass[j] of cell j, first[j] its first moment about the middle in
 * cells, and folded[j], which replaces the slopes of inner cells by differences of their
 * neighbours' means; curve: of the first cell, as in recoup_entry. */
typedef struct recoup_masses {
    int n;
    double *mass, *first, *folded, curve;
} recoup_masses;
void recoup_masses_set(recoup_masses *masses, const double *row, int n);
/* The first moment of a part of a cell, given that about its own middle in its own length. */
static inline double recoup_stretch_moment(const recoup_stretch *stretch, double mass,
                                           double moment) {
    return moment * stretch->part + mass * (stretch->from + .5 * stretch->part - .5);
}

/* --- tables_course.c --- */

/* Stages in groups, and which come after which. */
void recoup_groups_set(recoup_build *build);
/* Stretches, odds and nodes of a course; wanted[stage]: values are asked for, also of all stages
 * after it. Borrows `wanted` until the course is solved. False: out of memory. */
bool recoup_course_set(recoup_build *build, const recoup_course *course, const bool *wanted);

/* --- tables_means.c --- */

/* The mean over cell i >= lowest - 1 of what is known at the ends `lowest` .. n of cells: weights
 * of the values at ends at .. at + 3, fourth order when there are as many. */
typedef struct recoup_stencil {
    int at, n;
    double weight[4];
} recoup_stencil;
recoup_stencil recoup_stencil_at(int i, int lowest, int n);

/* Means of the cells first .. end - 1 from values on both sides of each. */
void recoup_inner_means_set(const double *value, double *mean, int first, int end, int width);
/* mean[i] from the values at `lowest` .. n. */
void recoup_mean_set(const double *value, double *mean, int i, int lowest, int n, int width);
/* What has to be added to the mean of F = 1 - S over cell i, survival on half cells: wins are the
 * least smooth part of the values, and known between the points of the grid (Simpson's rule). */
double recoup_mean_error(const double *survival, int i, int lowest, int n);

/* Odds of a stage's exits in a stretch at all nodes, up to a factor. */
void recoup_shares_set(const recoup_build *build, int stage, const recoup_stretch *stretch,
                       double *share);
/* What exits in the first n cells of the masses are worth where V is in value and mean, which point
 * to the first cell. slope: the change of V over the last cell; NULL: the difference of its ends.
 */
recoup_worth recoup_worth_of(const recoup_masses *masses, int n, const double *value,
                             const double *mean, const double *slope, int width);

/* --- tables_start.c --- */

size_t recoup_start_scratch(const recoup_build *build);
/* V over the last cell before each mark, where exits are too quick for the grid. */
void recoup_starts_set(recoup_build *build);
static inline double *recoup_start_row(const recoup_build *build, double *starts, int stage,
                                       int row) {
    return starts + (size_t)(row * build->program->n_stages + stage) * (size_t)build->width;
}

/* --- tables_solve.c --- */

size_t recoup_solve_scratch(const recoup_build *build);
/* Values of the current course, at the wanted stages. */
void recoup_solve(recoup_build *build);

/* --- tables_deal.c --- */

size_t recoup_deal_scratch(const recoup_build *build);
/* win[slot][x] of an open deal under the current course. */
void recoup_deal_solve(const recoup_build *build, const recoup_program_deal *deal, double *win);

/* --- tables_slots.c --- */

recoup_status recoup_slots_set(recoup_build *build);
recoup_status recoup_units_set(recoup_build *build, recoup_outlook *outlook);

/* --- tables_arrival.c --- */

/* The plan, or none after the last. */
static inline const recoup_program_plan *recoup_plan_at(const recoup_program *program, int plan) {
    return plan < program->n_plans ? &program->plan[plan] : program->none;
}
int recoup_course_number(const struct recoup_arrival_tables *arrivals,
                         const recoup_program *program, int plan, int cell, bool capped);
/* Which courses new deals have; room for them. */
recoup_status recoup_arrivals_begin(recoup_build *build);
/* Days of arrival are taken together, cell by cell where these are longer than a day. */
int recoup_bucket_cells(const recoup_build *build);
/* win[node] += the mean over the bucket of V at the end of the slot. */
void recoup_bucket_add(const recoup_build *build, int bucket, int slot, float *win);
/* Keeps what new deals need of the current course. */
void recoup_arrivals_keep(const recoup_build *build, int course);
/* Bounds and layers, when all are kept. */
recoup_status recoup_arrivals_bound(recoup_build *build);

/* --- tables_check.c --- */

/* The coarsest grid that is fine enough. */
recoup_status recoup_grid_find(const recoup_program *program, recoup_isa isa,
                               recoup_tables_grid *grid, recoup_error *error);

/* --- tables.c --- */

/* Axes, slots and memory for the grid of the tables. recoup_build_end also after a failure. */
recoup_status recoup_build_begin(recoup_build *build, const recoup_program *program,
                                 recoup_tables *tables, recoup_error *error);
void recoup_build_end(recoup_build *build);

#endif
