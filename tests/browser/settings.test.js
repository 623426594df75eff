// An app's settings in a browser: what is changed stays a draft over all sections, what is wrong is said at its option,
// and what is saved holds.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { expect } from '../harness/api.js';
import { overflowsSideways, picture, seriousFindings, visit } from './page.js';

describe('the settings of an app in the browser', () => {
  let visitor, api, app, page, errors;

  before(async () => {
    visitor = await visit('Settings');
    ({ api, app, page, errors } = visitor);
  });
  after(() => visitor?.close());

  const part = (name) => page.getByRole('navigation', { name: 'Parts of the settings' }).getByRole('link', { name });
  const saved = async (name) => {
    const { options } = await api.get(`/apps/${app.id}/settings`).then(expect(200));
    return options.find((option) => option.name === name).value;
  };
  const assertSound = async (name) => {
    await picture(page, name);
    assert.deepEqual(await seriousFindings(page), [], `axe-core on ${name}`);
    assert.equal(await overflowsSideways(page), false, `${name} scrolls sideways`);
  };

  it('shows every section without a serious accessibility finding', async () => {
    for (const name of ['Sign-in and users', 'Security', 'Limits', 'E-mail', 'Social login', 'Data', 'As JSON']) {
      await part(name).click();
      await page.locator('form').getByRole('heading').first().waitFor();
      await assertSound(name.toLowerCase().replaceAll(' ', '-'));
    }
  });

  it('keeps what is changed over the sections until it is saved', async () => {
    await part('Sign-in and users').click();
    await page.getByLabel('Session length in seconds').fill('86400');
    await page.getByRole('checkbox', { name: 'Anonymous users' }).uncheck();
    await part('Limits').click();
    await page.getByLabel('Most results of any query').fill('500');
    await page.getByText('3 changes are not saved').waitFor();
    await part(/Sign-in and users/).click();
    assert.equal(await page.getByLabel('Session length in seconds').inputValue(), '86400');
    assert.equal(await saved('sessionLength'), null);
    await picture(page, 'unsaved');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. The app takes the settings up while it runs.').waitFor();
    assert.deepEqual([await saved('sessionLength'), await saved('enableAnonymousUsers'), await saved('maxLimit')], [86_400, false, 500]);
  });

  it('says at the option what is wrong with it, and saves nothing', async () => {
    await part('Limits').click();
    const field = page.getByLabel('Most results of any query');
    await field.fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('It must be a whole number').waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await assertSound('not-valid');
    assert.equal(await saved('maxLimit'), 500);
    await page.getByRole('button', { name: 'Discard' }).click();
    assert.equal(await field.inputValue(), '500');
  });

  it('brings a default back', async () => {
    await part('Limits').click();
    await page.locator('.setting', { hasText: 'maxLimit' }).getByRole('button', { name: 'Use the default' }).click();
    assert.equal(await page.getByLabel('Most results of any query').inputValue(), '');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('1 change is not saved').waitFor({ state: 'detached' });
    assert.equal(await saved('maxLimit'), null);
  });

  it('sets up a provider and the mail server, and shows no secret again', async () => {
    await part('Social login').click();
    await page.getByText('GitHub', { exact: true }).click();
    const github = page.locator('details', { hasText: 'GitHub' });
    await github.getByLabel('Client id').fill('Iv1.1234');
    await github.getByLabel('Client secret').fill('a-very-secret-text');
    await part('E-mail').click();
    await page.getByLabel('Server', { exact: true }).fill('smtps://ann:another-secret@smtp.example.org:465');
    await page.getByLabel('From').fill('Bakery <hello@example.org>');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('changes are not saved').waitFor({ state: 'detached' });
    await page.reload();
    assert.equal(await page.getByLabel('Server', { exact: true }).inputValue(), 'smtps://ann:********@smtp.example.org:465');
    await part('Social login').click();
    assert.equal(await page.locator('details', { hasText: 'GitHub' }).getByLabel('Client secret').inputValue(), '********');
    await assertSound('provider');
  });

  it('works at 360 px and in the dark', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const name of ['Security', 'E-mail']) {
      await part(name).click();
      await assertSound(`small-${name.toLowerCase()}`);
    }
  });

  it('reports nothing to the browser\'s console', () => {
    // A refusal is an answer the page handles; the browser lists it all the same.
    assert.deepEqual(errors.filter((text) => !/status of (401|422)/.test(text)), []);
  });
});
