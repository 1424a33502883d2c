/* summary.h5: the plans of all scenarios, by scenario and plan. */
#include "batch/summary.h"
#include "hdf5/hdf5.h"

#include "base/file.h"
#include "base/names.h"
#include "base/text.h"
#include <ctype.h>
#include <math.h>
#include <recoup/version.h>
#include <stdlib.h>
#include <string.h>

enum { SCENARIO, PLAN, N_DIMENSIONS };
static const char *const dimension_name[N_DIMENSIONS] = {"scenario", "plan"};

/* One variable: of scenarios, of plans, or of both. */
typedef struct variable {
    const char *name, *units, *long_name;
    const char *key; /* of a swept value: its path */
    bool by_scenario, by_plan;
    double *number;    /* NULL: texts */
    const char **text; /* borrowed */
} variable;

typedef struct summary {
    const recoup_batch *batch;
    int n_scenarios, n_plans;
    const recoup_batch_scenario **scenario; /* those with results */
    recoup_names plans;                     /* of any of them */
    const char *currency;                   /* of all of them; NULL: they differ, or have none */
    variable *variable;                     /* the coordinates first */
    int n_variables;
    recoup_names names; /* of variables */
    recoup_arena arena;
} summary;

/* --- tables ----------------------------------------------------------------------------------- */

/* The next variable, zeroed; NULL: out of memory. There is room for all. */
static variable *add_variable(summary *s, const char *name, bool by_scenario, bool by_plan,
                              bool is_text) {
    variable *v = &s->variable[s->n_variables];
    size_t n = (size_t)(by_scenario ? s->n_scenarios : 1) * (size_t)(by_plan ? s->n_plans : 1);
    int index = recoup_names_add(&s->names, name);
    if (index < 0)
        return NULL;
    *v = (variable){.name = s->names.name[index], .by_scenario = by_scenario, .by_plan = by_plan};
    if (is_text)
        v->text = recoup_arena_alloc(&s->arena, n, sizeof *v->text);
    else
        v->number = recoup_arena_alloc(&s->arena, n, sizeof *v->number);
    if (!v->text && !v->number)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (v->text)
            v->text[i] = "";
        else
            v->number[i] = NAN;
    }
    s->n_variables++;
    return v;
}

static bool add_coordinates(summary *s) {
    variable *scenario = add_variable(s, "scenario", true, false, true);
    variable *plan = scenario ? add_variable(s, "plan", false, true, true) : NULL;
    if (!plan)
        return false;
    scenario->long_name = "scenario: the name of its results file";
    plan->long_name = "plan";
    for (int i = 0; i < s->n_scenarios; i++)
        scenario->text[i] = s->scenario[i]->name;
    for (int p = 0; p < s->n_plans; p++)
        plan->text[p] = s->plans.name[p];
    return true;
}

static bool add_field(summary *s, int field) {
    const recoup_batch_field *of = &recoup_batch_fields[field];
    variable *v = add_variable(s, of->name, true, true, false);
    if (!v)
        return false;
    v->units = strcmp(of->units, "currency") == 0 ? s->currency : of->units;
    v->long_name = of->long_name;
    for (int i = 0; i < s->n_scenarios; i++)
        for (int p = 0; p < s->scenario[i]->n_plans; p++) {
            const recoup_batch_plan *plan = &s->scenario[i]->plan[p];
            int at = recoup_names_find(&s->plans, plan->name);
            v->number[(size_t)i * (size_t)s->n_plans + (size_t)at] = plan->value[field];
        }
    return true;
}

/* What summary.csv says of a scenario, apart from its plans. */
static bool add_scenario_texts(summary *s) {
    variable *title = add_variable(s, "title", true, false, true);
    variable *currency = title ? add_variable(s, "currency", true, false, true) : NULL;
    variable *estimator = currency ? add_variable(s, "estimator", true, false, true) : NULL;
    variable *hit = estimator ? add_variable(s, "hit_estimator", true, false, true) : NULL;
    variable *file = hit ? add_variable(s, "file", true, false, true) : NULL;
    for (int i = 0; file && i < s->n_scenarios; i++) {
        title->text[i] = s->scenario[i]->title;
        currency->text[i] = s->scenario[i]->currency;
        estimator->text[i] = s->scenario[i]->estimator;
        hit->text[i] = s->scenario[i]->hit_estimator;
        file->text[i] = s->scenario[i]->file;
    }
    if (file)
        file->long_name = "scenario file";
    return file != NULL;
}

