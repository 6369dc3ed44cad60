// Chromium, driven by playwright-core: no browser is downloaded.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';

const ARTEFACTS = fileURLToPath(new URL('./artefacts/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The shell is the same engine without the windows around it: a third of the work on a machine without a graphics card. */
const SHELL = '/usr/bin/chromium-headless-shell';

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? (existsSync(SHELL) ? SHELL : '/usr/bin/chromium'),
    // The map is drawn without a graphics card.
    args: [
      ...['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
      // What is put before the server has no address, and may not ask this machine for anything else.
      ...(process.env['CONSOLE'] ? ['--disable-features=LocalNetworkAccessChecks'] : []),
    ],
  });
}

export interface Seen {
  page: Page;
  context: BrowserContext;
  /** Errors of the page, and requests to anybody else. */
  faults: string[];
}

export interface Wish {
  width?: number;
  height?: number;
  locale?: string;
  /** Language of the console, as if it was chosen before. */
  language?: string;
  theme?: 'night' | 'day';
  /** The page that is opened first: `findings`. Without a map a page is there sooner. */
  page?: string;
}

/** While pages are written: `CONSOLE=…/crates/console/dist` puts a console just built before a binary with an older one, under the same policy. */
async function overlay(context: BrowserContext): Promise<void> {
  const folder = process.env['CONSOLE'];
  if (!folder) return;
  const source = readFileSync(new URL('../../../crates/service/src/http/console.rs', import.meta.url), 'utf8');
  const policy = (/POLICY: &str = "([^"]*)"/.exec(source)?.[1] ?? '').replace(/\\\s+/g, '');
  await context.route(/\/console\/(assets\/.*)?$/, (route) => {
    const name = new URL(route.request().url()).pathname.replace(/^.*\/console\//, '') || 'index.html';
    const path = join(folder, name);
    return existsSync(path) ? route.fulfill({ path, headers: { 'content-security-policy': policy } }) : route.continue();
  });
}

/** A person's own browser: nothing is shared with another's. */
export async function person(browser: Browser, url: string, wish: Wish = {}): Promise<Seen> {
  const context = await browser.newContext({
    viewport: { width: wish.width ?? 1366, height: wish.height ?? 768 },
    locale: wish.locale ?? 'en-GB',
  });
  context.setDefaultTimeout(180_000);
  await overlay(context);
  await context.addInitScript(
    ([language, theme]) => {
      if (language) localStorage.setItem('truceline.language', language);
      if (theme) localStorage.setItem('truceline.theme', theme);
    },
    [wish.language ?? '', wish.theme ?? ''] as const,
  );
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`${error.name}: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
  });
  page.on('response', (answer) => {
    if (answer.status() >= 500 || (answer.status() >= 400 && answer.url().includes('/tiles/'))) faults.push(`${answer.status()} ${answer.url()}`);
  });
  page.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url()) && new URL(request.url()).host !== new URL(url).host) faults.push(`asked ${request.url()}`);
  });
  // A redirection is not put anything before.
  const first = process.env['CONSOLE'] ? `${url}/console/` : `${url}/`;
  await page.goto(wish.page === undefined ? first : `${url}/console/#/${wish.page}`);
  return { page, context, faults };
}

/** Plays a part of the exercise: its name says role and state in English, in every language of the console. */
export async function play(page: Page, role: string, state: string): Promise<void> {
  await page.locator('li button').filter({ hasText: new RegExp(`Exercise: (${role}), .*${state}`) }).first().click();
  await inside(page);
}

/** Waits until somebody is logged in: the pages are there to go to. */
export async function inside(page: Page): Promise<void> {
  await page.locator('nav').first().waitFor();
}

/** A passkey that says yes by itself, as a device does whose owner touches it. */
export async function authenticator(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
}

/** How many alerts somebody took note of. How many wait says less: others come meanwhile. */
export function taken(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const answer = (await (await fetch('/api/alerts?limit=1000')).json()) as { items: { acknowledged: unknown }[] };
    return answer.items.filter((alert) => alert.acknowledged).length;
  });
}

/** Waits until the map is there and a video is live. */
export async function watching(page: Page): Promise<void> {
  await page.locator('canvas.maplibregl-canvas').waitFor();
  await page.locator('.tile .state.good').first().waitFor();
}

/** Opens the oldest finding that waits for both keys: no live feed takes its place meanwhile. */
export async function openFinding(page: Page): Promise<string> {
  await page.locator('nav a[href="#/findings"]').click();
  await page.locator('#f-standing').selectOption('waiting');
  await page.locator('tbody tr').filter({ has: page.locator('.chip.quiet') }).locator('a').last().click();
  await page.locator('.desk button.main').waitFor();
  return decodeURIComponent(new URL(page.url()).hash.split('/').at(-1) ?? '');
}

/** Presses a button that asks for one's key, reads what will be signed, and signs. */
export async function sign(page: Page, button: string, said?: string): Promise<void> {
  await page.locator(button).first().click();
  const dialog = page.locator('dialog[open]');
  if (said !== undefined) {
    await dialog.locator('#reason').fill(said);
    await dialog.locator('button.main').click();
  }
  await dialog.locator('pre').waitFor();
  await dialog.locator('button.main').click();
  const refused = dialog.locator('.problem');
  await Promise.race([dialog.waitFor({ state: 'hidden' }), refused.waitFor().then(async () => expect.fail(`not signed: ${await refused.textContent()}`))]);
}

/** A picture of the page, kept as an artefact for somebody to look at. */
export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  await page.screenshot({ path: `${ARTEFACTS}${name}.png` });
}

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** No violation of WCAG 2.2 A and AA, as far as axe sees. */
export async function accessible(page: Page, where: string): Promise<void> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (what: Document, how: object) => Promise<{ violations: Violation[] }> } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return (await axe.run(document, { runOnly: tags })).violations;
  });
  const told = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary ?? ''}`).slice(0, 3).join(' | ')}`);
  expect(told, where).toEqual([]);
}
