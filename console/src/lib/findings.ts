// Findings as one list, out of what was asked for and what was told.

import type { FindingSummary } from './types';

/** One list of each finding once, the newest event first; what was told goes before what was asked for. When more lies before the list than it has
 * (`isCut`), what was told of that is left out: it comes with what is asked for then. */
export function joined(list: readonly FindingSummary[], told: Iterable<FindingSummary>, isCut: boolean): FindingSummary[] {
  const all = new Map(list.map((f) => [f.id, f]));
  const first = list.reduce((oldest, f) => (f.time < oldest ? f.time : oldest), list[0]?.time ?? '');
  // Times are text of one width: they sort as instants do.
  for (const f of told) if (!isCut || all.has(f.id) || f.time >= first) all.set(f.id, f);
  return [...all.values()].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
}

/** Whether it waits for a key, or for the other one. */
export function waitsForKey(f: FindingSummary): boolean {
  return f.standing === 'open' || f.standing.startsWith('half');
}

/** Those that wait for a key from before a list that is cut, as they were told last: nothing that waits is out of sight for its age. */
export function waitingBefore(list: readonly FindingSummary[], before: readonly FindingSummary[], told: Iterable<FindingSummary>): FindingSummary[] {
  const known = new Set(list.map((f) => f.id));
  return joined(before, told, false).filter((f) => waitsForKey(f) && !known.has(f.id));
}
