// 2 Routes: who may call what, by its right method, and what stands where nothing is.

import assert from 'node:assert/strict';
import test from 'node:test';

import { app, created, differs, newClass, newName, person, plain, refused, rest, succeeds, table } from './setup.js';

const className = newClass();
const id = await created(className, { n: 1 });
const ann = await person();

table({
  'GET /classes/:c': ['GET', `/classes/${className}`],
  'GET /classes/:c/:id': ['GET', `/classes/${className}/${id}`],
  'POST /classes/:c': ['POST', `/classes/${className}`, {}, 201],
  'PUT /classes/:c/:id': ['PUT', `/classes/${className}/${id}`, {}],
  'POST /batch': ['POST', '/batch', { requests: [] }],
  'POST /users': ['POST', '/users', { username: newName(), password: 'x' }, 201],
  'GET /users': ['GET', '/users'],
  'GET /login': ['GET', `/login?username=${ann.username}&password=a-password`],
  'POST /login': ['POST', '/login', { username: ann.username, password: 'a-password' }],
  'POST /logout without a session': ['POST', '/logout', {}],
  'GET /verifyPassword': ['GET', `/verifyPassword?username=${ann.username}&password=a-password`],
  'POST /verifyPassword': ['POST', '/verifyPassword', { username: ann.username, password: 'a-password' }],
  'POST /roles': ['POST', '/roles', { name: newName(), ACL: {} }, 201],
  'GET /roles': ['GET', '/roles'],
  'POST /installations': ['POST', '/installations', { installationId: newName(), deviceType: 'ios' }, 201],
  'GET /config': ['GET', '/config'],
}, (method, path, body, status = 200) => succeeds(rest(method, path, { body }), status));

const ofTheOwner = {
  'GET /schemas': ['GET', '/schemas'],
  'GET /schemas/:c': ['GET', `/schemas/${className}`],
  'GET /aggregate/:c': ['GET', `/aggregate/${className}?pipeline=[]`],
  'GET /serverInfo': ['GET', '/serverInfo'],
  'GET /push_audiences': ['GET', '/push_audiences'],
  'PUT /config': ['PUT', '/config', { params: { a: 1 } }],
  'POST /schemas/:c': ['POST', `/schemas/${newClass()}`, {}],
  'PUT /schemas/:c': ['PUT', `/schemas/${className}`, {}],
  'DELETE /schemas/:c': ['DELETE', `/schemas/${newClass()}`],
  'DELETE /purge/:c': ['DELETE', `/purge/${newClass()}`],
};
for (const [name, [method, path, body]] of Object.entries(ofTheOwner)) {
  test(`${name} is the owner's`, async () => {
    const answer = await rest(method, path, { body });
    assert.deepEqual([answer.status, answer.body], [403, { error: 'Permission denied' }]);
    await succeeds(rest(method, path, { body, master: true }));
  });
}

test('GET /security is the owner\'s, and off unless it is enabled', async () => {
  assert.equal((await rest('GET', '/security')).status, 403);
  const { status, body } = await rest('GET', '/security', { master: true });
  assert.equal(status, 409);
  assert.equal(typeof body.error, 'string');
});

const readOnly = { 'x-parse-master-key': app.readOnlyMasterKey };
table({
  'a read-only master key does not create': ['POST', `/classes/${className}`, {}],
  'a read-only master key does not update': ['PUT', `/classes/${className}/${id}`, { n: 2 }],
  'a read-only master key does not delete': ['DELETE', `/classes/${className}/${id}`],
  'a read-only master key does not create a schema': ['POST', `/schemas/${newClass()}`, {}],
  'a read-only master key does not change a schema': ['PUT', `/schemas/${className}`, {}],
  'a read-only master key does not delete a schema': ['DELETE', `/schemas/${className}`],
  'a read-only master key does not purge': ['DELETE', `/purge/${className}`],
  'a read-only master key does not change the config': ['PUT', '/config', { params: { a: 1 } }],
  'a read-only master key does not log in as somebody': ['POST', '/loginAs', { userId: ann.objectId }],
  'a read-only master key does not create an audience': ['POST', '/push_audiences', { name: 'a', query: {} }],
}, (method, path, body) => refused(rest(method, path, { body, headers: readOnly }), 400, 119, 'Permission denied'));

table({
  'a read-only master key reads private objects': ['GET', `/classes/_User/${ann.objectId}`],
  'a read-only master key reads schemas': ['GET', '/schemas'],
  'a read-only master key reads sessions': ['GET', '/sessions'],
  'a read-only master key reads installations': ['GET', '/installations'],
  'a read-only master key aggregates': ['GET', `/aggregate/${className}?pipeline=[]`],
  'a read-only master key reads the server\'s features': ['GET', '/serverInfo'],
}, (method, path) => succeeds(rest(method, path, { headers: readOnly })));

test('a maintenance key is no master key', async () => {
  const { status } = await rest('GET', '/schemas', { headers: { 'x-parse-maintenance-key': app.maintenanceKey } });
  assert.equal(status, 403);
});

