// Alerts in words: the centre tells a message and its numbers, the console has the sentence.

import { has, language, t, wordOf } from './i18n.svelte';
import { partyName } from './centre.svelte';
import { percent } from './probability';
import { ms, stamp } from './time';
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

/** Alerts that say the same of the same, the newest first. */
export interface AlertGroup {
  /** What they have in common. */
  key: string;
  /** The newest. */
  first: Alert;
  all: Alert[];
}

const ORDER = { alarm: 0, warning: 1, notice: 2 };

/** What an alert has in common with others that one look answers: its severity, its message, and what or whom it is about. Where and when, and by how much, may differ. */
function common({ severity, text, feed }: Alert): string {
  const { kind, verdict, subject, area, path, what, shift } = text.args ?? {};
  return JSON.stringify([severity, text.id, feed, kind, verdict, subject, area, path, what, shift]);
}

/** Alerts in groups: the gravest first, then the newest. Each alert is in one group; none is left out. */
export function grouped(alerts: readonly Alert[]): AlertGroup[] {
  const groups = new Map<string, AlertGroup>();
  for (const alert of [...alerts].sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || ms(b.at) - ms(a.at))) {
    const key = common(alert);
    const group = groups.get(key);
    if (group) group.all.push(alert);
    else groups.set(key, { key, first: alert, all: [alert] });
  }
  return [...groups.values()];
}

/** The sentence of a group: of one alert its own, of more how many since when, and the last. */
export function groupText({ first, all }: AlertGroup): string {
  const began = all.at(-1) ?? first;
  return all.length === 1 ? alertText(first) : t('alert-times', { n: all.length, since: stamp(ms(began.at), language()), text: alertText(first) });
}
