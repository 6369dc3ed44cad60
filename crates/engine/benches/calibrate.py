#!/usr/bin/env python3
"""Learns the engine's parameters from scenarios with truth: crates/engine/src/calibration.rs.

usage: calibrate.py SCENARIOS_FOLDER            prints each parameter as learnt, beside the one in the file
       calibrate.py SCENARIOS_FOLDER --write    writes the learnt ones into the file
       calibrate.py SCENARIOS_FOLDER --check    fails where one in the file is farther than its stated
                                                tolerance from what is learnt

A scenario is a folder with theatre.geojson, observations.ndjson and truth.ndjson. Names, ids, seeds and places of scenarios
are not used: all are pooled, each event with the same weight. Needs numpy.
"""

import json
import math
import pathlib
import re
import sys
from collections import defaultdict
from datetime import datetime

import numpy as np

FILE = pathlib.Path(__file__).parent.parent / "src" / "calibration.rs"
HOUR_S = 3600.0
BLOCK_S = 600.0
# Sound levels and frequencies at the source are compared within one kind; these are the table of signatures'.
MUZZLE_HZ = {"small_arms": 450, "hmg": 220, "mortar": 90, "artillery": 35, "mlrs": 60}


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def lines(path):
    return [json.loads(line) for line in path.open()]


class Scenario:
    """Stations on a plane in metres, observations by name, events, and the stations' air."""

    def __init__(self, folder):
        features = json.loads((folder / "theatre.geojson").read_text())["features"]
        sensors = [f for f in features if f["properties"]["kind"] == "sensor"]
        lon, lat = np.mean([f["geometry"]["coordinates"] for f in sensors], axis=0)
        e2, a = 0.00669437999014, 6378137.0
        w = math.sqrt(1 - e2 * math.sin(math.radians(lat)) ** 2)
        self.lat, self.lon = lat, lon
        self.north_m = math.radians(1) * a * (1 - e2) / w**3
        self.east_m = math.radians(1) * a / w * math.cos(math.radians(lat))
        self.stations = {
            f["properties"]["id"]: (
                self.place(*reversed(f["geometry"]["coordinates"])),
                f["properties"].get("clock_sd_s") or 0.03,
            )
            for f in sensors
        }
        self.observations = {o["id"]: o for o in lines(folder / "observations.ndjson")}
        self.events = lines(folder / "truth.ndjson")
        readings = []
        for o in self.observations.values():
            if o["kind"] == "weather":
                to = math.radians(o["wind_from_deg"] + 180)
                wind = o["wind_mps"] * np.array([math.sin(to), math.cos(to)])
                readings.append((seconds(o["observed"]), o["temperature_c"], *wind))
        self.readings = np.array(readings)

    def place(self, lat, lon):
        east = (lon - self.lon + 180) % 360 - 180
        return np.array([east * self.east_m, (lat - self.lat) * self.north_m])

    def air(self, t):
        """As the engine averages it (sound.rs)."""
        near = np.abs(self.readings[:, 0] - t) < 2 * HOUR_S
        weight = np.exp(-np.abs(self.readings[near, 0] - t) / 2700.0)
        return (self.readings[near, 1:] * weight[:, None]).sum(0) / weight.sum()

    def ends(self, event):
        """Where and when an event sounded: the gun, and the burst where there is one."""
        yield self.place(event["lat"], event["lon"]), seconds(event["time"]), False
        if event["impact"]:
            at = event["impact"]
            yield self.place(at["lat"], at["lon"]), seconds(at["time"]), True

    def arrivals(self):
        """Sounds of known events: (event, is burst, observation, lateness, distance, unit vector, speed, station)."""
        for number, event in enumerate(self.events):
            if event["kind"] == "fire":
                continue
            for name in event["detectable_by"]:
                o = self.observations[name]
                if o["kind"] != "acoustic" or o["source"] not in self.stations:
                    continue
                at, _ = self.stations[o["source"]]
                best = None
                for place, t0, burst in self.ends(event):
                    way = at - place
                    r = max(float(np.hypot(*way)), 50.0)
                    u = way / r
                    temperature, east, north = self.air(t0)
                    speed = 331.3 + 0.606 * temperature + east * u[0] + north * u[1]
                    late = seconds(o["observed"]) - t0 - r / speed
                    if best is None or abs(late) < abs(best[3]):
                        best = (number, burst, o, late, r, u, speed, t0, (east, north))
                if best and abs(best[3]) < 0.5:
                    yield best


