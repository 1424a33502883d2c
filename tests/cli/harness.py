"""Runs the built `recoup` as a user does. Every test program here takes its path as first argument:

    python3 tests/cli/malformed.py build/release/src/cli/recoup
"""

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BENCH = SOURCE / "bench"
RECOUP = str(Path(sys.argv.pop(1)).resolve())
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")

# A small team: two reps of two cohorts, three deals closed and three open at the as-of date.
DEALS = """\
deal_id,rep_id,amount,created,stage,outcome,stage_entered,closed,channel,list_amount
D1,R1,12000,2026-08-03,second,won,2026-08-20,2026-09-10,web,12500
D2,R2,8000,2026-08-10,first,lost,2026-08-10,2026-09-01,web,8000
D3,R1,20000,2026-09-01,second,won,2026-09-15,2026-10-20,event,25000
D4,R1,15000,2026-09-20,second,open,2026-10-05,,web,15000
D5,R2,9000,2026-10-01,first,open,2026-10-01,,event,10000
D6,R2,30000,2026-10-12,first,open,2026-10-12,,web,30000
"""
HISTORY = """\
deal_id,stage,entered
D1,first,2026-08-03
D1,second,2026-08-20
D2,first,2026-08-10
D3,first,2026-09-01
D3,second,2026-09-15
D4,first,2026-09-20
D4,second,2026-10-05
D5,first,2026-10-01
D6,first,2026-10-12
"""
REPS = """\
rep_id,name,cohort,status,quota,start_date
R1,First Rep,hunters,active,30000,2025-01-01
R2,Second Rep,farmers,active,20000,2026-01-01
"""
ACTIVITIES = """\
rep_id,date,type
R1,2026-10-01,call
R2,2026-10-02,call
"""
MODEL = """\
recoup: model/1
currency: EUR
stages: [first, second]
cohorts: [hunters, farmers]
channels: [web, event]
exits:
  first:
    advance: {logit: 0.2, dwell: {family: weibull, shape: 1.2, scale: 14}}
    lost: {dwell: {family: exponential, mean: 20}}
  second:
    advance: {logit: 0.4, cohort_logit: {hunters: 0.3, farmers: -0.1}, dwell: {family: lognormal, median: 12, sigma: 0.6}}
    lost: {dwell: {family: exponential, mean: 25}}
amount:
  new: {family: lognormal, median: 12000, sigma: 0.5}
arrivals:
  hunters: {web: 0.05, event: 0.02}
  farmers: {web: 0.03, event: 0.01}
"""
SCENARIO = """\
recoup: scenario/1
name: Small team
as_of: 2026-11-02
period: {start: 2026-10-01, end: 2026-12-31}
currency: EUR
quota: 60000
data:
  deals: deals.csv
  stage_history: stage_history.csv
  reps: reps.csv
  activities: activities.csv
pipeline: [first, second]
model: model.yaml
simulation: {paths: 2000, seed: 5}
plans:
  - name: as is
  - name: push
    levers:
      - adjust: {cohort: hunters, stage: second, exit: advance, logit: 0.3}
"""
FILES = {
    "deals.csv": DEALS,
    "stage_history.csv": HISTORY,
    "reps.csv": REPS,
    "activities.csv": ACTIVITIES,
    "model.yaml": MODEL,
    "scenario.yaml": SCENARIO,
}


def as_bytes(content):
    return content if isinstance(content, bytes) else content.encode()


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def no_constant(name):
    raise ValueError(f"{name} in JSON")


def read_json(text):
    """JSON proper: NaN and Infinity are refused."""
    return json.loads(text, parse_constant=no_constant)


def make_history(seed=7, n_deals=240):
    """Tables of a made-up team of eight reps over a year, some of it after 2026-11-02: (deals,
    history, reps) as lists of rows without their headings."""
    choose = random.Random(seed)
    first_day = 20454  # 2026-01-01
    deals, history = [], []
    for i in range(n_deals):
        day = choose.uniform(0, 330)
        name, rep, visits, outcome = f"D{i:04}", f"R{i % 8 + 1}", [], "won"
        created = day
        for stage, chance, dwell in (("first", 0.55, 12), ("second", 0.6, 16)):
            visits.append((stage, day))
            day += choose.expovariate(1 / dwell)
            if choose.random() > chance:
                outcome = "lost"
                break
        if day > 350:
            outcome, closed = "open", ""
            visits = [visit for visit in visits if visit[1] <= 350] or visits[:1]
        else:
            closed = iso(first_day + day)
        amount = round(choose.lognormvariate(9.3, 0.5))
        channel = choose.choice(("web", "event"))
        deals.append([name, rep, amount, iso(first_day + created), visits[-1][0], outcome,
                      iso(first_day + visits[-1][1]), closed, channel, round(1.1 * amount)])
        history += [[name, stage, iso(first_day + entered)] for stage, entered in visits]
    reps = [[f"R{k}", f"Rep {k}", "hunters" if k < 5 else "farmers", "active", 100000, "2025-01-01"]
            for k in range(1, 9)]
    return deals, history, reps


def iso(days):
    """Days since 1970 as a timestamp in UTC."""
    import datetime
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=days)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_csv(heading_of, rows):
    heading = heading_of.splitlines()[0]
    return "\n".join([heading] + [",".join(map(str, row)) for row in rows]) + "\n"


class RecoupTest(unittest.TestCase):
    """A test with a temporary folder `self.folder` and an empty one in it, `self.out`."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="recoup-test-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.out = self.folder / "out"
        self.out.mkdir()

    def write(self, changes=None):
        """The small team's files, some replaced (None: left out)."""
        for name, content in {**FILES, **(changes or {})}.items():
            if content is not None:
                (self.folder / name).write_bytes(as_bytes(content))

    def recoup(self, *arguments, **options):
        """Runs it in the temporary folder. A report of a sanitizer fails the test."""
        done = subprocess.run([RECOUP, *map(str, arguments)], cwd=self.folder, timeout=300,
                              stdin=subprocess.DEVNULL,
                              stdout=options.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, **options)
        done.stderr = done.stderr.decode(errors="replace")
        done.stdout = (done.stdout or b"").decode()
        self.assert_clean(done)
        return done

    def assert_clean(self, done):
        self.assertFalse([word for word in SANITIZER if word in done.stderr], done.stderr)
        self.assertGreaterEqual(done.returncode, 0, f"killed by a signal\n{done.stderr}")

    def assert_status(self, done, status):
        self.assertEqual(done.returncode, status, f"\n{done.stdout}\n{done.stderr}")

    def run_json(self, *arguments):
        """`recoup run --json` of the folder's scenario, which must succeed: the parsed answer."""
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5", "--json", *arguments)
        self.assert_status(done, 0)
        return read_json(done.stdout)


def environment(**more):
    return {**os.environ, **more}
