// A document that is shown and kept up to date: asked for at once, and again with what changes, not oftener than it is worth.

import { get, Problem } from './api';
import { listen } from './connection.svelte';
import { can } from './session.svelte';

export interface Followed<T> {
  readonly data: T | null;
  readonly problem: Problem | null;
  again(): void;
}

/** Between two askings, milliseconds. */
const LEAST_MS = 5000;
/** Who is not told of all changes asks so often. */
const EACH_MS = 15_000;

/** Follows the document at an address, which may change; `null` asks for nothing; between two askings lies `least_ms`. To be called while a component begins. */
export function follow<T>(path: () => string | null, least_ms = LEAST_MS): Followed<T> {
  let data = $state.raw<T | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let ask: () => void = () => undefined;

  $effect(() => {
    const asked = path();
    data = null;
    problem = null;
    if (asked === null) return undefined;
    // What is reckoned anew takes its time: nothing but leaving ends an asking, and there is one at a time.
    const left = new AbortController();
    let isAsking = false;
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    ask = () => {
      clearTimeout(timer);
      timer = undefined;
      if (isAsking) return soon();
      isAsking = true;
      get<T>(asked, 'application/json', left.signal)
        .then((found) => {
          data = found;
          problem = null;
        })
        .catch((e: unknown) => {
          // What was shown stays; the header says that the centre is away.
          if (!left.signal.aborted && data === null) problem = e instanceof Problem ? e : new Problem(0, String(e), 'failed');
        })
        .finally(() => {
          isAsking = false;
          last = Date.now();
        });
    };
    const soon = (): void => {
      timer ??= setTimeout(ask, Math.max(400, last + least_ms - Date.now()));
    };
    ask();
    const unheard = listen({ record: soon, judgement: soon, report: soon, restarted: soon });
    // Who does not see the watch is told of reports alone.
    const untimed = can('see') ? () => undefined : every(soon);
    return () => {
      left.abort();
      clearTimeout(timer);
      unheard();
      untimed();
    };
  });
  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    again: () => ask(),
  };
}

function every(tell: () => void): () => void {
  const timer = setInterval(tell, EACH_MS);
  return () => clearInterval(timer);
}
