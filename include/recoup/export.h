/* Results as CSV, one file for each table, for spreadsheets and any other program. */
#ifndef RECOUP_EXPORT_H
#define RECOUP_EXPORT_H

#include <recoup/error.h>
#include <recoup/results.h>
#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes into a folder, which is made when absent (its parent must exist):
 *   run.csv                       one line: the attributes, and the variables without dimensions
 *   plan.csv, plan_week_quantile.csv ...  one file for each set of dimensions: a line for each
 *                                 combination of their values, a column for each variable
 *   standing.csv, finding.csv ... one file for each kind of record of recoup/diagnosis.h
 *   columns.csv                   table, column, units, meaning: of every column of the others
 * The set of files is the same for all results; a table without rows has its heading alone. Cells
 * are those of RFC 4180, lines end with CRLF, texts are UTF-8; texts that a spreadsheet would take
 * for a formula are marked (recoup_csv_print).
 *
 * Every file is replaced as a whole or not at all. EIO: the folder or a file could not be written;
 * files before it are there then. *n_files is how many were written. */
recoup_status recoup_export(const recoup_results *results, const char *folder, int *n_files,
                            recoup_error *error);

/* Prints a text as a cell of CSV: quoted where it must be (RFC 4180). A text whose first character
 * is = + - @, a tab or a carriage return gets an apostrophe before it, as spreadsheets would run it
 * as a formula; so does one where such a character follows apostrophes, so that a reader may take
 * one away from each text that begins so. Source: OWASP, "CSV Injection". False: out of memory. */
bool recoup_csv_print(const char *text, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
