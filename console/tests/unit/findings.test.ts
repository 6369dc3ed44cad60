import { describe, expect, it } from 'vitest';
import { joined, waitingBefore } from '../../src/lib/findings';
import type { FindingSummary } from '../../src/lib/types';

const finding = (id: string, minute: number, standing = 'open') => ({ id, time: `2021-03-14T09:${String(minute).padStart(2, '0')}:00.000000Z`, standing }) as FindingSummary;
const ids = (list: FindingSummary[]) => list.map((f) => f.id).join(' ');

describe('findings', () => {
  it('stand once each, the newest event first, as they were told last', () => {
    const asked = [finding('b', 20), finding('a', 10), finding('b', 20), finding('c', 30)];
    const list = joined(asked, [finding('a', 10, 'superseded by x'), finding('x', 11)], false);
    expect(ids(list)).toBe('c b x a');
    expect(list.find((f) => f.id === 'a')?.standing).toBe('superseded by x');
  });

  it('that lie before what is known wait until it is asked for', () => {
    const told = [finding('old', 1), finding('new', 40), finding('a', 10, 'half-signed')];
    expect(ids(joined([finding('b', 20), finding('a', 10)], told, true))).toBe('new b a');
    expect(ids(joined([finding('b', 20), finding('a', 10)], told, false))).toBe('new b a old');
    expect(ids(joined([], told, false))).toBe('new a old');
  });

  it('that wait for a key are kept from before the list, as long as they wait', () => {
    const list = [finding('b', 20), finding('a', 10)];
    const before = [finding('a', 10), finding('w', 5), finding('v', 4, 'half-signed: x')];
    expect(ids(waitingBefore(list, before, []))).toBe('w v');
    const told = [finding('w', 5, 'determined'), finding('v', 4, 'half-signed: y'), finding('u', 3), finding('t', 2, 'dissented')];
    expect(ids(waitingBefore(list, before, told))).toBe('v u');
  });
});
