// Who is where and what is looked at, kept outside of the framework: it changes hundreds of times a second.

import { get } from './api';
import { listen } from './connection.svelte';
import { ms } from './time';
import type { LatLon } from './coordinates';
import type { Footprint, Picture, TrackPoint } from './types';

/** How much of a track's tail is drawn, and after what silence a thing is no longer shown, milliseconds. */
const TAIL_MS = 180_000;
const SILENT_MS = 60_000;
/** A tail has a point each so often. */
const TAIL_STEP_MS = 1000;
const TAIL_POINTS = 240;

export interface Mover {
  source: string;
  subject: string;
  /** The platform itself, not something that it sees. */
  isPlatform: boolean;
  point: TrackPoint;
  tail: { at_ms: number; place: LatLon }[];
}

export class LivePicture {
  readonly movers = new Map<string, Mover>();
  readonly footprints = new Map<string, Footprint>();
  /** Rises with each change. */
  version = 0;
  /** The newest time any source told. */
  newest_ms = 0;

  /** Takes the whole picture. */
  take(picture: Picture): void {
    this.movers.clear();
    this.footprints.clear();
    for (const track of picture.tracks) {
      for (const point of track.points) this.moved(track.source, track.subject, point);
    }
    for (const footprint of picture.footprints) this.looked(footprint);
    this.version += 1;
  }

  moved(source: string, subject: string, point: TrackPoint): void {
    const key = `${source}\n${subject}`;
    const at_ms = ms(point.time);
    this.newest_ms = Math.max(this.newest_ms, at_ms);
    let mover = this.movers.get(key);
    if (!mover) {
      mover = { source, subject, isPlatform: !subject.startsWith('target '), point, tail: [] };
      this.movers.set(key, mover);
    }
    const last = mover.tail.at(-1);
    if (last && at_ms < last.at_ms - TAIL_MS) mover.tail.length = 0;
    mover.point = point;
    if (!last || Math.abs(at_ms - last.at_ms) >= TAIL_STEP_MS) {
      mover.tail.push({ at_ms, place: point.position });
      if (mover.tail.length > TAIL_POINTS) mover.tail.shift();
    }
    this.version += 1;
  }

  looked(footprint: Footprint): void {
    this.footprints.set(footprint.source, footprint);
    this.version += 1;
  }

  /** Forgets what has been silent for long by its own source's clock. */
  prune(): void {
    const newest = new Map<string, number>();
    for (const m of this.movers.values()) newest.set(m.source, Math.max(newest.get(m.source) ?? 0, ms(m.point.time)));
    for (const [key, m] of this.movers) {
      const limit = m.isPlatform ? SILENT_MS : SILENT_MS / 6;
      if (ms(m.point.time) < (newest.get(m.source) ?? 0) - limit) this.movers.delete(key);
    }
  }
}

/** Follows the centre's live picture until the returned function is called. */
export function follow(live: LivePicture): () => void {
  const load = (): void => {
    get<Picture>(`/api/picture/live?tail_s=${TAIL_MS / 1000}`)
      .then((picture) => live.take(picture))
      .catch(() => undefined); // The next change of the connection asks again; the header shows the loss.
  };
  load();
  return listen({
    moved: (source, subject, point) => live.moved(source, subject, point),
    looked: (footprint) => live.looked(footprint),
    restarted: load,
  });
}
