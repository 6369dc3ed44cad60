// Shapes on the ground, for drawing and measuring. A sphere of the earth's mean radius: it errs by up to 0.3 %, which a map does not show.

import type { LatLon } from './coordinates';
import { latin } from './probability';

const RADIUS_M = 6_371_008.8;
const rad = (deg: number): number => (deg * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;

/** Longitude and latitude, in the order of GeoJSON. */
export type Coordinate = [number, number];

/** Metres along the great circle. */
export function distance_m(a: LatLon, b: LatLon): number {
  const [dLat, dLon] = [rad(b.lat - a.lat), rad(b.lon - a.lon)];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The bearing at `a` towards `b`, degrees from true north. */
export function bearing_deg(a: LatLon, b: LatLon): number {
  const dLon = rad(b.lon - a.lon);
  const y = Math.sin(dLon) * Math.cos(rad(b.lat));
  const x = Math.cos(rad(a.lat)) * Math.sin(rad(b.lat)) - Math.sin(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.cos(dLon);
  return (deg(Math.atan2(y, x)) + 360) % 360;
}

/** The place so many metres away in a direction. */
export function away(from: LatLon, bearing: number, metres: number): LatLon {
  const [d, b, lat] = [metres / RADIUS_M, rad(bearing), rad(from.lat)];
  const to = Math.asin(Math.sin(lat) * Math.cos(d) + Math.cos(lat) * Math.sin(d) * Math.cos(b));
  const dLon = Math.atan2(Math.sin(b) * Math.sin(d) * Math.cos(lat), Math.cos(d) - Math.sin(lat) * Math.sin(to));
  return { lat: deg(to), lon: from.lon + deg(dLon) };
}

/** A covariance of a horizontal place, m², east and north. */
export type Covariance = [[number, number], [number, number]];

/** Half axes in metres and the long one's bearing, of the ellipse that holds a share of the error. */
export function ellipse(cov: Covariance, share: number): { major_m: number; minor_m: number; bearing_deg: number } {
  const [[ee, en], [, nn]] = cov;
  const mean = (ee + nn) / 2;
  const spread = Math.hypot((ee - nn) / 2, en);
  // Chi square of two degrees of freedom.
  const scale = -2 * Math.log(1 - share);
  return {
    major_m: Math.sqrt(Math.max(0, mean + spread) * scale),
    minor_m: Math.sqrt(Math.max(0, mean - spread) * scale),
    bearing_deg: (deg(0.5 * Math.atan2(2 * en, nn - ee)) + 180) % 180,
  };
}

/** The ellipse as a ring of coordinates. */
export function ellipseRing(at: LatLon, cov: Covariance, share: number, corners = 48): Coordinate[] {
  const { major_m, minor_m, bearing_deg: turn } = ellipse(cov, share);
  const ring: Coordinate[] = [];
  for (let i = 0; i <= corners; i += 1) {
    const t = (2 * Math.PI * i) / corners;
    const [along, across] = [major_m * Math.cos(t), minor_m * Math.sin(t)];
    const place = away(at, turn + deg(Math.atan2(across, along)), Math.hypot(along, across));
    ring.push([place.lon, place.lat]);
  }
  return ring;
}

/** Metres as people say them. */
export function metres(m: number, language: string): string {
  const far = m >= 10_000;
  const format = new Intl.NumberFormat(latin(language), {
    style: 'unit',
    unit: m >= 1000 ? 'kilometer' : 'meter',
    maximumFractionDigits: m >= 1000 ? (far ? 1 : 2) : 0,
  });
  return format.format(m >= 1000 ? m / 1000 : m);
}
