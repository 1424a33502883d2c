/* The fields of every record, one table each: what files, JSON and CSV call them. */
#include "results/records.h"

#define FIELDS(of) (int)(sizeof(of) / sizeof *(of))

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_document_row, name), units, long_name }
static const recoup_record_field document_fields[] = {
    FIELD(plan, TEXT, NULL, "plan"),
    FIELD(owner, TEXT, NULL, "who is responsible"),
    FIELD(team, TEXT, NULL, "who supports"),
    FIELD(help, TEXT, NULL, "help that is needed"),
    FIELD(investment, TEXT, NULL, "what it takes"),
    FIELD(implication, TEXT, NULL, "what follows from missing the quota"),
    FIELD(incentive, TEXT, NULL, "what hitting it is worth"),
    FIELD(start, DATE, NULL, "start"),
    FIELD(review, DATE, NULL, "reassessment"),
    FIELD(cost, NUMBER, "currency", "cost of the levers"),
    FIELD(hours, NUMBER, "hours", "selling time that the levers take"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_lever_row, name), units, long_name }
static const recoup_record_field lever_fields[] = {
    FIELD(plan, TEXT, NULL, "plan"),
    FIELD(kind, TEXT, NULL, "kind of the lever"),
    FIELD(keys, TEXT, NULL, "its own keys, YAML"),
    FIELD(owner, TEXT, NULL, "who is responsible"),
    FIELD(evidence, TEXT, NULL, "what its effect is known from"),
    FIELD(start, DATE, NULL, "start"),
    FIELD(ramp_days, NUMBER, "days", "days until it is in full force"),
    FIELD(cost, NUMBER, "currency", "cost"),
    FIELD(hours, NUMBER, "hours", "selling time that it takes"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_action_row, name), units, long_name }
static const recoup_record_field action_fields[] = {
    FIELD(plan, TEXT, NULL, "plan"),     FIELD(what, TEXT, NULL, "what is to be done"),
    FIELD(owner, TEXT, NULL, "by whom"), FIELD(measure, TEXT, NULL, "how it is measured"),
    FIELD(due, DATE, NULL, "due"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_standing_row, name), units, long_name }
static const recoup_record_field standing_fields[] = {
    FIELD(level, TEXT, NULL, "team, cohort or rep"),
    FIELD(name, TEXT, NULL, "its name"),
    FIELD(cohort, TEXT, NULL, "the rep's cohort"),
    FIELD(status, TEXT, NULL, "the rep's status"),
    FIELD(quota, NUMBER, "currency", "quota of the period"),
    FIELD(booked, NUMBER, "currency", "booked in the period before the as-of date"),
    FIELD(n_open, INT, "1", "open deals"),
    FIELD(open_amount, NUMBER, "currency", "amount of the open deals"),
    FIELD(expected, NUMBER, "currency", "expected bookings of the period"),
    FIELD(low, NUMBER, "currency", "10 % quantile of bookings"),
    FIELD(high, NUMBER, "currency", "90 % quantile of bookings"),
    FIELD(hit_probability, NUMBER, "1", "P(bookings >= quota)"),
    FIELD(gap, NUMBER, "currency", "quota less expected bookings"),
    FIELD(gap_low, NUMBER, "currency", "quota less the 90 % quantile of bookings"),
    FIELD(gap_high, NUMBER, "currency", "quota less the 10 % quantile of bookings"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_gap_row, name), units, long_name }
static const recoup_record_field gap_fields[] = {
    FIELD(reference, TEXT, NULL, "what the period is held against"),
    FIELD(cohort, TEXT, NULL, "cohort; empty: the team"),
    FIELD(factor, TEXT, NULL, "factor of bookings"),
    FIELD(unit, TEXT, NULL, "unit of the two values"),
    FIELD(reference_value, NUMBER, "1", "the factor in the reference"),
    FIELD(value, NUMBER, "1", "the factor in the period, as expected"),
    FIELD(effect, NUMBER, "currency", "its effect on bookings"),
    FIELD(effect_low, NUMBER, "currency", "2.5 % quantile of the effect over parameter draws"),
    FIELD(effect_high, NUMBER, "currency", "97.5 % quantile of the effect over parameter draws"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_finding_row, name), units, long_name }
