#include "base/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_texts[] = {
#define X(code, text, exit_status) [code] = text,
    RECOUP_STATUS_LIST(X)
#undef X
};

static const int status_exits[] = {
#define X(code, text, exit_status) [code] = exit_status,
    RECOUP_STATUS_LIST(X)
#undef X
};

const char *recoup_status_text(recoup_status status) {
    size_t i = (size_t)status;
    return i < sizeof status_texts / sizeof *status_texts ? status_texts[i] : "unknown status";
}

int recoup_status_exit(recoup_status status) {
    size_t i = (size_t)status;
    return i < sizeof status_exits / sizeof *status_exits ? status_exits[i] : 1;
}

void recoup_error_clear(recoup_error *error) {
    if (!error)
        return;
    for (size_t i = 0; i < error->n_problems; i++) {
        recoup_problem *problem = &error->problems[i];
        free(problem->file);
        free(problem->field);
        free(problem->message);
        free(problem->excerpt);
    }
    free(error->problems);
    *error = (recoup_error)RECOUP_ERROR_INIT;
}

static char *copy_or_null(const char *text) {
    return text ? strdup(text) : NULL;
}

/* Stores one problem; false when it could not be stored. */
static bool store(recoup_error *error, recoup_status code, const recoup_place *place,
                  char *message) {
    if (error->n_problems == RECOUP_ERROR_MAX)
        return false;
    if (error->n_problems == error->capacity) {
        size_t capacity = error->capacity ? 2 * error->capacity : 8;
        recoup_problem *grown = realloc(error->problems, capacity * sizeof *grown);
        if (!grown)
            return false;
        error->problems = grown;
        error->capacity = capacity;
    }
    recoup_problem *problem = &error->problems[error->n_problems++];
    *problem = (recoup_problem){.code = code, .message = message};
    if (place) {
        problem->file = copy_or_null(place->file);
        problem->line = place->line;
        problem->column = place->column;
        problem->field = copy_or_null(place->field);
        problem->excerpt = copy_or_null(place->excerpt);
    }
    return true;
}

static void report(recoup_error *error, recoup_status code, const recoup_place *place,
                   const char *format, va_list arguments) {
    if (!error)
        return;
    if (code != RECOUP_OK) {
        if (error->n_errors++ == 0)
            error->status = code;
    }
    char *message = NULL;
    va_list measured;
    va_copy(measured, arguments);
    int length = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    if (length >= 0 && (message = malloc((size_t)length + 1)))
        vsnprintf(message, (size_t)length + 1, format, arguments);
    if (!store(error, code, place, message)) {
        free(message);
        error->n_dropped++;
    }
}

recoup_status recoup_fail(recoup_error *error, recoup_status code, const recoup_place *place,
                          const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(error, code, place, format, arguments);
    va_end(arguments);
    return code;
}

void recoup_note(recoup_error *error, const recoup_place *place, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(error, RECOUP_OK, place, format, arguments);
    va_end(arguments);
}

void recoup_error_merge(recoup_error *into, recoup_error *from) {
    for (size_t i = 0; i < from->n_problems; i++) {
        const recoup_problem *problem = &from->problems[i];
        recoup_place place = {.file = problem->file,
                              .line = problem->line,
                              .column = problem->column,
                              .field = problem->field,
                              .excerpt = problem->excerpt};
        if (problem->code == RECOUP_OK)
            recoup_note(into, &place, "%s", problem->message);
        else
            recoup_fail(into, problem->code, &place, "%s", problem->message);
    }
    recoup_error_clear(from);
}

void recoup_error_print(const recoup_error *error, FILE *stream) {
    for (size_t i = 0; i < error->n_problems; i++) {
        const recoup_problem *problem = &error->problems[i];
        if (problem->file) {
            fputs(problem->file, stream);
            if (problem->line > 0) {
                fprintf(stream, ":%d", problem->line);
                if (problem->column > 0)
                    fprintf(stream, ":%d", problem->column);
            }
            fputs(": ", stream);
        }
        fputs(problem->code == RECOUP_OK ? "note: " : "error: ", stream);
        if (problem->field)
            fprintf(stream, "%s: ", problem->field);
        if (problem->message)
            fputs(problem->message, stream);
        else
            fputs(recoup_status_text(problem->code), stream);
        fputc('\n', stream);
        if (problem->excerpt && problem->column > 0) {
            fprintf(stream, "  %s\n  ", problem->excerpt);
            for (int k = 1; k < problem->column; k++)
                fputc(problem->excerpt[k - 1] == '\t' ? '\t' : ' ', stream);
            fputs("^\n", stream);
        }
    }
    if (error->n_dropped)
        fprintf(stream, "... and %zu more\n", error->n_dropped);
}
