/* The page and the PDF as files. */
#include "report/report.h"

#include "base/file.h"
#include "base/text.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

recoup_status recoup_report_format(const recoup_results *results,
                                   const recoup_report_options *options, char **html,
                                   size_t *length, recoup_error *error) {
    if (!recoup_report_before)
        return recoup_fail(error, RECOUP_EUSAGE, NULL,
                           "this build of recoup has no page (-DRECOUP_REPORT=OFF)");
    json_t *data = NULL;
    recoup_status status = recoup_report_data(results, options, &data, error);
    if (status != RECOUP_OK)
        return status;
    recoup_text text = {0};
    size_t n = 0;
    char *json = recoup_json_format(data, &n);
    json_decref(data);
    if (json) {
        recoup_text_add_bytes(&text, recoup_report_before, strlen(recoup_report_before));
        recoup_text_add_bytes(&text, json, n);
        recoup_text_add_bytes(&text, recoup_report_after, strlen(recoup_report_after));
    }
    free(json);
    if (!json || text.failed) {
        recoup_text_clear(&text);
        return recoup_fail_memory(error);
    }
    *html = text.bytes;
    *length = text.length;
    return RECOUP_OK;
}

recoup_status recoup_report_write(const recoup_results *results,
                                  const recoup_report_options *options, const char *path,
                                  recoup_error *error) {
    char *html = NULL;
    size_t length = 0;
    recoup_status status = recoup_report_format(results, options, &html, &length, error);
    if (status == RECOUP_OK)
        status = recoup_file_write(path, html, length, error);
    free(html);
    return status;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place) {
    (void)info;
    (void)kind;
    (void)place;
    (void)remove(path); /* what the browser still holds goes with the system's temporary files */
    return 0;
}

static char *temporary_folder(void) {
    const char *parent = getenv("TMPDIR");
    char *folder = NULL;
    if (asprintf(&folder, "%s/recoup-report-XXXXXX", parent && *parent ? parent : "/tmp") < 0)
        return NULL;
    if (!mkdtemp(folder)) {
        free(folder);
        return NULL;
    }
    return folder;
}

recoup_status recoup_report_print(const recoup_results *results,
                                  const recoup_report_options *options, const char *path,
                                  recoup_error *error) {
    enum { MAX_OPEN_FOLDERS = 16 };
    recoup_text page = {0}, pdf = {0};
    char *bytes = NULL;
    size_t length = 0;
    char *folder = temporary_folder();
    if (!folder)
        return recoup_fail(error, RECOUP_EIO, NULL, "cannot make a temporary folder: %s",
                           strerror(errno));
    recoup_text_add(&page, "%s/report.html", folder);
    recoup_text_add(&pdf, "%s/report.pdf", folder);
    recoup_status status = page.failed || pdf.failed ? recoup_fail_memory(error) : RECOUP_OK;
    if (status == RECOUP_OK)
        status = recoup_report_write(results, options, page.bytes, error);
    if (status == RECOUP_OK)
        status = recoup_browser_print(folder, page.bytes, pdf.bytes, error);
    if (status == RECOUP_OK)
        status = recoup_file_read(pdf.bytes, &bytes, &length, error);
    if (status == RECOUP_OK)
        status = recoup_file_write(path, bytes, length, error);
    free(bytes);
    nftw(folder, remove_entry, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    recoup_text_clear(&page);
    recoup_text_clear(&pdf);
    free(folder);
    return status;
}
