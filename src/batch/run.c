/* The batch itself: scenario by scenario, what is shared in between. */
#include "base/memory.h"
#include "batch/items.h"
#include "batch/share.h"
#include "batch/summary.h"
#include "results/results.h"
#include "scenario/scenario.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <recoup/decide.h>
#include <recoup/diagnosis.h>
#include <recoup/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct batch_run {
    recoup_batch_items items;
    const recoup_batch_options *options;
    recoup_batch_share share;
    recoup_batch_parts *parts; /* [scenario]; without meaning for those that failed at once */
    recoup_error *error;
    int folder; /* its descriptor, locked; -1: not open */
} batch_run;

/* What a caller gets as recoup_batch. */
typedef struct owned_batch {
    recoup_batch batch; /* first: the pointer is the caller's */
    recoup_batch_items items;
} owned_batch;

static recoup_status fail_file(recoup_error *error, const char *path, const char *doing) {
    recoup_place place = {.file = path};
    return recoup_fail(error, RECOUP_EIO, &place, "%s failed: %s", doing, strerror(errno));
}

static bool is_interrupted(const batch_run *run) {
    return run->options->interrupted && *run->options->interrupted;
}

/* What ends the batch, and not the scenario alone: wrong input and numerics may be one scenario's,
 * and so may a table that cannot be read. */
static bool is_fatal(recoup_status status) {
    return status == RECOUP_ENOMEM || status == RECOUP_EINTERRUPTED;
}

/* --- reporting -------------------------------------------------------------------------------- */

static void report(const batch_run *run, recoup_batch_step step, int s, double share) {
    recoup_batch_progress progress = {step, &run->items.batch, &run->items.batch.scenario[s],
                                      share};
    if (run->options->report)
        run->options->report(&progress, run->options->user);
}

/* Passes the engine's progress on. */
typedef struct engine_progress {
    const batch_run *run;
    int scenario;
} engine_progress;

static void report_paths(const recoup_progress *progress, void *user) {
    const engine_progress *of = user;
    if (progress->paths_total > 0)
        report(of->run, RECOUP_BATCH_SIMULATING, of->scenario,
               (double)progress->paths_done / (double)progress->paths_total);
}

static void end_scenario(batch_run *run, int s, recoup_status status, recoup_batch_state state) {
    recoup_batch *batch = &run->items.batch;
    recoup_batch_scenario *scenario = &batch->scenario[s];
    scenario->status = status;
    scenario->state = status == RECOUP_OK ? state : RECOUP_BATCH_FAILED;
    batch->n_written += scenario->state == RECOUP_BATCH_WRITTEN;
    batch->n_kept += scenario->state == RECOUP_BATCH_KEPT;
    batch->n_failed += scenario->state == RECOUP_BATCH_FAILED;
    batch->n_tables_read = run->share.n_tables_read;
    batch->n_fits = run->share.n_fits;
    report(run, RECOUP_BATCH_FINISHED, s, 1);
}

/* --- one scenario ----------------------------------------------------------------------------- */

/* All of one scenario that lives while it is simulated. */
typedef struct batch_job {
    recoup_batch_scenario *of;
    recoup_scenario *scenario;
    const recoup_batch_parts *parts;
    const recoup_view *view;         /* shared */
    const recoup_batch_model *model; /* shared; NULL until fitted */
    char *text;                      /* the resolved scenario */
    recoup_tally *tally;
    recoup_results *results;
} batch_job;

static void clear_job(batch_job *job) {
    recoup_results_free(job->results);
    recoup_tally_free(job->tally);
    free(job->text);
    recoup_scenario_free(job->scenario);
}

