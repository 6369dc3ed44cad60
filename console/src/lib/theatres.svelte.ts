// The theatres of this centre: each has its own record, rights and sessions, so changing to another is going to another address.

import { get } from './api';
import { can } from './session.svelte';
import type { Page } from './api';
import type { Person, Session } from './types';

export interface TheatreName {
  id: string;
  title: string;
  /** An absolute path that ends in `/`; its console lies below it. */
  url: string;
  /** The one whose console this is. */
  here: boolean;
}

/** The theatres that whoever is signed in may see; those without an address are this one. */
export async function theatres(): Promise<TheatreName[]> {
  const list = (await get<Page<TheatreName>>('/api/theatres')).items;
  return list.filter((theatre) => typeof theatre.url === 'string' || theatre.here);
}

/** Goes to another theatre's console, at the same page. In an exercise the same part is played there, if there is such a part. */
export async function changeTo(theatre: TheatreName, session: Session, page: string): Promise<void> {
  if (session.exercise) await playSame(theatre, session.person).catch(() => undefined);
  location.assign(`${theatre.url}console/#/${can('see') ? page : ''}`);
}

async function playSame(theatre: TheatreName, person: Person): Promise<void> {
  const path = `${theatre.url}api/session/exercise`;
  const answer = await fetch(path, { credentials: 'same-origin' });
  if (!answer.ok) return;
  const parts = ((await answer.json()) as Page<Person>).items;
  const same = parts.find((p) => p.id === person.id);
  if (!same) return;
  await fetch(path, { method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ person: same.id }) });
}