table({
  'find on audiences by clients through /classes': ['GET', '/classes/_Audience'],
  'find on idempotency': ['GET', '/classes/_Idempotency'],
  'find on job states': ['GET', '/classes/_JobStatus'],
  'find on push states': ['GET', '/classes/_PushStatus'],
  'find on hooks': ['GET', '/classes/_Hooks'],
  'find on the config': ['GET', '/classes/_GlobalConfig'],
  'find on the GraphQL config': ['GET', '/classes/_GraphQLConfig'],
  'find on job schedules': ['GET', '/classes/_JobSchedule'],
  'find on a join': ['GET', '/classes/_Join:users:_Role'],
  'get of a job state': ['GET', '/classes/_JobStatus/x'],
  'create a job state': ['POST', '/classes/_JobStatus', {}],
  'update a push state': ['PUT', '/classes/_PushStatus/x', {}],
  'delete a hook': ['DELETE', '/classes/_Hooks/x'],
  'find on installations': ['GET', '/classes/_Installation'],
  'delete an installation': ['DELETE', '/installations/x'],
}, (method, path, body) => refused(rest(method, path, { body }), 400, 119, 'Permission denied'));

test('a get takes only what selects fields', async () => {
  for (const key of ['where', 'limit', 'skip', 'order', 'count', 'anything']) {
    await refused(rest('GET', `/classes/${className}/${id}?${key}=1`), 400, 102, 'Improper encode of parameter');
  }
  await succeeds(rest('GET', `/classes/${className}/${id}?keys=n&include=n&excludeKeys=m&readPreference=PRIMARY`));
});

differs('unroutedBody', 'where nothing is, the text says so', async (form) => {
  for (const path of ['/nothing', '/classes', `/classes/${className}/${id}/more`, '/schemas/a/b']) {
    const { status, text } = await plain('GET', app.url + path, { headers: { 'x-parse-application-id': app.id, 'x-parse-rest-api-key': app.restKey } });
    assert.equal(status, 404, path);
    assert.equal(text.startsWith('{') ? 'json' : 'html', form);
    assert.match(text, /Cannot GET /);
  }
});

test('a method that is not there is not found', async () => {
  assert.equal((await rest('PATCH', `/classes/${className}/${id}`, { body: {} })).status, 404);
  assert.equal((await rest('DELETE', '/login')).status, 404);
});

test('/classes/_User is /users', async () => {
  const body = { username: newName(), password: 'x' };
  const answer = await succeeds(rest('POST', '/classes/_User', { body }), 201);
  assert.match(answer.sessionToken, /^r:/);
  await refused(rest('POST', '/users', { body }), 400, 202, 'Account already exists for this username.');
});

test('/classes/_Session is /sessions', async () => {
  const { body } = await rest('GET', '/classes/_Session', { session: ann.sessionToken });
  assert.ok(body.results.every(({ user }) => user.objectId === ann.objectId));
  await refused(rest('GET', '/classes/_Session'), 400, 209);
});

test('purge removes the rows and keeps the class', async () => {
  const other = newClass();
  await created(other, { n: 1 });
  assert.deepEqual(await succeeds(rest('DELETE', `/purge/${other}`, { master: true })), {});
  assert.deepEqual((await rest('GET', `/classes/${other}`)).body, { results: [] });
  assert.deepEqual((await rest('GET', `/schemas/${other}`, { master: true })).body.fields.n, { type: 'Number' });
  assert.deepEqual(await succeeds(rest('DELETE', `/purge/${newClass()}`, { master: true })), {});
});

test('loginAs is the owner\'s', () => refused(rest('POST', '/loginAs', { body: { userId: ann.objectId } }), 400, 119, 'Permission denied'));

test('loginAs gives the owner a session of that user', async () => {
  const user = await succeeds(rest('POST', '/loginAs', { master: true, body: { userId: ann.objectId } }));
  assert.equal(user.objectId, ann.objectId);
  assert.equal((await rest('GET', '/users/me', { session: user.sessionToken })).body.objectId, ann.objectId);
  const session = await succeeds(rest('GET', '/sessions/me', { session: user.sessionToken }));
  assert.deepEqual(session.createdWith, { action: 'login', authProvider: 'masterkey' });
  await refused(rest('POST', '/loginAs', { master: true, body: { userId: 'nobody' } }), 404, 101, 'user not found');
  await refused(rest('POST', '/loginAs', { master: true, body: {} }), 400, 162);
});

test('HEAD is GET without the body', async () => {
  for (const [path, want] of [[`/classes/${className}`, 200], [`/classes/${className}/${id}`, 200], ['/users/me', 400], ['/nothing', 404]]) {
    const { status, text } = await rest('HEAD', path);
    assert.deepEqual([status, text], [want, ''], path);
  }
  assert.equal((await plain('HEAD', `${app.url}/classes/${className}`)).status, 403);
});

for (const path of ['/Classes/Any', '/serverinfo', '/CONFIG']) {
  differs('pathsInAnotherCase', `the path ${path}`, async (status) => {
    assert.equal((await rest('GET', path, { master: true })).status, status);
  });
}

for (const name of ['a-b', '1a', 'a.b', '_Foo']) {
  differs('namesOfNoClass', `a find in ${name}`, (status) => succeeds(rest('GET', `/classes/${name}`), status));
}

table({
  'nobody makes a hook like an object': '_Hooks',
  'nobody makes a config like an object': '_GlobalConfig',
  'nobody makes a GraphQL config like an object': '_GraphQLConfig',
}, (name) => refused(rest('POST', `/classes/${name}`, { master: true, body: {} }), 400, 103, `invalid className: ${name}`));
