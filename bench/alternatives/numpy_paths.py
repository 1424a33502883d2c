#!/usr/bin/python3
"""What a user would write instead of recoup: W1's model as constants, vectorised with NumPy over
deals and a chunk of paths at a time, stage by stage; worker processes share out the chunks.

    numpy_paths.py FOLDER [--plans 1|3] [--paths N] [--threads N] [--seed N] [--quota X]
                   [--arrivals X]

FOLDER holds deals.csv and reps.csv as in bench/w1. --arrivals: new deals per day, in all. Every
plan is simulated by itself, from the same seeds. Prints P(hit) and the distribution of bookings
per plan as JSON.

What a careful user would save is saved: tails at a deal's age are computed once per plan, a deal
that is lost is dropped at once, and chunks fit the cache.
"""

import argparse
import csv
import json
import multiprocessing
import resource
import time
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri

# The model: bench/w1/model.yaml and scenario.yaml.
STAGES = ["prospecting", "discovery", "demo", "proposal", "negotiation"]
COHORTS = ["top", "core-high", "core-low", "ramping"]
CHANNELS = ["outbound", "inbound", "partner"]
PLANS = ["baseline", "coach", "unblock"]
AS_OF = np.datetime64("2026-11-02T00:00:00.000")
HORIZON_DAYS = 60

ADVANCE_LOGIT = np.array([-0.85, 0.05, 0.25, 0.10, 0.85])
COHORT_LOGIT = np.array([0.60, 0.15, -0.20, -0.55])
CHANNEL_LOGIT = np.array([-0.10, 0.30, 0.05])
ADVANCE_MEDIAN_DAYS = np.array([9.0, 11, 8, 10, 9])
ADVANCE_SIGMA = 0.60
COHORT_LOG_DWELL = np.array([-0.15, 0.0, 0.10, 0.25])
LOST_SHAPE = 0.9
LOST_SCALE_DAYS = np.array([18.0, 22, 20, 25, 30])

MARKET_CONVERSION, MARKET_ARRIVALS = 0.25, 0.10
COHORT_SHARE = np.array([0.15, 0.35, 0.35, 0.15])  # of new deals
CHANNEL_SHARE = np.array([0.5, 0.3, 0.2])
NEW_MEDIAN, NEW_SIGMA, REVISION_SIGMA = 42000, 0.8, 0.15

N_CELLS = len(COHORTS) * len(CHANNELS)  # cell = cohort * 3 + channel
CHUNK_DEALS = 1 << 16  # deals times paths of a chunk: its arrays stay in the cache


def laws(plan):
    """Logit of advancing and log median days, [stage, cell]."""
    cohort, channel = np.divmod(np.arange(N_CELLS), len(CHANNELS))
    logit = ADVANCE_LOGIT[:, None] + COHORT_LOGIT[cohort] + CHANNEL_LOGIT[channel]
    mu = np.log(ADVANCE_MEDIAN_DAYS)[:, None] + COHORT_LOG_DWELL[cohort]
    if plan == "coach":
        logit[:, cohort >= 2] += 0.2
    if plan == "unblock":
        mu[3:] += np.log(0.7)
    return logit, mu


def read_deals(folder):
    """Arrays stage, cell, age_days, amount."""
    with open(folder / "reps.csv", newline="") as file:
        cohort = {row["rep_id"]: COHORTS.index(row["cohort"]) for row in csv.DictReader(file)}
    with open(folder / "deals.csv", newline="") as file:
        rows = csv.reader(file)
        column = {name: i for i, name in enumerate(next(rows))}
        rep, channel, amount, stage, entered, outcome = zip(*(
            [row[column[name]] for name in
             ("rep_id", "channel", "amount", "stage", "stage_entered", "outcome")]
            for row in rows))
    if set(outcome) != {"open"}:
        raise SystemExit("numpy_paths: only open deals were expected")
    cell = np.array([cohort[r] * len(CHANNELS) + CHANNELS.index(h)
                     for r, h in zip(rep, channel)])
    stage = np.array([STAGES.index(s) for s in stage])
    entered = np.array([moment.rstrip("Z") for moment in entered], "datetime64[ms]")
    return stage, cell, (AS_OF - entered) / np.timedelta64(1, "D"), np.array(amount, float)


class Plan:
    """One plan and the open deals, grouped by stage; chance(age) of a deal of age a is
    p S_advance(a) : (1 - p) S_lost(a)."""

    def __init__(self, name, deals, arrivals):
        stage, cell, age, amount = deals
        self.logit, self.mu = laws(name)
        self.rate = HORIZON_DAYS * arrivals * np.outer(COHORT_SHARE, CHANNEL_SHARE).ravel()
        self.open = []
        for s in range(len(STAGES)):
            here = stage == s
            c, a = cell[here], age[here]
            mu = self.mu[s, c]
            with np.errstate(divide="ignore"):  # age 0: the tail is 1
                tail = ndtr((mu - np.log(a)) / ADVANCE_SIGMA)
            logit = self.logit[s, c] + np.log(tail) + (a / LOST_SCALE_DAYS[s]) ** LOST_SHAPE
            self.open.append((c, a, amount[here], mu, tail, logit))