static bool add_scenario_numbers(summary *s) {
    variable *quota = add_variable(s, "quota", true, false, false);
    variable *booked = quota ? add_variable(s, "booked", true, false, false) : NULL;
    variable *paths = booked ? add_variable(s, "paths", true, false, false) : NULL;
    variable *draws = paths ? add_variable(s, "parameter_draws", true, false, false) : NULL;
    if (!draws)
        return false;
    quota->units = booked->units = s->currency;
    quota->long_name = "target of the period";
    booked->long_name = "booked before the as-of date";
    paths->units = draws->units = "1";
    paths->long_name = "simulated paths";
    draws->long_name = "parameter draws";
    for (int i = 0; i < s->n_scenarios; i++) {
        quota->number[i] = s->scenario[i]->quota;
        booked->number[i] = s->scenario[i]->booked;
        paths->number[i] = (double)s->scenario[i]->paths;
        draws->number[i] = (double)s->scenario[i]->parameter_draws;
    }
    return true;
}

/* sweep_ and the path with everything but letters and digits as `_`; with a number behind it where
 * that is in use. */
static bool add_key_name(const summary *s, const char *key, recoup_text *name) {
    recoup_text plain = {0};
    recoup_text_add(&plain, "sweep_");
    for (const char *p = key; *p; p++)
        recoup_text_add(&plain, "%c", isalnum((unsigned char)*p) ? *p : '_');
    recoup_text_add(name, "%s", plain.failed ? "" : plain.bytes);
    for (int number = 2; !name->failed && recoup_names_find(&s->names, name->bytes) >= 0;
         number++) {
        recoup_text_clear(name);
        recoup_text_add(name, "%s_%d", plain.failed ? "" : plain.bytes, number);
    }
    bool made = !plain.failed && !name->failed;
    recoup_text_clear(&plain);
    return made;
}

/* The values of a key: numbers where all of them are. */
static bool add_key(summary *s, int key) {
    recoup_text name = {0};
    bool is_number = true;
    double x;
    for (int i = 0; i < s->n_scenarios; i++) {
        const char *value = s->scenario[i]->value[key];
        is_number &= !value || recoup_number_parse(value, &x);
    }
    variable *v = NULL;
    if (add_key_name(s, s->batch->key[key], &name))
        v = add_variable(s, name.bytes, true, false, !is_number);
    recoup_text_clear(&name);
    if (!v)
        return false;
    v->key = s->batch->key[key];
    v->long_name = "swept value";
    for (int i = 0; i < s->n_scenarios; i++) {
        const char *value = s->scenario[i]->value[key];
        if (value && is_number)
            recoup_number_parse(value, &v->number[i]);
        else if (value)
            v->text[i] = value;
    }
    return true;
}

/* The scenarios with results, all their plans, and the currency that they share. */
static bool gather(summary *s) {
    const recoup_batch *batch = s->batch;
    bool is_shared = true;
    s->scenario = recoup_arena_alloc(&s->arena, (size_t)batch->n_scenarios, sizeof *s->scenario);
    if (!s->scenario)
        return false;
    for (int i = 0; i < batch->n_scenarios; i++) {
        const recoup_batch_scenario *scenario = &batch->scenario[i];
        if (!recoup_batch_has_results(scenario))
            continue;
        s->scenario[s->n_scenarios++] = scenario;
        is_shared &= strcmp(scenario->currency, s->scenario[0]->currency) == 0;
        for (int p = 0; p < scenario->n_plans; p++)
            if (recoup_names_add(&s->plans, scenario->plan[p].name) < 0)
                return false;
    }
    s->n_plans = s->plans.n;
    s->currency = is_shared && s->n_scenarios > 0 ? s->scenario[0]->currency : NULL;
    return true;
}

