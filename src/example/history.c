#include "example/history.h"

#include "base/date.h"
#include "engine/path.h"
#include "engine/walk.h"
#include "example/company.h"
#include "random/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_TEAMS = 4 };
/* Key of the draws that are not the engine's: what the model does not tell of a deal. */
static const uint64_t EXAMPLE_KEY = 0x6578616d706c65; /* "example" */

recoup_example_calendar recoup_example_dates(void) {
    recoup_example_calendar calendar = {.as_of = recoup_days_from_civil(2026, 11, 2)};
    for (int q = 0; q <= RECOUP_EXAMPLE_QUARTERS; q++)
        calendar.start[q] = recoup_days_from_civil(2025 + q / 4, 1 + q % 4 * 3, 1);
    return calendar;
}

void recoup_example_history_clear(recoup_example_history *history) {
    free(history->rep);
    free(history->deal);
    *history = (recoup_example_history){0};
}

/* --- people ----------------------------------------------------------------------------------- */

recoup_status recoup_example_hire(recoup_example_history *history, const recoup_model *truth,
                                  double scale, recoup_error *error) {
    recoup_example_calendar calendar = recoup_example_dates();
    int n = 0;
    for (int g = 0; g < RECOUP_EXAMPLE_GROUPS; g++)
        n += recoup_example_groups[g].n_reps;
    history->rep = RECOUP_NEW(recoup_example_rep, n);
    if (!history->rep)
        return recoup_fail_memory(error);
    for (int g = 0; g < RECOUP_EXAMPLE_GROUPS; g++) {
        const recoup_example_group *group = &recoup_example_groups[g];
        for (int i = 0; i < group->n_reps; i++) {
            int k = history->n_reps++;
            recoup_example_rep *rep = &history->rep[k];
            snprintf(rep->id, sizeof rep->id, "R%02d", k + 1);
            rep->cohort = recoup_names_find(&truth->cohorts, group->cohort);
            rep->team = k % N_TEAMS;
            rep->started = group->first_quarter < 0 ? calendar.start[0] - 200 - 37 * (k % 20)
                                                    : calendar.start[group->first_quarter];
            rep->quota = 500 * rint(group->quota * scale / 500);
            if (rep->quota < 500)
                rep->quota = 500;
        }
    }
    history->rep[history->n_reps - 1].vacant = true; /* left shortly before the as-of date */
    return RECOUP_OK;
}

/* --- one quarter ------------------------------------------------------------------------------ */

/* What the engine needs to run a quarter: a view without deals, a scenario without levers. */
typedef struct quarter {
    recoup_view view;
    recoup_scenario scenario;
    recoup_plan plan;
    recoup_program *program;
    const recoup_program_stream *stream;
    recoup_example_history *history;
    uint64_t seed;
    uint32_t path;
    double market;
    double start, end, as_of; /* days since 1970 */
    bool failed;
} quarter;

static bool add_names(recoup_names *to, const recoup_names *from) {
    for (int i = 0; i < from->n; i++)
        if (recoup_names_add(to, from->name[i]) < 0)
            return false;
    return true;
}

static recoup_status open_quarter(quarter *q, const recoup_model *truth, recoup_error *error) {
    const recoup_example_history *history = q->history;
    recoup_view *view = &q->view;
    int n = history->n_reps;
    view->as_of = q->start;
    view->n_reps = n;
    view->rep_id = recoup_arena_alloc(&view->arena, (size_t)n, sizeof *view->rep_id);
    view->rep_cohort = recoup_arena_alloc(&view->arena, (size_t)n, sizeof *view->rep_cohort);
    view->rep_team = recoup_arena_alloc(&view->arena, (size_t)n, sizeof *view->rep_team);
    view->rep_status = recoup_arena_alloc(&view->arena, (size_t)n, sizeof *view->rep_status);
    view->rep_quota = recoup_arena_alloc(&view->arena, (size_t)n, sizeof *view->rep_quota);
    view->rep_capacity = recoup_arena_alloc(&view->arena, (size_t)n, sizeof *view->rep_capacity);
    if (!view->rep_id || !view->rep_cohort || !view->rep_team || !view->rep_status ||
        !view->rep_quota || !view->rep_capacity)
        return recoup_fail_memory(error);
    for (int i = 0; i < n; i++) {
        const recoup_example_rep *rep = &history->rep[i];
        bool hired = rep->started <= q->start;
        view->rep_id[i] = history->rep[i].id;
        view->rep_cohort[i] = rep->cohort;
        view->rep_team[i] = -1;
        view->rep_status[i] = (uint8_t)(hired ? RECOUP_REP_ACTIVE : RECOUP_REP_VACANT);
        view->rep_quota[i] = rep->quota;
        view->rep_capacity[i] = NAN;
    }
    for (int s = 0; s < truth->n_stages; s++)
        if (recoup_names_add(&view->stages, truth->stage[s].name) < 0)
            return recoup_fail_memory(error);
    if (!add_names(&view->cohorts, &truth->cohorts) ||
        !add_names(&view->channels, &truth->channels) ||
        !add_names(&view->segments, &truth->segments))
        return recoup_fail_memory(error);
    q->plan = (recoup_plan){.name = "history"};
    q->scenario = (recoup_scenario){.as_of = q->start,
                                    .period_start = q->start,
                                    .period_end = q->as_of,
                                    .quota = 1,
                                    .booked = NAN,
                                    .n_plans = 1,
                                    .plan = &q->plan,
                                    .resolved = true};
    return recoup_program_create(&q->scenario, truth, view, &q->program, error);
}

