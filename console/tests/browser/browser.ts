// Chromium, driven by playwright-core: no browser is downloaded.

import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';

const ARTEFACTS = fileURLToPath(new URL('./artefacts/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // The map is drawn without a graphics card.
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
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
}

/** A person's own browser: nothing is shared with another's. */
export async function person(browser: Browser, url: string, wish: Wish = {}): Promise<Seen> {
  const context = await browser.newContext({
    viewport: { width: wish.width ?? 1366, height: wish.height ?? 768 },
    locale: wish.locale ?? 'en-GB',
  });
  context.setDefaultTimeout(180_000);
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
  page.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url()) && new URL(request.url()).host !== new URL(url).host) faults.push(`asked ${request.url()}`);
  });
  await page.goto(`${url}/`);
  return { page, context, faults };
}

/** Plays a part of the exercise: its name says role and state in English, in every language of the console. */
export async function play(page: Page, role: string, state: string): Promise<void> {
  await page.locator('li button').filter({ hasText: new RegExp(`Exercise: (${role}), .*${state}`) }).first().click();
  await page.locator('nav').waitFor();
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