static bool make_summary(summary *s) {
    enum { N_SCENARIO_VARIABLES = 9 };
    if (!gather(s))
        return false;
    int n = N_DIMENSIONS + recoup_n_batch_fields + N_SCENARIO_VARIABLES + s->batch->n_keys;
    s->variable = recoup_arena_alloc(&s->arena, (size_t)n, sizeof *s->variable);
    bool made = s->variable && add_coordinates(s);
    for (int field = 0; made && field < recoup_n_batch_fields; field++)
        made = add_field(s, field);
    made = made && add_scenario_numbers(s) && add_scenario_texts(s);
    for (int key = 0; made && key < s->batch->n_keys; key++)
        made = add_key(s, key);
    return made;
}

/* --- the file --------------------------------------------------------------------------------- */

static int shape_of(const summary *s, const variable *v, hsize_t size[N_DIMENSIONS],
                    const char *scale[N_DIMENSIONS]) {
    int rank = 0;
    if (v->by_scenario) {
        scale[rank] = dimension_name[SCENARIO];
        size[rank++] = (hsize_t)s->n_scenarios;
    }
    if (v->by_plan) {
        scale[rank] = dimension_name[PLAN];
        size[rank++] = (hsize_t)s->n_plans;
    }
    return rank;
}

static bool write_attributes(hid_t dataset, const variable *v) {
    const double missing = NAN;
    return recoup_hdf5_write_text(dataset, "long_name", v->long_name) &&
           recoup_hdf5_write_text(dataset, "units", v->units) &&
           recoup_hdf5_write_text(dataset, "key", v->key) &&
           (v->text ||
            recoup_hdf5_write_numbers(dataset, "_FillValue", H5T_IEEE_F64LE, &missing, 1));
}

static bool write_variable(const summary *s, hid_t file, int index) {
    const variable *v = &s->variable[index];
    const double missing = NAN;
    const char *scale[N_DIMENSIONS];
    hsize_t size[N_DIMENSIONS];
    int rank = shape_of(s, v, size, scale);
    hid_t space = H5Screate_simple(rank, size, NULL), properties = recoup_hdf5_properties();
    hid_t type = v->text ? recoup_hdf5_text_type() : H5Tcopy(H5T_NATIVE_DOUBLE);
    hid_t on_file = v->text ? recoup_hdf5_text_type() : H5Tcopy(H5T_IEEE_F64LE);
    bool ready = space >= 0 && properties >= 0 && type >= 0 && on_file >= 0;
    if (ready && !v->text)
        ready = H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &missing) >= 0 &&
                recoup_hdf5_pack(properties, rank, size);
    hid_t dataset =
        ready ? H5Dcreate2(file, v->name, on_file, space, H5P_DEFAULT, properties, H5P_DEFAULT)
              : -1;
    bool written = dataset >= 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                            v->text ? (const void *)v->text : v->number) >= 0;
    if (written && index < N_DIMENSIONS)
        written = recoup_hdf5_write_scale(dataset, v->name);
    else if (written)
        written = recoup_hdf5_write_dimension_list(file, dataset, scale, rank);
    written = written && write_attributes(dataset, v);
    if (dataset >= 0)
        H5Dclose(dataset);
    H5Sclose(space);
    H5Pclose(properties);
    H5Tclose(type);
    H5Tclose(on_file);
    return written;
}

/* Which variables use a dimension. */
static bool write_uses(const summary *s, hid_t file, int dimension) {
    recoup_hdf5_use *use = RECOUP_NEW(recoup_hdf5_use, s->n_variables);
    int n = 0;
    for (int i = N_DIMENSIONS; use && i < s->n_variables; i++) {
        const variable *v = &s->variable[i];
        if (dimension == SCENARIO ? v->by_scenario : v->by_plan)
            use[n++] = (recoup_hdf5_use){v->name, dimension == PLAN && v->by_scenario ? 1 : 0};
    }
    hid_t scale = use ? H5Dopen2(file, dimension_name[dimension], H5P_DEFAULT) : -1;
    bool written = scale >= 0 && recoup_hdf5_write_reference_list(file, scale, use, n);
    if (scale >= 0)
        H5Dclose(scale);
    free(use);
    return written;
}

