#!/usr/bin/env python3
"""Plots a results file: the fan of cumulative bookings, and the chance to book at least an amount.

    scripts/plot_results.py results.h5 results.png [--plan NAME]

An example of reading results.h5 through xarray; needs matplotlib."""

import argparse

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402: the backend comes first
import recoup_results  # noqa: E402


def plot_fan(axes, results, plan, currency):
    quantiles = recoup_results.fan(results, plan)
    for low, high, shade in ((0.05, 0.95, 0.2), (0.25, 0.75, 0.35)):
        axes.fill_between(quantiles.index, quantiles[low], quantiles[high], color="C0", alpha=shade,
                          linewidth=0, label=f"{low:.0%} to {high:.0%}")
    axes.plot(quantiles.index, quantiles[0.5], color="C0", label="median")
    axes.axhline(float(results["quota"]), color="black", linestyle="--", label="quota")
    axes.set(title=f"Cumulative bookings, plan {plan}", ylabel=currency)
    axes.tick_params(axis="x", rotation=45)
    axes.legend(loc="upper left")


def plot_exceedance(axes, results, currency):
    for plan, shares in recoup_results.exceedance(results).items():
        axes.plot(shares.index, 100 * shares, label=plan)
    axes.axvline(float(results["quota"]), color="black", linestyle="--", label="quota")
    axes.set(title="Chance to book at least", xlabel=currency, ylabel="%", ylim=(0, 100))
    axes.legend(loc="upper right")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results")
    parser.add_argument("picture")
    parser.add_argument("--plan", help="of the fan (default: the most likely to hit quota)")
    arguments = parser.parse_args()
    with recoup_results.open_results(arguments.results) as results:
        plan = arguments.plan or results["hit_probability"].idxmax("plan").item()
        currency = results.attrs.get("currency", "")
        figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
        plot_fan(left, results, plan, currency)
        plot_exceedance(right, results, currency)
        figure.suptitle(results.attrs["title"])
        figure.savefig(arguments.picture, dpi=120)


main()
