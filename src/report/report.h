/* The parts of the report. */
#ifndef RECOUP_REPORT_REPORT_H
#define RECOUP_REPORT_REPORT_H

#include "base/error.h"
#include "report/json.h"
#include "results/results.h"
#include <recoup/compare.h>
#include <recoup/report.h>

/* The page (src/report/page) around its data, bundled by the build; both NULL where it was left
 * out. */
extern const char *const recoup_report_before, *const recoup_report_after;

/* All of the page's data, as src/report/page/data.js reads it; to be freed by json_decref. */
recoup_status recoup_report_data(const recoup_results *results,
                                 const recoup_report_options *options, json_t **data,
                                 recoup_error *error);

/* The parts of it (compare.c, distributions.c, records.c), each added to `data`. */
recoup_status recoup_report_add_plans(recoup_json *json, json_t *data,
                                      const recoup_results *results,
                                      const recoup_report_options *options, recoup_error *error);
recoup_status recoup_report_add_decisions(recoup_json *json, json_t *data,
                                          const recoup_results *results, recoup_error *error);
void recoup_report_add_distributions(recoup_json *json, json_t *data,
                                     const recoup_results *results);
void recoup_report_add_units(recoup_json *json, json_t *data, const recoup_results *results);
void recoup_report_add_records(recoup_json *json, json_t *data, const recoup_results *results,
                               recoup_error *error);

/* The whole page as text (free it). */
recoup_status recoup_report_format(const recoup_results *results,
                                   const recoup_report_options *options, char **html,
                                   size_t *length, recoup_error *error);

/* Prints a page as PDF by a browser that is on PATH (browser.c). Both files are in `folder`, where
 * the browser may leave others. */
recoup_status recoup_browser_print(const char *folder, const char *page, const char *pdf,
                                   recoup_error *error);

#endif
