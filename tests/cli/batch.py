"""Batches: every file is the one that `recoup run` writes, shared inputs are read and fitted once, a
wrong scenario stops nobody, and a batch that was killed goes on to the same bytes."""

import csv
import io
import signal
import subprocess
import time
import unittest

import h5py

from harness import (DEALS, HISTORY, RECOUP, REPS, SCENARIO, SOURCE, RecoupTest, as_csv, digest,
                     make_history, read_json)

CAP = "plans.capped.levers.0.discount_limit.max"
START = "plans.capped.levers.0.discount_limit.start"
# A model is fitted to the made-up history; the second plan's limit and start are what is swept.
GRID = """\
recoup: scenario/1
name: Grid
as_of: 2026-11-02
period: {start: 2026-10-01, end: 2026-12-31}
currency: EUR
quota: {from: reps}
data: {deals: deals.csv, stage_history: stage_history.csv, reps: reps.csv}
pipeline: [first, second]
simulation: {paths: 4000, seed: 3, parameter_draws: 4, estimator: walk}
plans:
  - name: as is
  - name: capped
    levers:
      - discount_limit: {max: 10%, win_logit_per_point: 0.01, start: +7d}
sweep:
  quota: [500e3, 600_000]
  plans.capped.levers.0.discount_limit.max: [2%, 5%, 10%]
"""


