// 1.1 Credentials and headers: which key opens what, wherever it is put.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, app, created, newClass, newName, person, plain, refused, rest, serverWith, succeeds, table } from './setup.js';

const className = newClass();
const send = async (method, path, headers, body) => {
  const response = await plain(method, app.url + path, { headers, body: body && JSON.stringify(body) });
  return { ...response, body: response.text.startsWith('{') ? JSON.parse(response.text) : response.text };
};
const id = { 'x-parse-application-id': app.id };
const inBody = (fields) => send('POST', `/classes/${className}`, { 'content-type': 'text/plain' }, { _method: 'GET', ...fields });
const unauthorized = async (request) => {
  const { status, body } = await request;
  assert.deepEqual([status, body], [403, { error: 'unauthorized' }]);
};

table({
  'the REST key in its header opens': { 'x-parse-rest-api-key': app.restKey },
  'the JavaScript key in its header opens': { 'x-parse-javascript-key': app.javascriptKey },
  'the master key in its header opens': { 'x-parse-master-key': app.masterKey },
  'the read-only master key in the master header opens': { 'x-parse-master-key': app.readOnlyMasterKey },
  'the maintenance key in its header opens': { 'x-parse-maintenance-key': app.maintenanceKey },
}, async (key) => succeeds(send('GET', `/classes/${className}`, { ...id, ...key })));

table({
  'no key at all is unauthorized': {},
  'a wrong REST key is unauthorized': { 'x-parse-rest-api-key': 'wrong' },
  'a client key that is not configured opens nothing': { 'x-parse-client-key': 'any' },
  'a Windows key that is not configured opens nothing': { 'x-parse-windows-key': 'any' },
  'a wrong master key alone is unauthorized': { 'x-parse-master-key': 'wrong' },
  'a wrong maintenance key alone is unauthorized': { 'x-parse-maintenance-key': 'wrong' },
}, (key) => unauthorized(send('GET', `/classes/${className}`, { ...id, ...key })));

test('a wrong master key beside a right client key is a client', async () => {
  await succeeds(send('GET', `/classes/${className}`, { ...id, 'x-parse-rest-api-key': app.restKey, 'x-parse-master-key': 'wrong' }));
});

test('the client and Windows keys open where they are configured', async () => {
  const server = await serverWith({ clientKey: 'the-client-key', dotNetKey: 'the-windows-key' });
  for (const key of [{ 'x-parse-client-key': 'the-client-key' }, { 'x-parse-windows-key': 'the-windows-key' }]) {
    const { status } = await plain('GET', `${server.url}/classes/Any`, { headers: { ...id, ...key } });
    assert.equal(status, 200);
  }
});

table({
  'id and JavaScript key in the body open': [{ _ApplicationId: app.id, _JavaScriptKey: app.javascriptKey }, 200],
  'id and master key in the body open': [{ _ApplicationId: app.id, _MasterKey: app.masterKey }, 200],
  'an unknown id in the body does not': [{ _ApplicationId: 'another', _JavaScriptKey: app.javascriptKey }, 403],
  'a wrong JavaScript key in the body does not': [{ _ApplicationId: app.id, _JavaScriptKey: 'wrong' }, 403],
  'an id that is no text does not': [{ _ApplicationId: { $ne: '' }, _JavaScriptKey: app.javascriptKey }, 403],
  'a session token in the body that is no text does not': [{ _ApplicationId: app.id, _JavaScriptKey: app.javascriptKey, _SessionToken: { $ne: '' } }, 403],
  'an installation id in the body that is no text does not': [{ _ApplicationId: app.id, _JavaScriptKey: app.javascriptKey, _InstallationId: 1 }, 403],
}, async (fields, status) => {
  const answer = await inBody(fields);
  assert.equal(answer.status, status, answer.text);
  if (status === 403) assert.equal(answer.body.error, 'unauthorized');
});

test('what identifies the caller in the body is not stored', async () => {
  const body = { _ApplicationId: app.id, _JavaScriptKey: app.javascriptKey, _ClientVersion: 'js1', _InstallationId: 'i',
    _RevocableSession: '1', _noBody: true, title: 'kept' };
  const answer = await send('POST', `/classes/${className}`, {}, body);
  assert.equal(answer.status, 201, answer.text);
  const { objectId, createdAt, updatedAt, ...stored } = (await rest('GET', `/classes/${className}/${answer.body.objectId}`)).body;
  assert.deepEqual(stored, { title: 'kept' });
});

test('the session token in the body is the session', async () => {
  const ann = await person();
  const body = { _ApplicationId: app.id, _JavaScriptKey: app.javascriptKey, _SessionToken: ann.sessionToken, _method: 'GET' };
  const answer = await send('POST', '/users/me', {}, body);
  assert.equal(answer.body.objectId, ann.objectId);
});

test('the installation id goes into the session', async () => {
  const ann = await person();
  const login = { username: ann.username, password: 'a-password' };
  const { body } = await rest('POST', '/login', { body: login, headers: { 'x-parse-installation-id': 'my-phone' } });
  const session = await succeeds(rest('GET', '/sessions/me', { session: body.sessionToken }));
  assert.equal(session.installationId, 'my-phone');
});

