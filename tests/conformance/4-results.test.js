// 4.1 Parameters of find, 4.4 counts, 4.5 include, 4.7 get.

import assert from 'node:assert/strict';
import test from 'node:test';

import { badInput, created, defined, differs, newClass, person, pointer, refused, rest, serverWith, succeeds, table } from './setup.js';

const [countries, cities, people] = [newClass('Country'), newClass('City'), newClass('Person')];
const country = pointer(countries, await created(countries, { name: 'Germany', code: 'de' }));
const bonn = pointer(cities, await created(cities, { name: 'Bonn', size: 3, in: country }));
const rome = pointer(cities, await created(cities, { name: 'Rome', size: 9 }));
const ids = {};
const rows = [
  { name: 'ann', n: 3, home: bonn, seen: [bonn, rome], work: { at: rome, as: 'smith' } },
  { name: 'bob', n: 1, home: rome, seen: [] },
  { name: 'cat', n: 2, home: pointer(cities, 'gone') },
  { name: 'dan' },
];
for (const row of rows) ids[row.name] = await created(people, row);

const find = (query, options = {}) => rest('GET', `/classes/${people}`, { query, ...options });
const found = async (query) => (await succeeds(find(query))).results;
const names = async (query) => (await found(query)).map(({ name }) => name);
const ann = async (query) => (await found({ where: { name: 'ann' }, ...query }))[0];

table({
  'a limit': [{ order: 'name', limit: 2 }, ['ann', 'bob']],
  'a limit as a text': [{ order: 'name', limit: '2' }, ['ann', 'bob']],
  'a skip': [{ order: 'name', skip: 3 }, ['dan']],
  'a limit and a skip': [{ order: 'name', limit: 1, skip: 1 }, ['bob']],
  'ascending, where what is missing comes first': [{ order: 'n' }, ['dan', 'bob', 'cat', 'ann']],
  'descending, where what is missing comes last': [{ order: '-n' }, ['ann', 'cat', 'bob', 'dan']],
  'two keys': [{ order: 'home,-name', where: { name: { $in: ['ann', 'dan'] } } }, ['dan', 'ann']],
  'the time of creation': [{ order: 'createdAt' }, ['ann', 'bob', 'cat', 'dan']],
  'the time of creation by its old name': [{ order: '-_created_at' }, ['dan', 'cat', 'bob', 'ann']],
  'the time of change by its old name': [{ order: '_updated_at' }, ['ann', 'bob', 'cat', 'dan']],
  'a key nobody has is ignored': [{ order: 'unheard,name' }, ['ann', 'bob', 'cat', 'dan']],
  'a key inside an object': [{ order: '-work.as', where: { work: { $exists: true } } }, ['ann']],
}, async (query, want) => assert.deepEqual(await names(query), want));

test('without a limit there are a hundred', async () => {
  const many = newClass();
  const requests = Array.from({ length: 50 }, () => ({ method: 'POST', path: `/parse/classes/${many}`, body: {} }));
  for (let round = 0; round < 3; round += 1) await succeeds(rest('POST', '/batch', { body: { requests } }));
  assert.equal((await succeeds(rest('GET', `/classes/${many}`))).results.length, 100);
  assert.equal((await succeeds(rest('GET', `/classes/${many}?limit=1000`))).results.length, 150);
  assert.equal((await succeeds(rest('GET', `/classes/${many}?limit=120&count=1`))).count, 150);
});

test('limits can be set', async () => {
  const server = await serverWith({ defaultLimit: 2, maxLimit: 3 });
  for (let n = 0; n < 5; n += 1) await created('Limited', { n }, {}, server.rest);
  const length = async (query) => (await succeeds(server.rest('GET', `/classes/Limited${query}`))).results.length;
  assert.deepEqual([await length(''), await length('?limit=5'), await length('?limit=1')], [2, 3, 1]);
});

table({
  'a count ignores limit and skip': [{ count: 1, limit: 1, skip: 2 }, 4, 1],
  'a limit of zero gives the count alone': [{ count: 1, limit: 0 }, 4, 0],
  'a count that is true': [{ count: true, limit: 0 }, 4, 0],
  'a count of zero is none': [{ count: 0, limit: 1 }, undefined, 1],
  'a count of what matches': [{ count: 1, limit: 0, where: { n: { $gt: 1 } } }, 2, 0],
}, async (query, count, length) => {
  const body = await succeeds(find(query));
  assert.deepEqual([body.count, body.results.length], [count, length]);
});

