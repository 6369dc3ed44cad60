#!/usr/bin/env python3
"""Makes scenarios with truth that nobody has seen, from the scenario set's published physics.

usage: scenarios.py OUT [--seed N] [--profile day|busy|three|storm|deception|quiet]

Writes OUT/theatre.geojson, observations.ndjson and truth.ndjson in the scenario set's forms, to be scored by its score.py.
The seed chooses all: the place on earth (both hemispheres, beside the antimeridian), the line's shape, sensors and their
faults, the weather, what happened. The physics are those of the set's README; its own generator is not known, so this
tests the code and other numbers, not the physics. Needs numpy.

profiles: day; busy (four times the fire); three (parties, two lines); storm (a front, thunder); deception (fire from the
other's ground, partisan posts that also invent, fire under cover of a notice); quiet (nothing but thunder and quarries).
"""

import argparse
import json
import math
import pathlib
from datetime import datetime, timedelta, timezone

import numpy as np

A_M, E2 = 6378137.0, (1 / 298.257223563) * (2 - 1 / 298.257223563)
PLACES = [(-17.3, -64.2), (49.1, 37.5), (33.2, 44.9), (12.6, 30.1), (61.5, 25.0), (-33.0, 140.0), (-16.5, 178.6), (66.0, -178.9)]
HOURS = dict(day=12, three=12, busy=8, storm=6, deception=8, quiet=10)
SERIES = dict(day=40, three=40, busy=160, storm=6, deception=45, quiet=0)
DEMOLITIONS = dict(day=5, three=5, busy=6, storm=3, deception=4, quiet=5)
THUNDER = dict(day=0, three=2, busy=10, storm=150, deception=6, quiet=20)
WIDTH_M = 22_000.0

# Level at 1 km of muzzle and ground, peak Hz of both, shortest and longest duration, nearest and farthest behind the line (km).
KINDS = {
    "small_arms": (73, None, 450, 0, 0.5, 3, 0.05, 0.8),
    "hmg": (78, None, 220, 0, 0.5, 3, 0.1, 1.5),
    "mortar": (83, 87, 90, 50, 0.15, 0.4, 0.4, 4),
    "artillery": (91, 91, 35, 30, 0.3, 0.6, 4, 11),
    "mlrs": (90, 92, 60, 30, 2, 8, 6, 14),
    "drone_strike": (None, 80, 0, 70, 0.15, 0.4, 0, 0),
    "demolition": (None, 91, 0, 20, 0.3, 0.6, 0, 0),
    "blast_quarry": (None, 90, 0, 15, 0.8, 2, 0, 0),
    "thunder": (None, 95, 0, 30, 2, 10, 0, 0),
}
DIRECT = ("small_arms", "hmg", "mortar")
TARGET_M = dict(mortar=3000, artillery=7000, mlrs=6000)
FLASH_SEEN = dict(small_arms=0.25, hmg=0.4, mortar=0.5, artillery=0.8, mlrs=0.9, thunder=0.9)


def ecef(lat, lon):
    la, lo = math.radians(lat), math.radians(lon)
    n = A_M / math.sqrt(1 - E2 * math.sin(la) ** 2)
    return np.array([n * math.cos(la) * math.cos(lo), n * math.cos(la) * math.sin(lo), n * (1 - E2) * math.sin(la)])


def bearing_deg(way):
    return math.degrees(math.atan2(way[0], way[1])) % 360


