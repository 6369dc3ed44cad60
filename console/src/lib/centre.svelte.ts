// What the pages share: the theatre's names, feeds, findings and alerts, each asked for once and kept up to date by what changes.

import { untrack } from 'svelte';
import { keptUnder } from './address';
import { all, get, Problem, send } from './api';
import { linkState, listen } from './connection.svelte';
import { joined, waitingBefore, waitsForKey } from './findings';
import { can } from './session.svelte';
import { ms, rfc3339 } from './time';
import { clocksOf } from './when.svelte';
import { t } from './i18n.svelte';
import type { Alert, FeedState, FindingSummary, Named, Procedures } from './types';

export type Loading<T> = { state: 'loading' } | { state: 'failed'; problem: Problem } | { state: 'ready'; data: T };

const LOADING = { state: 'loading' } as const;

let procedures = $state.raw<Procedures | null>(null);
let named = $state(false);
let feeds = $state.raw<ReadonlyMap<string, FeedState>>(new Map());
let findings = $state.raw<Loading<FindingSummary[]>>(LOADING);
/** Everything since this instant is among the findings; `null` when that is all there are. */
let since = $state<number | null>(null);
/** Those that wait for a key and lie before that instant. */
let earlier = $state.raw<readonly FindingSummary[]>([]);
const waiting = $derived(findings.state === 'ready' ? [...findings.data.filter(waitsForKey), ...earlier] : []);
let alerts = $state.raw<Loading<Alert[]>>(LOADING);
let entries = $state<number | null>(null);

export const centre = {
  get procedures(): Procedures | null {
    return procedures;
  },
  /** Whether it has been asked who is who: names and states are right from then on. */
  get isNamed(): boolean {
    return named;
  },
  get feeds(): ReadonlyMap<string, FeedState> {
    return feeds;
  },
  get findings(): Loading<FindingSummary[]> {
    return findings;
  },
  /** Since when the findings are whole, milliseconds; `null` when they are all there are. */
  get findingsWholeSince(): number | null {
    return since;
  },
  /** Findings that wait for a key and are older than those, the newest first. */
  get earlierWaiting(): readonly FindingSummary[] {
    return earlier;
  },
  /** All that wait for a key, the newest first. */
  get waiting(): readonly FindingSummary[] {
    return waiting;
  },
  /** Whether more wait than were asked for. */
  get isWaitingCut(): boolean {
    return earlier.length >= FINDINGS;
  },
  get alerts(): Loading<Alert[]> {
    return alerts;
  },
  /** Entries of the record, when told. */
  get entries(): number | null {
    return entries;
  },
  /** The local time zone of the procedures. */
  get zone(): string {
    return zoneOf(procedures?.timezone);
  },
};

/** `+04` or `+04:30` as browsers name a zone. */
function zoneOf(offset: string | undefined): string {
  const found = /^([+-]\d\d)(?::?(\d\d))?/.exec(offset ?? '');
  return found ? `${found[1] ?? ''}:${found[2] ?? '00'}` : 'UTC';
}

function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, String(error), 'failed');
}

/** So many findings are asked for at a time. */
const FINDINGS = 2000;
const FINDINGS_URL = '/api/findings?limit=500';

/** What was told of findings while they were asked for: an answer may be from before. */
const told = new Map<string, FindingSummary>();
let asking = 0;
let turn = 0;

async function asked(path: string, most: number): Promise<FindingSummary[]> {
  asking += 1;
  try {
    return await all<FindingSummary>(path, most);
  } finally {
    asking -= 1;
  }
}

/** Findings as they stand, newest first: as far back as they were asked for before. */
export async function loadFindings(): Promise<void> {
  const own = (turn += 1);
  try {
    const most = Math.max(FINDINGS, findings.state === 'ready' ? findings.data.length : 0);
    const list = await asked(FINDINGS_URL, most);
    const isCut = list.length >= most;
    const oldest = list.at(-1);
    const before = isCut && oldest ? await asked(`${FINDINGS_URL}&standing=open,half-signed&to=${encodeURIComponent(oldest.time)}`, FINDINGS) : [];
    if (own === turn) take(list, isCut, before);
  } catch (error) {
    // What was shown stays while the centre is away; the header says that it is.
    if (own === turn && findings.state !== 'ready') findings = { state: 'failed', problem: problemOf(error) };
  }
}

function take(list: readonly FindingSummary[], isCut: boolean, before = earlier): void {
  const data = joined(list, told.values(), isCut);
  earlier = isCut ? waitingBefore(data, before, told.values()) : [];
  if (asking === 0) told.clear();
  findings = { state: 'ready', data };
  const oldest = data.at(-1);
  since = isCut && oldest ? ms(oldest.time) : null;
}

/** Has findings as the centre tells them now. */
function put(changed: readonly FindingSummary[]): void {
  for (const f of changed) told.set(f.id, f);
  if (findings.state === 'ready') take(findings.data, since !== null);
  else if (findings.state === 'failed') soon();
}

/** Asks for the findings before those that are known. */
export async function olderFindings(): Promise<void> {
  if (findings.state !== 'ready' || since === null) return;
  // A millisecond is told for the whole of it: what is known already comes once more.
  const before = await asked(`${FINDINGS_URL}&to=${encodeURIComponent(rfc3339(since + 1))}`, FINDINGS);
  const known = findings.data;
  const ids = new Set(known.map((f) => f.id));
  const isNew = before.some((f) => !ids.has(f.id));
  // What is known was told later.
  take([...before, ...known], isNew && before.length >= FINDINGS);
}

