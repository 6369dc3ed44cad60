// Coordinates as people write them: decimal degrees, degrees with minutes and seconds, and the Military Grid
// Reference System (NGA.STND.0037). Transverse Mercator by Karney's series to the fourth order in n (2011, doi:10.1007/s00190-011-0445-3),
// which errs by less than a millimetre within a zone.

export interface LatLon {
  /** Degrees north, WGS 84. */
  lat: number;
  /** Degrees east, WGS 84. */
  lon: number;
}

export type Notation = 'mgrs' | 'dms' | 'decimal';
export const NOTATIONS: readonly Notation[] = ['mgrs', 'dms', 'decimal'];

/** A place in a notation; MGRS to a metre, seconds to a tenth, degrees to the fifth digit (about a metre). */
export function write(place: LatLon, notation: Notation): string {
  switch (notation) {
    case 'mgrs':
      return mgrs(place) ?? decimal(place);
    case 'dms':
      return `${sexagesimal(place.lat, 'N', 'S')} ${sexagesimal(place.lon, 'E', 'W')}`;
    case 'decimal':
      return decimal(place);
  }
}

function decimal({ lat, lon }: LatLon): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

function sexagesimal(degrees: number, positive: string, negative: string): string {
  // Rounded first, so that 59.96" becomes the next minute.
  const tenths = Math.round(Math.abs(degrees) * 36_000);
  const pad = (n: number, width: number): string => String(n).padStart(width, '0');
  const d = Math.floor(tenths / 36_000);
  const m = Math.floor((tenths % 36_000) / 600);
  const s = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return `${pad(d, positive === 'E' ? 3 : 2)}°${pad(m, 2)}′${s}″${degrees < 0 ? negative : positive}`;
}

// WGS 84
const A_M = 6_378_137;
const F = 1 / 298.257_223_563;
const N = F / (2 - F);
const E = Math.sqrt(F * (2 - F));
const RECTIFYING_M = (A_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const K0 = 0.9996;
const FALSE_EAST_M = 500_000;
const FALSE_NORTH_SOUTHERN_M = 10_000_000;
// Karney (2011), equations 35 and 36.
const ALPHA = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
  (49561 / 161280) * N ** 4,
];
const BETA = [
  N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3 - (1 / 360) * N ** 4,
  (1 / 48) * N ** 2 + (1 / 15) * N ** 3 - (437 / 1440) * N ** 4,
  (17 / 480) * N ** 3 - (37 / 840) * N ** 4,
  (4397 / 161280) * N ** 4,
];

export interface Utm {
  zone: number;
  northern: boolean;
  east_m: number;
  north_m: number;
}

