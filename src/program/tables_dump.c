/* The compiled program as text, for people who ask what a forecast was computed from. */
#include "program/tables.h"

#include <errno.h>
#include <string.h>

static void print_target(const recoup_program_exit *exit, FILE *stream) {
    if (exit->target >= 0)
        fprintf(stream, "to stage %d", exit->target);
    else
        fputs(exit->target == RECOUP_EXIT_WON    ? "won"
              : exit->target == RECOUP_EXIT_LOST ? "lost"
                                                 : "never",
              stream);
}

static void print_exits(const recoup_program *program, FILE *stream) {
    fputs("exits\n", stream);
    for (int stage = 0; stage < program->n_stages; stage++)
        for (int e = program->exit_first[stage]; e < program->exit_first[stage + 1]; e++) {
            const recoup_program_exit *exit = &program->exit[e];
            fprintf(stream, "  stage %d ", stage);
            print_target(exit, stream);
            fprintf(stream, ": %s", recoup_family_name(exit->dwell.family));
            for (int i = 0; i < recoup_family_n_shapes(exit->dwell.family); i++)
                fprintf(stream, " shape %.6g", exit->dwell.shape[i]);
            fprintf(stream, ", logit per log size %.6g, per discount %.6g, per Z %.6g\n",
                    exit->size_logit, exit->discount_logit, exit->market);
        }
}

/* What the numbers of cells stand for: of the cohorts, then of a plan's crews. */
static void print_cells(const recoup_program *program, FILE *stream) {
    fputs("cells\n", stream);
    for (int cell = 0; cell < program->n_cells; cell++) {
        int crew = cell / program->n_segments / program->n_channels;
        bool own = crew >= program->n_cohorts;
        fprintf(stream, "  cell %d: %s %d, channel %d, segment %d\n", cell, own ? "crew" : "cohort",
                own ? crew - program->n_cohorts : crew,
                cell / program->n_segments % program->n_channels, cell % program->n_segments);
    }
}

static void print_crews(const recoup_program_plan *plan, FILE *stream) {
    for (int i = 0; i < plan->n_crews; i++)
        fprintf(stream, "  crew %d: of cohort %d, speed %.6g from day %.6g on\n", i,
                plan->crew[i].cohort, plan->crew[i].speed, plan->crew[i].from_day);
}

/* Each epoch with the logits and the time scales of the stage's exits. */
static void print_laws(const recoup_program *program, const recoup_program_plan *plan,
                       FILE *stream) {
    int n_crews = program->n_cohorts + plan->n_crews;
    int n_cells = n_crews * program->n_channels * program->n_segments;
    for (int i = 0; i < n_cells * program->n_stages; i++) {
        int stage = i % program->n_stages;
        for (int k = plan->epoch_first[i]; k < plan->epoch_first[i + 1]; k++) {
            const recoup_epoch *epoch = &plan->epoch[k];
            fprintf(stream, "  cell %d stage %d from day %.6g: speed %.6g, limit %.6g;",
                    i / program->n_stages, stage, epoch->start_day, epoch->speed, epoch->cap_share);
            for (int e = program->exit_first[stage]; e < program->exit_first[stage + 1]; e++) {
                const recoup_law *law = &plan->law[epoch->law + e - program->exit_first[stage]];
                fputs(e > program->exit_first[stage] ? "; " : " ", stream);
                print_target(&program->exit[e], stream);
                fprintf(stream, " logit %.6g, log days %.6g", law->logit, law->mu);
            }
            fputc('\n', stream);
        }
    }
}

static void print_row(const recoup_tables *tables, uint32_t row, double market, FILE *stream) {
    double x = recoup_tables_x(market);
    fprintf(stream, "    Z %2g:", market);
    for (int slot = 0; slot < tables->n_slots; slot++) {
        const float *c = tables->coefficient + row + slot * tables->n_terms;
        double sum = 0;
        for (int k = tables->n_terms - 1; k >= 0; k--)
            sum = sum * x + (double)c[k];
        fprintf(stream, " %.5f", sum);
    }
    fputc('\n', stream);
}

/* The mean factor of the levers on the amount, where there is any. */
static void print_factor(const recoup_tables *tables, int32_t row, FILE *stream) {
    if (row < 0)
        return;
    fputs("    amount:", stream);
    for (int slot = 0; slot < tables->n_slots; slot++)
        fprintf(stream, " %.5f", (double)tables->factor[row + slot]);
    fputc('\n', stream);
}

