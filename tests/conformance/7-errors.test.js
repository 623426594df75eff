// 7 Error codes: each that the server raises for data, by a request that raises it, with its HTTP status.

import assert from 'node:assert/strict';
import test from 'node:test';

import { app, created, defined, newClass, newEmail, newName, person, plain, pointer, refused, rest, serverWith, succeeds, table } from './setup.js';

const className = newClass();
const id = await created(className, { n: 1, text: 'a' });
const email = newEmail();
const ann = await person({ email });
const schema = newClass();
await defined(schema, { fields: { n: { type: 'Number' } } });
const master = { master: true };
const post = (path, body, options = {}) => ['POST', path, { body, ...options }];

table({
  '101: an object that is not there': [404, 101, 'GET', `/classes/${className}/none`],
  '101: a log-in that is wrong': [404, 101, ...post('/login', { username: 'x', password: 'y' })],
  '102: a parameter nobody knows': [400, 102, 'GET', `/classes/${className}?unheard=1`],
  '102: a pipeline that is none': [400, 102, 'GET', `/aggregate/${className}?group={}`, master],
  '103: a class that is there': [400, 103, ...post(`/schemas/${schema}`, { className: schema }, master)],
  '103: a class that is not there': [400, 103, 'PUT', `/schemas/${newClass()}`, { body: {}, ...master }],
  '103: a class of a bad name': [400, 103, ...post('/schemas', { className: '1a' }, master)],
  '105: a field of a bad name': [400, 105, ...post(`/classes/${className}`, { '1a': 1 })],
  '107: a where that is no JSON': [400, 107, 'GET', `/classes/${className}?where={`],
  '107: a batch of nothing': [400, 107, ...post('/batch', { requests: 1 })],
  '111: a value of another type': [400, 111, ...post(`/classes/${className}`, { n: 'x' })],
  '119: what only the owner may': [400, 119, 'GET', '/classes/_JobStatus'],
  '121: a nested key that is none': [400, 121, ...post(`/classes/${className}`, { o: { 'a.b': 1 } })],
  '123: an ACL that is none': [400, 123, ...post(`/classes/${className}`, { ACL: { '*unresolved': {} } })],
  '125: an address that is none': [400, 125, ...post('/users', { username: newName(), password: 'x', email: 'y' })],
  '135: an installation without id': [400, 135, ...post('/installations', { deviceType: 'ios' })],
  '136: a field that is given': [400, 136, 'PUT', `/schemas/${schema}`, { body: { fields: { objectId: { __op: 'Delete' } } }, ...master }],
  '200: a sign-up without name': [400, 200, ...post('/users', { password: 'x' })],
  '201: a sign-up without password': [400, 201, ...post('/users', { username: newName() })],
  '202: a name that is taken': [400, 202, ...post('/users', { username: ann.username, password: 'x' })],
  '203: an address that is taken': [400, 203, ...post('/users', { username: newName(), password: 'x', email })],
  '206: a user of somebody else': [400, 206, 'PUT', `/users/${ann.objectId}`, { body: {} }],
  '209: a session that is none': [400, 209, 'GET', '/users/me', { session: 'r:0' }],
  '252: a way to sign in that is none': [400, 252, ...post('/users', { authData: { unheard: { id: 'x' } } })],
  '255: a field that is there': [400, 255, 'PUT', `/schemas/${schema}`, { body: { fields: { n: { type: 'String' } } }, ...master }],
  '255: a field that is not there': [400, 255, 'PUT', `/schemas/${schema}`, { body: { fields: { m: { __op: 'Delete' } } }, ...master }],
}, (status, code, method, path, options) => refused(rest(method, path, options), status, code));

test('137: a value that must be unique', async () => {
  const name = newName();
  await succeeds(rest('POST', '/roles', { ...master, body: { name, ACL: {} } }), 201);
  await refused(rest('POST', '/roles', { ...master, body: { name, ACL: {} } }), 400, 137);
});

test('255: a class that is not empty', () => refused(rest('DELETE', `/schemas/${className}`, master), 400, 255, `Class ${className} is not empty, contains 1 objects, cannot drop schema.`));

test('101 where a session is needed', async () => {
  const locked = newClass();
  await defined(locked, { classLevelPermissions: { find: { requiresAuthentication: true } } });
  await refused(rest('GET', `/classes/${locked}`), 404, 101, 'Permission denied');
});

test('142: a field that is required', async () => {
  const strict = newClass();
  await defined(strict, { fields: { name: { type: 'String', required: true } } });
  await refused(rest('POST', `/classes/${strict}`, { body: {} }), 400, 142, 'name is required');
});

test('403 has no code', async () => {
  for (const request of [rest('GET', '/schemas'), plain('GET', `${app.url}/classes/${className}`)]) {
    const { status, text } = await request;
    assert.equal(status, 403);
    assert.equal(JSON.parse(text).code, undefined);
  }
});

test('100 and 429: too many requests', async () => {
  const server = await serverWith({ rateLimit: [{ requestPath: '/classes/*path', requestTimeWindow: 60_000, requestCount: 2, includeInternalRequests: true }] });
  for (let round = 0; round < 2; round += 1) await succeeds(server.rest('GET', `/classes/${className}`));
  await refused(server.rest('GET', `/classes/${className}`), 429, 100, 'Too many requests.');
});

test('a pointer to another class is told from one of the right class', async () => {
  const holder = newClass();
  await created(holder, { to: pointer(className, id) });
  await refused(rest('POST', `/classes/${holder}`, { body: { to: pointer('Other', 'x') } }), 400, 111,
    `schema mismatch for ${holder}.to; expected Pointer<${className}> but got Pointer<Other>`);
});
