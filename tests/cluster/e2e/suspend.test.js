// Paused, resumed, deleted: what an app's address says, what runs, and what is kept.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { expect } from '../../harness/api.js';
import { waitUntil } from '../../harness/wait.js';
import { newApp, newFounder, newUser, save, waitForAnswer } from './support/app.js';
import { get, kubectl, podsOf } from './support/cluster.js';

describe('an app that is stopped', () => {
  let founder, app, user, kept;

  before(async () => {
    founder = await newFounder();
    app = await newApp(founder, 'Stopped', 'eu');
    user = await newUser(app);
    kept = await save(user, 'Note', { text: 'kept' });
  });

  it('paused: its address answers 402 with the reason, and no pod runs', async () => {
    await founder.post(`/apps/${app.id}/pause`).then(expect(200));
    await founder.waitForStatus(app.id, 'suspended');
    const { error } = await waitForAnswer(app, 402, 30);
    assert.match(error, /paused by its owner.*resume/);
    await waitUntil('its pods are gone', 60, async () => (await get('pods', '-n', app.namespace)).items.length === 0);
  });

  it('resumed: it serves again within seconds, with its data', async (test) => {
    const began = Date.now();
    await founder.post(`/apps/${app.id}/resume`).then(expect(200));
    await waitForAnswer(app, 200, 60);
    test.diagnostic(`from the click to an answer: ${Date.now() - began} ms`);
    const { body } = await user('GET', `/classes/Note/${kept}`);
    assert.equal(body.text, 'kept');
    await founder.waitForStatus(app.id, 'ready');
  });

  it('deleted: nothing of it is left, and its neighbour is untouched', async () => {
    const neighbour = await newApp(founder, 'Neighbour', 'eu');
    await founder.delete(`/apps/${app.id}`).then(expect(200));
    await waitForAnswer(app, 404, 60);
    await waitUntil('its namespace is gone', 120, async () => (await kubectl('get', 'ns', app.namespace, '--ignore-not-found')) === '');
    await waitUntil('its App is gone', 60, async () => (await kubectl('get', 'sapp', '-n', 'slipway-eu', app.namespace, '--ignore-not-found')) === '');
    await waitForAnswer(neighbour, 200, 10);
    assert.equal((await podsOf(neighbour)).length, 1);
  });
});
