// The talks about the working procedures, as the centre tells them.

import type { Signer, Tone } from './mandate';

export interface Difference {
  clause: string;
  change: 'added' | 'removed' | 'changed';
  before: string | null;
  after: string | null;
  words?: { change?: 'added' | 'removed'; text: string }[];
}

export interface Draft {
  version: number;
  text_sha256: string;
  by: Signer[];
  redline: Difference[];
}

export type PointStatus = 'open' | 'ad-referendum' | 'agreed' | 'referred';

export interface Point {
  point: string;
  clause: string;
  about: string;
  positions: Record<string, { words: string | null; note: string | null; at: string; initialled: boolean | null }>;
  comments: { state: string; at: string; text: string }[];
  referred: boolean;
}

export interface Talks {
  delegations: Record<string, { size: number; members: { name: string; role: string }[] }>;
  rounds: { round: number; place: string; date: string; agenda: string[]; minutes: string | null }[];
  points: Point[];
  statuses: { point: string; status: PointStatus }[];
  drafts: Draft[];
}

export const POINT_TONES: Record<PointStatus, Tone> = { open: 'caution', 'ad-referendum': 'caution', agreed: 'good', referred: 'quiet' };

/** How many points stand how. */
export function tally(talks: Talks): Record<PointStatus, number> {
  const count: Record<PointStatus, number> = { open: 0, 'ad-referendum': 0, agreed: 0, referred: 0 };
  for (const { status } of talks.statuses) count[status] += 1;
  return count;
}
