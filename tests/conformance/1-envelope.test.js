// Credentials, methods and bodies in all their forms, and what is answered to broken ones.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, app, differs, newClass, plain, rest } from './setup.js';

const path = () => `/classes/${newClass()}`;
const get = (path, headers = {}) => plain('GET', app.url + path, { headers });

test('without an application id nothing is served', async () => {
  const response = await get(path());
  assert.equal(response.status, 403);
  assert.equal(JSON.parse(response.text).error, 'unauthorized');
});

test('with a foreign application id nothing is served', async () => {
  const headers = { 'x-parse-application-id': 'another-app', 'x-parse-rest-api-key': app.restKey };
  assert.equal((await get(path(), headers)).status, 403);
});

test('with a wrong key nothing is served', async () => {
  for (const key of [{}, { 'x-parse-rest-api-key': 'wrong' }, { 'x-parse-javascript-key': app.restKey }]) {
    const response = await get(path(), { 'x-parse-application-id': app.id, ...key });
    assert.equal(response.status, 403, JSON.stringify(key));
  }
});

test('a wrong master key opens nothing', async () => {
  const { status } = await rest('GET', '/serverInfo', { headers: { 'x-parse-master-key': 'wrong' } });
  assert.equal(status, 403);
});

test('credentials and method may come in the body, whatever its type, as browsers send them', async () => {
  const body = { _ApplicationId: app.id, _JavaScriptKey: app.javascriptKey, _ClientVersion: 'js8.6.2' };
  const url = path();
  const post = (more) => plain('POST', app.url + url, {
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify({ ...body, ...more }),
  });
  const created = await post({ title: 'first' });
  assert.equal(created.status, 201);
  const found = JSON.parse((await post({ _method: 'GET', where: { title: 'first' } })).text);
  assert.equal(found.results.length, 1);
  assert.deepEqual(Object.keys(found.results[0]).sort(), ['createdAt', 'objectId', 'title', 'updatedAt']);
});

test('basic authentication carries id and key', async () => {
  const basic = Buffer.from(`${app.id}:javascript-key=${app.javascriptKey}`).toString('base64');
  assert.equal((await get(path(), { authorization: `Basic ${basic}` })).status, 200);
  const master = Buffer.from(`${app.id}:${app.masterKey}`).toString('base64');
  assert.equal((await get('/serverInfo', { authorization: `Basic ${master}` })).status, 200);
});

test('malformed JSON is a bad request', async () => {
  const { status, body } = await rest('POST', path(), { raw: '{"a":' });
  assert.equal(status, 400);
  assert.ok(body.error);
});

test('a body that is no object is refused', async () => {
  const { status } = await rest('POST', path(), { raw: '"text"' });
  assert.equal(status, 400);
});

test('a malformed query is refused', async () => {
  for (const query of ['where={', 'where=[1]', 'order=$a', 'where={"a":{"$wrong":1}}']) {
    const { status, body } = await rest('GET', `${path()}?${query}`);
    assert.equal(status, 400, `${query}: ${JSON.stringify(body)}`);
  }
});

test('an unknown session is refused everywhere', async () => {
  const session = 'r:0123456789abcdef0123456789abcdef';
  for (const [method, url] of [['GET', path()], ['POST', path()], ['GET', '/users/me'], ['POST', '/logout']]) {
    const { status, body } = await rest(method, url, { session, body: method === 'POST' ? {} : undefined });
    assert.deepEqual([status, body.code], [400, Parse.Error.INVALID_SESSION_TOKEN], `${method} ${url}`);
  }
});

test('the server tells its features to the master key only', async () => {
  assert.equal((await rest('GET', '/serverInfo')).status, 403);
  const { status, body } = await rest('GET', '/serverInfo', { master: true });
  assert.equal(status, 200);
  assert.equal(body.parseServerVersion, '9.10.0');
  assert.equal(typeof body.features, 'object');
});

test('health needs no key', async () => {
  const response = await get('/health');
  assert.deepEqual([response.status, JSON.parse(response.text)], [200, { status: 'ok' }]);
});

differs('unroutedBody', 'an unknown path is not found', async (form) => {
  const { status, body } = await rest('GET', '/no/such/path');
  assert.equal(status, 404);
  assert.equal(typeof body === 'string' ? 'html' : 'json', form);
});

test('browsers of any origin are let in', async () => {
  const response = await plain('OPTIONS', app.url + path(), { headers: { origin: 'https://example.org' } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  assert.match(response.headers.get('access-control-allow-headers'), /X-Parse-Session-Token/);
  assert.match(response.headers.get('access-control-allow-methods'), /PUT/);
});

test('keys that could poison the server are refused', async () => {
  for (const raw of ['{"__proto__":{"a":1}}', '{"a":{"constructor":1}}', '{"a":{"_bsontype":"Code"}}']) {
    const { status, body } = await rest('POST', path(), { raw });
    assert.deepEqual([status, body.code], [400, Parse.Error.INVALID_KEY_NAME], raw);
  }
});
