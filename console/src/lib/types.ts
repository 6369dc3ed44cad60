// What the centre tells, as the console reads it: docs/schema holds the findings' and observations' own schemas.

import type { Feature, FeatureCollection, Geometry } from 'geojson';
import type { LatLon } from './coordinates';
import type { Covariance } from './geo';

export type { Feature, FeatureCollection, Geometry };

export interface Person {
  id: string;
  name: string;
  state: string;
  roles: string[];
  theatres?: string[];
}

export interface Session {
  person: Person;
  /** What the procedures let this person do, in the words of docs/people.md: `see`, `see_reports`, `sign`, … */
  may: string[];
  csrf: string;
  expires: string;
  exercise: boolean;
}

export interface FeedState {
  id: string;
  source: string;
  address: string;
  format?: string;
  condition: 'connecting' | 'up' | 'stale' | 'lost' | 'storage_full' | 'ended';
  since: string;
  why?: string;
  last_received?: string;
  last_observed?: string;
  clock: { late_ms?: number; spread_ms?: number };
  bits_per_s: number;
  missing: Record<string, number>;
}

export interface TrackPoint {
  time: string;
  position: LatLon;
  estimate: LatLon;
  sd_m: number;
  speed_mps: number;
  course_deg: number | null;
  height_msl_m: number | null;
  height_hae_m: number | null;
}

export interface Footprint {
  source: string;
  time: string;
  corners: [LatLon, LatLon, LatLon, LatLon];
  centre: LatLon | null;
  camera: LatLon | null;
  azimuth_deg: number | null;
}

export interface Track {
  source: string;
  subject: string;
  leg: number;
  points: TrackPoint[];
}

export interface Picture {
  tracks: Track[];
  footprints: Footprint[];
}

export type Probabilities = Record<string, number>;

export interface Contribution {
  observation?: string;
  source?: string;
  what: string;
  log_odds: number;
  moved_m?: number;
  residual_sd?: number;
}

export interface Counterfactual {
  source: string;
  without: string[];
  verdict: string;
  p: number;
  moved_m?: number;
}

export interface Event extends LatLon {
  id: string;
  time: string;
  time_sd_s: number;
  cov_m2: Covariance;
  kind: string;
  impact?: LatLon & { cov_m2?: Covariance; time?: string };
  p: Probabilities;
  verdict: string;
  evidence: string[];
  explanation: {
    contributions: Contribution[];
    counterfactuals: Counterfactual[];
    sentences: string[];
  };
}

export interface Assessment {
  clause: string;
  agreement: string;
  party?: string;
  holding: 'violates' | 'complies' | 'undetermined' | 'not_applicable' | 'not_observed';
  reason: string;
}

export interface FindingDocument {
  id: string;
  theatre: string;
  event: Event;
  assessments: Assessment[];
  procedures?: string;
  geometry: string;
  engine: string;
  observed_until: string;
  supersedes?: string;
}

export interface Signature {
  state: string;
  by: string;
  at: string;
  decision: 'determined' | 'dissent';
  reason?: string;
  method?: string;
}

export interface FindingSummary extends LatLon {
  id: string;
  time: string;
  kind: string;
  verdict: string;
  p: Probabilities;
  standing: string;
  recorded: string;
}

export interface Observation {
  id: string;
  source: string;
  kind: string;
  observed?: string;
  received?: string;
  bearing_deg?: number;
  bearing_sd_deg?: number;
  lat?: number;
  lon?: number;
  [field: string]: unknown;
}

/** An observation with what it contributed to the judgement. */
export interface Evidence {
  observation: Observation;
  feed?: string | null;
  /** Somebody has excluded it, with a reason that is in the record. */
  excluded: boolean;
  contributions: Contribution[];
  /** Files that came with it. */
  attachments: Attachment[];
}

/** A photograph or a sound that came with a report. */
export interface Attachment {
  /** Its name on the device that made it. */
  name: string;
  media_type: string;
  sha256: string;
  bytes: number;
}

export interface Clause {
  id: string;
  title: string;
  text: string;
  summary: string | null;
}

export interface FindingWhole {
  id: string;
  sha256: string;
  finding: FindingDocument;
  standing: string;
  signatures: Signature[];
  clauses: Clause[];
  sentences: string[];
  evidence: Evidence[];
  superseded_by?: string | null;
  may: { sign: boolean; dissent: boolean };
}

export interface WhatIf {
  before: Judged;
  after: Judged | null;
}

export interface Judged {
  attribution: { p: Probabilities; verdict: string };
  position: LatLon;
  /** Half axes of the ellipse that holds 90 %, metres, and the bearing of the longer, degrees. */
  ellipse_90: [number, number, number];
}

export type Severity = 'notice' | 'warning' | 'alarm';

export interface Alert {
  id: string;
  at: string;
  kind: string;
  severity: Severity;
  text: { id: string; args?: Record<string, string | number> };
  where?: LatLon;
  feed?: string;
  finding?: string;
  acknowledged?: { by: string; at: string };
  /** It needs nobody any more: another finding took its finding's place. */
  overtaken?: true;
}

export interface Named {
  id: string;
  name: string;
}

export interface Procedures {
  theatre: string;
  title: string;
  /** Offset of the local time from UTC, as `+04:00`. */
  timezone: string;
  parties: Named[];
  sending_states: Named[];
  host?: Named;
  max_wrong_accusation?: number;
}

export interface Compliance {
  party: string;
  clause: string;
  line?: string;
  line_number?: number;
  along_m?: [number, number];
  middle?: LatLon;
  from: string;
  until: string;
  kept: 'violated' | 'undetermined' | 'complied' | 'not_observed';
  findings: string[];
  watched: number;
  longest_gap_s: number;
  p_missed?: number;
  reason: string;
}

/** What was watched of a stretch of the line over a span of time. */
export interface Watched {
  line: string | null;
  line_number: number;
  from_m: number;
  to_m: number;
  watched_by_any: number;
  longest_gap_s: number;
  stood: boolean;
}
