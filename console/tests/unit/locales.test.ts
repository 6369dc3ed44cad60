import { readdirSync, readFileSync } from 'node:fs';
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../src/lib/languages';

const folder = new URL('../../src/locales/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
/** Ids as they stand in the file: what the parser drops as junk would be missed otherwise. */
const ids = (text: string): string[] => [...text.matchAll(/^([a-z][\w-]*) =/gm)].map((m) => m[1] ?? '');
const variables = (pattern: string): string[] => [...new Set(pattern.match(/\{ ?\$\w+/g)?.map((v) => v.replace(/\{ ?/, '')) ?? [])].sort();

const english = read('en.ftl');
const wanted = ids(english);

describe('texts', () => {
  it('has a file for each language, and no other', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(LANGUAGES).map((l) => `${l}.ftl`).sort());
  });

  it.each(Object.keys(LANGUAGES))('%s has all messages, once, with the same arguments', (language) => {
    const text = read(`${language}.ftl`);
    expect(new Set(ids(text)).size).toBe(ids(text).length);
    expect(ids(text).sort()).toEqual([...wanted].sort());
    const bundle = new FluentBundle(language, { useIsolating: false });
    expect(bundle.addResource(new FluentResource(text))).toEqual([]);
    const whole = (source: string, id: string): string => new RegExp(`^${id} =[^]*?(?=^[a-z#]|(?![^]))`, 'm').exec(source)?.[0] ?? '';
    for (const id of wanted) {
      expect(bundle.hasMessage(id), `${language}: ${id}`).toBe(true);
      expect(variables(whole(text, id)), `${language}: ${id}`).toEqual(variables(whole(english, id)));
    }
  });

  it('are the messages that the code asks for', () => {
    const sources = readdirSync(new URL('../../src/', import.meta.url), { recursive: true, encoding: 'utf8' });
    const code = sources.filter((f) => /\.(svelte|ts)$/.test(f)).map((f) => readFileSync(new URL(`../../src/${f}`, import.meta.url), 'utf8'));
    const asked = code.flatMap((text) => [...text.matchAll(/\bt\('([\w-]+)'/g)].map((m) => m[1] ?? ''));
    expect(asked.filter((id) => !wanted.includes(id))).toEqual([]);
  });
});
