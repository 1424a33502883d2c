#include "engine/conditional_law.h"

#include "base/error.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

#define TOLERATED 1e-8  /* last coefficients of P(hit | x) on a piece */
#define NEGLIGIBLE 1e-9 /* chance of a piece that is not halved any more */

enum {
    NODES = RECOUP_CHARACTERISTIC_NODES,
    LAST = NODES - 1,
    FEW = LAST / 2, /* last of every other node, which are tried first */
    MAX_DEPTH = 14
};

static double normal_cdf(double z) {
    return 0.5 * erfc(-z / M_SQRT2);
}

/* --- P(hit | x) ------------------------------------------------------------------------------- */

double recoup_hit_curve_at(const recoup_hit_curve *curve, double x) {
    int low = 0, high = curve->n_pieces - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (x > curve->piece[middle].end)
            low = middle + 1;
        else
            high = middle;
    }
    const recoup_hit_piece *piece = &curve->piece[low];
    double u = (2 * x - piece->start - piece->end) / (piece->end - piece->start);
    double a = 0, b = 0;
    for (int k = LAST; k > 0; k--) { /* Clenshaw's sum */
        double next = piece->coefficient[k] + 2 * u * a - b;
        b = a;
        a = next;
    }
    double hit = piece->coefficient[0] + u * a - b;
    return hit < 0 ? 0 : hit > 1 ? 1 : hit;
}

void recoup_hit_curve_clear(recoup_hit_curve *curve) {
    free(curve->piece);
    *curve = (recoup_hit_curve){0};
}

/* --- pieces ----------------------------------------------------------------------------------- */

/* What halving takes. */
typedef struct halving {
    recoup_law_of_bookings *law;
    recoup_characteristic *characteristic;
    recoup_hit_curve *curve;
    double cosine[2 * LAST]; /* cos(pi·j / LAST) */
    double rule[NODES];      /* weights of Clenshaw & Curtis on [-1, 1] */
    double few_rule[NODES];  /* of every other node */
    double *re, *im;         /* [node][frequency] of the current piece */
    recoup_characteristic_at at[NODES];
    double weight, square; /* of all nodes so far; mean square of bookings */
} halving;

/* With nodes 0 to `last`; they are `stride` apart in rule. */
static void set_rule(const halving *h, int last, double *rule) {
    int stride = LAST / last;
    for (int j = 0; j <= last; j++) {
        double sum = 0;
        for (int k = 0; k <= last; k += 2) {
            double end = k == 0 || k == last ? 0.5 : 1;
            sum += end * 2 / (1 - (double)k * k) * h->cosine[stride * j * k % (2 * LAST)];
        }
        rule[stride * j] = (j == 0 || j == last ? 0.5 : 1.0) * 2 / last * sum;
    }
}

static void set_rules(halving *h) {
    for (int j = 0; j < 2 * LAST; j++)
        h->cosine[j] = cos(M_PI * j / LAST);
    set_rule(h, LAST, h->rule);
    set_rule(h, FEW, h->few_rule);
}

/* Coefficients 0 to `last` of the polynomial through as many nodes, and the sum of the last four.
 * Nodes increase, so cosines are reversed. */
static double set_series(const halving *h, int last, double *coefficient) {
    int stride = LAST / last;
    double rest = 0;
    memset(coefficient, 0, NODES * sizeof *coefficient);
    for (int k = 0; k <= last; k++) {
        double sum = 0;
        for (int j = 0; j <= last; j++)
            sum += (j == 0 || j == last ? 0.5 : 1.0) * h->at[LAST - stride * j].hit *
                   h->cosine[stride * j * k % (2 * LAST)];
        coefficient[k] = (k == 0 || k == last ? 1.0 : 2.0) / last * sum;
        rest += k > last - 4 ? fabs(coefficient[k]) : 0;
    }
    return rest;
}

/* Adds one node to the mixture. */
static void mix(halving *h, int node, double weight) {
    recoup_law_of_bookings *law = h->law;
    const recoup_characteristic_at *at = &h->at[node];
    size_t n = (size_t)law->n;
    h->weight += weight;
    law->hit += weight * at->hit;
    law->none += weight * at->none;
    law->wins += weight * at->wins;
    law->mean += weight * at->mean;
    h->square += weight * (at->variance + at->mean * at->mean);
    for (size_t k = 0; k < n; k++) {
        law->re[k] += weight * h->re[(size_t)node * n + k];
        law->im[k] += weight * h->im[(size_t)node * n + k];
    }
}

static void evaluate(halving *h, int node, double x) {
    size_t n = (size_t)h->law->n;
    recoup_characteristic_evaluate(h->characteristic, x, h->re + (size_t)node * n,
                                   h->im + (size_t)node * n, &h->at[node]);
}

