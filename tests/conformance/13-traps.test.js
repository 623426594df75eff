// 13 The trap list: what an implementer gets wrong first, each trap a case of its own.

import assert from 'node:assert/strict';
import test from 'node:test';

import { app, created, defined, differs, newClass, newName, person, plain, pointer, refused, rest, role, succeeds } from './setup.js';

const as = (user) => ({ session: user.sessionToken });
const find = (className, query, options) => rest('GET', `/classes/${className}`, { query, ...options });

test('1: everything may be a POST of text/plain', async () => {
  const body = JSON.stringify({ _method: 'GET', _ApplicationId: app.id, _JavaScriptKey: app.javascriptKey, _ClientVersion: 'js8.6.2', _InstallationId: newName() });
  const { status } = await plain('POST', `${app.url}/classes/${newClass()}`, { headers: { 'content-type': 'text/plain' }, body });
  assert.equal(status, 200);
});

test('2: createdAt and updatedAt are texts, other dates are objects', async () => {
  const className = newClass();
  const at = { __type: 'Date', iso: '2026-01-01T00:00:00.000Z' };
  const id = await created(className, { at });
  const row = await succeeds(rest('GET', `/classes/${className}/${id}`));
  assert.deepEqual([typeof row.createdAt, typeof row.updatedAt, row.at], ['string', 'string', at]);
});

test('3: equality with a list is to be in it, and nothing is lost by $ne and $nin', async () => {
  const className = newClass();
  for (const row of [{ list: [1, 2], n: 1 }, { list: [3] }, {}]) await created(className, row);
  const count = async (where) => (await succeeds(find(className, { where, count: 1, limit: 0 }))).count;
  assert.deepEqual([await count({ list: 2 }), await count({ n: { $ne: 1 } }), await count({ n: { $nin: [1] } }), await count({ n: { $in: [] } })], [1, 2, 2, 0]);
});

test('4: a limit of zero counts, a count of zero does not', async () => {
  const className = newClass();
  await created(className, {});
  assert.deepEqual(await succeeds(find(className, { limit: 0, count: 1, skip: 5 })), { results: [], count: 1 });
  assert.equal('count' in (await succeeds(find(className, { count: 0 }))), false);
});

test('5: a session that is none poisons all', async () => {
  for (const [method, path] of [['GET', `/classes/${newClass()}`], ['POST', '/logout'], ['GET', '/config']]) {
    await refused(rest(method, path, { session: 'r:none', body: method === 'POST' ? {} : undefined }), 400, 209);
  }
});

test('6: which refusal is which code', async () => {
  const [ann, bob] = [await person(), await person()];
  const className = newClass();
  const id = await created(className, { ACL: { [ann.objectId]: { read: true } } });
  await refused(rest('GET', `/classes/${className}/${id}`, as(bob)), 404, 101);
  await refused(rest('PUT', `/users/${ann.objectId}`, { ...as(bob), body: {} }), 400, 206);
  const locked = newClass();
  await defined(locked, { classLevelPermissions: { find: {}, get: { requiresAuthentication: true } } });
  await refused(find(locked), 400, 119);
  await refused(rest('GET', `/classes/${locked}/x`), 404, 101);
});

test('7: permissions that are set empty those that are not', async () => {
  const className = newClass();
  await created(className, {});
  await succeeds(rest('PUT', `/schemas/${className}`, { master: true, body: { classLevelPermissions: { find: { '*': true } } } }));
  await succeeds(find(className));
  await refused(rest('POST', `/classes/${className}`, { body: {} }), 400, 119);
});

test('8: an unreadable target takes its key along', async () => {
  const [target, holder] = [newClass(), newClass()];
  await created(holder, { to: pointer(target, await created(target, { ACL: {} })) });
  assert.equal('to' in (await succeeds(find(holder, { include: 'to' }))).results[0], false);
});

test('9: the address of others is hidden, also from conditions and order', async () => {
  await refused(find('_User', { where: { email: 'x@example.org' } }), 400, 119);
  await refused(find('_User', { order: 'email' }), 400, 119);
});

test('10: writes answer with results of operators only', async () => {
  const className = newClass();
  const id = await created(className, { n: 1 });
  const answer = await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { n: { __op: 'Increment', amount: 1 }, s: 'x' } }));
  assert.deepEqual(Object.keys(answer).sort(), ['n', 'updatedAt']);
});

