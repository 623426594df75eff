// What is typed on the settings page and not saved: it undoes nobody's work, is not lost unasked, and is not saved while it is no value.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { expect } from '../harness/api.js';
import { waitUntil } from '../harness/wait.js';
import { comeBack, picture, seriousFindings, visit } from './page.js';

describe('unsaved settings in the browser', () => {
  let visitor, api, app, page, errors;

  before(async () => {
    visitor = await visit('Settings', { apps: ['Bakery', 'Library'] });
    ({ api, app, page, errors } = visitor);
  });
  after(() => visitor?.close());

  const part = (name) => page.getByRole('navigation', { name: 'Parts of the settings' }).getByRole('link', { name });
  const button = (name) => page.getByRole('button', { name, exact: true });
  /** Presses a button that says of itself that it cannot be pressed now. */
  const pressInVain = (name) => button(name).click({ force: true });
  const area = (name) => page.getByRole('navigation', { name: 'Areas of Bakery' }).getByRole('link', { name });
  const asking = () => page.getByRole('dialog', { name: 'Leave without saving?' });
  const nothingUnsaved = () => page.getByRole('region', { name: 'Unsaved changes' }).waitFor({ state: 'detached' });
  const saved = async (name) => {
    const { options } = await api.get(`/apps/${app.id}/settings`).then(expect(200));
    return options.find((option) => option.name === name).value;
  };
  const colleagueSets = (settings) => api.patch(`/apps/${app.id}/settings`, settings).then(expect(200));

  it('shows what a colleague saves while nothing is changed here', async () => {
    await part('Limits').click();
    const field = page.getByLabel('Results of a query that names no limit');
    await field.waitFor();
    await colleagueSets({ defaultLimit: 50 });
    await comeBack(page, '/settings');
    await waitUntil('the page follows', 10, async () => (await field.inputValue()) === '50');
  });

  it('does not undo what a colleague has saved meanwhile, and offers that instead', async () => {
    await part('As JSON').click();
    const everything = page.getByLabel('Everything that is set');
    await everything.fill('{"defaultLimit": 50, "maxLimit": 500}');
    await colleagueSets({ sessionLength: 3_600, defaultLimit: 60 });
    await comeBack(page, '/settings');
    await button('Save').click();
    await page.getByText('Somebody else has changed the settings').waitFor();
    assert.equal(await button('Save').count(), 0, 'no second press overwrites it');
    await picture(page, 'outdated');
    assert.deepEqual(await seriousFindings(page), []);
    assert.deepEqual([await saved('sessionLength'), await saved('defaultLimit'), await saved('maxLimit')], [3_600, 60, null]);
    await button('Load what is there now').click();
    await nothingUnsaved();
    assert.deepEqual(JSON.parse(await everything.inputValue()), { defaultLimit: 60, sessionLength: 3_600, stage: 'building' });
  });

  it('saves nothing while JSON cannot be read, says why, and keeps what is typed', async () => {
    await part('Limits').click();
    const limits = page.getByLabel('Repeated requests', { exact: true });
    await limits.fill('[{"requestPath": ');
    await page.getByText('This is not JSON yet').waitFor();
    await page.getByText('what is typed cannot be saved').first().waitFor();
    await part('Security').click();
    await part(/Limits.*not valid/).click();
    assert.equal(await limits.inputValue(), '[{"requestPath": ');
    await pressInVain('Save');
    await picture(page, 'unreadable');
    assert.deepEqual(await seriousFindings(page), []);
    await page.getByLabel('Most results of any query').press('Enter');
    assert.equal(await saved('rateLimit'), null);
    await page.locator('.setting', { hasText: 'rateLimit' }).getByRole('button', { name: 'Use the default' }).click();
    assert.equal(await limits.inputValue(), '');
    await nothingUnsaved();
  });

  it('takes nothing but an object for all settings, which it never clears by a slip', async () => {
    await part('As JSON').click();
    const everything = page.getByLabel('Everything that is set');
    const before = await everything.inputValue();
    for (const text of ['[]', '5', '"mail"', 'null', '']) {
      await everything.fill(text);
      await page.getByText('This must be an object').waitFor();
      await pressInVain('Save');
    }
    assert.equal(await saved('sessionLength'), 3_600);
    await button('Discard').click();
    assert.equal(await everything.inputValue(), before);
  });

  it('asks before it leaves what is not saved, whichever way', async () => {
    await part('Limits').click();
    const field = page.getByLabel('Most results of any query');
    await field.fill('700');
    await area('Activity').click();
    await asking().waitFor();
    await picture(page, 'leaving');
    assert.deepEqual(await seriousFindings(page), []);
    await button('Stay here').click();
    await asking().waitFor({ state: 'detached' });
    assert.equal(await field.inputValue(), '700');

    await page.getByRole('button', { name: 'Search or run a command' }).first().click();
    await page.getByRole('combobox').fill('Library');
    await page.keyboard.press('Enter');
    await asking().waitFor();
    await page.keyboard.press('Escape');
    await asking().waitFor({ state: 'detached' });
    assert.equal(await field.inputValue(), '700');

    await area('Activity').click();
    await button('Discard and leave').click();
    await page.waitForURL(/\/activity$/);
    await area('Settings').click();
    await part('Limits').click();
    assert.equal(await field.inputValue(), '');
    assert.equal(await saved('maxLimit'), null);
  });

  it('asks on the way back as well, and not between the parts or after saving', async () => {
    await area('Start').click();
    await area('Settings').click();
    await page.getByRole('heading', { name: 'App name' }).waitFor();
    await part('Limits').click();
    const field = page.getByLabel('Most results of any query');
    await field.fill('800');
    await page.goBack();
    await page.getByRole('heading', { name: 'App name' }).waitFor();
    await page.goBack();
    await asking().waitFor();
    await button('Stay here').click();
    await part('Limits').click();
    assert.equal(await field.inputValue(), '800');
    await button('Save').click();
    await page.getByText('Saved. The app takes the settings up').waitFor();
    await area('Start').click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor({ state: 'detached' });
    assert.equal(await saved('maxLimit'), 800);
  });

  it('does not ask about the settings of an app that is deleted', async () => {
    await area('Settings').click();
    await part('Limits').click();
    await page.getByLabel('Most results of any query').fill('900');
    await part('General').click();
    await button('Delete app…').click();
    await page.getByLabel('Type Bakery to confirm').fill('Bakery');
    await button('Delete Bakery').click();
    await page.getByText('Bakery is deleted.').waitFor();
    await page.waitForURL(/\/apps$/);
    assert.equal(await asking().count(), 0);
  });

  it('reports nothing to the browser\'s console', () => {
    // A refusal is an answer the page handles; the browser lists it all the same.
    assert.deepEqual(errors.filter((text) => !/status of (401|412)/.test(text)), []);
  });
});
