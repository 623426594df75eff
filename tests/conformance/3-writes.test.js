// 3 Objects and writes: names, what a write answers, defaults and required fields, deletes.

import assert from 'node:assert/strict';
import test from 'node:test';

import { app, created, defined, differs, newClass, newName, person, pointer, refused, rest, serverWith, succeeds, table } from './setup.js';

const stored = async (className, id) => {
  const { objectId, createdAt, updatedAt, ...fields } = await succeeds(rest('GET', `/classes/${className}/${id}`, { master: true }));
  return fields;
};
const post = (body, className = newClass(), options = {}) => rest('POST', `/classes/${className}`, { body, ...options });

table({
  'objectId cannot be chosen': [{ objectId: 'abc' }, 105, 'objectId is an invalid field name.'],
  'id is no field': [{ id: 'abc' }, 105, 'id is an invalid field name.'],
  'createdAt cannot be set as a text': [{ createdAt: '2020-01-01T00:00:00.000Z' }, 111],
  'updatedAt cannot be set as a text': [{ updatedAt: '2020-01-01T00:00:00.000Z' }, 111],
  'length is no field': [{ length: 1 }, 105, 'Invalid field name: length.'],
  'className is no field': [{ className: 'x' }, 105, 'Invalid field name: className.'],
  'a field does not begin with a digit': [{ '1a': 1 }, 105, 'Invalid field name: 1a.'],
  'a field does not begin with an underscore': [{ _a: 1 }, 105, 'Invalid field name: _a.'],
  'a field has no hyphen': [{ 'a-b': 1 }, 105, 'Invalid field name: a-b.'],
  'a field does not begin with a dollar': [{ $a: 1 }, 105, 'Invalid field name: $a.'],
  'a nested key has no dollar': [{ o: { $a: 1 } }, 121, "Nested keys should not contain the '$' or '.' characters"],
  'a nested key has no dot': [{ o: { 'a.b': 1 } }, 121, "Nested keys should not contain the '$' or '.' characters"],
  'a nested key in a list has no dollar': [{ o: [{ $a: 1 }] }, 121],
  'a deep nested key has no dollar': [{ o: { a: { b: { $c: 1 } } } }, 121],
  'constructor is a prohibited word': [{ a: [{ b: { constructor: 1 } }] }, 105, 'Prohibited keyword in request data: {"key":"constructor"}.'],
  'a _bsontype of Code is prohibited': [{ a: { _bsontype: 'Code', code: '1' } }, 105, 'Prohibited keyword in request data: {"key":"_bsontype","value":"Code"}.'],
  'an ACL of something unresolved is none': [{ ACL: { '*unresolved': { read: true } } }, 123, 'Invalid ACL.'],
}, (body, code, message) => refused(post(body), 400, code, message));

differs('prohibitedBeforeTheSchema', 'constructor is prohibited at the top too', (code) => refused(post({ constructor: 1 }), 400, code));

table({
  'a class does not begin with a digit': '1a',
  'a class has no space': 'a b',
  'a class has no hyphen': 'a-b',
  'a class does not begin with an underscore': '_Mine',
}, (className) => refused(post({}, encodeURIComponent(className)), 400, 107));

test('own ids are possible where the settings say so', async () => {
  const server = await serverWith({ allowCustomObjectId: true });
  const custom = (objectId) => server.rest('POST', '/classes/Custom', { body: { objectId, n: 1 } });
  assert.equal((await succeeds(custom('my-id'), 201)).objectId, 'my-id');
  await refused(custom('my-id'), 400, 137);
  for (const empty of ['', null]) await refused(custom(empty), 400, 104, 'objectId must not be empty, null or undefined');
  assert.match((await succeeds(server.rest('POST', '/classes/Custom', { body: { n: 1 } }), 201)).objectId, /^[A-Za-z0-9]{10}$/);
});

test('ids have the length of the settings', async () => {
  const server = await serverWith({ objectIdSize: 20 });
  assert.match((await succeeds(server.rest('POST', '/classes/Long', { body: {} }), 201)).objectId, /^[A-Za-z0-9]{20}$/);
});

test('times are bare texts and equal at first', async () => {
  const className = newClass();
  const id = await created(className, {});
  const { createdAt, updatedAt } = (await rest('GET', `/classes/${className}/${id}`)).body;
  assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(updatedAt, createdAt);
});

