"""The command line itself: help, version, wrong usage, streams, and output that cannot be written."""

import csv
import io
import os
import pty
import re
import subprocess
import unittest

from harness import RECOUP, RecoupTest, read_json

COMMANDS = ("run", "fit", "compare", "check", "activity", "report", "batch", "example")


class Usage(RecoupTest):
    def test_help(self):
        listed = self.recoup("--help")
        self.assert_status(listed, 0)
        self.assertEqual(self.recoup("help").stdout, listed.stdout)
        for command in COMMANDS:
            self.assertIn(f"  {command} ", listed.stdout)
            own = self.recoup(command, "--help")
            self.assert_status(own, 0)
            self.assertIn(f"Usage: recoup {command} ", own.stdout)
            self.assertEqual(self.recoup("help", command).stdout, own.stdout)

    def test_version(self):
        done = self.recoup("--version")
        self.assert_status(done, 0)
        for pattern in (r"^recoup \d+\.\d+\.\d+$", r"^git \w+$", r"^build .+$",
                        r"^instruction set \w+$"):
            self.assertRegex(done.stdout, re.compile(pattern, re.MULTILINE))

    def test_wrong_usage(self):
        self.write()
        cases = {
            (): "Usage",
            ("rnu", "scenario.yaml"): "did you mean `run`",
            ("frobnicate",): "no command",
            ("help", "comapre"): "did you mean `compare`",
            ("--quiet",): "no command",
            ("run",): "SCENARIO",
            ("run", "scenario.yaml", "other.yaml"): "too many",
            ("run", "scenario.yaml", "--paths", "1e6x"): "1e6x",
            ("run", "scenario.yaml", "--paths", "0"): "--paths",
            ("run", "scenario.yaml", "--paths", "1.5"): "--paths",
            ("run", "scenario.yaml", "--paths", "-5"): "--paths",
            ("run", "scenario.yaml", "--paths", ""): "--paths",
            ("run", "scenario.yaml", "--seed", "1e400"): "--seed",
            ("run", "scenario.yaml", "--threads", "two"): "--threads",
            ("run", "scenario.yaml", "--precision", "2"): "--precision",
            ("run", "scenario.yaml", "--estimator", "guess"): "guess",
            ("run", "scenario.yaml", "--isa", "sse9"): "sse9",
            ("run", "scenario.yaml", "--frobnicate"): "frobnicate",
            ("fit",): "SCENARIO",
            ("compare",): "RESULTS",
            ("compare", "results.h5", "--json", "--csv"): "not both",
            ("check",): "SCENARIO",
            ("activity",): "SCENARIO",
            ("activity", "--gap", "1e5"): "--deal",
            ("activity", "scenario.yaml", "--gap", "1e5"): "scenario",
            ("activity", "--gap", "-1", "--deal", "1", "--close-rate", "1"): "--gap",
            ("activity", "--gap", "1", "--deal", "1", "--close-rate", "120%"): "--close-rate",
            ("activity", "--gap", "1e15", "--deal", "1", "--close-rate", "1"): "billion",
            ("batch", "-o", "out"): "SCENARIO",
            ("batch", "scenario.yaml"): "-o",
            ("batch", "scenario.yaml", "-o", "out", "--sweep", "quota"): "KEY=V1,V2",
            ("example",): "DIR",
            ("example", "out", "--deals", "many"): "--deals",
        }
        for arguments, fragment in cases.items():
            with self.subTest(arguments=arguments):
                done = self.recoup(*arguments)
                self.assert_status(done, 2)
                self.assertEqual(done.stdout, "")
                self.assertIn(fragment, done.stderr)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_numbers_as_people_write_them(self):
        self.write()
        for paths in ("1e3", "1_000", "1000"):
            answer = self.run_json("--paths", paths, "--threads", "1")
            self.assertEqual(answer["paths"], 1000)

    def test_streams(self):
        """Results on stdout, the rest on stderr, which --quiet silences."""
        self.write()
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5")
        self.assert_status(done, 0)
        self.assertIn("P(hit quota), %", done.stdout)
        self.assertIn("paths/s", done.stderr)
        quiet = self.recoup("run", "scenario.yaml", "-o", "out/results.h5", "--quiet")
        self.assert_status(quiet, 0)
        self.assertEqual((quiet.stdout, quiet.stderr), (done.stdout, ""))
        compared = self.recoup("compare", "out/results.h5")
        self.assertTrue(done.stdout.startswith(compared.stdout))
        self.assertLessEqual(max(map(len, compared.stdout.splitlines())), 80)

    def test_formats_agree(self):
        self.write()
        answer = self.run_json()
        json = read_json(self.recoup("compare", "out/results.h5", "--json").stdout)
        self.assertEqual(json, answer)
        rows = list(csv.DictReader(io.StringIO(
            self.recoup("compare", "out/results.h5", "--csv").stdout)))
        self.assertEqual([row["plan"] for row in rows], ["as is", "push"])
        for row, plan in zip(rows, json["plans"]):
            self.assertEqual(set(row), set(plan) | (set(json) - {"plans", "pairs"}))
            for key, value in plan.items():
                if key != "plan":
                    self.assertEqual(row[key], "" if value is None else row[key])
                    self.assertEqual(None if row[key] == "" else float(row[key]), value)

    def test_resolved_scenario_reads_back(self):
        self.write()
        first = self.recoup("check", "scenario.yaml", "--resolved")
        self.assert_status(first, 0)
        (self.folder / "resolved.yaml").write_text(first.stdout)
        second = self.recoup("check", "resolved.yaml", "--resolved")
        self.assert_status(second, 0)
        self.assertEqual(first.stdout, second.stdout)

    def test_fitted_model_reads_back(self):
        self.write()
        self.assert_status(self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml"), 0)
        printed = self.recoup("fit", "scenario.yaml", "-o", "-")
        self.assert_status(printed, 0)
        written = (self.out / "model.yaml").read_text().splitlines(True)
        self.assertEqual(printed.stdout,  # without the file of the parameter draws
                         "".join(line for line in written if not line.startswith("uncertainty:")))
        (self.folder / "model.yaml").write_text(printed.stdout)
        self.assert_status(self.recoup("check", "scenario.yaml"), 0)

    def test_fit_shows_what_it_found(self):
        self.write()
        table = self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml", "--reps")
        self.assert_status(table, 0)
        self.assertIn("Conversion, %", table.stdout)
        self.assertLessEqual(max(map(len, table.stdout.splitlines())), 100)
        shown = self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml", "--reps", "--json")
        self.assert_status(shown, 0)
        found = read_json(shown.stdout)
        teams = [row for row in found["stages"] if row["cohort"] == ""]
        self.assertTrue(teams)
        for row in found["stages"]:
            self.assertEqual(row["n_entered"], row["n_advance"] + row["n_lost"] + row["n_other"] + row["n_open"])
            self.assertTrue(row["conversion_low"] <= row["conversion"] <= row["conversion_high"])
            self.assertIn(f"{100 * row['conversion']:.1f} (", table.stdout)
        self.assertEqual(len(found["rep_spread"]), len(teams))
        eventual = found["eventual"]
        self.assertTrue(0 <= eventual["win_rate_low"] <= eventual["win_rate"] <= eventual["win_rate_high"] <= 1)
        self.assertIn(f"{100 * eventual['win_rate']:.1f} (", table.stdout)
        self.assertIn(f"{100 * eventual['naive']:.1f} % were", table.stdout)
        self.assertEqual(found["notes"], [note for note in found["notes"] if note])
        refused = self.recoup("fit", "scenario.yaml", "-o", "-", "--json")
        self.assert_status(refused, 2)
        self.assertEqual(refused.stdout, "")

    def test_output_that_cannot_be_written(self):
        self.write()
        cases = {"nowhere/results.h5": "does not exist", "out": "folder"}
        for output, fragment in cases.items():
            for command in ("run", "fit"):
                with self.subTest(command=command, output=output):
                    done = self.recoup(command, "scenario.yaml", "-o", output)
                    self.assert_status(done, 1)
                    self.assertIn(fragment, done.stderr)

    def test_full_or_closed_stdout(self):
        self.write()
        self.run_json()
        commands = (["--help"], ["--version"], ["run", "--help"], ["check", "scenario.yaml"],
                    ["compare", "out/results.h5"], ["compare", "out/results.h5", "--json"],
                    ["fit", "scenario.yaml", "-o", "-"])
        for command in commands:
            with self.subTest(command=command), open("/dev/full", "wb") as full:
                done = self.recoup(*command, stdout=full)
                self.assert_status(done, 1)
                self.assertIn("standard output", done.stderr)
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            done = self.recoup("compare", "out/results.h5", stdout=pipe)
        self.assert_status(done, 1)
        self.assertIn("standard output", done.stderr)

    def test_streams_that_are_closed_from_the_start(self):
        """The results file must not become standard output."""
        self.write()
        script = f'"{RECOUP}" run scenario.yaml -o out/results.h5 -q >&- 2>&- <&-'
        subprocess.run(["sh", "-c", script], cwd=self.folder, check=False)
        done = self.recoup("compare", "out/results.h5")
        self.assert_status(done, 0)

    def test_progress_on_a_terminal(self):
        """One line, rewritten, and gone at the end."""
        self.write()
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal to be had: {error}")
        with subprocess.Popen([RECOUP, "run", "scenario.yaml", "-o", "out/results.h5", "--paths",
                               "300_000"], cwd=self.folder, stderr=theirs,
                              stdout=subprocess.DEVNULL) as process:
            os.close(theirs)
            seen = b""
            while True:
                try:
                    seen += os.read(ours, 4096)
                except OSError:  # the other end is closed
                    break
        os.close(ours)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b"P(hit)", seen)
        self.assertIn(b"paths/s", seen)


if __name__ == "__main__":
    unittest.main()
