// What the mandate's routes tell: strength and ceilings, what runs out, withdrawals, who left what they are confined to.

import type { LatLon } from './coordinates';

export interface StrengthRow {
  day: string;
  state: string;
  authorisation: string;
  in_force: boolean;
  category: string;
  strength: number;
  ceiling: number;
  overridden: boolean;
}

export interface Posting {
  deployment: string;
  state: string;
  authorisation: string;
  category: string;
  count: number;
  site: string;
  from: string;
  until: string | null;
  override_why?: string;
}

export interface Deadline {
  last_day: string;
  what: string;
  of: string;
  state?: string;
  days_left: number;
  /** 90, 30 or 7; 0 once it has run out. */
  warning_days?: number;
}

export interface MandateBoard {
  at: string;
  strength: StrengthRow[];
  deployments: Posting[];
  deadlines: Deadline[];
}

export type WithdrawalState = 'not-begun' | 'under-way' | 'reported-not-verified' | 'left' | 'verified' | 'overdue';

export interface Signer {
  state: string;
  person: string;
}

export interface Withdrawal {
  agreement: string;
  clause: string;
  area: string;
  bound: string[];
  deadlines: { by: string; agreed: string | null }[];
  state: WithdrawalState;
  deadline_passed: boolean;
  watched_share: number | null;
  needed_share: number;
  seen: { at: string; what: string; id: string }[];
  reports: { entry: number; says: 'begun' | 'left' | 'present'; at: string; text?: string; by: Signer[] }[];
}

export interface CrossingRow {
  entry: number;
  recorded: string;
  crossing: {
    subject: string;
    confinement: 'premises' | 'corridor' | 'sector' | 'hours';
    areas: string[];
    turn: 'out' | 'in';
    since: string;
    proved: string;
    position?: LatLon;
    beyond_m?: number;
    sd_m?: number;
    gate?: string;
  };
  state?: string;
  told: string[];
}

export interface Mobility {
  out: CrossingRow[];
  crossings: CrossingRow[];
}

export type Tone = 'danger' | 'caution' | 'good' | 'quiet';

/** From this share of a ceiling on it is told that little is left. */
const NEARLY = 0.9;

/** How a strength stands to its ceiling: above it, above it by both keys, near it, or below. */
export function fill(row: StrengthRow): { kind: 'above' | 'by-both' | 'near' | 'within' | 'none-in-force'; tone: Tone; share: number } {
  const share = row.ceiling > 0 ? row.strength / row.ceiling : row.strength > 0 ? Infinity : 0;
  if (row.strength > row.ceiling) {
    if (row.overridden) return { kind: 'by-both', tone: 'caution', share };
    return { kind: row.in_force ? 'above' : 'none-in-force', tone: 'danger', share };
  }
  return share >= NEARLY ? { kind: 'near', tone: 'caution', share } : { kind: 'within', tone: 'good', share };
}

/** How urgent a deadline is: it has run out, or the warning of 7, 30 or 90 days is due. */
export function urgency(deadline: Deadline): { kind: 'over' | '7' | '30' | '90' | 'later'; tone: Tone } {
  if (deadline.days_left < 0) return { kind: 'over', tone: 'danger' };
  const due = deadline.warning_days;
  if (due !== undefined && due <= 7) return { kind: '7', tone: 'danger' };
  if (due === 30) return { kind: '30', tone: 'caution' };
  return due === undefined ? { kind: 'later', tone: 'quiet' } : { kind: '90', tone: 'caution' };
}

export const WITHDRAWAL_TONES: Record<WithdrawalState, Tone> = {
  'not-begun': 'quiet',
  'under-way': 'caution',
  'reported-not-verified': 'caution',
  left: 'good',
  verified: 'good',
  overdue: 'danger',
};
