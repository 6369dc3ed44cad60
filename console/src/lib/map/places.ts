// Search by place name: names of any script, without regard to accents.

import type { FeatureCollection, Point } from 'geojson';
import { ownFile } from '../address';
import type { LatLon } from '../coordinates';

export interface Place extends LatLon {
  name: string;
  country: string;
  rank: number;
  /** Every name, as it is searched. */
  keys: string[];
  others: string[];
}

let loaded: Promise<Place[]> | null = null;

/** All places of the basemap, asked for once. */
export function places(): Promise<Place[]> {
  loaded ??= fetch(ownFile('basemap/places.geojson'))
    .then((answer) => answer.json() as Promise<FeatureCollection<Point>>)
    .then((found) => found.features.map(place));
  return loaded;
}

function place(feature: FeatureCollection<Point>['features'][number]): Place {
  const p = (feature.properties ?? {}) as Record<string, unknown>;
  const others = ['names_latn', 'names_cyrl', 'names_armn', 'names_arab'].flatMap((k) => (p[k] as string[] | undefined) ?? []);
  const name = String(p['name']);
  const [lon = 0, lat = 0] = feature.geometry.coordinates;
  return { name, country: String(p['country'] ?? ''), rank: Number(p['rank'] ?? 6), lat, lon, others, keys: [name, ...others].map(key) };
}

/** A name without accents and case; «ə» and its like are as people type them. */
export function key(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[əǝ]/g, 'a')
    .replace(/ı/g, 'i')
    .replace(/[’'`ʻʼ]/g, '');
}

/** The best few places for what somebody typed: beginnings before middles, large before small. */
export function search(all: readonly Place[], typed: string, most = 8): Place[] {
  const wanted = key(typed.trim());
  if (wanted.length < 2) return [];
  const found = all.flatMap((p) => {
    const begins = p.keys.some((k) => k.startsWith(wanted));
    return begins || p.keys.some((k) => k.includes(wanted)) ? [{ p, score: (begins ? 0 : 10) + p.rank }] : [];
  });
  return found.sort((a, b) => a.score - b.score).slice(0, most).map(({ p }) => p);
}
