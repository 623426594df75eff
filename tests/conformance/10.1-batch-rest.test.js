// 10.1 Batches by plain HTTP.

import assert from 'node:assert/strict';
import test from 'node:test';

import { app, created, differs, newClass, newName, person, refused, rest, serverWith, succeeds, table } from './setup.js';

const { mount } = app;
const batch = (requests, options = {}) => rest('POST', '/batch', { body: { requests }, ...options });

test('every method', async () => {
  const className = newClass();
  const [one, two] = [await created(className, { n: 1 }), await created(className, { n: 2 })];
  const path = `${mount}/classes/${className}`;
  const results = await succeeds(batch([
    { method: 'POST', path, body: { n: 3 } },
    { method: 'PUT', path: `${path}/${one}`, body: { n: { __op: 'Increment', amount: 5 } } },
    { method: 'DELETE', path: `${path}/${two}` },
    { method: 'GET', path: `${path}/${one}` },
    { method: 'GET', path, body: { where: { n: 99 } } },
  ]));
  assert.deepEqual(Object.keys(results[0].success).sort(), ['createdAt', 'objectId']);
  assert.equal(results[1].success.n, 6);
  assert.deepEqual(results[2], { success: {} });
  assert.equal(results[3].success.objectId, one);
  assert.deepEqual(results[4], { success: { results: [] } });
});

test('errors stand in their place', async () => {
  const className = newClass();
  const path = `${mount}/classes/${className}`;
  const results = await succeeds(batch([
    { method: 'POST', path, body: { '1a': 1 } },
    { method: 'PUT', path: `${path}/none`, body: {} },
    { method: 'POST', path, body: {} },
  ]));
  assert.deepEqual(results[0].error, { code: 105, error: 'Invalid field name: 1a.' });
  assert.deepEqual(results[1].error, { code: 101, error: 'Object not found.' });
  assert.ok(results[2].success.objectId);
});

test('all requests have the rights of the batch', async () => {
  const ann = await person();
  const requests = [{ method: 'GET', path: `${mount}/users/me` }, { method: 'GET', path: `${mount}/schemas` }];
  const [me, schemas] = await succeeds(batch(requests, { session: ann.sessionToken }));
  assert.equal(me.success.objectId, ann.objectId);
  assert.ok(schemas.error);
  const [, list] = await succeeds(batch(requests, { master: true }));
  assert.ok(list.success.results.length > 0);
});

test('a sign-up and a log-in in a batch', async () => {
  const username = newName();
  const [user] = await succeeds(batch([{ method: 'POST', path: `${mount}/users`, body: { username, password: 'x' } }]));
  assert.match(user.success.sessionToken, /^r:/);
  const [login] = await succeeds(batch([{ method: 'POST', path: `${mount}/login`, body: { username, password: 'x' } }]));
  assert.equal(login.success.objectId, user.success.objectId);
});

table({
  'a batch of a text': [{ requests: 'x' }],
  'a batch of nothing': [{}],
  'a path without the mount': [{ requests: [{ method: 'GET', path: '/classes/A' }] }],
  'a batch in a batch': [{ requests: [{ method: 'POST', path: `${mount}/batch`, body: { requests: [] } }] }],
}, (body) => refused(rest('POST', '/batch', { body }), 400, 107));

differs('unroutedInBatch', 'a path that leads nowhere', async (status) => {
  const body = await succeeds(batch([{ method: 'GET', path: `${mount}/nowhere` }]), status);
  assert.equal((body.code ?? body[0].error.code), 107);
});

test('an empty batch is empty', async () => assert.deepEqual(await succeeds(batch([])), []));

test('a batch can be limited', async () => {
  const server = await serverWith({ requestComplexity: { batchRequestLimit: 2 } });
  const requests = (count) => Array.from({ length: count }, () => ({ method: 'POST', path: `${server.mount}/classes/Many`, body: {} }));
  await succeeds(server.rest('POST', '/batch', { body: { requests: requests(2) } }));
  const { status } = await server.rest('POST', '/batch', { body: { requests: requests(3) } });
  assert.equal(status, 400);
});
