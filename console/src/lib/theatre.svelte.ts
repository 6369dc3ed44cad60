// The ground as the documents have it, what was watched, and what happened, for the map.

import type { Feature, FeatureCollection } from 'geojson';
import { get, type Page } from './api';
import { listen } from './connection.svelte';
import { EMPTY } from './map/style';
import { rfc3339 } from './time';
import type { Watched } from './types';

const GEOJSON = 'application/geo+json';
/** What a coverage figure on the map is about: the last hour. */
export const WATCHED_MS = 3_600_000;

let theatre = $state.raw<FeatureCollection>(EMPTY);
let happened = $state.raw<readonly Feature[]>([]);
let watched = $state.raw<readonly Watched[]>([]);
let withdrawals = $state.raw<FeatureCollection | null>(null);

export const ground = {
  /** Line, areas, posts and sensors with the times for which they hold. */
  get theatre(): FeatureCollection {
    return theatre;
  },
  /** Events and their ellipses, of all times. */
  get happened(): readonly Feature[] {
    return happened;
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

async function loadHappened(): Promise<void> {
  happened = (await get<FeatureCollection>('/api/picture', GEOJSON)).features;
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
  const ignore = (): undefined => undefined;
  const all = (): void => {
    loadTheatre().catch(ignore);
    loadHappened().catch(ignore);
  };
  all();
  const stop = listen({
    judgement: () => {
      clearTimeout(again);
      again = setTimeout(() => void loadHappened().catch(ignore), 600);
    },
    restarted: all,
  });
  return () => {
    clearTimeout(again);
    stop();
  };
}
