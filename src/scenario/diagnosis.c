#include "scenario/diagnosis.h"

#include "scenario/check.h"
#include "scenario/keys.h"

typedef struct diagnosis_keys {
    const recoup_node *target;
} diagnosis_keys;

static const recoup_field fields[] = {
    RECOUP_KEY("target", NODE, diagnosis_keys, target),
};
static const recoup_schema schema = RECOUP_SCHEMA("diagnosis", diagnosis_keys, fields);

static const char share[] = "a share above 0, at most 1, such as 25%";
static const recoup_field target_fields[] = {
    RECOUP_KEY("volume", NUMBER, recoup_gap_target, volume, .required = true, .max = 1e9,
               .open_min = true, .meaning = "a number of deals above 0, at most 1e9"),
    RECOUP_KEY("win_rate", NUMBER, recoup_gap_target, win_rate, .required = true, .max = 1,
               .open_min = true, .meaning = share),
    RECOUP_KEY("value", NUMBER, recoup_gap_target, value, .required = true, .max = RECOUP_MONEY_MAX,
               .open_min = true, .meaning = "an amount of money above 0, at most 1e15"),
    RECOUP_KEY("velocity", NUMBER, recoup_gap_target, velocity, .required = true, .max = 1,
               .open_min = true, .meaning = share),
};
static const recoup_schema target_schema =
    RECOUP_SCHEMA("target", recoup_gap_target, target_fields);

recoup_status recoup_diagnosis_read(recoup_document *document, const recoup_node *node,
                                    recoup_diagnosis_keys *diagnosis, recoup_error *error) {
    diagnosis_keys keys = {0};
    *diagnosis = (recoup_diagnosis_keys){0};
    if (!node)
        return RECOUP_OK;
    recoup_status status = recoup_bind(document, node, &schema, &keys, error);
    if (!keys.target)
        return status;
    diagnosis->has_target = true;
    return recoup_worse(
        status, recoup_bind(document, keys.target, &target_schema, &diagnosis->target, error));
}

void recoup_diagnosis_format(const recoup_diagnosis_keys *diagnosis, recoup_writer *writer) {
    if (!diagnosis->has_target)
        return;
    recoup_write_open(writer, "diagnosis");
    recoup_write_open(writer, "target");
    recoup_write_number(writer, "volume", diagnosis->target.volume);
    recoup_write_number(writer, "win_rate", diagnosis->target.win_rate);
    recoup_write_number(writer, "value", diagnosis->target.value);
    recoup_write_number(writer, "velocity", diagnosis->target.velocity);
    recoup_write_close(writer);
    recoup_write_close(writer);
}
