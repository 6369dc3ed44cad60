// What the centre knows as features for the map.

import type { Feature, FeatureCollection, Point, Position } from 'geojson';
import type { LatLon } from '../coordinates';
import { away, bearing_deg, distance_m, ellipseRing, type Coordinate } from '../geo';
import { ms } from '../time';
import type { LivePicture } from '../picture';
import type { CrossingRow } from '../mandate';
import type { Evidence, FindingWhole, Watched } from '../types';
import { EMPTY } from './style';

const at = (p: LatLon): Coordinate => [p.lon, p.lat];
const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });

function point(p: LatLon, properties: Record<string, unknown>): Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: at(p) }, properties };
}

function line(points: LatLon[], properties: Record<string, unknown>): Feature {
  return { type: 'Feature', geometry: { type: 'LineString', coordinates: points.map(at) }, properties };
}

export interface Moving {
  movers: FeatureCollection;
  tails: FeatureCollection;
  footprints: FeatureCollection;
}

export const NOTHING_MOVES: Moving = { movers: EMPTY, tails: EMPTY, footprints: EMPTY };

/** Movers with their tails, and footprints. */
export function moving(live: LivePicture): Moving {
  const movers: Feature[] = [];
  const tails: Feature[] = [];
  for (const [key, m] of live.movers) {
    const label = m.subject && !/^\d+\//.test(m.subject) && m.isPlatform ? m.subject : m.source;
    movers.push(point(m.point.position, { key, source: m.source, label, platform: m.isPlatform, course: m.point.course_deg }));
    if (m.isPlatform && m.tail.length > 1) tails.push(line([...m.tail.map((x) => x.place), m.point.position], { source: m.source }));
  }
  const footprints = [...live.footprints.values()].map((f): Feature => {
    const ring = [...f.corners, f.corners[0]].map(at);
    return { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: { source: f.source } };
  });
  return { movers: collection(movers), tails: collection(tails), footprints: collection(footprints) };
}

/** So old may a footprint be that is shown as what a camera sees, milliseconds. */
const FRESH_MS = 10_000;

/** The same out of the store's picture of an instant: of each way that was under way then, the part behind it; of each camera the last footprint.
 * A way has its fixes at even times as far as the picture knows, so the place between its ends is near, not exact. */
export function past(features: readonly Feature[], at_ms: number): Moving {
  const movers: Feature[] = [];
  const tails: Feature[] = [];
  const seen = new Map<string, Feature>();
  for (const f of features) {
    const p = f.properties ?? {};
    const source = String(p['source'] ?? '');
    if (p['layer'] === 'tracks' && f.geometry.type === 'LineString') {
      const [from, until] = [ms(String(p['from_time'])), ms(String(p['until_time']))];
      if (at_ms < from || at_ms > until + FRESH_MS) continue;
      const way = f.geometry.coordinates as Coordinate[];
      const count = 1 + Math.round(Math.min(1, (at_ms - from) / Math.max(1, until - from)) * (way.length - 1));
      const [behind, here] = [way.slice(0, count), way[count - 1]];
      const platform = !String(p['name']).startsWith('target ');
      if (!here) continue;
      const before = way[Math.max(0, count - 2)] ?? here;
      const course = before === here ? null : bearing_deg({ lon: before[0], lat: before[1] }, { lon: here[0], lat: here[1] });
      movers.push(point({ lon: here[0], lat: here[1] }, { source, label: source, platform, course }));
      if (platform && behind.length > 1) tails.push({ type: 'Feature', geometry: { type: 'LineString', coordinates: behind }, properties: { source } });
    } else if (p['layer'] === 'footprints') {
      const t = ms(String(p['time']));
      const last = seen.get(source);
      if (t <= at_ms && at_ms - t < FRESH_MS && (!last || ms(String(last.properties?.['time'])) < t)) seen.set(source, f);
    }
  }
  return { movers: collection(movers), tails: collection(tails), footprints: collection([...seen.values()]) };
}

/** The stretches of the line, cut out of it by their lengths along it, each with the share that was watched. */
export function coveragePieces(rows: readonly Watched[], theatre: FeatureCollection): FeatureCollection {
  const lines = theatre.features.filter((f) => f.properties?.['kind'] === 'contact_line' && f.geometry.type === 'LineString');
  const pieces = rows.flatMap((row): Feature[] => {
    const drawn = lines.find((f) => f.properties?.['id'] === row.line);
    if (!row.stood || drawn?.geometry.type !== 'LineString') return [];
    const coordinates = cut(drawn.geometry.coordinates as Coordinate[], row.from_m, row.to_m);
    if (coordinates.length < 2) return [];
    return [{ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { watched: row.watched_by_any } }];
  });
  return collection(pieces);
}

/** The part of a way between two lengths along it, metres. */
export function cut(way: readonly Coordinate[], from_m: number, to_m: number): Coordinate[] {
  const part: Coordinate[] = [];
  let at_m = 0;
  for (const [i, b] of way.entries()) {
    const a = way[i - 1];
    if (!a) continue;
    const length_m = Math.max(1e-9, distance_m({ lon: a[0], lat: a[1] }, { lon: b[0], lat: b[1] }));
    const between = (m: number): Coordinate => {
      const share = Math.min(1, Math.max(0, (m - at_m) / length_m));
      return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
    };
    const [start, end] = [Math.max(from_m, at_m), Math.min(to_m, at_m + length_m)];
    if (start < end) part.push(...(part.length === 0 ? [between(start)] : []), between(end));
    at_m += length_m;
  }
  return part;
}