static void close_quarter(quarter *q) {
    recoup_program_free(q->program);
    recoup_names_clear(&q->view.stages);
    recoup_names_clear(&q->view.cohorts);
    recoup_names_clear(&q->view.channels);
    recoup_names_clear(&q->view.segments);
    recoup_arena_clear(&q->view.arena);
}

/* --- deals ------------------------------------------------------------------------------------ */

typedef struct diary {
    recoup_example_deal *deal;
    double start;
} diary;

static void write_down(void *user, double day, int stage) {
    diary *d = user;
    if (d->deal->n_entries < RECOUP_EXAMPLE_MAX_ENTRIES)
        d->deal->entry[d->deal->n_entries++] = (recoup_example_entry){stage, d->start + day};
}

static void live_one(void *user, const recoup_arrival *arrival, double height) {
    quarter *q = user;
    recoup_example_history *history = q->history;
    int rep = recoup_arrival_rep(q->program, q->stream, arrival->rep_draw);
    if (q->start + arrival->day >= q->end || height >= 1 || rep < 0)
        return;
    if (!RECOUP_GROW(history->deal, history->n_deals, history->capacity)) {
        q->failed = true;
        return;
    }
    recoup_example_deal *deal = &history->deal[history->n_deals++];
    *deal = (recoup_example_deal){.rep = rep,
                                  .channel = q->stream->channel,
                                  .segment = arrival->segment,
                                  .amount = arrival->amount,
                                  .discount = arrival->discount,
                                  .created = q->start + arrival->day,
                                  .closed = NAN};
    for (int i = 0; i < 3; i++) {
        recoup_pair pair = recoup_random_pair(q->seed ^ EXAMPLE_KEY, q->path, arrival->entity,
                                              (uint32_t)i, RECOUP_DRAW_DEAL);
        deal->pick[2 * i] = pair.first;
        deal->pick[2 * i + 1] = pair.second;
    }
    diary story = {deal, q->start};
    write_down(&story, arrival->day, 0);
    recoup_episode owner = {
        .rep = rep,
        .cell = recoup_program_cell(q->program, history->rep[rep].cohort,
                                    q->program->n_channels == 1 ? 0 : q->stream->channel,
                                    q->program->n_segments == 1 ? 0 : arrival->segment),
    };
    recoup_walker walker = {.program = q->program,
                            .plan = q->program->plan,
                            .seed = q->seed,
                            .entity = arrival->entity,
                            .path = q->path,
                            .visit = RECOUP_DRAW_NEW_VISIT,
                            .market = q->market,
                            .start_day = arrival->day,
                            .log_size = arrival->log_size,
                            .discount = arrival->discount,
                            .episode = &owner,
                            .n_episodes = 1,
                            .entered = write_down,
                            .user = &story};
    double day;
    int episode;
    recoup_ending ending = recoup_walk(&walker, &day, &episode);
    if (ending != RECOUP_ENDING_OPEN) {
        deal->closed = q->start + day;
        deal->won = ending == RECOUP_ENDING_WON;
    }
}

static int compare_deals(const void *a, const void *b) {
    const recoup_example_deal *x = a, *y = b;
    return (x->created > y->created) - (x->created < y->created);
}

recoup_status recoup_example_live(recoup_example_history *history, const recoup_model *truth,
                                  int64_t seed, recoup_error *error) {
    recoup_example_calendar calendar = recoup_example_dates();
    for (int i = 0; i < RECOUP_EXAMPLE_QUARTERS; i++) {
        quarter q = {.history = history,
                     .seed = (uint64_t)seed,
                     .path = (uint32_t)i,
                     .market = recoup_path_market((uint64_t)seed, (uint32_t)i),
                     .start = calendar.start[i],
                     .end = fmin(calendar.start[i + 1], calendar.as_of),
                     .as_of = calendar.as_of};
        recoup_status status = open_quarter(&q, truth, error);
        for (int s = 0; status == RECOUP_OK && s < q.program->n_streams; s++) {
            q.stream = &q.program->stream[s];
            recoup_path_arrivals(q.program, q.stream, q.seed, q.path, q.market, live_one, &q);
        }
        close_quarter(&q);
        if (status != RECOUP_OK)
            return status;
        if (q.failed)
            return recoup_fail_memory(error);
    }
    if (history->n_deals)
        qsort(history->deal, (size_t)history->n_deals, sizeof *history->deal, compare_deals);
    return RECOUP_OK;
}