differs('timesInAnUpdate', 'createdAt in an update is not taken', async (status) => {
  const className = newClass();
  const id = await created(className, { n: 1 });
  const before = (await rest('GET', `/classes/${className}/${id}`)).body.createdAt;
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { createdAt: '2020-01-01T00:00:00.000Z', n: 2 } }), status);
  const after = (await rest('GET', `/classes/${className}/${id}`)).body;
  assert.deepEqual([after.createdAt, after.n], [before, status === 200 ? 2 : 1]);
});

test('the maintenance key sets times', async () => {
  const className = newClass();
  const date = (iso) => ({ __type: 'Date', iso });
  const headers = { 'x-parse-maintenance-key': app.maintenanceKey };
  const body = { createdAt: date('2020-01-01T00:00:00.000Z'), updatedAt: date('2021-01-01T00:00:00.000Z') };
  await created(className, {});
  const { objectId } = await succeeds(rest('POST', `/classes/${className}`, { body, headers }), 201);
  const read = await succeeds(rest('GET', `/classes/${className}/${objectId}`));
  assert.deepEqual([read.createdAt, read.updatedAt], ['2020-01-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z']);
  const wrong = { createdAt: body.updatedAt, updatedAt: body.createdAt };
  await refused(rest('POST', `/classes/${className}`, { body: wrong, headers }), 400, 142);
});

table({
  'creating answers with id and time only': [{ n: 1, text: 'a', list: [1], object: { a: 1 } }, []],
  'creating with an increment answers with the number': [{ n: { __op: 'Increment', amount: 2 } }, ['n']],
  'creating with an addition answers with the list': [{ list: { __op: 'Add', objects: [1] } }, ['list']],
  'creating with a unique addition answers with the list': [{ list: { __op: 'AddUnique', objects: [1] } }, ['list']],
  'creating with a removal answers with the list': [{ list: { __op: 'Remove', objects: [1] } }, ['list']],
  'creating with a deletion answers without it': [{ gone: { __op: 'Delete' } }, []],
}, async (body, more) => {
  const answer = await succeeds(post(body), 201);
  assert.deepEqual(Object.keys(answer).sort(), ['createdAt', 'objectId', ...more].sort());
});

test('updating with nothing answers with the time', async () => {
  const className = newClass();
  const id = await created(className, { n: 1 });
  assert.deepEqual(Object.keys(await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: {} }))), ['updatedAt']);
});

test('updating answers with the results of operators only', async () => {
  const className = newClass();
  const id = await created(className, { n: 1, list: ['a'], text: 'a' });
  const body = { n: { __op: 'Increment', amount: 4 }, list: { __op: 'AddUnique', objects: ['b'] }, text: 'b' };
  const { updatedAt, ...results } = await succeeds(rest('PUT', `/classes/${className}/${id}`, { body }));
  assert.deepEqual(results, { n: 5, list: ['a', 'b'] });
});

const strict = newClass();
await defined(strict, { fields: {
  name: { type: 'String', required: true },
  state: { type: 'String', defaultValue: 'new' },
  n: { type: 'Number', required: true, defaultValue: 7 },
} });

table({
  'a required field that is missing': [{}],
  'a required field that is null': [{ name: null }],
  'a required field that is empty': [{ name: '' }],
  'a required field that is deleted': [{ name: { __op: 'Delete' } }],
}, (body) => refused(post(body, strict), 400, 142, 'name is required'));

table({
  'a required field cannot be emptied': [{ name: '' }],
  'a required field cannot be nulled': [{ name: null }],
  'a required field cannot be deleted': [{ name: { __op: 'Delete' } }],
}, async (body) => {
  const id = await created(strict, { name: 'a' });
  await refused(rest('PUT', `/classes/${strict}/${id}`, { body }), 400, 142, 'name is required');
});

test('defaults are stored and answered', async () => {
  const { objectId, createdAt, ...answer } = await succeeds(post({ name: 'a' }, strict), 201);
  assert.deepEqual(answer, { state: 'new', n: 7 });
  assert.deepEqual(await stored(strict, objectId), { name: 'a', state: 'new', n: 7 });
});

