// Two theatres in one centre: each console asks for what is its own, and whoever is let in to the one is nobody in the other.

import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessible, authenticator, inside, launch, person, shot } from './browser';
import { Centre, invited, SECOND, THEATRE, vouchedFor } from './centre';

let browser: Browser;
let centre: Centre | undefined;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await centre?.remove();
});

describe('a centre of two theatres', () => {
  it('has a console below each, and a session in the one is none in the other', async () => {
    let code = '';
    let second = '';
    centre = await Centre.made((dir) => {
      second = join(dir, 'theatres/idlib-2020');
      code = invited(second, 'ada', 'Ada A.', 'tr');
    }, [THEATRE, SECOND]);
    const below = `${centre.url}/t/idlib-2020`;
    const { page, context, faults } = await person(browser, below, { language: 'ar', page: `invitation/${code}` });
    await authenticator(page);
    await page.locator('.box button.main').click();
    await inside(page);
    vouchedFor(second, 'ada', 'tr');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await page.locator('canvas.maplibregl-canvas').waitFor();
    await page.locator('header').filter({ hasText: 'idlib-2020' }).waitFor();
    await accessible(page, 'the second theatre');
    await shot(page, '28-second-theatre-ar');
    for (const name of ['mandate', 'procedures', 'compliance']) {
      await page.locator(`nav a[href="#/${name}"]`).click();
      await page.locator('h1').first().waitFor();
    }
    expect(asked.filter((path) => !path.startsWith('/t/idlib-2020/'))).toEqual([]);
    // The other theatre asks who this is.
    await page.goto(`${centre.url}/t/karabakh-2020/console/`);
    await page.locator('.box').first().waitFor();
    expect(await page.locator('nav').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });
});
