// The map's style: an offline ground, and over it what the centre knows. All sources are here, so that a change of theme or language
// is one new style.

import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { FeatureCollection } from 'geojson';
import { address, ownFile } from '../address';
import type { Language } from '../languages';
import type { Theme } from '../theme.svelte';
import { PAINT, type Paint } from './paint';

/** The closest look: a pixel is 20 cm. */
export const MAX_ZOOM = 18;

/** The sources that the console fills. */
export const SOURCES = [
  'theatre', 'mandate', 'coverage', 'tails', 'footprints', 'movers', 'chosen', 'measure',
] as const;
export type SourceName = (typeof SOURCES)[number];

/** What there may be tens of thousands of comes as vector tiles: the centre sends what lies in sight, thinned where there is too much of it. */
export const TILED = ['events', 'event_ellipses', 'findings', 'waiting'] as const;
export type Tiled = (typeof TILED)[number];

/** Standings of findings that wait for a key, and of those that wait for none. */
const WAITING = 'open,half-signed';
const SETTLED = 'determined,dissented';

/** What happened, for the map. */
export interface Happened {
  /** The span of time that is shown, RFC 3339. */
  from: string;
  to: string;
  /** Whether what waits for a key is shown however old it is. */
  waits: boolean;
  /** Parties by their ids, in the order of their colours. */
  parties: readonly string[];
}

/** Where the tiles of a layer are. */
export function tilesOf(name: Tiled, { from, to, waits }: Happened): string[] {
  const layer = name === 'waiting' ? 'findings' : name;
  const query = new URLSearchParams(name === 'waiting' && waits ? { to } : { from, to });
  if (layer === 'findings') query.set('standing', name === 'waiting' ? WAITING : SETTLED);
  return [`${location.origin}${address(`/tiles/${layer}`)}/{z}/{x}/{y}.mvt?${query.toString()}`];
}

/** The layers of a source of findings: signs, and one for many with their number. */
function signs(source: 'findings' | 'waiting') {
  return [`${source}-many`, `${source}-count`, `${source}-one`] as const;
}

/** The layers whose things can be pointed at, the topmost first. */
export const PICKED = ['findings-one', 'waiting-one', 'findings-many', 'waiting-many', 'mover', 'post', 'sensor', 'site', 'event'] as const;

/** What can be switched on and off, and the layers that belong to it. */
export const GROUPS = {
  relief: ['relief', 'hillshade'],
  places: ['place'],
  held: ['held'],
  areas: ['area-fill', 'area-line', 'corridor-line', 'area-label'],
  withdrawals: ['withdrawal', 'withdrawal-line', 'withdrawal-label', 'crossing'],
  coverage: ['coverage-seen', 'coverage-unseen', 'coverage-unseen-edge'],
  sensors: ['sensor', 'site'],
  posts: ['post'],
  drones: ['tail', 'mover', 'mover-label'],
  footprints: ['footprint', 'footprint-line'],
  events: ['event', 'event-count', 'ellipse', ...signs('findings'), ...signs('waiting'), 'chosen-ring'],
} as const;
export type Group = keyof typeof GROUPS;

export const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Metres on the ground as pixels at 40° north: 512-pixel tiles, 78,271.5 m a pixel at zoom 0 on the equator. */
const PIXELS_A_METRE = 1 / (78_271.517 * Math.cos((40 * Math.PI) / 180));

function wide(metres: ExpressionSpecification | number, least: number): ExpressionSpecification {
  const at = (zoom: number): ExpressionSpecification => ['max', least, ['*', metres, PIXELS_A_METRE * 2 ** zoom]];
  return ['interpolate', ['exponential', 2], ['zoom'], 5, at(5), 16, at(16)];
}

const is = (kind: string): ExpressionSpecification => ['==', ['get', 'kind'], kind];

function names(language: Language): ExpressionSpecification {
  const script = { hy: 'names_armn', ru: 'names_cyrl', ar: 'names_arab' }[language as 'hy' | 'ru' | 'ar'];
  const name: ExpressionSpecification = ['get', 'name'];
  // GeoNames lists names by script and not by language; the first of the reader's script stands over the other name.
  return script ? ['case', ['has', script], ['concat', ['at', 0, ['array', 'string', ['get', script]]], '\n', name], name] : name;
}

