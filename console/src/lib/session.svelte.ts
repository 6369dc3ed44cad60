// Who is signed in.

import { get, onSignedOut, Problem, send, useCsrf } from './api';
import { connect, disconnect } from './connection.svelte';
import { asked, answered, type CreationOptions, type RequestOptions } from './webauthn';
import type { Page } from './api';
import type { Person, Session } from './types';

let session = $state.raw<Session | null>(null);
let known = $state(false);

export function signedIn(): Session | null {
  return session;
}

/** Whether it is known yet if somebody is signed in. */
export function isKnown(): boolean {
  return known;
}

/** Whether the centre tells this person what changes: of reports at least. */
export function hears(): boolean {
  return can('see') || can('see_reports');
}

/** Whether the procedures let whoever is signed in do this: `see`, `comment`, `sign`, … */
export function can(right: string): boolean {
  return session?.may.includes(right) ?? false;
}

function begin(next: Session): void {
  session = next;
  known = true;
  useCsrf(next.csrf);
  if (hears()) connect();
}

function end(): void {
  session = null;
  known = true;
  useCsrf('');
  disconnect();
}

onSignedOut(end);

/** Asks whether the browser's session still holds. */
export async function restore(): Promise<void> {
  try {
    begin(await get<Session>('/api/session'));
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
    end();
  }
}

/** The demo's identities; none where the centre is no exercise. */
export async function exerciseIdentities(): Promise<Person[]> {
  try {
    return (await get<Page<Person>>('/api/session/exercise')).items;
  } catch (problem) {
    if (problem instanceof Problem && !problem.isOffline) return [];
    throw problem;
  }
}

export async function signInAs(person: string): Promise<void> {
  begin(await send<Session>('POST', '/api/session/exercise', { person }));
}

interface Challenge<T> {
  id: string;
  options: T;
}

export async function signInWithPasskey(person?: string): Promise<void> {
  const path = '/api/session/passkey';
  const { id, options } = await send<Challenge<RequestOptions>>('POST', `${path}/options`, person ? { person } : {});
  begin(await send<Session>('POST', path, { id, credential: await asked(options) }));
}

export interface Invitation {
  person: Person;
  expires: string;
}

export async function acceptInvitation(code: string): Promise<void> {
  const path = `/api/invitations/${encodeURIComponent(code)}`;
  const { id, options } = await send<Challenge<CreationOptions>>('POST', `${path}/options`);
  begin(await send<Session>('POST', path, { id, credential: await answered(options) }));
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/api/session');
  end();
}
