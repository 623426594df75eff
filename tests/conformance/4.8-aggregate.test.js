// 4.8 Aggregates and distinct values.

import assert from 'node:assert/strict';
import test from 'node:test';

import { created, differs, newClass, pointer, refused, rest, serverWith, succeeds, table } from './setup.js';

const className = newClass('Sale');
const shop = pointer('Shop', 'shop1');
const date = (iso) => ({ __type: 'Date', iso });
for (const row of [
  { item: 'tea', price: 2, tags: ['hot', 'dry'], shop, at: date('2026-01-01T10:00:00.000Z'), o: { a: 1 } },
  { item: 'tea', price: 3, tags: ['hot'], shop: pointer('Shop', 'shop2'), at: date('2026-01-02T10:00:00.000Z') },
  { item: 'milk', price: 1, tags: [], shop, at: date('2026-02-01T10:00:00.000Z') },
]) await created(className, row);

const aggregate = (query) => rest('GET', `/aggregate/${className}`, { master: true, query });
const piped = async (...pipeline) => (await succeeds(aggregate({ pipeline }))).results;

table({
  '$group with $sum': [[{ $group: { _id: '$item', total: { $sum: '$price' } } }, { $sort: { total: 1 } }], [{ objectId: 'milk', total: 1 }, { objectId: 'tea', total: 5 }]],
  '$group over all': [[{ $group: { _id: null, total: { $sum: '$price' }, count: { $sum: 1 } } }], [{ objectId: null, total: 6, count: 3 }]],
  '$group with $avg, $min and $max': [[{ $match: { item: 'tea' } }, { $group: { _id: '$item', a: { $avg: '$price' }, b: { $min: '$price' }, c: { $max: '$price' } } }], [{ objectId: 'tea', a: 2.5, b: 2, c: 3 }]],
  '$match': [[{ $match: { price: { $gt: 1 } } }, { $group: { _id: null, n: { $sum: 1 } } }], [{ objectId: null, n: 2 }]],
  '$match of a pointer as it is stored': [[{ $match: { shop: 'shop1' } }, { $group: { _id: null, n: { $sum: 1 } } }], [{ objectId: null, n: 2 }]],
  '$match with $or': [[{ $match: { $or: [{ price: 1 }, { price: 3 }] } }, { $group: { _id: null, n: { $sum: 1 } } }], [{ objectId: null, n: 2 }]],
  '$project': [[{ $match: { price: 2 } }, { $project: { item: 1, _id: 0 } }], [{ item: 'tea' }]],
  '$sort, $skip and $limit': [[{ $sort: { price: -1 } }, { $skip: 1 }, { $limit: 1 }, { $project: { price: 1, _id: 0 } }], [{ price: 2 }]],
  $unwind: [[{ $unwind: '$tags' }, { $group: { _id: '$tags', n: { $sum: 1 } } }, { $sort: { n: -1 } }], [{ objectId: 'hot', n: 2 }, { objectId: 'dry', n: 1 }]],
  $count: [[{ $match: { item: 'tea' } }, { $count: 'n' }], [{ n: 2 }]],
  '$group by parts of a date': [[{ $group: { _id: { month: { $month: '$at' } }, n: { $sum: 1 } } }, { $sort: { n: 1 } }], [{ objectId: { month: 2 }, n: 1 }, { objectId: { month: 1 }, n: 2 }]],
  '$addFields': [[{ $match: { price: 2 } }, { $addFields: { double: { $multiply: ['$price', 2] } } }, { $project: { double: 1, _id: 0 } }], [{ double: 4 }]],
}, async (pipeline, want) => assert.deepEqual(await piped(...pipeline), want));

differs('datesInAggregates', '$match of a date', async (want) => {
  assert.deepEqual(await piped({ $match: { at: { $gte: date('2026-02-01T00:00:00.000Z') } } }, { $count: 'n' }), want);
});

