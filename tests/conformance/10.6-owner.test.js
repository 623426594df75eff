// 10.6 Config, 10.8 security check, 10.11 rate and complexity limits, 10.12 serverInfo, and audiences (2.3).

import assert from 'node:assert/strict';
import test from 'node:test';

import { waitUntil } from '../harness/wait.js';
import { Parse, app, badInput, created, differs, newClass, newName, person, pointer, refused, rest, serverWith, succeeds, table } from './setup.js';

const master = { master: true };
const configured = await serverWith({ appName: 'config' });
const put = (body, options = master) => configured.rest('PUT', '/config', { ...options, body });
const config = async (options) => succeeds(configured.rest('GET', '/config', options));

test('a config begins empty', async () => {
  const fresh = await serverWith({ appName: 'empty config' });
  assert.deepEqual((await succeeds(fresh.rest('GET', '/config'))).params, {});
});

test('parameters of every type are kept', async () => {
  const params = {
    text: 'a', number: 1.5, truth: true, list: [1, { a: 1 }], object: { a: { b: 1 } }, date: { __type: 'Date', iso: '2026-01-01T00:00:00.000Z' },
    place: { __type: 'GeoPoint', latitude: 1, longitude: 2 }, file: { __type: 'File', name: 'a.txt', url: 'http://example.org/a.txt' }, nothing: null,
  };
  assert.deepEqual(await succeeds(put({ params })), { result: true });
  assert.deepEqual((await config()).params, params);
});

test('a change touches what it names', async () => {
  await succeeds(put({ params: { kept: 1, changed: 1, removed: 1 } }));
  await succeeds(put({ params: { changed: 2, removed: { __op: 'Delete' } } }));
  const { params } = await config();
  assert.deepEqual([params.kept, params.changed, 'removed' in params], [1, 2, false]);
});

test('what is the master\'s is not shown to others', async () => {
  await succeeds(put({ params: { shown: 1, hidden: 2 }, masterKeyOnly: { hidden: true } }));
  const [forAll, forMaster] = [await config(), await config(master)];
  assert.deepEqual([forAll.params.shown, 'hidden' in forAll.params], [1, false]);
  assert.deepEqual([forMaster.params.hidden, forMaster.masterKeyOnly.hidden], [2, true]);
});

test('the config is changed by the master only', async () => {
  assert.equal((await put({ params: { a: 1 } }, {})).status, 403);
  await refused(put({ params: { a: 1 } }, { headers: { 'x-parse-master-key': app.readOnlyMasterKey } }), 400, 119);
});

test('the SDK reads and saves the config', async () => {
  await Parse.Config.save({ fromTheSdk: 'hello' }, {}, { useMasterKey: true });
  assert.equal((await Parse.Config.get()).get('fromTheSdk'), 'hello');
});

test('the security check says what it looked at', async () => {
  const server = await serverWith({ security: { enableCheck: true } });
  const { report } = await succeeds(server.rest('GET', '/security', master));
  assert.deepEqual([report.version, ['success', 'fail'].includes(report.state)], ['1.0.0', true]);
  for (const { name, state, checks } of report.groups) {
    assert.ok(name && ['success', 'fail'].includes(state));
    for (const check of checks) assert.ok(check.title && ['success', 'fail'].includes(check.state), JSON.stringify(check));
  }
  assert.equal((await server.rest('GET', '/security')).status, 403);
});

test('the features that the dashboard asks for', async () => {
  const { features, parseServerVersion } = await succeeds(rest('GET', '/serverInfo', master));
  assert.equal(parseServerVersion, '9.10.0');
  const groups = { globalConfig: ['create', 'read', 'update', 'delete'], hooks: ['create', 'read', 'update', 'delete'], cloudCode: ['jobs'],
    logs: ['level', 'size', 'order', 'until', 'from'], push: ['immediatePush', 'scheduledPush', 'storedPushData', 'pushAudiences', 'localization'],
    schemas: ['addField', 'removeField', 'addClass', 'removeClass', 'clearAllDataFromClass', 'exportClass', 'editClassLevelPermissions', 'editPointerPermissions'],
    settings: ['securityCheck'] };
  for (const [group, flags] of Object.entries(groups)) {
    for (const flag of flags) assert.equal(typeof features[group]?.[flag], 'boolean', `${group}.${flag}`);
  }
  for (const flag of ['addField', 'removeField', 'addClass', 'removeClass', 'clearAllDataFromClass', 'editClassLevelPermissions']) assert.equal(features.schemas[flag], true, flag);
});

