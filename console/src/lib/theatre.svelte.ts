// The ground as the documents have it, and what was watched, for the map.

import type { FeatureCollection } from 'geojson';
import { untrack } from 'svelte';
import { get, type Page } from './api';
import { listen } from './connection.svelte';
import { EMPTY } from './map/style';
import { rfc3339 } from './time';
import type { Watched } from './types';

const GEOJSON = 'application/geo+json';
/** What a coverage figure on the map is about: the last hour. */
export const WATCHED_MS = 3_600_000;

/** What happened is asked for again at once, and no oftener than so while changes come, milliseconds. */
const JUDGED_MS = 5000;

let theatre = $state.raw<FeatureCollection>(EMPTY);
let judged = $state(0);
let watched = $state.raw<readonly Watched[]>([]);
let withdrawals = $state.raw<FeatureCollection | null>(null);

export const ground = {
  /** Line, areas, posts and sensors with the times for which they hold. */
  get theatre(): FeatureCollection {
    return theatre;
  },
  /** Goes up when something else happened than was told before. */
  get judged(): number {
    return judged;
  },
  /** Areas that are to be left, with how far each has come. */
  get withdrawals(): FeatureCollection | null {
    return withdrawals;
  },
  /** Stretches of the line with the share that was watched. */
  get watched(): readonly Watched[] {
    return watched;
  },
};

async function loadTheatre(): Promise<void> {
  theatre = await get<FeatureCollection>('/api/theatre', GEOJSON);
}

/** Asks what was watched in the hour before an instant. */
export async function loadCoverage(until_ms: number, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ from: rfc3339(until_ms - WATCHED_MS), to: rfc3339(until_ms), by: 'span' });
  watched = (await get<Page<Watched>>(`/api/coverage?${query.toString()}`, 'application/json', signal)).items;
}

/** Asks how far each area that is to be left had come at an instant. */
export async function loadWithdrawals(at_ms: number, signal: AbortSignal): Promise<void> {
  withdrawals = await get<FeatureCollection>(`/api/withdrawals/map?at=${encodeURIComponent(rfc3339(at_ms))}`, GEOJSON, signal);
}

/** Follows what happens until the returned function is called. What cannot be had is asked for again with the next change. */
export function followGround(): () => void {
  let again: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const all = (): void => {
    loadTheatre().catch(() => undefined);
    judged += 1;
  };
  // An effect calls this: it is not to run anew with what it loads.
  untrack(all);
  const soon = (): void => {
    again ??= setTimeout(() => {
      again = undefined;
      last = Date.now();
      judged += 1;
    }, Math.max(0, last + JUDGED_MS - Date.now()));
  };
  const stop = listen({
    judgement: soon,
    findings: soon,
    restarted: all,
  });
  return () => {
    clearTimeout(again);
    stop();
  };
}