test('whole rows have the names of the protocol', async () => {
  const [row] = await piped({ $match: { price: 2 } });
  assert.deepEqual([row.item, row.shop, row._p_shop, row._rperm, row._id], ['tea', shop, undefined, undefined, undefined]);
  assert.match(row.objectId, /^[A-Za-z0-9]{10}$/);
  assert.match(row.createdAt, /^\d{4}-.*Z$/);
});

test('stages can be given one by one', async () => {
  const { results } = await succeeds(aggregate({ $match: { item: 'tea' }, $group: { _id: '$item', n: { $sum: 1 } } }));
  assert.deepEqual(results, [{ objectId: 'tea', n: 2 }]);
});

test('$group by a pointer gives its stored form', async () => {
  const results = await piped({ $group: { _id: '$shop', n: { $sum: 1 } } }, { $sort: { n: -1 } });
  assert.equal(results[0].n, 2);
});

test('$group by the day of creation', async () => {
  const [row] = await piped({ $group: { _id: { $dayOfMonth: '$createdAt' }, n: { $sum: 1 } } });
  assert.equal(row.n, 3);
});

table({
  'distinct texts': ['item', undefined, ['milk', 'tea']],
  'distinct numbers where': ['price', { item: 'tea' }, [2, 3]],
  'distinct elements of lists': ['tags', undefined, ['dry', 'hot']],
  'distinct values inside objects': ['o.a', undefined, [1]],
  'distinct values of a field nobody has': ['unheard', undefined, []],
}, async (distinct, where, want) => {
  const { results } = await succeeds(aggregate({ distinct, ...(where && { where }) }));
  assert.deepEqual(results.sort(), want);
});

test('distinct pointers', async () => {
  const { results } = await succeeds(aggregate({ distinct: 'shop' }));
  assert.deepEqual(results.map(({ __type, className: target, objectId }) => [__type, target, objectId]).sort(), [['Pointer', 'Shop', 'shop1'], ['Pointer', 'Shop', 'shop2']]);
});

// Distinct values of what other queries and relations select.
const [shops, sales] = [newClass('Shop'), newClass('Sold')];
const [near, far] = [pointer(shops, await created(shops, { miles: 1, item: 'tea' })), pointer(shops, await created(shops, { miles: 9 }))];
const buyers = { __op: 'AddRelation', objects: [near] };
await created(sales, { item: 'tea', shop: near, buyers, photo: { __type: 'File', name: 'tea.png' }, ACL: {} }, { master: true });
await created(sales, { item: 'milk', shop: far });
await created(sales, { item: 'salt' });
const sold = (query) => rest('GET', `/aggregate/${sales}`, { master: true, query });
const which = { className: shops, where: { miles: 1 } };
table({
  $inQuery: [{ shop: { $inQuery: which } }, ['tea']],
  $notInQuery: [{ shop: { $notInQuery: which } }, ['milk', 'salt']],
  $select: [{ item: { $select: { query: which, key: 'item' } } }, ['tea']],
  'a relation that holds an object': [{ buyers: near }, ['tea']],
  'a relation that does not hold an object': [{ buyers: { $ne: near } }, ['milk', 'salt']],
  'a relation that holds none of': [{ buyers: { $nin: [near] } }, ['milk', 'salt']],
  '$inQuery on a relation': [{ buyers: { $inQuery: which } }, ['tea']],
}, async (where, want) => assert.deepEqual((await succeeds(sold({ distinct: 'item', where }))).results.sort(), want));

test('distinct files are their names', async () => assert.deepEqual((await succeeds(sold({ distinct: 'photo' }))).results, ['tea.png']));

test('no result tells who may see the row', async () => {
  const { results } = await succeeds(sold({ pipeline: [{ $match: { item: 'tea' } }] }));
  assert.deepEqual(results.map((row) => [row.item, row.ACL, row._rperm]), [['tea', undefined, undefined]]);
});