/** Has the findings since an instant known, so that none that is shown for a span of time is left out. */
export async function findingsSince(from_ms: number): Promise<void> {
  for (let last = Infinity; since !== null && since > from_ms && since < last; ) {
    last = since;
    await olderFindings();
  }
}

async function loadAlerts(): Promise<void> {
  try {
    const list = await all<Alert>('/api/alerts?open=true&limit=500');
    alerts = { state: 'ready', data: list };
  } catch (error) {
    if (alerts.state !== 'ready') alerts = { state: 'failed', problem: problemOf(error) };
  }
}

async function loadFeeds(): Promise<void> {
  try {
    const list = await get<FeedState[]>('/api/feeds');
    feeds = new Map(list.map((feed) => [feed.id, feed]));
    clocksOf(list);
  } catch {
    // Feeds come with the stream of changes too.
  }
}

/** Acknowledgements that the centre has not taken yet, kept on this machine so that none is lost when the connection is. */
const QUEUE = keptUnder('truceline.acknowledgements');

function queued(): string[] {
  try {
    return JSON.parse(localStorage.getItem(QUEUE) ?? '[]') as string[];
  } catch {
    return [];
  }
}

function keep(ids: string[]): void {
  localStorage.setItem(QUEUE, JSON.stringify(ids));
}

/** Says that somebody has seen alerts, each by itself. It is sent until the centre has it. */
export async function acknowledge(ids: readonly string[]): Promise<void> {
  keep([...new Set([...queued(), ...ids])]);
  await flush();
}

/** Whether an acknowledgement still waits for the centre. */
export function isWaiting(id: string): boolean {
  return queued().includes(id);
}

/** A cable that was pulled out says nothing: an acknowledgement that is not answered so soon waits for the connection. */
const ACKNOWLEDGED_MS = 5000;
const AGAIN_MS = 1000;
/** Refusals that another time are none: not signed in, too slow, too hasty. */
const LATER: ReadonlySet<number> = new Set([401, 408, 429]);
let flushing = false;

async function flush(): Promise<void> {
  if (flushing || linkState() === 'lost') return;
  flushing = true;
  try {
    for (const id of queued()) {
      try {
        await send('POST', `/api/alerts/${encodeURIComponent(id)}/acknowledgement`, undefined, ACKNOWLEDGED_MS);
      } catch (error) {
        // Not reached, or not now (a centre that restarts, a limit, a session that ended): later. Refused (somebody else was first): the list tells.
        if (error instanceof Problem && (error.isOffline || LATER.has(error.status) || error.status >= 500)) return;
      }
      keep(queued().filter((other) => other !== id));
    }
  } finally {
    flushing = false;
    await loadAlerts();
    // The connection may have come back meanwhile.
    if (queued().length > 0 && linkState() === 'live') setTimeout(() => void flush(), AGAIN_MS);
  }
}

let again: ReturnType<typeof setTimeout> | undefined;

/** Several bursts of changes within half a second ask once. */
function soon(): void {
  clearTimeout(again);
  again = setTimeout(() => void loadFindings(), 500);
}

/** Called with each alert that is new. */
const heard = new Set<(alert: Alert) => void>();
export function onAlert(tell: (alert: Alert) => void): () => void {
  heard.add(tell);
  return () => heard.delete(tell);
}

function alerted(alert: Alert): void {
  if (alerts.state !== 'ready') return void loadAlerts();
  const others = alerts.data.filter((a) => a.id !== alert.id);
  const isOpen = !alert.acknowledged && !alert.overtaken;
  const isNew = others.length === alerts.data.length && isOpen;
  alerts = { state: 'ready', data: isOpen ? [alert, ...others] : others };
  if (isNew) for (const tell of heard) tell(alert);
}

/** Begins to follow the centre, until the returned function is called. */
export function followCentre(): () => void {
  get<Procedures>('/api/procedures')
    .then((found) => (procedures = found))
    .catch(() => (procedures = null))
    .finally(() => (named = true));
  const load = (): void => {
    if (can('see')) void loadFindings();
    if (can('see')) void flush();
    if (can('see_feeds')) void loadFeeds();
  };
  // An effect calls this: it is not to run anew with what it loads.
  untrack(load);
  const stop = listen({
    feed: (feed) => {
      feeds = new Map(feeds).set(feed.id, feed);
      clocksOf(feeds.values());
    },
    findings: (changed, more) => {
      put(changed);
      if (more) soon();
    },
    record: (n) => {
      entries = n;
    },
    alert: alerted,
    restarted: load,
  });
  return () => {
    stop();
    feeds = new Map();
    findings = LOADING;
    since = null;
    alerts = LOADING;
  };
}

function nameIn(list: readonly Named[] | undefined, id: string): string {
  return list?.find((n) => n.id === id)?.name ?? id;
}

/** A party's name; `none` and `undetermined` in words. */
export function partyName(id: string): string {
  if (id === 'none' || id === 'undetermined') return t(`verdict-${id}`);
  return nameIn(procedures?.parties, id);
}

export function stateName(id: string): string {
  if (procedures?.host?.id === id) return procedures.host.name;
  return nameIn(procedures?.sending_states, id);
}

/** Parties are told apart by shades that mean nothing else: by their order in the agreement. */
export function partyNumber(id: string): number {
  return (procedures?.parties.findIndex((p) => p.id === id) ?? -1) + 1;
}
