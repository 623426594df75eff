// Chromium for the browser tests, and what several of them do on a page.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

const candidates = [process.env.SLIPWAY_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A headless Chromium that talks to nobody but the pages it is shown. */
export async function launch() {
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('Chromium was not found: run `make setup`, or set SLIPWAY_CHROMIUM');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The serious and critical accessibility findings of the page as it is now, one line each. */
export async function seriousFindings(page) {
  // Evaluated by the browser's debugger, which the page's content security policy does not bind.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.failureSummary}`));
}

/** Whether the page can be scrolled sideways, which no page of ours should need. */
export function overflowsSideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

/** Adds what the page reports to the browser's console as an error to `errors`. */
export function collectErrors(page, errors) {
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
}

/** Logs in, and opens an area of the app. `SLIPWAY_CONSOLE` is another address of the console, such as that of its development server. */
export async function openArea(page, platform, person, app, area) {
  await page.goto(`${process.env.SLIPWAY_CONSOLE ?? platform.url}/login`);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('link', { name: app }).first().click();
  await page.getByRole('link', { name: area }).first().click();
}

/** Lets the page look for news as it does when somebody comes back to its tab, once what it has is old enough for that. */
export async function comeBack(page) {
  await page.waitForTimeout(2_100);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await page.waitForLoadState('networkidle');
}

/** Puts a picture of the page into the folder `SLIPWAY_PICTURES`, when that is set to look at the pages. */
export async function picture(page, name) {
  const folder = process.env.SLIPWAY_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