def advance_open(rng, group, market):
    """The open deals of one stage that leave it forwards within the horizon: path, cell, day,
    amount."""
    cell, age, amount, mu, tail, logit = group
    odds = np.exp(-logit) * np.exp(-MARKET_CONVERSION * market)[:, None]
    path, deal = np.nonzero(rng.random(odds.shape) * (1 + odds) < 1)
    left = rng.random(len(deal)) * tail[deal]
    day = np.exp(mu[deal] - ADVANCE_SIGMA * ndtri(left)) - age[deal]
    stays = day <= HORIZON_DAYS
    path, deal = path[stays], deal[stays]
    return path, cell[deal], day[stays], amount[deal]


def advance_fresh(rng, logit, mu, market, deals):
    """The same for deals that have just entered the stage on their day."""
    path, cell, day, amount = deals
    odds = np.exp(-logit[cell] - MARKET_CONVERSION * market[path])
    goes = np.flatnonzero(rng.random(len(path)) * (1 + odds) < 1)
    day = day[goes] + np.exp(mu[cell[goes]] + ADVANCE_SIGMA * rng.standard_normal(len(goes)))
    stays = day <= HORIZON_DAYS
    goes = goes[stays]
    return path[goes], cell[goes], day[stays], amount[goes]


def new_deals(rng, rate, market):
    count = rng.poisson(rate * np.exp(MARKET_ARRIVALS * market)[:, None])
    path = np.repeat(np.arange(len(market)), count.sum(axis=1))
    cell = np.repeat(np.tile(np.arange(N_CELLS), len(market)), count.ravel())
    day = rng.random(len(path)) * HORIZON_DAYS
    return path, cell, day, rng.lognormal(np.log(NEW_MEDIAN), NEW_SIGMA, len(path))


def simulate_chunk(plan, seed, n_paths):
    """Bookings of each path, and the number of wins."""
    rng = np.random.default_rng(seed)
    market = rng.standard_normal(n_paths)
    deals = new_deals(rng, plan.rate, market)
    for s, group in enumerate(plan.open):
        moved = advance_fresh(rng, plan.logit[s], plan.mu[s], market, deals)
        aged = advance_open(rng, group, market)
        deals = tuple(np.concatenate(pair) for pair in zip(moved, aged))
    path, _, _, amount = deals
    booked = amount * rng.lognormal(-0.5 * REVISION_SIGMA ** 2, REVISION_SIGMA, len(path))
    return np.bincount(path, booked, minlength=n_paths), len(path)


plans = []  # of a worker process, which inherits them


def work(task):
    index, seed, n_paths = task
    return simulate_chunk(plans[index], seed, n_paths)


def make_tasks(index, seed, n_paths, n_deals, threads):
    """Chunks with seeds of their own, the same for every plan."""
    size = max(1, min(CHUNK_DEALS // n_deals, -(-n_paths // threads)))
    sizes = [min(size, n_paths - first) for first in range(0, n_paths, size)]
    return [(index, child, n) for child, n in
            zip(np.random.SeedSequence(seed).spawn(len(sizes)), sizes)]


def describe(name, bookings, wins, quota):
    p = float(np.mean(bookings >= quota))
    return {"plan": name, "hit_probability": p,
            "hit_probability_se": (p * (1 - p) / len(bookings)) ** 0.5,
            "bookings_mean": bookings.mean(),
            "bookings_sd": bookings.std(ddof=1) if len(bookings) > 1 else 0,
            "wins_mean": wins / len(bookings),
            "bookings_quantiles": np.quantile(bookings, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()}


def peak_memory():
    """Of this process and its workers together, at most: pages they share count for each."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def main():
    started = time.perf_counter()
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plans", type=int, default=3)
    parser.add_argument("--paths", type=int, default=10000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quota", type=float, default=6e6)
    parser.add_argument("--arrivals", type=float, default=1.6)
    options = parser.parse_args()

    deals = read_deals(options.folder)
    for name in PLANS[:options.plans]:
        plans.append(Plan(name, deals, options.arrivals))
    n_deals = int(len(deals[0]) + options.arrivals * HORIZON_DAYS)
    pool = multiprocessing.Pool(options.threads) if options.threads > 1 else None
    answers, simulation = [], 0.0
    for index, name in enumerate(PLANS[:options.plans]):
        before = time.perf_counter()
        tasks = make_tasks(index, options.seed, options.paths, n_deals, options.threads)
        chunks = list(pool.imap(work, tasks) if pool else map(work, tasks))
        bookings = np.concatenate([bookings for bookings, _ in chunks])
        simulation += time.perf_counter() - before
        answers.append(describe(name, bookings, sum(wins for _, wins in chunks), options.quota))
    if pool:
        pool.close()
        pool.join()
    own, worker = peak_memory()
    print(json.dumps({"program": "numpy_paths", "paths": options.paths,
                      "threads": options.threads, "plans": answers,
                      "simulation_seconds": simulation,
                      "seconds": time.perf_counter() - started,
                      "peak_memory_bytes":
                          1024 * (own + (options.threads * worker if pool else 0))}))


if __name__ == "__main__":
    main()
