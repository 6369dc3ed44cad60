import { describe, expect, it } from 'vitest';
import { fill, urgency, type StrengthRow } from '../../src/lib/mandate';
import { asksFor, nextSteps, statement, stepName, stepWords, type Deed, type Version } from '../../src/lib/modalities';
import { pagesFor } from '../../src/lib/pages';
import { choices, lastDay, standingOf, type ReportBoard } from '../../src/lib/reports';
import { tally, type Talks } from '../../src/lib/talks';

describe('strength and deadlines', () => {
  const row = (strength: number, ceiling: number, more: Partial<StrengthRow> = {}): StrengthRow => ({
    day: '2021-03-15', state: 'north', authorisation: 'n-1', in_force: true, category: 'persons', strength, ceiling, overridden: false, ...more,
  });

  it('say whether a ceiling is kept, and whose leave there was', () => {
    expect(fill(row(10, 60)).kind).toBe('within');
    expect(fill(row(54, 60)).kind).toBe('near');
    expect(fill(row(60, 60)).kind).toBe('near');
    expect(fill(row(61, 60))).toMatchObject({ kind: 'above', tone: 'danger' });
    expect(fill(row(61, 60, { overridden: true }))).toMatchObject({ kind: 'by-both', tone: 'caution' });
    expect(fill(row(1, 0, { in_force: false })).kind).toBe('none-in-force');
    expect(fill(row(0, 0)).kind).toBe('within');
  });

  it('grow more urgent', () => {
    const due = (days_left: number, warning_days?: number): string =>
      urgency({ last_day: '2021-03-15', what: 'term-ends', of: 'x', days_left, ...(warning_days === undefined ? {} : { warning_days }) }).kind;
    expect([due(200), due(80, 90), due(30, 30), due(0, 7), due(-1, 0)]).toEqual(['later', '90', '30', '7', 'over']);
  });
});

describe('procedures', () => {
  const states = { sending: ['north', 'south'], host: 'middle' };
  const officer = (state: string) => ({ state, roles: ['signing officer'] });
  const official = { state: 'middle', roles: ['host official'] };
  const version = (state: Version['state'], more: Partial<Version> = {}): Version => ({ version: 2, text_sha256: 'ab', title: 'T', standing: '', state, steps: [], ...more });

  it('offer each step to who may take it, and to nobody else', () => {
    const table: [Version, Deed[], Deed[], Deed[]][] = [
      [version('draft'), ['agree'], ['agree'], []],
      [version('half-agreed', { by: 'north' }), [], ['agree'], []],
      [version('agreed'), ['submit'], ['submit'], []],
      [version('submitted'), [], [], ['approve', 'return']],
      [version('returned'), [], [], []],
      [version('changed', { into_version: 3 }), [], [], []],
      [version('approved'), [], [], ['suspend']],
      [version('suspended', { steps: [{ entry: 1, at: '', step: { suspend: { why: 'x' } }, by: [{ state: 'middle', person: 'o' }] }] }), [], [], ['resume']],
      [version('suspended', { steps: [{ entry: 1, at: '', step: { suspend: { why: 'x' } }, by: [{ state: 'north', person: 'o' }] }] }), [], [], []],
    ];
    for (const [v, north, south, host] of table) {
      expect([nextSteps(v, officer('north'), states), nextSteps(v, officer('south'), states), nextSteps(v, official, states)], v.state).toEqual([north, south, host]);
      for (const nobody of [{ state: 'north', roles: ['observer'] }, { state: 'middle', roles: ['auditor'] }, officer('middle'), { state: 'north', roles: ['host official'] }]) {
        expect(nextSteps(v, nobody, states), v.state).toEqual([]);
      }
    }
  });

  it('are stated as the record holds them', () => {
    const of = (deed: Deed, said = ''): unknown => statement(version('draft'), deed, said, '2021-03-15T00:00:00Z').step;
    expect(of('agree')).toBe('agree');
    expect(of('approve', ' 7/2021 ')).toEqual({ approve: { from: '2021-03-15T00:00:00Z', reference: '7/2021' } });
    expect(of('approve')).toEqual({ approve: { from: '2021-03-15T00:00:00Z' } });
    expect(of('return', 'no')).toEqual({ return: { remarks: 'no' } });
    expect([asksFor('submit'), asksFor('approve'), asksFor('resume')]).toEqual([null, 'reference', 'reason']);
    expect([stepName('agree'), stepName({ return: { remarks: 'no' } })]).toEqual(['agree', 'return']);
    expect(stepWords({ return: { remarks: 'no' } })).toEqual({ remarks: 'no' });
  });
});

describe('pages', () => {
  it('are those of one’s rights, the host’s own first', () => {
    expect(pagesFor(['see', 'see_reports'], false)[0]).toBe('watch');
    expect(pagesFor(['see_reports'], true)).toEqual(['host', 'reports', 'mandate', 'procedures', 'talks', 'verify']);
    expect(pagesFor(['see_feeds'], false)).not.toContain('reports');
  });
});

describe('reports and talks', () => {
  const version = (sha256: string, standing: 'released' | 'superseded') => ({ sha256, before: 1, bytes: 1, standing, signatures: [] });
  const board: ReportBoard = {
    report: 'daily', date: '2021-03-15', now: { sha256: 'c', before: 9 }, stands: 'b', versions: [version('a', 'superseded'), version('b', 'released')], may: { release: [], refuse: [] },
  };

  it('show what was released first, and what the record gives now beside it', () => {
    expect(choices(board)).toEqual(['b', 'c', 'a']);
    expect(choices({ ...board, stands: null, now: null, versions: [] })).toEqual([]);
    expect([standingOf(board, 'b'), standingOf(board, 'c')]).toEqual(['released', 'unsigned']);
    expect(lastDay(Date.parse('2021-03-01T00:10:00Z'))).toBe('2021-02-28');
  });

  it('count how points stand', () => {
    const talks = { statuses: [{ point: 'a', status: 'open' }, { point: 'b', status: 'agreed' }, { point: 'c', status: 'open' }] } as Talks;
    expect(tally(talks)).toEqual({ open: 2, 'ad-referendum': 0, agreed: 1, referred: 0 });
  });
});
