/* Models as text, and the parameters that draws have columns for. */
#ifndef RECOUP_TESTS_FIT_DRAW_COLUMNS_H
#define RECOUP_TESTS_FIT_DRAW_COLUMNS_H

#include "model/draws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static inline recoup_model *parse(const char *text) {
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_model *model;
    assert_int_equal(recoup_model_parse("m.yaml", text, strlen(text), &model, &error), RECOUP_OK);
    return model;
}

static inline int column_of(const recoup_draws *draws, const char *name) {
    for (int i = 0; i < draws->n_parameters; i++)
        if (strcmp(draws->name[i], name) == 0)
            return i;
    fail_msg("no parameter %s", name);
    return -1;
}

#endif
