// The instant that map, videos, lists and coverage show: now, or any other. Sources have clocks of their own (an exercise of another
// year has one too), so «now» is what the live feeds say: the median of how far their clocks are from this machine's.

import type { FeedState } from './types';

/** Live feeds that are ahead or behind by less are shown by this machine's clock. */
const SAME_CLOCK_MS = 60_000;
const TICK_MS = 1000;

let offset_ms = $state(0);
let tick = $state(Date.now());
/** The instant looked at when it is not now, and since when it has been running on. */
let held = $state.raw<{ at_ms: number; since: number; running: boolean } | null>(null);

setInterval(() => {
  tick = Date.now();
}, TICK_MS);

/** This machine's clock, each second. */
export function wall_ms(): number {
  return tick;
}

/** Takes how the feeds' clocks stand to this machine's. */
export function clocksOf(feeds: Iterable<FeedState>): void {
  const offsets: number[] = [];
  for (const feed of feeds) {
    if (feed.condition !== 'up' || !feed.last_observed || !feed.last_received) continue;
    offsets.push(Date.parse(feed.last_observed) - Date.parse(feed.last_received));
  }
  offsets.sort((a, b) => a - b);
  const median = offsets[Math.floor(offsets.length / 2)] ?? 0;
  // Within a minute it is delay, not another clock; a change of less is jitter.
  const next = Math.abs(median) < SAME_CLOCK_MS ? 0 : median;
  if (Math.abs(next - offset_ms) > 1000) offset_ms = next;
}

/** The sources' clocks are not today's: an exercise, or a replay. */
export function isOtherDay(): boolean {
  return Math.abs(offset_ms) > SAME_CLOCK_MS;
}

/** Now by the sources' clocks. */
export function now_ms(): number {
  return tick + offset_ms;
}

export function isNow(): boolean {
  return held === null;
}

export function isRunning(): boolean {
  return held === null || held.running;
}

/** The instant shown. */
export function shown_ms(): number {
  if (held === null) return now_ms();
  return held.running ? held.at_ms + (tick - held.since) : held.at_ms;
}

/** Looks at an instant; what is not yet past is now. */
export function lookAt(at_ms: number, running = false): void {
  held = at_ms >= now_ms() ? null : { at_ms, since: Date.now(), running };
}

export function backToNow(): void {
  held = null;
}

/** Lets the instant run on, or holds it. */
export function run(running: boolean): void {
  if (held === null) {
    if (!running) held = { at_ms: now_ms(), since: Date.now(), running: false };
    return;
  }
  held = { at_ms: shown_ms(), since: Date.now(), running };
}

/** The instant that was chosen, without what ran since: replays begin there. */
export function chosen(): { at_ms: number; running: boolean } | null {
  return held;
}
