#!/usr/bin/env python3
"""Writes the example with 30 candidates of three levels each, for `recoup optimize`:

    recoup example /tmp/q4
    python3 bench/optimize/write.py /tmp/q4 /tmp/q4/thirty.yaml
    time recoup optimize /tmp/q4/thirty.yaml --threads 2
"""

import sys
from pathlib import Path

COHORTS = ("top", "core", "developing", "ramping")
CHANNELS = ("inbound", "outbound", "partner", "referral")
STAGES = ("prospecting", "discovery", "demo", "proposal", "negotiation")


def candidates():
    """(name, lever, cost, hours, rules) of each."""
    for i, cohort in enumerate(COHORTS):
        for j, stage in enumerate(("discovery", "proposal", "negotiation")):
            yield (f"coach {cohort} in {stage}",
                   f"coach: {{cohort: {cohort}, stage: {stage}, start: +7d, ramp_days: 14, "
                   f"evidence: before_after, "
                   f"logit: {{normal: [{0.1 + 0.05 * i + 0.03 * j:.2f}, 0.05]}}",
                   6000 + 1500 * i + 1000 * j, 30 + 5 * j, "")
    for j, stage in enumerate(STAGES):
        yield (f"unblock {stage}",
               f"unblock: {{stage: {stage}, start: +7d, "
               f"speed: {{lognormal: [{1.1 + 0.07 * j:.2f}, 0.1]}}",
               8000 + 2000 * j, 10, "")
    for k, channel in enumerate(CHANNELS):
        yield (f"activity {channel}",
               f"activity: {{channel: {channel}, increase: {0.2 + 0.05 * k:.2f}, returns: 0.8, "
               f"start: +3d",
               5000 + 1500 * k, 60, "")
    yield ("reassign vacant", "reassign: {from: {status: vacant}, to: {cohort: [top, core]}, "
           "handover_days: 3, start: +7d", 5000, 20, "")
    yield ("reassign late", "reassign: {from: {cohort: [developing, ramping]}, to: {cohort: top}, "
           "deals: {stage: [demo, proposal, negotiation]}, handover_days: 3, start: +7d",
           15000, 40, "")
    yield ("channel focus", "channel_focus: {from: outbound, to: [inbound, referral], share: 0.35, "
           "returns: 0.8, start: +7d, ramp_days: 7", 20000, 30, "")
    for percent, points in ((10, 0.015), (15, 0.012)):
        yield (f"limit {percent}", f"discount_limit: {{max: {percent}%, escapes: 10%, start: +7d, "
               f"win_logit_per_point: {points}", 0, 5, "")
    yield ("incentive all", "incentive: {logit: {triangular: [0, 0.15, 0.3]}, start: +3d",
           30000, 0, "excludes: [incentive core]")
    yield ("incentive core", "incentive: {cohort: core, logit: 0.2, start: +3d", 14000, 0, "")
    yield ("hire two", "hire: {cohort: core, count: 2, ramp_days: 30, start: +14d", 25000, 80, "")
    yield ("hire for referrals", "hire: {cohort: developing, count: 1, ramp_days: 30, start: +14d",
           12000, 40, "requires: [activity referral]")


def main():
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    lines = ["", "optimize:", "  budget: 90000", "  hours: 400", "  candidates:"]
    for name, lever, cost, hours, rules in candidates():
        lines += [f"    - name: {name}", "      levels: [0.33, 0.67, 1]"]
        lines += [f"      {rules}"] if rules else []
        lines += ["      levers:", f"        - {lever}, cost: {cost}, hours: {hours}}}"]
    scenario = (folder / "scenario.yaml").read_text()
    own = [line for line in scenario.splitlines() if not line.startswith("optimize:")]
    output.write_text("\n".join(own + lines) + "\n")


if __name__ == "__main__":
    main()
