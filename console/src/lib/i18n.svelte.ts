// Texts by Project Fluent, a file a language, changed without a reload.

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import english from '../locales/en.ftl?raw';
import { LANGUAGES, type Language } from './languages';
import { latin } from './probability';

const LOADERS = import.meta.glob<string>(['../locales/*.ftl', '!../locales/en.ftl'], { query: '?raw', import: 'default' });
const KEPT_IN = 'truceline.language';

function bundle(language: Language, text: string): FluentBundle {
  // Isolating marks are needed where the direction of a name can differ from the sentence's.
  const made = new FluentBundle(latin(language), { useIsolating: language === 'ar' });
  made.addResource(new FluentResource(text));
  return made;
}

const fallback = bundle('en', english);
let current = $state.raw<{ language: Language; bundle: FluentBundle }>({ language: 'en', bundle: fallback });

/** The language shown. */
export function language(): Language {
  return current.language;
}

/** A message. One that a language lacks is shown in English; a test holds that none does. */
export function t(id: string, args?: Record<string, FluentVariable>): string {
  for (const source of [current.bundle, fallback]) {
    const message = source.getMessage(id);
    if (message?.value) return source.formatPattern(message.value, args, []);
  }
  return id;
}

/** Whether there is such a message: for words that come from data. */
export function has(id: string): boolean {
  return current.bundle.hasMessage(id) || fallback.hasMessage(id);
}

/** The message of a word from data, else the word itself. */
export function wordOf(prefix: string, value: string): string {
  const id = `${prefix}-${value.replaceAll(' ', '-')}`;
  return has(id) ? t(id) : value.replaceAll('_', ' ');
}

function isLanguage(word: string | null): word is Language {
  return word !== null && word in LANGUAGES;
}

/** Shows another language, and remembers it on this machine. */
export async function speak(next: Language): Promise<void> {
  const load = LOADERS[`../locales/${next}.ftl`];
  const made = next === 'en' || !load ? fallback : bundle(next, await load());
  current = { language: next, bundle: made };
  document.documentElement.lang = next;
  document.body.dir = next === 'ar' ? 'rtl' : 'ltr';
  localStorage.setItem(KEPT_IN, next);
}

/** The language remembered, else the browser's first that there is, else English. */
export async function speakFirst(): Promise<void> {
  const kept = localStorage.getItem(KEPT_IN);
  const wanted = [kept, ...navigator.languages.map((l) => l.slice(0, 2))].find(isLanguage);
  await speak(wanted ?? 'en');
}
