// Puts the built console where the server's build embeds it: each file as it is, and texts in brotli and gzip too.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, 'dist');
const to = join(here, '..', 'crates', 'console', 'dist');
const OURS = ['README.md', '.gitignore'];
const TEXT = /\.(html|js|mjs|css|svg|geojson)$/;

for (const name of readdirSync(to)) if (!OURS.includes(name)) rmSync(join(to, name), { recursive: true });
let bytes = 0;
for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const source = join(entry.parentPath, entry.name);
  const target = join(to, source.slice(from.length));
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target);
  if (!TEXT.test(entry.name)) continue;
  const text = readFileSync(source);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  writeFileSync(`${target}.br`, brotliCompressSync(text, quality));
  const gzip = gzipSync(text, { level: 9 });
  writeFileSync(`${target}.gz`, gzip);
  if (/assets\/index-.*\.(js|css)$/.test(target)) bytes += gzip.byteLength;
}
// The page before the map: script and style that are loaded first.
const MOST = 400 * 1024;
console.log(`console: ${(bytes / 1024).toFixed(0)} kB gzipped before the map`);
if (bytes > MOST) throw new Error(`more than ${MOST / 1024} kB are loaded before the map`);
