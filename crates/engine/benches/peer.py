#!/usr/bin/env python3
"""Peers of the engine on the same arrivals: what others find, and where.

usage: peer.py pyocto|grid SCENARIO_FOLDER FINDINGS.ndjson

pyocto  PyOcto (pip install pyocto; Münchmeyer, Seismica 3(1), 2024): 4D octree association of phases. Acoustic
        onsets go in as P phases with a constant velocity; it needs three stations, knows no bearings, no wind, no
        levels, and no clocks that are wrong.
grid    a search along each onset's bearing every 100 m for the place and time that most other arrays heard
        within 0.4 s and three deviations of their bearings.

Neither tells who fired, what it was or how sure the place is: findings are `undetermined`, `unknown`, with an
even distribution over the parties and a fixed covariance of 200 m. Prints one JSON object with what it cost.
"""

import bisect
import json
import math
import pathlib
import resource
import sys
import time
from datetime import datetime, timedelta, timezone

SOUND_KMPS = 0.3401  # 15 °C, no wind
SD_M = 200.0
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def seconds(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH).total_seconds()


class Scenario:
    """Stations and acoustic onsets on a plane in kilometres, each observation once."""

    def __init__(self, folder):
        features = json.loads((folder / "theatre.geojson").read_text())["features"]
        sensors = [f for f in features if f["properties"]["kind"] == "sensor"]
        places = {f["properties"]["id"]: f["geometry"]["coordinates"] for f in sensors}
        self.lon0 = sum(p[0] for p in places.values()) / len(places)
        self.lat0 = sum(p[1] for p in places.values()) / len(places)
        self.east = 111.3195 * math.cos(math.radians(self.lat0))
        self.station = {i: ((p[0] - self.lon0) * self.east, (p[1] - self.lat0) * 111.13) for i, p in places.items()}
        held = [f["properties"]["party"] for f in features if f["properties"]["kind"] == "held"]
        self.answers = sorted(set(held)) + ["none"]
        self.picks, seen, self.lines = [], set(), 0
        for line in (folder / "observations.ndjson").open():
            o = json.loads(line)
            self.lines += 1
            if o["kind"] == "acoustic" and o["id"] not in seen and o["source"] in self.station:
                seen.add(o["id"])
                bearing, sd = math.radians(o["bearing_deg"]), math.radians(o["bearing_sd_deg"])
                self.picks.append((seconds(o["observed"]), o["source"], o["id"], bearing, sd, o["level_db"]))
        self.picks.sort()

    def finding(self, number, t, x, y, evidence):
        at = (EPOCH + timedelta(seconds=t)).isoformat(timespec="microseconds").replace("+00:00", "Z")
        share = 1.0 / len(self.answers)
        return {
            "id": f"e{number}", "time": at, "time_sd_s": 0.5,
            "lat": self.lat0 + y / 111.13, "lon": self.lon0 + x / self.east,
            "cov_m2": [[SD_M**2, 0.0], [0.0, SD_M**2]], "kind": "unknown",
            "p": {a: share for a in self.answers}, "verdict": "undetermined", "evidence": sorted(set(evidence)),
        }


def pyocto(scenario):
    import pandas
    from pyocto import OctoAssociator, VelocityModel0D

    xs, ys = zip(*scenario.station.values())
    span = max(max(xs) - min(xs), max(ys) - min(ys))
    model = VelocityModel0D(SOUND_KMPS, SOUND_KMPS / 2, tolerance=0.5, association_cutoff_distance=42.0)
    associator = OctoAssociator(
        xlim=(min(xs) - 15, max(xs) + 15), ylim=(min(ys) - 15, max(ys) + 15), zlim=(0.0, 0.1), velocity_model=model,
        time_before=span / SOUND_KMPS + 130.0, min_node_size=0.5, min_node_size_location=0.05,
        pick_match_tolerance=0.5, min_interevent_time=0.5, n_picks=3, n_p_picks=3, n_s_picks=0, n_p_and_s_picks=0,
        n_threads=2,
    )
    stations = pandas.DataFrame([{"id": i, "x": x, "y": y, "z": 0.0} for i, (x, y) in scenario.station.items()])
    picks = pandas.DataFrame([{"time": p[0], "station": p[1], "phase": "P"} for p in scenario.picks])
    events, assigned = associator.associate(picks, stations)
    cited = {}
    for event, pick in zip(assigned["event_idx"], assigned["pick_idx"]) if len(events) else []:
        cited.setdefault(event, []).append(scenario.picks[pick][2])
    for n, e in events.iterrows() if len(events) else []:
        yield scenario.finding(n, e["time"], e["x"], e["y"], cited.get(e["idx"], []))


def grid(scenario):
    times = {s: ([], []) for s in scenario.station}
    for i, p in enumerate(scenario.picks):
        times[p[1]][0].append(p[0])
        times[p[1]][1].append(i)
    taken, number = set(), 0
    for i in sorted(range(len(scenario.picks)), key=lambda i: (-scenario.picks[i][5], i)):
        if i in taken:
            continue
        t, station, _, bearing, sd, _ = scenario.picks[i]
        best = (2, None)
        sx, sy = scenario.station[station]
        for shift in (0.0, -1.0, 1.0):
            b = bearing + shift * sd
            for step in range(2, 201):
                r = 0.1 * step
                x, y = sx + r * math.sin(b), sy + r * math.cos(b)
                heard = around(scenario, times, taken, station, x, y, t - r / SOUND_KMPS)
                if len(heard) + 1 > best[0]:
                    best = (len(heard) + 1, (t - r / SOUND_KMPS, x, y, heard + [i]))
        if best[1]:
            t0, x, y, picks = best[1]
            taken.update(picks)
            yield scenario.finding(number, t0, x, y, [scenario.picks[p][2] for p in picks])
            number += 1


def around(scenario, times, taken, station, x, y, t0):
    """One free onset a station that fits a source at a place and time."""
    heard = []
    for other, (ox, oy) in scenario.station.items():
        way = math.hypot(x - ox, y - oy)
        if other == station or way > 20.0:
            continue
        due, (ts, numbers) = t0 + way / SOUND_KMPS, times[other]
        for k in range(bisect.bisect_left(ts, due - 0.4), len(ts)):
            if ts[k] > due + 0.4:
                break
            bearing, sd = scenario.picks[numbers[k]][3:5]
            off = (math.atan2(x - ox, y - oy) - bearing + math.pi) % (2 * math.pi) - math.pi
            if numbers[k] not in taken and abs(off) < 3 * sd:
                heard.append(numbers[k])
                break
    return heard


def main(method, folder, out):
    scenario = Scenario(pathlib.Path(folder))
    began, cpu = time.perf_counter(), time.process_time()
    findings = list({"pyocto": pyocto, "grid": grid}[method](scenario))
    cost = {
        "seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu,
        "observations": scenario.lines, "events": len(findings),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    with open(out, "w") as file:
        file.writelines(json.dumps(f) + "\n" for f in findings)
    print(json.dumps(cost))


if __name__ == "__main__":
    main(*sys.argv[1:4])