static recoup_status write_file(hid_t file, const void *of) {
    const summary *s = of;
    const int version[] = {1, 0};
    bool written = recoup_hdf5_write_text(file, "filetype", "recoup batch summary") &&
                   recoup_hdf5_write_numbers(file, "format_version", H5T_STD_I32LE, version, 2) &&
                   recoup_hdf5_write_text(file, "Conventions", "CF-1.10") &&
                   recoup_hdf5_write_text(file, "recoup_version", recoup_version()) &&
                   recoup_hdf5_write_text(file, "git_sha1", recoup_git_sha1());
    for (int i = 0; written && i < s->n_variables; i++)
        written = write_variable(s, file, i);
    for (int d = 0; written && d < N_DIMENSIONS; d++)
        written = write_uses(s, file, d);
    return written ? RECOUP_OK : RECOUP_EIO;
}

/* --- reading it back -------------------------------------------------------------------------- */

static bool same_texts(hid_t dataset, const variable *v, size_t n) {
    hid_t type = recoup_hdf5_text_type(), space = H5Dget_space(dataset);
    char **text = RECOUP_NEW(char *, n);
    bool read = text && type >= 0 && space >= 0 &&
                H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    bool same = read;
    for (size_t i = 0; same && i < n; i++)
        same = strcmp(text[i] ? text[i] : "", v->text[i]) == 0;
    if (read)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, text);
    free(text);
    H5Sclose(space);
    H5Tclose(type);
    return same;
}

static bool same_variable(const summary *s, hid_t file, const variable *v) {
    hsize_t size[N_DIMENSIONS] = {1, 1};
    const char *scale[N_DIMENSIONS];
    shape_of(s, v, size, scale);
    size_t n = (size_t)(size[SCENARIO] * size[PLAN]);
    hid_t dataset = H5Dopen2(file, v->name, H5P_DEFAULT);
    double *number = v->text ? NULL : RECOUP_NEW(double, n);
    bool same = dataset >= 0;
    if (same && v->text)
        same = same_texts(dataset, v, n);
    else if (same)
        same = number &&
               H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, number) >= 0 &&
               memcmp(number, v->number, n * sizeof *number) == 0;
    if (dataset >= 0)
        H5Dclose(dataset);
    free(number);
    return same;
}

static bool reads_back(const char *path, const void *of, recoup_error *error) {
    const summary *s = of;
    char *bytes = NULL;
    size_t length = 0;
    hid_t file = -1;
    bool same = recoup_file_read(path, &bytes, &length, error) == RECOUP_OK &&
                recoup_hdf5_open(bytes, length, &file) == RECOUP_HDF5_OPEN;
    for (int i = 0; same && i < s->n_variables; i++)
        same = same_variable(s, file, &s->variable[i]);
    if (file >= 0)
        H5Fclose(file);
    free(bytes);
    return same;
}

recoup_status recoup_batch_write_hdf5(const recoup_batch *batch, const char *folder,
                                      recoup_error *error) {
    summary s = {.batch = batch};
    recoup_text path = {0};
    recoup_text_add(&path, "%s/summary.h5", folder);
    const recoup_hdf5_content content = {
        .what = "the summary", .of = &s, .write = write_file, .reads_back = reads_back};
    recoup_status status = !path.failed && make_summary(&s)
                               ? recoup_hdf5_replace(path.bytes, &content, error)
                               : recoup_fail_memory(error);
    recoup_text_clear(&path);
    recoup_names_clear(&s.plans);
    recoup_names_clear(&s.names);
    recoup_arena_clear(&s.arena);
    return status;
}
