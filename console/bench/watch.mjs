// How soon the watch is there, and how it moves: `npm run bench:watch -- URL CODE`, CODE an invitation that was not used (`truceline person invite`).
// Prints one table. Frames are drawn without a graphics card (SwiftShader), so that their rate is a lower bound; what the main thread needs for one
// is the same with a card.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const LOADS = 7;
const PAN_S = 8;
const SHELL = '/usr/bin/chromium-headless-shell';
const [url, code] = process.argv.slice(2);
if (!url || !code) {
  console.error('usage: npm run bench:watch -- URL CODE');
  process.exit(2);
}

const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];
const share = (all, p) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * p))];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? (existsSync(SHELL) ? SHELL : '/usr/bin/chromium'),
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
const page = await context.newPage();
const cdp = await context.newCDPSession(page);
await cdp.send('WebAuthn.enable');
await cdp.send('WebAuthn.addVirtualAuthenticator', {
  options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
});
await page.goto(`${url}/console/#/invitation/${code}`);
await page.locator('.box button.main').click();
await page.locator('nav').waitFor();

// When something is first seen: the frame after it is in the document.
await page.addInitScript(() => {
  const wanted = { useful: 'nav a, #tab-alerts', map: 'canvas.maplibregl-canvas' };
  globalThis.seen = {};
  const look = () => {
    for (const [name, selector] of Object.entries(wanted)) if (!(name in globalThis.seen) && document.querySelector(selector)) globalThis.seen[name] = performance.now();
    if (Object.keys(wanted).some((name) => !(name in globalThis.seen))) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
const loads = [];
for (let i = 0; i < LOADS; i += 1) {
  await page.goto(`${url}/console/?load=${i}#/watch`);
  await page.locator('canvas.maplibregl-canvas').waitFor();
  await page.locator('#tab-alerts').waitFor();
  await page.waitForTimeout(1500);
  loads.push(await page.evaluate(() => ({ ...globalThis.seen, paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime })));
}

// All that ever happened, on one map.
await page.locator('summary, button').filter({ hasText: 'Layers' }).first().click();
const hours = page.locator('label.hours select');
await hours.selectOption({ index: (await hours.locator('option').count()) - 1 });
await page.keyboard.press('Escape');
await page.waitForTimeout(15_000);
await page.screenshot({ path: process.env.PICTURE ?? 'bench/watch.png' });

/** Frames while the mouse draws the map about, and what the main thread did. */
async function panned() {
  const box = await page.locator('canvas.maplibregl-canvas').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.evaluate(() => {
    globalThis.frames = [];
    let last = performance.now();
    const next = (now) => {
      globalThis.frames.push(now - last);
      last = now;
      globalThis.going = requestAnimationFrame(next);
    };
    globalThis.going = requestAnimationFrame(next);
  });
  const metrics = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
  await cdp.send('Performance.enable');
  const before = await metrics();
  await page.mouse.move(x, y);
  await page.mouse.down();
  const until = Date.now() + PAN_S * 1000;
  for (let i = 0; Date.now() < until; i += 1) await page.mouse.move(x + 220 * Math.sin(i / 40), y + 120 * Math.sin(i / 55));
  await page.mouse.up();
  const after = await metrics();
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(globalThis.going);
    return globalThis.frames.slice(2);
  });
  const main_ms = ((after.TaskDuration - before.TaskDuration) * 1000) / frames.length;
  return { fps: (1000 * frames.length) / frames.reduce((a, b) => a + b, 0), p50: median(frames), p95: share(frames, 0.95), main_ms };
}
const rows = [
  ['first paint, ms (median, most)', `${median(loads.map((l) => l.paint)).toFixed(0)}, ${Math.max(...loads.map((l) => l.paint)).toFixed(0)}`],
  ['navigation and lists, ms', `${median(loads.map((l) => l.useful)).toFixed(0)}, ${Math.max(...loads.map((l) => l.useful)).toFixed(0)}`],
  ['map, ms', `${median(loads.map((l) => l.map)).toFixed(0)}, ${Math.max(...loads.map((l) => l.map)).toFixed(0)}`],
];
const still = async (name) => {
  const { fps, p50, p95, main_ms } = await panned();
  rows.push([`panning, ${name}: frames/s; ms between, p50, p95; main thread ms a frame`, `${fps.toFixed(0)}; ${p50.toFixed(1)}, ${p95.toFixed(1)}; ${main_ms.toFixed(1)}`]);
};
await still('home view');
for (let i = 0; i < 3; i += 1) await page.mouse.wheel(0, -400), await page.waitForTimeout(400);
await page.waitForTimeout(8000);
await page.screenshot({ path: (process.env.PICTURE ?? 'bench/watch.png').replace('.png', '-near.png') });
await still('near');
console.log('| | |\n|---|---|');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
await browser.close();
