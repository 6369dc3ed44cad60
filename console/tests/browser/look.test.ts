// How it looks and reads: on paper, on a wall, on a tablet, in each language.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { accessible, launch, person, play, shot, watching } from './browser';

const url = inject('url');
let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

describe('the console', () => {
  it('has compliance and a handover sheet, on the screen and on paper', async () => {
    const { page, context, faults } = await person(browser, url, { theme: 'day', page: 'compliance' });
    await play(page, 'duty officer', 'Russian');
    await page.locator('#c-length').selectOption('1');
    await page.locator('td button.cell').first().waitFor();
    await page.locator('td button.cell').first().click();
    await accessible(page, 'compliance');
    await shot(page, '13-compliance');
    await page.emulateMedia({ media: 'print' });
    await shot(page, '13-compliance-print');
    await page.emulateMedia({ media: 'screen' });
    await page.locator('nav a[href="#/handover"]').click();
    await page.locator('.sheet').waitFor();
    await accessible(page, 'handover');
    await shot(page, '14-handover');
    await page.emulateMedia({ media: 'print' });
    await shot(page, '14-handover-print');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('speaks each language without a reload, also from right to left', async () => {
    const { page, context, faults } = await person(browser, url, { page: 'findings' });
    await play(page, 'observer', 'Türkiye');
    await page.locator('tbody a').first().waitFor();
    await page.evaluate(() => Object.assign(window, { kept: true }));
    for (const language of ['az', 'hy', 'ru', 'tr', 'ar']) {
      await page.locator('header .language select').selectOption(language);
      await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe(language);
      await shot(page, `15-findings-${language}`);
    }
    expect(await page.evaluate(() => [document.body.dir, 'kept' in window])).toEqual(['rtl', true]);
    await accessible(page, 'right to left');
    await page.locator('nav a[href="#/watch"]').click();
    await watching(page);
    await accessible(page, 'watch from right to left');
    await shot(page, '15-watch-ar');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is for a wall screen and a tablet too', async () => {
    for (const [name, width, height] of [['wall', 1920, 1080], ['tablet', 820, 1180]] as const) {
      const { page, context } = await person(browser, url, { width, height });
      await play(page, 'observer', 'Russian');
      await watching(page);
      if (name === 'tablet') await accessible(page, name);
      await shot(page, `16-${name}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wider, name).toBe(0);
      await context.close();
    }
  });
});
