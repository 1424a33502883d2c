/* The four causes (FINDING): all tests are made, and the p-values held against each other. */
#include "diagnose/causes.h"

#include "config/config.h"
#include "diagnose/false_discoveries.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

recoup_cause *recoup_cause_add(recoup_causes *causes, const char *cause, const char *test) {
    if (!RECOUP_GROW(causes->cause, causes->n, causes->capacity))
        return NULL;
    recoup_cause *added = &causes->cause[causes->n++];
    *added = (recoup_cause){.row = {.cause = cause,
                                    .verdict = "",
                                    .subject = "",
                                    .test = test,
                                    .stage = "",
                                    .cohort = "",
                                    .segment = "",
                                    .competitor = "",
                                    .since = NAN,
                                    .value = NAN,
                                    .reference = NAN,
                                    .effect = NAN,
                                    .effect_low = NAN,
                                    .effect_high = NAN,
                                    .unit = "",
                                    .p_value = NAN,
                                    .q_value = NAN,
                                    .sentence = "",
                                    .lever = ""}};
    return added;
}

double recoup_logit_of(double share) {
    share = fmin(.99, fmax(.01, share));
    return log(share / (1 - share));
}

/* 1, 2 ... 9, then two significant digits. */
static double round_roughly(double x) {
    double unit = x < 10 ? 1 : pow(10, floor(log10(x)) - 1);
    return round(x / unit) * unit;
}

const char *recoup_chance_text(recoup_results *results, double p_value) {
    char digits[32], grouped[48];
    if (p_value > .1)
        return "chance alone often does that";
    if (p_value < 1e-9)
        return "chance alone would do that in less than 1 of a billion such comparisons";
    snprintf(digits, sizeof digits, "%.0f", round_roughly(1 / p_value));
    recoup_digits_group(grouped, digits);
    return recoup_records_format(results, "chance alone would do that in 1 of %s such comparisons",
                                 grouped);
}

const char *recoup_lever_text(recoup_results *results, const char *comment, const char *kind,
                              int n_keys, const recoup_lever_key *key) {
    recoup_text text = {0};
    recoup_text_add(&text, "- %s: {", kind);
    for (int k = 0, n_written = 0; k < n_keys; k++) {
        char number[RECOUP_NUMBER_SIZE];
        if (!key[k].text && isnan(key[k].number))
            continue;
        recoup_text_add(&text, "%s%s: ", n_written++ > 0 ? ", " : "", key[k].name);
        if (key[k].text)
            recoup_yaml_add_scalar(&text, key[k].text); /* plain in flow context too */
        else
            recoup_text_add(&text, "%s", recoup_number_format(number, key[k].number));
    }
    recoup_text_add(&text, "} # %s", comment);
    const char *copy = text.failed ? NULL : recoup_records_text(results, text.bytes);
    recoup_text_clear(&text);
    return copy;
}

void recoup_cause_set(recoup_cause *cause, const recoup_conversion *here,
                      const recoup_contrast *contrast) {
    recoup_finding_row *row = &cause->row;
    row->n = contrast->n_in;
    row->n_reference = contrast->n_out;
    row->value = here->value;
    row->effect = contrast->difference;
    row->effect_low = contrast->low;
    row->effect_high = contrast->high;
    row->reference = row->value - row->effect;
    row->unit = "points";
    row->p_value = contrast->p_value;
    cause->does_harm = contrast->difference < 0;
}

bool recoup_cause_has_data(recoup_causes *causes, recoup_cause *cause,
                           const recoup_conversion *here, const recoup_contrast *contrast) {
    int fewest = contrast->n_in < contrast->n_out ? contrast->n_in : contrast->n_out;
    int ended = here->n_advanced + here->n_lost;
    double reference = here->value - contrast->difference;
    double rarer = fmin(reference, 1 - reference) * fewest;
    if (fewest >= RECOUP_LEAST_STAYS && ended >= RECOUP_LEAST_ENDED &&
        rarer >= RECOUP_LEAST_EXPECTED && !isnan(contrast->p_value))
        return true;
    cause->row.n = contrast->n_in;
    cause->row.n_reference = contrast->n_out;
    cause->row.sentence = recoup_records_format(
        causes->diagnosing->results,
        "Not enough data: %d deals, of which %d have left, against %d others; it takes %d on both "
        "sides, %d that have left, and %d of each outcome.",
        contrast->n_in, ended, contrast->n_out, RECOUP_LEAST_STAYS, RECOUP_LEAST_ENDED,
        RECOUP_LEAST_EXPECTED);
    return false;
}

/* One-sided: of so much harm, or more. */
static double harm_p_value(const recoup_cause *cause) {
    return cause->does_harm ? cause->row.p_value / 2 : 1 - cause->row.p_value / 2;
}

static bool set_q_values(recoup_causes *causes) {
    double *p = RECOUP_NEW(double, causes->n);
    if (!p)
        return false;
    for (int i = 0; i < causes->n; i++)
        p[i] = harm_p_value(&causes->cause[i]);
    bool enough = recoup_q_values(causes->n, p, p);
    for (int i = 0; i < causes->n && enough; i++) {
        recoup_cause *cause = &causes->cause[i];
        bool found = cause->does_harm && p[i] <= RECOUP_FALSE_DISCOVERIES;
        cause->row.q_value = p[i];
        cause->row.verdict = isnan(p[i]) ? "not enough data" : found ? "found" : "not found";
    }
    free(p);
    return enough;
}

static int rank_of(const recoup_finding_row *row) {
    return strcmp(row->verdict, "found") == 0 ? 0 : isnan(row->p_value) ? 2 : 1;
}

static int compare_causes(const void *left, const void *right) {
    const recoup_finding_row *a = &((const recoup_cause *)left)->row,
                             *b = &((const recoup_cause *)right)->row;
    if (rank_of(a) != rank_of(b))
        return rank_of(a) - rank_of(b);
    if (!isnan(a->p_value) && a->p_value != b->p_value)
        return a->p_value < b->p_value ? -1 : 1;
    int order = strcmp(a->cause, b->cause);
    order = order ? order : strcmp(a->subject, b->subject);
    return order ? order : strcmp(a->test, b->test);
}

static recoup_status store(recoup_causes *causes) {
    const recoup_diagnosing *diagnosing = causes->diagnosing;
    if (!set_q_values(causes))
        return recoup_fail_memory(diagnosing->error);
    if (causes->n > 1)
        qsort(causes->cause, (size_t)causes->n, sizeof *causes->cause, compare_causes);
    for (int i = 0; i < causes->n; i++) {
        recoup_finding_row *row = recoup_records_add(diagnosing->results, RECOUP_RECORD_FINDING);
        if (!row || !causes->cause[i].row.subject || !causes->cause[i].row.sentence ||
            !causes->cause[i].row.lever)
            return recoup_fail_memory(diagnosing->error);
        *row = causes->cause[i].row;
    }
    return RECOUP_OK;
}

recoup_status recoup_diagnose_causes(const recoup_diagnosing *diagnosing) {
    static recoup_status (*const families[])(recoup_causes *) = {
        recoup_causes_skill, recoup_causes_process, recoup_causes_leaving, recoup_causes_motivation,
        recoup_causes_market};
    recoup_causes causes = {.diagnosing = diagnosing};
    recoup_status status = RECOUP_OK;
    for (size_t i = 0; i < sizeof families / sizeof *families && status == RECOUP_OK; i++)
        status = families[i](&causes);
    if (status == RECOUP_OK)
        status = store(&causes);
    free(causes.cause);
    return status;
}
