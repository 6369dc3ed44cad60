import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/lib/bundle/bytes';
import { fingerprint, readKeys } from '../../src/lib/bundle/note';
import { verify } from '../../src/lib/bundle/verify';
import { unzip } from '../../src/lib/bundle/zip';
import { make, zip, type Made } from './bundle-maker';

/** A bundle that a centre wrote, for whoever has one at hand. */
const REAL = process.env['TRUCELINE_BUNDLE'];

async function broken(change: (made: Made) => void, wish: Parameters<typeof make>[0] = { east: 'key', west: 'key' }): Promise<string> {
  const made = await make(wish);
  change(made);
  try {
    await verify(await zip(made), made.keys, 2);
    return 'PASSED';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a bundle', () => {
  it('that is whole passes, and is determined by both states', async () => {
    const made = await make({ east: 'key', west: 'key' });
    const checked = await verify(await zip(made), made.keys, 2);
    expect(checked).toMatchObject({ finding: 'F-1', isDetermined: true, states: ['east', 'west'], keysFrom: 'yours' });
    expect(checked.witnesses).toHaveLength(2);
    expect(checked.decisions.map((d) => [d.state, d.decision])).toEqual([['east', 'determined'], ['west', 'determined']]);
  });

  it('against its own keys says so', async () => {
    expect((await verify(await zip(await make({ east: 'key', west: null })), null, 0)).keysFrom).toBe('bundle');
  });

  it('with one key, or with a dissent, is not determined', async () => {
    for (const west of [null, 'dissent'] as const) {
      const made = await make({ east: 'key', west });
      const checked = await verify(await zip(made), made.keys, 2);
      expect(checked.isDetermined).toBe(false);
      if (west) expect(checked.decisions[1]).toMatchObject({ decision: 'dissent', reason: 'too far' });
    }
  });

  it('signed by a passkey passes when an officer vouches for it', async () => {
    const made = await make({ east: 'webauthn', west: 'key' });
    const checked = await verify(await zip(made), made.keys, 2);
    expect(checked.isDetermined).toBe(true);
    expect(checked.decisions[0]).toMatchObject({ method: 'webauthn', voucher: 'joint-centre.example/line/officer/east/a' });
  });

  it('signed by a passkey fails when nobody vouches, or over another text', async () => {
    const nothing = (): void => undefined;
    expect(await broken(nothing, { east: 'webauthn', west: 'key', unvouched: true })).toMatch(/nobody vouches/);
    expect(await broken(nothing, { east: 'webauthn', west: 'key', otherText: true })).toMatch(/another text/);
  });

  it('fails when any file of it is changed, is missing, or is too many', async () => {
    const names = [...(await make({ east: 'key', west: 'key' })).files.keys()];
    for (const name of names) {
      const change = await broken(({ files }) => {
        const bytes = (files.get(name) ?? new Uint8Array()).slice();
        // A letter within the text, so that what is read stays readable where it can.
        const at = Math.floor(bytes.length / 2);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        files.set(name, bytes);
      });
      expect(change, name).not.toBe('PASSED');
      // Left out, a decision or a judgement is only not told; everything else is missed.
      if (/^entries\/0+[456]\.json$/.test(name)) continue;
      expect(await broken(({ files }) => void files.delete(name)), name).not.toBe('PASSED');
    }
    expect(await broken(({ files }) => void files.set('evidence/more.txt', utf8('more')))).toMatch(/named by no entry/);
    expect(await broken(({ files }) => void files.set('SHA256SUMS', utf8('')))).toMatch(/every file/);
  });

  it('fails with fewer witnesses than are asked for, and with keys that are not ours', async () => {
    const made = await make({ east: 'key', west: 'key' });
    const bytes = await zip(made);
    await expect(verify(bytes, made.keys, 3)).rejects.toThrow(/2 cosignatures, 3/);
    const other = await make({ east: 'key', west: 'key' });
    await expect(verify(bytes, other.keys, 2)).rejects.toThrow(/not yours/);
  });

  it('that is no archive, or a torn one, is refused in words', async () => {
    const bytes = await zip(await make({ east: 'key', west: 'key' }));
    await expect(verify(utf8('nothing'), null, 0)).rejects.toThrow(/no ZIP/);
    await expect(verify(new Uint8Array(), null, 0)).rejects.toThrow(/no ZIP/);
    for (let at = 0; at < bytes.length; at += 997) {
      const torn = bytes.slice();
      torn[at] = (torn[at] ?? 0) ^ 0x40;
      // A byte that no reader looks at (a time in a header) may differ; then nothing that is told does.
      const told = await verify(torn, null, 0).then(({ finding, isDetermined, size }) => ({ finding, isDetermined, size }), () => null);
      if (told) expect(told, `byte ${at}`).toEqual({ finding: 'F-1', isDetermined: true, size: 7 });
      expect(() => unzip(bytes.slice(0, at))).toThrow();
    }
  });

  it.skipIf(!REAL || !existsSync(REAL))('that a centre wrote passes', async () => {
    const checked = await verify(new Uint8Array(readFileSync(REAL ?? '')), null, 2);
    expect(checked.isDetermined).toBe(true);
  });
});

describe('keys', () => {
  it('have the fingerprint that docs/verify.md tells how to make', async () => {
    const { keys } = await make({ east: null, west: null });
    const [key] = await readKeys(keys);
    expect(key && (await fingerprint(key))).toMatch(/^[0-9a-f]{32}$/);
  });

  it('with another id than their own are refused', async () => {
    const { keys } = await make({ east: null, west: null });
    await expect(readKeys(keys.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).rejects.toThrow(/another id/);
    await expect(readKeys('no key')).rejects.toThrow(/no verifier key/);
  });
});
