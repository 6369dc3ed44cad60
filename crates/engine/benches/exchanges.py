#!/usr/bin/env python3
"""Holds exchanges of fire against a scenario's truth: who began, and how sure that was.

usage: exchanges.py SCENARIO_FOLDER FINDINGS.ndjson     (with FINDINGS.ndjson.exchanges beside it)

A true exchange is an incident in which two parties fired. It is found by the exchange that holds most of the findings
within 4 s and 1 km of its rounds. Prints one JSON object.
"""

import collections
import json
import math
import pathlib
import sys
from datetime import datetime


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def lines(path):
    return [json.loads(line) for line in pathlib.Path(path).open()]


def main(folder, findings):
    incidents = collections.defaultdict(list)
    for event in lines(pathlib.Path(folder) / "truth.ndjson"):
        if event["violation"]:
            incidents[event["incident"]].append(event)
    events = {e["id"]: e for e in lines(findings)}
    holds = {e: x for x in lines(findings + ".exchanges") for e in x["events"]}
    told, log_score, named, right, likeliest = 0, 0.0, 0, 0, 0
    true = [rounds for rounds in incidents.values() if len({r["party"] for r in rounds}) > 1]
    for rounds in true:
        began = min(rounds, key=lambda r: seconds(r["time"]))["party"]
        votes = collections.Counter()
        for round_ in rounds:
            for e in events.values():
                if e["id"] in holds and abs(seconds(e["time"]) - seconds(round_["time"])) < 4:
                    north = (e["lat"] - round_["lat"]) * 111.1
                    east = (e["lon"] - round_["lon"]) * 111.3 * math.cos(math.radians(e["lat"]))
                    if math.hypot(north, east) < 1:
                        votes[holds[e["id"]]["id"]] += 1
        if not votes:
            continue
        exchange = next(x for x in holds.values() if x["id"] == votes.most_common(1)[0][0])
        p = exchange["began"].get(began, 0.0)
        told += 1
        log_score -= math.log(max(p, 1e-6))
        likeliest += p == max(exchange["began"].values())
        named += exchange["verdict"] not in ("none", "undetermined")
        right += exchange["verdict"] == began
    of = {"exchanges": len(true), "told": told, "likeliest_right": likeliest, "named": named, "named_right": right}
    print(json.dumps(of | {"log_score": round(log_score / max(told, 1), 3), "told_by_engine": len({x["id"] for x in holds.values()})}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
