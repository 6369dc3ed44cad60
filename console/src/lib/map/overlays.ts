// What the centre knows as features for the map.

import type { Feature, FeatureCollection, Point, Position } from 'geojson';
import type { LatLon } from '../coordinates';
import { away, ellipseRing, type Coordinate } from '../geo';
import { ms } from '../time';
import type { LivePicture } from '../picture';
import type { Evidence, FindingSummary, FindingWhole } from '../types';
import { EMPTY } from './style';

const at = (p: LatLon): Coordinate => [p.lon, p.lat];
const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });

function point(p: LatLon, properties: Record<string, unknown>): Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: at(p) }, properties };
}

function line(points: LatLon[], properties: Record<string, unknown>): Feature {
  return { type: 'Feature', geometry: { type: 'LineString', coordinates: points.map(at) }, properties };
}

/** Movers with their tails, and footprints. */
export function moving(live: LivePicture): { movers: FeatureCollection; tails: FeatureCollection; footprints: FeatureCollection } {
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

/** Findings as signs. */
export function findingPoints(findings: readonly FindingSummary[], chosen: string | null, number: (party: string) => number): FeatureCollection {
  return collection(
    findings.map((f) => point(f, { id: f.id, kind: f.kind, verdict: f.verdict, party_number: number(f.verdict), t: ms(f.time), chosen: f.id === chosen })),
  );
}

/** Features of a span of time out of the centre's picture. */
export function within(features: readonly Feature[], layer: string, from_ms: number, to_ms: number): FeatureCollection {
  return collection(
    features.filter((f) => {
      const p = f.properties ?? {};
      if (p['layer'] !== layer) return false;
      const t = ms(String(p['time']));
      return t >= from_ms && t <= to_ms;
    }),
  );
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
  const ring = (place: LatLon, cov: NonNullable<typeof event.cov_m2>): Feature => ({
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [ellipseRing(place, cov, 0.9)] },
    properties: { kind: 'ellipse' },
  });
  for (const { observation } of whole.evidence) features.push(...sighting(observation, sensors, without, reading));
  features.push(ring(event, event.cov_m2), point(event, { kind: 'event' }));
  if (event.impact) {
    features.push(line([event, event.impact], { kind: 'flight' }), point(event.impact, { kind: 'impact' }));
    if (event.impact.cov_m2) features.push(ring(event.impact, event.impact.cov_m2));
  }
  return collection(features);
}

function sighting(o: Evidence['observation'], sensors: ReadonlyMap<string, LatLon>, without: ReadonlySet<string>, reading: string | null): Feature[] {
  const from = sensors.get(o.source);
  if (without.has(o.id)) return [];
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
