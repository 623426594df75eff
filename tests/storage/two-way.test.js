// One database, two servers: what either wrote, the other reads, changes and hands back.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startApp } from '../servers/app-server.js';
import { startMongod } from '../servers/mongod.js';
import { restClient } from '../servers/rest.js';
import { contents, date, fill, people, pointer } from './fill.js';

const settings = {
  allowClientClassCreation: true,
  idempotencyOptions: { paths: ['classes/Once'], ttl: 3600 },
  publicServerURL: 'http://files.example/parse',
  logLevel: 'error',
  silent: true,
};

let mongod;
before(async () => (mongod = await startMongod()));
after(() => mongod?.stop());

for (const [writer, reader] of [['parse-server', 'slipway-runtime'], ['slipway-runtime', 'parse-server']]) {
  describe(`a database of ${writer} under ${reader}`, () => {
    const databaseURI = () => mongod.uri(`of-${writer}`);
    let app, rest, known, written;

    /** Ends the server that runs and starts one of this kind on the same database. */
    async function change(kind) {
      await app?.stop();
      app = await startApp(kind, { databaseURI: databaseURI(), settings });
      rest = restClient(app.url);
    }
    const get = async (path, options) => {
      const { status, body, text } = await rest('GET', path, options);
      assert.equal(status, 200, `${path}: ${text}`);
      return body;
    };
    const find = async (className, where, options = {}) => (await get(`/classes/${className}`, { ...options, query: { where, order: 'objectId' } })).results;
    const code = async (method, path, options) => (await rest(method, path, options)).body.code;

    before(async () => {
      await change(writer);
      known = await fill(rest);
      written = await contents(rest, known.users);
      await change(reader);
    });
    after(() => app?.stop());

    it('shows the same of every object, class and setting', async () => {
      assert.deepEqual(await contents(rest, known.users), written);
    });

    it('takes the passwords', async () => {
      for (const [name, { username, password, email }] of Object.entries(people)) {
        const { body } = await rest('POST', '/login', { body: { username, password } });
        assert.equal(body.objectId, known.users[name].id, JSON.stringify(body));
        assert.equal(await code('POST', '/login', { body: { username, password: `${password}!` } }), 101);
        if (email) assert.equal((await rest('POST', '/login', { body: { email, password } })).body.objectId, known.users[name].id);
      }
    });

    it('takes the sessions, each as it was made', async () => {
      for (const { id, session } of Object.values(known.users)) assert.equal((await get('/users/me', { session })).objectId, id);
      assert.deepEqual((await get('/sessions/me', { session: known.users.cat.session })).createdWith, { action: 'signup', authProvider: 'password' });
      assert.equal((await get('/sessions/me', { session: known.users.ann.phone })).installationId, 'phone-1');
    });

    it('knows an anonymous user again', async () => {
      const { status, body } = await rest('POST', '/users', { body: { authData: { anonymous: { id: 'device-17' } } } });
      assert.deepEqual([status, body.objectId], [200, known.users.anonymous.id]);
    });

    it('holds names, addresses and roles unique', async () => {
      assert.equal(await code('POST', '/users', { body: { username: 'ANN', password: 'x' } }), 202);
      assert.equal(await code('POST', '/users', { body: { username: 'new', password: 'x', email: 'bob@example.ORG' } }), 203);
      assert.equal(await code('POST', '/roles', { master: true, body: { name: 'editors', ACL: {} } }), 137);
    });

    it('finds by every kind of value', async () => {
      const { full, team } = known.objects;
      const conditions = [
        { text: 'a text' }, { whole: 7 }, { large: { $gt: 9007199254740000 } }, { fraction: { $lt: 1 } }, { yes: true }, { nothing: null },
        { at: date('2026-01-02T03:04:05.678Z') }, { old: { $lt: date('1970-01-01T00:00:00.000Z') } }, { list: 'two' }, { 'object.a.b': 1 },
        { 'object.when': date('2026-01-01T00:00:00.000Z') }, { team: pointer('Team', team) }, { pointers: pointer('Team', team) },
        { team: { $inQuery: { className: 'Team', where: { name: 'red' } } } }, { teams: pointer('Team', team) },
        { place: { $nearSphere: { __type: 'GeoPoint', latitude: 50, longitude: 7 }, $maxDistanceInKilometers: 200 } },
        { area: { $geoIntersects: { $point: { __type: 'GeoPoint', latitude: 5, longitude: 5 } } } },
        { text: { $regex: '^\\Qa t\\E' } }, { objectId: full }, { missing: { $exists: false } },
      ];
      for (const where of conditions) {
        assert.deepEqual((await find('Everything', where)).map(({ objectId }) => objectId), [full], JSON.stringify(where));
      }
      assert.equal((await find('Article', { body: { $text: { $search: { $term: 'coffee' } } } })).length, 2);
      assert.deepEqual((await find('Team', { $relatedTo: { object: pointer('Everything', full), key: 'teams' } })).map(({ objectId }) => objectId), [team]);
    });

    it('keeps to ACLs and inherited roles', async () => {
      const { ann, bob, cat } = known.users;
      const path = `/classes/Diary/${known.objects.diary}`;
      assert.equal(await code('GET', path), 101);
      assert.equal(await code('GET', path, { session: cat.session }), 101);
      assert.equal((await get(path, { session: bob.session })).title, 'private');
      assert.equal(await code('PUT', path, { session: bob.session, body: { n: 2 } }), 101);
      assert.equal((await rest('PUT', path, { session: ann.session, body: { n: { __op: 'Increment', amount: 1 } } })).body.n, 2);
    });

    it('keeps to the permissions of classes', async () => {
      const { ann, bob, cat } = known.users;
      const path = `/classes/Locked/${known.objects.locked}`;
      assert.equal(await code('GET', '/classes/Locked'), 101);
      assert.equal((await find('Locked', {}, { session: cat.session })).length, 1);
      assert.equal(await code('GET', '/classes/Locked?count=1&limit=0', { session: cat.session }), 119);
      assert.equal((await get('/classes/Locked?count=1&limit=0', { session: bob.session })).count, 1);
      assert.equal(await code('POST', '/classes/Locked', { session: bob.session, body: { title: 'x' } }), 119);
      assert.equal(await code('POST', '/classes/Locked', { session: ann.session, body: {} }), 142);
      assert.equal('secret' in (await get(path, { session: cat.session })), false);
      assert.equal((await get(path, { session: bob.session })).secret, 'hush');
      assert.equal(await code('PUT', path, { session: cat.session, body: { state: 'x' } }), 101);
      assert.equal((await rest('PUT', path, { session: bob.session, body: { state: 'read' } })).status, 200);
      assert.equal(await code('PUT', path, { session: bob.session, body: { state: 1 } }), 111);
    });

    it('changes objects with every operator', async () => {
      const path = `/classes/Everything/${known.objects.full}`;
      const team = (await rest('POST', '/classes/Team', { body: { name: 'blue' } })).body.objectId;
      const body = {
        whole: { __op: 'Increment', amount: 0.5 }, list: { __op: 'AddUnique', objects: ['two', 'new'] }, empty: { __op: 'Delete' },
        'object.a.c': 'deep', teams: { __op: 'AddRelation', objects: [pointer('Team', team)] }, added: 'field', yes: null,
        place: { __type: 'GeoPoint', latitude: 1, longitude: 2 }, ACL: { '*': { read: true, write: true } },
      };
      const { status, text } = await rest('PUT', path, { body });
      assert.equal(status, 200, text);
      const now = await get(path);
      assert.deepEqual([now.whole, now.list.at(-1), 'empty' in now, now.object.a, now.added, now.yes], [7.5, 'new', false, { b: [1], c: 'deep' }, 'field', null]);
      assert.equal((await find('Team', { $relatedTo: { object: pointer('Everything', known.objects.full), key: 'teams' } })).length, 2);
    });

    it('changes classes', async () => {
      const change = { fields: { more: { type: 'Number' }, state: { __op: 'Delete' } }, indexes: { byState: { __op: 'Delete' }, byMore: { more: 1 } } };
      const { status, body, text } = await rest('PUT', '/schemas/Locked', { master: true, body: change });
      assert.equal(status, 200, text);
      assert.deepEqual([body.fields.more, body.fields.state], [{ type: 'Number' }, undefined]);
      assert.deepEqual(Object.keys(body.indexes).filter((name) => name.startsWith('by')).sort(), ['byMore', 'byTitle']);
    });

    it('merges what belongs to one device', async () => {
      const { body } = await rest('POST', '/installations', { body: { installationId: 'phone-1', deviceType: 'ios', channels: ['news', 'sport'] } });
      const { results } = await get('/installations', { master: true });
      assert.deepEqual(results.map(({ objectId, channels }) => [objectId, channels]), [[known.installation, ['news', 'sport']]], JSON.stringify(body));
    });

    it('remembers which requests were made', async () => {
      const once = (id) => code('POST', '/classes/Once', { body: { n: 1 }, headers: { 'x-parse-request-id': id } });
      assert.equal(await once('request-1'), 159);
      assert.equal(await once(`request-of-${reader}`), undefined);
      assert.equal(await once(`request-of-${reader}`), 159);
    });

    it('changes a password and ends the sessions', async () => {
      const { bob } = known.users;
      const answer = await rest('PUT', `/users/${bob.id}`, { session: bob.session, body: { password: 'bob again' } });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(await code('GET', '/users/me', { session: bob.session }), 209);
      known.users.bob.session = answer.body.sessionToken ?? (await rest('POST', '/login', { body: { username: people.bob.username, password: 'bob again' } })).body.sessionToken;
    });

    it('deletes and empties', async () => {
      assert.equal((await rest('DELETE', `/classes/Diary/${known.objects.diary}`, { session: known.users.ann.session })).status, 200);
      assert.equal((await rest('DELETE', '/purge/Article', { master: true })).status, 200);
      assert.equal((await rest('PUT', '/config', { master: true, body: { params: { welcome: 'changed', limit: { __op: 'Delete' } } } })).status, 200);
    });

    it(`leaves a database that ${writer} goes on with`, async () => {
      const left = await contents(rest, known.users);
      await change(writer);
      assert.deepEqual(await contents(rest, known.users), left);
      const { body } = await rest('POST', '/login', { body: { username: people.bob.username, password: 'bob again' } });
      assert.equal(body.objectId, known.users.bob.id, JSON.stringify(body));
      assert.equal(await code('POST', '/classes/Once', { body: { n: 1 }, headers: { 'x-parse-request-id': `request-of-${reader}` } }), 159);
    });
  });
}
