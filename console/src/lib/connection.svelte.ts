// Whether the centre answers, and what changes there. A loss is visible within three seconds: the centre sends a beat each second, and
// when a cable is pulled nothing says so but the silence.

import { address } from './address';
import { get } from './api';
import type { Alert, FeedState, FindingSummary, Footprint, TrackPoint } from './types';

export type Link = 'connecting' | 'live' | 'lost';

export interface Listener {
  feed?(feed: FeedState): void;
  moved?(source: string, subject: string, point: TrackPoint): void;
  looked?(footprint: Footprint): void;
  judgement?(): void;
  /** Findings were put, signed or superseded; `more` when others were too. */
  findings?(changed: readonly FindingSummary[], more: boolean): void;
  record?(entries: number): void;
  alert?(alert: Alert): void;
  /** A contact with a party was written down. */
  liaison?(): void;
  /** A report was released or refused. */
  report?(): void;
  /** The stream began anew, or left something out: what is shown is to be asked for again. */
  restarted?(): void;
}

/** Silence that counts as a loss, and how often it is looked for. */
const SILENT_MS = 2500;
const LOOKED_EACH_MS = 250;
const AGAIN_AFTER_MS = 1000;

let link = $state<Link>('connecting');
let lostSince = $state<number | null>(null);
const listeners = new Set<Listener>();
let stream: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let looking: ReturnType<typeof setInterval> | undefined;
let heard = 0;

export function linkState(): Link {
  return link;
}

/** Since when the centre does not answer, milliseconds; `null` while it does. */
export function lost(): number | null {
  return lostSince;
}

/** Listens until the returned function is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function becomes(next: Link): void {
  if (next === 'live') lostSince = null;
  else if (next === 'lost') lostSince ??= Date.now();
  link = next;
}

function each(tell: (listener: Listener) => void): void {
  for (const listener of listeners) tell(listener);
}

/** Begins to listen, and goes on by itself until `disconnect`. */
export function connect(): void {
  if (stream) return;
  open();
  looking = setInterval(look, LOOKED_EACH_MS);
}

export function disconnect(): void {
  clearInterval(looking);
  clearTimeout(again);
  stream?.close();
  stream = null;
  becomes('connecting');
  lostSince = null;
}

/** The stream is gone or silent: it is opened anew until it answers. A stream says not why it was refused; another request does, and
 * where the session has ended that leads to signing in. */
function lose(): void {
  becomes('lost');
  void get('/api/feeds').catch(() => undefined);
  stream?.close();
  clearTimeout(again);
  again = setTimeout(open, AGAIN_AFTER_MS);
}

function look(): void {
  if (stream && stream.readyState !== EventSource.CLOSED && Date.now() - heard > SILENT_MS) lose();
}

function open(): void {
  stream?.close();
  const opened = new EventSource(address('/api/changes'));
  stream = opened;
  heard = Date.now();
  opened.onopen = () => {
    becomes('live');
    each((l) => l.restarted?.());
  };
  opened.onerror = () => {
    if (stream === opened) lose();
  };
  const on = (name: string, take: (data: unknown) => void): void =>
    opened.addEventListener(name, (event) => {
      heard = Date.now();
      take(JSON.parse((event as MessageEvent<string>).data));
    });
  on('alive', () => undefined);
  on('feed', (data) => each((l) => l.feed?.((data as { of: FeedState }).of)));
  on('judgement', () => each((l) => l.judgement?.()));
  on('findings', (data) => {
    const { changed, more } = (data as { of: { changed: FindingSummary[]; more: boolean } }).of;
    each((l) => l.findings?.(changed, more));
  });
  on('record', (data) => each((l) => l.record?.((data as { of: { entries: number } }).of.entries)));
  on('alert', (data) => each((l) => l.alert?.((data as { of: Alert }).of)));
  on('liaison', () => each((l) => l.liaison?.()));
  on('report', () => each((l) => l.report?.()));
  on('behind', () => each((l) => l.restarted?.()));
  on('picture', (data) => {
    const seen = (data as { of: { change: string } & Record<string, unknown> }).of;
    if (seen.change === 'moved') {
      each((l) => l.moved?.(seen['source'] as string, seen['subject'] as string, seen['point'] as TrackPoint));
    } else if (seen.change === 'looked') {
      each((l) => l.looked?.(seen as unknown as Footprint));
    }
  });
}
