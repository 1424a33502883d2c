"""Malformed input: exit status 3, the place and what is wrong on stderr, nothing written."""

import unittest

from harness import (ACTIVITIES, DEALS, FILES, HISTORY, MODEL, REPS, SCENARIO, RecoupTest, as_bytes)

GARBAGE = bytes(range(256)) * 8


def swap(text, old, new, count=1):
    assert old in text, old
    return text.replace(old, new, count)


def without_column(text, name):
    rows = [line.split(",") for line in text.splitlines()]
    k = rows[0].index(name)
    return "\n".join(",".join(row[:k] + row[k + 1:]) for row in rows) + "\n"


def lever(text):
    """The scenario with another lever in its second plan, on line 19."""
    return swap(SCENARIO, "adjust: {cohort: hunters, stage: second, exit: advance, logit: 0.3}",
                text)


def case(file, content, place, *fragments):
    """place: `:line` after the file's name, "" where no line is meant. fragments: all of them must
    be in the messages, letter case ignored."""
    return (file, content, place, fragments)


CASES = {
    # deals.csv
    "missing column": case("deals.csv", without_column(DEALS, "amount"), ":1", "amount"),
    "bad date": case("deals.csv", swap(DEALS, "2026-08-10,first", "2026-13-10,first"), ":3",
                     "created", "2026-13-10"),
    "day that does not exist": case("deals.csv", swap(DEALS, "2026-09-10", "2026-09-31"), ":2",
                                    "closed", "2026-09-31"),
    "negative amount": case("deals.csv", swap(DEALS, ",20000,", ",-20000,"), ":4", "amount",
                            "-20000"),
    "amount that is no number": case("deals.csv", swap(DEALS, ",20000,", ",2oooo,"), ":4", "amount",
                                     "2oooo"),
    "amount 1e6x": case("deals.csv", swap(DEALS, ",20000,", ",1e6x,"), ":4", "amount", "1e6x"),
    "amount nan": case("deals.csv", swap(DEALS, ",20000,", ",nan,"), ":4", "amount", "nan"),
    "amount inf": case("deals.csv", swap(DEALS, ",20000,", ",inf,"), ":4", "amount", "inf"),
    "amount beyond doubles": case("deals.csv", swap(DEALS, ",20000,", ",1e999,"), ":4", "amount"),
    "closed before created": case("deals.csv", swap(DEALS, "2026-09-01,web", "2026-08-01,web"),
                                  ":3", "closed", "created"),
    "won without closed": case("deals.csv", swap(DEALS, "2026-09-10,web", ",web"), ":2", "closed"),
    "duplicate deal": case("deals.csv", swap(DEALS, "D3,", "D1,"), ":4", "D1"),
    "no deal id": case("deals.csv", swap(DEALS, "D3,", ","), ":4", "deal_id"),
    "unknown outcome": case("deals.csv", swap(DEALS, ",lost,", ",maybe,"), ":3", "outcome",
                            "maybe"),
    "unknown stage": case("deals.csv", swap(DEALS, "2026-08-10,first", "2026-08-10,frist"), ":3",
                          "stage", "frist"),
    "empty table": case("deals.csv", "", "", "empty"),
    "UTF-16": case("deals.csv", DEALS.encode("utf-16"), "", "UTF-16"),
    "UTF-16 without a mark": case("deals.csv", DEALS.encode("utf-16-le"), "", "UTF-"),
    "not UTF-8": case("deals.csv", swap(as_bytes(DEALS), b"event,25000", b"\xff\xfe\xfd,25000"),
                      ":4", "UTF-8"),
    "unterminated quote": case("deals.csv", swap(DEALS, ",event,25000", ',"event,25000'), ":4",
                               "quotation mark"),
    "binary garbage": case("deals.csv", GARBAGE, ""),
    "NUL byte": case("deals.csv", swap(DEALS, "event,25000", "ev\0nt,25000"), ":4"),
    "too many fields": case("deals.csv", swap(DEALS, ",25000", ",25000,1"), ":4", "11", "10"),
    "too few fields": case("deals.csv", swap(DEALS, ",event,25000", ""), ":4", "8", "10"),
    "column twice": case("deals.csv", swap(DEALS, "channel", "amount"), ":1", "amount"),
    "missing file": case("deals.csv", None, "", "deals.csv", "No such file"),
    # stage_history.csv
    "history of an unknown deal": case("stage_history.csv", swap(HISTORY, "D3,first", "D9,first"),
                                       ":5", "D9"),
    "history without a column": case("stage_history.csv", without_column(HISTORY, "entered"), ":1",
                                     "entered"),
    "history with a bad date": case("stage_history.csv", swap(HISTORY, "2026-09-15", "15.9."), ":6",
                                    "entered", "15.9."),
    "history with an unknown stage": case("stage_history.csv", swap(HISTORY, "D3,first", "D3,3rd"),
                                          ":5", "3rd"),
    # reps.csv
    "duplicate rep": case("reps.csv", swap(REPS, "R2,", "R1,"), ":3", "R1"),
    "reps without a column": case("reps.csv", without_column(REPS, "rep_id"), ":1", "rep_id"),
    "unknown status": case("reps.csv", swap(REPS, "farmers,active", "farmers,asleep"), ":3",
                           "status", "asleep"),
    "negative rep quota": case("reps.csv", swap(REPS, "20000", "-20000"), ":3", "quota"),
    "bad start date": case("reps.csv", swap(REPS, "2026-01-01", "January"), ":3", "start_date",
                           "January"),
    # activities.csv
    "activity with a bad date": case("activities.csv", swap(ACTIVITIES, "2026-10-02", "2026-10-00"),
                                     ":3", "date", "2026-10-00"),
    "activities without a column": case("activities.csv", without_column(ACTIVITIES, "type"), ":1",
                                        "type"),
    # scenario.yaml
    "tab": case("scenario.yaml", swap(SCENARIO, "  deals: deals.csv", "\tdeals: deals.csv"), ":8",
                "tab"),
    "paths 1e6x": case("scenario.yaml", swap(SCENARIO, "paths: 2000", "paths: 1e6x"), ":14",
                       "paths", "1e6x"),
    "benchmark that is no share": case("scenario.yaml", SCENARIO + "benchmarks: {win_rate: 25}\n", ":20",
                                       "win_rate", "at most 1"),
    "unknown benchmark": case("scenario.yaml", SCENARIO + "benchmarks: {winrate: 25%}\n", ":20",
                              "win_rate"),
    "benchmark of an unknown stage": case("scenario.yaml",
                                          SCENARIO + "benchmarks: {conversion: {frist: 60%}}\n", ":20",
                                          "frist", "did you mean 'first'"),
    "review without groups": case("scenario.yaml", SCENARIO + "review: [slow]\n", ":20", "review"),
    "note that is no text": case("scenario.yaml", SCENARIO + "review: {partners: {a: b}}\n", ":20",
                                 "partners", "list of texts"),
    "paths 0": case("scenario.yaml", swap(SCENARIO, "paths: 2000", "paths: 0"), ":14", "paths"),
    "paths 1.5": case("scenario.yaml", swap(SCENARIO, "paths: 2000", "paths: 1.5"), ":14", "paths"),
    "unknown key": case("scenario.yaml", swap(SCENARIO, "quota:", "qouta:"), ":6", "qouta",
                        "quota"),
    "duplicate key": case("scenario.yaml", swap(SCENARIO, "currency: EUR", "quota: 50000"), ":6",
                          "quota"),
    "quota 0": case("scenario.yaml", swap(SCENARIO, "quota: 60000", "quota: 0"), ":6", "quota"),
    "no quota": case("scenario.yaml", swap(SCENARIO, "quota: 60000\n", ""), "", "quota"),
    "as-of after the period": case("scenario.yaml", swap(SCENARIO, "2026-11-02", "2027-02-01"),
                                   ":3", "as_of"),
    "as-of before the period": case("scenario.yaml", swap(SCENARIO, "2026-11-02", "2026-08-01"),
                                    ":3", "as_of"),
    "period that ends before it starts": case(
        "scenario.yaml", swap(SCENARIO, "end: 2026-12-31", "end: 2026-09-01"), ":4", "end"),
    "bad as-of date": case("scenario.yaml", swap(SCENARIO, "2026-11-02", "2026-02-30"), ":3",
                           "2026-02-30"),
    "not a scenario": case("scenario.yaml", swap(SCENARIO, "scenario/1", "model/1"), ":1",
                           "scenario/1"),
    "a later format": case("scenario.yaml", swap(SCENARIO, "scenario/1", "scenario/2"), ":1",
                           "scenario/1"),
    "two plans of one name": case("scenario.yaml", swap(SCENARIO, "name: push", "name: as is"),
                                  ":17", "as is"),
    "half a target": case("scenario.yaml", SCENARIO + "diagnosis: {target: {volume: 5, value: 9}}\n",
                          ":20", "win_rate", "velocity"),
    "target win rate of 25": case(
        "scenario.yaml",
        SCENARIO + "diagnosis: {target: {volume: 5, win_rate: 25, value: 9, velocity: .5}}\n", ":20",
        "win_rate", "share"),
    "unknown estimator": case("scenario.yaml", swap(SCENARIO, "seed: 5", "estimator: magic"),
                              ":14", "estimator"),
    "unclosed bracket": case("scenario.yaml", swap(SCENARIO, "[first, second]", "[first, second"),
                             ":12", "not closed"),
    "anchor": case("scenario.yaml", swap(SCENARIO, "quota: 60000", "quota: &q 60000"), ":6"),
    "a list for a mapping": case("scenario.yaml", "- recoup: scenario/1\n", ":1"),
    "empty scenario": case("scenario.yaml", "", "", "empty"),
    "garbage scenario": case("scenario.yaml", GARBAGE, ""),
    "missing scenario": case("scenario.yaml", None, "", "No such file"),
    "unknown lever": case("scenario.yaml", lever("adjsut: {exit: advance, logit: 0.3}"), ":19",
                          "adjsut", "adjust"),
    "unknown cohort": case("scenario.yaml",
                           lever("adjust: {cohort: hunter, exit: advance, logit: 0.3}"), ":19",
                           "hunter", "hunters"),
    "unknown stage of a lever": case(
        "scenario.yaml", lever("adjust: {stage: third, exit: advance, logit: 0.3}"), ":19",
        "third"),
    "unknown exit": case("scenario.yaml", lever("adjust: {exit: advanse, logit: 0.3}"), ":19",
                         "advanse"),
    "logit without an exit": case("scenario.yaml", lever("adjust: {cohort: hunters, logit: 0.3}"),
                                  ":19", "exit"),
    "logit on lost": case("scenario.yaml", lever("adjust: {exit: lost, logit: 0.3}"), ":19",
                          "lost"),
    "dwell factor 0": case("scenario.yaml", lever("adjust: {exit: advance, dwell: 0}"), ":19",
                           "dwell"),
    "unknown rep of a lever": case(
        "scenario.yaml", lever("reassign: {from: {rep: R7}, to: {rep: R1}}"), ":19", "R7"),
    "unknown channel": case(
        "scenario.yaml", lever("channel_focus: {from: wbe, to: event, share: 0.3, returns: 0.7}"),
        ":19", "wbe", "web"),
    "share above 1": case(
        "scenario.yaml", lever("channel_focus: {from: web, to: event, share: 3, returns: 0.7}"),
        ":19", "share"),
    "discount above 100 %": case("scenario.yaml", lever("discount_limit: {max: 2}"), ":19", "max"),
    # model.yaml
    "model without a stage": case("model.yaml", swap(MODEL, "[first, second]", "[first, 2nd]"), "",
                                  "second"),
    "model without exits": case("model.yaml", MODEL.split("exits:")[0], "", "exits"),
    "logit of lost": case("model.yaml", swap(MODEL, "lost: {dwell", "lost: {logit: 1, dwell"), ":9",
                          "lost", "logit"),
    "unknown family": case("model.yaml", swap(MODEL, "weibull", "wiebull"), ":8", "wiebull",
                           "weibull"),
    "negative shape": case("model.yaml", swap(MODEL, "shape: 1.2", "shape: -1.2"), ":8", "shape"),
    "missing name": case("model.yaml", swap(MODEL, ", farmers: -0.1", ""), ":11", "farmers"),
    "unknown cohort of the model": case("model.yaml", swap(MODEL, "  farmers: {web", "  famers: {web"),
                                        ":17", "famers"),
    "negative rate": case("model.yaml", swap(MODEL, "web: 0.05", "web: -0.05"), ":16", "rate"),
    "empty model": case("model.yaml", "", "", "empty"),
    "missing model": case("model.yaml", None, "", "No such file"),
}


