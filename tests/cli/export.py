"""`recoup export`, `compare --markdown`, and the scripts that read results.h5 in Python and R: all say
what h5py finds in the file."""

import csv
import re
import shutil
import subprocess
import sys
import unittest

import h5py
import numpy as np
from harness import FILES, SCENARIO, SOURCE, RecoupTest, read_json

HOSTILE = {"R1": "=1+1", "R2": '-2, "quoted"'}


def hostile(text):
    """Reps named like formulas and with what CSV must quote."""
    for name, other in HOSTILE.items():
        quoted = '"' + other.replace('"', '""') + '"'
        text = re.sub(rf"\b{name}\b", lambda _: quoted, text)
    return text


def read_csv(path):
    """Rows as dictionaries; lines must end with CRLF outside quotes."""
    text = path.read_bytes().decode()
    assert text.endswith("\r\n"), path
    bare = re.sub(r'"(?:[^"]|"")*"', "", text)
    assert bare.count("\n") == bare.count("\r\n") == bare.count("\r"), path
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def unmark(cell):
    return cell[1:] if re.match(r"'+[=+\-@\t\r]", cell) else cell


def is_same(cell, value, units):
    if isinstance(value, bytes):
        return unmark(cell) == value.decode()
    if (units or "").startswith("days since"):
        missing = np.isnan(float(value))
        return cell == ("" if missing else str(np.datetime64("1970-01-01") + int(value)))
    return cell == "" if np.isnan(float(value)) else float(cell) == float(value)