static const recoup_record_field finding_fields[] = {
    FIELD(cause, TEXT, NULL, "skill, process, motivation or market"),
    FIELD(verdict, TEXT, NULL, "found, not found or not enough data"),
    FIELD(subject, TEXT, NULL, "what is compared"),
    FIELD(test, TEXT, NULL, "test"),
    FIELD(stage, TEXT, NULL, "stage"),
    FIELD(cohort, TEXT, NULL, "cohort"),
    FIELD(segment, TEXT, NULL, "segment"),
    FIELD(competitor, TEXT, NULL, "competitor"),
    FIELD(since, DATE, NULL, "date of the change"),
    FIELD(n, INT, "1", "observations"),
    FIELD(n_reference, INT, "1", "observations of the reference"),
    FIELD(value, NUMBER, "1", "value here"),
    FIELD(reference, NUMBER, "1", "value of the reference"),
    FIELD(effect, NUMBER, "1", "value against the reference, in the unit of the effect"),
    FIELD(effect_low, NUMBER, "1", "lower end of its 95 % interval"),
    FIELD(effect_high, NUMBER, "1", "upper end of its 95 % interval"),
    FIELD(unit, TEXT, NULL, "unit of the effect"),
    FIELD(p_value, NUMBER, "1", "two-sided p-value"),
    FIELD(q_value, NUMBER, "1", "p-value after Benjamini and Hochberg over all tests"),
    FIELD(sentence, TEXT, NULL, "the finding in words"),
    FIELD(lever, TEXT, NULL, "the matching lever, YAML"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_spread_row, name), units, long_name }
static const recoup_record_field spread_fields[] = {
    FIELD(measure, TEXT, NULL, "win rate, conversion, dwell or amount"),
    FIELD(stage, TEXT, NULL, "stage"),
    FIELD(unit, TEXT, NULL, "unit of the values"),
    FIELD(n_reps, INT, "1", "reps with observations"),
    FIELD(n, INT, "1", "observations"),
    FIELD(team, NUMBER, "1", "value of the team"),
    FIELD(sd, NUMBER, "1", "standard deviation between reps, chance taken out"),
    FIELD(p_value, NUMBER, "1", "p-value of no difference between reps of a cohort"),
    FIELD(q_value, NUMBER, "1", "p-value after Benjamini and Hochberg over all rows"),
    FIELD(top, NUMBER, "1", "value of the top 10 % of reps"),
    FIELD(middle, NUMBER, "1", "value of the reps between"),
    FIELD(bottom, NUMBER, "1", "value of the bottom 10 % of reps"),
    FIELD(before, NUMBER, "1", "value of the team before the recent window"),
    FIELD(recent, NUMBER, "1", "value of the team in the recent window"),
    FIELD(change_p_value, NUMBER, "1", "p-value of no change of the team"),
    FIELD(change_q_value, NUMBER, "1", "p-value after Benjamini and Hochberg over all rows"),
    FIELD(verdict, TEXT, NULL, "individual, systemic, both, no difference or not enough data"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_shortfall_row, name), units, long_name }
static const recoup_record_field shortfall_fields[] = {
    FIELD(start, DATE, NULL, "first day of the period"),
    FIELD(end, DATE, NULL, "day after its last"),
    FIELD(n_reps, INT, "1", "reps with a quota, there from its start on"),
    FIELD(n_short, INT, "1", "reps below today's quota"),
    FIELD(share, NUMBER, "1", "share of reps below quota"),
    FIELD(share_low, NUMBER, "1", "lower end of its 95 % interval"),
    FIELD(share_high, NUMBER, "1", "upper end of its 95 % interval"),
    FIELD(n_again, INT, "1", "reps below quota in the period before, too"),
    FIELD(again, NUMBER, "1", "share of those below quota before who are again"),
    FIELD(again_expected, NUMBER, "1", "the same if it were chance"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_skill_row, name), units, long_name }