table({
  'fields that overlap': [{ pipeline: [{ $project: { s: 1, 's.a': 1 } }] }, /[Pp]ath collision/],
  'a search without an index': [{ pipeline: [{ $match: { $text: { $search: 'x' } } }] }, /text index required/],
  'an operator nobody knows': [{ pipeline: [{ $project: { s: { $unheard: 1 } } }] }, /\$unheard/],
}, (query, message) => refused(sold(query), 400, 102, message));

differs('columnsInDistinct', 'distinct values of a column', (status) => succeeds(sold({ distinct: '_id' }), status));
differs('stagesOfTheDatabase', 'a stage about the database', (status) => succeeds(sold({ pipeline: [{ $indexStats: {} }] }), status));
differs('stagesOfTheDatabase', 'a stage that writes', (status) => succeeds(sold({ pipeline: [{ $out: newClass() }] }), status));
differs('relationsInResults', 'a group of a class with relations', async (shown) => {
  const { results: [row] } = await succeeds(sold({ pipeline: [{ $group: { _id: null, n: { $sum: 1 } } }] }));
  assert.deepEqual([row.n, 'buyers' in row], [3, shown]);
});
differs('typesOfResults', 'a result by the name of a field', async (type) => {
  const { results: [row] } = await succeeds(sold({ pipeline: [{ $group: { _id: null, photo: { $max: '$item' } } }] }));
  assert.equal(typeof row.photo, type);
});

test('a class nobody knows has nothing', async () => {
  assert.deepEqual((await succeeds(rest('GET', `/aggregate/${newClass()}`, { master: true, query: { pipeline: [{ $match: {} }] } }))).results, []);
  assert.deepEqual((await succeeds(rest('GET', `/aggregate/${newClass()}`, { master: true, query: { distinct: 'a' } }))).results, []);
});

table({
  'a stage without dollar': [{ group: { _id: null } }, "Invalid aggregate stage 'group'."],
  'a stage of two': [{ pipeline: [{ $match: {}, $limit: 1 }] }, /should only have one key/],
  'a group without _id': [{ pipeline: [{ $group: { n: { $sum: 1 } } }] }, undefined],
  'a group with objectId': [{ pipeline: [{ $group: { objectId: '$item' } }] }, undefined],
}, (query, message) => refused(aggregate(query), 400, 102, message));

test('clients do not aggregate', async () => {
  const { status } = await rest('GET', `/aggregate/${className}?pipeline=[]`);
  assert.equal(status, 403);
});

test('an explanation tells the plan', async () => {
  const { results } = await succeeds(aggregate({ pipeline: [{ $match: { price: 1 } }], explain: true }));
  assert.ok(JSON.stringify(results).includes('queryPlanner'));
});

// Raw forms.
const raw = newClass('Raw');
const at = date('2026-01-01T00:00:00.000Z');
const row = { item: 'tea', price: 1.5, shop, at, o: { at }, bytes: { __type: 'Bytes', base64: 'aGVsbG8=' }, place: { __type: 'GeoPoint', latitude: 1, longitude: 2 } };
const objectId = await created(raw, row);
const asked = async (pipeline, flags, className = raw, request = rest) => (await succeeds(request('GET', `/aggregate/${className}`, { master: true, query: { pipeline, ...flags } }))).results;
const [rawValues, rawFieldNames] = [{ rawValues: true }, { rawFieldNames: true }];
const $date = '2026-01-01T00:00:00Z';
const stored = { item: 'tea', price: 1.5, _p_shop: 'Shop$shop1', place: [2, 1] };
const extended = { ...stored, at: { $date }, o: { at: { $date } }, bytes: { $binary: { base64: 'aGVsbG8=', subType: '00' } } };
const bare = { ...stored, at: at.iso, o: { at: at.iso }, bytes: 'aGVsbG8=' };

