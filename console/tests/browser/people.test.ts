// People with keys of their own: invited, a passkey made, vouched for, and then a finding determined by two of them. Each has a browser with a
// virtual authenticator.

import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { accessible, authenticator, inside, launch, openFinding, person, shot, sign } from './browser';
import { command, invited, vouchedFor } from './centre';

const url = inject('url');
const dir = inject('dir');
let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

describe('people with passkeys', () => {
  it('determine a finding, each with a key that never leaves them', async () => {
    // One by the console, the other by the page that needs no console.
    const east = await person(browser, url, { language: 'az', page: `invitation/${invited(dir, 'ada', 'Ada A. <b>', 'tr')}` });
    await authenticator(east.page);
    await east.page.locator('.box button.main').waitFor();
    await accessible(east.page, 'invitation');
    await shot(east.page, '18-invitation-az');
    await east.page.locator('.box button.main').click();
    await inside(east.page);
    vouchedFor(dir, 'ada', 'tr');

    const west = await person(browser, url, { language: 'hy' });
    await authenticator(west.page);
    await west.page.goto(`${url}/login#${invited(dir, 'boris', 'Boris B.', 'ru')}`);
    await west.page.locator('#register').waitFor();
    await accessible(west.page, 'log in');
    await shot(west.page, '19-login');
    await west.page.locator('#register').click();
    await west.page.waitForURL((to) => !to.pathname.includes('login'));
    vouchedFor(dir, 'boris', 'ru');

    const id = await openFinding(east.page);
    await sign(east.page, '.desk button.main');
    await east.page.locator('.desk .chip.good').first().waitFor();
    await west.page.goto(`${url}/console/#/findings/${id}`);
    await west.page.locator('.desk button.main').waitFor();
    await sign(west.page, '.desk button.main');
    await west.page.locator('.page-head .chip.good').waitFor();
    await shot(west.page, '20-determined-hy');

    const [download] = await Promise.all([west.page.waitForEvent('download'), west.page.locator('a[download]').first().click()]);
    const bundle = await download.path();
    expect(command('verify', bundle)).toMatch(/PASSED/);
    await west.page.goto(`${url}/console/#/verify`);
    await west.page.locator('#v-bundle').setInputFiles({ name: 'bundle.zip', mimeType: 'application/zip', buffer: readFileSync(bundle) });
    await west.page.locator('form button.main').click();
    const told = west.page.locator('.result');
    await told.waitFor();
    expect(await told.getAttribute('class'), (await told.textContent()) ?? '').toContain('good');
    await shot(west.page, '21-verify-passkeys-hy');

    // Out, and in again with the same passkey.
    await east.page.locator('header button').last().click();
    await east.page.locator('.box button.main').click();
    await inside(east.page);
    expect([...east.faults, ...west.faults]).toEqual([]);
    await east.context.close();
    await west.context.close();
  });
});