table({
  'a context that is an object is taken': ['{"a":1}', 201],
  'a context that is a list is refused': ['[1]', 400],
  'a context that is a text is refused': ['"text"', 400],
  'a context that is no JSON is refused': ['{', 400],
}, async (context, status) => {
  const answer = await rest('POST', `/classes/${className}`, { body: {}, headers: { 'x-parse-cloud-context': context } });
  assert.equal(answer.status, status, answer.text);
  if (status === 400) assert.deepEqual(answer.body, { code: Parse.Error.INVALID_JSON, error: 'Invalid object for context.' });
});

table({
  'an unknown session fails a read of public data': ['GET', `/classes/${className}`],
  'an unknown session fails a creation': ['POST', `/classes/${className}`, {}],
  'an unknown session fails /users/me': ['GET', '/users/me'],
  'an unknown session fails /logout': ['POST', '/logout', {}],
  'an unknown session fails /config': ['GET', '/config'],
  'an unknown session fails /batch': ['POST', '/batch', { requests: [] }],
}, (method, path, body) => {
  const session = 'r:00000000000000000000000000000000';
  return refused(rest(method, path, { body, session }), 400, 209, 'Invalid session token');
});

test('an unknown session is not found by /sessions/me', async () => {
  const session = 'r:00000000000000000000000000000000';
  await refused(rest('GET', '/sessions/me', { session }), 400, 209, 'Session token not found.');
});

test('a login drops the session token that came along', async () => {
  const ann = await person();
  const body = { username: ann.username, password: 'a-password' };
  await succeeds(rest('POST', '/login', { body, session: 'r:00000000000000000000000000000000' }));
});

test('the master key does not look at the session', async () => {
  await succeeds(rest('GET', `/classes/${className}`, { master: true, session: 'r:00000000000000000000000000000000' }));
});

test('an expired session says so', async () => {
  const ann = await person();
  const { objectId } = await succeeds(rest('GET', '/sessions/me', { session: ann.sessionToken }));
  const expiresAt = { __type: 'Date', iso: '2001-01-01T00:00:00.000Z' };
  await succeeds(rest('PUT', `/sessions/${objectId}`, { master: true, body: { expiresAt } }));
  const fresh = await serverWith({});
  await refused(fresh.rest('GET', `/classes/${className}`, { session: ann.sessionToken }), 400, 209, 'Session token is expired.');
});

table({
  'basic authentication with a wrong master key': [`${app.id}:wrong`],
  'basic authentication with a wrong JavaScript key': [`${app.id}:javascript-key=wrong`],
  'basic authentication with another id': [`another:${app.masterKey}`],
}, (pair) => unauthorized(send('GET', `/classes/${className}`, { authorization: `Basic ${Buffer.from(pair).toString('base64')}` })));

test('the master key from an address that is not listed is unauthorized', async () => {
  const server = await serverWith({ masterKeyIps: ['10.1.2.3'] });
  await unauthorized(server.rest('GET', '/classes/Any', { master: true }));
  await succeeds(server.rest('GET', '/classes/Any'));
});

test('behind a proxy the address that it has written counts, in whichever line of X-Forwarded-For', async () => {
  const server = await serverWith({ trustProxy: 1, masterKeyIps: ['127.0.0.1', '203.0.113.9'] });
  const from = (...lines) => server.rest('GET', '/schemas', { master: true, headers: { 'x-forwarded-for': lines } });
  for (const lines of [['203.0.113.9'], ['198.51.100.1, 203.0.113.9'], ['198.51.100.1', '203.0.113.9']]) await succeeds(from(...lines));
  for (const lines of [['198.51.100.1'], ['127.0.0.1, 198.51.100.1'], ['127.0.0.1', '198.51.100.1']]) await unauthorized(from(...lines));
});

test('the maintenance key from an address that is not listed is unauthorized', async () => {
  const server = await serverWith({ maintenanceKeyIps: ['10.1.2.3'] });
  await unauthorized(server.rest('GET', '/classes/Any', { headers: { 'x-parse-maintenance-key': app.maintenanceKey } }));
});

test('the read-only master key from an address that is not listed is unauthorized', async () => {
  const server = await serverWith({ readOnlyMasterKeyIps: ['10.1.2.3'] });
  await unauthorized(server.rest('GET', '/classes/Any', { headers: { 'x-parse-master-key': app.readOnlyMasterKey } }));
});

table({
  'an empty session token reads public data': ['GET', `/classes/${className}`],
  'an empty session token creates': ['POST', `/classes/${className}`, {}, 201],
  'an empty session token signs up': ['POST', '/users', { username: newName(), password: 'a-password' }, 201],
  'an empty session token reads the config': ['GET', '/config'],
  'an empty session token comes with a batch': ['POST', '/batch', { requests: [] }],
}, (method, path, body, status = 200) => succeeds(rest(method, path, { body, headers: { 'x-parse-session-token': '' } }), status));

test('an empty session token is missing where one is needed', async () => {
  const headers = { 'x-parse-session-token': '' };
  await refused(rest('GET', '/sessions/me', { headers }), 400, 209, 'Session token required.');
  await refused(rest('GET', '/users/me', { headers }), 400, 209);
});

test('_noBody beside a key in the headers is no field', async () => {
  const id = await created(className, { _noBody: true, title: 'kept' });
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { _noBody: true, n: 1 } }));
  const { objectId, createdAt, updatedAt, ...stored } = await succeeds(rest('GET', `/classes/${className}/${id}`));
  assert.deepEqual(stored, { title: 'kept', n: 1 });
  await succeeds(rest('POST', `/classes/${className}`, { body: { _method: 'GET', _noBody: true, where: {} } }));
});
