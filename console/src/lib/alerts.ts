// Alerts in words: the centre tells a message and its numbers, the console has the sentence.

import { has, language, t, wordOf } from './i18n.svelte';
import { partyName } from './centre.svelte';
import { percent } from './probability';
import type { Alert } from './types';

/** The sentence of an alert; for one that this console does not know, its kind and numbers. */
export function alertText(alert: Alert): string {
  const args = { ...(alert.text.args ?? {}) };
  for (const [name, value] of Object.entries(args)) {
    if (name === 'kind' && alert.kind === 'finding') args[name] = wordOf('kind', String(value));
    if (name === 'verdict' || name === 'party') args[name] = partyName(String(value));
    if (name === 'free_share') args[name] = percent(Number(value), language());
  }
  // A name of the record, `finding.put`, as Fluent writes names.
  const id = `alert-${alert.text.id.replace('.', '-')}`;
  if (has(id)) return t(id, { feed: alert.feed ?? '', finding: alert.finding ?? '', ...args });
  const rest = Object.entries(args).map(([k, v]) => `${k} ${v}`);
  return [wordOf('alert-kind', alert.kind), alert.feed ?? alert.finding ?? '', ...rest].filter(Boolean).join(' · ');
}