class Batch(RecoupTest):
    def write_team(self):
        """The fitted team, with its scenario in the folder `in`."""
        deals, history, reps = make_history()
        (self.folder / "in").mkdir()
        for name, content in {"deals.csv": as_csv(DEALS, deals),
                              "stage_history.csv": as_csv(HISTORY, history),
                              "reps.csv": as_csv(REPS, reps), "grid.yaml": GRID}.items():
            (self.folder / "in" / name).write_text(content)

    def batch(self, *arguments, status=0):
        done = self.recoup("batch", *arguments, "-o", "out", "--json")
        self.assert_status(done, status)
        return read_json(done.stdout) if done.stdout else None, done

    def contents(self, folder="out"):
        return {path.name: digest(path) for path in sorted((self.folder / folder).iterdir())}

    def test_every_file_is_that_of_a_run(self):
        self.write_team()
        answer, _ = self.batch("in", "--sweep", f"{START}=+0d,2026-11-16")
        self.assertEqual((answer["n_scenarios"], answer["n_written"]), (12, 12))
        self.assertEqual((answer["n_tables_read"], answer["n_fits"]), (1, 1))
        self.assertEqual(len({entry["scenario"] for entry in answer["scenarios"]}), 12)
        for entry in answer["scenarios"]:
            values = entry["sweep"]
            self.assertEqual(set(values), {"quota", CAP, START})
            if (values["quota"], values[CAP]) != ("600_000", "5%"):
                continue
            text = GRID[:GRID.index("sweep:")].replace("{from: reps}", values["quota"])
            text = text.replace("10%", values[CAP]).replace("+7d", values[START])
            (self.folder / "in" / "single.yaml").write_text(text)
            done = self.recoup("run", "in/single.yaml", "-o", "single.h5", "-q", "--json")
            self.assert_status(done, 0)
            self.assertEqual(digest(self.folder / "single.h5"), digest(self.folder / entry["results"]))
            for plan, same in zip(entry["plans"], read_json(done.stdout)["plans"]):
                self.assertEqual({key: same[key] for key in plan}, plan)

    def test_summaries(self):
        """summary.csv, summary.h5 and --json say the same; a plan that a scenario lacks is NaN."""
        self.write_team()
        other = GRID[:GRID.index("sweep:")].replace("name: capped", "name: other")
        (self.folder / "in" / "other.yaml").write_text(other)
        answer, _ = self.batch("in/grid.yaml", "in/other.yaml")
        rows = list(csv.DictReader(io.StringIO((self.out / "summary.csv").read_text())))
        plans = [(entry, plan) for entry in answer["scenarios"] for plan in entry["plans"]]
        self.assertEqual(len(rows), 14)
        with h5py.File(self.out / "summary.h5") as file:
            names = [name.decode() for name in file["scenario"]]
            self.assertEqual(names, [entry["scenario"] for entry in answer["scenarios"]])
            self.assertEqual([name.decode() for name in file["plan"]], ["as is", "capped", "other"])
            for row, (entry, plan) in zip(rows, plans, strict=True):
                self.assertEqual((row["scenario"], row["plan"]), (entry["scenario"], plan["plan"]))
                self.assertEqual(row["sweep.quota"], entry["sweep"].get("quota", ""))
                at = names.index(entry["scenario"]), ["as is", "capped", "other"].index(plan["plan"])
                for key, value in plan.items():
                    if key == "plan":
                        continue
                    self.assertEqual(None if row[key] == "" else float(row[key]), value)
                    stored = file[key][at]
                    self.assertEqual(None if stored != stored else stored, value)
            self.assertTrue(file["hit_probability"][-1, 1] != file["hit_probability"][-1, 1])
            self.assertEqual(file["sweep_quota"][0], 500e3)
            self.assertEqual(file["sweep_quota"].attrs["key"].decode(), "quota")
            self.assertEqual([list(map(lambda scale: scale.name, axis.values()))
                              for axis in file["hit_gain"].dims], [["/scenario"], ["/plan"]])

    def test_bad_ones_stop_nobody(self):
        self.write()
        (self.folder / "bad.yaml").write_text(SCENARIO.replace("quota:", "qouta:"))
        (self.folder / "lost.yaml").write_text(SCENARIO.replace("deals.csv", "nowhere.csv"))
        answer, done = self.batch(".", "absent.yaml", "--sweep", "simulation.seed=1,-1", status=1)
        states = {entry["scenario"]: entry["state"] for entry in answer["scenarios"]}
        self.assertEqual(states, {"scenario-seed=1": "written", "scenario-seed=-1": "failed",
                                  "bad-seed=1": "failed", "bad-seed=-1": "failed",
                                  "lost-seed=1": "failed", "lost-seed=-1": "failed",
                                  "absent": "failed"})
        for fragment in ("did you mean 'quota'", "nowhere.csv", "absent.yaml", "'seed' is '-1'"):
            self.assertIn(fragment, done.stderr)
        self.assertEqual(set(self.contents()), {"scenario-seed=1.h5", "summary.csv", "summary.h5"})

    def test_all_bad(self):
        self.write({"scenario.yaml": SCENARIO.replace("quota:", "qouta:")})
        done = self.recoup("batch", "scenario.yaml", "-o", "new")
        self.assert_status(done, 3)
        self.assertEqual(done.stdout, "")
        self.assertFalse((self.folder / "new").exists())
        self.assert_status(self.recoup("batch", "out", "-o", "new"), 3)  # nothing there

    def test_wrong_usage(self):
        self.write()
        for arguments in ((), ("scenario.yaml",), ("scenario.yaml", "-o", "out", "--sweep", "quota"),
                          ("scenario.yaml", "-o", "out", "--sweep", "quota=[1"),
                          ("scenario.yaml", "-o", "out", "--sweep", "quota=1", "--sweep", "quota=2")):
            with self.subTest(arguments=arguments):
                self.assert_status(self.recoup("batch", *arguments), 2)

    def test_paths_that_lead_nowhere(self):
        self.write()
        for key, fragment in {"plans.psuh.start": "did you mean 'push'",
                              "plans.7.start": "no item '7'",
                              "quota.from": "single value",
                              "simulatoin.seed": "did you mean 'simulation'",
                              "a..b": "no path"}.items():
            done = self.recoup("batch", "scenario.yaml", "-o", "new", "--sweep", f"{key}=1")
            self.assert_status(done, 3)
            self.assertIn(fragment, done.stderr)

    def test_names_are_safe_and_unique(self):
        self.write()
        for folder in ("north", "south"):
            (self.folder / folder).mkdir()
            (self.folder / folder / "q4.yaml").write_text(
                SCENARIO.replace("deals: deals", "deals: ../deals")
                .replace("history: stage", "history: ../stage").replace("reps: reps", "reps: ../reps")
                .replace("activities: act", "activities: ../act").replace(": model", ": ../model"))
        answer, _ = self.batch("north/q4.yaml", "south", "north/q4.yaml", "--sweep",
                               "name=../x,..:X")
        names = [entry["scenario"] for entry in answer["scenarios"]]
        self.assertEqual(answer["n_written"], 6)
        self.assertEqual(len({name.lower() for name in names}), 6)
        self.assertEqual(set(self.contents()),
                         {f"{name}.h5" for name in names} | {"summary.csv", "summary.h5"})
        self.assertEqual(answer["n_tables_read"], 1)  # ../deals.csv of both is one table

    def test_resume(self):
        """Killed at any moment and resumed: the bytes of an uninterrupted batch, nothing else."""
        self.write_team()
        began = time.monotonic()
        self.batch("in", "--sweep", f"{START}=+0d,+3d")
        whole = time.monotonic() - began
        expected = self.contents()
        for share in (0.3, 0.6, 0.9):
            with subprocess.Popen([RECOUP, "batch", "in", "-o", "part", "--sweep",
                                   f"{START}=+0d,+3d", "--resume", "--quiet"], cwd=self.folder,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                time.sleep(share * whole)
                process.send_signal(signal.SIGKILL)
        part = self.folder / "part"
        part.mkdir(exist_ok=True)
        (part / f"{next(iter(expected))}.Ab12xY").write_text("half a file of a killed batch")
        done = self.recoup("batch", "in", "-o", "part", "--sweep", f"{START}=+0d,+3d", "--resume")
        self.assert_status(done, 0)
        self.assertEqual(self.contents("part"), expected)

    def test_resume_keeps_what_is_done(self):
        self.write_team()
        self.batch("in")
        times = {path.name: path.stat().st_mtime_ns for path in self.out.glob("grid*")}
        answer, _ = self.batch("in", "--resume")
        self.assertEqual((answer["n_kept"], answer["n_written"], answer["n_fits"]), (6, 0, 0))
        self.assertEqual(times, {path.name: path.stat().st_mtime_ns for path in self.out.glob("grid*")})
        # other tables, other scenario, a damaged file: made anew
        path = self.folder / "in" / "deals.csv"
        path.write_text(path.read_text().replace(",web,", ",event,", 1))
        answer, _ = self.batch("in", "--resume")
        self.assertEqual((answer["n_kept"], answer["n_written"]), (0, 6))
        # what only the hygiene rules read counts too
        heading, *rows = path.read_text().splitlines()
        for step in ("", "call back"):
            path.write_text("\n".join([heading + ",next_step"] + [row + "," + step for row in rows]))
            answer, _ = self.batch("in", "--resume")
            self.assertEqual(answer["n_written"], 6)
        grid = self.folder / "in" / "grid.yaml"
        grid.write_text(GRID.replace("[2%, 5%, 10%]", "[2%, 5%]").replace("seed: 3", "seed: 4"))
        answer, _ = self.batch("in", "--resume")
        self.assertEqual((answer["n_kept"], answer["n_written"]), (0, 4))
        first = self.folder / answer["scenarios"][0]["results"]
        good = first.read_bytes()
        first.write_bytes(good[:-100])
        answer, _ = self.batch("in", "--resume")
        self.assertEqual((answer["n_kept"], answer["n_written"]), (3, 1))
        self.assertEqual(first.read_bytes(), good)

    def test_resume_sees_another_model(self):
        self.write()
        self.batch("scenario.yaml")
        self.assertEqual(self.batch("scenario.yaml", "--resume")[0]["n_kept"], 1)
        model = self.folder / "model.yaml"
        model.write_text(model.read_text().replace("logit: 0.2", "logit: 0.25"))
        self.assertEqual(self.batch("scenario.yaml", "--resume")[0]["n_kept"], 0)

    def test_interrupt(self):
        self.write()
        with subprocess.Popen([RECOUP, "batch", "scenario.yaml", "-o", "out", "--sweep",
                               "simulation.paths=1000,4e9"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            for _ in range(600):
                if list(self.out.glob("*.h5")):
                    break
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        self.assertEqual((process.returncode, stdout), (1, ""), stderr)
        self.assertIn("interrupted", stderr)
        self.assertEqual(list(self.contents()), ["scenario-paths=1000.h5"])

    def test_one_batch_a_folder(self):
        self.write()
        with subprocess.Popen([RECOUP, "batch", "scenario.yaml", "-o", "out", "--sweep",
                               "simulation.paths=1000,4e9", "--quiet"], cwd=self.folder,
                              stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            for _ in range(600):
                if list(self.out.glob("*.h5")):
                    break
                time.sleep(0.05)
            done = self.recoup("batch", "scenario.yaml", "-o", "out")
            process.kill()
        self.assert_status(done, 1)
        self.assertIn("another batch", done.stderr)

    def test_example(self):
        """Quota and discount cap on the shipped example: one fit for all, win tables shared between
        quotas, the files of single runs, and a plausible answer."""
        cap = "plans.discount limit.levers.0.discount_limit.max"
        answer, _ = self.batch(SOURCE / "scenarios" / "recovery-q4", "--sweep", "quota=3e6,4e6",
                               "--sweep", f"{cap}=5%,15%", "--sweep", "simulation.paths=2000",
                               "--sweep", "simulation.parameter_draws=4",
                               "--sweep", "decisions.sensitivity=false")
        self.assertEqual((answer["n_written"], answer["n_tables_read"], answer["n_fits"]), (4, 1, 1))
        chance = [{plan["plan"]: plan["hit_probability"] for plan in entry["plans"]}
                  for entry in answer["scenarios"]]
        for low, high in ((0, 2), (1, 3)):  # a higher quota is hit less often, by every plan
            for plan, value in chance[low].items():
                self.assertLess(chance[high][plan], value)
        for a, b in ((0, 1), (2, 3)):  # the cap is that of one plan alone
            for plan in chance[a]:
                self.assertEqual(chance[a][plan] == chance[b][plan], plan != "discount limit")
        last = answer["scenarios"][-1]  # it follows the one with the other quota and the same cap
        (self.folder / "single").mkdir()
        self.assert_status(self.recoup("example", "single", "--seed", "1"), 0)
        text = (self.folder / "single" / "scenario.yaml").read_text()
        limit = text.index("- name: discount limit")
        text = (text[:limit].replace("quota: {from: reps}", "quota: 4e6")
                .replace("paths: 20000", "paths: 2000").replace("draws: 200", "draws: 4")
                .replace("sensitivity: true", "sensitivity: false")
                + text[limit:].replace("max: 10%", "max: 15%", 1))
        (self.folder / "single" / "scenario.yaml").write_text(text)
        self.assert_status(self.recoup("run", "single/scenario.yaml", "-o", "single.h5", "-q"), 0)
        self.assertEqual(last["sweep"], {"quota": "4e6", cap: "15%", "simulation.paths": "2000",
                                         "simulation.parameter_draws": "4",
                                         "decisions.sensitivity": "false"})
        self.assertEqual(digest(self.folder / "single.h5"), digest(self.folder / last["results"]))

    def test_threads(self):
        self.write_team()
        self.batch("in", "--threads", "1")
        one = self.contents()
        self.batch("in", "--threads", "3")
        self.assertEqual(self.contents(), one)

    def test_a_run_takes_a_sweep_as_it_stands(self):
        self.write({"scenario.yaml": SCENARIO + "sweep: {quota: [1e6]}\n"})
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5", "--json")
        self.assert_status(done, 0)
        self.assertIn("recoup batch", done.stderr)
        self.assertEqual(read_json(done.stdout)["quota"], 60000)
        resolved = self.recoup("check", "scenario.yaml", "--resolved").stdout
        self.assertIn("sweep:\n  quota:\n    - 1e6\n", resolved)


if __name__ == "__main__":
    unittest.main()
