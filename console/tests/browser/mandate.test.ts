// The mandate's pages: what they show, a new version of the procedures from its draft to being in force by four passkeys, and a report released
// by two keys.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { accessible, authenticator, inside, launch, person, play, shot, sign, type Seen } from './browser';
import { Centre, command, invited, THEATRE, vouchedFor } from './centre';

const url = inject('url');
let browser: Browser;
let quiet: Centre | undefined;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await quiet?.remove();
});

/** The shipped procedures as somebody would like to have them. */
function draft(): string {
  const [text = ''] = readFileSync(join(THEATRE, 'procedures.md'), 'utf8').split('```approval');
  const changed = text.replace('version = 1', 'version = 2').replace('from = 2021-01-30', 'from = 2021-02-15').replace('max_wrong_accusation = 0.02', 'max_wrong_accusation = 0.01');
  const path = join(mkdtempSync(join(tmpdir(), 'truceline-draft-')), 'procedures.md');
  writeFileSync(path, changed);
  return path;
}

async function registered(centre: Centre, code: string, language: string, page: string): Promise<Seen> {
  const seen = await person(browser, centre.url, { language, page: `invitation/${code}` });
  await authenticator(seen.page);
  await seen.page.locator('.box button.main').click();
  await inside(seen.page);
  await seen.page.goto(`${centre.url}/console/#/${page}`);
  return seen;
}

const stands = (page: Page, text: RegExp): Promise<void> => page.locator('#version-2 + .chip').filter({ hasText: text }).waitFor();

/** How often the text to sign is asked for while somebody reads it for some seconds: the clock goes on, and the text stays. */
async function asksWhileRead(page: Page): Promise<number> {
  let asks = 0;
  const count = (request: Request): void => {
    if (request.url().endsWith('/options')) asks += 1;
  };
  page.on('request', count);
  await page.locator('.panel button.main').first().click();
  const dialog = page.locator('dialog[open]');
  await dialog.locator('pre').waitFor();
  await page.waitForTimeout(2500);
  await dialog.locator('button.plain').click();
  await dialog.waitFor({ state: 'hidden' });
  page.off('request', count);
  return asks;
}

