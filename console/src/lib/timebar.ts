// The time bar's arithmetic: from places on it to instants and back, its marks, and what a key does.

export interface Span {
  from_ms: number;
  to_ms: number;
}

/** Lengths that can be chosen, milliseconds. */
export const LENGTHS = [15, 60, 360, 1440, 10_080].map((minutes) => minutes * 60_000);

/** The span that ends a little after now, so that now is not at the very edge. */
export function spanAt(now_ms: number, length_ms: number, shown_ms: number): Span {
  const to_ms = now_ms + length_ms * 0.03;
  // An instant that lies before the span moves it back.
  const back = shown_ms < to_ms - length_ms ? to_ms - length_ms - shown_ms + length_ms * 0.5 : 0;
  return { from_ms: to_ms - length_ms - back, to_ms: to_ms - back };
}

/** From 0 to 1 along the bar. */
export function share(span: Span, at_ms: number): number {
  return (at_ms - span.from_ms) / (span.to_ms - span.from_ms);
}

export function instant(span: Span, share_: number): number {
  return span.from_ms + Math.min(1, Math.max(0, share_)) * (span.to_ms - span.from_ms);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map((minutes) => minutes * 60_000);

/** Marks of round times, at most so many. */
export function marks(span: Span, most: number): number[] {
  const length = span.to_ms - span.from_ms;
  const step = STEPS.find((s) => length / s <= most) ?? STEPS.at(-1) ?? length;
  const found: number[] = [];
  for (let at = Math.ceil(span.from_ms / step) * step; at <= span.to_ms; at += step) found.push(at);
  return found;
}

/** Where a key leads: arrows by a hundredth, with the page keys by a tenth, Home to the beginning, End to now. `null` for other keys. */
export function moved(key: string, span: Span, at_ms: number, now_ms: number, rtl: boolean): number | null {
  const unit = (span.to_ms - span.from_ms) / 100;
  const ahead = rtl ? -1 : 1;
  switch (key) {
    case 'ArrowRight':
      return at_ms + ahead * unit;
    case 'ArrowLeft':
      return at_ms - ahead * unit;
    case 'ArrowUp':
      return at_ms + unit;
    case 'ArrowDown':
      return at_ms - unit;
    case 'PageUp':
      return at_ms + 10 * unit;
    case 'PageDown':
      return at_ms - 10 * unit;
    case 'Home':
      return span.from_ms;
    case 'End':
      return now_ms;
    default:
      return null;
  }
}

/** Ticks that would lie on one another, joined: each with how many it stands for. */
export function joined(span: Span, times: readonly number[], apart: number): { at_ms: number; count: number }[] {
  const found: { at_ms: number; count: number }[] = [];
  for (const at_ms of [...times].sort((a, b) => a - b)) {
    if (at_ms < span.from_ms || at_ms > span.to_ms) continue;
    const last = found.at(-1);
    if (last && share(span, at_ms) - share(span, last.at_ms) < apart) last.count += 1;
    else found.push({ at_ms, count: 1 });
  }
  return found;
}
