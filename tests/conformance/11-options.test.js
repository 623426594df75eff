// 11 Options that change what an application sees, beside those that other files are about.

import assert from 'node:assert/strict';
import test from 'node:test';

import { waitUntil } from '../harness/wait.js';
import { app, created, differs, newClass, newEmail, newName, person, refused, rest, serverWith, succeeds, table } from './setup.js';

const as = (user) => ({ session: user.sessionToken });

test('fields of the settings are protected beside those of the class', async () => {
  const server = await serverWith({ protectedFields: { _User: { '*': ['email', 'phone'] }, Contact: { '*': ['secret'] } } });
  const ann = await person({ email: newEmail(), phone: '1', ACL: { '*': { read: true } } }, server.rest);
  await succeeds(server.rest('PUT', `/users/${ann.objectId}`, { ...as(ann), body: { ACL: { '*': { read: true } } } }));
  const seen = await succeeds(server.rest('GET', `/users/${ann.objectId}`));
  assert.deepEqual([seen.email, seen.phone], [undefined, undefined]);
  assert.equal((await succeeds(server.rest('GET', '/users/me', as(ann)))).phone, '1');
  const id = await created('Contact', { name: 'x', secret: 'y' }, {}, server.rest);
  assert.equal('secret' in (await succeeds(server.rest('GET', `/classes/Contact/${id}`))), false);
});

test('owners see what is protected only where they are exempt', async () => {
  const server = await serverWith({ protectedFieldsOwnerExempt: false, protectedFields: { _User: { '*': ['phone'] } } });
  const ann = await person({ phone: '1' }, server.rest);
  assert.equal('phone' in (await succeeds(server.rest('GET', `/users/${ann.objectId}`, as(ann)))), false);
});

const count = (...fields) => Object.fromEntries(fields.map((field) => [field, { __op: 'Increment', amount: 1 }]));
table({
  'answers to a save hide what is protected where the settings say so': [false, undefined],
  'answers to a save show what is protected by default': [undefined, 1],
}, async (exempt, secret) => {
  const server = await serverWith({ protectedFields: { Contact: { '*': ['secret'] } }, protectedFieldsSaveResponseExempt: exempt });
  const made = await succeeds(server.rest('POST', '/classes/Contact', { body: count('secret', 'open') }), 201);
  assert.deepEqual([made.secret, made.open], [secret, 1]);
  const put = (options) => succeeds(server.rest('PUT', `/classes/Contact/${made.objectId}`, { ...options, body: count('secret', 'open') }));
  const changed = await put();
  assert.deepEqual([changed.secret, changed.open], [secret && 2, 2]);
  assert.deepEqual((await put({ master: true })).secret, 3);
});

test('users see of themselves in answers to a save what they see in others', async () => {
  const server = await serverWith({ protectedFields: { _User: { '*': ['phone'] } }, protectedFieldsSaveResponseExempt: false });
  const ann = await person(count('phone'), server.rest);
  assert.equal('phone' in ann, false);
  const answer = await succeeds(server.rest('PUT', `/users/${ann.objectId}`, { ...as(ann), body: count('phone') }));
  assert.equal(answer.phone, 2);
});

test('words can be prohibited', async () => {
  const server = await serverWith({ requestKeywordDenylist: [{ key: 'forbidden' }, { key: 'bad', value: 'word' }] });
  const post = (body) => server.rest('POST', '/classes/Words', { body });
  await refused(post({ a: { forbidden: 1 } }), 400, 105, 'Prohibited keyword in request data: {"key":"forbidden"}.');
  await refused(post({ bad: 'word' }), 400, 105);
  await succeeds(post({ bad: 'other' }), 201);
});

test('sessions begin anew when they are used, where the settings say so', async () => {
  const sessionLength = 4;
  const server = await serverWith({ extendSessionOnUse: true, sessionLength });
  const ann = await person({}, server.rest);
  const own = () => succeeds(server.rest('GET', '/sessions/me', as(ann)));
  const { expiresAt: { iso: first } } = await own();
  // Used all the time, it must outlive what it was given; one that is not renewed ends with 209 on the way.
  await waitUntil('the session has begun anew', 20, async () => {
    const { expiresAt: { iso } } = await own();
    assert.ok(Date.parse(iso) <= Date.now() + sessionLength * 1000, iso);
    return Date.now() > Date.parse(first);
  });
});

test('an explanation for everybody where the settings say so', async () => {
  const server = await serverWith({ databaseOptions: { allowPublicExplain: true } });
  await created('Any', {}, {}, server.rest);
  const { results } = await succeeds(server.rest('GET', '/classes/Any?explain=true'));
  assert.ok(results.queryPlanner, JSON.stringify(results));
});

for (const id of ['a$b', 'role:a', '*']) {
  differs('customIds', `the id ${id}`, async (status) => {
    const server = await serverWith({ allowCustomObjectId: true });
    const { status: got, body } = await server.rest('POST', '/classes/Any', { body: { objectId: id } });
    assert.deepEqual([got, body.code], [status, status === 400 ? 105 : undefined]);
  });
}

test('the read-only master key aggregates where the settings say so', async () => {
  const server = await serverWith({ allowAggregationForReadOnlyMasterKey: false });
  const headers = { 'x-parse-master-key': app.readOnlyMasterKey };
  const { status } = await server.rest('GET', '/aggregate/Any?pipeline=[]', { headers });
  assert.ok(status === 400 || status === 403);
  await succeeds(rest('GET', '/aggregate/Any?pipeline=[]', { headers }));
});

table({
  'clients do not create classes by default': [{ allowClientClassCreation: false }, 400],
  'clients create classes where they may': [{ allowClientClassCreation: true }, 201],
}, async (settings, status) => {
  const server = await serverWith(settings);
  assert.equal((await server.rest('POST', `/classes/${newClass()}`, { body: {} })).status, status);
});

test('the public address is in locations and files', async () => {
  const server = await serverWith({ publicServerURL: 'https://api.example.org/parse' });
  const answer = await server.rest('POST', '/classes/Any', { body: { file: { __type: 'File', name: 'a.txt' } } });
  const { file } = await succeeds(server.rest('GET', `/classes/Any/${answer.body.objectId}`));
  assert.ok(file.url.startsWith('https://api.example.org/parse/files/'), file.url);
});

test('two apps do not know each other', async () => {
  const [one, two] = [await serverWith({ appName: 'one' }), await serverWith({ appName: 'two' })];
  const name = newName();
  const user = await person({ username: name }, one.rest);
  const id = await created('Shared', { n: 1 }, {}, one.rest);
  await refused(two.rest('GET', `/classes/Shared/${id}`), 404, 101);
  await refused(two.rest('GET', '/users/me', as(user)), 400, 209);
  await refused(two.rest('POST', '/login', { body: { username: name, password: 'a-password' } }), 404, 101);
});
