// Checks an evidence bundle, offline, as docs/verify.md says step by step and docs/verify_bundle.py does in Python. It shares no code with the
// program that wrote the bundle.

import { base64, hex, joined, same, sha256, textOf, type Bytes } from './bytes';
import { open, readKeys, type Key } from './note';
import { checkAssertion, checkVoucher, type Assertion, type Passkey } from './passkey';
import { unzip } from './zip';

interface Entry {
  type: string;
  body: Record<string, unknown>;
}

export interface Decision {
  name: string;
  state: string;
  decision: 'determined' | 'dissent';
  reason: string | null;
  /** How: an officer's key, a passkey (with who vouches), or an exercise's, which is nobody's word. */
  method: 'key' | 'webauthn' | 'exercise';
  voucher: string | null;
}

export interface Checked {
  finding: string;
  document: Record<string, unknown>;
  origin: string;
  size: number;
  entries: number;
  witnesses: { name: string; time_s: number }[];
  decisions: Decision[];
  isDetermined: boolean;
  states: string[];
  /** Where the keys came from. */
  keysFrom: 'yours' | 'bundle';
  keys: Key[];
}

/** Thrown when something does not fit; the message says what. */
export class Faulty extends Error {}

function check(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Faulty(why);
}

type Files = ReadonlyMap<string, Uint8Array>;

function file(files: Files, name: string): Uint8Array {
  const found = files.get(name);
  if (!found) throw new Faulty(`${name} is missing`);
  return found;
}

/**
 * Checks a bundle against keys that somebody trusts, or, without any, against its own: then it only agrees with itself.
 * @throws {Faulty} at the first thing that is wrong.
 */
export async function verify(bundle: Uint8Array, trusted: string | null, quorum: number): Promise<Checked> {
  const files = archive(bundle);
  await sums(files);
  const enclosed = textOf(file(files, 'vkeys'));
  const keys = await readKeys(trusted ?? enclosed);
  if (trusted !== null) {
    const known = new Set(keys.map((k) => k.line));
    for (const line of enclosed.split(/\s+/).filter(Boolean)) check(known.has(line), `vkeys has a key that is not yours: ${line.split('+')[0] ?? ''}`);
  }
  const head = await checkpoint(files, keys, quorum);
  const entries = await logged(files, head);
  const manifest = JSON.parse(textOf(file(files, 'bundle.json'))) as { finding: string };
  const body = await contents(files, entries, manifest.finding);
  const decisions = await signatures(files, entries, manifest.finding, String(body['sha256']), head.origin, keys);
  const states = body['sending_states'] as string[];
  const have = new Set(decisions.filter((d) => d.decision === 'determined').map((d) => d.state));
  return {
    finding: manifest.finding,
    document: JSON.parse(textOf(file(files, 'finding.json'))) as Record<string, unknown>,
    origin: head.origin,
    size: head.size,
    entries: entries.size,
    witnesses: head.witnesses,
    decisions,
    isDetermined: states.length > 1 && states.every((s) => have.has(s)),
    states,
    keysFrom: trusted === null ? 'bundle' : 'yours',
    keys,
  };
}

function archive(bundle: Uint8Array): Files {
  try {
    return unzip(bundle);
  } catch (error) {
    throw new Faulty(error instanceof Error ? error.message : String(error));
  }
}

/** Every file once in SHA256SUMS, and as it says. */
async function sums(files: Files): Promise<void> {
  const lines = textOf(file(files, 'SHA256SUMS')).split('\n').filter(Boolean);
  const stated = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  check(stated.size === files.size - 1, 'SHA256SUMS does not list every file');
  for (const [name, digest] of stated) check(hex(await sha256(file(files, name))) === digest, `${name} has another SHA-256 than SHA256SUMS says`);
}

interface Head {
  note: string;
  origin: string;
  size: number;
  root: Bytes;
  witnesses: { name: string; time_s: number }[];
}

