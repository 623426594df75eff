// 1.2 Method override and the forms of a body. 1.3 Responses.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, app, created, newClass, plain, refused, rest, serverWith, succeeds, table } from './setup.js';

const className = newClass();
const path = `/classes/${className}`;
const headers = { 'x-parse-application-id': app.id, 'x-parse-rest-api-key': app.restKey };

test('a POST with _method PUT updates', async () => {
  const id = await created(className, { n: 1 });
  const body = await succeeds(rest('POST', `${path}/${id}`, { body: { _method: 'PUT', n: 2 } }));
  assert.deepEqual(Object.keys(body), ['updatedAt']);
  assert.equal((await rest('GET', `${path}/${id}`)).body.n, 2);
});

test('a POST with _method DELETE deletes', async () => {
  const id = await created(className, { n: 1 });
  assert.deepEqual(await succeeds(rest('POST', `${path}/${id}`, { body: { _method: 'DELETE' } })), {});
  await refused(rest('GET', `${path}/${id}`), 404, 101, 'Object not found.');
});

table({
  'a body of any type is JSON: text/plain': 'text/plain',
  'a body of any type is JSON: application/octet-stream': 'application/octet-stream',
  'a body of any type is JSON: text/html': 'text/html; charset=utf-8',
}, async (type) => {
  const { status, text } = await plain('POST', app.url + path, { headers: { ...headers, 'content-type': type }, body: '{"n":3}' });
  assert.equal(status, 201, text);
});

test('a body without a type is JSON', async () => {
  const { status } = await plain('POST', app.url + path, { headers, body: '{"n":4}' });
  assert.equal(status, 201);
});

test('an empty body creates an empty object', async () => {
  const { status } = await plain('POST', app.url + path, { headers });
  assert.equal(status, 201);
});

test('a query in the URL and one in the body mean the same', async () => {
  const other = newClass();
  await created(other, { n: 1 });
  await created(other, { n: 2 });
  const inUrl = await succeeds(rest('GET', `/classes/${other}`, { query: { where: { n: 2 }, limit: 10 } }));
  const inBody = await succeeds(rest('POST', `/classes/${other}`, { body: { _method: 'GET', where: { n: 2 }, limit: 10 } }));
  const asText = await succeeds(rest('POST', `/classes/${other}`, { body: { _method: 'GET', where: '{"n":2}', limit: '10' } }));
  assert.equal(inUrl.results.length, 1);
  assert.deepEqual(inBody, inUrl);
  assert.deepEqual(asText, inUrl);
});

table({
  'malformed JSON is refused': '{"a":',
  'a body that is a bare word is refused': 'hello',
  'a body that is a number is refused': '17',
  'a body that is null is refused': 'null',
}, async (raw) => {
  const { status, body } = await rest('POST', path, { raw });
  assert.equal(status, 400);
  assert.equal(typeof body.error, 'string');
  assert.equal(body.code, undefined);
});

test('two slashes at the start of the path are one', async () => {
  const { status } = await plain('GET', `${app.url}/${path}`, { headers });
  assert.equal(status, 200);
});

test('a body above the limit is too large', async () => {
  const server = await serverWith({ maxUploadSize: '1kb' });
  const { status } = await server.rest('POST', path, { body: { text: 'x'.repeat(2000) } });
  assert.equal(status, 413);
  await succeeds(server.rest('POST', path, { body: { text: 'x'.repeat(500) } }), 201);
});

test('answers are JSON in UTF-8', async () => {
  const { headers } = await rest('GET', path);
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
});

test('an error has a code and a text, and nothing else', async () => {
  const { status, body } = await rest('GET', `${path}/none`);
  assert.deepEqual([status, body], [404, { code: 101, error: 'Object not found.' }]);
});

table({
  'the location of an object': [`/classes/${className}`, {}, (body) => `/classes/${className}/${body.objectId}`],
  'the location of a user': ['/users', { username: newClass('u'), password: 'x' }, (body) => `/users/${body.objectId}`],
  'the location of a role': ['/roles', { name: newClass('r'), ACL: {} }, (body) => `/classes/_Role/${body.objectId}`],
}, async (where, body, location) => {
  const answer = await rest('POST', where, { body });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.headers.get('location'), app.url + location(answer.body));
});

test('errors of permission say no more than that', async () => {
  await refused(rest('DELETE', '/installations/x'), 400, 119, 'Permission denied');
});

test('errors of permission say more where that is asked for', async () => {
  const server = await serverWith({ enableSanitizedErrorResponse: false });
  await refused(server.rest('DELETE', '/installations/x'), 400, 119,
    "Clients aren't allowed to perform the delete operation on the installation collection.");
});