static const recoup_record_field skill_fields[] = {
    FIELD(rep, TEXT, NULL, "rep"),
    FIELD(cohort, TEXT, NULL, "cohort"),
    FIELD(stage, TEXT, NULL, "stage"),
    FIELD(n, INT, "1", "deals that entered the stage"),
    FIELD(conversion, NUMBER, "1", "P(advance), shrunk to the cohort"),
    FIELD(low, NUMBER, "1", "lower end of its 95 % interval"),
    FIELD(high, NUMBER, "1", "upper end of its 95 % interval"),
    FIELD(team, NUMBER, "1", "what the team converts of deals like these"),
    FIELD(verdict, TEXT, NULL, "above, below, as the team or not enough data"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_swot_row, name), units, long_name }
static const recoup_record_field swot_fields[] = {
    FIELD(quadrant, TEXT, NULL, "strength, weakness, opportunity or threat"),
    FIELD(dimension, TEXT, NULL, "what deals are grouped by"),
    FIELD(name, TEXT, NULL, "group"),
    FIELD(test, TEXT, NULL, "level, change or share"),
    FIELD(n, INT, "1", "deals"),
    FIELD(value, NUMBER, "1", "win rate, conversion or share of new deals"),
    FIELD(low, NUMBER, "1", "lower end of its 95 % interval"),
    FIELD(high, NUMBER, "1", "upper end of its 95 % interval"),
    FIELD(reference, NUMBER, "1", "the same of the others, or before"),
    FIELD(q_value, NUMBER, "1", "p-value after Benjamini and Hochberg"),
    FIELD(sentence, TEXT, NULL, "in words"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_benchmark_row, name), units, long_name }
static const recoup_record_field benchmark_fields[] = {
    FIELD(measure, TEXT, NULL, "measure"),
    FIELD(unit, TEXT, NULL, "unit"),
    FIELD(stage, TEXT, NULL, "stage"),
    FIELD(n, INT, "1", "deals"),
    FIELD(value, NUMBER, "1", "our value"),
    FIELD(low, NUMBER, "1", "lower end of its 95 % interval"),
    FIELD(high, NUMBER, "1", "upper end of its 95 % interval"),
    FIELD(benchmark, NUMBER, "1", "the benchmark"),
    FIELD(source, TEXT, NULL, "where the benchmark is from"),
    FIELD(verdict, TEXT, NULL, "above, below, no clear difference or not enough data"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_loss_row, name), units, long_name }
static const recoup_record_field loss_fields[] = {
    FIELD(reason, TEXT, NULL, "reason"),
    FIELD(n, INT, "1", "lost deals"),
    FIELD(share, NUMBER, "1", "share of the lost deals"),
    FIELD(amount, NUMBER, "currency", "amount"),
    FIELD(n_before, INT, "1", "deals lost before the recent window"),
    FIELD(n_recent, INT, "1", "deals lost in the recent window"),
    FIELD(before, NUMBER, "1", "share of the deals lost before the recent window"),
    FIELD(recent, NUMBER, "1", "share of the deals lost in the recent window"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_review_row, name), units, long_name }
static const recoup_record_field review_fields[] = {
    FIELD(group, TEXT, NULL, "whose view"),
    FIELD(note, TEXT, NULL, "note"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_hygiene_row, name), units, long_name }
static const recoup_record_field hygiene_fields[] = {
    FIELD(deal, TEXT, NULL, "deal"),
    FIELD(rep, TEXT, NULL, "rep"),
    FIELD(stage, TEXT, NULL, "stage"),
    FIELD(amount, NUMBER, "currency", "amount"),
    FIELD(created, DATE, NULL, "created"),
    FIELD(stage_days, NUMBER, "days", "days in the stage"),
    FIELD(age_days, NUMBER, "days", "days since it was created"),
    FIELD(win_probability, NUMBER, "1", "P(won within the period)"),
    FIELD(expected, NUMBER, "currency", "expected bookings within the period"),
    FIELD(rules, TEXT, NULL, "rules that it matches"),
    FIELD(disposition, TEXT, NULL, "keep, nurture or close-lost"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_rule_row, name), units, long_name }
