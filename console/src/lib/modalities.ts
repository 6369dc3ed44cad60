// The working procedures on their way, and who may take which step: the same rules as the centre's, so that nothing is offered that it
// would refuse. The centre decides.

import type { Tone, Signer } from './mandate';

/** A step as it was taken: its name, or its name with what was said. */
export type Step = string | Record<string, Record<string, string | number>>;

export interface TakenStep {
  entry: number;
  at: string;
  step: Step;
  by: Signer[];
}

export type VersionState = 'draft' | 'half-agreed' | 'agreed' | 'submitted' | 'returned' | 'changed' | 'approved' | 'suspended';

export interface Version {
  version: number;
  text_sha256: string;
  title: string;
  standing: string;
  state: VersionState;
  /** Which sending state has agreed, when one alone has. */
  by?: string;
  remarks?: string;
  why?: string;
  from?: string;
  /** The host's own text that took its place. */
  into_version?: number;
  steps: TakenStep[];
}

export interface Modalities {
  at: string;
  in_force: number | null;
  why_not: string | null;
  versions: Version[];
}

/** What can be done with a version in the console. What takes both states' keys at once is done at the command line. */
export type Deed = 'agree' | 'submit' | 'approve' | 'return' | 'suspend' | 'resume';

export interface Part {
  state: string;
  roles: readonly string[];
}

export interface States {
  sending: readonly string[];
  host: string;
}

/** What somebody may do next with a version. */
export function nextSteps(version: Version, part: Part, states: States): Deed[] {
  const signs = part.roles.includes('signing officer') && states.sending.includes(part.state);
  const decides = part.roles.includes('host official') && part.state === states.host;
  switch (version.state) {
    case 'draft':
      return signs ? ['agree'] : [];
    case 'half-agreed':
      return signs && version.by !== part.state ? ['agree'] : [];
    case 'agreed':
      return signs ? ['submit'] : [];
    case 'submitted':
      return decides ? ['approve', 'return'] : [];
    case 'approved':
      return decides ? ['suspend'] : [];
    case 'suspended':
      return decides && suspendedBy(version) === states.host ? ['resume'] : [];
    default:
      return [];
  }
}

function suspendedBy(version: Version): string | undefined {
  return version.steps.findLast((s) => stepName(s.step) === 'suspend')?.by[0]?.state;
}

export function stepName(step: Step): string {
  return typeof step === 'string' ? step : (Object.keys(step)[0] ?? '');
}

/** What was said with a step: remarks, a reason, a reference. */
export function stepWords(step: Step): Record<string, string | number> {
  return typeof step === 'string' ? {} : (Object.values(step)[0] ?? {});
}

/** The statement of a step, as the record holds it. */
export function statement(version: Version, deed: Deed, said: string, from: string): { version: number; text_sha256: string; step: Step } {
  const { version: number, text_sha256 } = version;
  const words = said.trim();
  const step: Step = {
    agree: 'agree',
    submit: 'submit',
    approve: { approve: { from, ...(words ? { reference: words } : {}) } },
    return: { return: { remarks: words } },
    suspend: { suspend: { why: words } },
    resume: { resume: { why: words } },
  }[deed];
  return { version: number, text_sha256, step };
}

/** Whether a step takes words: a reason that must be there, a reference that may, or none. */
export function asksFor(deed: Deed): 'reason' | 'reference' | null {
  if (deed === 'agree' || deed === 'submit') return null;
  return deed === 'approve' ? 'reference' : 'reason';
}

export const STATE_TONES: Record<VersionState, Tone> = {
  draft: 'quiet',
  'half-agreed': 'quiet',
  agreed: 'caution',
  submitted: 'caution',
  returned: 'danger',
  changed: 'quiet',
  approved: 'good',
  suspended: 'danger',
};
