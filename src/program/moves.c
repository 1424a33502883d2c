/* Reassignment: which open deals change hands, when and to whom, and where new leads go.
 *
 * Deals go, the largest first, to the receiving rep with the fewest open deals for its capacity.
 * Deals that the plan closes take no part in loads. */
#include "program/compile.h"

#include "random/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A deal that changes hands. */
typedef struct handover {
    int deal, order; /* order: of the moves */
    recoup_episode episode;
} handover;

/* One plan's owners while its moves are applied in order. */
typedef struct ledger {
    int *rep, *cell; /* [deal]: owner and cell after the moves so far */
    double *load;    /* [rep]: open deals */
    /* [rep]: the fewest deals that a lever lets it work at full speed, and when it gets the first
     * deal by such a lever; both +inf where there is none */
    double *limit, *limit_day;
    handover *handover;
    int n_handovers;
    size_t capacity;
} ledger;

static bool in_texts(const recoup_texts *texts, const char *text) {
    for (int i = 0; i < texts->n; i++)
        if (strcmp(texts->text[i], text) == 0)
            return true;
    return false;
}

static void check_reps(recoup_compile *compile, const recoup_texts *texts) {
    const recoup_view *view = compile->view;
    for (int i = 0; i < texts->n; i++) {
        if (recoup_names_find(&view->rep_ids, texts->text[i]) >= 0)
            continue;
        const char *nearest =
            recoup_names_nearest(view->rep_ids.name, view->n_reps, texts->text[i]);
        recoup_node_fail(compile->scenario->document, texts->node[i], compile->error,
                         "there is no rep '%s' in the data%s%s%s", texts->text[i],
                         nearest ? "; did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'?" : "");
    }
}

static bool gives(const recoup_compile *compile, const recoup_move *move, int rep) {
    const recoup_view *view = compile->view;
    if (move->from_rep.n && !in_texts(&move->from_rep, view->rep_id[rep]))
        return false;
    if (move->from_status >= 0 && view->rep_status[rep] != move->from_status)
        return false;
    int cohort = compile->program->rep_cohort[rep];
    return !move->from_cohort || (cohort >= 0 && move->from_cohort[cohort]);
}

static bool receives(const recoup_compile *compile, const recoup_move *move, int rep) {
    const recoup_view *view = compile->view;
    int cohort = compile->program->rep_cohort[rep];
    if (view->rep_status[rep] == RECOUP_REP_VACANT || cohort < 0 || gives(compile, move, rep))
        return false;
    if (move->to_rep.n && in_texts(&move->to_rep, view->rep_id[rep]))
        return true;
    return move->to_cohort && move->to_cohort[cohort];
}

static double capacity_of(const recoup_view *view, int rep) {
    return isnan(view->rep_capacity[rep]) ? 1 : view->rep_capacity[rep];
}

/* The receiving rep with the least load for its capacity. */
static int least_loaded(const recoup_compile *compile, const recoup_lead_move *parties,
                        const ledger *book) {
    int best = parties->to[0];
    double best_load = INFINITY;
    for (int i = 0; i < parties->n_to; i++) {
        int rep = parties->to[i];
        double load = book->load[rep] / capacity_of(compile->view, rep);
        if (load < best_load) {
            best = rep;
            best_load = load;
        }
    }
    return best;
}

static double closed_day(const recoup_program_plan *plan, int deal) {
    return plan->closed_day ? plan->closed_day[deal] : INFINITY;
}

typedef struct candidate {
    double amount;
    int deal;
} candidate;

static int compare_candidates(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->amount != y->amount)
        return x->amount < y->amount ? 1 : -1;
    return (x->deal > y->deal) - (x->deal < y->deal); /* deals are sorted by id */
}

/* One uniform for each deal and lever. */
bool recoup_compile_shares(uint64_t key, double share, const recoup_program_deal *deal) {
    return share >= 1 || recoup_random_pair(key, 0, deal->key, 0, RECOUP_DRAW_MOVE).first < share;
}

/* The deals that the move is about. */
static int find_candidates(const recoup_compile *compile, const recoup_program_plan *plan,
                           const recoup_move *move, const recoup_lead_move *parties,
                           const ledger *book, candidate *candidates) {
    const recoup_program *program = compile->program;
    int n = 0;
    for (int i = 0; i < program->n_deals; i++) {
        const recoup_program_deal *deal = &program->deal[i];
        if (book->rep[i] < 0 || !parties->from[book->rep[i]] || deal->amount < move->min_amount)
            continue;
        if ((move->stage && !move->stage[deal->stage]) || closed_day(plan, i) <= move->start_day)
            continue;
        if (recoup_compile_selects(compile, plan, book->cell[i], NULL, move->channel,
                                   move->segment) &&
            recoup_compile_shares(move->key, move->share, deal))
            candidates[n++] = (candidate){deal->amount, i};
    }
    qsort(candidates, (size_t)n, sizeof *candidates, compare_candidates);
    return n;
}

