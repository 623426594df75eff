// The main job, done by a person in a browser: sign up, create an app, paste the code, see the panel turn green.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Platform } from '../harness/platform.js';
import { collectErrors, launch, overflowsSideways, seriousFindings } from './page.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const seconds = 1000;

describe('in the browser', () => {
  // Seen in the picture of the README, hence a name and not a random one.
  const person = { email: 'ada@example.com', password: 'engines weave algebra', organization: 'Analytical Engines' };
  const errors = [];
  let platform, browser, context, page, appAddress, work;

  before(async () => {
    platform = await Platform.create();
    await platform.start();
    browser = await launch();
    context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      colorScheme: 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page = await newPage(context);
    work = await mkdtemp(join(tmpdir(), 'slipway-snippet-'));
    await symlink(join(root, 'tests/node_modules'), join(work, 'node_modules'));
  });
  after(async () => {
    await browser?.close();
    if (work) await rm(work, { recursive: true });
    await platform.remove();
  });

  async function newPage(from) {
    const page = await from.newPage();
    page.setDefaultTimeout(10 * seconds);
    collectErrors(page, errors);
    return page;
  }

  /** What holds for every page: no serious accessibility finding, no sideways scrolling. */
  async function assertSound(page, name) {
    assert.deepEqual(await seriousFindings(page), [], `axe-core on ${name}`);
    assert.equal(await overflowsSideways(page), false, `${name} scrolls sideways`);
  }

  it('leads a stranger to the log-in page', async () => {
    await page.goto(platform.url);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await assertSound(page, 'log in');
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByRole('heading', { name: 'Create an account' }).waitFor();
  });

  it('says what is wrong with a weak password, at its field', async () => {
    await page.goto(`${platform.url}/signup`);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill('password12');
    await page.getByLabel('Organization').fill(person.organization);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.locator('.field-error').first().waitFor();
    await assertSound(page, 'sign up with an error');
  });

  it('signs up and goes on to the first app', async () => {
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'New app' }).waitFor();
    await assertSound(page, 'new app');
  });

  it('creates an app and shows when it is ready', async () => {
    await page.getByLabel('Name').fill('Bakery');
    await page.getByRole('radio', { name: /Europe/ }).check();
    await page.getByRole('button', { name: 'Create app' }).click();
    await page.getByRole('heading', { name: 'Waiting for the first request' }).waitFor({ timeout: 60 * seconds });
    appAddress = page.url();
    assert.match(appAddress, /\/apps\/app_[0-9a-z]{26}$/);
    await assertSound(page, 'the start page, waiting');
  });

  it('hands out code that works as pasted, and the panel turns green by itself', async () => {
    await page.getByRole('tab', { name: 'Node.js' }).click();
    await page.getByRole('button', { name: 'Copy Node.js code' }).click();
    const script = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(script, /Parse\.initialize\(/);

    await writeFile(join(work, 'first.mjs'), script);
    const { stdout } = await promisify(execFile)('node', ['first.mjs'], { cwd: work, timeout: 30 * seconds });
    assert.match(stdout, /^Saved \w{10}$/m);

    await page.getByRole('heading', { name: 'First request received' }).waitFor({ timeout: 15 * seconds });
    await assertSound(page, 'the start page, green');
  });

  it('shows the code for the shell, which works as pasted too', async () => {
    await page.getByRole('tab', { name: 'curl' }).click();
    const script = await page.locator('[data-snippet=curl] code').innerText();
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: work, timeout: 30 * seconds });
    assert.match(stdout, /"objectId"\s*:\s*"\w{10}"/);
  });

  it('shows the master key after the password only', async () => {
    await page.getByRole('button', { name: 'Reveal' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password', { exact: true }).fill(person.password);
    await dialog.getByRole('button', { name: /reveal|show the master key/i }).last().click();
    await page.getByText(/^master_\w{32}$/).waitFor();
    await page.getByRole('button', { name: 'Hide', exact: true }).click();
  });

  it('counts the requests on the page', async () => {
    const usage = page.getByRole('region', { name: /usage/i });
    await usage.getByText(/[1-9]/).first().waitFor();
  });

  it('fits a phone, in the dark', async () => {
    const phone = await browser.newContext({
      viewport: { width: 360, height: 780 },
      colorScheme: 'dark',
      storageState: await context.storageState(),
    });
    const small = await newPage(phone);
    for (const [name, address] of [['apps', `${platform.url}/apps`], ['start', appAddress], ['activity', `${appAddress}/activity`],
      ['settings', `${appAddress}/settings`], ['account', `${platform.url}/account`]]) {
      await small.goto(address);
      await small.locator('h1').first().waitFor();
      await small.waitForLoadState('networkidle');
      await assertSound(small, `${name} at 360 px in the dark`);
    }
    await phone.close();
  });

  const picture = process.env.SLIPWAY_SCREENSHOT;
  if (picture) it('makes the picture of the README', async () => {
    const file = resolve(root, picture);
    await mkdir(dirname(file), { recursive: true });
    await page.getByRole('tab', { name: 'Node.js' }).click();
    await page.evaluate(() => globalThis.scrollTo(0, 0));
    await page.screenshot({ path: file });
  });

  it('is reported no script error by the browser', () => {
    // The refusals that were provoked above are listed by Chromium as failed loads.
    assert.deepEqual(errors.filter((text) => !text.startsWith('Failed to load resource')), []);
  });
});
