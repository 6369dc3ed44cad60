// A passkey's assertion over a finding's text (W3C Web Authentication Level 3, section 7.2), and who vouches for the passkey.

import { base64, base64url, hex, joined, same, sha256, textOf, utf8, type Bytes } from './bytes';
import { open, type Key } from './note';

export interface Assertion {
  credential: string;
  authenticator_data: string;
  client_data: string;
  signature: string;
}

export interface Passkey {
  person: string;
  credential: string;
  /** SubjectPublicKeyInfo, base64. */
  public_key: string;
  rp_id: string;
}

const USER_PRESENT = 1;
const USER_VERIFIED = 4;
/** DER of a SubjectPublicKeyInfo before a point of P-256 (RFC 5480). */
const P256 = '3059301306072a8648ce3d020106082a8648ce3d030107034200';

/** Checks that the passkey's holder answered to the SHA-256 of exactly this text. */
export async function checkAssertion(assertion: Assertion, passkey: Passkey, text: string): Promise<void> {
  const client = base64url(assertion.client_data);
  const data = base64url(assertion.authenticator_data);
  const said = JSON.parse(textOf(client)) as { type?: string; challenge?: string; origin?: string; crossOrigin?: boolean };
  if (said.type !== 'webauthn.get') throw new Error('the passkey’s answer is of another type');
  if (!said.challenge || !same(base64url(said.challenge), await sha256(utf8(text)))) throw new Error('the passkey answered to another text');
  const host = said.origin ? new URL(said.origin).hostname : '';
  if (said.crossOrigin === true || !(host === passkey.rp_id || host.endsWith(`.${passkey.rp_id}`))) throw new Error('the passkey was used on another site');
  if (data.byteLength < 37 || !same(data.subarray(0, 32), await sha256(utf8(passkey.rp_id)))) throw new Error('the passkey’s answer is for another centre');
  const flags = data[32] ?? 0;
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) throw new Error('the passkey did not verify its person');
  const message = joined(data, await sha256(client));
  if (!(await verifies(base64(passkey.public_key), base64url(assertion.signature), message))) throw new Error('the passkey’s signature is wrong');
}

async function verifies(der: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (hex(der).startsWith(P256)) {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const key = await crypto.subtle.importKey('spki', der, algorithm, false, ['verify']);
    return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, fixed(signature), message);
  }
  const key = await crypto.subtle.importKey('spki', der, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, signature, message);
}

/** An ECDSA signature from DER (RFC 3279, section 2.2.3) to two numbers of 32 bytes. */
function fixed(der: Bytes): Bytes {
  const number = (at: number): { value: Bytes; end: number } => {
    if (der[at] !== 2) throw new Error('the passkey’s signature is damaged');
    const length = der[at + 1] ?? 0;
    const bytes = der.slice(at + 2, at + 2 + length);
    const trimmed = bytes[0] === 0 ? bytes.slice(1) : bytes;
    if (trimmed.byteLength > 32) throw new Error('the passkey’s signature is damaged');
    return { value: joined(new Uint8Array(32 - trimmed.byteLength), trimmed), end: at + 2 + length };
  };
  if (der[0] !== 0x30) throw new Error('the passkey’s signature is damaged');
  const r = number(2);
  return joined(r.value, number(r.end).value);
}

/** Checks that an officer of the state vouches for the passkey with a key of their own. */
export async function checkVoucher(note: string, origin: string, state: string, passkey: Passkey, keys: readonly Key[]): Promise<string> {
  const { text, signed } = await open(note, keys);
  const der = hex(await sha256(base64(passkey.public_key)));
  const expected = `truceline/passkey/v1\n${origin}\n${state}/${passkey.person}\n${passkey.credential}\n${der}\n`;
  if (text !== expected) throw new Error(`the voucher for ${passkey.person} is over another text`);
  const officer = signed.find((s) => s.key.name.startsWith(`${origin}/officer/${state}/`));
  if (!officer) throw new Error(`nobody of ${state} vouches for the passkey of ${passkey.person}`);
  return officer.key.name;
}
