// Makes small evidence bundles, as docs/verify.md describes them, with keys of its own: to be checked, and to be broken on purpose.

import { crc32 } from '../../src/lib/bundle/zip';
import { hex, joined, sha256, utf8, type Bytes } from '../../src/lib/bundle/bytes';

const ORIGIN = 'joint-centre.example/line';
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

class Signer {
  private constructor(
    readonly name: string,
    readonly line: string,
    private readonly id: Bytes,
    private readonly key: CryptoKey,
    private readonly kind: number,
  ) {}

  static async make(name: string, kind = 1): Promise<Signer> {
    const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    const raw = joined(Uint8Array.of(kind), new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
    const id = (await sha256(joined(utf8(`${name}\n`), raw))).slice(0, 4);
    return new Signer(name, `${name}+${hex(id)}+${base64(raw)}`, id, pair.privateKey, kind);
  }

  async line_over(text: string): Promise<string> {
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, 1_700_000_000n);
    const message = this.kind === 4 ? utf8(`cosignature/v1\ntime 1700000000\n${text}`) : utf8(text);
    const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', this.key, message));
    const bytes = this.kind === 4 ? joined(this.id, time, signature) : joined(this.id, signature);
    return `— ${this.name} ${base64(bytes)}\n`;
  }

  async note(text: string): Promise<string> {
    return `${text}\n${await this.line_over(text)}`;
  }
}

/** RFC 6962's tree over leaves: its root, and the path of each leaf. */
async function tree(leaves: Bytes[]): Promise<{ root: Bytes; paths: Bytes[][] }> {
  const [only] = leaves;
  if (leaves.length === 1 && only) return { root: only, paths: [[]] };
  const left = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [a, b] = [await tree(leaves.slice(0, left)), await tree(leaves.slice(left))];
  const root = await sha256(joined(Uint8Array.of(1), a.root, b.root));
  return { root, paths: [...a.paths.map((p) => [...p, b.root]), ...b.paths.map((p) => [...p, a.root])] };
}

/** ES256's raw numbers as DER, as authenticators give them. */
function der(raw: Uint8Array): Bytes {
  const number = (part: Uint8Array): Bytes => {
    let at = 0;
    while (at < part.length - 1 && part[at] === 0) at += 1;
    const trimmed = part.slice(at);
    const value = (trimmed[0] ?? 0) >= 0x80 ? joined(Uint8Array.of(0), trimmed) : trimmed;
    return joined(Uint8Array.of(2, value.length), value);
  };
  const body = joined(number(raw.slice(0, 32)), number(raw.slice(32)));
  return joined(Uint8Array.of(0x30, body.length), body);
}

export interface Made {
  files: Map<string, Uint8Array>;
  keys: string;
}

export interface Wish {
  /** Who signs: by key or passkey. */
  east: 'key' | 'webauthn' | null;
  west: 'key' | 'dissent' | null;
  /** Nobody vouches for the passkey. */
  unvouched?: boolean;
  /** The passkey answers to another text. */
  otherText?: boolean;
}