class Malformed(RecoupTest):
    def assert_refused(self, done, file, place, fragments):
        self.assert_status(done, 3)
        self.assertEqual(done.stdout, "")
        lines = [line for line in done.stderr.splitlines() if f"{file}{place}:" in line]
        self.assertTrue(lines, f"no message at {file}{place}\n{done.stderr}")
        for fragment in fragments:
            self.assertIn(fragment.lower(), " ".join(lines).lower(), done.stderr)
        self.assertEqual(list(self.out.iterdir()), [], "something was written")

    def test_every_case_is_refused(self):
        self.assertGreaterEqual(len(CASES), 45)
        for name, (file, content, place, fragments) in CASES.items():
            for command in (["run", "scenario.yaml", "-o", "out/results.h5"],
                            ["check", "scenario.yaml"]):
                with self.subTest(case=name, command=command[0]):
                    for path in self.out.iterdir():
                        path.unlink()
                    self.write({file: content})
                    if content is None:
                        (self.folder / file).unlink(missing_ok=True)
                    self.assert_refused(self.recoup(*command), file, place, fragments)

    def test_base_inputs_are_fine(self):
        """Or the cases above could all be refused for another reason."""
        self.write()
        done = self.recoup("check", "scenario.yaml")
        self.assert_status(done, 0)
        self.assertIn("valid", done.stdout)

    def test_folder_as_file(self):
        self.write()
        (self.folder / "deals.csv").unlink()
        (self.folder / "deals.csv").mkdir()
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5")
        self.assert_refused(done, "deals.csv", "", ["folder"])
        done = self.recoup("run", "out", "-o", "out/results.h5")
        self.assert_refused(done, "out", "", ["folder"])

    def test_all_problems_are_reported(self):
        deals = swap(swap(DEALS, ",20000,", ",-1,"), ",lost,", ",maybe,")
        self.write({"deals.csv": deals, "reps.csv": swap(REPS, "R2,", "R1,")})
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5")
        self.assert_refused(done, "deals.csv", ":3", ["maybe"])
        self.assert_refused(done, "deals.csv", ":4", ["amount"])
        self.assert_refused(done, "reps.csv", ":3", ["R1"])

    def test_fit_refuses_too(self):
        self.write({"deals.csv": swap(DEALS, ",20000,", ",-1,")})
        done = self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml")
        self.assert_refused(done, "deals.csv", ":4", ["amount"])

    def test_results_files(self):
        for name, content in {"empty.h5": b"", "garbage.h5": GARBAGE,
                              "text.h5": as_bytes(FILES["scenario.yaml"])}.items():
            with self.subTest(file=name):
                (self.folder / name).write_bytes(content)
                done = self.recoup("compare", name)
                self.assert_refused(done, name, "", [])
        self.assert_refused(self.recoup("compare", "absent.h5"), "absent.h5", "", ["No such file"])

    def test_damaged_results(self):
        """Cut short, or one byte changed anywhere: refused, or the answer is the same; no crash."""
        self.write()
        self.assert_status(self.recoup("run", "scenario.yaml", "-o", "whole.h5", "-q"), 0)
        whole = (self.folder / "whole.h5").read_bytes()
        answer = self.recoup("compare", "whole.h5", "--csv").stdout
        damaged = {f"cut to {n}": whole[:n]
                   for n in (8, 100, len(whole) // 2, len(whole) - 100, len(whole) - 1)}
        for place in range(0, len(whole), max(1, len(whole) // 60)):
            changed = bytearray(whole)
            changed[place] ^= 0x55
            damaged[f"byte {place}"] = bytes(changed)
        n_refused = 0
        for name, content in damaged.items():
            with self.subTest(damage=name):
                (self.folder / "damaged.h5").write_bytes(content)
                done = self.recoup("compare", "damaged.h5", "--csv")
                n_refused += done.returncode == 3
                if done.returncode != 3:
                    self.assert_status(done, 0)
                    self.assertEqual(done.stdout, answer)
        self.assertGreater(n_refused, len(damaged) // 2)


if __name__ == "__main__":
    unittest.main()