/* The scenario, the model that it names and its tables; problems of both are told together. */
static recoup_status load(batch_run *run, batch_job *job, int s) {
    const recoup_batch_file *file = &run->items.file[run->items.file_of[s]];
    recoup_error *problems = &job->of->problems;
    recoup_dataset_source source;
    recoup_error_clear(problems); /* told once more by the second reading */
    recoup_status status =
        recoup_sweep_scenario(&file->sweep, s - file->first, &job->scenario, problems);
    if (status != RECOUP_OK)
        return status;
    recoup_scenario_source(job->scenario, &source);
    recoup_status loaded = recoup_batch_share_load(&run->share, job->scenario, job->of->name,
                                                   job->parts, &job->model, problems);
    if (loaded != RECOUP_OK && source.n_stages == 0)
        return loaded; /* without the stages the tables could only be misjudged */
    status = recoup_batch_share_view(&run->share, job->scenario, job->of->name, job->parts,
                                     &job->view, problems);
    return loaded != RECOUP_OK ? loaded : status;
}

/* Whether the results file that is there comes from the same inputs and the same program. A fitted
 * model follows from the view and the scenario, so that it need not be fitted to compare it. */
static bool is_same(const batch_job *job, const recoup_results *old) {
    char digest[32];
    snprintf(digest, sizeof digest, "fnv1a64:%016" PRIx64, recoup_view_digest(job->view));
    if (strcmp(old->scenario, job->text) != 0 || strcmp(old->input_digest, digest) != 0 ||
        strcmp(old->recoup_version, recoup_version()) != 0 ||
        strcmp(old->git_sha1, recoup_git_sha1()) != 0)
        return false;
    if (!job->model)
        return true;
    snprintf(digest, sizeof digest, "fnv1a64:%016" PRIx64, job->model->digest);
    return strcmp(old->model_digest, digest) == 0;
}

/* Into job->results when they can be kept. A file that cannot be read is made anew. */
static void find_old(const batch_run *run, batch_job *job) {
    recoup_error ignored = RECOUP_ERROR_INIT;
    recoup_results *old = NULL;
    if (run->options->resume && access(job->of->results, F_OK) == 0 &&
        recoup_results_read(job->of->results, &old, &ignored) == RECOUP_OK && is_same(job, old)) {
        job->results = old;
        old = NULL;
    }
    recoup_results_free(old);
    recoup_error_clear(&ignored);
}

static recoup_status fit(batch_run *run, batch_job *job, int s) {
    if (job->model)
        return RECOUP_OK;
    if (!recoup_batch_share_is_fitted(&run->share, job->parts))
        report(run, RECOUP_BATCH_FITTING, s, 0);
    return recoup_batch_share_fit(&run->share, job->scenario, job->of->name, job->parts,
                                  &job->model, &job->of->problems);
}

static recoup_status simulate(batch_run *run, batch_job *job, int s) {
    engine_progress user = {run, s};
    recoup_engine_options engine = {.threads = run->options->threads,
                                    .progress = report_paths,
                                    .user = &user,
                                    .interrupted = run->options->interrupted};
    recoup_engine_options with_shelf = engine;
    recoup_error *problems = &job->of->problems;
    report(run, RECOUP_BATCH_SIMULATING, s, 0);
    recoup_status status = recoup_scenario_resolve(job->scenario, job->model->model, problems);
    with_shelf.shelf = recoup_batch_share_shelf(&run->share, job->parts);
    if (status == RECOUP_OK && !with_shelf.shelf)
        status = recoup_fail_memory(problems);
    if (status == RECOUP_OK)
        status = recoup_simulate(job->scenario, job->model->model, job->view, &with_shelf,
                                 &job->tally, problems);
    if (status != RECOUP_OK)
        return status;
    recoup_simulation simulation = recoup_scenario_simulation(job->scenario);
    recoup_period period;
    if (!recoup_scenario_period(job->scenario, &period))
        return recoup_fail_memory(problems);
    recoup_provenance provenance = {.title = recoup_scenario_name(job->scenario),
                                    .estimator = recoup_estimator_name(simulation.estimator),
                                    .isa = "any",
                                    .scenario = job->text,
                                    .model = job->model->text,
                                    .view_digest = recoup_view_digest(job->view),
                                    .model_digest = job->model->digest,
                                    .as_of = period.as_of,
                                    .period_start = period.start,
                                    .period_end = period.end,
                                    .seed = simulation.seed};
    status = recoup_results_create(job->tally, &provenance, &job->results, problems);
    if (status == RECOUP_OK)
        status = recoup_decide(job->scenario, job->model->model, job->view, &engine, job->results,
                               problems);
    if (status == RECOUP_OK)
        status = recoup_diagnose(job->scenario, job->model->model, job->view, &engine, job->results,
                                 problems);
    return status;
}

