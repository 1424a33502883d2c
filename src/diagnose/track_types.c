/* The fields of tracking's records, one table each: what JSON calls them. */
#include <recoup/track.h>

#define FIELDS(of) (int)(sizeof(of) / sizeof *(of))

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_track_week_row, name), units, long_name }
static const recoup_record_field week_fields[] = {
    FIELD(source, TEXT, NULL, "file or scenario"),
    FIELD(plan, TEXT, NULL, "plan"),
    FIELD(as_of, DATE, NULL, "as-of date"),
    FIELD(quota, NUMBER, "currency", "quota of the period"),
    FIELD(booked, NUMBER, "currency", "booked in the period before the as-of date"),
    FIELD(expected, NUMBER, "currency", "expected bookings of the period"),
    FIELD(low, NUMBER, "currency", "10 % quantile of bookings"),
    FIELD(high, NUMBER, "currency", "90 % quantile of bookings"),
    FIELD(gap, NUMBER, "currency", "quota less expected bookings"),
    FIELD(hit_probability, NUMBER, "1", "P(bookings >= quota)"),
    FIELD(hit_probability_se, NUMBER, "1", "its Monte Carlo standard error"),
    FIELD(hit_probability_low, NUMBER, "1", "5 % quantile over parameter draws"),
    FIELD(hit_probability_high, NUMBER, "1", "95 % quantile over parameter draws"),
    FIELD(open_amount, NUMBER, "currency", "amount of the open deals"),
    FIELD(coverage, NUMBER, "1", "open amount / (quota - booked)"),
    FIELD(coverage_needed, NUMBER, "1", "open amount / (expected - booked)"),
    FIELD(created, NUMBER, "1", "new deals of the period so far"),
    FIELD(volume, NUMBER, "1", "deals in play in the period, as expected"),
    FIELD(win_rate, NUMBER, "1", "share of them that is won in the end"),
    FIELD(value, NUMBER, "currency", "mean amount of a win"),
    FIELD(velocity, NUMBER, "1", "share of the wins that come within the period"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_track_change_row, name), units, long_name }
static const recoup_record_field change_fields[] = {
    FIELD(from, DATE, NULL, "as-of date before"),
    FIELD(to, DATE, NULL, "as-of date after"),
    FIELD(factor, TEXT, NULL, "factor of bookings"),
    FIELD(from_value, NUMBER, "1", "value before"),
    FIELD(to_value, NUMBER, "1", "value after"),
    FIELD(effect, NUMBER, "currency", "its effect on expected bookings"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    {                                                                                              \
#name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_track_forecast_row, name), units,       \
            long_name                                                                              \
    }
static const recoup_record_field forecast_fields[] = {
    FIELD(made, DATE, NULL, "as-of date of the forecast"),
    FIELD(due, DATE, NULL, "as-of date of the next one"),
    FIELD(actual, NUMBER, "currency", "booked by then"),
    FIELD(median, NUMBER, "currency", "median of the forecast"),
    FIELD(low, NUMBER, "currency", "its 10 % quantile"),
    FIELD(high, NUMBER, "currency", "its 90 % quantile"),
    FIELD(position, NUMBER, "1", "quantile at which the actual lies"),
    FIELD(is_covered, INT, "1", "1: within 10 to 90 %"),
    FIELD(score, NUMBER, "currency", "continuous ranked probability score"),
    FIELD(created, NUMBER, "1", "new deals between the two dates"),
    FIELD(created_expected, NUMBER, "1", "new deals that the forecast expected"),
    FIELD(created_low, NUMBER, "1", "its 10 % quantile of new deals"),
    FIELD(created_high, NUMBER, "1", "its 90 % quantile of new deals"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_track_flag_row, name), units, long_name }
static const recoup_record_field flag_fields[] = {
    FIELD(as_of, DATE, NULL, "as-of date"),
    FIELD(flag, TEXT, NULL, "what it warns of"),
    FIELD(rule, TEXT, NULL, "when it is raised"),
    FIELD(value, NUMBER, "1", "what was found"),
    FIELD(threshold, NUMBER, "1", "what it is held against"),
    FIELD(evidence, TEXT, NULL, "the evidence in words"),
};
#undef FIELD

#define FIELD(name, kind, units, long_name)                                                        \
    { #name, RECOUP_RECORD_FIELD_##kind, offsetof(recoup_track_due_row, name), units, long_name }
static const recoup_record_field due_fields[] = {
    FIELD(state, TEXT, NULL, "overdue, this week, next or later"),
    FIELD(due, DATE, NULL, "due"),
    FIELD(plan, TEXT, NULL, "plan"),
    FIELD(kind, TEXT, NULL, "action or review"),
    FIELD(what, TEXT, NULL, "what is to be done"),
    FIELD(owner, TEXT, NULL, "by whom"),
    FIELD(measure, TEXT, NULL, "how it is measured"),
};
#undef FIELD

#define TYPE(id, name, long_name)                                                                  \
    [RECOUP_TRACK_##id] = {#name, long_name, sizeof(recoup_track_##name##_row),                    \
                           FIELDS(name##_fields), name##_fields},

const recoup_record_type recoup_track_types[RECOUP_N_TRACK] = {RECOUP_TRACK_LIST(TYPE)};
