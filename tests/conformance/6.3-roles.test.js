// 6.3 Roles, 6.8 installations, 6.9 idempotency.

import assert from 'node:assert/strict';
import test from 'node:test';

import { created, newClass, newName, person, pointer, refused, rest, role, serverWith, succeeds, table } from './setup.js';

const as = (user) => ({ session: user.sessionToken });

/** Whether this user may read what is for this role alone. */
async function reads(user, roleName) {
  const className = newClass();
  const id = await created(className, { ACL: { [`role:${roleName}`]: { read: true } } }, { master: true });
  return (await rest('GET', `/classes/${className}/${id}`, as(user))).status === 200;
}

test('a role has a name and is there once', async () => {
  const name = newClass('role');
  await role(name);
  await refused(rest('POST', '/roles', { master: true, body: { name, ACL: {} } }), 400, 137);
});

test('members have the rights of their role and of its parents', async () => {
  const [member, stranger] = [await person(), await person()];
  const [child, parent, grandparent] = [newClass('child'), newClass('parent'), newClass('grandparent')];
  const childId = await role(child, { users: [member.objectId] });
  const parentId = await role(parent, { roles: [childId] });
  await role(grandparent, { roles: [parentId] });
  for (const name of [child, parent, grandparent]) {
    assert.deepEqual([await reads(member, name), await reads(stranger, name)], [true, false], name);
  }
});

test('members of a parent do not have the rights of its children', async () => {
  const member = await person();
  const [child, parent] = [newClass('child'), newClass('parent')];
  await role(parent, { users: [member.objectId], roles: [await role(child)] });
  assert.deepEqual([await reads(member, parent), await reads(member, child)], [true, false]);
});

test('roles in a circle end', async () => {
  const member = await person();
  const [one, two] = [newClass('one'), newClass('two')];
  const oneId = await role(one, { users: [member.objectId] });
  const twoId = await role(two, { roles: [oneId] });
  const roles = { __op: 'AddRelation', objects: [pointer('_Role', twoId)] };
  await succeeds(rest('PUT', `/roles/${oneId}`, { master: true, body: { roles } }));
  assert.deepEqual([await reads(member, one), await reads(member, two)], [true, true]);
});

test('a new member counts at once, and one who left no more', async () => {
  const member = await person();
  const name = newClass('role');
  const id = await role(name);
  const change = (__op) => rest('PUT', `/roles/${id}`, { master: true, body: { users: { __op, objects: [pointer('_User', member.objectId)] } } });
  assert.equal(await reads(member, name), false);
  await succeeds(change('AddRelation'));
  assert.equal(await reads(member, name), true);
  await succeeds(change('RemoveRelation'));
  assert.equal(await reads(member, name), false);
});

test('roles are found, read and deleted as their ACL says', async () => {
  const name = newClass('role');
  const id = await role(name);
  await refused(rest('GET', `/roles/${id}`), 404, 101);
  assert.equal((await succeeds(rest('GET', `/roles/${id}`, { master: true }))).name, name);
  await refused(rest('DELETE', `/roles/${id}`), 404, 101);
  await succeeds(rest('DELETE', `/roles/${id}`, { master: true }));
});

// Installations.
const token = () => newName().padEnd(64, 'a').slice(0, 64);
const install = (body, options = {}) => rest('POST', '/installations', { body, ...options });
const read = (id) => succeeds(rest('GET', `/installations/${id}`));
const all = async (where) => (await succeeds(rest('GET', '/installations', { master: true, query: { where } }))).results;

table({
  'an installation without any id': [{ deviceType: 'ios' }, 135, 'at least one ID field (deviceToken, installationId) must be specified in this operation'],
  'an installation without a kind of device': [{ installationId: newName() }, 135, 'deviceType must be specified in this operation'],
}, (body, code, message) => refused(install(body), 400, code, message));

test('an installation id and a token are kept in lower case', async () => {
  const [installationId, deviceToken] = [newName().toUpperCase(), token().toUpperCase()];
  const { objectId } = await succeeds(install({ installationId, deviceToken, deviceType: 'ios' }), 201);
  const row = await read(objectId);
  assert.deepEqual([row.installationId, row.deviceToken], [installationId.toLowerCase(), deviceToken.toLowerCase()]);
});

