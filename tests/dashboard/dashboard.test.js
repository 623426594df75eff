// The published Parse Dashboard against the runtime, by hand and eye: what it does to rows, classes and permissions.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { launch } from '../browser/page.js';
import { waitUntil } from '../harness/wait.js';
import { keys, startApp } from '../servers/app-server.js';
import { installed } from '../servers/installed.js';
import { startMongod } from '../servers/mongod.js';
import { freePort, removeFolder, start, temporaryFolder } from '../servers/process.js';
import { restClient } from '../servers/rest.js';

describe('the published dashboard', () => {
  let mongod, app, rest, dashboard, browser, page;
  const failures = [];

  before(async () => {
    mongod = await startMongod();
    app = await startApp('slipway-runtime', { databaseURI: mongod.uri('dashboard') });
    rest = restClient(app.url);
    for (const [title, n] of [['first', 1], ['second', 2], ['third', 3]]) {
      await rest('POST', '/classes/Note', { master: true, body: { title, n } });
    }
    dashboard = await startDashboard(app.url);
    browser = await launch();
    page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('response', (response) => noteFailure(response));
  });
  after(async () => {
    await browser?.close();
    await dashboard?.stop();
    await app?.stop();
    await mongod?.stop();
  });

  /** A refusal by the runtime is a failure, whatever the dashboard makes of it. */
  function noteFailure(response) {
    if (response.url().startsWith(app.url) && response.status() >= 400) {
      failures.push(`${response.status()} ${response.request().method()} ${response.url()} ${response.request().postData()}`);
    }
  }

  const text = (words) => page.getByText(words, { exact: true });
  const dialog = (button) => page.getByText(button, { exact: true }).last().click();
  /** The rows in the server, by title. */
  const titles = async () => (await rest('GET', '/classes/Note', { master: true, query: { order: 'title' } })).body.results.map(({ title }) => title);
  const schema = async (name) => (await rest('GET', `/schemas/${name}`, { master: true })).body;
  const becomes = (what, read, wanted) => waitUntil(what, 30, async () => {
    assert.deepEqual(await read(), wanted);
    return true;
  });

  async function open(className) {
    await page.goto(`${dashboard.url}/apps/Tests/browser/${className}`);
    await text('Add a new column').waitFor();
  }
  async function menu(name, item) {
    await text(name).first().click();
    await text(item).click();
  }

  it('shows the classes with their counts, and the rows', async () => {
    await open('Note');
    for (const title of ['first', 'second', 'third']) await text(title).waitFor();
    await page.getByText('3 objects • Public Read and Write enabled').waitFor();
    await picture('rows');
  });

  it('filters by its form', async () => {
    await open('Note');
    await text('third').waitFor();
    await text('Filter').click();
    await page.locator('input[role=combobox][value=objectId]').fill('title');
    await page.locator('li').getByText('title', { exact: true }).click();
    await text('exists').click();
    await text('equals').last().click();
    await page.locator('input[type=text][value=""]').last().fill('second');
    await text('Apply').click();
    for (const other of ['first', 'third']) await text(other).waitFor({ state: 'detached' });
    await text('second').waitFor();
    await picture('filtered');
    // The address that people share leads there, too.
    const shared = page.url();
    assert.match(shared, /filters=/);
    await page.goto('about:blank');
    await page.goto(shared);
    await text('second').waitFor();
    for (const other of ['first', 'third']) assert.equal(await text(other).count(), 0, other);
  });

  it('edits a cell', async () => {
    await open('Note');
    await text('second').dblclick();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('changed');
    await page.keyboard.press('Enter');
    await becomes('the cell is stored', titles, ['changed', 'first', 'third']);
  });

  it('creates a row', async () => {
    await open('Note');
    await text('Add Row').click();
    await text('(undefined)').last().dblclick();
    await page.keyboard.type('fourth');
    await page.keyboard.press('Enter');
    await text('Add').first().click();
    await becomes('the row is stored', titles, ['changed', 'first', 'fourth', 'third']);
  });

  it('deletes a row', async () => {
    await open('Note');
    await text('first').waitFor();
    await page.locator('input[type=checkbox]').last().check();
    await menu('Edit', 'Delete this row');
    await dialog('Delete');
    await becomes('the row is gone', titles, ['changed', 'fourth', 'third']);
  });

  it('adds a column and removes it', async () => {
    await open('Note');
    await text('Add a new column').click();
    await page.getByPlaceholder('Give it a good name...').fill('mood');
    await dialog('Add');
    await becomes('the column is there', async () => (await schema('Note')).fields.mood?.type, 'String');
    await open('Note');
    await menu('Edit', 'Delete a column');
    await text('Select a column').click();
    await text('mood').last().click();
    await dialog('Remove');
    await becomes('the column is gone', async () => (await schema('Note')).fields.mood, undefined);
  });

  it('adds a class', async () => {
    await open('Note');
    await text('Create a class').click();
    await page.getByPlaceholder('Give it a good name...').fill('Place');
    await dialog('Create');
    await becomes('the class is there', async () => (await schema('Place')).className, 'Place');
  });

  it('changes the permissions of a class', async () => {
    await open('Note');
    await menu('Security', 'Class Level Permissions');
    await text('Edit Class Level Permissions').waitFor();
    await picture('permissions');
    await page.locator('div', { hasText: /^PublicReadWriteAdd field$/ }).last().getByText('Write').click();
    await dialog('Save CLP');
    await becomes('the public does not create', async () => (await schema('Note')).classLevelPermissions.create['*'], undefined);
    assert.equal((await schema('Note')).classLevelPermissions.find['*'], true);
  });

  it('shows the config and changes it', async () => {
    await page.goto(`${dashboard.url}/apps/Tests/config`);
    await text('Create a parameter').first().click();
    await page.getByPlaceholder('New parameter').fill('welcome');
    await page.locator('textarea').fill('hello');
    await dialog('Create');
    await becomes('the parameter is there', async () => (await rest('GET', '/config')).body.params, { welcome: 'hello' });
  });

  it('is refused nothing on the way', () => assert.deepEqual(failures, []));

  /** With SLIPWAY_SCREENSHOTS set to a folder, what the dashboard looks like is kept there. */
  async function picture(name) {
    const folder = process.env.SLIPWAY_SCREENSHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `dashboard-${name}.png`) });
  }
});

/** Starts the npm package on a free port, pointed at the app. */
async function startDashboard(serverURL) {
  const folder = temporaryFolder('dashboard');
  const port = await freePort();
  const config = join(folder, 'config.json');
  const app = { serverURL, appId: keys.appId, masterKey: keys.masterKey, appName: 'Tests' };
  await writeFile(config, JSON.stringify({ apps: [app] }), { mode: 0o600 });
  const program = join(installed('parse-dashboard'), 'bin/parse-dashboard');
  const server = start(process.execPath, [program, '--config', config, '--port', String(port), '--host', '127.0.0.1'], { cwd: dirname(config) });
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('the dashboard answers', 60, () => {
    if (server.hasEnded()) throw new Error(server.output());
    return fetch(url).then(({ ok }) => ok);
  });
  return {
    url,
    stop: async () => {
      await server.stop();
      removeFolder(folder);
    },
  };
}