class Export(RecoupTest):
    def make(self, scenario=SCENARIO, **changes):
        self.write({**{name: hostile(FILES[name]) for name in ("deals.csv", "reps.csv", "activities.csv")},
                    "scenario.yaml": scenario, **changes})
        self.assert_status(self.recoup("run", "scenario.yaml", "-o", "out/results.h5"), 0)
        self.assert_status(self.recoup("export", "out/results.h5", "-o", "out/tables"), 0)
        return self.out / "tables"

    def test_every_value(self):
        tables = self.make()
        n_checked = 0
        with h5py.File(self.out / "results.h5") as file:
            for name, variable in file.items():
                if variable.attrs.get("CLASS") == b"DIMENSION_SCALE":  # coordinates, and dimensions without
                    continue
                dims = [variable.dims[i][0].name.lstrip("/") for i in range(variable.ndim)]
                table = read_csv(tables / f"{'_'.join(dims) or 'run'}.csv")
                record = len(dims) == 1 and name.startswith(dims[0] + "_") and dims[0] != "plan"
                column = name[len(dims[0]) + 1:] if record else name
                values = variable[()].reshape(-1) if dims else [variable[()]]
                units = variable.attrs.get("units")
                units = units.decode() if isinstance(units, bytes) else units
                self.assertEqual(len(table), len(values), name)
                for row, value in zip(table, values):
                    self.assertTrue(is_same(row[column], value, units), (name, row[column], value))
                    n_checked += 1
        self.assertGreater(n_checked, 1000)
        for row, (low, high) in zip(read_csv(tables / "plan_bin.csv"), self.edges()):
            self.assertEqual((float(row["bin_low"]), float(row["bin_high"])), (low, high))

    def edges(self):
        with h5py.File(self.out / "results.h5") as file:
            edges = file["bin_edge"][()]
        return list(zip(edges[:-1], edges[1:]))

    def test_formulas_are_marked(self):
        names = {row["rep"] for row in read_csv(self.make() / "plan_rep.csv")}
        self.assertEqual(names, {"'" + name for name in HOSTILE.values()})
        done = self.recoup("compare", "out/results.h5", "--by", "rep", "--csv")
        units = {row["unit"] for row in csv.DictReader(done.stdout.splitlines())}
        self.assertEqual(units, names)

    def test_columns_are_described(self):
        tables = self.make()
        described = {}
        for row in read_csv(tables / "columns.csv"):
            described.setdefault(row["table"], []).append(row["column"])
            if row["table"] != "run" or row["units"]:
                self.assertTrue(row["meaning"] or row["column"] in ("path", "bin_low", "bin_high"), row)
        files = {path.stem for path in tables.iterdir()} - {"columns"}
        self.assertEqual(files, set(described))
        for name, columns in described.items():
            heading = (tables / f"{name}.csv").read_text().splitlines()[0].split(",")
            self.assertEqual(heading, columns)
            self.assertEqual(len(set(columns)), len(columns), name)

    def test_same_files_for_all(self):
        first = {path.name for path in self.make().iterdir()}
        shutil.rmtree(self.out / "tables")
        other = self.make(SCENARIO.replace("paths: 2000", "estimator: conditional"))
        self.assertEqual({path.name for path in other.iterdir()}, first)
        self.assertEqual(read_csv(other / "plan_week_quantile.csv"), [])
        self.assertEqual(len(read_csv(other / "plan.csv")), 2)

    def test_folder(self):
        tables = self.make()
        (tables / "plan.csv").write_text("old")
        (tables / "mine.txt").write_text("mine")
        self.assert_status(self.recoup("export", "out/results.h5", "-o", "out/tables"), 0)
        self.assertEqual(len(read_csv(tables / "plan.csv")), 2)
        self.assertEqual((tables / "mine.txt").read_text(), "mine")
        self.assertFalse([path for path in tables.iterdir() if path.suffix not in (".csv", ".txt")])
        for folder in ("missing/tables", "out/results.h5"):
            done = self.recoup("export", "out/results.h5", "-o", folder)
            self.assert_status(done, 1)
            self.assertIn(folder, done.stderr)
        self.assert_status(self.recoup("export", "scenario.yaml", "-o", "out/none"), 3)
        self.assertFalse((self.out / "none").exists())
        for wrong in (["export", "out/results.h5"], ["export", "-o", "out/tables"]):
            self.assert_status(self.recoup(*wrong), 2)

    def test_markdown(self):
        self.make(SCENARIO.replace("name: push", 'name: "a|b <i>*push*"'))
        plans = read_json(self.recoup("compare", "out/results.h5", "--json").stdout)["plans"]
        done = self.recoup("compare", "out/results.h5", "--markdown")
        self.assert_status(done, 0)
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in done.stdout.splitlines()
                if line.startswith("|")]
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        self.assertEqual(len(rows), 2 + len(plans))
        for row, plan in zip(rows[2:], plans):
            self.assertEqual(row[1].split()[0], f"{100 * plan['hit_probability']:.2f}")
        self.assertIn(r"a\|b &lt;i\>\*push\*", rows[3][0])
        self.assertNotIn("<i", re.sub(r"\\<", "", done.stdout))
        for wrong in ("--csv", "--delay"):
            self.assert_status(self.recoup("compare", "out/results.h5", "--markdown", wrong), 2)

    def test_python(self):
        tables = self.make()
        sys.path.insert(0, str(SOURCE / "scripts"))
        import recoup_results
        with recoup_results.open_results(self.out / "results.h5") as results:
            frames = recoup_results.tables(results)
            for name, frame in frames.items():
                exported = read_csv(tables / f"{name}.csv")
                self.assertEqual(len(frame), len(exported), name)
                missing = set(frame.columns) - set(exported[0])
                self.assertFalse(missing, name)
            np.testing.assert_array_equal(
                frames["plan"]["hit_probability"],
                [float(row["hit_probability"]) for row in read_csv(tables / "plan.csv")])
            fan = recoup_results.fan(results, "push")
            exported = [row for row in read_csv(tables / "plan_week_quantile.csv") if row["plan"] == "push"]
            np.testing.assert_array_equal(
                fan.to_numpy().reshape(-1), [float(row["cumulative_bookings_quantile"]) for row in exported])
            shares = recoup_results.exceedance(results)
            with h5py.File(self.out / "results.h5") as file:
                counts, edges = file["bookings_histogram"][()], file["bin_edge"][()]
            for p, plan in enumerate(("as is", "push")):
                expected = [counts[p, i:].sum() / counts[p].sum() for i in range(len(edges))]
                np.testing.assert_allclose(shares[plan], expected, rtol=1e-12)
            np.testing.assert_array_equal(recoup_results.exceedance(results, "push")["push"], shares["push"])

    def test_plot(self):
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            self.skipTest("python3 has no matplotlib (Debian: python3-matplotlib)")
        self.make()
        done = subprocess.run([sys.executable, SOURCE / "scripts/plot_results.py", "out/results.h5", "out/p.png"],
                              cwd=self.folder, capture_output=True, text=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.out / "p.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_r(self):
        has_package = ["Rscript", "-e", "quit(status = !requireNamespace('ncdf4', quietly = TRUE))"]
        if not shutil.which("Rscript") or subprocess.run(has_package, capture_output=True).returncode != 0:
            self.skipTest("no Rscript with the package ncdf4 (Debian: r-cran-ncdf4)")
        tables = self.make()
        program = (f'source("{SOURCE}/scripts/recoup_results.R")\n'
                   'r <- ncdf4::nc_open("out/results.h5")\n'
                   'w <- function(x, f) write.csv(x, f, row.names = FALSE)\n'
                   'w(recoup_table(r, c("plan", "week", "quantile")), "out/table.csv")\n'
                   'w(recoup_fan(r, "push"), "out/fan.csv")\n'
                   'w(recoup_exceedance(r), "out/exceedance.csv")\n')
        done = subprocess.run(["Rscript", "-e", program], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        exported = read_csv(tables / "plan_week_quantile.csv")
        with (self.out / "table.csv").open() as file:
            table = list(csv.DictReader(file))
        self.assertEqual(len(table), len(exported))
        for ours, theirs in zip(exported, table):
            self.assertEqual((ours["plan"], ours["week"]), (theirs["plan"], theirs["week"]))
            for key in ("quantile", "cumulative_bookings_quantile"):  # R writes 15 digits
                self.assertAlmostEqual(float(theirs[key]), float(ours[key]), delta=1e-12 * float(ours[key]))
        with (self.out / "fan.csv").open() as file:
            fan = list(csv.DictReader(file))
        self.assertEqual([row["week"] for row in fan], sorted({row["week"] for row in exported}))
        with h5py.File(self.out / "results.h5") as file:
            counts = file["bookings_histogram"][()]
        with (self.out / "exceedance.csv").open() as file:
            for i, row in enumerate(csv.DictReader(file)):
                self.assertAlmostEqual(float(row["push"]), counts[1, i:].sum() / counts[1].sum(), 12)


if __name__ == "__main__":
    unittest.main()
