// The whole way, in a real browser on a real centre: from the first frame of a feed to a finding that two people have determined, each in a
// browser of their own and in a language of their own; by keyboard; without the network; and as axe sees it.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessible, launch, person, play, shot } from './browser';
import { Centre } from './centre';

let centre: Centre;
let browser: Browser;

beforeAll(async () => {
  centre = await Centre.demo();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await centre?.remove();
});

/** Waits until the map has drawn something that moves, as its own source says. */
async function watching(page: Page): Promise<void> {
  await page.locator('canvas.maplibregl-canvas').waitFor();
  await page.locator('.tile .state.good').first().waitFor({ timeout: 120_000 });
}

/** The first finding that waits for both keys. */
async function openFinding(page: Page): Promise<string> {
  await page.locator('nav a[href="#/findings"]').click();
  await page.locator('#f-standing').selectOption('waiting');
  const link = page.locator('tbody tr').filter({ has: page.locator('.chip.quiet') }).locator('a').first();
  const id = (await link.textContent()) ?? '';
  await link.click();
  await page.locator('.desk button.main').waitFor();
  return id;
}

async function sign(page: Page): Promise<void> {
  await page.locator('.desk button.main').click();
  const dialog = page.locator('dialog[open]');
  await dialog.locator('pre').waitFor();
  await dialog.locator('button.main').click();
  await dialog.waitFor({ state: 'hidden' });
}

