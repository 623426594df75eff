// From nothing to a stored object, in the order in which a founder does it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Api, expect, newPerson, refused } from '../harness/api.js';
import { rest, useApp } from '../harness/parse-app.js';
import { Platform } from '../harness/platform.js';
import { waitUntil } from '../harness/wait.js';

describe('the first app', () => {
  const person = newPerson();
  let platform, api, europe, america, keys, Parse;

  before(async () => {
    platform = await Platform.create();
    await platform.start();
  });
  after(() => platform.remove());

  it('signs up and makes an API token', async () => {
    api = await Api.signUp(platform.url, person);
    assert.match(api.token, /^slip_/);
    assert.equal(api.session.account.email, person.email);
    assert.equal(api.session.organizations[0].name, person.organization);
  });

  it('creates an app in each region, ready within seconds', async () => {
    [europe, america] = await Promise.all([api.createApp('Bakery', 'eu'), api.createApp('Ski school', 'na')]);
    for (const app of [europe, america]) {
      assert.match(app.url, /\/parse$/);
      const health = await fetch(`${app.url}/health`);
      assert.deepEqual([health.status, (await health.json()).status], [200, 'ok']);
    }
    const { apps } = await api.get('/apps').then(expect(200));
    assert.deepEqual(apps.map((app) => app.name).sort(), ['Bakery', 'Ski school']);
  });

  it('shows the keys, and the master key only for the password', async () => {
    keys = await api.get(`/apps/${europe.id}/keys`).then(expect(200));
    assert.deepEqual(Object.keys(keys).sort(), ['application_id', 'client_key', 'javascript_key', 'rest_key']);
    assert.match(keys.application_id, /^bakery-/);
    await api.post(`/apps/${europe.id}/keys/master/reveal`, { password: 'a wrong guess' }).then(refused(403, 'wrong_password'));
    const { master_key } = await api
      .post(`/apps/${europe.id}/keys/master/reveal`, { password: person.password })
      .then(expect(200));
    assert.match(master_key, /^master_/);
  });

  it('serves the Parse SDK: an anonymous user creates, changes, finds and deletes an object', async () => {
    Parse = useApp(europe, keys);
    await Parse.AnonymousUtils.logIn();
    const order = new Parse.Object('Order');
    await order.save({ cake: 'Sacher', pieces: 2, tags: ['chocolate'], due: new Date('2030-01-02T03:04:05.678Z') });
    order.increment('pieces', 3);
    order.addUnique('tags', 'vienna');
    await order.save();

    const query = new Parse.Query('Order').equalTo('cake', 'Sacher').greaterThan('pieces', 4);
    const [found] = await query.find();
    assert.equal(found.id, order.id);
    assert.equal(found.get('pieces'), 5);
    assert.deepEqual(found.get('tags'), ['chocolate', 'vienna']);
    assert.equal(found.get('due').toISOString(), '2030-01-02T03:04:05.678Z');
    assert.equal(await new Parse.Query('Order').count(), 1);

    await found.destroy();
    await assert.rejects(new Parse.Query('Order').get(order.id), { code: Parse.Error.OBJECT_NOT_FOUND });
  });

  it('keeps what a user stored from everybody else', async () => {
    const diary = await new Parse.Object('Diary').save({ text: 'mine' });
    await Parse.User.logOut();
    await Parse.AnonymousUtils.logIn();
    assert.equal(await new Parse.Query('Diary').count(), 0);
    await assert.rejects(new Parse.Query('Diary').get(diary.id), { code: Parse.Error.OBJECT_NOT_FOUND });

    const nobody = await rest(europe, keys, 'GET', '/classes/Diary');
    assert.ok(nobody.status >= 400, `without a session: ${JSON.stringify(nobody)}`);
  });

  it("refuses an app the keys of another one", async () => {
    const stranger = await rest({ url: america.url }, keys, 'GET', '/classes/Order');
    assert.deepEqual([stranger.status, stranger.body.error], [403, 'unauthorized']);
  });

  it('counts the requests of the month', async () => {
    const usage = await waitUntil('the requests are booked', 30, async () => {
      const usage = await api.get(`/apps/${europe.id}/usage`).then(expect(200));
      return usage.meters.requests.quantity >= 10 && usage;
    });
    assert.ok(usage.first_request_at);
    assert.ok(usage.meters.data_transfer.quantity > 0);
    const idle = await api.get(`/apps/${america.id}/usage`).then(expect(200));
    assert.ok(idle.meters.requests.quantity <= 1, 'health checks do not count');
  });

  it('rotates a key: the old one is refused, the new one works', async () => {
    const { key } = await api.post(`/apps/${europe.id}/keys/rest/rotate`, {}).then(expect(200));
    await waitUntil('the new key is accepted and the old one refused', 30, async () => {
      const renewed = await rest(europe, { ...keys, rest_key: key }, 'GET', '/serverInfo');
      const old = await rest(europe, keys, 'POST', '/users', { body: { authData: { anonymous: { id: 'x' } } } });
      return renewed.status !== 401 && old.status === 403;
    });
    keys.rest_key = key;
  });

  it('deletes an app, which stops it, and undeletes it with its data', async () => {
    Parse = useApp(europe, keys);
    const kept = await new Parse.Object('Kept').save({ text: 'still here' });
    const session = Parse.User.current().getSessionToken();

    const { app } = await api.delete(`/apps/${europe.id}`).then(expect(200));
    assert.equal(app.status, 'deleted');
    assert.ok(Date.parse(app.purge_after) - Date.now() > 13 * 24 * 3600 * 1000);
    await waitUntil('the deleted app stops answering', 30, () => fetch(`${europe.url}/health`).then(() => false, () => true));

    await api.post(`/apps/${europe.id}/undelete`).then(expect(200));
    const back = await api.waitForStatus(europe.id, 'ready');
    const found = await rest(back, keys, 'GET', `/classes/Kept/${kept.id}`, { session });
    assert.deepEqual([found.status, found.body.text], [200, 'still here']);
  });

  it('wrote down who did what', async () => {
    const { entries } = await api.get(`/apps/${europe.id}/audit`).then(expect(200));
    const actions = entries.map((entry) => entry.action);
    for (const part of ['create', 'reveal', 'rotate', 'delete', 'undelete']) {
      assert.ok(actions.some((action) => action.includes(part)), `${part} is in ${actions}`);
    }
    assert.ok(entries.every((entry) => entry.actor.kind === 'token' || entry.actor.kind === 'system'));
  });

  it('shows a stranger nothing of it', async () => {
    const stranger = await Api.signUp(platform.url, newPerson());
    await stranger.get(`/apps/${europe.id}`).then(refused(404, 'not_found'));
    await stranger.get(`/apps/${europe.id}/keys`).then(refused(404, 'not_found'));
    await stranger.delete(`/apps/${europe.id}`).then(refused(404, 'not_found'));
    const { apps } = await stranger.get('/apps').then(expect(200));
    assert.deepEqual(apps, []);
  });
});