// Audiences.
const audience = { name: 'phones', query: JSON.stringify({ deviceType: 'ios' }) };

test('an audience is kept and its query given back parsed', async () => {
  const { objectId } = await succeeds(rest('POST', '/push_audiences', { ...master, body: audience }), 201);
  const read = await succeeds(rest('GET', `/push_audiences/${objectId}`, master));
  assert.deepEqual([read.name, read.query], ['phones', { deviceType: 'ios' }]);
  const { results } = await succeeds(rest('GET', '/push_audiences', master));
  assert.deepEqual(results.find((one) => one.objectId === objectId).query, { deviceType: 'ios' });
  await succeeds(rest('PUT', `/push_audiences/${objectId}`, { ...master, body: { name: 'other' } }));
  assert.equal((await succeeds(rest('GET', `/push_audiences/${objectId}`, master))).name, 'other');
  await succeeds(rest('DELETE', `/push_audiences/${objectId}`, master));
  await refused(rest('GET', `/push_audiences/${objectId}`, master), 404, 101);
});

table({
  'audiences are listed by the master': ['GET', '/push_audiences'],
  'audiences are made by the master': ['POST', '/push_audiences', audience],
  'audiences are deleted by the master': ['DELETE', '/push_audiences/x'],
}, async (method, path, body) => assert.equal((await rest(method, path, { body })).status, 403));

// Limits.
const limit = (rule) => ({ requestTimeWindow: 60_000, requestCount: 2, includeInternalRequests: true, ...rule });
const limited = (...rules) => serverWith({ rateLimit: rules.map(limit) });
const get = (server, options) => server.rest('GET', '/classes/Any', options);

test('requests are counted by their path', async () => {
  const server = await limited({ requestPath: '/classes/*path', errorResponseMessage: 'Slower, please.' });
  for (let round = 0; round < 2; round += 1) await succeeds(get(server));
  await refused(get(server), 429, 100, 'Slower, please.');
  await succeeds(server.rest('GET', '/config'));
  await succeeds(get(server, master));
});

test('beyond the limit nothing passes until the window is over', async () => {
  const [requestCount, requestTimeWindow] = [5, 5_000];
  const server = await limited({ requestPath: '/classes/*path', requestCount, requestTimeWindow });
  const began = Date.now();
  for (let round = 0; round < requestCount; round += 1) await succeeds(get(server));
  const { status, headers } = await get(server);
  assert.equal(status, 429);
  const wait = Number(headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 5, `Retry-After: ${wait}`);
  await waitUntil('a request passes', 30, async () => (await get(server)).status === 200);
  assert.ok(Date.now() - began >= requestTimeWindow, `after ${Date.now() - began} ms`);
  for (let round = 1; round < requestCount; round += 1) await succeeds(get(server));
  await refused(get(server), 429, 100);
});

test('requests are counted by their method', async () => {
  const server = await limited({ requestPath: '/classes/*path', requestMethods: 'POST' });
  for (let round = 0; round < 4; round += 1) await succeeds(get(server));
  const post = () => server.rest('POST', '/classes/Any', { body: {} });
  for (let round = 0; round < 2; round += 1) await succeeds(post(), 201);
  await refused(post(), 429, 100);
});

for (const zone of ['session', 'user']) {
  test(`requests are counted by ${zone}`, async () => {
    const server = await limited({ requestPath: '/classes/*path', zone });
    const [one, two] = [await person({}, server.rest), await person({}, server.rest)];
    for (let round = 0; round < 2; round += 1) await succeeds(get(server, { session: one.sessionToken }));
    await refused(get(server, { session: one.sessionToken }), 429, 100);
    await succeeds(get(server, { session: two.sessionToken }));
  });
}

test('requests of all are counted together', async () => {
  const server = await limited({ requestPath: '/classes/*path', zone: 'global' });
  const one = await person({}, server.rest);
  await succeeds(get(server));
  await succeeds(get(server, { session: one.sessionToken }));
  await refused(get(server), 429, 100);
});

test('the master is counted where the settings say so', async () => {
  const server = await limited({ requestPath: '/classes/*path', includeMasterKey: true });
  for (let round = 0; round < 2; round += 1) await succeeds(get(server, master));
  await refused(get(server, master), 429, 100);
});

