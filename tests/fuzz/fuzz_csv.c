/* Any bytes as a table: read, or refused with a message; never a crash, a leak or a hang. */
#include "fuzz/input.h"
#include "table/table.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[FUZZ_PATH_SIZE];
    if (!fuzz_write_input(bytes, n, path))
        return 0;
    recoup_error error = RECOUP_ERROR_INIT;
    recoup_table *table = NULL;
    recoup_status status = recoup_table_read(path, &table, &error);
    if ((status == RECOUP_OK) != (error.n_errors == 0))
        __builtin_trap();
    if (table) { /* every cell is a text that ends within the table */
        size_t length = 0;
        for (int row = 0; row < table->n_rows; row++)
            for (int column = 0; column < table->n_columns; column++)
                length += strlen(recoup_table_cell(table, row, column));
        if (length > n)
            __builtin_trap();
    }
    recoup_table_free(table);
    recoup_error_clear(&error);
    return 0;
}
