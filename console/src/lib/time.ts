// Times as shown: UTC to the second, and the local time of the procedures beside it.

import { latin } from './probability';

/** Milliseconds since 1970 of an RFC 3339 time; the record's microseconds are beyond what is shown. */
export function ms(time: string): number {
  return Date.parse(time);
}

/** RFC 3339 for a query. */
export function rfc3339(at_ms: number): string {
  return new Date(at_ms).toISOString();
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}|${language}|${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(latin(language), { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(key, found);
  }
  return found;
}

/** `09:30:52` in a zone (`UTC`, `+04:00`). */
export function clock(at_ms: number, zone = 'UTC', seconds = true): string {
  return format(zone, 'en', { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }).format(at_ms);
}

/** `14 Mar 2021` in a zone and language. */
export function day(at_ms: number, language: string, zone = 'UTC'): string {
  const said = format(zone, language, { day: 'numeric', month: 'short', year: 'numeric' }).format(at_ms);
  // A browser without the language's names of months numbers them (`2021 M03 14`): then in figures alone, as the language writes a day.
  return / M\d\d /.test(said) ? format(zone, 'de', { day: '2-digit', month: '2-digit', year: 'numeric' }).format(at_ms) : said;
}

/** `14 Mar 2021 09:30:52`. */
export function stamp(at_ms: number, language: string, zone = 'UTC'): string {
  return `${day(at_ms, language, zone)} ${clock(at_ms, zone)}`;
}

/** `3 min`, `2 h 10 min`: a length of time in two units at most. */
export function span(of_ms: number, language: string): string {
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(latin(language), { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value);
  const s = Math.max(0, Math.round(of_ms / 1000));
  if (s < 60) return unit(s, 'second');
  const m = Math.floor(s / 60);
  if (m < 60) return unit(m, 'minute');
  const h = Math.floor(m / 60);
  if (h < 48) return m % 60 === 0 ? unit(h, 'hour') : `${unit(h, 'hour')} ${unit(m % 60, 'minute')}`;
  return unit(Math.floor(h / 24), 'day');
}
