"""Parameter draws from end to end: stored beside the model, used by a run, refused when they do not
fit."""

import unittest

import h5py
import numpy

from harness import DEALS, HISTORY, REPS, SCENARIO, RecoupTest, as_csv, digest, make_history

TEAM = (SCENARIO.replace("model: model.yaml\n", "").replace("  activities: activities.csv\n", "")
        .replace("quota: 60000", "quota: 400000")
        .replace("paths: 2000", "paths: 2000, parameter_draws: 8"))
MODELLED = TEAM.replace("recoup: scenario/1\n", "recoup: scenario/1\nmodel: out/m1.yaml\n")


def variables(path):
    with h5py.File(path) as file:
        return {name: data[()] for name, data in file.items()}


class Uncertainty(RecoupTest):
    def setUp(self):
        super().setUp()
        deals, history, reps = make_history()
        self.write({"deals.csv": as_csv(DEALS, deals), "stage_history.csv": as_csv(HISTORY, history),
                    "reps.csv": as_csv(REPS, reps), "scenario.yaml": TEAM})

    def fit(self, name="m1.yaml"):
        self.assert_status(self.recoup("fit", "scenario.yaml", "-o", f"out/{name}"), 0)
        return self.out / name.replace(".yaml", ".h5")

    def test_fit_then_run_is_run(self):
        """Values of the results, that is: the text of the scenario names a model in one of them."""
        self.run_json()
        fitted = variables(self.out / "results.h5")
        self.fit()
        self.write({"deals.csv": (self.folder / "deals.csv").read_bytes(),
                    "stage_history.csv": (self.folder / "stage_history.csv").read_bytes(),
                    "reps.csv": (self.folder / "reps.csv").read_bytes(), "scenario.yaml": MODELLED})
        found = set()
        for threads in ("1", "2", "3", "7"):
            self.run_json("--threads", threads)
            found.add(digest(self.out / "results.h5"))
        self.assertEqual(len(found), 1)
        read = variables(self.out / "results.h5")
        self.assertEqual(fitted.keys(), read.keys())
        for name, values in fitted.items():
            numpy.testing.assert_array_equal(values, read[name], name)
        self.assertEqual(read["hit_probability_draw"].shape[1], 8)
        self.assertGreater(len(set(read["hit_probability_draw"][0])), 1)

    def test_equal_fits_give_equal_bytes(self):
        first = digest(self.fit())
        self.assertEqual(digest(self.fit()), first)
        deals, history, reps = make_history()
        self.write({"deals.csv": as_csv(DEALS, deals[::-1]),
                    "stage_history.csv": as_csv(HISTORY, history[::-1]),
                    "reps.csv": as_csv(REPS, reps), "scenario.yaml": TEAM})
        self.assertEqual(digest(self.fit()), first)

    def test_file(self):
        with h5py.File(self.fit("m2.yaml")) as file:
            names = [name.decode() for name in file["parameter"][()]]
            value, mode = file["value"][()], file["mode"][()]
            self.assertEqual([scale.label or scale[0].name for scale in file["value"].dims],
                             ["/draw", "/parameter"])
        self.assertEqual(value.shape, (400, len(names)))
        self.assertEqual(len(set(names)), len(names))
        self.assertTrue(numpy.isfinite(value).all())
        # Means of 400 draws are within 5 standard errors of what was fitted: of the logarithms
        # themselves where these are normal, of the numbers where the posterior has their mean.
        for i, name in enumerate(names):
            mean = name.endswith((".log_loading", ".log_share"))
            draws, fitted = (numpy.exp(value[:, i]), numpy.exp(mode[i])) if mean else (value[:, i], mode[i])
            self.assertLessEqual(abs(draws.mean() - fitted), 5 * draws.std() / 20, name)
        self.assertIn("uncertainty: m2.h5", (self.out / "m2.yaml").read_text())

    def test_comparison_has_the_range_over_draws(self):
        comparison = self.run_json()
        self.assertEqual(comparison["parameter_draws"], 8)
        for plan in comparison["plans"]:
            self.assertLessEqual(plan["hit_probability_low"], plan["hit_probability"])
            self.assertGreaterEqual(plan["hit_probability_high"], plan["hit_probability"])

    def refused(self, *fragments):
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5")
        self.assert_status(done, 3)
        for fragment in fragments:
            self.assertIn(fragment, done.stderr)

    def test_refusals(self):
        draws = self.fit()
        text = (self.out / "m1.yaml").read_text()
        (self.folder / "scenario.yaml").write_text(MODELLED)
        (self.out / "m1.yaml").write_text("".join(
            line for line in text.splitlines(True) if not line.startswith("uncertainty:")))
        self.refused("out/m1.yaml has no stored uncertainty; expected 1", "scenario.yaml:")
        (self.out / "m1.yaml").write_text(text)
        (self.folder / "scenario.yaml").write_text(
            MODELLED.replace("parameter_draws: 8", "parameter_draws: 401"))
        self.refused("the model stores 400 draws")
        (self.folder / "scenario.yaml").write_text(MODELLED)
        content = draws.read_bytes()
        draws.write_bytes(content[:1000] + b"?" + content[1001:])
        self.refused("m1.h5: error: the file is damaged")
        draws.unlink()
        self.refused("'uncertainty' names the file 'm1.h5', which is not there", "m1.yaml:")


if __name__ == "__main__":
    unittest.main()
