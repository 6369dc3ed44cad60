// Reads a ZIP file (APPNOTE.TXT 6.3): what an evidence bundle needs of it, and no more. Bundles are stored without compression; a
// compressed member is refused, as `docs/verify.md` says why.

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_COMMENT = 65_535;
const MAX_FILES = 100_000;
/** ZIP's mark for «see the ZIP64 record». */
const ZIP64 = 0xffff_ffff;

/** The files of an archive by their names. */
export function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (start === ZIP64 || count > MAX_FILES) throw new Error('the archive is larger than a bundle can be here');
  const files = new Map<string, Uint8Array>();
  let at = start;
  for (let i = 0; i < count; i += 1) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw new Error('the archive’s directory is damaged');
    const method = view.getUint16(at + 10, true);
    const crc = view.getUint32(at + 16, true);
    const size = view.getUint32(at + 24, true);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => view.getUint16(at + o, true)) as [number, number, number];
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (method !== 0 || view.getUint32(at + 20, true) !== size) throw new Error(`${name} is compressed; a bundle never is`);
    if (files.has(name)) throw new Error(`${name} is there twice`);
    files.set(name, member(view, bytes, local, size, crc, name));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

function endOf(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - 22 - MAX_COMMENT);
  for (let at = view.byteLength - 22; at >= lowest; at -= 1) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw new Error('this is no ZIP file');
}

function member(view: DataView, bytes: Uint8Array, local: number, size: number, crc: number, name: string): Uint8Array {
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== LOCAL) throw new Error(`${name} is damaged`);
  const title = new TextDecoder().decode(bytes.subarray(local + 30, local + 30 + view.getUint16(local + 26, true)));
  if (title !== name || view.getUint16(local + 8, true) !== 0) throw new Error(`${name} is told otherwise in two places of the archive`);
  const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const data = bytes.subarray(from, from + size);
  if (data.byteLength !== size || crc32(data) !== crc) throw new Error(`${name}: its checksum does not fit`);
  return data;
}

let table: Uint32Array | null = null;

/** CRC-32 (ISO 3309), bit-reversed polynomial 0xEDB88320. */
export function crc32(data: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let c = 0xffff_ffff;
  for (const byte of data) c = (table[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8);
  return (c ^ 0xffff_ffff) >>> 0;
}
