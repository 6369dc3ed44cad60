import { describe, expect, it } from 'vitest';
import { cells, days, DAY_MS } from '../../src/lib/compliance';
import { away, bearing_deg, distance_m, ellipse, ellipseRing } from '../../src/lib/geo';
import { key, search } from '../../src/lib/map/places';
import { likeliest, percent, word } from '../../src/lib/probability';
import type { Compliance } from '../../src/lib/types';

describe('probabilities', () => {
  it('have the words of the scale, each from its bound on', () => {
    const words = [0, 0.05, 0.2, 0.45, 0.55, 0.8, 0.95, 1].map(word);
    expect(words).toEqual(['remote', 'very-unlikely', 'unlikely', 'even', 'likely', 'very-likely', 'almost-certain', 'almost-certain']);
  });

  it('are never nothing or certain when they are neither', () => {
    expect(percent(1e-9, 'en')).toBe('< 0.1%');
    expect(percent(1 - 1e-9, 'en')).toBe('> 99.9%');
    expect(percent(0, 'en')).toBe('0.0%');
    expect(percent(0.984, 'ar')).toMatch(/98.4/);
  });

  it('name the likeliest, whichever party it is', () => {
    expect(likeliest({ a: 0.7, b: 0.2, none: 0.1 })).toEqual(['a', 0.7]);
    expect(likeliest({ b: 0.7, a: 0.2, none: 0.1 })).toEqual(['b', 0.7]);
    expect(likeliest({})).toEqual(['none', 0]);
  });
});

describe('shapes on the ground', () => {
  const here = { lat: 39.9, lon: 46.9 };

  it('go away and come back', () => {
    for (const bearing of [0, 45, 133, 270, 359]) {
      const there = away(here, bearing, 13_000);
      expect(distance_m(here, there)).toBeCloseTo(13_000, 3);
      expect(bearing_deg(here, there)).toBeCloseTo(bearing, 3);
    }
  });

  it('have the axes of their covariance', () => {
    const one = ellipse([[100, 0], [0, 400]], 0.9);
    expect(one.major_m).toBeCloseTo(20 * Math.sqrt(-2 * Math.log(0.1)), 9);
    expect(one.minor_m).toBeCloseTo(one.major_m / 2, 9);
    expect(one.bearing_deg).toBeCloseTo(0, 9);
    expect(ellipse([[250, 150], [150, 250]], 0.9).bearing_deg).toBeCloseTo(45, 9);
    const far = ellipseRing(here, [[100, 0], [0, 400]], 0.9).map(([lon, lat]) => distance_m(here, { lat, lon }));
    expect(Math.max(...far)).toBeCloseTo(one.major_m, 1);
    expect(Math.min(...far)).toBeCloseTo(one.minor_m, 1);
  });
});

describe('places', () => {
  const place = (name: string, rank: number, others: string[] = []) => ({ name, country: '', rank, lat: 0, lon: 0, others, keys: [name, ...others].map(key) });
  const all = [place('Aghdam', 3, ['Ağdam', 'Агдам', 'Ակնա']), place('Yeni Aghdam', 5), place('Şuşa', 4, ['Shusha', 'Shushi'])];

  it('are found by any of their names, without accents, larger ones first', () => {
    expect(search(all, 'agdam').map((p) => p.name)).toEqual(['Aghdam']);
    expect(search(all, 'aghdam').map((p) => p.name)).toEqual(['Aghdam', 'Yeni Aghdam']);
    expect(search(all, 'susa')[0]?.name).toBe('Şuşa');
    expect(search(all, 'агд')[0]?.name).toBe('Aghdam');
    expect(search(all, 'a')).toEqual([]);
  });
});

describe('compliance', () => {
  const row = (kept: Compliance['kept'], watched: number, length: number): Compliance => ({
    party: 'north', clause: '1', along_m: [0, length], from: '', until: '', kept, findings: [], watched, longest_gap_s: 0, reason: '',
  });
  const day = Date.parse('2021-03-14T00:00:00Z');

  it('is never better than its worst stretch', () => {
    const name = (...kept: Compliance['kept'][]) => cells(new Map([[day, kept.map((k) => row(k, 1, 1))]]), [day])[0]?.cells[0]?.kept;
    expect(name('complied', 'complied')).toBe('complied');
    expect(name('complied', 'not_observed')).toBe('not_observed');
    expect(name('not_observed', 'undetermined')).toBe('undetermined');
    expect(name('complied', 'undetermined', 'violated')).toBe('violated');
  });

  it('weighs what was watched by length', () => {
    const [only] = cells(new Map([[day, [row('complied', 1, 1000), row('complied', 0, 3000)]]]), [day]);
    expect(only?.cells[0]?.watched).toBeCloseTo(0.25);
  });

  it('counts days back from the last', () => {
    expect(days('2021-03-14', 3)).toEqual([day - 2 * DAY_MS, day - DAY_MS, day]);
  });
});
