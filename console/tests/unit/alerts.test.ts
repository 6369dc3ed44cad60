import { describe, expect, it } from 'vitest';
import { grouped, groupText } from '../../src/lib/alerts';
import type { Alert } from '../../src/lib/types';

const alert = (id: string, at: string, more: Partial<Alert> = {}): Alert => ({
  id,
  at: `2021-03-14T${at}Z`,
  kind: 'finding',
  severity: 'alarm',
  text: { id: 'finding.put', args: { kind: 'mortar', verdict: 'north' } },
  ...more,
});

describe('alerts in groups', () => {
  it('stand together when one look answers them, the gravest first, then the newest', () => {
    const south = { id: 'finding.put', args: { kind: 'mortar', verdict: 'south' } };
    const lost = (feed: string): Partial<Alert> => ({ kind: 'feed', severity: 'warning', feed, text: { id: 'feed.lost', args: { why: 'closed' } } });
    const list = [
      alert('a', '09:00:00'),
      alert('b', '09:05:00', lost('uav-1')),
      alert('c', '09:01:00', { text: south }),
      alert('d', '09:06:00', lost('uav-2')),
      alert('e', '09:02:00'),
    ];
    const groups = grouped(list);
    expect(groups.map((g) => g.all.map((a) => a.id))).toEqual([['e', 'a'], ['c'], ['d'], ['b']]);
    expect(groups[0]?.first.id).toBe('e');
    // However they come, none is left out.
    expect(grouped([...list].reverse()).flatMap((g) => g.all.map((a) => a.id)).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('never hide a graver one behind another', () => {
    const groups = grouped([alert('a', '09:00:00', { severity: 'notice' }), alert('b', '08:00:00')]);
    expect(groups.map((g) => g.first.severity)).toEqual(['alarm', 'notice']);
  });

  it('say how many and since when, or the alert itself when it is alone', () => {
    const [many] = grouped([alert('a', '09:00:00'), alert('b', '09:05:00')]);
    const [one] = grouped([alert('a', '09:00:00')]);
    if (!many || !one) throw new Error('no group');
    expect(groupText(many)).toContain('2');
    expect(groupText(many)).toContain(groupText(one));
  });
});
