// 12 What clients really send: the JavaScript SDK's ways, and those of the others by plain HTTP.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, app, created, fetched, newClass, newName, person, plain, pointer, rest, succeeds, table } from './setup.js';

const Note = newClass();
const query = () => new Parse.Query(Note);
await Parse.Object.saveAll(Array.from({ length: 25 }, (_, n) => new Parse.Object(Note, { n, even: n % 2 === 0 })));

test('the SDK counts, takes the first, and all', async () => {
  assert.equal(await query().equalTo('even', true).count(), 13);
  assert.equal((await query().descending('n').first()).get('n'), 24);
  assert.equal((await query().limit(3).find()).length, 3);
});

test('the SDK goes through all in pages', async () => {
  const seen = [];
  await query().each((note) => seen.push(note.get('n')), { batchSize: 10 });
  assert.deepEqual(seen.sort((a, b) => a - b), Array.from({ length: 25 }, (_, n) => n));
  assert.equal((await query().findAll({ batchSize: 10 })).length, 25);
  assert.deepEqual((await query().lessThan('n', 3).map((note) => note.get('n'))).sort(), [0, 1, 2]);
  assert.equal(await query().reduce((sum, note) => sum + note.get('n'), 0), 300);
});

test('the SDK joins queries', async () => {
  const either = Parse.Query.or(query().equalTo('n', 1), query().equalTo('n', 2));
  assert.equal(await either.count(), 2);
  assert.equal(await Parse.Query.and(query().greaterThan('n', 1), query().lessThan('n', 4)).count(), 2);
  assert.equal(await Parse.Query.nor(query().greaterThan('n', 1), query().equalTo('n', 0)).count(), 1);
});

test('the SDK aggregates', async () => {
  const results = await query().aggregate([{ $group: { _id: '$even', total: { $sum: '$n' } } }, { $sort: { total: 1 } }]);
  assert.deepEqual(results.map(({ objectId, total }) => [objectId, total]), [[false, 144], [true, 156]]);
  assert.deepEqual((await query().distinct('even')).sort(), [false, true]);
});

test('the SDK finds texts by their parts', async () => {
  const className = newClass();
  await Parse.Object.saveAll(['a.b*c', 'a.bXc', 'x a.b*c y'].map((text) => new Parse.Object(className, { text })));
  const find = (change) => change(new Parse.Query(className)).count();
  assert.deepEqual([await find((q) => q.startsWith('text', 'a.b*')), await find((q) => q.contains('text', '.b*')), await find((q) => q.endsWith('text', '*c')), await find((q) => q.matches('text', /^A\.B/i))], [1, 2, 1, 2]);
});

test('the SDK finds by other queries', async () => {
  const [teams, players] = [newClass(), newClass()];
  const [red, blue] = await Parse.Object.saveAll(['red', 'blue'].map((name) => new Parse.Object(teams, { name })));
  await Parse.Object.saveAll([new Parse.Object(players, { team: red, colour: 'red' }), new Parse.Object(players, { team: blue, colour: 'green' })]);
  const inner = new Parse.Query(teams).equalTo('name', 'red');
  const count = (change) => change(new Parse.Query(players)).count();
  assert.deepEqual([await count((q) => q.matchesQuery('team', inner)), await count((q) => q.doesNotMatchQuery('team', inner)),
    await count((q) => q.matchesKeyInQuery('colour', 'name', new Parse.Query(teams))), await count((q) => q.doesNotMatchKeyInQuery('colour', 'name', new Parse.Query(teams)))], [1, 1, 1, 1]);
});

test('the SDK finds by place', async () => {
  const className = newClass();
  await Parse.Object.saveAll([[50.7, 7.1], [52.5, 13.4]].map(([a, b]) => new Parse.Object(className, { at: new Parse.GeoPoint(a, b) })));
  const bonn = new Parse.GeoPoint(50.7, 7.1);
  const count = (change) => change(new Parse.Query(className)).find().then((list) => list.length);
  assert.deepEqual([await count((q) => q.near('at', bonn)), await count((q) => q.withinKilometers('at', bonn, 100)), await count((q) => q.withinMiles('at', bonn, 10, false)),
    await count((q) => q.withinGeoBox('at', new Parse.GeoPoint(50, 7), new Parse.GeoPoint(51, 8))),
    await count((q) => q.withinPolygon('at', [[50, 6], [50, 8], [52, 8], [52, 6]].map(([a, b]) => new Parse.GeoPoint(a, b))))], [2, 1, 1, 1, 1]);
});

test('the SDK saves what is new in depth, in parts of twenty', async () => {
  const [parent, child] = [newClass(), newClass()];
  const children = Array.from({ length: 45 }, (_, n) => new Parse.Object(child, { n }));
  const note = await new Parse.Object(parent).save({ children });
  const same = await new Parse.Query(parent).include('children').get(note.id);
  assert.deepEqual(same.get('children').map((one) => one.get('n')), children.map((_, n) => n));
});

test('the SDK keeps what the server changed, and what is dirty', async () => {
  const note = await new Parse.Object(newClass()).save({ n: 1, list: [1] });
  note.increment('n', 2);
  note.addUnique('list', 2);
  assert.ok(note.dirty());
  await note.save();
  assert.deepEqual([note.dirty(), note.get('n'), note.get('list')], [false, 3, [1, 2]]);
  note.set('n', 9);
  note.revert();
  assert.equal(note.get('n'), 3);
});