async function checkpoint(files: Files, keys: readonly Key[], quorum: number): Promise<Head> {
  const note = textOf(file(files, 'checkpoint'));
  const { text, signed } = await guarded(open(note, keys));
  const [origin = '', size = '', root = ''] = text.split('\n');
  check(signed.some((s) => s.key.name === origin && s.time_s === null), 'the log has not signed its checkpoint');
  const witnesses = new Map<string, number>();
  for (const s of signed) if (s.time_s !== null && s.time_s > 0) witnesses.set(s.key.name, s.time_s);
  check(witnesses.size >= quorum, `${witnesses.size} cosignatures, ${quorum} are asked for`);
  return { note, origin, size: Number(size), root: base64(root), witnesses: [...witnesses].map(([name, time_s]) => ({ name, time_s })) };
}

async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') throw new Faulty('this browser cannot check Ed25519 signatures; use a newer one');
    throw error instanceof Faulty ? error : new Faulty(error instanceof Error ? error.message : String(error));
  }
}

/** RFC 6962, 2.1.1: the root that a leaf's hash and its path lead to. */
async function rootOf(leaf: Bytes, index: number, size: number, path: Bytes[]): Promise<Bytes | null> {
  if (size === 1) return path.length === 0 ? leaf : null;
  const last = path.at(-1);
  if (!last) return null;
  const left = 2 ** Math.floor(Math.log2(size - 1));
  const node = Uint8Array.of(1);
  if (index < left) {
    const below = await rootOf(leaf, index, left, path.slice(0, -1));
    return below && sha256(joined(node, below, last));
  }
  const below = await rootOf(leaf, index - left, size - left, path.slice(0, -1));
  return below && sha256(joined(node, last, below));
}

/** Each entry is in the log under the checkpoint. */
async function logged(files: Files, head: Head): Promise<Map<number, Entry>> {
  const entries = new Map<number, Entry>();
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith('entries/')) continue;
    const number = /^entries\/(\d{12})\.json$/.exec(name)?.[1];
    check(number !== undefined, `${name} is no entry’s name`);
    const proof = textOf(file(files, `proofs/${number}.tlog-proof`));
    const cut = proof.indexOf('\n\n');
    const [header, index, ...path] = proof.slice(0, cut).split('\n');
    check(header === 'c2sp.org/tlog-proof@v1' && index === `index ${Number(number)}`, `the proof of ${name} is of something else`);
    check(proof.slice(cut + 2) === head.note, `the proof of ${name} leads to another checkpoint`);
    const leaf = await sha256(joined(Uint8Array.of(0), bytes));
    const root = Number(number) < head.size ? await rootOf(leaf, Number(number), head.size, path.map(base64)) : null;
    check(root !== null && same(root, head.root), `${name} is not in the log`);
    entries.set(Number(number), JSON.parse(textOf(bytes)) as Entry);
  }
  return entries;
}