test('11: names are unique without case, and logged in with with it', async () => {
  const username = `Trap-${newName()}`;
  await person({ username });
  await refused(rest('POST', '/users', { body: { username: username.toLowerCase(), password: 'x' } }), 400, 202);
  await refused(rest('POST', '/login', { body: { username: username.toLowerCase(), password: 'a-password' } }), 404, 101);
});

test('12: an installation that is known answers 200', async () => {
  const body = { installationId: newName(), deviceType: 'ios' };
  assert.deepEqual([(await rest('POST', '/installations', { body })).status, (await rest('POST', '/installations', { body })).status], [201, 200]);
});

test('14: a changed password gives its user a session, and nobody else', async () => {
  const ann = await person();
  const own = await succeeds(rest('PUT', `/users/${ann.objectId}`, { ...as(ann), body: { password: 'new' } }));
  assert.match(own.sessionToken, /^r:/);
  const owners = await succeeds(rest('PUT', `/users/${ann.objectId}`, { master: true, body: { password: 'newer' } }));
  assert.equal(owners.sessionToken, undefined);
});

test('15: members of a child role have the rights of its parent', async () => {
  const ann = await person();
  const parent = newClass('role');
  await role(parent, { roles: [await role(newClass('role'), { users: [ann.objectId] })] });
  const className = newClass();
  const id = await created(className, { ACL: { [`role:${parent}`]: { read: true } } }, { master: true });
  await succeeds(rest('GET', `/classes/${className}/${id}`, as(ann)));
});

test('17: unauthorized has no code', async () => {
  const { status, text } = await plain('GET', `${app.url}/classes/Any`);
  assert.deepEqual([status, text], [403, '{"error":"unauthorized"}']);
});

test('18: only 101 is 404', async () => {
  const statuses = [];
  for (const request of [rest('GET', '/classes/Any/none'), find('Any', { unheard: 1 }), rest('POST', '/users', { body: {} })]) statuses.push((await request).status);
  assert.deepEqual(statuses, [404, 400, 400]);
});

test('19: browsers may read the ids of jobs and pushes', async () => {
  assert.equal((await find('Any')).headers.get('access-control-expose-headers'), 'X-Parse-Job-Status-Id, X-Parse-Push-Status-Id');
});

test('24: a polygon is latitude first and closed', async () => {
  const className = newClass();
  await created(className, { area: { __type: 'Polygon', coordinates: [[50, 6], [50, 8], [52, 8]] } });
  const [{ area }] = (await succeeds(find(className, { where: { area: { $geoIntersects: { $point: { __type: 'GeoPoint', latitude: 50.5, longitude: 7.5 } } } } }))).results;
  assert.deepEqual(area.coordinates, [[50, 6], [50, 8], [52, 8], [50, 6]]);
});

test('25: one place a class', async () => {
  const place = { __type: 'GeoPoint', latitude: 1, longitude: 2 };
  await refused(rest('POST', `/classes/${newClass()}`, { body: { a: place, b: place } }), 400, 111);
});

test('26: a relation is on every row of its class', async () => {
  const className = newClass();
  const id = await created(className, {});
  await created(className, { many: { __op: 'AddRelation', objects: [pointer('Any', 'x')] } });
  const many = { __type: 'Relation', className: 'Any' };
  for (const query of ['', '?keys=unheard']) assert.deepEqual((await succeeds(rest('GET', `/classes/${className}/${id}${query}`))).many, many);
  const holder = newClass();
  await created(holder, { to: pointer(className, id) });
  assert.deepEqual((await succeeds(find(holder, { keys: 'to.unheard' }))).results[0].to.many, many);
  assert.equal('many' in (await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { n: { __op: 'Increment', amount: 1 } } }))), false);
});

differs('excludedRelations', '26: also of those that exclude it', async (shown) => {
  const className = newClass();
  await created(className, { many: { __op: 'AddRelation', objects: [pointer('Any', 'x')] } });
  assert.equal('many' in (await succeeds(find(className, { excludeKeys: 'many' }))).results[0], shown);
});

test('27: null is given back, also when it is chosen', async () => {
  const className = newClass();
  await created(className, { a: 1 });
  const id = await created(className, { a: null });
  assert.equal((await succeeds(rest('GET', `/classes/${className}/${id}?keys=a`))).a, null);
});
