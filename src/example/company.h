/* The example's company: its true model and its people. */
#ifndef RECOUP_EXAMPLE_COMPANY_H
#define RECOUP_EXAMPLE_COMPANY_H

/* model.yaml of the truth, for a company with about 4,000 deals in its history. */
extern const char recoup_example_truth[];
/* Its plans, the end of scenario.yaml. */
extern const char recoup_example_plans[];

/* One group of reps. */
typedef struct recoup_example_group {
    const char *cohort; /* of the truth */
    int n_reps;
    double quota;      /* of one rep and period, at 4,000 deals */
    int first_quarter; /* of the history: hired at its start; before: -1 */
} recoup_example_group;

enum { RECOUP_EXAMPLE_GROUPS = 4 };
extern const recoup_example_group recoup_example_groups[RECOUP_EXAMPLE_GROUPS];

#endif