/* Nodes of one piece; it is kept when they suffice. Every other node comes first: coefficients fall
 * about geometrically, so that the square of the last of these tells whether the others help. */
static bool fits(halving *h, recoup_hit_piece *piece, int depth) {
    double middle = 0.5 * (piece->start + piece->end), half = 0.5 * (piece->end - piece->start);
    double max = RECOUP_TABLES_MAX_Z;
    double chance = normal_cdf(max * piece->end) - normal_cdf(max * piece->start);
    bool last = chance <= NEGLIGIBLE || depth >= MAX_DEPTH;
    const double *rule = h->few_rule;
    for (int j = 0; j < NODES; j += 2)
        evaluate(h, j, middle + half * recoup_chebyshev_node(NODES, j));
    double rest = set_series(h, FEW, piece->coefficient) * chance;
    if (rest > TOLERATED || depth == 0) { /* the density of Z takes all on the widest piece */
        if (rest * rest > 100 * TOLERATED && !last)
            return false;
        for (int j = 1; j < NODES; j += 2)
            evaluate(h, j, middle + half * recoup_chebyshev_node(NODES, j));
        rest = set_series(h, LAST, piece->coefficient) * chance;
        rule = h->rule;
    }
    if (rest > TOLERATED && !last)
        return false;
    for (int j = 0; j < NODES; j++) {
        double z = max * (middle + half * recoup_chebyshev_node(NODES, j));
        if (rule[j] != 0)
            mix(h, j, rule[j] * half * max * exp(-0.5 * z * z) / sqrt(2 * M_PI));
    }
    /* what is beyond the ends */
    if (piece->start == -1)
        mix(h, 0, normal_cdf(-max));
    if (piece->end == 1)
        mix(h, LAST, normal_cdf(-max));
    return true;
}

static bool keep(recoup_hit_curve *curve, const recoup_hit_piece *piece) {
    if (!RECOUP_GROW(curve->piece, curve->n_pieces, curve->capacity))
        return false;
    curve->piece[curve->n_pieces++] = *piece;
    return true;
}

/* From left to right, with a stack of pieces to be done. */
static bool halve(halving *h) {
    struct {
        double start, end;
        int depth;
    } todo[MAX_DEPTH + 2] = {{-1, 1, 0}};
    int n = 1;
    while (n > 0) {
        n--;
        double start = todo[n].start, end = todo[n].end, middle = 0.5 * (start + end);
        int depth = todo[n].depth;
        recoup_hit_piece piece = {.start = start, .end = end};
        if (fits(h, &piece, depth)) {
            if (!keep(h->curve, &piece))
                return false;
            continue;
        }
        todo[n].start = middle;
        todo[n].end = end;
        todo[n++].depth = depth + 1;
        todo[n].start = start;
        todo[n].end = middle;
        todo[n++].depth = depth + 1;
    }
    return true;
}

/* One node: nothing depends on Z, or Z is given. */
static bool single(halving *h, double x) {
    recoup_hit_piece piece = {.start = -1, .end = 1};
    evaluate(h, 0, x);
    mix(h, 0, 1);
    piece.coefficient[0] = h->at[0].hit;
    return keep(h->curve, &piece);
}

/* --- the law ---------------------------------------------------------------------------------- */

/* The rule's weights sum to 1 but for its error. */
static void normalise(halving *h) {
    recoup_law_of_bookings *law = h->law;
    double scale = 1 / h->weight;
    law->hit = fmin(fmax(law->hit * scale, 0), 1);
    law->none *= scale;
    law->wins *= scale;
    law->mean *= scale;
    law->variance = fmax(0, h->square * scale - law->mean * law->mean);
    for (int k = 0; k < law->n; k++) {
        law->re[k] *= scale;
        law->im[k] *= scale;
    }
}

recoup_status recoup_law_of_bookings_set(recoup_law_of_bookings *law,
                                         recoup_characteristic *characteristic, const double *x,
                                         recoup_hit_curve *curve, recoup_error *error) {
    bool mixes = characteristic->varies && !x;
    size_t n = (size_t)characteristic->n, nodes = mixes ? NODES : 1;
    recoup_status status = RECOUP_OK;
    *law = (recoup_law_of_bookings){.low = characteristic->low,
                                    .high = characteristic->high,
                                    .lattice = characteristic->lattice,
                                    .n = characteristic->n,
                                    .step = characteristic->step};
    halving *h = RECOUP_NEW(halving, 1);
    law->re = RECOUP_NEW(double, n);
    law->im = RECOUP_NEW(double, n);
    if (!h || !law->re || !law->im) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    h->law = law;
    h->characteristic = characteristic;
    h->curve = curve;
    h->re = RECOUP_NEW(double, nodes *n);
    h->im = RECOUP_NEW(double, nodes *n);
    if (!h->re || !h->im) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    set_rules(h);
    if (!(mixes ? halve(h) : single(h, x ? *x : 0))) {
        status = recoup_fail_memory(error);
        goto exit;
    }
    normalise(h);
exit:
    if (h) {
        free(h->re);
        free(h->im);
    }
    free(h);
    return status;
}

