/* The report: one HTML file with the comparison page and the plan document, which opens from disk
 * and asks for nothing else; and the plan document as PDF. */
#ifndef RECOUP_REPORT_H
#define RECOUP_REPORT_H

#include <recoup/error.h>
#include <recoup/results.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum recoup_paper { RECOUP_PAPER_A4, RECOUP_PAPER_LETTER } recoup_paper;

typedef struct recoup_report_options {
    const char *plan; /* that the plan document is of; NULL: the one with the best P(hit) */
    recoup_paper paper;
} recoup_report_options;

/* Writes the page under a temporary name, then renames it. Equal results and options give equal
 * bytes. EINVALID: there is no such plan, or the results lack what the comparison shows; EIO;
 * EUSAGE: this build was made without the page. */
recoup_status recoup_report_write(const recoup_results *results,
                                  const recoup_report_options *options, const char *path,
                                  recoup_error *error);

/* Prints the plan document of the same page as PDF by a headless Chromium or Chrome, which is found
 * on PATH; the file is replaced whole. EIO: none is installed, or it failed; the message says what
 * to do. Runs a process of its own, and waits for it for two minutes at most. */
recoup_status recoup_report_print(const recoup_results *results,
                                  const recoup_report_options *options, const char *path,
                                  recoup_error *error);

#ifdef __cplusplus
}
#endif
#endif