test('a short token keeps its case', async () => {
  const { objectId } = await succeeds(install({ deviceToken: `AbC-${newName()}`, deviceType: 'android' }), 201);
  assert.match((await read(objectId)).deviceToken, /^AbC-/);
});

test('the id in the header is enough to make one', async () => {
  await succeeds(install({ deviceType: 'ios' }, { headers: { 'x-parse-installation-id': newName() } }), 201);
});

test('the same installation again is an update', async () => {
  const installationId = newName();
  const { objectId } = await succeeds(install({ installationId, deviceType: 'ios', channels: ['a'] }), 201);
  const answer = await succeeds(install({ installationId, deviceType: 'ios', channels: ['b'] }));
  assert.ok(answer.updatedAt);
  assert.deepEqual((await all({ installationId })).map((row) => [row.objectId, row.channels]), [[objectId, ['b']]]);
});

test('a token moves to the installation that has it now', async () => {
  const [deviceToken, one, two] = [token(), newName(), newName()];
  await succeeds(install({ installationId: one, deviceToken, deviceType: 'ios' }), 201);
  await succeeds(install({ installationId: two, deviceToken, deviceType: 'ios' }), 201);
  assert.deepEqual((await all({ deviceToken })).map((row) => row.installationId), [two]);
});

test('a row with a token alone takes the installation that brings it', async () => {
  const [deviceToken, installationId] = [token(), newName()];
  const { objectId } = await succeeds(install({ deviceToken, deviceType: 'ios' }), 201);
  await install({ deviceToken, installationId, deviceType: 'ios' });
  assert.deepEqual((await all({ deviceToken })).map((row) => [row.objectId, row.installationId]), [[objectId, installationId]]);
});

test('two rows of one device become one', async () => {
  const [deviceToken, installationId] = [token(), newName()];
  await succeeds(install({ installationId, deviceType: 'ios' }), 201);
  const { objectId } = await succeeds(install({ deviceToken, deviceType: 'ios' }), 201);
  await succeeds(install({ installationId, deviceToken, deviceType: 'ios' }));
  assert.deepEqual((await all({ deviceToken })).map((row) => [row.objectId, row.installationId]), [[objectId, installationId]]);
});

table({
  'the id of an installation stays': [{ installationId: newName() }, 136],
  'the kind of device stays': [{ deviceType: 'android' }, 136],
}, async (body, code) => {
  const { objectId } = await succeeds(install({ installationId: newName(), deviceType: 'ios' }), 201);
  await refused(rest('PUT', `/installations/${objectId}`, { body }), 400, code);
});

test('the token of an installation without id stays', async () => {
  const { objectId } = await succeeds(install({ deviceToken: token(), deviceType: 'ios' }), 201);
  await refused(rest('PUT', `/installations/${objectId}`, { body: { deviceToken: token() } }), 400, 136);
});

test('the token of an installation with id may change', async () => {
  const { objectId } = await succeeds(install({ installationId: newName(), deviceToken: token(), deviceType: 'ios' }), 201);
  const next = token();
  await succeeds(rest('PUT', `/installations/${objectId}`, { body: { deviceToken: next } }));
  assert.equal((await read(objectId)).deviceToken, next);
});

test('an installation takes fields, channels and an ACL', async () => {
  const { objectId } = await succeeds(install({ installationId: newName(), deviceType: 'ios', channels: ['a'], badge: 1, timeZone: 'Europe/Berlin', mine: true }), 201);
  await succeeds(rest('PUT', `/installations/${objectId}`, { body: { channels: { __op: 'AddUnique', objects: ['b'] }, badge: { __op: 'Increment', amount: 1 } } }));
  const row = await read(objectId);
  assert.deepEqual([row.channels, row.badge, row.timeZone, row.mine], [['a', 'b'], 2, 'Europe/Berlin', true]);
});