void recoup_law_of_bookings_clear(recoup_law_of_bookings *law) {
    free(law->re);
    free(law->im);
    *law = (recoup_law_of_bookings){0};
}

/* --- what it says ----------------------------------------------------------------------------- */

/* Of a lattice, whose distribution function is the same from one multiple to the next: in the
 * middle between two of them the inversion is exact, with the factor (t·lattice/2) /
 * sin(t·lattice/2). */
static double lattice_factor(const recoup_law_of_bookings *law, int k) {
    double half = 0.5 * (k + 0.5) * law->step * law->lattice;
    return half / sin(half);
}

/* The number of multiples of the lattice up to y, which may be one of them but for rounding. */
static double lattice_index(const recoup_law_of_bookings *law, double y) {
    return floor(y / law->lattice + 1e-6);
}

/* Sums over frequencies of what e^(-i·t·y) is multiplied by; the phases by repeated turns. */
double recoup_law_of_bookings_below(const recoup_law_of_bookings *law, double amount) {
    double y = amount - law->booked;
    if (y < 0)
        return 0;
    if (law->n == 0)
        return y >= law->mean * (1 - 1e-9);
    if (y < law->low)
        return law->none;
    if (y > law->high)
        return 1;
    if (law->lattice > 0)
        y = (lattice_index(law, y) + 0.5) * law->lattice;
    double turn_cosine = cos(law->step * y), turn_sine = sin(law->step * y);
    double cosine = cos(0.5 * law->step * y), sine = sin(0.5 * law->step * y), sum = 0;
    for (int k = 0; k < law->n; k++) {
        double factor = law->lattice > 0 ? lattice_factor(law, k) : 1;
        sum += factor * (law->im[k] * cosine - law->re[k] * sine) / (k + 0.5);
        double next = cosine * turn_cosine - sine * turn_sine;
        sine = sine * turn_cosine + cosine * turn_sine;
        cosine = next;
    }
    double above = 0.5 * (1 - law->none) + sum / M_PI;
    return fmin(fmax(1 - above, law->none), 1);
}

/* Sum over frequencies of the integral of P(B > y) from `low` to the level less half the mass. */
static double integrate(const recoup_law_of_bookings *law, double level) {
    double sum = 0;
    for (int k = 0; k < law->n; k++) {
        double t = (k + 0.5) * law->step;
        double part = law->im[k] * (sin(t * level) - sin(t * law->low)) +
                      law->re[k] * (cos(t * level) - cos(t * law->low));
        sum += part / (t * (k + 0.5));
    }
    return sum / M_PI;
}

/* The same for a lattice, from the multiple `first` to `end`: P(B > y) is what it is in the middle
 * between two multiples, and sums of cos((j + 1/2)θ) and sin((j + 1/2)θ) over j are
 * [sin jθ] / (2 sin(θ/2)) and -[cos jθ] / (2 sin(θ/2)). */
static double integrate_lattice(const recoup_law_of_bookings *law, double first, double end) {
    double sum = 0;
    for (int k = 0; k < law->n; k++) {
        double angle = (k + 0.5) * law->step * law->lattice;
        double part = law->im[k] * (sin(end * angle) - sin(first * angle)) +
                      law->re[k] * (cos(end * angle) - cos(first * angle));
        sum += lattice_factor(law, k) * part / (2 * sin(0.5 * angle) * (k + 0.5));
    }
    return law->lattice * sum / M_PI;
}

/* The integral of P(B <= y) from 0 to the level, term by term. */
double recoup_law_of_bookings_shortfall(const recoup_law_of_bookings *law, double unused) {
    (void)unused;
    double level = law->quota - law->booked, low = law->low, above, rest = 0;
    if (level <= 0)
        return 0;
    if (law->n == 0)
        return fmax(0, level - law->mean);
    if (level > law->high)
        return level - law->mean;
    if (level <= law->low)
        return law->none * level;
    if (law->lattice > 0) {
        double first = ceil(low / law->lattice - 1e-6), end = lattice_index(law, level);
        if (end < first)
            return law->none * level;
        low = first * law->lattice;
        above = integrate_lattice(law, first, end);
        rest =
            (level - end * law->lattice) * recoup_law_of_bookings_below(law, law->booked + level);
        level = end * law->lattice;
    } else {
        above = integrate(law, level);
    }
    return law->none * low + 0.5 * (1 + law->none) * (level - low) - above + rest;
}