test('the SDK fetches many, with what they point to', async () => {
  const target = await new Parse.Object(newClass()).save({ name: 'x' });
  const [one, two] = await Parse.Object.saveAll([new Parse.Object(newClass('A'), { target }), new Parse.Object(newClass('A'), { target })].slice(0, 1).concat(new Parse.Object(Note, { n: -1 })));
  const bare = Parse.Object.extend(one.className).createWithoutData(one.id);
  await bare.fetchWithInclude(['target']);
  assert.equal(bare.get('target').get('name'), 'x');
  await two.destroy();
  assert.ok(await bare.exists());
  assert.equal(await two.exists(), false);
});

test('the SDK pins nothing on errors: they have code and text', async () => {
  await assert.rejects(query().get('none'), (error) => error instanceof Parse.Error && error.code === 101 && error.message === 'Object not found.');
  await assert.rejects(new Parse.Query(Note).equalTo('$bad', 1).find(), ({ code }) => code === 105);
});

test('the SDK works with roles, sessions and installations', async () => {
  const user = await Parse.User.signUp(newName(), 'a-password');
  const role = new Parse.Role(newName(), new Parse.ACL());
  role.getUsers().add(user);
  await role.save(null, { useMasterKey: true });
  const acl = new Parse.ACL();
  acl.setRoleReadAccess(role, true);
  const note = new Parse.Object(Note, { n: 100 });
  note.setACL(acl);
  await note.save();
  assert.equal((await fetched(note)).get('n'), 100);
  assert.equal((await Parse.Session.current()).get('user').id, user.id);
  const installation = new Parse.Installation();
  installation.set('installationId', newName());
  installation.set('deviceType', 'web');
  assert.ok((await Parse.Object.prototype.save.call(installation)).id);
  await Parse.User.logOut();
  assert.equal(await new Parse.Query(Note).equalTo('n', 100).count(), 0);
});

test('the SDK resets passwords and verifies them', async () => {
  const user = await Parse.User.signUp(newName(), 'a-password');
  assert.ok(await Parse.User.verifyPassword(user.get('username'), 'a-password'));
  await assert.rejects(Parse.User.verifyPassword(user.get('username'), 'wrong'), ({ code }) => code === 101);
  await Parse.User.logOut();
});

// Other SDKs: real verbs, queries in the URL.
const headers = { 'x-parse-application-id': app.id, 'x-parse-rest-api-key': app.restKey, 'x-parse-client-version': 'i1.19.4', 'x-parse-os-version': '17', 'x-parse-app-build-version': '1',
  'x-parse-app-display-version': '1.0', 'x-parse-installation-id': newName(), 'content-type': 'application/json; charset=utf-8' };
const native = (method, path, body) => plain(method, app.url + path, { headers, body: body && JSON.stringify(body) });

table({
  'iOS finds with a query in the URL': [`where=${encodeURIComponent('{"n":{"$lt":2}}')}&order=n&limit=10`, 2],
  'Flutter finds with plus signs for spaces': ['where=%7B%22n%22:+1%7D&limit=10', 1],
  'Android counts with a limit of zero': ['count=1&limit=0', 0],
}, async (search, length) => {
  const { status, text } = await native('GET', `/classes/${Note}?${search}`);
  assert.equal(status, 200, text);
  assert.equal(JSON.parse(text).results.length, length);
});

test('old SDKs log in by GET, with their revocable session', async () => {
  const ann = await person();
  const { status, text } = await plain('GET', `${app.url}/login?username=${ann.username}&password=a-password`, { headers: { ...headers, 'x-parse-revocable-session': '1' } });
  assert.equal(status, 200);
  assert.match(JSON.parse(text).sessionToken, /^r:/);
});

test('iOS sends relations back, which changes nothing', async () => {
  const className = newClass();
  const target = await created(Note, { n: 200 });
  const id = await created(className, { friends: { __op: 'AddRelation', objects: [pointer(Note, target)] } });
  const { status } = await native('PUT', `/classes/${className}/${id}`, { friends: { __type: 'Relation', className: Note }, title: 'x' });
  assert.equal(status, 200);
  const where = { $relatedTo: { object: pointer(className, id), key: 'friends' } };
  assert.equal((await succeeds(rest('GET', `/classes/${Note}`, { query: { where } }))).results.length, 1);
});

test('iOS turns a query to the class of a relation', async () => {
  const className = newClass();
  const target = await created(Note, { n: 201 });
  await created(className, { friends: { __op: 'AddRelation', objects: [pointer(Note, target)] } });
  const body = await succeeds(rest('GET', `/classes/${className}`, { query: { redirectClassNameForKey: 'friends', where: { n: 201 } } }));
  assert.deepEqual(body.results.map(({ n }) => n), [201]);
});

test('SDKs upsert their installation', async () => {
  const installationId = headers['x-parse-installation-id'];
  const first = await native('POST', '/installations', { installationId, deviceType: 'ios', appVersion: '1' });
  assert.equal(first.status, 201, first.text);
  const { objectId } = JSON.parse(first.text);
  const second = await native('PUT', `/installations/${objectId}`, { appVersion: '2' });
  assert.equal(second.status, 200, second.text);
  assert.equal((await succeeds(rest('GET', `/installations/${objectId}`))).appVersion, '2');
});