test('installations are listed and deleted by the master key', async () => {
  const { objectId } = await succeeds(install({ installationId: newName(), deviceType: 'ios' }), 201);
  await refused(rest('GET', '/installations'), 400, 119);
  await refused(rest('DELETE', `/installations/${objectId}`), 400, 119);
  await succeeds(rest('DELETE', `/installations/${objectId}`, { master: true }));
});

// Idempotency.
const idempotent = await serverWith({ idempotencyOptions: { paths: ['.*'], ttl: 60 } });
const once = (method, path, body, id) => idempotent.rest(method, path, { body, headers: { 'x-parse-request-id': id } });

table({
  'a creation is done once': ['POST', '/classes/Once', { n: 1 }, 201],
  'a sign-up is done once': ['POST', '/users', { username: newName(), password: 'x' }, 201],
  'an installation is made once': ['POST', '/installations', { installationId: newName(), deviceType: 'ios' }, 201],
}, async (method, path, body, status) => {
  const id = newName();
  await succeeds(once(method, path, body, id), status);
  await refused(once(method, path, body, id), 400, 159, 'Duplicate request');
});

test('an update is done once', async () => {
  const objectId = await created('Once', { n: 1 }, {}, idempotent.rest);
  const id = newName();
  const body = { n: { __op: 'Increment', amount: 1 } };
  await succeeds(once('PUT', `/classes/Once/${objectId}`, body, id));
  await refused(once('PUT', `/classes/Once/${objectId}`, body, id), 400, 159);
  assert.equal((await succeeds(idempotent.rest('GET', `/classes/Once/${objectId}`))).n, 2);
});

test('a request that failed counts, too', async () => {
  const id = newName();
  await refused(once('POST', '/classes/Once', { n: 'text' }, id), 400, 111);
  await refused(once('POST', '/classes/Once', { n: 1 }, id), 400, 159);
});

test('reading and deleting are not counted', async () => {
  const objectId = await created('Once', { n: 1 }, {}, idempotent.rest);
  const id = newName();
  for (let round = 0; round < 2; round += 1) await succeeds(once('GET', `/classes/Once/${objectId}`, undefined, id));
  await succeeds(once('DELETE', `/classes/Once/${objectId}`, undefined, id));
});

test('without an id nothing is counted', async () => {
  for (let round = 0; round < 2; round += 1) await created('Once', { n: 1 }, {}, idempotent.rest);
});

test('only the paths of the settings are counted', async () => {
  const server = await serverWith({ idempotencyOptions: { paths: ['classes/Once'], ttl: 60 } });
  const id = newName();
  const post = (path) => server.rest('POST', path, { body: {}, headers: { 'x-parse-request-id': id } });
  for (let round = 0; round < 2; round += 1) await succeeds(post('/classes/Often'), 201);
  await succeeds(post('/classes/Once'), 201);
  await refused(post('/classes/Once'), 400, 159);
});

table({
  'a role with an empty name': [{ name: '', ACL: {} }, 'name is required.'],
  'a role without a name': [{ ACL: {} }, 'name is required.'],
  'a role whose name is null': [{ name: null, ACL: {} }, 'name is required.'],
  'a role without an ACL': [{ name: newClass('role') }, 'ACL is required.'],
}, (body, message) => refused(rest('POST', '/roles', { master: true, body }), 400, 111, message));

test('a role keeps its name and its ACL', async () => {
  const ann = await person();
  const body = { name: newClass('role'), ACL: { '*': { read: true }, [ann.objectId]: { read: true, write: true } } };
  const { objectId } = await succeeds(rest('POST', '/roles', { ...as(ann), body }), 201);
  const gone = { __op: 'Delete' };
  for (const options of [as(ann), { master: true }]) {
    await refused(rest('PUT', `/roles/${objectId}`, { ...options, body: { name: gone } }), 400, 111, 'name is required.');
    await refused(rest('PUT', `/roles/${objectId}`, { ...options, body: { ACL: gone } }), 400, 111, 'ACL is required.');
  }
  assert.deepEqual((await succeeds(rest('GET', `/roles/${objectId}`))).ACL, body.ACL);
  await succeeds(rest('PUT', `/roles/${objectId}`, { ...as(ann), body: { note: 'still theirs' } }));
});
