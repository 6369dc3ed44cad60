import { describe, expect, it } from 'vitest';
import { instant, joined, marks, moved, share, spanAt } from '../../src/lib/timebar';

const HOUR = 3_600_000;
const NOW = Date.parse('2021-03-15T09:31:07Z');

describe('the time bar', () => {
  const span = spanAt(NOW, HOUR, NOW);

  it('ends a little after now', () => {
    expect(share(span, NOW)).toBeGreaterThan(0.9);
    expect(share(span, NOW)).toBeLessThan(1);
    expect(span.to_ms - span.from_ms).toBe(HOUR);
  });

  it('goes from places to instants and back', () => {
    for (const x of [0, 0.25, 1]) expect(share(span, instant(span, x))).toBeCloseTo(x, 12);
    expect(instant(span, 7)).toBe(span.to_ms);
  });

  it('moves back to an instant before it', () => {
    const then = NOW - 30 * HOUR;
    const moved_ = spanAt(NOW, HOUR, then);
    expect(share(moved_, then)).toBeGreaterThanOrEqual(0);
    expect(share(moved_, then)).toBeLessThanOrEqual(1);
  });

  it('marks round times, and not too many', () => {
    const found = marks(span, 10);
    expect(found.length).toBeLessThanOrEqual(10);
    expect(found.every((m) => m % 600_000 === 0)).toBe(true);
    expect(marks(spanAt(NOW, 168 * HOUR, NOW), 10).length).toBeLessThanOrEqual(10);
  });

  it('is moved by keys', () => {
    expect(moved('ArrowLeft', span, NOW, NOW, false)).toBe(NOW - HOUR / 100);
    expect(moved('ArrowLeft', span, NOW, NOW, true)).toBe(NOW + HOUR / 100);
    expect(moved('PageDown', span, NOW, NOW, false)).toBe(NOW - HOUR / 10);
    expect(moved('End', span, 0, NOW, false)).toBe(NOW);
    expect(moved('x', span, NOW, NOW, false)).toBeNull();
  });

  it('joins ticks that would lie on one another, and loses none', () => {
    const times = [0, 1, 2, 900_000, 900_001, 9e12].map((t) => span.from_ms + t);
    const found = joined(span, times, 0.01);
    expect(found.map((t) => t.count)).toEqual([3, 2]);
  });
});