test('a count is exact for the master key, too', async () => {
  assert.equal((await succeeds(find({ count: 1, limit: 0 }, { master: true }))).count, 4);
});

table({
  'a class nobody knows is empty': '',
  'a class nobody knows counts nothing': '?count=1&limit=0',
}, async (query) => {
  const body = await succeeds(rest('GET', `/classes/${newClass()}${query}`));
  assert.deepEqual(body, query ? { results: [], count: 0 } : { results: [] });
});

table({
  'an unknown parameter': [{ anything: 1 }, 102, 'Invalid parameter for query: anything'],
  'an order that is none': [{ order: '1a' }, 105, 'Invalid field name: 1a.'],
  'an order by what identifies': [{ order: 'authData.x.id' }, 105],
  'an explanation for everybody': [{ explain: true }, 102, 'Using the explain query parameter requires the master key'],
}, (query, code, message) => refused(find(query), 400, code, message));

for (const limit of [-1, 'many']) differs('limitsThatAreNone', `a limit of ${limit}`, (status) => succeeds(find({ limit }), status));
badInput('a negative skip', 102, () => find({ skip: -1 }));

test('an explanation tells the plan to the master key', async () => {
  const { results } = await succeeds(find({ explain: true, where: { n: 1 } }, { master: true }));
  assert.ok(JSON.stringify(results).includes('queryPlanner'));
});

test('a hint chooses the index', async () => {
  const hinted = newClass();
  await defined(hinted, { fields: { a: { type: 'Number' } }, indexes: { by_a: { a: 1 } } });
  await created(hinted, { a: 1 });
  assert.equal((await succeeds(rest('GET', `/classes/${hinted}`, { query: { hint: 'by_a', where: { a: 1 } } }))).results.length, 1);
  const plan = JSON.stringify((await succeeds(rest('GET', `/classes/${hinted}`, { master: true, query: { hint: 'by_a', explain: true } }))).results);
  assert.ok(plan.includes('by_a'));
});

const always = ['createdAt', 'objectId', 'updatedAt'];
table({
  'keys': [{ keys: 'name' }, ['name']],
  'two keys': [{ keys: 'name,n' }, ['n', 'name']],
  'a key inside an object takes the object along': [{ keys: 'work.as' }, ['work']],
  'a key inside a pointer takes the pointer along': [{ keys: 'home.name' }, ['home']],
  'keys nobody has': [{ keys: 'unheard' }, []],
  'excluded keys': [{ excludeKeys: 'name,seen,work' }, ['home', 'n']],
  'excluded keys that cannot be': [{ excludeKeys: 'objectId,createdAt,updatedAt,name' }, ['home', 'n', 'seen', 'work']],
  'keys and excluded keys': [{ keys: 'name,n', excludeKeys: 'n' }, ['name']],
}, async (query, want) => {
  assert.deepEqual(Object.keys(await ann(query)).sort(), [...always, ...want].sort());
  assert.deepEqual(Object.keys(await succeeds(rest('GET', `/classes/${people}/${ids.ann}`, { query }))).sort(), [...always, ...want].sort());
});

test('a key inside an object selects the whole object', async () => assert.deepEqual((await ann({ keys: 'work.as' })).work, { at: rome, as: 'smith' }));

test('keys inside a pointer include it', async () => {
  const { home } = await ann({ keys: 'home.name' });
  assert.deepEqual(Object.keys(home).sort(), [...always, '__type', 'className', 'name'].sort());
});

test('a pointer is a pointer unless it is included', async () => {
  assert.deepEqual((await ann({})).home, bonn);
  const { home } = await ann({ include: 'home' });
  assert.deepEqual([home.__type, home.className, home.objectId, home.name, home.in], ['Object', cities, bonn.objectId, 'Bonn', country]);
});

test('include goes on through what is included', async () => {
  const { home } = await ann({ include: 'home.in' });
  assert.deepEqual([home.name, home.in.name, home.in.__type], ['Bonn', 'Germany', 'Object']);
});

test('include goes through lists and objects', async () => {
  const { seen, work } = await ann({ include: 'seen,work.at' });
  assert.deepEqual(seen.map(({ name }) => name), ['Bonn', 'Rome']);
  assert.equal(work.at.name, 'Rome');
});