/* New deals of average size, without discount, of a stream's own cohort. */
static void print_arrivals(const recoup_tables *tables, int plan, FILE *stream) {
    const recoup_program *program = tables->program;
    double weight[RECOUP_TABLES_MAX_TERMS], win[RECOUP_TABLES_MAX_SLOTS];
    int segment = program->n_mix > 0 ? 0 : program->n_segments - 1;
    for (int s = 0; s < program->n_streams; s++) {
        const recoup_program_stream *of = &program->stream[s];
        int channel = program->n_channels == 1 ? 0 : of->channel;
        int cell = recoup_program_cell(program, of->cohort, channel, segment);
        fprintf(stream, "  new deals of cell %d, won by the end when they arrive on day\n", cell);
        for (int k = 0; k < 3; k++) {
            double day = k / 3. * program->horizon_days;
            fprintf(stream, "    %.6g: Z -2, 0, 2:", day);
            for (int z = -2; z <= 2; z += 2) {
                recoup_tables_weights(tables, recoup_tables_x(z), weight);
                recoup_tables_arrival(tables, plan, cell, false, day, 0, 0, weight, win);
                fprintf(stream, " %.5f", win[tables->n_slots - 1]);
            }
            fputc('\n', stream);
        }
    }
}

static void print_deal(const recoup_tables *tables, int plan, int i, const char *id, FILE *stream) {
    const recoup_program *program = tables->program;
    const recoup_program_deal *deal = &program->deal[i];
    const recoup_outlook *look =
        &tables->outlook[(size_t)plan * (size_t)program->n_deals + (size_t)i];
    const recoup_outlook *first = &tables->outlook[i];
    fprintf(stream, "  deal %s: stage %d, age %.6g days, log size %.6g, discount %.6g, unit", id,
            deal->stage, deal->age_days, deal->log_size, deal->discount);
    for (int slot = 0; slot < tables->n_slots; slot++)
        if (slot == 0 ||
            tables->slot_unit[look->unit + slot] != tables->slot_unit[look->unit + slot - 1])
            fprintf(stream, " %d", tables->slot_unit[look->unit + slot]);
    if (plan > 0 && look->win == first->win && look->capped_win == look->win) {
        fputs(": as in the first plan\n", stream);
        print_factor(tables, look->factor, stream);
        return;
    }
    fputc('\n', stream);
    print_factor(tables, look->factor, stream);
    for (int z = -2; z <= 2; z += 2)
        print_row(tables, look->win, z, stream);
    if (look->capped_win == look->win)
        return;
    fputs("   with the limit\n", stream);
    print_factor(tables, look->capped_factor, stream);
    for (int z = -2; z <= 2; z += 2)
        print_row(tables, look->capped_win, z, stream);
}

recoup_status recoup_tables_dump(const recoup_tables *tables, const char *const *plan_name,
                                 char *const *deal_id, FILE *stream, recoup_error *error) {
    const recoup_program *program = tables->program;
    fprintf(stream,
            "win tables: step %g days (halving it changes %.1g at most), %d terms in Z, %d nodes "
            "of size, %d of discount\n",
            tables->grid.grid_days, tables->grid.check_error, tables->n_terms, tables->grid.n_sizes,
            tables->grid.n_discounts);
    fputs("Rows are P(won by the end of the slot). Laws are in force from their day on; their odds "
          "are "
          "exp(logit).\n"
          "slots end on day",
          stream);
    for (int slot = 0; slot < tables->n_slots; slot++)
        fprintf(stream, " %.6g", tables->slot_end[slot]);
    fputc('\n', stream);
    print_exits(program, stream);
    print_cells(program, stream);
    for (int s = 0; s < program->n_streams; s++) {
        const recoup_program_stream *of = &program->stream[s];
        fprintf(stream,
                "stream of cohort %d channel %d: %.6g a day, of which at most these shares win, by "
                "band of "
                "Z:",
                of->cohort, of->channel, of->rate);
        for (int band = 0; band < tables->n_bands; band++)
            fprintf(stream, " %.4g", tables->bound[s * tables->n_bands + band]);
        fputc('\n', stream);
    }
    for (int plan = 0; plan < program->n_plans; plan++) {
        fprintf(stream, "plan %s\n", plan_name[plan]);
        print_crews(&program->plan[plan], stream);
        print_laws(program, &program->plan[plan], stream);
        print_arrivals(tables, plan, stream);
        for (int i = 0; i < program->n_deals; i++)
            print_deal(tables, plan, i, deal_id[i], stream);
    }
    if (ferror(stream))
        return recoup_fail(error, RECOUP_EIO, NULL, "writing the program failed: %s",
                           strerror(errno));
    return RECOUP_OK;
}
