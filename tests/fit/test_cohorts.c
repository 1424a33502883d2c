/* The shape of a team of several cohorts against its closed form. */
#include "synthetic_view.h"

#include "fit/groups.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_psi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { COHORTS = 9, EACH = 6, N = COHORTS * EACH };

/* Cohorts far apart, each with the same quantiles of a lognormal around its own location for
 * "advance", and as many lost deals; *squares: of the logs around the locations. */
static recoup_view *draw_cohorts(double *squares) {
    recoup_view *view = empty_view(1, COHORTS, 0, 2 * N, 2 * N);
    *squares = 0;
    for (int c = 0; c < COHORTS; c++)
        for (int i = 0; i < EACH; i++) {
            double z = gsl_cdf_ugaussian_Pinv((i + .5) / EACH);
            int won = add_deal(view, c, -1, view->as_of - 5000 - i, 1000);
            add_visit(view, won, 0, view->created[won], exp(1.6 + .5 * c + z), RECOUP_TO_WON);
            int lost = add_deal(view, c, -1, view->as_of - 5000 - i, 1000);
            add_visit(view, lost, 0, view->created[lost], exp(3 + z), RECOUP_TO_LOST);
            *squares += z * z;
        }
    return view;
}

/* All stays seen, and hardly any pooling: the sum of squares S over sigma² is chi-square with N
 * less a degree of freedom for each cohort, so that E(log sigma) = (log S - log 2 - psi(freedom /
 * 2)) / 2. With the cohorts as given it would be log(N / freedom) / 2 = .09 less. One step of
 * Newton's leaves about the square of that, and the little pooling and the prior on log sigma move
 * it by .01. */
static void shapes_allow_for_the_cohorts(void **state) {
    (void)state;
    double squares;
    recoup_view *view = draw_cohorts(&squares);
    recoup_fitting fitting = {.view = view, .model = recoup_model_new()};
    recoup_exit exits[2] = {{.target = RECOUP_EXIT_WON}, {.target = RECOUP_EXIT_LOST}};
    recoup_stage stage = {.n_exits = 2, .exit = exits};
    recoup_stage_data data;
    recoup_choice team = {.mixture.n_exits = 2, .has_covariance = true};
    const recoup_prior prior = recoup_prior_weak();
    const bool fixed[2] = {false, false};
    assert_non_null(fitting.model);
    assert_true(recoup_stage_data_create(view, 0, &data));
    for (int e = 0; e < 2; e++)
        exits[e].dwell = team.mixture.dwell[e] = (recoup_dist){RECOUP_LOGNORMAL, 3, {1, 0}};
    team.layout = recoup_layout_of(&team.mixture, fixed, false);
    assert_true(recoup_mixture_fit(&team.mixture, &team.layout, &prior, data.stay, data.n_stays,
                                   team.covariance));
    assert_int_equal(recoup_fit_cohorts(&fitting, &stage, &data, &team, fixed), RECOUP_OK);
    double expected = (log(squares) - log(2) - gsl_sf_psi((N - COHORTS) / 2.)) / 2;
    assert_true(fabs(log(team.mixture.dwell[0].shape[0]) - expected) < .02);
    free(data.stay);
    recoup_posterior_clear(&fitting.posterior);
    recoup_model_free(fitting.model);
    free_view(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes_allow_for_the_cohorts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