test('a default gives way to a value, not to a deletion', async () => {
  const given = await succeeds(post({ name: 'a', state: 'old', n: 1 }, strict), 201);
  assert.deepEqual(await stored(strict, given.objectId), { name: 'a', state: 'old', n: 1 });
  const deleted = await succeeds(post({ name: 'a', state: { __op: 'Delete' } }, strict), 201);
  assert.equal((await stored(strict, deleted.objectId)).state, 'new');
});

table({
  'a role needs a name': ['/roles', { ACL: {} }, 'name is required.'],
  'a role needs an ACL': ['/roles', { name: newClass() }, 'ACL is required.'],
  'a product needs its identifier': ['/classes/_Product', { order: 1 }, /is required\.$/],
}, (path, body, message) => refused(rest('POST', path, { body }), 400, 111, message));

test('clients create classes where the settings allow it only', async () => {
  const server = await serverWith({ allowClientClassCreation: false, enableSanitizedErrorResponse: false });
  const name = newClass();
  await refused(server.rest('POST', `/classes/${name}`, { body: {} }), 400, 119, `This user is not allowed to access non-existent class: ${name}`);
  await refused(server.rest('GET', `/classes/${name}`), 400, 119, `This user is not allowed to access non-existent class: ${name}`);
  await succeeds(server.rest('POST', `/classes/${name}`, { body: { n: 1 }, master: true }), 201);
  await succeeds(server.rest('POST', `/classes/${name}`, { body: { more: 1 } }), 201);
});

test('a field that no update names is null where null was written', async () => {
  const className = newClass();
  const id = await created(className, { a: 1, b: null });
  assert.deepEqual(await stored(className, id), { a: 1, b: null });
  assert.equal((await rest('GET', `/schemas/${className}`, { master: true })).body.fields.b, undefined);
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { a: null, c: null } }));
  assert.deepEqual(await stored(className, id), { a: null, b: null, c: null });
});

test('what is gone is not found', async () => {
  const className = newClass();
  const id = await created(className, {});
  await succeeds(rest('DELETE', `/classes/${className}/${id}`));
  for (const method of ['GET', 'PUT', 'DELETE']) {
    await refused(rest(method, `/classes/${className}/${id}`, { body: method === 'PUT' ? {} : undefined }), 404, 101, 'Object not found.');
  }
  await refused(rest('DELETE', `/classes/${newClass()}/none`), 404, 101, 'Object not found.');
});

test('users are deleted by themselves, and their sessions stay', async () => {
  const [ann, bob] = [await person(), await person()];
  await refused(rest('DELETE', `/users/${ann.objectId}`), 400, 206);
  const other = await rest('DELETE', `/users/${ann.objectId}`, { session: bob.sessionToken });
  assert.ok(other.status >= 400, other.text);
  await succeeds(rest('DELETE', `/users/${ann.objectId}`, { session: ann.sessionToken }));
  await refused(rest('GET', `/users/${ann.objectId}`, { master: true }), 404, 101);
  const where = { user: pointer('_User', ann.objectId) };
  const { results } = await succeeds(rest('GET', '/sessions', { master: true, query: { where } }));
  assert.equal(results.length, 1);
});

test('a pointer to what was deleted stays, and is not included', async () => {
  const [to, from] = [newClass(), newClass()];
  const target = await created(to, {});
  const holder = await created(from, { target: pointer(to, target) });
  await succeeds(rest('DELETE', `/classes/${to}/${target}`));
  assert.deepEqual((await stored(from, holder)).target, pointer(to, target));
  const { results } = await succeeds(rest('GET', `/classes/${from}`, { query: { include: 'target' } }));
  assert.equal('target' in results[0], false);
});

differs('emptyAddresses', 'users with an empty address', async (statuses) => {
  for (const status of statuses) {
    await succeeds(rest('POST', '/users', { body: { username: newName(), password: 'a-password', email: '' } }), status);
  }
});

differs('mayOneAtAll', 'a wrong value for somebody else', async (code) => {
  const [ann, bob] = [await person(), await person()];
  await refused(rest('PUT', `/users/${ann.objectId}`, { session: bob.sessionToken, body: { email: 'nowhere' } }), 400, code);
});