// Everything that an order, a cart or a playlist may look like.
const gone = pointer(cities, 'gone');
const trips = newClass('Trip');
const trip = await created(trips, {
  stops: [{ city: bonn, days: 2, near: [rome, gone, [bonn]] }, { city: gone, days: 1 }, { days: 3 }, rome, 'text', null],
  plan: { by: { day: [rome, bonn] }, parts: [{ city: rome, then: { city: bonn } }] },
});
const stops = (read) => read.stops.map((stop) => stop?.city?.name ?? null);
table({
  'objects in a list': ['include=stops.city', stops, ['Bonn', null, null, null, null, null]],
  'objects in a list, of which the target is gone': ['include=stops.city', ({ stops: [, stop] }) => stop, { days: 1 }],
  'pointers beside objects in a list': ['include=stops.city', ({ stops: [,,, city] }) => [city.name, city.in], ['Rome', undefined]],
  'objects in a list and on from there': ['include=stops.city.in', ({ stops: [{ city }] }) => city.in.name, 'Germany'],
  'lists in objects in a list': ['include=stops.near', ({ stops: [{ near }] }) => near.map((one) => one.name ?? one.map(({ name }) => name)), ['Rome', ['Bonn']]],
  'a list in an object in an object': ['include=plan.by.day', ({ plan }) => plan.by.day.map(({ name }) => name), ['Rome', 'Bonn']],
  'a list in an object and on from there': ['include=plan.by.day.in', ({ plan }) => plan.by.day[1].in.name, 'Germany'],
  'objects in a list in an object': ['include=plan.parts.city,plan.parts.then.city', ({ plan: { parts: [part] } }) => [part.city.name, part.then.city.name], ['Rome', 'Bonn']],
  'what is not named stays a pointer': ['include=plan.parts.then.city', ({ plan: { parts: [part] } }) => part.city, rome],
  'keys of objects in a list': ['keys=stops.city.name', ({ stops: [{ city, days }], plan }) => [city.name, city.size, days, plan], ['Bonn', undefined, 2, undefined]],
  'excluded keys of objects in a list': ['include=stops.city&excludeKeys=stops.city.size', ({ stops: [{ city }] }) => [city.name, city.size], ['Bonn', undefined]],
}, async (query, part, want) => {
  assert.deepEqual(part(await succeeds(rest('GET', `/classes/${trips}/${trip}?${query}`))), want);
  assert.deepEqual(part((await succeeds(rest('GET', `/classes/${trips}?${query}`))).results[0]), want);
});

test('include through objects in a list shows only what the caller may see', async () => {
  const holder = newClass();
  const secret = pointer(cities, await created(cities, { name: 'Hidden', ACL: {} }));
  const id = await created(holder, { items: [{ to: secret }, { to: bonn }] });
  const seen = async (options) => (await succeeds(rest('GET', `/classes/${holder}/${id}?include=items.to`, options))).items.map(({ to }) => to?.name);
  assert.deepEqual([await seen(), await seen({ master: true })], [[undefined, 'Bonn'], ['Hidden', 'Bonn']]);
});

table({
  'include of everything beside keys': [{ include: '*', keys: 'name' }, ['home', 'name', 'seen']],
  'includeAll beside keys': [{ includeAll: true, keys: 'name' }, ['home', 'name', 'seen']],
  'include of everything beside keys and excluded keys': [{ include: '*', keys: 'name', excludeKeys: 'seen' }, ['home', 'name']],
}, async (query, want) => {
  const row = await ann(query);
  assert.deepEqual([Object.keys(row).sort(), row.home.name], [[...always, ...want].sort(), 'Bonn']);
});

test('include of everything beside a key inside a pointer', async () => {
  const { home, seen } = await ann({ include: '*', keys: 'home.size' });
  assert.deepEqual([home.size, home.name, seen[0].name], [3, undefined, 'Bonn']);
});

test('keys that are given twice are both meant', async () => {
  const where = encodeURIComponent('{"name":"ann"}');
  const { results } = await succeeds(rest('GET', `/classes/${people}?keys=n&keys=name&where=${where}`));
  assert.deepEqual(Object.keys(results[0]).sort(), [...always, 'n', 'name'].sort());
});