test('a master key that is missing is 403 without a code', async () => {
  const { status, body } = await rest('GET', '/schemas');
  assert.deepEqual([status, body], [403, { error: 'Permission denied' }]);
});

test('a master key that is missing says so where that is asked for', async () => {
  const server = await serverWith({ enableSanitizedErrorResponse: false });
  const { status, body } = await server.rest('GET', '/schemas');
  assert.deepEqual([status, body], [403, { error: 'unauthorized: master key is required' }]);
});

const allowed = ['X-Parse-Master-Key', 'X-Parse-REST-API-Key', 'X-Parse-Javascript-Key', 'X-Parse-Application-Id',
  'X-Parse-Client-Version', 'X-Parse-Session-Token', 'X-Requested-With', 'X-Parse-Revocable-Session', 'X-Parse-Request-Id',
  'Content-Type', 'Pragma', 'Cache-Control'];

test('every answer lets browsers in', async () => {
  for (const { headers } of [await rest('GET', path), await rest('GET', `${path}/none`), await rest('GET', '/schemas')]) {
    assert.equal(headers.get('access-control-allow-origin'), '*');
    assert.equal(headers.get('access-control-allow-methods'), 'GET,PUT,POST,DELETE,OPTIONS');
    const listed = headers.get('access-control-allow-headers').split(', ');
    assert.deepEqual(allowed.filter((name) => !listed.includes(name)), []);
    assert.equal(headers.get('access-control-expose-headers'), 'X-Parse-Job-Status-Id, X-Parse-Push-Status-Id');
  }
});

test('origins and headers can be set', async () => {
  const server = await serverWith({ allowOrigin: ['https://one.example', 'https://two.example'], allowHeaders: ['X-Mine'] });
  const origin = async (from) => {
    const { headers } = await server.rest('GET', path, { headers: { origin: from } });
    return headers.get('access-control-allow-origin');
  };
  assert.equal(await origin('https://two.example'), 'https://two.example');
  assert.equal(await origin('https://three.example'), 'https://one.example');
  const { headers } = await server.rest('GET', path);
  assert.match(headers.get('access-control-allow-headers'), /X-Mine/);
});

test('a preflight is answered without keys', async () => {
  const { status, text } = await plain('OPTIONS', app.url + path);
  assert.deepEqual([status, text], [200, 'OK']);
});

table({
  'health answers a GET': 'GET',
  'health answers a POST, as saveEventually sends it': 'POST',
}, async (method) => {
  const { status, text } = await plain(method, `${app.url}/health`);
  assert.deepEqual([status, JSON.parse(text)], [200, { status: 'ok' }]);
});

test('health answers the SDK', async () => {
  const { status } = await Parse.CoreManager.getRESTController().request('GET', 'health', {}, { returnStatus: true })
    .then((answer) => ({ status: answer.status ?? answer._status }));
  assert.ok(status === 'ok' || status === 200);
});

table({
  'half of a character at the end': ['"abc\\ud83d"', 'abc\ufffd'],
  'half of a character before others': ['"\\ud83dabc"', '\ufffdabc'],
  'the second half of a character': ['"\\ude00 abc"', '\ufffd abc'],
  'halves in the wrong order': ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
  'half of a character before a whole one': ['"\\ud83d\\ud83d\\ude00"', '\ufffd\u{1f600}'],
  'a whole character in two escapes': ['"\\ud83d\\ude00"', '\u{1f600}'],
  'a backslash before what looks like half a character': ['"\\\\ud83d"', '\\ud83d'],
}, async (text, want) => {
  const { objectId } = await succeeds(rest('POST', path, { raw: `{"t":${text},"o":{"t":[${text}]}}` }), 201);
  const { t, o } = await succeeds(rest('GET', `${path}/${objectId}`));
  assert.deepEqual([t, o], [want, { t: [want] }]);
});

test('half of a character is looked for like what was stored for it', async () => {
  const other = newClass();
  await succeeds(rest('POST', `/classes/${other}`, { raw: '{"t":"abc\\ud83d"}' }), 201);
  const where = '{"t":"abc\\ud83d"}';
  assert.equal((await succeeds(rest('POST', `/classes/${other}`, { raw: `{"_method":"GET","where":${where}}` }))).results.length, 1);
  assert.equal((await succeeds(rest('GET', `/classes/${other}`, { query: { where } }))).results.length, 1);
});

test('a byte order mark before the body means nothing', async () => {
  const { objectId } = await succeeds(rest('POST', path, { raw: '\ufeff{"n":7}' }), 201);
  assert.equal((await rest('GET', `${path}/${objectId}`)).body.n, 7);
});

test('health answers with a slash at the end', async () => {
  const { status, text } = await plain('GET', `${app.url}/health/`);
  assert.deepEqual([status, JSON.parse(text)], [200, { status: 'ok' }]);
});
