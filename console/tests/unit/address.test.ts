import { describe, expect, it } from 'vitest';
import { address, baseOf, keptUnder } from '../../src/lib/address';

describe('addresses', () => {
  it('begin where the page of this theatre lies', () => {
    expect(baseOf('/console/')).toBe('/');
    expect(baseOf('/t/idlib-2020/console/')).toBe('/t/idlib-2020/');
    expect(baseOf('/t/idlib-2020/console/index.html')).toBe('/t/idlib-2020/');
    expect(baseOf('/')).toBe('/');
  });

  it('keep a theatre’s own things apart, and the only one’s under their plain names', () => {
    expect(address('/api/findings')).toBe('/api/findings');
    expect(keptUnder('truceline.x')).toBe('truceline.x');
  });
});