/* What is returned ends the batch. */
static recoup_status run_scenario(batch_run *run, int s) {
    recoup_batch_scenario *of = &run->items.batch.scenario[s];
    batch_job job = {.of = of, .parts = &run->parts[s]};
    recoup_status fatal = RECOUP_OK;
    report(run, RECOUP_BATCH_READING, s, 0);
    recoup_status status = load(run, &job, s);
    if (status == RECOUP_OK)
        status = recoup_scenario_format(job.scenario, &job.text, &of->problems);
    if (status == RECOUP_OK)
        find_old(run, &job);
    bool is_kept = job.results != NULL;
    if (status == RECOUP_OK && !is_kept)
        status = fit(run, &job, s);
    if (status == RECOUP_OK && !is_kept)
        status = simulate(run, &job, s);
    if (status == RECOUP_OK && !is_kept)
        fatal = recoup_results_write(job.results, of->results, run->error);
    if (status == RECOUP_OK && fatal == RECOUP_OK)
        status = recoup_batch_summarise(job.results, &run->items.arena, of, &of->problems);
    clear_job(&job);
    recoup_batch_share_release(&run->share, job.parts);
    if (is_fatal(status))
        recoup_error_merge(run->error, &of->problems);
    if (fatal != RECOUP_OK || is_fatal(status))
        return fatal != RECOUP_OK ? fatal : status;
    end_scenario(run, s, status, is_kept ? RECOUP_BATCH_KEPT : RECOUP_BATCH_WRITTEN);
    return RECOUP_OK;
}

/* --- before the first ------------------------------------------------------------------------- */

/* Reads every scenario once: those that are wrong by themselves are known before anything is
 * computed, and which parts are shared. */
static recoup_status claim_parts(batch_run *run) {
    recoup_batch_items *items = &run->items;
    run->parts = RECOUP_NEW(recoup_batch_parts, items->batch.n_scenarios);
    if (!run->parts)
        return recoup_fail_memory(run->error);
    for (int s = 0; s < items->batch.n_scenarios; s++) {
        recoup_batch_scenario *of = &items->batch.scenario[s];
        recoup_batch_file *file = &items->file[items->file_of[s]];
        recoup_scenario *scenario = NULL;
        recoup_status status = file->status;
        if (status != RECOUP_OK)
            recoup_error_merge(&of->problems, &file->problems);
        else
            status = recoup_sweep_scenario(&file->sweep, s - file->first, &scenario, &of->problems);
        recoup_status claimed =
            status == RECOUP_OK
                ? recoup_batch_share_claim(&run->share, scenario, &run->parts[s], run->error)
                : RECOUP_OK;
        recoup_scenario_free(scenario);
        if (claimed != RECOUP_OK || status == RECOUP_ENOMEM)
            return recoup_fail_memory(run->error);
        if (status != RECOUP_OK)
            end_scenario(run, s, status, RECOUP_BATCH_FAILED);
    }
    return RECOUP_OK;
}

/* The folder, made when absent, and for this batch alone: the lock ends with the program. */
static recoup_status open_folder(batch_run *run) {
    const char *path = run->options->folder;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return fail_file(run->error, path, "making the folder");
    run->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->folder < 0)
        return fail_file(run->error, path, "opening the folder");
    if (flock(run->folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        recoup_place place = {.file = path};
        return recoup_fail(run->error, RECOUP_EIO, &place,
                           "another batch is writing into this folder");
    }
    return RECOUP_OK;
}

