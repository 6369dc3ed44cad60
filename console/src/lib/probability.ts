// Probabilities as people read them: a word of the scale that intelligence services use, always with the number.

/** The words, as the names of their messages, each from its lower bound on. */
const WORDS = [
  [0.95, 'almost-certain'],
  [0.8, 'very-likely'],
  [0.55, 'likely'],
  [0.45, 'even'],
  [0.2, 'unlikely'],
  [0.05, 'very-unlikely'],
  [0, 'remote'],
] as const;

export type ProbabilityWord = (typeof WORDS)[number][1];

/** The word for a probability from 0 to 1. */
export function word(p: number): ProbabilityWord {
  return WORDS.find(([from]) => p >= from)?.[1] ?? 'remote';
}

/** Percent with one digit, but never «0» or «100» for what is neither. */
export function percent(p: number, language: string): string {
  const format = (value: number, digits: number): string =>
    new Intl.NumberFormat(latin(language), {
      style: 'percent',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value);
  if (p > 0 && p < 0.0005) return `< ${format(0.001, 1)}`;
  if (p < 1 && p > 0.9995) return `> ${format(0.999, 1)}`;
  return format(p, 1);
}

/** The language with Latin digits: figures are compared with the record's. */
export function latin(language: string): string {
  // English as the centre writes it: day before month.
  return `${language === 'en' ? 'en-GB' : language}-u-nu-latn`;
}

/** Whoever the probabilities make the likeliest, with theirs. */
export function likeliest(p: Readonly<Record<string, number>>): [string, number] {
  return Object.entries(p).reduce<[string, number]>((best, next) => (next[1] > best[1] ? next : best), ['none', p['none'] ?? 0]);
}