class World:
    """Line, ground, sensors, weather; and what was observed."""

    def __init__(self, seed, profile):
        self.random = np.random.default_rng(seed)
        self.profile, self.hours = profile, HOURS[profile]
        self.span_s = self.hours * 3600
        self.lat, self.lon = PLACES[seed % len(PLACES)]
        la, lo = math.radians(self.lat), math.radians(self.lon)
        self.origin = ecef(self.lat, self.lon)
        self.frame = np.array([
            [-math.sin(lo), math.cos(lo), 0],
            [-math.sin(la) * math.cos(lo), -math.sin(la) * math.sin(lo), math.cos(la)],
        ])
        self.begin = datetime(2027, seed % 12 + 1, 5, tzinfo=timezone.utc)
        self.observations, self.events, self.features = [], [], []
        self.draw_line()
        self.place_sensors()
        self.break_sensors()
        self.make_weather()

    # --- chance and geometry

    def uniform(self, low=0.0, high=1.0):
        return float(self.random.uniform(low, high))

    def normal(self, sd, size=None):
        return self.random.normal(0, sd, size)

    def one_of(self, items):
        return items[int(self.uniform(0, len(items)))]

    def lat_lon(self, p):
        """The place of a point of the plane, by fixed-point steps."""
        lat, lon = self.lat, self.lon
        for _ in range(12):
            q = self.frame @ (ecef(lat, lon) - self.origin)
            lat += (p[1] - q[1]) / 111_000
            lon += (p[0] - q[0]) / (111_320 * math.cos(math.radians(lat)))
        return round(lat, 7), round((lon + 180) % 360 - 180, 7)

    def turned(self, x, y):
        return np.array([x, y]) @ self.rotation.T

    def line_y(self, x):
        return float(np.interp(x, self.line_x, self.line[:, 1]))

    def draw_line(self):
        turn = self.uniform(0, 2 * math.pi)
        self.rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        self.length = self.uniform(40_000, 65_000)
        self.line_x = np.linspace(-self.length / 2, self.length / 2, int(self.uniform(60, 120)))
        waves = [(1500, 5000, 25e3, 50e3), (400, 1500, 8e3, 15e3), (100, 500, 2500, 5000), (30, 120, 900, 1500)]
        y = 0
        for low, high, short, long in waves:
            y = y + self.uniform(low, high) * np.sin(self.line_x / self.uniform(short, long) * 2 * math.pi + self.uniform(0, 6.28))
        self.line = np.c_[self.line_x, y]
        self.line_turned = self.line @ self.rotation.T
        self.parties = ["kor", "vesh", "tal"] if self.profile == "three" else ["kor", "vesh"]
        self.split = self.uniform(-self.length / 4, self.length / 4)
        end = self.length / 2
        path = lambda points: [list(reversed(self.lat_lon(self.turned(*p)))) for p in points]
        line, left, right = list(self.line), [p for p in self.line if p[0] < self.split], [p for p in self.line if p[0] > self.split]
        self.feature("LineString", path(line), kind="contact_line")
        self.ground(path(line + [(end, WIDTH_M), (-end, WIDTH_M)]), self.parties[0])
        if self.profile != "three":
            self.ground(path(line + [(end, -WIDTH_M), (-end, -WIDTH_M)]), self.parties[1])
            return
        corner = (self.split, self.line_y(self.split))
        self.ground(path(left + [corner, (self.split, -WIDTH_M), (-end, -WIDTH_M)]), self.parties[1])
        self.ground(path([corner] + right + [(end, -WIDTH_M), (self.split, -WIDTH_M)]), self.parties[2])
        self.feature("LineString", path([corner, (self.split, -WIDTH_M)]), kind="contact_line")

    def feature(self, shape, coordinates, **properties):
        geometry = {"type": shape, "coordinates": coordinates}
        self.features.append({"type": "Feature", "geometry": geometry, "properties": properties})

    def ground(self, ring, party):
        self.feature("Polygon", [ring + ring[:1]], kind="held", party=party)

    def point(self, p, **properties):
        self.feature("Point", list(reversed(self.lat_lon(p))), **properties)

    def side(self, p):
        """Whose ground a point is on."""
        x, y = np.array(p) @ self.rotation
        if y > self.line_y(x):
            return self.parties[0]
        return self.parties[1] if self.profile != "three" or x < self.split else self.parties[2]

    def from_line_m(self, p):
        a, b = self.line_turned[:-1], self.line_turned[1:]
        d = b - a
        t = np.clip(((p - a) * d).sum(1) / (d * d).sum(1), 0, 1)
        return float(np.hypot(*(a + t[:, None] * d - p).T).min())

    def behind(self, x, party, depth_m):
        """A point on a party's ground so far behind the line; None where there is none."""
        for sign in (1, -1):
            for k in range(40):
                p = self.turned(x, self.line_y(x) + sign * depth_m * (1 + k * 0.08))
                if self.side(p) == party and self.from_line_m(p) >= 0.85 * depth_m:
                    return p
        return None

    # --- sensors and air

    def place_sensors(self):
        arrays, length = int(self.uniform(14, 26)), self.length
        self.sensors = []
        for i in range(arrays):
            x = -length / 2 + length * (i + 0.5) / arrays + self.normal(1200)
            p = self.turned(x, self.line_y(x) + (1 if i % 2 else -1) * self.uniform(1500, 9000))
            kinds = ["acoustic"] + ["flash"] * (self.uniform() < 0.3) + ["seismic"] * (self.uniform() < 0.35)
            operator = "mission" if self.uniform() < 0.7 else self.one_of(self.parties[:2])
            self.sensors.append(dict(id=f"X{i * 5 % 97:02d}", p=p, kinds=kinds, clock=self.uniform(0.004, 0.03), bearing=self.uniform(1.5, 5), operator=operator))
        for i in range(int(self.uniform(3, 7))):
            x = self.uniform(-length / 2, length / 2)
            p = self.turned(x, self.line_y(x) + self.normal(600))
            self.sensors.append(dict(id=f"Opt{i}", p=p, kinds=["flash"], clock=self.uniform(0.005, 0.03), bearing=self.uniform(0.3, 1.5), operator="mission"))
        self.masts = [dict(id=f"W{i}", p=self.turned(self.uniform(-length / 2, length / 2), self.uniform(-8000, 8000))) for i in range(3)]
        self.posts = []
        for i in range(14):
            x = self.uniform(-length / 2, length / 2)
            p = self.turned(x, self.line_y(x) + self.normal(2500))
            self.posts.append(dict(id=f"Q{i}", p=p, operator="mission" if i < 9 else self.side(p)))
        sign = lambda: 1 if self.uniform() < 0.5 else -1
        self.quarries = [self.turned(self.uniform(-length / 2, length / 2), self.uniform(3000, 15000) * sign()) for _ in range(4)]
        for s in self.sensors:
            self.point(s["p"], kind="sensor", id=s["id"], operator=s["operator"], kinds=s["kinds"], clock_sd_s=round(s["clock"], 4), bearing_sd_deg=round(s["bearing"], 2))
        for m in self.masts:
            self.point(m["p"], kind="sensor", id=m["id"], operator="mission", kinds=["weather"], clock_sd_s=1.0, bearing_sd_deg=None)
        for q in self.posts:
            self.point(q["p"], kind="post", id=q["id"], operator=q["operator"])
        # Not every quarry is known.
        for q in self.quarries[:3]:
            self.point(q, kind="site", what="quarry")

    def break_sensors(self):
        """Offsets of seconds, a drift, a turned array."""
        for s in self.sensors:
            s.update(offset=self.normal(s["clock"]), drift=0.0, turn=0.0)
        arrays = [s for s in self.sensors if "acoustic" in s["kinds"]]
        self.random.shuffle(arrays)
        sign = lambda: 1 if self.uniform() < 0.5 else -1
        many = self.profile not in ("storm", "quiet")
        for s in arrays[: 2 if many else 1]:
            s["offset"] = self.uniform(1.5, 6) * sign()
        if many:
            arrays[2]["drift"] = self.uniform(4, 15) * sign() / 86_400
            arrays[3]["turn"] = self.uniform(12, 30) * sign()

    def make_weather(self):
        self.warmth, self.swing = self.uniform(-5, 25), self.uniform(2, 6)
        self.wind_from, self.wind_mps = self.uniform(0, 360), self.uniform(0.5, 6)
        self.front_s = self.uniform(2, self.hours - 1) * 3600 if self.profile == "storm" else math.inf

    def air(self, t):
        """Temperature and wind vector."""
        after = t > self.front_s
        warm = self.warmth + self.swing * math.sin(t / 86_400 * 2 * math.pi - 2) - 6 * after
        speed = self.wind_mps + 1.5 * math.sin(t / 20_000) + 3 * after
        to = math.radians(self.wind_from + 15 * math.sin(t / 15_000) + 80 * after + 180)
        return warm, np.array([math.sin(to), math.cos(to)]) * max(speed, 0.2)

    # --- what is observed

    def time(self, t):
        return (self.begin + timedelta(seconds=float(t))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def observe(self, t, received, source, kind, **fields):
        o = dict(_received=received, observed=self.time(t), received=self.time(received), source=source, kind=kind, **fields)
        self.observations.append(o)
        return o

    def fire(self, kind, at, t, party=None, violation=False, incident=None, impact=None):
        event = dict(t=t, p=at, impact=impact, kind=kind, party=party, violation=violation, incident=incident, evidence=[], also=[])
        self.events.append(event)
        return event

    def sound(self, event, at, t, level, hz, duration, is_muzzle, is_gun):
        for s in self.sensors:
            if "acoustic" not in s["kinds"]:
                continue
            way = s["p"] - at
            r = max(float(np.hypot(*way)), 50.0)
            warm, wind = self.air(t)
            along = float(wind @ (way / r))
            km = r / 1000
            heard = level - 20 * math.log10(km) - (0.6 + hz / 250) * km + 0.8 * along + self.normal(3)
            floor = 38 + 1.2 * float(np.hypot(*wind))
            if heard < floor or self.uniform() < 0.05:
                continue
            pick = 0.02 + 0.04 * min(max((65 - heard) / 25, 0), 1)
            sd = math.hypot(pick, 0.02 * math.sqrt(km))
            true = t + r / (331.3 + 0.606 * warm + along) + self.normal(sd)
            clock = s["offset"] + s["drift"] * true
            bearing = bearing_deg(-way) + self.normal(s["bearing"]) + s["turn"]
            fields = dict(bearing_deg=round(bearing % 360, 1), bearing_sd_deg=round(s["bearing"], 1), level_db=round(heard, 1), dur_s=round(duration * math.exp(self.normal(0.12)), 2), peak_hz=max(5, round(hz * event["pitch"] * math.exp(self.normal(0.09)))), **self.called(event, heard - floor, is_muzzle))
            late = self.uniform(60, 900) if self.uniform() < 0.01 else 0
            o = self.observe(true + clock, true + self.uniform(0.6, 3) + late, s["id"], "acoustic", **fields)
            o.update(_level=heard, _true=true, _fit=(s, sd, is_gun))
            event["evidence"].append(o)
            if self.uniform() < 0.06:
                self.echo(event, o, s, true, clock, bearing, floor)

    def called(self, event, above_floor, is_muzzle):
        p = min(max(0.5 + 0.016 * above_floor + self.normal(0.08), 0.34), 0.97)
        right, wrong = ("muzzle", "impact") if is_muzzle else ("impact", "muzzle")
        said = right if self.uniform() < p else ("unknown" if self.uniform() < 0.3 else wrong)
        if event["kind"] in ("thunder", "blast_quarry") and self.uniform() < 0.5:
            said = "unknown"
        return {"class": said, "class_p": round(p, 2)}

    def echo(self, event, first, s, true, clock, bearing, floor):
        after = self.uniform(0.8, 5)
        level = first["level_db"] - self.uniform(4, 10)
        if level < floor:
            return
        fields = {k: first[k] for k in ("bearing_sd_deg", "dur_s", "peak_hz", "class", "class_p")}
        o = self.observe(true + after + clock, true + after + 2, s["id"], "acoustic", bearing_deg=round((bearing + self.normal(25)) % 360, 1), level_db=round(level, 1), **fields)
        o.update(_level=level, _true=true + after)
        event["also"].append(o)

    def seen(self, event, ground):
        """Flashes, shocks, and what is seen from above."""
        for s in self.sensors:
            d = float(np.hypot(*(s["p"] - event["p"])))
            if "flash" in s["kinds"] and self.uniform() < FLASH_SEEN.get(event["kind"], 0) * math.exp(-d / 7000):
                sd = min(s["bearing"], 1.5)
                t = event["t"] + self.normal(0.02) + s["offset"] + s["drift"] * event["t"]
                bearing = round((bearing_deg(event["p"] - s["p"]) + self.normal(sd)) % 360, 2)
                o = self.observe(t, event["t"] + self.uniform(0.5, 2), s["id"], "flash", bearing_deg=bearing, bearing_sd_deg=round(sd, 2))
                o["_fit"] = (s, 0.02, True)
                event["evidence"].append(o)
            if "seismic" in s["kinds"] and ground and event["kind"] != "thunder":
                d = float(np.hypot(*(s["p"] - ground[0])))
                for arrival, speed, often in (("P", 5500, 0.35), ("Rg", 2800, 0.6)):
                    if self.uniform() < often * math.exp(-d / 9000):
                        t = ground[1] + d / speed * (1 + self.normal(0.03)) + s["offset"]
                        event["also"].append(self.observe(t, ground[1] + self.uniform(1, 4), s["id"], "seismic", arrival=arrival))
        if event["party"] and KINDS[event["kind"]][0] and self.uniform() < 0.12:
            ce90 = int(self.uniform(20, 60))
            lat, lon = self.lat_lon(event["p"] + self.normal(ce90 / 2.146, 2))
            o = self.observe(event["t"] + self.normal(0.2), event["t"] + 3, "UAV1", "video", lat=lat, lon=lon, ce90_m=ce90, label="muzzle_flash", score=round(self.uniform(0.4, 0.95), 2))
            event["evidence"].append(o)

    # --- what happens

    def series(self, kind, party, x, t, rounds, guns, incident, false_flag=False):
        near, far = KINDS[kind][6:]
        depth, ground = self.uniform(near, far) * 1000, party
        if false_flag:
            ground, depth = self.one_of([q for q in self.parties if q != party]), min(depth, self.uniform(300, 700))
        place, target = self.behind(x, ground, depth), None
        if place is None:
            return t
        if KINDS[kind][1]:
            struck = [party] if false_flag else [q for q in self.parties if q != party]
            for _ in range(20):
                target = self.behind(x + self.normal(1500), self.one_of(struck), self.uniform(500, TARGET_M[kind]))
                if target is not None:
                    break
            if target is None:
                return t
        apart = 130 if kind == "artillery" else 60
        stands = [place + self.normal(apart if i else 0, 2) for i in range(guns)]
        flight = self.flight_s(kind, target, place)
        shots = []
        for gun in range(guns):
            at = t + (self.uniform(0, 6) if gun else 0)
            for _ in range(max(1, rounds // guns)):
                shots.append((at, gun))
                at += self.uniform(15, 90) if kind == "mlrs" else self.uniform(4, 35)
        shift = 6 if kind in ("small_arms", "hmg") else 2
        for at, gun in sorted(shots):
            impact = None
            if target is not None:
                spread, uneven = (100, 0.9) if kind == "mortar" else (160, 0.5)
                impact = (target + self.normal(spread, 2), at + flight + self.normal(uneven))
            self.fire(kind, stands[gun] + self.normal(shift, 2), at, party, True, incident, impact)
        last = max(shots)[0]
        if false_flag:
            self.walk(place, party, t, last, incident)
        return last

    def flight_s(self, kind, target, place):
        if target is None:
            return None
        r = float(np.hypot(*(target - place)))
        return math.sqrt(2 * r * self.uniform(1.2, 3.2) / 9.81) if kind == "mortar" else r / self.uniform(310, 345)

    def walk(self, place, party, first, last, incident):
        """Who fires from another's ground comes from his own, and leaves."""
        best = None
        for a in range(72):
            u = np.array([math.sin(a * math.pi / 36), math.cos(a * math.pi / 36)])
            if self.side(place + u * 900) == party and self.side(place + u * 1500) == party:
                reach = next((d for d in range(100, 900, 50) if self.side(place + u * d) == party), None)
                if reach and (best is None or reach < best[0]):
                    best = (reach, u)
        if best is None:
            return
        for base, sign in ((first - 90, -1), (last + 90, 1)):
            for apart in (0, 200, 480, 790):
                if self.uniform() < 0.75:
                    lat, lon = self.lat_lon(place + best[1] * 0.85 * apart + self.normal(30, 2))
                    t = base + sign * apart
                    o = self.observe(t, t + 3, "UAV1", "video", lat=lat, lon=lon, ce90_m=int(self.uniform(30, 90)), label="person" if self.uniform() < 0.85 else "vehicle", score=round(self.uniform(0.5, 0.85), 2))
                    o["_incident"] = incident

    def happen(self):
        length, parties = self.length, self.parties
        along = lambda: self.uniform(-length / 2 + 4000, length / 2 - 4000)
        for i in range(SERIES[self.profile]):
            t, x, incident = self.uniform(600, self.span_s - 900), along(), f"J{i:03d}"
            kind = str(self.random.choice(["small_arms", "hmg", "mortar", "artillery", "mlrs", "drone_strike"], p=[0.3, 0.25, 0.27, 0.08, 0.03, 0.07]))
            pair = [parties[0], parties[1] if self.profile != "three" or x < self.split else parties[2]]
            one, other = pair if self.uniform() < 0.5 else pair[::-1]
            if kind == "drone_strike":
                at = self.behind(x, other, self.uniform(200, 5000))
                if at is not None:
                    self.fire(kind, at, t, one, True, incident)
                continue
            false_flag = self.profile == "deception" and self.uniform() < 0.12 and kind in DIRECT
            guns = int(self.random.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))
            self.series(kind, one, x, t, int(self.uniform(1, 14)), guns, incident, false_flag)
            if not false_flag and self.uniform() < 0.22:
                answer = kind if kind in DIRECT and self.uniform() < 0.7 else self.one_of(["small_arms", "mortar", "artillery"])
                self.series(answer, other, x + self.normal(800), t + self.uniform(10, 60), int(self.uniform(1, 12)), 1 + int(self.uniform(0, 2)), incident)
        for i in range(DEMOLITIONS[self.profile]):
            self.demolition(i, along())
        for i in range(6):
            self.fire("blast_quarry", self.one_of(self.quarries) + self.normal(150, 2), self.uniform(600, self.span_s - 900), incident=f"B{i}")
        anywhere = lambda: self.turned(self.uniform(-length / 2, length / 2), self.uniform(-12000, 12000))
        for i in range(THUNDER[self.profile]):
            self.fire("thunder", anywhere(), self.uniform(1000, self.span_s - 500), incident=f"T{i // 5}")
        for i in range(0 if self.profile == "day" else 4):
            self.fire("fire", anywhere(), self.uniform(600, max(900, self.span_s - 4 * 3600)), incident=f"F{i}")
        self.events.sort(key=lambda e: e["t"])

    def demolition(self, i, x):
        party, t = self.one_of(self.parties), self.uniform(1000, self.span_s - 4000)
        at = self.behind(x, party, self.uniform(1500, 7000))
        if at is None:
            return
        for k in range(int(self.uniform(1, 5))):
            self.fire("demolition", at + self.normal(90, 2), t + k * self.uniform(200, 700), party, False, f"D{i}")
        lat, lon = self.lat_lon(at + self.normal(80, 2))
        received = t + self.uniform(600, 3000) if self.uniform() < 0.3 else -3000
        window = [self.time(t - self.uniform(600, 1800)), self.time(t + self.uniform(3000, 5400))]
        self.observe(t - 30_000, received, "HQ", "notice", window=window, lat=lat, lon=lon, radius_m=float(self.one_of([500, 800, 1200])), party=party)
        if self.profile == "deception" and self.uniform() < 0.7:
            for k in range(int(self.uniform(2, 6))):
                struck = self.behind(x + self.normal(500), self.one_of([q for q in self.parties if q != party]), self.uniform(800, 2500))
                if struck is None:
                    return
                shot = t + 600 + k * 15
                self.fire("mortar", at + np.array([180.0, 60.0]) + self.normal(2, 2), shot, party, True, f"C{i}", (struck, shot + 35 + self.normal(0.9)))

    def notice_events(self):
        """What sensors make of each event."""
        for event in self.events:
            event["pitch"] = math.exp(self.normal(0.13))
            if event["kind"] == "fire":
                self.hotspots(event)
                continue
            muzzle, ground, hz, ground_hz, short, long = KINDS[event["kind"]][:6]
            duration = lambda: math.exp(self.uniform(math.log(short), math.log(long)))
            if muzzle:
                self.sound(event, event["p"], event["t"], muzzle + self.normal(2), hz, duration(), True, True)
            struck = event["impact"] or ((event["p"], event["t"]) if muzzle is None else None)
            if struck and ground:
                self.sound(event, struck[0], struck[1], ground + self.normal(2), ground_hz, duration(), False, event["impact"] is None)
            self.seen(event, struck)

    def hotspots(self, event):
        for _ in range(int(self.uniform(1, 3))):
            sd = self.uniform(150, 350)
            lat, lon = self.lat_lon(event["p"] + self.normal(sd, 2))
            t = event["t"] + self.uniform(0, 2.5 * 3600)
            o = self.observe(t, t + self.uniform(600, 10_000), "SAT1", "thermal", lat=lat, lon=lon, sd_m=round(sd), frp_mw=round(self.uniform(3, 60), 1))
            event["evidence"].append(o)

    def reports(self):
        """One report covers a series; partisans always blame the other side, and invent."""
        partisans = [self.posts[9 + int(self.uniform(0, 5))]] if self.profile == "deception" else []
        blames = lambda post: [q for q in self.parties if q != post["operator"]][0]
        series = {}
        for event in self.events:
            if event["violation"]:
                series.setdefault((event["incident"], event["party"], event["kind"]), []).append(event)
        for rounds in series.values():
            first = rounds[0]
            for post in self.posts:
                way = first["p"] - post["p"]
                d = float(np.hypot(*way))
                if self.uniform() > 0.35 * math.exp(-d / 6000):
                    continue
                minute = round((first["t"] + self.uniform(0, 40)) / 60) * 60
                step = self.one_of([10, 15, 22.5, 45])
                accused = None if self.uniform() < 0.6 else first["party"]
                if post in partisans:
                    accused = blames(post)
                incoming = "outgoing" if self.side(post["p"]) == self.side(first["p"]) else "incoming"
                o = self.observe(minute, minute + self.uniform(100, 900), post["id"], "report", bearing_deg=float(round((bearing_deg(way) + self.normal(6)) / step) * step % 360), distance_m=int(max(100, d * math.exp(self.normal(0.35))) // 100 * 100), count=len(rounds), weapon=first["kind"] if self.uniform() < 0.6 else "unknown", direction=incoming, attributed=accused, text="")
                for event in rounds:
                    event["also"].append(o)
        for post in partisans:
            for _ in range(15):
                minute = int(self.uniform(0, self.span_s)) // 60 * 60
                self.observe(minute, minute + 300, post["id"], "report", bearing_deg=float(int(self.uniform(0, 24)) * 15), distance_m=int(self.uniform(5, 80)) * 100, count=int(self.uniform(1, 9)), weapon="mortar", direction="incoming", attributed=blames(post), text="")

    def false_alarms(self):
        for s in self.sensors:
            if "acoustic" in s["kinds"]:
                for _ in range(self.random.poisson(self.hours * (3 if self.profile == "storm" else 1.6))):
                    t, level = self.uniform(0, self.span_s), round(self.uniform(40, 58), 1)
                    fields = {"class": self.one_of(["muzzle", "impact", "unknown"]), "class_p": round(self.uniform(0.3, 0.7), 2)}
                    o = self.observe(t, t + 1.5, s["id"], "acoustic", bearing_deg=round(self.uniform(0, 360), 1), bearing_sd_deg=round(s["bearing"], 1), level_db=level, dur_s=round(math.exp(self.uniform(-2, 2)), 2), peak_hz=int(math.exp(self.uniform(2.7, 6.2))), **fields)
                    o.update(_level=level, _true=t)
            if "flash" in s["kinds"]:
                for _ in range(self.random.poisson(self.hours * 0.6)):
                    t = self.uniform(0, self.span_s)
                    self.observe(t, t + 1.5, s["id"], "flash", bearing_deg=round(self.uniform(0, 360), 2), bearing_sd_deg=round(min(s["bearing"], 1.5), 2))
            if "seismic" in s["kinds"]:
                for _ in range(self.random.poisson(self.hours * 0.4)):
                    t = self.uniform(0, self.span_s)
                    self.observe(t, t + 1.5, s["id"], "seismic", arrival=self.one_of(["P", "Rg"]))
        for _ in range(int(self.hours * 0.9)):
            t = self.uniform(0, self.span_s)
            lat, lon = self.lat_lon(self.turned(self.uniform(-self.length / 2, self.length / 2), self.uniform(-6000, 6000)))
            self.observe(t, t + 3, "UAV1", "video", lat=lat, lon=lon, ce90_m=int(self.uniform(20, 140)), label=self.one_of(["person", "vehicle"]), score=round(self.uniform(0.2, 0.7), 2))

    def weather_reports(self):
        """Hourly. A mast errs by 0.7 °C, 1 m/s and 10°, half of the variance its own for good."""
        half = math.sqrt(0.5)
        for m in self.masts:
            warm_by, wind_by, turned_by = self.normal(0.7 * half), self.normal(half), self.normal(10 * half)
            for hour in range(-1, self.hours + 1):
                t = hour * 3600 + 500 + self.uniform(0, 300)
                warm, wind = self.air(t)
                speed = max(0.0, float(np.hypot(*wind)) + self.normal(half) + wind_by)
                self.observe(t, t + 60, m["id"], "weather", temperature_c=round(warm + self.normal(0.7 * half) + warm_by, 1), wind_from_deg=round(bearing_deg(-wind) + turned_by + self.normal(10 * half)) % 360, wind_mps=round(speed, 1))

    def lose_to_dead_time(self):
        """Of two sounds within 0.25 s at an array the weaker is lost."""
        by_source, lost = {}, set()
        for o in self.observations:
            if "_level" in o:
                by_source.setdefault(o["source"], []).append(o)
        for heard in by_source.values():
            heard.sort(key=lambda o: o["_true"])
            for a, b in zip(heard, heard[1:]):
                if b["_true"] - a["_true"] < 0.25:
                    lost.add(id(a if a["_level"] < b["_level"] else b))
        keep = lambda all_: [o for o in all_ if id(o) not in lost]
        self.observations = keep(self.observations)
        for event in self.events:
            event["evidence"], event["also"] = keep(event["evidence"]), keep(event["also"])

    def deliver(self):
        """Names in no order, readings sent again under other names, lines delivered twice; in order of arrival."""
        owner = {id(o): event for event in self.events for o in event["evidence"] + event["also"]}
        for o in list(self.observations):
            if o["kind"] == "acoustic" and self.uniform() < 0.01:
                again = {k: v for k, v in o.items() if k != "_fit"}
                again["_received"] += self.uniform(10, 300)
                again["received"] = self.time(again["_received"])
                self.observations.append(again)
                if id(o) in owner:
                    owner[id(o)]["also"].append(again)
        for name, o in zip(self.random.permutation(len(self.observations)), self.observations):
            o["id"] = f"r{name:06d}"
        twice = [dict(o, _received=o["_received"] + 60, received=self.time(o["_received"] + 60)) for o in self.observations if self.uniform() < 0.004]
        return sorted(self.observations + twice, key=lambda o: o["_received"])

    def bound_m(self, event):
        """The Cramér–Rao bound of the place, √trace; None where it cannot be located."""
        information, known = np.diag([0, 0, 0, 1 / 0.4**2, 1 / 0.8**2, 1 / 0.8**2]), 0
        for o in event["evidence"]:
            if o["kind"] == "video":
                information[:2, :2] += np.eye(2) * (2.146 / o["ce90_m"]) ** 2
                known += 1
            if "_fit" not in o:
                continue
            s, sd, is_gun = o["_fit"]
            if not is_gun or abs(s["offset"]) > 1 or s["drift"]:
                continue
            way = s["p"] - event["p"]
            r = max(float(np.hypot(*way)), 50.0)
            u = way / r
            slope = np.array([0, 0, 1.0, 0, 0, 0])
            if o["kind"] == "acoustic":
                warm, wind = self.air(event["t"])
                c = 331.3 + 0.606 * warm + float(wind @ u)
                slope = np.array([-u[0] / c, -u[1] / c, 1, -r / c**2, -r / c**2 * u[0], -r / c**2 * u[1]])
            information += np.outer(slope, slope) / (sd**2 + s["clock"] ** 2)
            known += 1
            if not s["turn"]:
                bearing = math.radians(s["bearing"] if o["kind"] == "acoustic" else min(s["bearing"], 1.5))
                slope = np.array([-u[1], u[0], 0, 0, 0, 0]) / r
                information += np.outer(slope, slope) / bearing**2
        try:
            covariance = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            return None
        bound = math.sqrt(max(covariance[0, 0] + covariance[1, 1], 0))
        return round(bound, 2) if known and 0 < bound < 20_000 else None

    def truth(self):
        for number, event in enumerate(self.events):
            lat, lon = self.lat_lon(event["p"])
            impact = None
            if event["impact"]:
                there = self.lat_lon(event["impact"][0])
                impact = {"lat": there[0], "lon": there[1], "time": self.time(event["impact"][1])}
            walked = [o["id"] for o in self.observations if o.get("_incident") and o["_incident"] == event["incident"]]
            yield dict(
                id=f"G{number:05d}", time=self.time(event["t"]), lat=lat, lon=lon, impact=impact, kind=event["kind"],
                party=event["party"], violation=event["violation"], incident=event["incident"],
                detectable_by=[o["id"] for o in event["evidence"]], also=[o["id"] for o in event["also"]] + walked,
                crlb_m=150.0 if event["kind"] == "fire" else self.bound_m(event),
            )


def plain(value):
    return value.item() if hasattr(value, "item") else value


def main():
    parser = argparse.ArgumentParser(description="Makes a scenario with truth.")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=sorted(HOURS), default="day")
    asked = parser.parse_args()
    world = World(asked.seed, asked.profile)
    world.happen()
    world.notice_events()
    world.reports()
    world.false_alarms()
    world.weather_reports()
    world.lose_to_dead_time()
    delivered = world.deliver()
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "theatre.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": world.features}))
    with (asked.out / "observations.ndjson").open("w") as file:
        for o in delivered:
            line = {"id": o["id"]} | {k: plain(v) for k, v in o.items() if not k.startswith("_") and k != "id"}
            file.write(json.dumps(line) + "\n")
    with (asked.out / "truth.ndjson").open("w") as file:
        file.writelines(json.dumps(t) + "\n" for t in world.truth())
    print(f"{asked.out}: {len(world.events)} events, {len(delivered)} observations")


if __name__ == "__main__":
    main()
