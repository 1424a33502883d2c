/* What the `walk` kernel knows of a program beforehand: everything about a deal's first visit that
 * all paths share, odds instead of logits, and the quantiles of the families without a closed form.
 * Compiled once, by scalar code; the kernels (kernels/walk_kernel.c) only read it. */
#ifndef RECOUP_ENGINE_WALK_PREPARE_H
#define RECOUP_ENGINE_WALK_PREPARE_H

#include "program/program.h"

/* log(T / time scale) of a family, as a function of the standard normal z with Q(z) = S(T): smooth,
 * so polynomials of degree 5 over short equal intervals reproduce it (tests/engine). Beyond the
 * ends the last polynomial goes on. */
enum {
    RECOUP_WALK_INTERVALS = 736,
    RECOUP_WALK_TERMS = 6 /* of a polynomial, in (z - start of the interval) / width */
};
#define RECOUP_WALK_LOWEST_Z (-9.0) /* Q = 1 - 1e-19: above every uniform */
#define RECOUP_WALK_STEP_Z 0.0625   /* up to z = 37: Q = e^-689, of which doubles have no less */

typedef struct recoup_walk_quantile {
    recoup_family family;
    double shape[2];
    double coefficient[RECOUP_WALK_INTERVALS][RECOUP_WALK_TERMS];
} recoup_walk_quantile;

/* Survival by time over scale: whether a stay ends in time is mostly clear from the survival at the
 * middle of a bin. Bins are the floats that agree in the exponent and the first bits of the
 * mantissa, 2^-10 .. 2^5. */
enum {
    RECOUP_WALK_BIN_BITS = 5,
    RECOUP_WALK_BINS = 15 << RECOUP_WALK_BIN_BITS,
    RECOUP_WALK_FIRST_BIN = (127 - 10) << RECOUP_WALK_BIN_BITS
};

typedef struct recoup_walk_survival {
    recoup_family family;
    double shape[2];
    double middle[RECOUP_WALK_BINS]; /* between those at the bin's ends */
    double margin;                   /* more than they differ from it, in any bin */
} recoup_walk_survival;

/* An exit of a stage. */
typedef struct recoup_walk_exit {
    recoup_family family;
    int target;
    double shape;   /* the family's first: a factor of z, or the divisor of log(T / scale) */
    double inverse; /* 1 / shape */
    int loading;    /* into recoup_walk_tables.loading */
    const recoup_walk_quantile *quantile; /* gamma, gengamma */
    const recoup_walk_survival *survival; /* exits to lost */
    bool has_terms;                       /* its logit depends on the deal's size or discount */
    double size_logit, discount_logit;
} recoup_walk_exit;

/* The first visit of an open deal: the owners and laws that follow each other are the same on all
 * paths, and so are the ages at which they change. */
typedef struct recoup_walk_segment {
    double start_day, start_age, speed;
    int leg; /* of the stage's first exit */
} recoup_walk_segment;

/* One exit in one segment. */
typedef struct recoup_walk_leg {
    double odds;         /* p_e·S_e(age at the start), a multiple of it; without the market */
    double log_survival; /* log S_e(age at the start) */
    double survival;     /* S_e(age at the start) */
    double leave;        /* probability to leave in the segment, given this exit */
    double scale;        /* e^mu */
} recoup_walk_leg;

typedef struct recoup_walk_course {
    int first_segment, n_segments; /* none: nothing happens to the deal within the period */
    bool is_closed; /* after the last one the plan closes the deal: what is left of it is lost */
} recoup_walk_course;

/* A set of plans as bits; only the first RECOUP_WALK_SETS can be in one. */
enum { RECOUP_WALK_SETS = 32 };

/* When the laws change. */
typedef struct recoup_walk_epochs {
    const int *first; /* [cell * n_stages + stage], one more at the end */
    const double *start_day, *speed, *cap_share;
    const int *law;
    int n_epochs;   /* most of any cell and stage */
    bool has_speed; /* some speed is not 1 */
} recoup_walk_epochs;

typedef struct recoup_walk_plan {
    recoup_walk_epochs epochs[2]; /* [capped]: of deals that the discount limit does not bind */
    /* by law */
    const double *odds;               /* e^logit, a multiple of it in each epoch */
    const double *scale;              /* e^mu */
    const recoup_walk_course *course; /* [deal * 2 + capped] */
    const bool *shares;        /* [deal]: owners and first visit are those under the first plan */
    const bool *shares_stream; /* [stream]: its deals arrive as under the first plan */
} recoup_walk_plan;

typedef struct recoup_walk_tables {
    const recoup_program *program;
    int n_loadings;
    const double *loading;        /* distinct market loadings; the first is 0 */
    int n_exits;                  /* most of a stage */
    const recoup_walk_exit *exit; /* as program->exit */
    recoup_walk_exit new_amount;  /* amounts of new deals, as if they were times */
    double new_amount_scale;
    const recoup_walk_plan *plan;
    const uint32_t *forks; /* [cell * n_stages + stage]: plans whose laws are not the first's */
    recoup_walk_segment *segment;
    recoup_walk_leg *leg;
    recoup_arena arena;
} recoup_walk_tables;

/* The program must outlive the tables. ENOMEM. To be freed by recoup_walk_tables_free (NULL is
 * fine). */
recoup_status recoup_walk_tables_create(const recoup_program *program, recoup_walk_tables **tables,
                                        recoup_error *error);
void recoup_walk_tables_free(recoup_walk_tables *tables);

#endif