static int cell_with_crew(const recoup_program *program, int cell, int crew) {
    int rest = cell % (program->n_channels * program->n_segments);
    return crew * program->n_channels * program->n_segments + rest;
}

static recoup_status move_deals(recoup_compile *compile, const recoup_program_plan *plan,
                                const recoup_move *move, const recoup_lead_move *parties,
                                ledger *book) {
    const recoup_program *program = compile->program;
    recoup_status status = RECOUP_OK;
    candidate *candidates = RECOUP_NEW(candidate, program->n_deals);
    if (!candidates)
        return recoup_fail_memory(compile->error);
    int n = find_candidates(compile, plan, move, parties, book, candidates);
    for (int i = 0; i < n; i++) {
        int deal = candidates[i].deal, rep = least_loaded(compile, parties, book);
        double day = move->start_day + floor(move->ramp_days * (i + 0.5) / n);
        bool is_kept = closed_day(plan, deal) == INFINITY;
        if (day >= program->horizon_days || day >= closed_day(plan, deal))
            continue;
        if (!RECOUP_GROW(book->handover, book->n_handovers, book->capacity)) {
            status = recoup_fail_memory(compile->error);
            goto exit;
        }
        book->load[book->rep[deal]] -= is_kept;
        book->load[rep] += is_kept;
        if (isfinite(move->capacity)) {
            book->limit[rep] = fmin(book->limit[rep], move->capacity);
            book->limit_day[rep] = fmin(book->limit_day[rep], day);
        }
        book->rep[deal] = rep;
        book->cell[deal] = cell_with_crew(program, book->cell[deal], program->rep_cohort[rep]);
        book->handover[book->n_handovers] = (handover){
            .deal = deal,
            .order = book->n_handovers,
            .episode = {day, day + move->handover_days, rep, book->cell[deal]},
        };
        book->n_handovers++;
    }
exit:
    free(candidates);
    return status;
}

/* Who gives and who receives; reports a move without either. */
static recoup_status find_parties(recoup_compile *compile, const recoup_move *move,
                                  recoup_lead_move *parties) {
    const recoup_document *document = compile->scenario->document;
    int n_reps = compile->program->n_reps, n_from = 0;
    size_t before = compile->error ? compile->error->n_errors : 0;
    check_reps(compile, &move->from_rep);
    check_reps(compile, &move->to_rep);
    bool *from = RECOUP_COMPILE_NEW(compile, bool, n_reps);
    int *to = RECOUP_COMPILE_NEW(compile, int, n_reps);
    if (!from || !to)
        return recoup_fail_memory(compile->error);
    *parties = (recoup_lead_move){.from = from,
                                  .to = to,
                                  .share = move->share,
                                  .start_day = move->start_day,
                                  .ramp_days = move->ramp_days};
    for (int rep = 0; rep < n_reps; rep++) {
        n_from += from[rep] = gives(compile, move, rep);
        if (receives(compile, move, rep))
            to[parties->n_to++] = rep;
    }
    if (compile->error && compile->error->n_errors > before)
        return RECOUP_EINVALID;
    if (n_from == 0)
        recoup_node_note(document, move->node, compile->error,
                         "no rep matches `from`: this lever moves nothing");
    if (parties->n_to == 0)
        return recoup_node_fail(document, move->node, compile->error,
                                "nobody can receive: `to` names no active rep outside `from`");
    return RECOUP_OK;
}

