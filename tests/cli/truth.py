"""The example's truth against what the fit says of it: is a parameter within its 90 % interval in nine
cases of ten?

Companies are made by `recoup example` with several seeds and fitted. Compared are numbers that do
not depend on how a model splits a sum into its terms: by stage the logit of advance of each cohort (mean
over its channels and segments), the differences between channels, the median days of each cohort until
it advances, their spread, and the median days until a deal is lost; arrivals, amounts, shares of
segments and the market's loadings. The intervals are the 5 and 95 % quantiles of the stored draws.

Errors within one company are not independent (one market moves all of its logits), so the standard
error is that of the companies' shares: their standard deviation over the root of their number. The
shipped example is one more company, to be within four standard deviations of them.
"""

import math
import sys
import unittest

import h5py
import numpy
import yaml
from scipy import special

COMPANIES = int(sys.argv.pop(2)) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 20

from harness import SOURCE, RecoupTest  # noqa: E402  (takes its argument when imported)

NOMINAL = 0.90


def log_quantile(family, of, p):
    """Log of the time after which a share p has left."""
    if family == "lognormal":
        return of["log_median"] + numpy.exp(of["log_sigma"]) * special.ndtri(p)
    if family == "exponential":
        return of["log_mean"] + math.log(-math.log1p(-p))
    shape = numpy.exp(of["log_shape"]) if "log_shape" in of else None
    if family == "weibull":
        return of["log_scale"] + math.log(-math.log1p(-p)) / shape
    if family == "gamma":
        return of["log_scale"] + numpy.log(special.gammaincinv(shape, p))
    if family == "loglogistic":
        return of["log_scale"] + math.log(p / (1 - p)) / shape
    # gengamma (Prentice 1974): w = log of a gamma variate over its shape 1/q², by its sign
    q, sigma = of["q"], numpy.exp(of["log_sigma"])
    gamma = special.gammaincinv(1 / q**2, numpy.where(q > 0, p, 1 - p))
    return of["mu"] + sigma * numpy.log(q**2 * gamma) / q


LOG_KEYS = {"mean": "log_mean", "median": "log_median", "scale": "log_scale", "sigma": "log_sigma",
            "shape": "log_shape"}


class Model:
    """The numbers of a model.yaml by the path of model.h5, with the draws where there are some."""

    def __init__(self, path):
        text = yaml.safe_load(path.read_text())
        self.text, self.number = text, {}
        defaults = text.get("defaults", {})
        for stage in text["stages"]:
            for name, keys in text["exits"][stage].items():
                merged = {**defaults.get(name, {}), **keys}
                text["exits"][stage][name] = merged
                for key, value in merged.items():
                    if key == "dwell":
                        self.add_law(f"exits.{stage}.{name}.dwell", value)
                    elif key not in ("events", "fit", "se", "to"):
                        self.add(f"exits.{stage}.{name}.{key}", value)
        self.add_law("amount.new", text["amount"]["new"])
        for key in ("conversion", "arrivals"):
            self.number[f"market.{key}.log_loading"] = math.log(text["market"][key])
        for segment, share in text["mix"]["segment"].items():
            self.number[f"mix.segment.{segment}.log_share"] = math.log(share)
        for cohort, rates in text["arrivals"].items():
            for channel, rate in rates.items():
                if channel in text["channels"]:
                    rate = rate["rate"] if isinstance(rate, dict) else rate
                    self.number[f"arrivals.{cohort}.{channel}.log_rate"] = math.log(rate) if rate else -math.inf
        if "uncertainty" in text:
            with h5py.File(path.parent / text["uncertainty"]) as file:
                moved = file["value"][()] - file["mode"][()]
                for i, name in enumerate(file["parameter"].asstr()[()]):
                    if name in self.number:
                        self.number[name] = self.number[name] + moved[:, i]

    def add(self, path, value):
        if isinstance(value, dict):
            for key, inner in value.items():
                self.add(f"{path}.{key}", inner)
        else:
            self.number[path] = value

    def add_law(self, path, law):
        for key, value in law.items():
            if key != "family":
                log = key in LOG_KEYS
                self.number[f"{path}.{law['family']}.{LOG_KEYS.get(key, key)}"] = math.log(value) if log else value

    def __getitem__(self, path):
        return self.number.get(path, 0)

    def log_time(self, path, p):
        family = self.text_at(path)["family"]
        start = f"{path}.{family}."
        return log_quantile(family, {name[len(start):]: value for name, value in self.number.items()
                                     if name.startswith(start)}, p)

    def text_at(self, path):
        found = self.text
        for part in path.split("."):
            found = found[part]
        return found