/** A ring around what was chosen. */
export function ring(place: LatLon | null): FeatureCollection {
  return place ? collection([point(place, { kind: 'ring' })]) : EMPTY;
}

/** The theatre as it stood at an instant, parties numbered. */
export function standing(theatre: FeatureCollection, instant_ms: number, number: (party: string) => number): FeatureCollection {
  const stood = theatre.features.filter((f) => {
    const { valid_from: from, valid_until: until } = (f.properties ?? {}) as { valid_from?: string; valid_until?: string };
    return (!from || ms(from) <= instant_ms) && (!until || instant_ms < ms(until));
  });
  return collection(
    stood.map((f) => {
      const p = f.properties?.['party'] as string | undefined;
      return p ? { ...f, properties: { ...f.properties, party_number: number(p) } } : f;
    }),
  );
}

/** The box around features of some kinds: west, south, east, north. */
export function bounds(theatre: FeatureCollection, kinds: readonly string[]): [number, number, number, number] | null {
  let box: [number, number, number, number] | null = null;
  const take = ([x = 0, y = 0]: Position): void => {
    box = box ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)] : [x, y, x, y];
  };
  const walk = (c: unknown): void => {
    if (!Array.isArray(c)) return;
    if (typeof c[0] === 'number') take(c as Position);
    else c.forEach(walk);
  };
  for (const f of theatre.features) {
    if (kinds.includes(String(f.properties?.['kind'])) && 'coordinates' in f.geometry) walk(f.geometry.coordinates);
  }
  return box;
}

/** Reach of a bearing that is drawn, metres. */
const BEARING_M = 14_000;

/** Everything about one finding: its ellipses, its round's flight, and the bearings of what heard and saw it. */
export function findingFeatures(whole: FindingWhole, sensors: ReadonlyMap<string, LatLon>, without: ReadonlySet<string>, reading: string | null): FeatureCollection {
  const { event } = whole.finding;
  const features: Feature[] = [];
  const ellipse = (place: LatLon, cov: NonNullable<typeof event.cov_m2>): Feature => ({
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [ellipseRing(place, cov, 0.9)] },
    properties: { kind: 'ellipse' },
  });
  for (const piece of whole.evidence) features.push(...sighting(piece, sensors, without, reading));
  features.push(ellipse(event, event.cov_m2), point(event, { kind: 'event' }));
  if (event.impact) {
    features.push(line([event, event.impact], { kind: 'flight' }), point(event.impact, { kind: 'impact' }));
    if (event.impact.cov_m2) features.push(ellipse(event.impact, event.impact.cov_m2));
  }
  return collection(features);
}

function sighting({ observation: o, excluded }: Evidence, sensors: ReadonlyMap<string, LatLon>, without: ReadonlySet<string>, reading: string | null): Feature[] {
  const from = sensors.get(o.source);
  if (without.has(o.id) || excluded) return [];
  if (o.bearing_deg === undefined || !from) {
    return o.lat !== undefined && o.lon !== undefined ? [point({ lat: o.lat, lon: o.lon }, { kind: 'source', label: o.source })] : [];
  }
  // The one that is being read stands out; without one, all are alike.
  const weight = reading === o.id ? 1 : reading === null ? 0.55 : 0.2;
  const sd = o.bearing_sd_deg ?? (o['bearing_half_width_deg'] as number | undefined) ?? 3;
  const reach = typeof o['distance_m'] === 'number' ? Math.max(o['distance_m'], 500) * 1.3 : BEARING_M;
  const corners = [from, away(from, o.bearing_deg - sd, reach), away(from, o.bearing_deg + sd, reach), from].map(at);
  return [
    { type: 'Feature', geometry: { type: 'Polygon', coordinates: [corners] }, properties: { kind: 'sector', weight } },
    line([from, away(from, o.bearing_deg, reach)], { kind: 'bearing', weight }),
    point(from, { kind: 'source', label: o.source }),
  ];
}

/** Areas that are to be left, each with how far it has come in words. */
export function withdrawalAreas(areas: FeatureCollection | null, word: (state: string) => string): FeatureCollection {
  const drawn = (areas?.features ?? []).filter((f) => (f.geometry as Feature['geometry'] | null) !== null);
  return collection(
    drawn.map((f) => {
      const { area, state } = f.properties as { area: string; state: string };
      return { type: 'Feature', geometry: f.geometry, properties: { kind: 'withdrawal', state, label: `${area}: ${word(state)}` } };
    }),
  );
}

/** Where departures were proved. */
export function crossingPoints(rows: readonly CrossingRow[]): Feature[] {
  return rows.flatMap(({ crossing: c }) => (c.position ? [point(c.position, { kind: 'crossing', label: c.subject })] : []));
}

/** Places of sensors and posts by their ids. */
export function sensorPlaces(theatre: FeatureCollection): Map<string, LatLon> {
  const found = new Map<string, LatLon>();
  for (const f of theatre.features) {
    const p = f.properties ?? {};
    if ((p['kind'] === 'sensor' || p['kind'] === 'post') && f.geometry.type === 'Point') {
      const [lon = 0, lat = 0] = (f.geometry as Point).coordinates;
      found.set(String(p['id']), { lat, lon });
    }
  }
  return found;
}

/** A line that is being measured. */
export function measured(points: readonly LatLon[]): FeatureCollection {
  if (points.length === 0) return EMPTY;
  return collection([...(points.length > 1 ? [line([...points], {})] : []), ...points.map((p) => point(p, {}))]);
}