def air_spread(scenario, arrivals):
    """What the air differed from the stations' average, ten minutes by ten minutes (about as long as a series is): the
    number of arrivals that tell of it, and the differences of speed, of wind east and north. Clocks of the sensors are
    unknowns too, held by their stated spread; sensors that are plainly wrong are left out."""
    by_station = defaultdict(list)
    for a in arrivals:
        by_station[a[2]["source"]].append(a[3])
    good = sorted(s for s, late in by_station.items() if len(late) > 10 and abs(np.median(late)) < 0.15 and np.std(late) < 0.15)
    arrivals = [a for a in arrivals if a[2]["source"] in good]
    blocks = sorted({int(a[7] // BLOCK_S) for a in arrivals})
    column = {b: 3 * i for i, b in enumerate(blocks)}
    clock = {s: 3 * len(blocks) + i for i, s in enumerate(good)}
    size = 3 * len(blocks) + len(good)
    theta = np.zeros(size)
    prior = np.zeros(size)
    prior[: 3 * len(blocks)] = np.tile([1 / 1.0**2, 1 / 2.0**2, 1 / 2.0**2], len(blocks))
    for s, i in clock.items():
        prior[i] = 1 / scenario.stations[s][1] ** 2
    for _ in range(2):
        normal, pull = np.diag(prior), np.zeros(size)
        for _, _, o, late, r, u, speed, t0, _ in arrivals:
            faint = min(max((65 - o["level_db"]) / 25, 0), 1)
            sd = math.hypot(0.02 + 0.04 * faint, 0.02 * math.sqrt(r / 1000))
            at = column[int(t0 // BLOCK_S)]
            row = {at: -r / speed**2, at + 1: -r / speed**2 * u[0], at + 2: -r / speed**2 * u[1], clock[o["source"]]: 1.0}
            value = late - sum(theta[i] * x for i, x in row.items())
            weight = min(1.0, 2.5 / max(abs(value / sd), 1e-9)) / sd**2
            for i, x in row.items():
                pull[i] += weight * x * late
                for j, y in row.items():
                    normal[i, j] += weight * x * y
        theta = np.linalg.solve(normal, pull)
    covariance = np.linalg.inv(normal)
    count = defaultdict(int)
    for a in arrivals:
        count[int(a[7] // BLOCK_S)] += 1
    for b in blocks:
        at = column[b]
        if covariance[at, at] < 0.15**2 and covariance[at + 1, at + 1] < 0.3**2 and covariance[at + 2, at + 2] < 0.3**2:
            yield count[b], theta[at], theta[at + 1], theta[at + 2]


def round_shifts(scenario):
    """Squares of how far rounds of one gun stand from their mean, by axis: guns are parted where rounds of a series leave a
    gap of 25 m."""
    series = defaultdict(list)
    for event in scenario.events:
        if event["violation"] and event["kind"] in MUZZLE_HZ:
            series[(event["incident"], event["party"], event["kind"])].append(scenario.place(event["lat"], event["lon"]))
    for (_, _, kind), places in series.items():
        guns = []
        for place in places:
            near = [g for g in guns if min(np.hypot(*(place - p)) for p in g) < 25]
            guns = [g for g in guns if not any(g is n for n in near)] + [[place] + [p for g in near for p in g]]
        for gun in guns:
            n = len(gun)
            if n > 3:
                squares = ((np.array(gun) - np.mean(gun, axis=0)) ** 2).sum(0) * n / (n - 1) / n
                yield kind, n, squares.mean()


def learnt(folder):
    """All parameters by name."""
    air, level, hz, s, shifts = [], [], [], [], defaultdict(list)
    began = defaultdict(lambda: [0, 0])
    folders = sorted(p.parent for p in pathlib.Path(folder).glob("*/truth.ndjson"))
    if not folders:
        sys.exit(f"{folder}: no scenario with truth")
    for scenario in map(Scenario, folders):
        arrivals = list(scenario.arrivals())
        if arrivals:
            air += air_spread(scenario, arrivals)
        for kind, n, square in round_shifts(scenario):
            shifts["light" if kind in ("small_arms", "hmg") else "heavy"].append((n, square))
        heard = defaultdict(list)
        for a in arrivals:
            heard[(a[0], a[1])].append(a)
        for (number, burst), all_ in heard.items():
            if len(all_) < 3:
                continue
            values = []
            for _, _, o, _, r, u, _, _, wind in all_:
                loss = 20 * math.log10(r / 1000) + (0.6 + o["peak_hz"] / 250) * r / 1000 - 0.8 * float(np.dot(wind, u))
                values.append((o["level_db"] + loss, math.log(o["peak_hz"]), math.log(o["dur_s"])))
            variance = np.var(values, axis=0, ddof=1)
            level.append((len(all_) - 1, variance[0]))
            hz.append((len(all_) - 1, variance[1]))
            s.append((len(all_) - 1, variance[2]))
        series = defaultdict(list)
        for number, event in enumerate(scenario.events):
            if event["violation"] and event["kind"] in MUZZLE_HZ:
                stations = {a[2]["source"] for a in heard[(number, False)]}
                key = (event["incident"], event["party"], event["kind"])
                series[key].append((seconds(event["time"]), len(stations) >= 2))
        for (_, _, kind), rounds in series.items():
            if any(is_heard for _, is_heard in rounds):
                began[kind if kind in ("small_arms", "hmg") else "heavy"][0] += not min(rounds)[1]
                began[kind if kind in ("small_arms", "hmg") else "heavy"][1] += 1
    weights = np.array([a[0] for a in air], float)
    square = lambda i: float((weights * np.array([a[i] for a in air]) ** 2).sum() / weights.sum())
    pooled = lambda pairs: math.sqrt(sum(n * v for n, v in pairs) / sum(n for n, _ in pairs))
    rate = lambda missed, all_: (missed + 1) / (all_ + 2)
    return {
        "AIR_STILL_SD_MPS": math.sqrt(square(1)),
        "AIR_WIND_SD_MPS": math.sqrt((square(2) + square(3)) / 2),
        "ARRAY_LEVEL_SD_DB": pooled(level),
        "ARRAY_LN_HZ_SD": pooled(hz),
        "ARRAY_LN_S_SD": pooled(s),
        "LIGHT_SHIFT_M": pooled(shifts["light"]),
        "HEAVY_SHIFT_M": pooled(shifts["heavy"]),
        "UNHEARD_SMALL_ARMS": rate(*began["small_arms"]),
        "UNHEARD_HMG": rate(*began["hmg"]),
        "UNHEARD_HEAVY": rate(*began["heavy"]),
    }


CONST = re.compile(r"(pub\(crate\) const (\w+): f64 = )([0-9.]+);(?: // ± ([0-9.]+))?")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    now, text, bad = learnt(sys.argv[1]), FILE.read_text(), []

    def renewed(match):
        before, name, value, within = match.groups()
        new = now[name]
        print(f"{name:22} learnt {new:8.4f}   in the file {float(value):8.4f}   tolerance {within or '-'}")
        if within and abs(new - float(value)) > float(within):
            bad.append(name)
        return f"{before}{new:.3g};" + (f" // ± {within}" if within else "")

    written = CONST.sub(renewed, text)
    missing = set(now) - {m.group(2) for m in CONST.finditer(text)}
    if missing:
        sys.exit(f"{FILE.name} lacks {', '.join(sorted(missing))}")
    if "--write" in sys.argv:
        FILE.write_text(written)
    elif "--check" in sys.argv and bad:
        sys.exit(f"out of tolerance: {', '.join(bad)}")


if __name__ == "__main__":
    main()