table({
  'rows with raw values': [rawValues, { ...extended, objectId }],
  'rows with raw names': [rawFieldNames, { ...bare, _id: objectId }],
  'rows with both': [{ ...rawValues, ...rawFieldNames }, { ...extended, _id: objectId }],
}, async (flags, want) => {
  const [{ _created_at: made, _updated_at: changed, ...found }] = await asked([], flags);
  assert.deepEqual(found, want);
  for (const time of [made, changed]) assert.match(flags.rawValues ? time.$date : time, /^\d{4}-.*Z$/);
});

table({
  'a date in Extended JSON': [{ at: { $date } }, rawValues, 1],
  'a range of dates in Extended JSON': [{ at: { $gte: { $date }, $lt: { $date: '2026-01-02T00:00:00Z' } } }, rawValues, 1],
  'a time of creation in Extended JSON': [{ createdAt: { $gt: { $date } } }, rawValues, 1],
  'a date in milliseconds': [{ at: { $date: { $numberLong: '1767225600000' } } }, rawValues, 1],
  'a date that is a text': [{ at: at.iso }, rawValues, 0],
  'a stored pointer': [{ shop: 'Shop$shop1' }, rawValues, 1],
  'stored pointers': [{ shop: { $in: ['Shop$shop1'] } }, rawValues, 1],
  'an id of a pointer': [{ shop: 'shop1' }, rawValues, 0],
  'a pointer as an object': [{ shop }, rawValues, 0],
  'a date as text by its raw name': [{ at: { $gte: at.iso } }, rawFieldNames, 1],
  'a time of creation as text by its raw name': [{ _created_at: { $gte: '2020-01-01T00:00:00.000Z' } }, rawFieldNames, 0],
  'a pointer by its raw name': [{ _p_shop: 'Shop$shop1' }, rawFieldNames, 1],
  'a pointer by its name': [{ shop: 'shop1' }, rawFieldNames, 0],
  'an id by its raw name': [{ _id: objectId }, rawFieldNames, 1],
  'an id by its name': [{ objectId }, rawFieldNames, 0],
  'a date by its raw name in Extended JSON': [{ _created_at: { $gt: { $date } } }, { ...rawValues, ...rawFieldNames }, 1],
}, async ($match, flags, count) => assert.equal((await asked([{ $match }], flags)).length, count));

differs('patternsInRawValues', 'a pattern in Extended JSON', async (count) => {
  const $match = { item: { $regularExpression: { pattern: '^T', options: 'i' } } };
  assert.equal((await asked([{ $match }], rawValues)).length, count);
});

table({
  'groups with raw values': [[{ $group: { _id: '$shop', last: { $max: '$at' } } }], rawValues, { objectId: 'shop1', last: { $date } }],
  'groups with raw names': [[{ $group: { _id: '$_p_shop', last: { $max: '$at' } } }], rawFieldNames, { _id: 'Shop$shop1', last: at.iso }],
}, async (pipeline, flags, want) => assert.deepEqual(await asked(pipeline, flags), [want]));

differs('groupsOverAllByRawNames', 'a group over all with raw names', async (_id) => {
  assert.deepEqual(await asked([{ $group: { _id: null, n: { $sum: 1 } } }], rawFieldNames), [{ _id, n: 1 }]);
});

table({
  'raw values by default': [{ aggregationRawValues: true }, {}, [{ $date }, objectId, undefined]],
  'raw names by default': [{ aggregationRawFieldNames: true }, {}, [at.iso, undefined, objectId]],
  'raw values by default, but not now': [{ aggregationRawValues: true }, { rawValues: false }, [at, objectId, undefined]],
}, async (query, flags, want) => {
  const server = await serverWith({ query });
  const fresh = newClass('Raw');
  const id = await created(fresh, row, {}, server.rest);
  const [found] = await asked([], flags, fresh, server.rest);
  assert.deepEqual([found.at, found.objectId, found._id], want.map((value) => (value === objectId ? id : value)));
});
