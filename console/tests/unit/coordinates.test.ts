import { describe, expect, it } from 'vitest';
import { fromUtm, mgrs, read, utm, write } from '../../src/lib/coordinates';
import { distance_m } from '../../src/lib/geo';

// What PROJ 9.1.1 says: echo "46.9 39.9" | gdaltransform -s_srs EPSG:4326 -t_srs EPSG:32638 -output_xy
const PROJ: [number, number, number, number][] = [
  [39.9, 46.9, 662425.10034713, 4418386.13471913],
  [-33.8567844, 151.2152967, 334900.234306105, 6252290.47756582],
  [60, 5, 276979.926401006, 6658157.20240725],
  [-54.8, -68.3, 545000.053363782, 3927239.38130004],
  [75, 20, 644293.433429795, 8329692.65074124],
];

describe('coordinates', () => {
  it.each([[0, 3], [39.9, 46.9], [-54.8, -68.3], [83.9, 179.9], [-79.9, -179.9], [40.0001, 48]])('go to UTM and back: %d %d', (lat, lon) => {
    const back = fromUtm(utm({ lat, lon }));
    expect(back.lat).toBeCloseTo(lat, 9);
    expect(back.lon).toBeCloseTo(lon, 9);
  });

  it('is on the central meridian where UTM says', () => {
    // NGA.SIG.0012: the scale on the central meridian is 0.9996; a quarter meridian has 10,001,965.729 m.
    expect(utm({ lat: 90 - 1e-12, lon: 3 }).north_m).toBeCloseTo(0.9996 * 10_001_965.729, 2);
    expect(utm({ lat: 10, lon: 3 }).east_m).toBe(500_000);
  });

  it.each([[39.9, 46.9], [40.28, 46.31], [-33.85, 151.2], [0.5, -0.5], [-0.5, 100], [71.99, 10], [60, 5], [75, 20], [63.9, 11.9]])(
    'reads the grid reference that it writes: %d %d',
    (lat, lon) => {
      const reference = mgrs({ lat, lon }) ?? '';
      const back = read(reference);
      expect(back).not.toBeNull();
      // The metre is cut, and read in its middle.
      expect(distance_m({ lat, lon }, back ?? { lat: 0, lon: 0 })).toBeLessThan(1.5);
    },
  );

  it.each(PROJ)('are those of PROJ to a millimetre: %d %d', (lat, lon, east_m, north_m) => {
    const found = utm({ lat, lon });
    expect(Math.abs(found.east_m - east_m)).toBeLessThan(1e-3);
    expect(Math.abs(found.north_m - north_m)).toBeLessThan(1e-3);
  });

  it('write the grid reference of a known square', () => {
    expect(mgrs({ lat: 39.9, lon: 46.9 })).toBe('38S PK 62425 18386');
  });

  it('writes and reads degrees', () => {
    const place = { lat: 39.95654, lon: -46.83727 };
    expect(write(place, 'decimal')).toBe('39.95654, -46.83727');
    expect(write(place, 'dms')).toBe('39°57′23.5″N 046°50′14.2″W');
    for (const notation of ['decimal', 'dms'] as const) {
      expect(distance_m(place, read(write(place, notation)) ?? { lat: 0, lon: 0 })).toBeLessThan(3);
    }
    expect(read('46.8 E, 39.9 N')).toEqual({ lat: 39.9, lon: 46.8 });
  });

  it('carries seconds into minutes', () => {
    expect(write({ lat: 9.99999, lon: 0 }, 'dms')).toBe('10°00′00.0″N 000°00′00.0″E');
  });

  it.each(['', 'Aghdam', '99S AA 1 1', '38S II 12 12', '91, 10', '10', '38S PK 123'])('refuses %j', (text) => {
    expect(read(text)).toBeNull();
  });
});