/** What entries name is enclosed, and nothing else. Returns the finding's entry. */
async function contents(files: Files, entries: ReadonlyMap<number, Entry>, wanted: string): Promise<Record<string, unknown>> {
  const all = [...entries.values()];
  const finding = all.find((e) => e.type === 'finding' && e.body['id'] === wanted)?.body;
  check(finding !== undefined, `the log’s entry of ${wanted} is missing`);
  check(hex(await sha256(file(files, 'finding.json'))) === finding['sha256'], 'finding.json is not the finding in the log');
  const NAMING = ['batch', 'segment', 'document', 'finding', 'still'];
  const named = new Set(all.filter((e) => NAMING.includes(e.type)).map((e) => String(e.body['sha256'])));
  const deleted = new Set(all.filter((e) => e.type === 'deletion').flatMap((e) => e.body['sha256'] as string[]));
  const enclosed = new Set<string>();
  for (const [name, bytes] of files) {
    if (!/^(evidence|documents)\//.test(name)) continue;
    const digest = hex(await sha256(bytes));
    check(named.has(digest), `${name} is named by no entry`);
    enclosed.add(digest);
  }
  for (const digest of named) {
    check(enclosed.has(digest) || deleted.has(digest) || digest === finding['sha256'], `${digest.slice(0, 12)}…, which an entry names, is not enclosed`);
  }
  const needed = [...(finding['agreement_sha256'] as string[]), finding['procedures_sha256'] as string].filter(Boolean);
  for (const digest of needed) check(enclosed.has(digest), 'the agreement or the procedures are not enclosed');
  return finding;
}

/** What officers signed; the first decision of each counts. */
async function signatures(files: Files, entries: ReadonlyMap<number, Entry>, wanted: string, digest: string, origin: string, keys: readonly Key[]): Promise<Decision[]> {
  const said = new Map<string, Decision>();
  for (const [number, entry] of entries) {
    if (entry.type !== 'signature' || entry.body['finding'] !== wanted) continue;
    const decision = await guarded(signature(files, entries, number, entry.body, { wanted, digest, origin }, keys));
    if (!said.has(decision.name)) said.set(decision.name, decision);
  }
  return [...said.values()];
}

interface Of {
  wanted: string;
  digest: string;
  origin: string;
}

async function signature(files: Files, entries: ReadonlyMap<number, Entry>, number: number, body: Record<string, unknown>, of: Of, keys: readonly Key[]): Promise<Decision> {
  const decision = body['decision'] as Decision['decision'];
  const reason = (body['reason'] as string | undefined) ?? null;
  const expected = `truceline/finding/v1\n${of.origin}\n${of.wanted}\n${of.digest}\n${decision}\n${decision === 'dissent' ? `reason: ${reason ?? ''}\n` : ''}`;
  const method = (body['method'] as Decision['method'] | undefined) ?? 'key';
  const assertion = body['assertion'] as Assertion | undefined;
  let [name, voucher]: [string, string | null] = [String(body['key_name']), null];
  const parts = name.startsWith(`${of.origin}/officer/`) ? name.slice(`${of.origin}/officer/`.length).split('/') : [];
  const [state, person] = parts;
  check(parts.length === 2 && state !== undefined && person !== undefined, `${name} is no officer’s name`);
  if (method === 'webauthn') {
    check(assertion !== undefined && body['note'] === undefined, `the signature ${number} has no assertion`);
    const before = [...entries].filter(([n]) => n < number).map(([, e]) => e);
    const passkey = before.find((e) => e.type === 'passkey' && e.body['credential'] === assertion.credential && e.body['person'] === person)?.body as unknown as Passkey | undefined;
    check(passkey !== undefined, `the passkey of ${person} is not enclosed`);
    check(before.some((e) => e.type === 'person' && e.body['person'] === person && e.body['state'] === state), `${person} is no person of ${state}`);
    const revoked = before.some((e) => e.type === 'revocation' && e.body['person'] === person && (e.body['credential'] ?? passkey.credential) === passkey.credential);
    check(!revoked, `the passkey of ${person} was revoked`);
    const vouched = before.find((e) => e.type === 'voucher' && e.body['credential'] === passkey.credential);
    check(vouched !== undefined, `nobody vouches for the passkey of ${person}`);
    voucher = await checkVoucher(String(vouched.body['note']), of.origin, state, passkey, keys);
    await checkAssertion(assertion, passkey, expected);
  } else {
    check(assertion === undefined, `the signature ${number} has an assertion and says ${method}`);
    const loose = `signatures/${String(number).padStart(12, '0')}.note`;
    check(textOf(file(files, loose)) === body['note'], `${loose} is another note than in its entry`);
    const { text, signed } = await open(String(body['note']), keys);
    check(text === expected && signed.length === 1 && signed[0]?.time_s === null, `${loose} is over another text`);
    name = signed[0]?.key.name ?? name;
    check(name === body['key_name'], `${loose} is by another key than its entry says`);
  }
  return { name, state, decision, reason, method, voucher };
}