static const recoup_record_field rule_fields[] = {
    FIELD(rule, TEXT, NULL, "rule"),
    FIELD(meaning, TEXT, NULL, "what it says"),
    FIELD(n_deals, INT, "1", "open deals that match; -1: cannot be told"),
    FIELD(share, NUMBER, "1", "share of the open deals"),
    FIELD(amount, NUMBER, "currency", "their amount"),
    FIELD(expected, NUMBER, "currency", "their expected bookings within the period"),
    FIELD(missing, TEXT, NULL, "the column that is lacking"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_forecast_row, name), units, long_name }
static const recoup_record_field forecast_fields[] = {
    FIELD(pipeline, TEXT, NULL, "as is or scrubbed"),
    FIELD(n_open, INT, "1", "open deals"),
    FIELD(open_amount, NUMBER, "currency", "amount of the open deals"),
    FIELD(expected, NUMBER, "currency", "expected bookings of the period"),
    FIELD(hit_probability, NUMBER, "1", "P(bookings >= quota)"),
    FIELD(hit_probability_se, NUMBER, "1", "its Monte Carlo standard error"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_quality_row, name), units, long_name }
static const recoup_record_field quality_fields[] = {
    FIELD(table, TEXT, NULL, "table"),
    FIELD(column, TEXT, NULL, "column"),
    FIELD(problem, TEXT, NULL, "problem"),
    FIELD(n, INT, "1", "rows with it"),
    FIELD(n_rows, INT, "1", "rows"),
    FIELD(share, NUMBER, "1", "share of the rows"),
    FIELD(meaning, TEXT, NULL, "what follows from it"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_pace_row, name), units, long_name }
static const recoup_record_field pace_fields[] = {
    FIELD(rep, TEXT, NULL, "rep"),
    FIELD(cohort, TEXT, NULL, "cohort"),
    FIELD(goal, TEXT, NULL, "period or next month"),
    FIELD(until, DATE, NULL, "last day of the goal"),
    FIELD(number, NUMBER, "currency", "what is to be booked in it"),
    FIELD(expected, NUMBER, "currency", "expected bookings in it"),
    FIELD(gap, NUMBER, "currency", "number less expected bookings"),
    FIELD(win, NUMBER, "1", "P(a new deal is won in time)"),
    FIELD(n_deals, INT, "1", "deals to be won beside"),
    FIELD(n_weeks, INT, "1", "weeks to create them in"),
    FIELD(created, NUMBER, "1", "new deals a week for them, on average"),
    FIELD(created_sure, NUMBER, "1", "the same, 80 % sure"),
    FIELD(calls, NUMBER, "1", "calls a week for them, on average"),
    FIELD(calls_sure, NUMBER, "1", "the same, 80 % sure"),
    FIELD(calls_now, NUMBER, "1", "calls a week in the last four weeks"),
    FIELD(verdict, TEXT, NULL, "on track, behind or too late"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_inflow_row, name), units, long_name }
static const recoup_record_field inflow_fields[] = {
    FIELD(until, DATE, NULL, "last day counted"),
    FIELD(created, NUMBER, "1", "new deals of the period up to then: counted, then expected"),
    FIELD(low, NUMBER, "1", "10 % quantile"),
    FIELD(high, NUMBER, "1", "90 % quantile"),
};
#undef FIELD

#define TYPE(id, name, long_name)                                                                  \
    [RECOUP_RECORD_##id] = {#name, long_name, sizeof(recoup_##name##_row), FIELDS(name##_fields),  \
                            name##_fields},

const recoup_record_type recoup_record_types[RECOUP_N_RECORDS] = {RECOUP_RECORD_LIST(TYPE)};
