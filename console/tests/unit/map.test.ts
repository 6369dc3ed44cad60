import { beforeAll, describe, expect, it, vi } from 'vitest';
import { EMPTY, GROUPS, PICKED, SOURCES, type Happened } from '../../src/lib/map/style';

const happened: Happened = { from: '2021-03-14T00:00:00Z', to: '2021-03-15T00:00:00Z', waits: true, parties: ['north', 'south'] };
const held = Object.fromEntries(SOURCES.map((name) => [name, EMPTY])) as never;

describe('the map', () => {
  let map: typeof import('../../src/lib/map/style');
  beforeAll(async () => {
    vi.stubGlobal('location', new URL('http://centre.example/'));
    vi.stubGlobal('document', { baseURI: 'http://centre.example/' });
    map = await import('../../src/lib/map/style');
  });

  it('asks for what waits however old it is, and for the rest of the span alone', () => {
    const query = (name: 'findings' | 'waiting' | 'events', of = happened) => new URL(map.tilesOf(name, of)[0] ?? '').searchParams;
    expect(query('waiting').get('from')).toBeNull();
    expect(query('waiting').get('standing')).toBe('open,half-signed');
    expect(query('waiting', { ...happened, waits: false }).get('from')).toBe(happened.from);
    expect(query('findings').get('from')).toBe(happened.from);
    expect(query('findings').get('standing')).toBe('determined,dissented');
    expect(query('events').get('standing')).toBeNull();
    expect(map.tilesOf('waiting', happened)[0]).toContain('/tiles/findings/{z}/{x}/{y}.mvt?');
  });

  it('has a source for each layer, a layer for each choice, and a colour for each party', () => {
    for (const what of [happened, null]) {
      const style = map.style('night', 'en', held, new Set(['events']), what);
      const ids = style.layers.map((layer) => layer.id);
      for (const layer of style.layers) if ('source' in layer) expect(Object.keys(style.sources)).toContain(layer.source);
      if (!what) continue;
      for (const id of [...Object.values(GROUPS).flat(), ...PICKED]) expect(ids).toContain(id);
      const hidden = style.layers.filter((layer) => layer.layout?.visibility === 'none').map((layer) => layer.id);
      expect(hidden.sort()).toEqual([...GROUPS.events].sort());
    }
    const swapped = (parties: readonly string[]) => JSON.stringify(map.style('day', 'hy', held, new Set(), { ...happened, parties }).layers);
    expect(swapped(['north', 'south'])).toContain('"north","event-1","south","event-2"');
    expect(swapped(['south', 'north'])).toContain('"south","event-1","north","event-2"');
  });

  it('names nobody while the parties are not known', () => {
    const layers = map.style('day', 'en', held, new Set(), { ...happened, parties: [] }).layers;
    expect(JSON.stringify(layers)).toContain('["match",["get","verdict"],"none","event-none","event-undetermined"]');
  });
});
