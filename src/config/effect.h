/* How much something does, as a person states it: a number, or a distribution of what it may turn
 * out to be. A key of type EFFECT (config.h) reads
 *
 *   0.2
 *   {normal: [mean, sd]}   {lognormal: [median, sigma]}   {uniform: [a, b]}
 *   {triangular: [a, mode, b]}   {beta: [alpha, beta]}
 */
#ifndef RECOUP_CONFIG_EFFECT_H
#define RECOUP_CONFIG_EFFECT_H

typedef enum recoup_effect_kind {
    RECOUP_EFFECT_ABSENT, /* the key was not given */
    RECOUP_EFFECT_FIXED,  /* a */
    RECOUP_EFFECT_NORMAL,
    RECOUP_EFFECT_LOGNORMAL,
    RECOUP_EFFECT_UNIFORM,
    RECOUP_EFFECT_TRIANGULAR,
    RECOUP_EFFECT_BETA,
    RECOUP_N_EFFECTS
} recoup_effect_kind;

typedef struct recoup_effect {
    recoup_effect_kind kind;
    double a, b, c; /* in the order in which they are written */
} recoup_effect;

/* The word for a distribution, and how many numbers it takes; NULL, 1 for a plain number. */
extern const char *const recoup_effect_names[RECOUP_N_EFFECTS];
extern const int recoup_effect_sizes[RECOUP_N_EFFECTS];

#endif