const party = (paint: Paint): ExpressionSpecification => ['match', ['get', 'party_number'], 1, paint.party[0], 2, paint.party[1], paint.nobody];

function ground(paint: Paint, language: Language): LayerSpecification[] {
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': paint.ground } },
    {
      id: 'relief', type: 'color-relief', source: 'terrain',
      paint: { 'color-relief-color': ['interpolate', ['linear'], ['elevation'], 0, paint.low, 1200, paint.ground, 3200, paint.high], 'color-relief-opacity': 0.9 },
    },
    {
      id: 'hillshade', type: 'hillshade', source: 'terrain',
      paint: { 'hillshade-shadow-color': paint.shade, 'hillshade-highlight-color': paint.light, 'hillshade-accent-color': paint.shade, 'hillshade-exaggeration': 0.42 },
    },
    { id: 'water', type: 'fill', source: 'lines', filter: ['in', ['get', 'kind'], ['literal', ['lake', 'sea']]], paint: { 'fill-color': paint.water } },
    {
      id: 'river', type: 'line', source: 'lines', filter: ['in', ['get', 'kind'], ['literal', ['river', 'river-through-lake', 'coastline']]],
      paint: { 'line-color': paint.water, 'line-width': ['interpolate', ['linear'], ['zoom'], 6, 1, 11, 2.6] },
    },
    {
      id: 'border', type: 'line', source: 'lines', filter: is('border'),
      paint: { 'line-color': paint.border, 'line-width': 1, 'line-dasharray': [5, 2, 1, 2], 'line-opacity': 0.8 },
    },
    {
      id: 'place', type: 'symbol', source: 'places',
      filter: ['<=', ['get', 'rank'], ['step', ['zoom'], 2, 7, 3, 8, 4, 9, 5, 10, 6]],
      layout: {
        'text-field': names(language), 'text-font': ['Plex'], 'text-size': ['interpolate', ['linear'], ['get', 'rank'], 1, 14, 6, 10.5],
        'text-max-width': 9, 'text-optional': true, 'symbol-sort-key': ['get', 'rank'],
      },
      paint: { 'text-color': paint.label, 'text-halo-color': paint.halo, 'text-halo-width': 1.4, 'text-opacity': 0.88 },
    },
  ];
}