describe('a centre at work', () => {
  it('shows what comes, from the first frame on', async () => {
    const { page, context, faults } = await person(browser, centre.url);
    await page.locator('li button').first().waitFor();
    await accessible(page, 'sign in');
    await shot(page, '01-sign-in');
    await play(page, 'signing officer', 'Türkiye');
    await watching(page);
    // The clock of the picture goes on: it is live, not a still.
    const clock = page.locator('.tile .clock').first();
    const first = await clock.textContent();
    await expect.poll(() => clock.textContent(), { timeout: 60_000 }).not.toBe(first);
    await page.waitForTimeout(3000);
    await accessible(page, 'watch');
    await shot(page, '02-watch');
    for (const [tab, name] of [['events', '03-watch-events'], ['feeds', '04-watch-feeds'], ['alerts', '05-watch-alerts']] as const) {
      await page.locator(`#tab-${tab}`).click();
      await page.waitForTimeout(300);
      await accessible(page, tab);
      await shot(page, name);
    }
    expect(faults).toEqual([]);
    await context.close();
  });

  it('goes back in time, all parts together, and to now again', async () => {
    const { page, context, faults } = await person(browser, centre.url);
    await play(page, 'duty officer', 'Türkiye');
    await watching(page);
    await page.locator('[role=slider]').focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.shown.past').waitFor();
    await page.waitForTimeout(4000);
    await shot(page, '06-watch-past');
    await accessible(page, 'past');
    await page.keyboard.press('End');
    await page.locator('.shown:not(.past)').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('lets two officers determine a finding, in two browsers and two languages', async () => {
    const east = await person(browser, centre.url, { language: 'tr', theme: 'night' });
    await play(east.page, 'signing officer|imza yetkilisi', 'Türkiye');
    const id = await openFinding(east.page);
    await east.page.waitForTimeout(4000);
    await accessible(east.page, 'incident');
    await shot(east.page, '07-incident-tr');
    await sign(east.page);
    await east.page.locator('.desk .chip.good').first().waitFor();

    const west = await person(browser, centre.url, { language: 'ru', theme: 'day' });
    await play(west.page, 'signing officer|подписывающий офицер', 'Russian');
    await west.page.goto(`${centre.url}/console/#/findings/${id}`);
    await west.page.locator('.desk button.main').waitFor();
    await west.page.waitForTimeout(3000);
    await accessible(west.page, 'incident by day');
    await shot(west.page, '08-incident-ru');
    await sign(west.page);
    await west.page.locator('.page-head .chip.good').waitFor();
    // The first officer sees it without doing anything.
    await east.page.locator('.page-head .chip.good').waitFor();
    await shot(east.page, '09-determined-tr');

    // What it rests on is taken along, and holds, by this program and by the page.
    const [download] = await Promise.all([west.page.waitForEvent('download'), west.page.locator('a[download]').first().click()]);
    const bundle = await download.path();
    const verified = execFileSync(process.env['TRUCELINE'] ?? join(import.meta.dirname, '../../../target/debug/truceline'), ['verify', bundle], { encoding: 'utf8' });
    expect(verified).toMatch(/PASSED/);
    await west.page.goto(`${centre.url}/console/#/verify`);
    await west.page.locator('#v-bundle').setInputFiles({ name: 'bundle.zip', mimeType: 'application/zip', buffer: readFileSync(bundle) });
    await west.page.locator('form button.main').click();
    await west.page.locator('.result.good').waitFor();
    await accessible(west.page, 'verify');
    await shot(west.page, '10-verify-ru');
    const broken = readFileSync(bundle);
    broken[Math.floor(broken.length / 2)] = (broken[Math.floor(broken.length / 2)] ?? 0) ^ 1;
    await west.page.locator('#v-bundle').setInputFiles({ name: 'broken.zip', mimeType: 'application/zip', buffer: broken });
    await west.page.locator('form button.main').click();
    await west.page.locator('.result.bad').waitFor();
    expect([...east.faults, ...west.faults]).toEqual([]);
    await east.context.close();
    await west.context.close();
  });

  it('keeps a dissent and its reason', async () => {
    const { page, context } = await person(browser, centre.url);
    await play(page, 'signing officer', 'Russian');
    await openFinding(page);
    await page.locator('.desk button.danger').click();
    await page.locator('#reason').fill('<b>the map is too coarse</b> & "here"');
    await page.locator('dialog button.main').click();
    await page.locator('dialog pre').waitFor();
    await accessible(page, 'dissent');
    await shot(page, '11-dissent');
    await page.locator('dialog button.main').click();
    await page.locator('.desk blockquote').waitFor();
    expect(await page.locator('.desk blockquote').textContent()).toBe('<b>the map is too coarse</b> & "here"');
    await context.close();
  });

  it('asks what a judgement would be without a piece', async () => {
    const { page, context, faults } = await person(browser, centre.url);
    await play(page, 'analyst', 'Türkiye');
    await page.locator('nav a[href="#/findings"]').click();
    await page.locator('tbody a').first().click();
    await page.locator('td.out input').first().check();
    await page.locator('.two').waitFor({ timeout: 120_000 });
    await page.locator('.two').scrollIntoViewIfNeeded();
    await accessible(page, 'what if');
    await shot(page, '12-what-if');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('has compliance and a handover sheet', async () => {
    const { page, context, faults } = await person(browser, centre.url, { theme: 'day' });
    await play(page, 'duty officer', 'Russian');
    await page.locator('nav a[href="#/compliance"]').click();
    await page.locator('td button.cell').first().waitFor({ timeout: 200_000 });
    await page.locator('td button.cell').first().click();
    await accessible(page, 'compliance');
    await shot(page, '13-compliance');
    await page.locator('nav a[href="#/handover"]').click();
    await page.locator('.sheet').waitFor();
    await accessible(page, 'handover');
    await page.emulateMedia({ media: 'print' });
    await shot(page, '14-handover-print');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('speaks each language without a reload, also from right to left', async () => {
    const { page, context, faults } = await person(browser, centre.url);
    await play(page, 'observer', 'Türkiye');
    await watching(page);
    await page.evaluate(() => Object.assign(window, { kept: true }));
    for (const language of ['az', 'hy', 'ru', 'tr', 'ar']) {
      await page.locator('header select').selectOption(language);
      await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe(language);
      await page.waitForTimeout(1500);
      await shot(page, `15-watch-${language}`);
    }
    expect(await page.evaluate(() => [document.documentElement.dir, 'kept' in window])).toEqual(['rtl', true]);
    await accessible(page, 'right to left');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is for a wall screen and a tablet too', async () => {
    for (const [name, width, height] of [['wall', 2560, 1440], ['tablet', 820, 1180]] as const) {
      const { page, context } = await person(browser, centre.url, { width, height });
      await play(page, 'observer', 'Russian');
      await watching(page);
      await page.waitForTimeout(3000);
      await accessible(page, name);
      await shot(page, `16-${name}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wider, name).toBe(0);
      await context.close();
    }
  });

  it('is all done by keyboard: sign in, acknowledge, find, sign', async () => {
    const { page, context } = await person(browser, centre.url);
    await page.locator('li button').first().waitFor();
    const reach = async (selector: string, most = 120): Promise<void> => {
      for (let i = 0; i < most; i += 1) {
        if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`${selector} is not reached by the keyboard`);
    };
    const part = page.locator('li button').filter({ hasText: 'signing officer' }).filter({ hasText: 'Türkiye' });
    await part.first().evaluate((e) => e.setAttribute('data-part', ''));
    await reach('[data-part]');
    await page.keyboard.press('Enter');
    await page.locator('nav').waitFor();
    await page.locator('#tab-alerts').waitFor();
    await page.locator('button.acknowledge').first().waitFor();
    const count = await page.locator('button.acknowledge').count();
    await reach('button.acknowledge');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('button.acknowledge').count(), { timeout: 60_000 }).toBeLessThan(count);
    await expect.poll(() => page.locator('[aria-live=polite]').last().textContent()).toMatch(/Acknowledged/);
    await page.keyboard.press('Home');
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await reach('nav a[href="#/findings"]');
    await page.keyboard.press('Enter');
    await page.locator('tbody a').first().waitFor();
    await page.locator('#f-standing').focus();
    await page.keyboard.press('ArrowDown');
    await reach('tbody a');
    await page.keyboard.press('Enter');
    await page.locator('.desk button.main').waitFor();
    await reach('.desk button.main');
    await page.keyboard.press('Enter');
    await page.locator('dialog[open] pre').waitFor();
    await reach('dialog button.main');
    await page.keyboard.press('Enter');
    await page.locator('.desk .chip.good').first().waitFor();
    await context.close();
  });

  it('says by itself that the centre is gone, and loses no acknowledgement', async () => {
    const { page, context } = await person(browser, centre.url);
    await play(page, 'duty officer', 'Türkiye');
    await page.locator('#tab-alerts').click();
    await page.locator('button.acknowledge').first().waitFor();
    await page.locator('header .link.live').waitFor();
    await context.setOffline(true);
    const gone = Date.now();
    await page.locator('header .link.lost').waitFor();
    // Told, not asserted: three seconds on a machine that has time for its browser.
    console.log(`the loss was shown after ${Date.now() - gone} ms`);
    const alert = page.locator('[role=tabpanel] li').first();
    const text = await alert.locator('p').nth(1).textContent();
    const count = await page.locator('button.acknowledge').count();
    await alert.locator('button.acknowledge').click();
    await page.waitForTimeout(500);
    await accessible(page, 'offline');
    await shot(page, '17-offline');
    await context.setOffline(false);
    await page.locator('header .link.live').waitFor();
    await expect.poll(() => page.locator('button.acknowledge').count(), { timeout: 60_000 }).toBeLessThan(count);
    expect(text).toBeTruthy();
    await context.close();
  });
});