const rad = (deg: number): number => (deg * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;
const middle = (zone: number): number => zone * 6 - 183;

/** The UTM zone, with the exceptions of Norway and Svalbard. */
function zoneOf({ lat, lon }: LatLon): number {
  if (lat >= 56 && lat < 64 && lon >= 3 && lon < 12) return 32;
  if (lat >= 72 && lon >= 0 && lon < 42) {
    return lon < 9 ? 31 : lon < 21 ? 33 : lon < 33 ? 35 : 37;
  }
  return Math.min(60, Math.floor((lon + 180) / 6) + 1);
}

/** Universal Transverse Mercator. */
export function utm(place: LatLon): Utm {
  const zone = zoneOf(place);
  const [phi, lambda] = [rad(place.lat), rad(place.lon - middle(zone))];
  const tau = Math.tan(phi);
  const sigma = Math.sinh(E * Math.atanh((E * tau) / Math.hypot(1, tau)));
  const conformal = tau * Math.hypot(1, sigma) - sigma * Math.hypot(1, tau);
  const xi0 = Math.atan2(conformal, Math.cos(lambda));
  const eta0 = Math.asinh(Math.sin(lambda) / Math.hypot(conformal, Math.cos(lambda)));
  let [xi, eta] = [xi0, eta0];
  ALPHA.forEach((a, i) => {
    const k = 2 * (i + 1);
    xi += a * Math.sin(k * xi0) * Math.cosh(k * eta0);
    eta += a * Math.cos(k * xi0) * Math.sinh(k * eta0);
  });
  const north = K0 * RECTIFYING_M * xi;
  return {
    zone,
    northern: place.lat >= 0,
    east_m: FALSE_EAST_M + K0 * RECTIFYING_M * eta,
    north_m: place.lat >= 0 ? north : north + FALSE_NORTH_SOUTHERN_M,
  };
}

/** Back from UTM. */
export function fromUtm({ zone, northern, east_m, north_m }: Utm): LatLon {
  const xi = (northern ? north_m : north_m - FALSE_NORTH_SOUTHERN_M) / (K0 * RECTIFYING_M);
  const eta = (east_m - FALSE_EAST_M) / (K0 * RECTIFYING_M);
  let [xi0, eta0] = [xi, eta];
  BETA.forEach((b, i) => {
    const k = 2 * (i + 1);
    xi0 -= b * Math.sin(k * xi) * Math.cosh(k * eta);
    eta0 -= b * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  const conformal = Math.sin(xi0) / Math.hypot(Math.sinh(eta0), Math.cos(xi0));
  // Newton's method; two rounds suffice for a nanometre.
  let tau = conformal;
  for (let i = 0; i < 5; i += 1) {
    const sigma = Math.sinh(E * Math.atanh((E * tau) / Math.hypot(1, tau)));
    const at = tau * Math.hypot(1, sigma) - sigma * Math.hypot(1, tau);
    const slope = (Math.hypot(1, at) * Math.hypot(1, tau) * (1 - E ** 2)) / (1 + (1 - E ** 2) * tau ** 2);
    tau += (conformal - at) / slope;
  }
  const lambda = Math.atan2(Math.sinh(eta0), Math.cos(xi0));
  return { lat: deg(Math.atan(tau)), lon: deg(lambda) + middle(zone) };
}

const BANDS = 'CDEFGHJKLMNPQRSTUVWX';
const COLUMNS = ['ABCDEFGH', 'JKLMNPQR', 'STUVWXYZ'] as const;
const ROWS = 'ABCDEFGHJKLMNPQRSTUV';
const SQUARE_M = 100_000;

/** The grid reference to a metre; `null` beyond 80° S and 84° N, where another grid is used. */
export function mgrs(place: LatLon): string | null {
  if (place.lat < -80 || place.lat > 84) return null;
  const { zone, east_m, north_m } = utm(place);
  const band = BANDS[Math.min(19, Math.floor((place.lat + 80) / 8))] ?? '';
  const [east, north] = [Math.floor(east_m), Math.floor(north_m)];
  const column = COLUMNS[(zone - 1) % 3]?.[Math.floor(east / SQUARE_M) - 1] ?? '';
  const row = ROWS[(Math.floor(north / SQUARE_M) + (zone % 2 === 0 ? 5 : 0)) % 20] ?? '';
  const five = (m: number): string => String(m % SQUARE_M).padStart(5, '0');
  return `${zone}${band} ${column}${row} ${five(east)} ${five(north)}`;
}

/** Reads a place in any of the notations; the middle of the square for a coarse grid reference. */
export function read(text: string): LatLon | null {
  return readMgrs(text) ?? readDegrees(text);
}

function readMgrs(text: string): LatLon | null {
  const found = /^(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])((?:\d\d){0,5})$/.exec(
    text.toUpperCase().replace(/[\s-]/g, ''),
  );
  if (!found) return null;
  const [, zoneText = '', band = '', column = '', row = '', digits = ''] = found;
  const zone = Number(zoneText);
  const columnNumber = COLUMNS[(zone - 1) % 3]?.indexOf(column) ?? -1;
  if (zone < 1 || zone > 60 || columnNumber < 0) return null;
  const half = digits.length / 2;
  const unit = SQUARE_M / 10 ** half;
  const part = (from: number): number => Number(digits.slice(from, from + half) || 0) * unit + unit / 2;
  const east_m = (columnNumber + 1) * SQUARE_M + part(0);
  const within = ((ROWS.indexOf(row) - (zone % 2 === 0 ? 5 : 0) + 20) % 20) * SQUARE_M + part(half);
  const bandNumber = BANDS.indexOf(band);
  const northern = bandNumber >= 10;
  const south = utm({ lat: bandNumber * 8 - 80, lon: middle(zone) }).north_m;
  // Rows repeat every 2,000 km: the first that is not below the band's southern edge (less what a zone's edge lies lower).
  const below = south - within - SQUARE_M;
  const north_m = within + Math.max(0, Math.ceil(below / (20 * SQUARE_M))) * 20 * SQUARE_M;
  return fromUtm({ zone, northern, east_m, north_m });
}

function readDegrees(text: string): LatLon | null {
  const number = String.raw`(\d+(?:[.,]\d+)?)`;
  const angle = String.raw`(-?)${number}\s*°?\s*(?:${number}\s*['′’]\s*)?(?:${number}\s*["″”]\s*)?([NSEW]?)`;
  const found = new RegExp(`^\\s*${angle}[\\s,;]+${angle}\\s*$`, 'i').exec(text);
  if (!found) return null;
  const value = (i: number): number => {
    const [minus, d, m, s, letter] = [0, 1, 2, 3, 4].map((j) => (found[i + j] ?? '').replace(',', '.'));
    const size = Number(d) + Number(m || 0) / 60 + Number(s || 0) / 3600;
    return minus === '-' || /[SW]/i.test(letter ?? '') ? -size : size;
  };
  const [a, b] = [value(1), value(6)];
  const eastFirst = /[EW]/i.test(found[5] ?? '');
  const place = eastFirst ? { lat: b, lon: a } : { lat: a, lon: b };
  return Math.abs(place.lat) <= 90 && Math.abs(place.lon) <= 180 ? place : null;
}
