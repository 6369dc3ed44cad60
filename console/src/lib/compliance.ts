// Rows of compliance to a table: a line for each party and clause, a cell a day. The worst of a cell's stretches names it, and unseen is
// never better than seen: a cell counts as complied only when every stretch does.

import type { Compliance } from './types';

export const DAY_MS = 86_400_000;
export type Kept = Compliance['kept'];

export interface Cell {
  party: string;
  clause: string;
  /** Midnight UTC that it begins with. */
  day: number;
  kept: Kept;
  counts: Record<Kept, number>;
  /** Share of stretch and time that was watched, by length. */
  watched: number;
  stretches: Compliance[];
}

export interface Row {
  party: string;
  clause: string;
  cells: Cell[];
}

/** The midnights of so many days up to one, `YYYY-MM-DD`. */
export function days(last: string, count: number): number[] {
  const end = Date.parse(`${last}T00:00:00Z`);
  return Array.from({ length: count }, (_, i) => end - (count - 1 - i) * DAY_MS);
}

const WORST: readonly Kept[] = ['violated', 'undetermined', 'not_observed', 'complied'];

/** The table. */
export function cells(byDay: ReadonlyMap<number, readonly Compliance[]>, shown: readonly number[]): Row[] {
  const rows = new Map<string, Row>();
  for (const list of byDay.values()) {
    for (const { party, clause } of list) {
      const key = `${party}\n${clause}`;
      if (!rows.has(key)) rows.set(key, { party, clause, cells: [] });
    }
  }
  const ordered = [...rows.values()].sort((a, b) => a.clause.localeCompare(b.clause) || a.party.localeCompare(b.party));
  for (const row of ordered) {
    row.cells = shown.map((day) => cell(row, day, (byDay.get(day) ?? []).filter((c) => c.party === row.party && c.clause === row.clause)));
  }
  return ordered;
}

function cell({ party, clause }: Row, day: number, stretches: Compliance[]): Cell {
  const counts: Record<Kept, number> = { violated: 0, undetermined: 0, complied: 0, not_observed: 0 };
  let [length, watched] = [0, 0];
  for (const s of stretches) {
    counts[s.kept] += 1;
    const along = s.along_m ? Math.max(1, s.along_m[1] - s.along_m[0]) : 1;
    length += along;
    watched += along * s.watched;
  }
  const kept = WORST.find((k) => counts[k] > 0) ?? 'not_observed';
  const order = (s: Compliance): number => WORST.indexOf(s.kept);
  return { party, clause, day, kept, counts, watched: length > 0 ? watched / length : 0, stretches: [...stretches].sort((a, b) => order(a) - order(b)) };
}
