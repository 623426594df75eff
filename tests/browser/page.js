// Chromium for the browser tests, and what several of them do on a page.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

import { Api, newPerson } from '../harness/api.js';
import { Platform } from '../harness/platform.js';
import { waitUntil } from '../harness/wait.js';

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

/** The serious and critical accessibility findings of the page once it is at rest, one line each. */
export async function seriousFindings(page) {
  await waitUntil('the page is at rest', 10, () => page.evaluate(isAtRest));
  // Evaluated by the browser's debugger, which the page's content security policy does not bind.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.failureSummary}`));
}

/** In the page: whether all that fades in or out has done so. Until then its colours are not those that it has. */
function isAtRest() {
  const ends = (animation) => Number.isFinite(animation.effect.getComputedTiming().endTime);
  return !document.querySelector('[data-starting-style], [data-ending-style]') && !document.getAnimations().some(ends);
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

/**
 * A platform of its own, a founder with these apps, and a browser that shows an area of the first of them.
 * `SLIPWAY_CONSOLE` is another address of the console, such as that of its development server.
 */
export async function visit(area, { apps = ['Bakery'], ...context } = {}) {
  const person = newPerson();
  const errors = [];
  const platform = await Platform.create();
  let browser;
  const close = async () => {
    await browser?.close();
    await platform.remove();
  };
  try {
    await platform.start();
    const api = await Api.signUp(platform.url, person);
    const [app] = await Promise.all(apps.map((name) => api.createApp(name, 'eu')));
    browser = await launch();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...context });
    page.setDefaultTimeout(20_000);
    collectErrors(page, errors);
    await page.goto(`${process.env.SLIPWAY_CONSOLE ?? platform.url}/login`);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: app.name }).first().click();
    await page.getByRole('link', { name: area }).first().click();
    return { platform, api, app, page, errors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Has the page ask the API for `path` again, as it does when somebody comes back to its tab and what it has is no longer new. */
export async function comeBack(page, path) {
  let answered = false;
  const look = (response) => {
    if (response.request().method() === 'GET' && new URL(response.url()).pathname.endsWith(path)) answered = true;
  };
  page.on('response', look);
  await waitUntil(`the page asks for ${path} again`, 10, async () => {
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
    return answered;
  });
  page.off('response', look);
  await page.waitForLoadState('networkidle');
}

/** Puts a picture of the page into the folder `SLIPWAY_PICTURES`, when that is set to look at the pages. */
export async function picture(page, name) {
  const folder = process.env.SLIPWAY_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
