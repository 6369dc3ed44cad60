#!/usr/bin/env python3
"""How often what was told with a probability is so: a reliability diagram over scenarios with truth.

usage: reliability.py SCORE.py SCENARIO FINDINGS.ndjson [SCENARIO FINDINGS.ndjson …]

Findings are matched with events by the scenario set's score.py (its demanded events). Of each matched finding the
likeliest answer (a party, or nobody) counts, with its probability. Prints a table, and the log score over all.
"""

import importlib.util
import math
import sys

import numpy as np

EDGES = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001]


def answers(score, folder, findings):
    """Probability and truth of the likeliest answer, and the probability of what is true."""
    scenario = score.Scenario(folder)
    told = score.load_findings(findings, scenario)
    if not told:
        return
    at = scenario.fwd([f["lat"] for f in told], [f["lon"] for f in told])
    times = np.array([f["t"] for f in told])
    demanded = np.nonzero(scenario.demand)[0]
    gate_s = np.where(scenario.fire, score.GATE_FIRE, score.GATE_T)[demanded]
    gate_m = np.clip(6 * np.where(np.isfinite(scenario.crlb), scenario.crlb, 1e9), 600, 3000)[demanded]
    for i, j in score.match(times, at, scenario.t[demanded], scenario.xy[demanded], gate_s, gate_m):
        true, p = scenario.label[demanded[j]], told[i]["p"]
        likeliest = max(p, key=lambda answer: p[answer])
        yield p[likeliest], likeliest == true, p[true]


def main(score_path, *pairs):
    spec = importlib.util.spec_from_file_location("score", score_path)
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    found = [a for folder, told in zip(pairs[::2], pairs[1::2]) for a in answers(score, folder, told)]
    print("told with | findings | mean told | came true")
    print("--- | --- | --- | ---")
    for low, high in zip(EDGES, EDGES[1:]):
        inside = [(p, right) for p, right, _ in found if low <= p < high]
        if inside:
            p, right = np.mean(inside, axis=0)
            print(f"{low:.2f}–{min(high, 1.0):.2f} | {len(inside)} | {p:.3f} | {right:.3f}")
    log_score = -np.mean([math.log(max(p, 1e-6)) for *_, p in found]) if found else float("nan")
    print(f"\nlog score {log_score:.3f} over {len(found)} findings")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
