/* Any bytes as a scenario and as a model: read, or refused with a message; never a crash, a leak or
 * a hang. A scenario that is read is written out and read again. */
#include "fuzz/input.h"

#include <recoup/model.h>
#include <recoup/scenario.h>
#include <stdlib.h>
#include <string.h>

static void read_scenario(const char *path) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_scenario *scenario = NULL;
    recoup_status status = recoup_scenario_load(path, &scenario, &error);
    if ((status == RECOUP_OK) != (error.n_errors == 0))
        __builtin_trap();
    char *text = NULL, again[FUZZ_PATH_SIZE];
    if (status == RECOUP_OK && recoup_scenario_format(scenario, &text, &error) == RECOUP_OK &&
        fuzz_write_input((const uint8_t *)text, strlen(text), again)) {
        recoup_scenario *second = NULL;
        if (recoup_scenario_load(again, &second, &error) != RECOUP_OK)
            __builtin_trap();
        recoup_scenario_free(second);
    }
    free(text);
    recoup_scenario_free(scenario);
    recoup_error_clear(&error);
}

static void read_model(const char *path) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model = NULL;
    recoup_status status = recoup_model_load(path, &model, &error);
    if ((status == RECOUP_OK) != (error.n_errors == 0))
        __builtin_trap();
    recoup_model_free(model);
    recoup_error_clear(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[FUZZ_PATH_SIZE];
    if (!fuzz_write_input(bytes, n, path))
        return 0;
    read_model(path);
    read_scenario(path);
    return 0;
}
