#!/usr/bin/python3
"""The alternatives against the exact answer of bench/w1 (its README.md). Every figure must lie
within 4 standard errors.

    check.py GSL_LOOP

Each program runs 20 times with seeds of its own, half of the runs on two threads. Standard errors:
of P(hit) sqrt(p (1 - p) / n) and of the mean sd / sqrt(n), p and sd exact; of the other figures
from the scatter between a program's 20 runs, pooled over the programs, which draw from the same
distribution: that of one program alone is itself known to only 16 %.
"""

import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
W1 = HERE.parent / "w1"
RUNS, PATHS = 20, 500
FIGURES = ["P", "mean", "sd", "q05", "q25", "q50", "q75", "q95", "wins"]


def read_exact():
    """{plan: {figure: value}} of the README's table."""
    rows = re.findall(r"^\| (\w+).*?\| (0\.\d+.*) \|$", (W1 / "README.md").read_text(), re.M)
    exact = {name: dict(zip(FIGURES, (float(cell.replace(",", "")) for cell in cells.split("|"))))
             for name, cells in rows}
    assert len(exact) == 3 and all(len(row) == len(FIGURES) for row in exact.values()), exact
    return exact


def run(command, seed):
    """{plan: {figure: value}} of one run."""
    done = subprocess.run([*command, W1, "--plans", "3", "--paths", str(PATHS), "--seed", str(seed),
                           "--threads", str(1 + seed % 2)], stdout=subprocess.PIPE, check=True)
    return {plan["plan"]: dict(zip(FIGURES, [plan["hit_probability"], plan["bookings_mean"],
                                             plan["bookings_sd"], *plan["bookings_quantiles"],
                                             plan["wins_mean"]]))
            for plan in json.loads(done.stdout)["plans"]}


def standard_error(figure, exact, scatter):
    """Of the mean of a program's runs; `scatter` is the standard deviation between runs."""
    if figure == "P":
        return (exact["P"] * (1 - exact["P"]) / (RUNS * PATHS)) ** 0.5
    if figure == "mean":
        return exact["sd"] / (RUNS * PATHS) ** 0.5
    return scatter / RUNS ** 0.5


def compare(runs, plan, figure, exact):
    """Prints one figure of every program; the number of those that are off."""
    values = {name: [answer[plan][figure] for answer in answers] for name, answers in runs.items()}
    scatter = statistics.mean(map(statistics.variance, values.values())) ** 0.5
    error, off = standard_error(figure, exact, scatter), 0
    for name, answers in values.items():
        z = (statistics.mean(answers) - exact[figure]) / error
        off += abs(z) > 4
        print(f"{plan:9} {figure:5} {name:12} {statistics.mean(answers):14.6g}  exact "
              f"{exact[figure]:12.6g}  {z:+5.1f} standard errors{'  OFF' if abs(z) > 4 else ''}")
    return off


def main():
    gsl_loop = sys.argv[1]
    programs = {"gsl_loop": [gsl_loop], "lean": [gsl_loop, "--lean"],
                "numpy_paths": [sys.executable, HERE / "numpy_paths.py"]}
    runs = {name: [run(command, seed) for seed in range(1, RUNS + 1)]
            for name, command in programs.items()}
    sys.exit(any([compare(runs, plan, figure, exact)
                  for plan, exact in read_exact().items() for figure in FIGURES]))


if __name__ == "__main__":
    main()