def compared(model, weight):
    """Kind and name of what is compared: its value, or its draws. weight[cohort][channel], shares of
    segments: those of the truth, for all."""
    for stage in model.text["stages"]:
        advance = f"exits.{stage}.advance"
        of_segment = sum(share * model[f"{advance}.segment_logit.{segment}"]
                         for segment, share in weight["segment"].items())
        for cohort in model.text["cohorts"]:
            of_channel = sum(share * model[f"{advance}.channel_logit.{channel}"]
                             for channel, share in weight[cohort].items())
            yield "logit of advance", f"{stage}, {cohort}", (
                model[f"{advance}.logit"] + model[f"{advance}.cohort_logit.{cohort}"] + of_channel
                + of_segment + weight["discount"] * model[f"{advance}.discount_logit"])
            yield "median days to advance", f"{stage}, {cohort}", (
                model.log_time(f"{advance}.dwell", .5) + model[f"{advance}.cohort_log_dwell.{cohort}"])
        channels = model.text["channels"]
        mean = sum(model[f"{advance}.channel_logit.{channel}"] for channel in channels) / len(channels)
        for channel in channels:
            yield "channel's difference", f"{stage}, {channel}", (
                model[f"{advance}.channel_logit.{channel}"] - mean)
        yield "spread of days to advance", stage, numpy.log(
            model.log_time(f"{advance}.dwell", .75) - model.log_time(f"{advance}.dwell", .25))
        of_cohort = sum(share * model[f"exits.{stage}.lost.cohort_log_dwell.{cohort}"]
                        for cohort, share in weight["cohort"].items())
        yield "median days to lost", stage, model.log_time(f"exits.{stage}.lost.dwell", .5) + of_cohort
    for cohort in model.text["cohorts"]:
        for channel in model.text["channels"]:
            yield "arrivals", f"{cohort}, {channel}", model[f"arrivals.{cohort}.{channel}.log_rate"]
    for segment in model.text["segments"]:
        yield "share of a segment", segment, model[f"mix.segment.{segment}.log_share"]
    yield "amounts", "median", model.log_time("amount.new", .5)
    yield "amounts", "spread", numpy.log(model.log_time("amount.new", .75) - model.log_time("amount.new", .25))
    for key in ("conversion", "arrivals"):
        yield "market", key, model[f"market.{key}.log_loading"]


def weights(truth):
    rates = truth.text["arrivals"]
    weight = {cohort: {channel: rate / sum(rates[cohort].values()) for channel, rate in rates[cohort].items()}
              for cohort in rates}
    total = sum(sum(of.values()) for of in rates.values())
    weight["cohort"] = {cohort: sum(of.values()) / total for cohort, of in rates.items()}
    weight["segment"] = truth.text["mix"]["segment"]
    points = truth.text["amount"]["discount"]["quantiles"]
    weight["discount"] = (sum(points) - (points[0] + points[-1]) / 2) / (len(points) - 1)
    return weight


class Truth(RecoupTest):
    def inside(self, folder):
        """By kind: whether each number of the truth is within its interval."""
        self.assert_status(self.recoup("fit", folder / "scenario.yaml", "-o", self.out / "model.yaml", "-q"), 0)
        truth, fitted = Model(folder / "truth.yaml"), Model(self.out / "model.yaml")
        weight, found, missed = weights(truth), {}, []
        for (kind, name, is_), (_, _, drawn) in zip(compared(truth, weight), compared(fitted, weight)):
            low, high = numpy.quantile(numpy.atleast_1d(drawn), [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2])
            found.setdefault(kind, []).append(low <= is_ <= high)
            if not low <= is_ <= high:
                missed.append(f"{kind}: {name} is {is_:.3f}, 90 % interval {low:.3f} to {high:.3f}")
        return found, missed

    def test_intervals_hold_the_truth(self):
        shares, kinds = [], {}
        for seed in range(1, COMPANIES + 1):
            folder = self.folder / f"company {seed}"
            self.assert_status(self.recoup("example", folder, "--seed", seed), 0)
            found, missed = self.inside(folder)
            inside = sum(found.values(), [])
            shares.append(sum(inside) / len(inside))
            for kind, hits in found.items():
                kinds.setdefault(kind, []).append(sum(hits) / len(hits))
        spread = numpy.std(shares, ddof=1)
        error = spread / math.sqrt(COMPANIES)
        print(f"{COMPANIES} companies, {len(inside)} numbers each: {numpy.mean(shares):.1%} inside, "
              f"standard error {error:.1%}, companies from {min(shares):.1%} to {max(shares):.1%}")
        for kind, of in kinds.items():
            print(f"  {kind}: {numpy.mean(of):.1%} +- {numpy.std(of, ddof=1) / math.sqrt(COMPANIES):.1%}")
        self.assertLess(abs(numpy.mean(shares) - NOMINAL), 4 * error)

        found, missed = self.inside(SOURCE / "scenarios/recovery-q4")
        inside = sum(found.values(), [])
        print(f"the shipped example: {sum(inside)} of {len(inside)} inside; outside:", *missed, sep="\n  ")
        self.assertLess(abs(sum(inside) / len(inside) - NOMINAL), 4 * spread)


if __name__ == "__main__":
    unittest.main()