differs('limitsInBatches', 'requests of a batch are counted', async ({ status, code }) => {
  const server = await limited({ requestPath: '/classes/*path' });
  const requests = Array.from({ length: 4 }, () => ({ method: 'POST', path: `${server.mount}/classes/Any`, body: {} }));
  await refused(server.rest('POST', '/batch', { body: { requests } }), status, code);
});

const simple = await serverWith({ requestComplexity: { includeDepth: 2, includeCount: 3, subqueryDepth: 1, queryDepth: 2, allowRegex: false } });
const deep = (levels) => (levels === 0 ? { a: 1 } : { $or: [deep(levels - 1)] });
const inner = (levels) => (levels === 0 ? { a: 1 } : { p: { $inQuery: { className: 'Any', where: inner(levels - 1) } } });
table({
  'an include too deep': [{ include: 'a.b.c' }],
  'too many includes': [{ include: 'a,b,c,d' }],
  'too many prefixes of includes': [{ include: 'a.b,c.d' }],
  'too many includes by keys': [{ keys: 'a.b,c.d,e.f,g.h' }],
  'a query too deep': [{ where: deep(3) }],
  'subqueries too deep': [{ where: inner(2) }],
  'a pattern': [{ where: { a: { $regex: 'x' } } }],
}, async (query) => {
  await refused(simple.rest('GET', '/classes/Any', { query }), 400, 102);
  await succeeds(simple.rest('GET', '/classes/Any', { query, ...master }));
});
table({
  'an include deep enough': [{ include: 'a.b' }],
  'few enough prefixes of includes': [{ include: 'a.b,a.c' }],
  'texts with a beginning': [{ where: { a: { $all: [{ $regex: '^\\Qx\\E' }] } } }],
  'a query deep enough': [{ where: deep(2) }],
  'a subquery deep enough': [{ where: inner(1) }],
}, (query) => succeeds(simple.rest('GET', '/classes/Any', { query })));

test('everything included counts', async () => {
  const className = newClass();
  const four = Object.fromEntries(['a', 'b', 'c', 'd'].map((field) => [field, pointer('Any', 'x')]));
  await created(className, four, {}, simple.rest);
  await refused(simple.rest('GET', `/classes/${className}`, { query: { include: '*' } }), 400, 102);
  await succeeds(simple.rest('GET', `/classes/${className}`, { query: { include: '*' }, ...master }));
});

for (const operator of ['$inQuery', '$notInQuery']) {
  differs('subqueriesOfSubqueries', `a $select within ${operator}`, async (status) => {
    const where = { a: { $select: { query: { className: 'Any', where: {} }, key: 'b' } } };
    await succeeds(simple.rest('GET', '/classes/Any', { query: { where: { p: { [operator]: { className: 'Any', where } } } } }), status);
  });
}

test('subqueries can be limited', async () => {
  const server = await serverWith({ requestComplexity: { subqueryLimit: 1 } });
  const [target, holder] = [newClass(), newClass()];
  for (let n = 0; n < 2; n += 1) await created(holder, { to: pointer(target, await created(target, { n }, {}, server.rest)) }, {}, server.rest);
  const query = { where: { to: { $inQuery: { className: target, where: {} } } } };
  assert.equal((await succeeds(server.rest('GET', `/classes/${holder}`, { query }))).results.length, 1);
  assert.equal((await succeeds(server.rest('GET', `/classes/${holder}`, { query, ...master }))).results.length, 2);
});

test('routes can be listed', async () => {
  const server = await serverWith({ routeAllowList: ['classes/Open', 'users', 'login'] });
  await succeeds(server.rest('GET', '/classes/Open'));
  await refused(server.rest('GET', '/classes/Closed'), 400, 119);
  await succeeds(server.rest('GET', '/classes/Closed', master));
  await succeeds(server.rest('POST', '/users', { body: { username: newName(), password: 'x' } }), 201);
});

const graphql = (method, params, options = master) => configured.rest(method, '/graphql-config', { ...options, body: params && { params } });

test('the GraphQL configuration is the owner\'s', async () => {
  await refused(graphql('GET', undefined, {}), 403, undefined, 'Permission denied');
  const params = { enabledForClasses: ['Note'] };
  await succeeds(graphql('PUT', params));
  assert.deepEqual(await succeeds(graphql('GET')), params);
});

badInput('a GraphQL configuration that is none', 107, () => graphql('PUT', { classConfigs: [{}] }));