function theatre(paint: Paint): LayerSpecification[] {
  return [
    { id: 'held', type: 'fill', source: 'theatre', filter: is('held'), paint: { 'fill-color': party(paint), 'fill-opacity': 0.15 } },
    { id: 'area-fill', type: 'fill', source: 'theatre', filter: ['in', ['get', 'kind'], ['literal', ['corridor']]], paint: { 'fill-color': paint.good, 'fill-opacity': 0.1 } },
    { id: 'area-line', type: 'line', source: 'theatre', filter: ['in', ['get', 'kind'], ['literal', ['area', 'sector']]], paint: { 'line-color': paint.label, 'line-opacity': 0.45, 'line-width': 1, 'line-dasharray': [2, 2.5] } },
    { id: 'corridor-line', type: 'line', source: 'theatre', filter: is('corridor'), paint: { 'line-color': paint.good, 'line-width': 1, 'line-opacity': 0.8 } },
    // How well the line is known: one standard deviation to either side.
    { id: 'line-band', type: 'line', source: 'theatre', filter: is('contact_line'), layout: { 'line-join': 'round' }, paint: { 'line-color': paint.line, 'line-opacity': 0.09, 'line-width': wide(['*', 2, ['coalesce', ['get', 'accuracy_m'], 0]], 2) } },
    { id: 'coverage-seen', type: 'line', source: 'coverage', filter: ['>', ['get', 'watched'], 0], paint: { 'line-color': paint.good, 'line-opacity': ['+', 0.15, ['*', 0.6, ['get', 'watched']]], 'line-width': 9 } },
    { id: 'coverage-unseen-edge', type: 'line', source: 'coverage', filter: ['<', ['get', 'watched'], 0.5], paint: { 'line-color': paint.halo, 'line-opacity': 0.75, 'line-width': 12 } },
    { id: 'coverage-unseen', type: 'line', source: 'coverage', filter: ['<', ['get', 'watched'], 0.5], paint: { 'line-pattern': 'unwatched', 'line-opacity': ['-', 1, ['get', 'watched']], 'line-width': 10 } },
    { id: 'line-edge', type: 'line', source: 'theatre', filter: is('contact_line'), paint: { 'line-color': paint.halo, 'line-width': 5, 'line-opacity': 0.8 } },
    { id: 'line', type: 'line', source: 'theatre', filter: is('contact_line'), layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': paint.line, 'line-width': 2.4 } },
    {
      id: 'area-label', type: 'symbol', source: 'theatre', minzoom: 9, filter: ['in', ['get', 'kind'], ['literal', ['area', 'corridor', 'sector']]],
      layout: { 'text-field': ['coalesce', ['get', 'name'], ['get', 'id']], 'text-font': ['Plex'], 'text-size': 10.5, 'text-max-width': 14, 'symbol-placement': 'point' },
      paint: { 'text-color': paint.label, 'text-halo-color': paint.halo, 'text-halo-width': 1.2, 'text-opacity': 0.6 },
    },
    { id: 'site', type: 'symbol', source: 'theatre', minzoom: 9, filter: is('site'), layout: { 'icon-image': 'site', 'icon-size': 0.8, 'icon-allow-overlap': true } },
    { id: 'sensor', type: 'symbol', source: 'theatre', filter: is('sensor'), layout: { 'icon-image': 'sensor', 'icon-allow-overlap': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 11, 0.85] } },
    {
      id: 'post', type: 'symbol', source: 'theatre', filter: is('post'),
      layout: { 'icon-image': 'post', 'icon-allow-overlap': true, 'icon-size': 0.75, 'text-field': ['step', ['zoom'], '', 9.5, ['get', 'id']], 'text-font': ['Plex'], 'text-size': 10, 'text-offset': [0, 1.4], 'text-optional': true },
      paint: { 'text-color': paint.label, 'text-halo-color': paint.halo, 'text-halo-width': 1.2 },
    },
  ];
}

/** What is agreed to be left, in the colour of how far it has come; where somebody left what they are confined to. */
function mandate(paint: Paint): LayerSpecification[] {
  const colour: ExpressionSpecification = [
    'match', ['get', 'state'], ['verified', 'left'], paint.good, ['under-way', 'reported-not-verified'], paint.caution, 'overdue', paint.danger, paint.nobody,
  ];
  const areas: FilterSpecification = is('withdrawal');
  const shift = (type: string): FilterSpecification => ['all', is('shift'), ['==', ['geometry-type'], type]];
  const tone: ExpressionSpecification = ['match', ['get', 'tone'], 'good', paint.good, 'caution', paint.caution, 'danger', paint.danger, paint.nobody];
  return [
    { id: 'withdrawal', type: 'fill', source: 'mandate', filter: areas, paint: { 'fill-color': colour, 'fill-opacity': 0.13 } },
    { id: 'withdrawal-line', type: 'line', source: 'mandate', filter: areas, paint: { 'line-color': colour, 'line-width': 1.6, 'line-dasharray': [4, 2] } },
    {
      id: 'withdrawal-label', type: 'symbol', source: 'mandate', filter: areas,
      layout: { 'text-field': ['get', 'label'], 'text-font': ['Plex'], 'text-size': 12, 'text-max-width': 12 },
      paint: { 'text-color': colour, 'text-halo-color': paint.halo, 'text-halo-width': 1.6 },
    },
    { id: 'shift-fill', type: 'fill', source: 'mandate', filter: shift('Polygon'), paint: { 'fill-color': tone, 'fill-opacity': 0.13 } },
    { id: 'shift-edge', type: 'line', source: 'mandate', filter: is('shift'), paint: { 'line-color': tone, 'line-width': 2.6 } },
    { id: 'shift-point', type: 'circle', source: 'mandate', filter: shift('Point'), paint: { 'circle-radius': 7, 'circle-color': tone, 'circle-stroke-color': paint.halo, 'circle-stroke-width': 2 } },
    {
      id: 'shift-label', type: 'symbol', source: 'mandate', filter: is('shift'),
      layout: { 'text-field': ['get', 'label'], 'text-font': ['Plex'], 'text-size': 12, 'text-offset': [0, 1.2], 'text-optional': true },
      paint: { 'text-color': paint.label, 'text-halo-color': paint.halo, 'text-halo-width': 1.6 },
    },
    {
      id: 'crossing', type: 'symbol', source: 'mandate', filter: is('crossing'),
      layout: { 'icon-image': 'impact', 'icon-size': 0.8, 'icon-allow-overlap': true, 'text-field': ['get', 'label'], 'text-font': ['Plex'], 'text-size': 11, 'text-offset': [0, 1.2], 'text-optional': true },
      paint: { 'text-color': paint.label, 'text-halo-color': paint.halo, 'text-halo-width': 1.4 },
    },
  ];
}

