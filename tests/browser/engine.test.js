// An app's engine in a browser: another one is chosen by its price, saved, and in force.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { expect } from '../harness/api.js';
import { comeBack, overflowsSideways, picture, seriousFindings, visit } from './page.js';

describe('the engine of an app in the browser', () => {
  let visitor, api, app, page, errors;

  before(async () => {
    visitor = await visit('Engine', { locale: 'en-US' });
    ({ api, app, page, errors } = visitor);
  });
  after(() => visitor?.close());

  const engine = () => api.get(`/apps/${app.id}/engine`).then(expect(200));
  const card = (name) => page.getByRole('radio', { name: new RegExp(`^${name}\\b`) });
  const change = () => page.getByRole('button', { name: 'Change engine', exact: true });
  const cost = () => page.getByRole('status').filter({ hasText: 'base price' });

  it('shows what the app runs on, what that costs, and that one replica is all there is here', async () => {
    assert.equal((await engine()).engine, 'dev');
    await card('Dev').waitFor();
    assert.ok(await card('Dev').isChecked());
    assert.equal(await cost().textContent(), 'Included in the base price.');
    assert.equal(await change().getAttribute('aria-disabled'), 'true');
    assert.ok(await page.getByLabel('Replicas that always run').isDisabled());
    await picture(page, 'engine');
    assert.deepEqual(await seriousFindings(page), []);
  });

  it('says the price of another engine before it is chosen', async () => {
    await card('M').check();
    assert.equal(await cost().textContent(), '$0.0274 an hour, about $20.00 a month, on top of the base price.');
    assert.equal(await change().getAttribute('aria-disabled'), null);
    assert.equal((await engine()).engine, 'dev');
  });

  it('keeps the choice when somebody else chooses meanwhile', async () => {
    await api.send('PUT', `/apps/${app.id}/engine`, { engine: 's', replicas: { min: 1, max: null }, high_availability: false }).then(expect(200));
    await comeBack(page, '/engine');
    assert.ok(await card('M').isChecked());
    await card('S').check();
    assert.equal(await change().getAttribute('aria-disabled'), 'true', 'S is what holds now');
    await card('M').check();
  });

  it('moves the app, which serves by the new engine', async () => {
    await change().click();
    await page.getByText('Bakery moves to engine M.').waitFor();
    const { engine: chosen, price } = await engine();
    assert.deepEqual([chosen, price.currency], ['m', 'USD']);
    assert.equal(await change().getAttribute('aria-disabled'), 'true');
    await api.waitForStatus(app.id, 'ready');
    await page.reload();
    await card('M').waitFor();
    assert.ok(await card('M').isChecked());
    const { url } = (await api.get(`/apps/${app.id}`).then(expect(200))).app;
    assert.equal((await fetch(`${url}/health`)).status, 200);
  });

  it('works at 360 px and in the dark', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'engine-small');
    assert.deepEqual(await seriousFindings(page), []);
    assert.equal(await overflowsSideways(page), false);
  });

  it('reports nothing to the browser\'s console', () => {
    // Nobody is signed in at first; the browser lists that answer.
    assert.deepEqual(errors.filter((text) => !/status of 401/.test(text)), []);
  });
});
