#include "decide/sensitivity_levers.h"

#include "scenario/lever.h"
#include <string.h>

bool recoup_plan_has_lever(const recoup_plan *plan, const recoup_lever *lever) {
    for (int i = 0; i < plan->n_levers; i++)
        if (recoup_same_lever(&plan->lever[i], lever))
            return true;
    return false;
}

static bool name_lever(recoup_named_lever *named, int number, int of, recoup_arena *arena) {
    const char *kind = recoup_lever_type_of(named->lever)->name;
    char name[64];
    int length = of > 1 ? snprintf(name, sizeof name, "%s %d", kind, number)
                        : snprintf(name, sizeof name, "%s", kind);
    named->name = recoup_arena_text(arena, name, (size_t)length);
    return named->name != NULL;
}

recoup_named_lever *recoup_named_levers(const recoup_scenario *scenario, recoup_arena *arena,
                                        int *n) {
    int most = 0, of_kind[RECOUP_N_LEVERS] = {0}, number[RECOUP_N_LEVERS] = {0};
    for (int p = 0; p < scenario->n_plans; p++)
        most += scenario->plan[p].n_levers;
    recoup_named_lever *named = recoup_arena_alloc(arena, (size_t)most, sizeof *named);
    *n = 0;
    for (int p = 0; p < scenario->n_plans && named; p++)
        for (int i = 0; i < scenario->plan[p].n_levers; i++) {
            const recoup_lever *lever = &scenario->plan[p].lever[i];
            int k = 0;
            while (k < *n && !recoup_same_lever(named[k].lever, lever))
                k++;
            if (k < *n)
                continue;
            named[(*n)++].lever = lever;
            of_kind[lever->kind]++;
        }
    for (int k = 0; k < *n; k++) {
        recoup_lever_kind kind = named[k].lever->kind;
        if (!name_lever(&named[k], ++number[kind], of_kind[kind], arena))
            return NULL;
    }
    return named;
}
