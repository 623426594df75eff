// Settings change and keys are rotated while an app is under load: not one request fails for it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Api, expect, newPerson, refused } from '../harness/api.js';
import { rest } from '../harness/parse-app.js';
import { Platform } from '../harness/platform.js';
import { waitUntil } from '../harness/wait.js';

/** Clients that go on until they are stopped; every answer but a success is kept. */
class Load {
  served = 0;
  failures = [];
  stopped = false;

  constructor(clients, once) {
    this.done = Promise.all(Array.from({ length: clients }, () => this.run(once)));
  }

  async run(once) {
    while (!this.stopped) {
      try {
        const answer = await once();
        if (answer.status < 300) this.served += 1;
        else this.failures.push(answer);
      } catch (error) {
        this.failures.push({ error: String(error), cause: String(error.cause) });
      }
    }
  }

  async more(count = 20) {
    const wanted = this.served + count;
    await waitUntil('the load goes on', 60, () => this.served >= wanted || this.failures.length > 0);
  }

  /** Runs `work` beside the load, then ends the load whatever came of it. */
  async beside(work) {
    try {
      await this.more();
      await work();
      await this.more();
    } finally {
      this.stopped = true;
      await this.done;
    }
    assert.deepEqual(this.failures, []);
  }
}

describe('settings of an app under load', () => {
  const person = newPerson();
  let platform, api, app, keys, session, instance;

  const change = async (patch) => {
    const settings = await api.patch(`/apps/${app.id}/settings`, patch).then(expect(200));
    await api.waitForStatus(app.id, 'ready');
    return settings;
  };
  const process = async () => (await fetch(`${app.url}/health`)).headers.get('x-slipway-instance');

  before(async () => {
    platform = await Platform.create();
    await platform.start();
    api = await Api.signUp(platform.url, person);
    app = await api.createApp('Busy', 'eu');
    keys = await api.get(`/apps/${app.id}/keys`).then(expect(200));
    const user = await rest(app, keys, 'POST', '/users', { body: { authData: { anonymous: { id: 'somebody' } } } });
    assert.equal(user.status, 201, JSON.stringify(user.body));
    session = user.body.sessionToken;
    instance = await process();
  });
  after(() => platform.remove());

  it('changes again and again without a failed request or a new process', async () => {
    const load = new Load(8, () => rest(app, keys, 'POST', '/classes/Order', { session, body: { cake: 'Sacher' } }));
    await load.beside(async () => {
      for (let round = 1; round <= 10; round += 1) {
        await change({
          sessionLength: 86_400 + round,
          rateLimit: [{ requestPath: '/login', requestTimeWindow: 1000, requestCount: round }],
          passwordPolicy: { maxPasswordHistory: round },
          auth: { google: { clientId: `client-${round}` } },
        });
        await load.more();
      }
      await change({ rateLimit: null, passwordPolicy: null, auth: null, sessionLength: null });
    });
    assert.equal(await process(), instance, 'the process is the one it was');
  });

  it('takes a new key at the moment it refuses the old one', async () => {
    // The next key is known as soon as the rotation is answered; until then the old one has to work.
    let key = keys.rest_key;
    let rotated = Promise.resolve();
    const once = async () => {
      const used = key;
      const answer = await rest(app, { ...keys, rest_key: used }, 'GET', '/classes/Order?limit=1', { session });
      if (answer.status !== 403) return answer;
      const next = await rotated;
      assert.notEqual(next, used, 'an old key is refused only when there is a new one');
      return rest(app, { ...keys, rest_key: next }, 'GET', '/classes/Order?limit=1', { session });
    };
    const load = new Load(8, once);
    await load.beside(async () => {
      for (let round = 0; round < 5; round += 1) {
        const old = key;
        rotated = api.post(`/apps/${app.id}/keys/rest/rotate`, {}).then(expect(200)).then((answer) => answer.key);
        const next = await rotated;
        await api.waitForStatus(app.id, 'ready');
        assert.equal((await rest(app, { ...keys, rest_key: old }, 'GET', '/classes/Order?limit=1', { session })).status, 403);
        key = next;
        await load.more();
      }
    });
    keys.rest_key = key;
    assert.equal(await process(), instance);
  });

  it('does at once what the settings say', async () => {
    const signUp = (id) => rest(app, keys, 'POST', '/users', { body: { authData: { anonymous: { id } } } });
    await change({ enableAnonymousUsers: false });
    assert.equal((await signUp('one')).body.code, 252);
    await change({ enableAnonymousUsers: null, rateLimit: [{ requestPath: '/classes/Order', requestTimeWindow: 60_000, requestCount: 1, includeInternalRequests: true }] });
    assert.equal((await signUp('two')).status, 201);
    const read = () => rest(app, keys, 'GET', '/classes/Order?limit=1', { session });
    assert.deepEqual([(await read()).status, (await read()).status], [200, 429]);
    await change({ rateLimit: null });
    assert.equal((await read()).status, 200);
  });

  it('goes live: clients create no classes any more', async () => {
    const create = (name) => rest(app, keys, 'POST', `/classes/${name}`, { session, body: { a: 1 } });
    assert.equal((await create('Before')).status, 201);
    await change({ stage: 'live' });
    assert.equal((await api.get(`/apps/${app.id}`).then(expect(200))).app.stage, 'live');
    assert.equal((await create('After')).body.code, 119);
    assert.equal((await create('Before')).status, 201);
    await change({ stage: 'building' });
    assert.equal((await create('After')).status, 201);
  });

  it('refuses what the app would not take, and the app notices nothing', async () => {
    const { fields } = await api.patch(`/apps/${app.id}/settings`, { sesionLength: 1, maxLimit: 0 }).then(refused(422, 'invalid_input'));
    assert.match(fields.sesionLength, /sessionLength/);
    assert.match(fields.maxLimit, /whole number/);
    assert.equal(await process(), instance);
  });
});
