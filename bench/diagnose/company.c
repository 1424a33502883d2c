#include "company.h"

#include "synthetic_view.h"
#include <gsl/gsl_cdf.h>
#include <string.h>

enum { REPS = 48, COHORTS = 4, STAGES = 3, CHANNELS = 3, SEGMENTS = 4, COMPETITORS = 4 };
enum { DAYS = 546, DEALS = 4000, WEEKS = DAYS / 7, QUARTERS = 8 };
#define CONVERSION .7

static const char *const stage_names[STAGES] = {"discovery", "proposal", "negotiation"};
static const char *const cohort_names[COHORTS] = {"north", "south", "east", "west"};
static const char *const channel_names[CHANNELS] = {"inbound", "outbound", "partner"};
static const char *const segment_names[SEGMENTS] = {"finance", "health", "public", "retail"};
static const char *const competitor_names[COMPETITORS] = {"Alpha", "Beta", "Gamma", "none"};
static const double median_on[STAGES] = {8, 10, 7}, median_lost[STAGES] = {12, 15, 10};
static const double competitor_share[COMPETITORS] = {.4, .25, .2, .15};
static const double channel_share[CHANNELS] = {.4, .4, .2};

static double normal(uint64_t *seed) {
    double u = uniform(seed), v = uniform(seed); /* Box & Muller 1958 */
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static int poisson(double mean, uint64_t *seed) {
    int n = 0;
    double sum = -log(uniform(seed));
    while (sum < mean) {
        sum -= log(uniform(seed));
        n++;
    }
    return n;
}

static int pick(int n, const double *share, uint64_t *seed) {
    double u = uniform(seed);
    for (int i = 0; i < n - 1; i++)
        if ((u -= share[i]) < 0)
            return i;
    return n - 1;
}

/* Shares that differ a little from the usual ones. */
static void vary(int n, const double *usual, double *share, uint64_t *seed) {
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += share[k] = usual[k] * exp(.2 * normal(seed));
    for (int k = 0; k < n; k++)
        share[k] /= sum;
}

static double logit(double share) {
    return log(share / (1 - share));
}

/* What deals are drawn with. */
typedef struct laws {
    double rep_logit[REPS], rep_log_dwell[REPS], rep_share[REPS];
    double quarter_logit[QUARTERS], channel_logit[CHANNELS];
    double competitor_share[COHORTS][COMPETITORS], channel_share[COHORTS][CHANNELS];
    int stage, cohort, competitor; /* of what is planted */
    double since;
} laws;

static laws draw_laws(double as_of, uint64_t *seed) {
    laws l = {.stage = 0};
    double total = 0;
    for (int r = 0; r < REPS; r++) {
        l.rep_logit[r] = .1 * normal(seed);
        l.rep_log_dwell[r] = .1 * normal(seed);
        total += l.rep_share[r] = exp(.3 * normal(seed));
    }
    for (int r = 0; r < REPS; r++)
        l.rep_share[r] /= total;
    for (int q = 0; q < QUARTERS; q++)
        l.quarter_logit[q] = .1 * normal(seed);
    for (int k = 0; k < CHANNELS; k++)
        l.channel_logit[k] = between(seed, -.2, .2);
    for (int c = 0; c < COHORTS; c++) {
        vary(COMPETITORS, competitor_share, l.competitor_share[c], seed);
        vary(CHANNELS, channel_share, l.channel_share[c], seed);
    }
    l.stage = (int)(2 * uniform(seed));
    l.cohort = (int)(COHORTS * uniform(seed));
    l.competitor = (int)(COMPETITORS * uniform(seed));
    l.since = as_of - floor(between(seed, 35, 113));
    return l;
}

/* What a rate of going on is shifted by, so that the mean over a few points of it is right. */
static double shift_of(const laws *l, plant kind, int stage, int cohort, int competitor) {
    if (kind == PLANT_SKILL && stage == l->stage && cohort == l->cohort)
        return logit(CONVERSION - .10) - logit(CONVERSION);
    if (kind == PLANT_MARKET && competitor == l->competitor)
        return logit(pow(pow(CONVERSION, STAGES) - .20, 1. / STAGES)) - logit(CONVERSION);
    return 0;
}

/* When a deal that entered the stage leaves it: its time runs at a third of its speed from the date
 * on. */
static double end_of(const laws *l, plant kind, int stage, double entered, double dwell) {
    if (kind != PLANT_PROCESS || stage != (l->stage + 1) % STAGES)
        return entered + dwell;
    double before = fmax(0, l->since - entered);
    return dwell <= before ? entered + dwell : entered + before + 3 * (dwell - before);
}

static void live_one(recoup_view *view, const laws *l, plant kind, int deal, uint64_t *seed) {
    double now = view->created[deal];
    int rep = view->rep[deal];
    for (int s = 0; s < STAGES; s++) {
        double odds = logit(CONVERSION) + l->rep_logit[rep] +
                      l->quarter_logit[quarters_ago(view, now)] +
                      l->channel_logit[view->channel[deal]] +
                      shift_of(l, kind, s, view->cohort[deal], view->competitor[deal]);
        bool on = uniform(seed) < 1 / (1 + exp(-odds));
        double dwell =
            (on ? median_on : median_lost)[s] * exp(.7 * normal(seed) + l->rep_log_dwell[rep]);
        double end = end_of(l, kind, s, now, dwell);
        bool seen = end < view->as_of;
        int target = !seen            ? RECOUP_TO_NONE
                     : !on            ? RECOUP_TO_LOST
                     : s + 1 < STAGES ? s + 1
                                      : RECOUP_TO_WON;
        add_visit(view, deal, s, now, fmin(end, view->as_of) - now, target);
        if (!seen || !on)
            return;
        now = end;
    }
}

static void draw_deals(recoup_view *view, const laws *l, plant kind, int n, uint64_t *seed) {
    for (int i = 0; i < n; i++) {
        int rep = pick(REPS, l->rep_share, seed), cohort = rep % COHORTS;
        double created = view->as_of - DAYS * uniform(seed);
        int deal = add_deal(view, cohort, pick(CHANNELS, l->channel_share[cohort], seed), created,
                            exp(10 + .6 * normal(seed)));
        view->rep[deal] = rep;
        view->segment[deal] = (int)(SEGMENTS * uniform(seed));
        view->competitor[deal] = pick(COMPETITORS, l->competitor_share[cohort], seed);
        live_one(view, l, kind, deal, seed);
    }
}

/* Weeks counted back from the as-of date; the days of a week alike. */
static void draw_activities(recoup_view *view, const laws *l, plant kind, int most,
                            uint64_t *seed) {
    const double variance = .15;
    double week[WEEKS];
    for (int w = 0; w < WEEKS; w++)
        week[w] = exp(.1 * normal(seed));
    for (int r = 0; r < REPS; r++) {
        double usual = 8 * exp(.3 * normal(seed));
        for (int w = 0; w < WEEKS; w++) {
            double mean =
                usual * week[w] * gsl_cdf_gamma_Pinv(uniform(seed), 1 / variance, variance);
            for (int n = poisson(mean, seed); n > 0 && view->n_activities < most; n--) {
                double time = view->as_of - 7 * (w + uniform(seed));
                if (kind == PLANT_MOTIVATION && time >= l->since && uniform(seed) < .4)
                    continue;
                view->activity_rep[view->n_activities] = r;
                view->activity_type[view->n_activities] = -1;
                view->activity_time[view->n_activities++] = time;
            }
        }
    }
}

static void name(recoup_names *names, const char *const *text, int n) {
    for (int i = 0; i < n; i++)
        recoup_names_add(names, text[i]);
}

/* The fields that a synthetic view lacks. */
static bool add_fields(recoup_view *view, int n_deals, int n_activities) {
    recoup_names_clear(&view->stages);
    recoup_names_clear(&view->cohorts);
    recoup_names_clear(&view->channels);
    view->stages = view->cohorts = view->channels = (recoup_names){0};
    name(&view->stages, stage_names, STAGES);
    name(&view->cohorts, cohort_names, COHORTS);
    name(&view->channels, channel_names, CHANNELS);
    name(&view->segments, segment_names, SEGMENTS);
    name(&view->competitors, competitor_names, COMPETITORS);
    view->n_reps = REPS;
    recoup_arena *arena = &view->arena;
    view->competitor = recoup_arena_alloc(arena, (size_t)n_deals, sizeof(int));
    view->activity_rep = recoup_arena_alloc(arena, (size_t)n_activities, sizeof(int));
    view->activity_type = recoup_arena_alloc(arena, (size_t)n_activities, sizeof(int));
    view->activity_time = recoup_arena_alloc(arena, (size_t)n_activities, sizeof(double));
    view->rep_id = view->rep_name = recoup_arena_alloc(arena, REPS, sizeof(char *));
    view->rep_cohort = recoup_arena_alloc(arena, REPS, sizeof(int));
    view->rep_status = recoup_arena_alloc(arena, REPS, 1);
    if (!view->competitor || !view->activity_rep || !view->activity_type || !view->activity_time ||
        !view->rep_name || !view->rep_cohort || !view->rep_status)
        return false;
    for (int r = 0; r < REPS; r++) {
        char text[16];
        snprintf(text, sizeof text, "R%02d", r + 1);
        view->rep_name[r] = recoup_arena_text(arena, text, strlen(text));
        view->rep_cohort[r] = r % COHORTS;
        view->rep_status[r] = RECOUP_REP_ACTIVE;
        if (!view->rep_name[r])
            return false;
    }
    return true;
}

static bool make_model(company *made) {
    recoup_model *model = &made->model;
    model->n_stages = STAGES;
    model->stage = recoup_arena_alloc(&model->arena, STAGES, sizeof *model->stage);
    for (int s = 0; s < STAGES && model->stage; s++) {
        recoup_exit *exit = recoup_arena_alloc(&model->arena, 2, sizeof *exit);
        if (!exit)
            return false;
        exit[0] = (recoup_exit){.name = recoup_arena_text(&model->arena, "advance", 7),
                                .target = s + 1 < STAGES ? s + 1 : RECOUP_EXIT_WON};
        exit[1] = (recoup_exit){.name = recoup_arena_text(&model->arena, "lost", 4),
                                .target = RECOUP_EXIT_LOST};
        model->stage[s] =
            (recoup_stage){.name = made->view->stages.name[s], .n_exits = 2, .exit = exit};
        if (!exit[0].name || !exit[1].name)
            return false;
    }
    return model->stage != NULL;
}

bool company_create(plant kind, uint64_t seed, company *made) {
    *made = (company){
        .planted = {.kind = kind, .stage = "", .cohort = "", .competitor = "", .since = NAN}};
    int n = poisson(DEALS, &seed), most_activities = REPS * WEEKS * 40;
    recoup_view *view = made->view = empty_view(0, 0, 0, n, n * STAGES);
    if (!add_fields(view, n, most_activities) || !make_model(made))
        return false;
    view->period_start = recoup_quarter_of(view->as_of - 10, view->as_of).start;
    laws l = draw_laws(view->as_of, &seed);
    draw_deals(view, &l, kind, n, &seed);
    draw_activities(view, &l, kind, most_activities, &seed);
    planted *p = &made->planted;
    if (kind == PLANT_SKILL) {
        p->stage = stage_names[l.stage];
        p->cohort = cohort_names[l.cohort];
    }
    if (kind == PLANT_PROCESS)
        p->stage = stage_names[(l.stage + 1) % STAGES];
    if (kind == PLANT_MARKET)
        p->competitor = competitor_names[l.competitor];
    if (kind == PLANT_PROCESS || kind == PLANT_MOTIVATION)
        p->since = l.since;
    return true;
}

void company_clear(company *made) {
    recoup_arena_clear(&made->model.arena);
    recoup_names_clear(&made->view->competitors);
    free_view(made->view);
}
