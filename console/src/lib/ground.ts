// What the ground mission's routes tell: shifts as planned and as seen, contacts with the parties.

import type { Feature, FeatureCollection } from 'geojson';
import type { Signer } from './mandate';

export type ShiftState =
  | 'proposed' | 'cancelled' | 'not-begun' | 'under-way' | 'late' | 'left' | 'done' | 'unfinished' | 'partly-observed' | 'not-observed' | 'not-gone';

/** What the states signed. */
export interface Plan {
  shift: string;
  version: number;
  unit: { patrol: string } | { post: string };
  states: string[];
  members: number;
  from: string;
  until: string;
  timezone: string;
  sector?: string;
  route?: { kind: 'line' | 'waypoints'; points: [number, number][]; tolerance_m: number };
  text?: string;
}

export interface Shift extends Plan {
  entry: number;
  announced: string;
  announced_ahead: boolean;
  by: Signer[];
  cancelled?: { entry: number; at: string; why: string; by: Signer[] };
  state: ShiftState;
  began: string | null;
  ended: string | null;
  late_s: number;
  passed: (string | null)[];
  left: { from: string; until: string | null }[];
  /** `null` while there was nothing to see yet. */
  observed_share: number | null;
  longest_gap_s: number;
  evidence: number;
}

export interface Contact {
  entry: number;
  recorded: string;
  contact: { at: string; with: string; person: string; means: string; by: string; text: string };
}

export const MEANS = ['call', 'radio', 'meeting', 'letter'] as const;

export const SHIFT_TONES: Record<ShiftState, 'good' | 'caution' | 'danger' | 'quiet'> = {
  proposed: 'caution', cancelled: 'quiet', 'not-begun': 'quiet', 'under-way': 'good', late: 'caution', left: 'danger', done: 'good', unfinished: 'caution',
  'partly-observed': 'quiet', 'not-observed': 'quiet', 'not-gone': 'danger',
};

export function unitKind({ unit }: Pick<Plan, 'unit'>): 'patrol' | 'post' {
  return 'patrol' in unit ? 'patrol' : 'post';
}

export function unitName({ unit }: Pick<Plan, 'unit'>): string {
  return 'patrol' in unit ? unit.patrol : unit.post;
}

const PLAN = ['shift', 'version', 'unit', 'states', 'members', 'from', 'until', 'timezone', 'sector', 'route', 'text'] as const;

/** The statement about a shift that another state signs too: the plan's own members and no others. */
export function planStatement(shift: Shift): Record<string, unknown> {
  return { act: 'plan', ...Object.fromEntries(PLAN.filter((key) => shift[key] !== undefined).map((key) => [key, shift[key]])) };
}

/** The statement that a shift does not take place. */
export function cancelStatement({ shift, version }: Shift, why: string): Record<string, unknown> {
  return { act: 'cancel', shift, version, why };
}

/** Where a state's signature is still missing. */
export function lacks(shift: Shift, state: string): boolean {
  return shift.state === 'proposed' && shift.states.includes(state) && !shift.by.some((signer) => signer.state === state);
}

/** Ways, sectors and posts of shifts for the map. */
export function shiftFeatures(map: FeatureCollection | null): FeatureCollection {
  const drawn = (map?.features ?? []).map((f): Feature => {
    const shift = f.properties as unknown as Shift;
    return { ...f, properties: { kind: 'shift', tone: SHIFT_TONES[shift.state], label: unitName(shift) } };
  });
  return { type: 'FeatureCollection', features: drawn };
}

/** What a field for a day and a time of day holds (`2021-03-14T09:00`), read as UTC. */
export function utc(local: string): string {
  return `${local.length === 16 ? `${local}:00` : local}Z`;
}
