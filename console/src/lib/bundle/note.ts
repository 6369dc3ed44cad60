// C2SP signed notes (c2sp.org/signed-note), with cosignatures (c2sp.org/tlog-cosignature).

import { base64, hex, joined, sha256, utf8, type Bytes } from './bytes';

const SIGNATURE = 1;
const COSIGNATURE = 4;

export interface Key {
  name: string;
  /** Hexadecimal, four bytes. */
  id: string;
  kind: number;
  raw: Bytes;
  line: string;
}

/** Reads verifier keys, one a line; a key whose id is not that of its name and bytes is refused. */
export async function readKeys(text: string): Promise<Key[]> {
  const keys: Key[] = [];
  for (const line of text.split(/\s+/).filter(Boolean)) {
    const [name, id, ...rest] = line.split('+');
    if (!name || !id || rest.length === 0) throw new Error(`«${line.slice(0, 40)}» is no verifier key`);
    // Base64 has plus signs of its own.
    const data = base64(rest.join('+'));
    const digest = await sha256(joined(utf8(`${name}\n`), data));
    if (hex(digest.subarray(0, 4)) !== id) throw new Error(`the key of ${name} has another id`);
    keys.push({ name, id, kind: data[0] ?? 0, raw: data.slice(1), line });
  }
  return keys;
}

/** The first 32 hexadecimal digits of the SHA-256 of a key's line, to be compared by voice. */
export async function fingerprint(key: Key): Promise<string> {
  return hex(await sha256(utf8(key.line))).slice(0, 32);
}

export interface Signed {
  key: Key;
  /** Seconds since 1970 of a cosignature. */
  time_s: number | null;
}

/** The text of a note and who signed it; anything wrong or unknown is refused. */
export async function open(note: string, keys: readonly Key[]): Promise<{ text: string; signed: Signed[] }> {
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0) throw new Error('a note without signatures');
  const text = note.slice(0, cut + 1);
  const signed: Signed[] = [];
  for (const line of note.slice(cut + 2).split('\n').filter(Boolean)) {
    const found = /^— (\S+) (\S+)$/.exec(line);
    if (!found) throw new Error(`«${line.slice(0, 40)}» is no signature`);
    const [, name = '', encoded = ''] = found;
    const raw = base64(encoded);
    const key = keys.find((k) => k.name === name && k.id === hex(raw.subarray(0, 4)));
    if (!key) throw new Error(`a signature by ${name}, which is not among the keys`);
    signed.push(await check(key, raw, text));
  }
  return { text, signed };
}

async function check(key: Key, raw: Bytes, text: string): Promise<Signed> {
  let [message, signature, time_s]: [Bytes, Bytes, number | null] = [utf8(text), raw.slice(4), null];
  if (key.kind === COSIGNATURE) {
    const view = new DataView(raw.buffer, raw.byteOffset + 4, 8);
    time_s = Number(view.getBigUint64(0));
    signature = raw.slice(12);
    message = joined(utf8(`cosignature/v1\ntime ${time_s}\n`), message);
  } else if (key.kind !== SIGNATURE) {
    throw new Error(`the key of ${key.name} is of a kind that is not known here`);
  }
  const imported = await crypto.subtle.importKey('raw', key.raw, 'Ed25519', false, ['verify']);
  const good = await crypto.subtle.verify('Ed25519', imported, signature, message);
  if (!good) throw new Error(`the signature by ${key.name} is wrong`);
  return { key, time_s };
}