differs('blanksInLists', 'keys with a blank after the comma', async (want) => {
  assert.deepEqual(Object.keys(await ann({ keys: 'n, name' })).sort(), [...always, ...want].sort());
});

test('include of everything is one level deep', async () => {
  for (const query of [{ include: '*' }, { includeAll: true }]) {
    const { home, seen } = await ann(query);
    assert.deepEqual([home.name, home.in, seen[1].name], ['Bonn', country, 'Rome']);
  }
});

test('a target that is gone takes the key along', async () => {
  const { results } = await succeeds(find({ where: { name: 'cat' }, include: 'home' }));
  assert.equal('home' in results[0], false);
  const read = await succeeds(rest('GET', `/classes/${people}/${ids.cat}?include=home`));
  assert.equal('home' in read, false);
});

test('a target that may not be read takes the key along', async () => {
  const secret = await created(cities, { name: 'Hidden', ACL: {} });
  const holder = newClass();
  const id = await created(holder, { to: pointer(cities, secret), all: [pointer(cities, secret), bonn] });
  const read = await succeeds(rest('GET', `/classes/${holder}/${id}?include=to,all`));
  assert.deepEqual(['to' in read, read.all.map(({ name }) => name)], [false, ['Bonn']]);
  const master = await succeeds(rest('GET', `/classes/${holder}/${id}?include=to`, { master: true }));
  assert.equal(master.to.name, 'Hidden');
});

test('an included user shows neither session nor sign-in data', async () => {
  const user = await person({ nick: 'x', ACL: { '*': { read: true } } });
  const holder = newClass();
  const id = await created(holder, { user: pointer('_User', user.objectId) });
  const { user: shown } = await succeeds(rest('GET', `/classes/${holder}/${id}?include=user`));
  assert.deepEqual([shown.nick, shown.sessionToken, shown.authData, shown.email], ['x', undefined, undefined, undefined]);
});

test('keys and include of a pointer go together', async () => {
  const { home, name } = await ann({ include: 'home', keys: 'name,home.size' });
  assert.deepEqual([name, home.size, home.name], ['ann', 9 / 3, undefined]);
});

test('excluded keys reach into what is included', async () => {
  const { home } = await ann({ include: 'home', excludeKeys: 'home.size' });
  assert.deepEqual([home.name, home.size], ['Bonn', undefined]);
});

test('a query is not turned to the class of a pointer', async () => {
  const body = await succeeds(find({ redirectClassNameForKey: 'home', order: 'name' }));
  assert.deepEqual(body.results.map(({ name }) => name), ['ann', 'bob', 'cat', 'dan']);
});

test('a query can be turned to the class of a relation', async () => {
  const owners = newClass();
  const id = await created(owners, { towns: { __op: 'AddRelation', objects: [rome] } });
  const where = { $relatedTo: { object: pointer(owners, id), key: 'towns' } };
  const body = await succeeds(rest('GET', `/classes/${owners}`, { query: { redirectClassNameForKey: 'towns', where } }));
  assert.deepEqual(body.results.map(({ name, className }) => [name, className]), [['Rome', cities]]);
});

for (const name of ['readPreference', 'includeReadPreference', 'subqueryReadPreference']) {
  test(`${name} is taken`, async () => assert.equal((await names({ [name]: 'PRIMARY', order: 'name' })).length, 4));
}

test('a comment is taken', async () => assert.equal((await names({ comment: 'why' })).length, 4));

const unasked = {
  'an order by relevance without a search for text': [{ order: '$score' }, 102],
  'a key for relevance without a search for text': [{ keys: 'name,$score' }, 102],
  'an order by what has no name': [{ order: 'n.' }, 105],
  'an order by what has no name in between': [{ order: '-work..as' }, 105],
  'keys without a name': [{ keys: '.' }, 105],
  'a key that is the database\'s': [{ keys: '$natural' }, 105],
};
for (const [name, [query, code]] of Object.entries(unasked)) badInput(name, code, () => find(query));

table({
  'a read preference': ['SECONDARY_PREFERRED', 200],
  'a read preference in another case': ['nearest', 200],
  'a read preference that is none': ['nope', 400],
}, async (readPreference, status) => {
  const body = await succeeds(find({ readPreference }), status);
  if (status === 400) assert.deepEqual(body, { code: 102, error: 'Not supported read preference.' });
});