/* FILE.XXXXXX, where FILE is one of ours: what a program that was killed left half-written. */
static bool is_left_over(const recoup_names *ours, const char *name) {
    size_t length = strlen(name), suffix = strlen(".XXXXXX");
    if (length <= suffix || name[length - suffix] != '.')
        return false;
    char *file = strndup(name, length - suffix);
    bool is_one = file && recoup_names_find(ours, file) >= 0;
    free(file);
    return is_one;
}

static recoup_status remove_left_overs(batch_run *run) {
    recoup_names ours = {0};
    const recoup_batch *batch = &run->items.batch;
    DIR *folder = opendir(run->options->folder);
    bool enough = recoup_names_add(&ours, "summary.csv") >= 0;
    enough &= recoup_names_add(&ours, "summary.h5") >= 0;
    for (int s = 0; s < batch->n_scenarios && enough; s++)
        enough = recoup_names_add(&ours, strrchr(batch->scenario[s].results, '/') + 1) >= 0;
    for (struct dirent *entry; folder && enough && (entry = readdir(folder));)
        if (is_left_over(&ours, entry->d_name))
            unlinkat(run->folder, entry->d_name, 0);
    if (folder)
        closedir(folder);
    recoup_names_clear(&ours);
    return enough ? RECOUP_OK : recoup_fail_memory(run->error);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Scenarios with the same win tables come one after the other. */
static recoup_status run_all(batch_run *run) {
    const recoup_batch *batch = &run->items.batch;
    recoup_status status = claim_parts(run);
    if (status == RECOUP_OK && batch->n_failed < batch->n_scenarios)
        status = open_folder(run);
    if (status == RECOUP_OK && run->folder >= 0)
        status = remove_left_overs(run);
    for (int tables = 0; tables < run->share.tables.n && status == RECOUP_OK; tables++)
        for (int s = 0; s < batch->n_scenarios && status == RECOUP_OK; s++) {
            bool is_next =
                batch->scenario[s].state == RECOUP_BATCH_WAITING && run->parts[s].tables == tables;
            if (is_next && is_interrupted(run))
                status = recoup_fail(run->error, RECOUP_EINTERRUPTED, NULL, "interrupted");
            else if (is_next)
                status = run_scenario(run, s);
        }
    if (status != RECOUP_OK)
        return status;
    if (batch->n_failed == batch->n_scenarios) {
        for (int s = 0; s < batch->n_scenarios && status != RECOUP_ENUMERIC; s++)
            status =
                batch->scenario[s].status == RECOUP_EINVALID ? RECOUP_EINVALID : RECOUP_ENUMERIC;
        return status;
    }
    status = recoup_batch_write_csv(batch, run->options->folder, run->error);
    return status == RECOUP_OK ? recoup_batch_write_hdf5(batch, run->options->folder, run->error)
                               : status;
}

recoup_status recoup_batch_run(const char *const *path, int n_paths,
                               const recoup_batch_options *options, recoup_batch **batch,
                               recoup_error *error) {
    batch_run run = {.options = options, .error = error, .folder = -1};
    run.share.threads = options->threads;
    *batch = NULL;
    owned_batch *owned = RECOUP_NEW(owned_batch, 1);
    if (!owned)
        return recoup_fail_memory(error);
    recoup_status status = recoup_batch_items_find(&run.items, path, n_paths, options, error);
    if (status == RECOUP_OK)
        status = run_all(&run);
    if (run.items.batch.n_scenarios > 0) {
        *owned = (owned_batch){run.items.batch, run.items};
        *batch = &owned->batch;
    } else {
        recoup_batch_items_clear(&run.items);
        free(owned);
    }
    recoup_batch_share_clear(&run.share);
    free(run.parts);
    if (run.folder >= 0)
        close(run.folder);
    return status;
}

void recoup_batch_free(recoup_batch *batch) {
    owned_batch *owned = (owned_batch *)batch;
    if (!owned)
        return;
    recoup_batch_items_clear(&owned->items);
    free(owned);
}
