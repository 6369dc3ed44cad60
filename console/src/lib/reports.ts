// A day's report: what was signed of it, and what the record gives now.

import type { Tone } from './mandate';

export interface ReportSignature {
  state: string;
  by: string;
  at: string;
  decision: 'release' | 'refuse';
  reason?: string | null;
  method?: string;
}

export type ReportStanding = 'half-released' | 'released' | 'refused' | 'superseded';

export interface ReportVersion {
  sha256: string;
  before: number;
  bytes: number;
  standing: ReportStanding;
  signatures: ReportSignature[];
}

export interface ReportBoard {
  report: string;
  date: string;
  /** What the record gives now; nothing where no procedures order it. */
  now: { sha256: string; before: number } | null;
  /** The version that was released. */
  stands: string | null;
  versions: ReportVersion[];
  may: { release: string[]; refuse: string[] };
}

export const REPORT_TONES: Record<ReportStanding, Tone> = { 'half-released': 'caution', released: 'good', refused: 'danger', superseded: 'quiet' };

/** The hashes that can be looked at: the released one first, then what the record gives now, then the others, the newest first. */
export function choices(board: ReportBoard): string[] {
  const all = [board.stands, board.now?.sha256, ...[...board.versions].reverse().map((v) => v.sha256)];
  return [...new Set(all.filter((sha256) => typeof sha256 === 'string'))];
}

/** How one of them stands: what nobody has signed is what the record gives now. */
export function standingOf(board: ReportBoard, sha256: string): ReportStanding | 'unsigned' {
  return board.versions.find((v) => v.sha256 === sha256)?.standing ?? 'unsigned';
}

/** The day before an instant: the last that is over. */
export function lastDay(now_ms: number): string {
  return new Date(now_ms - 86_400_000).toISOString().slice(0, 10);
}