/** A bundle of a finding, with an evidence file, agreement and procedures. */
export async function make(wish: Wish): Promise<Made> {
  const log = await Signer.make(ORIGIN);
  const witnesses = [await Signer.make(`${ORIGIN}/witness/east`, 4), await Signer.make(`${ORIGIN}/witness/west`, 4)];
  const [east, west] = [await Signer.make(`${ORIGIN}/officer/east/a`), await Signer.make(`${ORIGIN}/officer/west/b`)];
  const files = new Map<string, Uint8Array>();
  const put = async (folder: string, text: string, ending: string): Promise<string> => {
    const digest = hex(await sha256(utf8(text)));
    files.set(`${folder}/${digest}.${ending}`, utf8(text));
    return digest;
  };
  const finding = JSON.stringify({ id: 'F-1', event: { kind: 'mortar', p: { north: 0.99, none: 0.01 } } });
  const digest = hex(await sha256(utf8(finding)));
  const agreement = await put('documents', 'agreement', 'md');
  const procedures = await put('documents', 'procedures', 'md');
  const evidence = await put('evidence', '{"id":"o1"}\n', 'ndjson');
  const entries: { type: string; body: Record<string, unknown> }[] = [
    { type: 'document', body: { sha256: agreement } },
    { type: 'document', body: { sha256: procedures } },
    { type: 'batch', body: { sha256: evidence } },
    { type: 'finding', body: { id: 'F-1', sha256: digest, agreement_sha256: [agreement], procedures_sha256: procedures, sending_states: ['east', 'west'] } },
  ];
  const text = (decision: string, reason?: string): string =>
    `truceline/finding/v1\n${ORIGIN}\nF-1\n${digest}\n${decision}\n${reason === undefined ? '' : `reason: ${reason}\n`}`;
  const signed = async (signer: Signer, state: string, decision: string, reason?: string): Promise<void> => {
    const body = { finding: 'F-1', sha256: digest, decision, state, key_name: signer.name, ...(reason ? { reason } : {}) };
    entries.push({ type: 'signature', body: { ...body, note: await signer.note(text(decision, reason)) } });
  };
  if (wish.east === 'key') await signed(east, 'east', 'determined');
  if (wish.east === 'webauthn') await passkey(entries, wish, east, digest, wish.otherText ? text('dissent', 'no') : text('determined'));
  if (wish.west === 'key') await signed(west, 'west', 'determined');
  if (wish.west === 'dissent') await signed(west, 'west', 'dissent', 'too far');
  entries.push({ type: 'judgement', body: {} });

  const leaves = await Promise.all(entries.map((e) => sha256(joined(Uint8Array.of(0), utf8(JSON.stringify(e))))));
  const { root, paths } = await tree(leaves);
  const head = `${ORIGIN}\n${entries.length}\n${base64(root)}\n`;
  const cosigned = (await Promise.all(witnesses.map((w) => w.line_over(head)))).join('');
  const checkpoint = `${head}\n${await log.line_over(head)}${cosigned}`;
  files.set('checkpoint', utf8(checkpoint));
  files.set('finding.json', utf8(finding));
  files.set('bundle.json', utf8(JSON.stringify({ finding: 'F-1' })));
  entries.forEach((entry, i) => {
    const number = String(i).padStart(12, '0');
    files.set(`entries/${number}.json`, utf8(JSON.stringify(entry)));
    const path = (paths[i] ?? []).map((p) => `${base64(p)}\n`).join('');
    files.set(`proofs/${number}.tlog-proof`, utf8(`c2sp.org/tlog-proof@v1\nindex ${i}\n${path}\n${checkpoint}`));
    if (entry.type === 'signature' && typeof entry.body['note'] === 'string') files.set(`signatures/${number}.note`, utf8(entry.body['note']));
  });
  const keys = [log, ...witnesses, east, west].map((s) => s.line).join('\n');
  files.set('vkeys', utf8(keys));
  return { files, keys };
}

async function passkey(entries: { type: string; body: Record<string, unknown> }[], wish: Wish, voucher: Signer, digest: string, text: string): Promise<void> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  const [person, credential] = ['c', 'Y3JlZA'];
  entries.push({ type: 'person', body: { person, state: 'east' } });
  entries.push({ type: 'passkey', body: { person, credential, public_key: base64(spki), rp_id: 'centre.example' } });
  if (!wish.unvouched) {
    const vouched = `truceline/passkey/v1\n${ORIGIN}\neast/${person}\n${credential}\n${hex(await sha256(spki))}\n`;
    entries.push({ type: 'voucher', body: { person, credential, note: await voucher.note(vouched) } });
  }
  const client = utf8(JSON.stringify({ type: 'webauthn.get', challenge: base64url(await sha256(utf8(text))), origin: 'https://centre.example' }));
  const data = joined(await sha256(utf8('centre.example')), Uint8Array.of(5, 0, 0, 0, 1));
  const message = joined(data, await sha256(client));
  const raw = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, message));
  const assertion = { credential, authenticator_data: base64url(data), client_data: base64url(client), signature: base64url(der(raw)) };
  const body = { finding: 'F-1', sha256: digest, decision: 'determined', state: 'east', key_name: `${ORIGIN}/officer/east/${person}`, method: 'webauthn', assertion };
  entries.push({ type: 'signature', body });
}

/** The files as a ZIP archive without compression, their sums made anew unless they are there already. */
export async function zip({ files }: Pick<Made, 'files'>): Promise<Uint8Array> {
  const all = new Map(files);
  if (!all.has('SHA256SUMS')) {
    const lines = await Promise.all([...files].map(async ([name, bytes]) => `${hex(await sha256(bytes))}  ${name}\n`));
    all.set('SHA256SUMS', utf8(lines.join('')));
  }
  const locals: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of all) {
    const title = utf8(name);
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true);
    common.setUint32(10, crc32(bytes), true);
    common.setUint32(14, bytes.byteLength, true);
    common.setUint32(18, bytes.byteLength, true);
    common.setUint16(22, title.byteLength, true);
    const fields = new Uint8Array(common.buffer);
    const local = joined(Uint8Array.of(0x50, 0x4b, 3, 4), fields, title, bytes);
    const offset = new Uint8Array(4);
    new DataView(offset.buffer).setUint32(0, at, true);
    central.push(joined(Uint8Array.of(0x50, 0x4b, 1, 2, 20, 0), fields, new Uint8Array(10), offset, title));
    locals.push(local);
    at += local.byteLength;
  }
  const directory = joined(...central);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, all.size, true);
  end.setUint16(10, all.size, true);
  end.setUint32(12, directory.byteLength, true);
  end.setUint32(16, at, true);
  return joined(...locals, directory, new Uint8Array(end.buffer));
}