/** Findings each by a sign of whom it names; one that stands for many names nobody and says for how many. */
function findings(source: 'findings' | 'waiting', paint: Paint, parties: readonly string[]): LayerSpecification[] {
  const [many, count, one] = signs(source);
  const named = parties.flatMap((party, n) => [party, `event-${n + 1}`]);
  const sign = ['match', ['get', 'verdict'], ...named, 'none', 'event-none', 'event-undetermined'] as unknown as ExpressionSpecification;
  const isMany: FilterSpecification = ['>', ['get', 'count'], 1];
  const of = { source, 'source-layer': 'findings' };
  return [
    { id: many, type: 'circle', ...of, filter: isMany, layout: { 'circle-sort-key': ['get', 'count'] }, paint: { 'circle-radius': ['interpolate', ['linear'], ['get', 'count'], 2, 9, 100, 15], 'circle-color': paint.danger, 'circle-stroke-color': paint.halo, 'circle-stroke-width': 1.5 } },
    {
      id: count, type: 'symbol', ...of, filter: isMany,
      layout: { 'text-field': ['to-string', ['get', 'count']], 'text-font': ['Plex'], 'text-size': 11, 'symbol-sort-key': ['-', ['get', 'count']] },
      paint: { 'text-color': paint.halo },
    },
    { id: one, type: 'symbol', ...of, filter: ['==', ['get', 'count'], 1], layout: { 'icon-image': sign, 'icon-allow-overlap': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], 7, 0.6, 11, 1] } },
  ];
}

