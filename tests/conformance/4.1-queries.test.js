// Finding objects: conditions, order, pages, counts, and choosing fields.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';

import { Parse, newClass, rest } from './setup.js';

const className = newClass('Player');
const query = () => new Parse.Query(className);
const names = async (some) => (await some.ascending('name').find()).map((player) => player.get('name'));

before(async () => {
  const players = [
    { name: 'ann', score: 10, team: 'red', tags: ['x', 'y'], born: new Date('1990-01-01T00:00:00Z') },
    { name: 'bob', score: 20, team: 'red', tags: ['y'], born: new Date('1995-01-01T00:00:00Z') },
    { name: 'cat', score: 30, team: 'blue', tags: [], info: { level: 3 } },
    { name: 'dan', score: 40, team: 'blue' },
    { name: 'eve', score: 50, nick: null },
  ];
  await Parse.Object.saveAll(players.map((fields) => new Parse.Object(className, fields)));
});

const conditions = {
  equality: [(q) => q.equalTo('team', 'red'), ['ann', 'bob']],
  'equality with an element of a list': [(q) => q.equalTo('tags', 'y'), ['ann', 'bob']],
  'equality with a date': [(q) => q.equalTo('born', new Date('1995-01-01T00:00:00Z')), ['bob']],
  'equality inside an object': [(q) => q.equalTo('info.level', 3), ['cat']],
  'two equalities': [(q) => q.equalTo('team', 'blue').equalTo('score', 40), ['dan']],
  inequality: [(q) => q.notEqualTo('team', 'red'), ['cat', 'dan', 'eve']],
  'less than': [(q) => q.lessThan('score', 20), ['ann']],
  'at most': [(q) => q.lessThanOrEqualTo('score', 20), ['ann', 'bob']],
  'greater than': [(q) => q.greaterThan('score', 40), ['eve']],
  'at least': [(q) => q.greaterThanOrEqualTo('score', 40), ['dan', 'eve']],
  'a range': [(q) => q.greaterThan('score', 10).lessThan('score', 40), ['bob', 'cat']],
  'a range of dates': [(q) => q.lessThan('born', new Date('1992-01-01T00:00:00Z')), ['ann']],
  'one of': [(q) => q.containedIn('name', ['ann', 'eve', 'nobody']), ['ann', 'eve']],
  'one of nothing': [(q) => q.containedIn('name', []), []],
  'none of': [(q) => q.notContainedIn('name', ['ann', 'eve']), ['bob', 'cat', 'dan']],
  'a field that exists': [(q) => q.exists('team'), ['ann', 'bob', 'cat', 'dan']],
  'a field that does not exist': [(q) => q.doesNotExist('team'), ['eve']],
  'a field nobody has': [(q) => q.exists('unheardOf'), []],
};
for (const [name, [condition, found]] of Object.entries(conditions)) {
  test(`finds by ${name}`, async () => assert.deepEqual(await names(condition(query())), found));
}

test('finds by the id of the object', async () => {
  const ann = await query().equalTo('name', 'ann').first();
  assert.deepEqual(await names(query().equalTo('objectId', ann.id)), ['ann']);
  assert.deepEqual(await names(query().containedIn('objectId', [ann.id])), ['ann']);
});

test('finds by a pointer', async () => {
  const holder = newClass('Prize');
  const ann = await query().equalTo('name', 'ann').first();
  await new Parse.Object(holder).save({ winner: ann });
  assert.equal(await new Parse.Query(holder).equalTo('winner', ann).count(), 1);
});

test('finds by the time of creation', async () => {
  const ann = await query().equalTo('name', 'ann').first();
  assert.ok((await names(query().lessThanOrEqualTo('createdAt', ann.createdAt))).includes('ann'));
  assert.equal(await query().greaterThan('createdAt', new Date(Date.now() + 3_600_000)).count(), 0);
});

test('orders ascending, descending, and by several fields', async () => {
  const order = async (some) => (await some.find()).map((player) => player.get('name')).join(' ');
  assert.equal(await order(query().ascending('score')), 'ann bob cat dan eve');
  assert.equal(await order(query().descending('score')), 'eve dan cat bob ann');
  assert.equal(await order(query().exists('team').ascending('team').addDescending('score')), 'dan cat bob ann');
});

test('pages with limit and skip', async () => {
  assert.deepEqual(await names(query().limit(2)), ['ann', 'bob']);
  assert.deepEqual(await names(query().limit(2).skip(3)), ['dan', 'eve']);
  assert.deepEqual(await names(query().skip(9)), []);
});

test('counts all that match, whatever the limit', async () => {
  assert.equal(await query().equalTo('team', 'red').count(), 2);
  const { results, count } = await query().limit(1).withCount().find();
  assert.deepEqual([results.length, count], [1, 5]);
});

test('a limit of zero answers with the count alone', async () => {
  const { body } = await rest('GET', `/classes/${className}?limit=0&count=1`);
  assert.deepEqual(body, { results: [], count: 5 });
});

test('selects fields, and always id and times', async () => {
  const { body } = await rest('GET', `/classes/${className}?keys=name,team&where={"name":"ann"}`);
  assert.deepEqual(Object.keys(body.results[0]).sort(), ['createdAt', 'name', 'objectId', 'team', 'updatedAt']);
  const player = await query().select('name').first();
  assert.equal(player.get('score'), undefined);
});

test('selects fields inside objects', async () => {
  const { body } = await rest('GET', `/classes/${className}?keys=info.level&where={"name":"cat"}`);
  assert.deepEqual(body.results[0].info, { level: 3 });
  assert.ok(!('name' in body.results[0]));
});

test('excludes fields', async () => {
  const { body } = await rest('GET', `/classes/${className}?excludeKeys=score,tags&where={"name":"ann"}`);
  assert.deepEqual(Object.keys(body.results[0]).sort(), ['born', 'createdAt', 'name', 'objectId', 'team', 'updatedAt']);
});

test('takes a query in a POST with _method, as the SDKs send it', async () => {
  const body = { where: { team: 'red' }, order: '-score', limit: 1, _method: 'GET' };
  const answer = await rest('POST', `/classes/${className}`, { body });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.results.map(({ name }) => name), ['bob']);
});

test('a class nobody has created holds nothing', async () => {
  assert.deepEqual((await rest('GET', `/classes/${newClass('Ghost')}`)).body, { results: [] });
});

test('first of nothing is undefined', async () => {
  assert.equal(await query().equalTo('name', 'nobody').first(), undefined);
});
