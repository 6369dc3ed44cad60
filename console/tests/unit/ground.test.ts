import { describe, expect, it } from 'vitest';
import { cancelStatement, lacks, planStatement, unitKind, unitName, utc, type Shift } from '../../src/lib/ground';

const shift: Shift = {
  shift: 'm4-7', version: 2, unit: { patrol: 'ALPHA' }, states: ['north', 'south'], members: 14, from: '2020-09-01T06:00:00Z', until: '2020-09-01T09:00:00Z', timezone: '+03:00',
  sector: 'm4', entry: 9, announced: '2020-08-31T10:00:00Z', announced_ahead: true, by: [{ state: 'north', person: 'ada' }], state: 'proposed', began: null, ended: null, late_s: 0,
  passed: [], left: [], observed_share: null, longest_gap_s: 0, evidence: 0,
};

describe('shifts', () => {
  it('are signed by the second state as the first signed them', () => {
    expect(planStatement(shift)).toEqual({
      act: 'plan', shift: 'm4-7', version: 2, unit: { patrol: 'ALPHA' }, states: ['north', 'south'], members: 14,
      from: '2020-09-01T06:00:00Z', until: '2020-09-01T09:00:00Z', timezone: '+03:00', sector: 'm4',
    });
    expect([lacks(shift, 'south'), lacks(shift, 'north'), lacks(shift, 'east'), lacks({ ...shift, state: 'not-begun' }, 'south')]).toEqual([true, false, false, false]);
    expect(cancelStatement(shift, 'fog')).toEqual({ act: 'cancel', shift: 'm4-7', version: 2, why: 'fog' });
  });

  it('are told by who goes, and times by UTC', () => {
    expect([unitKind(shift), unitName(shift), unitKind({ unit: { post: 'P04' } }), unitName({ unit: { post: 'P04' } })]).toEqual(['patrol', 'ALPHA', 'post', 'P04']);
    expect([utc('2021-03-14T09:00'), utc('2021-03-14T09:00:30')]).toEqual(['2021-03-14T09:00:00Z', '2021-03-14T09:00:30Z']);
  });
});
