/* Crews: the reps of a cohort who under a plan hold more deals than they can work at full speed,
 * and are equally much slower from the same day on, have laws of their own. */
#include "program/compile.h"

/* The plan's crew with this speed from this day on, added when there is none. */
static int find_crew(recoup_crew *crew, int *n, recoup_crew wanted) {
    int i = 0;
    while (i < *n && (crew[i].cohort != wanted.cohort || crew[i].speed != wanted.speed ||
                      crew[i].from_day != wanted.from_day))
        i++;
    if (i == *n)
        crew[(*n)++] = wanted;
    return i;
}

recoup_status recoup_compile_crews(recoup_compile *compile, const double *speed,
                                   const double *from_day, recoup_program_plan *plan) {
    const recoup_program *program = compile->program;
    int n_slow = 0;
    for (int rep = 0; rep < program->n_reps; rep++)
        n_slow += speed[rep] < 1;
    if (n_slow == 0)
        return RECOUP_OK;
    recoup_crew *crew = RECOUP_COMPILE_NEW(compile, recoup_crew, n_slow);
    int *rep_crew = RECOUP_COMPILE_NEW(compile, int, program->n_reps);
    if (!crew || !rep_crew)
        return recoup_fail_memory(compile->error);
    for (int rep = 0; rep < program->n_reps; rep++) {
        rep_crew[rep] = program->rep_cohort[rep];
        if (speed[rep] < 1) {
            recoup_crew wanted = {program->rep_cohort[rep], speed[rep], from_day[rep]};
            rep_crew[rep] = program->n_cohorts + find_crew(crew, &plan->n_crews, wanted);
        }
    }
    plan->crew = crew;
    plan->rep_crew = rep_crew;
    return RECOUP_OK;
}