static int compare_handovers(const void *a, const void *b) {
    const handover *x = a, *y = b;
    if (x->deal != y->deal)
        return x->deal < y->deal ? -1 : 1;
    if (x->episode.start_day != y->episode.start_day)
        return x->episode.start_day < y->episode.start_day ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* --- load ------------------------------------------------------------------------------------- */

/* For people: whom the plan slows down, and how much. */
static void note_loads(const recoup_compile *compile, const recoup_effects *effects,
                       const double *speed) {
    const recoup_move *limited = effects->move;
    double slowest = 1;
    int n_slow = 0;
    for (int rep = 0; rep < compile->program->n_reps; rep++) {
        n_slow += speed[rep] < 1;
        slowest = fmin(slowest, speed[rep]);
    }
    while (n_slow > 0 && !isfinite(limited->capacity))
        limited++;
    if (n_slow > 0)
        recoup_node_note(compile->scenario->document, limited->node, compile->error,
                         "reps who hold more deals than the capacity given: %d; they work all of "
                         "them more slowly, down to %.0f %% of their speed",
                         n_slow, 100 * slowest);
}

/* A rep above its capacity has speed capacity / load. */
static recoup_status set_crews(recoup_compile *compile, const recoup_effects *effects,
                               const ledger *book, recoup_program_plan *plan) {
    int n_reps = compile->program->n_reps;
    double *speed = RECOUP_NEW(double, n_reps);
    if (!speed)
        return recoup_fail_memory(compile->error);
    for (int rep = 0; rep < n_reps; rep++)
        speed[rep] = book->load[rep] > book->limit[rep] ? book->limit[rep] / book->load[rep] : 1;
    note_loads(compile, effects, speed);
    recoup_status status = recoup_compile_crews(compile, speed, book->limit_day, plan);
    free(speed);
    return status;
}

/* --- episodes --------------------------------------------------------------------------------- */

/* The episode of an owner; its cell is that of the cohort. */
static recoup_episode of_crew(const recoup_program *program, const recoup_program_plan *plan,
                              recoup_episode episode) {
    int crew = episode.rep >= 0 && plan->rep_crew ? plan->rep_crew[episode.rep] : -1;
    if (crew >= program->n_cohorts)
        episode.cell = cell_with_crew(program, episode.cell, crew);
    return episode;
}

/* The episodes of all deals, by time within a deal; of two on one day the later move's counts. A
 * deal that is closed stays with its owner. */
static recoup_status lay_out(recoup_compile *compile, ledger *book, recoup_program_plan *plan) {
    const recoup_program *program = compile->program;
    int n = program->n_deals, next = 0, total = 0;
    int *first = RECOUP_COMPILE_NEW(compile, int, n + 1);
    int most = n + book->n_handovers + (plan->closed_day ? n : 0);
    recoup_episode *episode = RECOUP_COMPILE_NEW(compile, recoup_episode, most);
    if (!first || !episode)
        return recoup_fail_memory(compile->error);
    if (book->n_handovers)
        qsort(book->handover, (size_t)book->n_handovers, sizeof *book->handover, compare_handovers);
    for (int i = 0; i < n; i++) {
        first[i] = total;
        episode[total++] = of_crew(program, plan, program->owner[i]);
        for (; next < book->n_handovers && book->handover[next].deal == i; next++)
            episode[total++] = of_crew(program, plan, book->handover[next].episode);
        if (closed_day(plan, i) < INFINITY) {
            episode[total] = episode[total - 1];
            episode[total].start_day = closed_day(plan, i);
            episode[total++].still_until = INFINITY;
        }
    }
    first[n] = total;
    plan->episode_first = first;
    plan->episode = episode;
    return RECOUP_OK;
}

/* The plan's moves in the order of their start. */
static const recoup_move **in_order(const recoup_effects *effects) {
    const recoup_move **moves = RECOUP_NEW(const recoup_move *, effects->n_moves);
    for (int i = 0; moves && i < effects->n_moves; i++) {
        int at = i;
        for (; at > 0 && moves[at - 1]->start_day > effects->move[i].start_day; at--)
            moves[at] = moves[at - 1];
        moves[at] = &effects->move[i];
    }
    return moves;
}

recoup_status recoup_compile_moves(recoup_compile *compile, const recoup_effects *effects,
                                   recoup_program_plan *plan) {
    const recoup_program *program = compile->program;
    recoup_status status = RECOUP_OK;
    ledger book = {
        .rep = RECOUP_NEW(int, program->n_deals),
        .cell = RECOUP_NEW(int, program->n_deals),
        .load = RECOUP_NEW(double, program->n_reps),
        .limit = RECOUP_NEW(double, program->n_reps),
        .limit_day = RECOUP_NEW(double, program->n_reps),
    };
    const recoup_move **moves = in_order(effects);
    recoup_lead_move *leads = RECOUP_COMPILE_NEW(compile, recoup_lead_move, effects->n_moves);
    if (!book.rep || !book.cell || !book.load || !book.limit || !book.limit_day || !moves ||
        !leads) {
        status = recoup_fail_memory(compile->error);
        goto exit;
    }
    for (int i = 0; i < program->n_deals; i++) {
        book.rep[i] = program->owner[i].rep;
        book.cell[i] = program->owner[i].cell;
        if (book.rep[i] >= 0)
            book.load[book.rep[i]] += closed_day(plan, i) == INFINITY;
    }
    for (int rep = 0; rep < program->n_reps; rep++)
        book.limit[rep] = book.limit_day[rep] = INFINITY;
    plan->lead_move = leads;
    for (int i = 0; i < effects->n_moves; i++) {
        recoup_lead_move parties = {0};
        recoup_status each = find_parties(compile, moves[i], &parties);
        if (each == RECOUP_OK)
            each = move_deals(compile, plan, moves[i], &parties, &book);
        if (each == RECOUP_OK && moves[i]->leads)
            leads[plan->n_lead_moves++] = parties;
        if (each != RECOUP_OK)
            status = each; /* go on: the other moves' problems are reported too */
    }
    if (status == RECOUP_OK)
        status = set_crews(compile, effects, &book, plan);
    if (status == RECOUP_OK)
        status = lay_out(compile, &book, plan);
exit:
    free(moves);
    free(book.rep);
    free(book.cell);
    free(book.load);
    free(book.limit);
    free(book.limit_day);
    free(book.handover);
    return status;
}
