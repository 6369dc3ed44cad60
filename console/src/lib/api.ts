// The centre's HTTP interface: JSON both ways, refusals as RFC 9457 problems.

import { address } from './address';

/** A refusal, in the centre's own words. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly title: string,
  ) {
    super(detail);
    this.name = 'Problem';
  }

  /** The centre could not be reached at all. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

/** What a list answers. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

let csrf = '';
let signedOut: () => void = () => undefined;

/** Takes the token of the session, which every change shows. */
export function useCsrf(token: string): void {
  csrf = token;
}

/** Who is told when the centre says that nobody is signed in. */
export function onSignedOut(tell: () => void): void {
  signedOut = tell;
}

const REQUEST_MS = 30_000;
/** What changes something may take its time (a report is reckoned before it is signed); giving up would leave it unknown whether it was done. */
const CHANGE_MS = 300_000;

async function ask(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address(path), { credentials: 'same-origin', signal: AbortSignal.timeout(REQUEST_MS), ...init });
  } catch (cause) {
    throw new Problem(0, cause instanceof Error ? cause.message : String(cause), 'offline');
  }
  if (answer.ok) return answer;
  const problem = await refusal(answer);
  if (answer.status === 401 && !path.startsWith('/api/session')) signedOut();
  throw problem;
}

async function refusal(answer: Response): Promise<Problem> {
  const text = await answer.text().catch(() => '');
  try {
    const { title, detail } = JSON.parse(text) as { title?: string; detail?: string };
    return new Problem(answer.status, detail ?? title ?? answer.statusText, title ?? answer.statusText);
  } catch {
    return new Problem(answer.status, text.slice(0, 300) || answer.statusText, answer.statusText);
  }
}

/** Reads a document. */
export async function get<T>(path: string, accept = 'application/json', signal?: AbortSignal): Promise<T> {
  const answer = await ask(path, { headers: { accept }, ...(signal ? { signal } : {}) });
  return (await answer.json()) as T;
}

/** Changes something; `undefined` when nothing is answered. `most_ms` is for what may be sent again without harm. */
export async function send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown, most_ms = CHANGE_MS): Promise<T> {
  const answer = await ask(path, {
    method,
    signal: AbortSignal.timeout(most_ms),
    headers: { 'content-type': 'application/json', 'x-truceline-csrf': csrf },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** All pages of a list, up to `most` items. */
export async function all<T>(path: string, most = 2000): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
    const page: Page<T> = await get<Page<T>>(path + from);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && items.length < most);
  return items;
}