function happenings(paint: Paint, parties: readonly string[]): LayerSpecification[] {
  return [
    { id: 'footprint', type: 'fill', source: 'footprints', paint: { 'fill-color': paint.drone, 'fill-opacity': 0.1 } },
    { id: 'footprint-line', type: 'line', source: 'footprints', paint: { 'line-color': paint.drone, 'line-width': 1.2, 'line-opacity': 0.85 } },
    { id: 'ellipse', type: 'line', source: 'event_ellipses', 'source-layer': 'event_ellipses', minzoom: 9, paint: { 'line-color': paint.danger, 'line-width': 1.2, 'line-opacity': 0.9 } },
    { id: 'event', type: 'circle', source: 'events', 'source-layer': 'events', paint: { 'circle-radius': ['interpolate', ['linear'], ['get', 'count'], 1, 3, 2, 7, 100, 14], 'circle-color': paint.nobody, 'circle-stroke-color': paint.halo, 'circle-stroke-width': 1, 'circle-opacity': 0.8 } },
    {
      id: 'event-count', type: 'symbol', source: 'events', 'source-layer': 'events', filter: ['>', ['get', 'count'], 1],
      layout: { 'text-field': ['to-string', ['get', 'count']], 'text-font': ['Plex'], 'text-size': 10 },
      paint: { 'text-color': paint.halo },
    },
    { id: 'chosen-ring', type: 'circle', source: 'chosen', filter: is('ring'), paint: { 'circle-radius': 16, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': paint.accent, 'circle-stroke-width': 2.4 } },
    ...findings('findings', paint, parties),
    ...findings('waiting', paint, parties),
    { id: 'tail', type: 'line', source: 'tails', paint: { 'line-color': paint.drone, 'line-width': 1.6, 'line-opacity': 0.6 } },
    {
      id: 'mover', type: 'symbol', source: 'movers',
      layout: { 'icon-image': ['case', ['get', 'platform'], 'drone', 'mover'], 'icon-rotate': ['coalesce', ['get', 'course'], 0], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-size': ['case', ['get', 'platform'], 0.9, 0.6] },
    },
    {
      id: 'mover-label', type: 'symbol', source: 'movers', filter: ['get', 'platform'],
      layout: { 'text-field': ['get', 'label'], 'text-font': ['Plex'], 'text-size': 11.5, 'text-offset': [1.3, 0], 'text-anchor': 'left', 'text-optional': true },
      paint: { 'text-color': paint.drone, 'text-halo-color': paint.halo, 'text-halo-width': 1.6 },
    },
  ];
}

function tools(paint: Paint): LayerSpecification[] {
  return [
    { id: 'chosen-fill', type: 'fill', source: 'chosen', filter: is('ellipse'), paint: { 'fill-color': paint.danger, 'fill-opacity': 0.2 } },
    { id: 'chosen-sector', type: 'fill', source: 'chosen', filter: is('sector'), paint: { 'fill-color': paint.accent, 'fill-opacity': ['*', 0.14, ['get', 'weight']] } },
    { id: 'chosen-line', type: 'line', source: 'chosen', filter: ['in', ['get', 'kind'], ['literal', ['ellipse', 'bearing', 'flight']]], paint: { 'line-color': ['match', ['get', 'kind'], 'ellipse', paint.danger, 'flight', paint.danger, paint.accent], 'line-width': ['match', ['get', 'kind'], 'ellipse', 2, 1.2], 'line-opacity': ['coalesce', ['get', 'weight'], 0.95] } },
    {
      id: 'chosen-point', type: 'symbol', source: 'chosen', filter: ['in', ['get', 'kind'], ['literal', ['impact', 'source', 'event']]],
      layout: { 'icon-image': ['match', ['get', 'kind'], 'impact', 'impact', 'event', 'event-undetermined', 'sensor'], 'icon-size': 0.8, 'icon-allow-overlap': true, 'text-field': ['coalesce', ['get', 'label'], ''], 'text-font': ['Plex'], 'text-size': 10.5, 'text-offset': [0, 1.2], 'text-optional': true },
      paint: { 'text-color': paint.label, 'text-halo-color': paint.halo, 'text-halo-width': 1.3 },
    },
    { id: 'measure-line', type: 'line', source: 'measure', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': paint.accent, 'line-width': 2, 'line-dasharray': [3, 2] } },
    { id: 'measure-point', type: 'circle', source: 'measure', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 4, 'circle-color': paint.halo, 'circle-stroke-color': paint.accent, 'circle-stroke-width': 2 } },
  ];
}

/** The whole style, with what the sources hold now; without `happened` nothing of what happened is shown. */
export function style(theme: Theme, language: Language, data: Record<SourceName, FeatureCollection>, hidden: ReadonlySet<Group>, happened: Happened | null): StyleSpecification {
  const paint = PAINT[theme];
  const all = [...ground(paint, language), ...theatre(paint), ...mandate(paint), ...happenings(paint, happened?.parties ?? []), ...tools(paint)];
  const tiled = happened === null ? [] : TILED.map((name) => [name, { type: 'vector' as const, tiles: tilesOf(name, happened), maxzoom: MAX_ZOOM }] as const);
  const layers = happened === null ? all.filter((layer) => !('source' in layer && (TILED as readonly unknown[]).includes(layer.source))) : all;
  const off = new Set<string>([...hidden].flatMap((group) => [...GROUPS[group]]));
  for (const layer of layers) if (off.has(layer.id)) layer.layout = { ...layer.layout, visibility: 'none' } as never;
  return {
    version: 8,
    sources: {
      terrain: { type: 'raster-dem', url: `pmtiles://${ownFile('basemap/terrain.pmtiles')}`, tileSize: 512, encoding: 'terrarium' },
      lines: { type: 'geojson', data: ownFile('basemap/lines.geojson') },
      places: { type: 'geojson', data: ownFile('basemap/places.geojson') },
      ...Object.fromEntries(tiled),
      ...Object.fromEntries(SOURCES.map((name) => [name, { type: 'geojson' as const, data: data[name] }])),
    },
    layers,
  };
}