describe('the mandate', () => {
  it('has a board, procedures, talks and reports', async () => {
    const { page, context, faults } = await person(browser, url, { page: 'mandate' });
    await play(page, 'duty officer', 'Türkiye');
    await page.locator('.items li .chip').first().waitFor();
    await page.locator('canvas.maplibregl-canvas').waitFor();
    await accessible(page, 'mandate');
    await shot(page, '22-mandate');
    // What ran out is told of the day that is looked at.
    await page.locator('#m-day').fill('2021-11-20');
    await page.locator('#m-day').dispatchEvent('change');
    await page.locator('td .chip.danger').first().waitFor();
    for (const [name, there, language] of [['procedures', '.panel ol li', 'hy'], ['talks', '#points-title', 'ar'], ['reports', '.paper:not(:has(.over)) iframe', 'ru']] as const) {
      await page.locator('header .language select').selectOption(language);
      await page.locator(`nav a[href="#/${name}"]`).click();
      await page.locator(there).first().waitFor();
      await accessible(page, name);
      await shot(page, `23-${name}-${language}`);
    }
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows the ground mission, and writes down a contact and a notice', async () => {
    const { page, context, faults } = await person(browser, url, { page: 'ground' });
    await play(page, 'duty officer', 'Türkiye');
    await page.locator('#shifts').waitFor();
    await page.locator('#g-day').fill('2021-03-14');
    await page.locator('#g-day').dispatchEvent('change');
    await page.locator('section[aria-labelledby=shifts] .chip').first().waitFor();
    await page.locator('section[aria-labelledby=liaison] summary').click();
    await page.locator('#l-with').selectOption({ index: 1 });
    await page.locator('#l-person').fill('Col. N. <b>');
    await page.locator('#l-text').fill('asked to cease fire near post 3');
    await accessible(page, 'ground');
    await page.locator('section[aria-labelledby=liaison] button.main').click();
    await page.locator('section[aria-labelledby=liaison] li').filter({ hasText: 'Col. N. <b>' }).waitFor();
    await page.locator('section[aria-labelledby=notice] summary').click();
    await page.locator('#n-from').fill('2021-03-15T12:00');
    await page.locator('#n-until').fill('2021-03-15T13:00');
    await page.locator('#n-where').fill('nowhere');
    await page.locator('section[aria-labelledby=notice] button.main').click();
    await page.locator('section[aria-labelledby=notice] .refused').waitFor();
    await page.locator('#n-where').fill('39.95 46.85');
    await page.locator('section[aria-labelledby=notice] button.main').click();
    await page.locator('[aria-live=polite] p').filter({ hasText: 'notice' }).waitFor({ state: 'attached' });
    await accessible(page, 'ground with a notice');
    await shot(page, '29-ground');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('releases a report by two keys', async () => {
    const of = async (state: string): Promise<Seen> => {
      const seen = await person(browser, url, { page: 'reports' });
      await play(seen.page, 'signing officer', state);
      await seen.page.locator('aside button.main').waitFor();
      return seen;
    };
    const east = await of('Türkiye');
    await sign(east.page, 'aside button.main');
    await east.page.locator('aside .chip.caution').first().waitFor();
    const west = await of('Russian');
    await sign(west.page, 'aside button.main');
    await west.page.locator('aside header .chip.good').waitFor();
    await expect.poll(() => west.page.frameLocator('.paper iframe').locator('body').textContent(), { timeout: 180_000 }).not.toMatch(/Not released/);
    await accessible(west.page, 'released report');
    await shot(west.page, '24-report-released');
    expect([...east.faults, ...west.faults]).toEqual([]);
    await east.context.close();
    await west.context.close();
  });

  it('brings procedures into force by passkeys: two agree, one submits, the host decides', async () => {
    const codes: Record<string, string> = {};
    quiet = await Centre.made((dir) => {
      command('modalities', 'draft', '--dir', dir, '--key', join(dir, 'keys/officer-tr.key'), draft());
      codes['ada'] = invited(dir, 'ada', 'Ada A.', 'tr');
      codes['boris'] = invited(dir, 'boris', 'Boris B.', 'ru');
      codes['gul'] = invited(dir, 'gul', 'Gül G.', 'az', 'host official');
    });
    const east = await registered(quiet, codes['ada'] ?? '', 'en', 'procedures');
    const west = await registered(quiet, codes['boris'] ?? '', 'ru', 'procedures');
    const host = await registered(quiet, codes['gul'] ?? '', 'az', '');
    vouchedFor(quiet.dir, 'ada', 'tr');
    vouchedFor(quiet.dir, 'boris', 'ru');
    vouchedFor(quiet.dir, 'gul', 'az', 'official');

    await east.page.locator('ins').first().waitFor();
    await accessible(east.page, 'a draft');
    await shot(east.page, '25-draft');
    await expect(asksWhileRead(east.page)).resolves.toBe(1);
    await sign(east.page, '.panel button.main');
    await stands(east.page, /alone/);
    await sign(west.page, '.panel button.main');
    await sign(west.page, '.panel button.main');
    await stands(east.page, /before the host/);
    // The host's own page comes first, and may wait until it asks again.
    await host.page.locator('#version-2').waitFor();
    await accessible(host.page, 'host');
    await shot(host.page, '26-host-az');
    await sign(host.page, '.panel button.main', '7/2021');
    await stands(east.page, /in force/);
    await east.page.locator('#version-1 + .chip').filter({ hasText: /superseded/ }).waitFor();
    await shot(east.page, '27-in-force');
    expect(command('modalities', '--dir', quiet.dir)).toMatch(/version 2 .*in force/);
    expect([...east.faults, ...west.faults, ...host.faults]).toEqual([]);
    for (const seen of [east, west, host]) await seen.context.close();
  });
});
