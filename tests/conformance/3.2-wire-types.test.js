// 3.2 Wire types: what each must look like, and 3.3 how classes grow by what is written.

import assert from 'node:assert/strict';
import test from 'node:test';

import { badInput, created, defined, differs, newClass, pointer, refused, rest, succeeds, table } from './setup.js';

const post = (body, className = newClass()) => rest('POST', `/classes/${className}`, { body });
const fieldsOf = async (className) => (await rest('GET', `/schemas/${className}`, { master: true })).body.fields;
const geo = (latitude, longitude) => ({ __type: 'GeoPoint', latitude, longitude });

const types = {
  'a text': ['a', { type: 'String' }],
  'a number': [1.5, { type: 'Number' }],
  'a truth': [true, { type: 'Boolean' }],
  'an object': [{ a: 1 }, { type: 'Object' }],
  'a list': [[1, 'a'], { type: 'Array' }],
  'a date': [{ __type: 'Date', iso: '2026-01-02T03:04:05.678Z' }, { type: 'Date' }],
  bytes: [{ __type: 'Bytes', base64: 'aGVsbG8=' }, { type: 'Bytes' }],
  'a pointer': [pointer('Any', 'abc'), { type: 'Pointer', targetClass: 'Any' }],
  'a file': [{ __type: 'File', name: 'a.txt' }, { type: 'File' }],
  'a geo point': [geo(1, 2), { type: 'GeoPoint' }],
  'a polygon': [{ __type: 'Polygon', coordinates: [[0, 0], [0, 1], [1, 1], [0, 0]] }, { type: 'Polygon' }],
  'a relation': [{ __type: 'Relation', className: 'Any' }, { type: 'Relation', targetClass: 'Any' }],
  'an increment': [{ __op: 'Increment', amount: 1 }, { type: 'Number' }],
  'an addition': [{ __op: 'Add', objects: [1] }, { type: 'Array' }],
  'a unique addition': [{ __op: 'AddUnique', objects: [1] }, { type: 'Array' }],
  'a removal': [{ __op: 'Remove', objects: [1] }, { type: 'Array' }],
  'an addition to a relation': [{ __op: 'AddRelation', objects: [pointer('Any', 'abc')] }, { type: 'Relation', targetClass: 'Any' }],
  'a batch of relation operators': [{ __op: 'Batch', ops: [{ __op: 'AddRelation', objects: [pointer('Any', 'abc')] }] }, { type: 'Relation', targetClass: 'Any' }],
};
for (const [name, [value, type]] of Object.entries(types)) {
  test(`${name} makes a field of ${type.type}`, async () => {
    const className = newClass();
    await created(className, { field: value });
    assert.deepEqual((await fieldsOf(className)).field, type);
  });
}

test('nothing makes no field', async () => {
  const className = newClass();
  await created(className, { a: null, b: { __op: 'Delete' } });
  const fields = await fieldsOf(className);
  assert.deepEqual([fields.a, fields.b], [undefined, undefined]);
});

table({
  'a date without iso': [{ __type: 'Date' }, 'This is not a valid Date'],
  'a pointer without class': [{ __type: 'Pointer', objectId: 'a' }, 'This is not a valid Pointer'],
  'a file without name': [{ __type: 'File' }, 'This is not a valid File'],
  'a geo point without longitude': [{ __type: 'GeoPoint', latitude: 1 }, 'This is not a valid GeoPoint'],
  'bytes without base64': [{ __type: 'Bytes' }, 'This is not a valid Bytes'],
  'a relation without class': [{ __type: 'Relation' }, 'This is not a valid Relation'],
  'an embedded object': [{ __type: 'Object', className: 'A', objectId: 'b' }, 'This is not a valid Object'],
  'a type nobody knows': [{ __type: 'Unheard' }, /^This is not a valid /],
  'a polygon without coordinates': [{ __type: 'Polygon' }, 'This is not a valid Polygon'],
}, (value, message) => refused(post({ field: value }), 400, 111, message));

badInput('a polygon needs three corners', 107, () => post({ field: { __type: 'Polygon', coordinates: [[0, 0], [1, 1]] } }));

test('a polygon comes back closed', async () => {
  const className = newClass();
  const id = await created(className, { area: { __type: 'Polygon', coordinates: [[0, 0], [0, 1], [1, 1]] } });
  const { area } = (await rest('GET', `/classes/${className}/${id}`)).body;
  assert.deepEqual(area, { __type: 'Polygon', coordinates: [[0, 0], [0, 1], [1, 1], [0, 0]] });
});

test('a class has one geo point', async () => {
  const className = newClass();
  await refused(post({ a: geo(1, 2), b: geo(1, 2) }, className), 400, 111, 'there can only be one geopoint field in a class');
  await created(className, { a: geo(1, 2) });
  await refused(post({ b: geo(1, 2) }, className), 400, 111);
});

test('a pointer may lead nowhere', async () => {
  const className = newClass();
  const id = await created(className, { to: pointer('Nowhere', 'nothing') });
  assert.deepEqual((await rest('GET', `/classes/${className}/${id}`)).body.to, pointer('Nowhere', 'nothing'));
});

test('a file is known by its name, and its URL is the server\'s', async () => {
  const className = newClass();
  const id = await created(className, { file: { __type: 'File', name: 'a.txt', url: 'https://elsewhere.example/a.txt' } });
  const { file } = (await rest('GET', `/classes/${className}/${id}`)).body;
  assert.deepEqual([file.__type, file.name], ['File', 'a.txt']);
  assert.match(file.url, /\/files\/slipway-tests\/a\.txt$/);
});

test('a relation field is on every object of its class', async () => {
  const className = newClass();
  const plain = await created(className, { n: 1 });
  await created(className, { friends: { __op: 'AddRelation', objects: [pointer('Any', 'abc')] } });
  const { friends } = (await rest('GET', `/classes/${className}/${plain}`)).body;
  assert.deepEqual(friends, { __type: 'Relation', className: 'Any' });
});

test('writing a relation back changes nothing', async () => {
  const className = newClass();
  const id = await created(className, { friends: { __op: 'AddRelation', objects: [pointer('Any', 'abc')] } });
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { friends: { __type: 'Relation', className: 'Any' } } }));
  await refused(rest('PUT', `/classes/${className}/${id}`, { body: { friends: { __type: 'Relation', className: 'Other' } } }), 400, 111);
});

const mixed = newClass();
await defined(mixed, { fields: {
  text: { type: 'String' }, number: { type: 'Number' }, truth: { type: 'Boolean' }, object: { type: 'Object' }, list: { type: 'Array' },
  date: { type: 'Date' }, bytes: { type: 'Bytes' }, to: { type: 'Pointer', targetClass: 'Foo' }, place: { type: 'GeoPoint' },
  area: { type: 'Polygon' }, many: { type: 'Relation', targetClass: 'Foo' }, file: { type: 'File' },
} });
table({
  'a number for a text': [{ text: 1 }, 'text; expected String but got Number'],
  'a text for a number': [{ number: '1' }, 'number; expected Number but got String'],
  'a text for a truth': [{ truth: 'true' }, 'truth; expected Boolean but got String'],
  'a list for an object': [{ object: [] }, 'object; expected Object but got Array'],
  'an object for a list': [{ list: {} }, 'list; expected Array but got Object'],
  'a text for a date': [{ date: '2026-01-01T00:00:00.000Z' }, 'date; expected Date but got String'],
  'a text for bytes': [{ bytes: 'aGVsbG8=' }, 'bytes; expected Bytes but got String'],
  'a pointer to another class': [{ to: pointer('Bar', 'a') }, 'to; expected Pointer<Foo> but got Pointer<Bar>'],
  'a text for a pointer': [{ to: 'a' }, 'to; expected Pointer<Foo> but got String'],
  'a list for a geo point': [{ place: [1, 2] }, 'place; expected GeoPoint but got Array'],
  'a list for a polygon': [{ area: [[0, 0]] }, 'area; expected Polygon but got Array'],
  'a relation to another class': [{ many: { __op: 'AddRelation', objects: [pointer('Bar', 'a')] } }, 'many; expected Relation<Foo> but got Relation<Bar>'],
  'a text for a file': [{ file: 'a.txt' }, 'file; expected File but got String'],
  'an increment of a text': [{ text: { __op: 'Increment', amount: 1 } }, 'text; expected String but got Number'],
  'an addition to a number': [{ number: { __op: 'Add', objects: [1] } }, 'number; expected Number but got Array'],
}, (body, message) => refused(post(body, mixed), 400, 111, `schema mismatch for ${mixed}.${message}`));

test('the type of a field holds for updates too', async () => {
  const id = await created(mixed, { text: 'a' });
  await refused(rest('PUT', `/classes/${mixed}/${id}`, { body: { text: 1 } }), 400, 111);
  assert.equal((await rest('GET', `/classes/${mixed}/${id}`)).body.text, 'a');
});

table({
  'a dotted key of an update makes an object': ['o.k', 1, { type: 'Object' }],
}, async (key, value, type) => {
  const className = newClass();
  const id = await created(className, {});
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { [key]: value } }));
  assert.deepEqual((await fieldsOf(className)).o, type);
});

const inside = { __type: 'Date', iso: '2026-01-02T03:04:05.678Z' };
table({
  'a date in a list': [[inside]],
  'a date in an object': { a: inside },
  'a pointer in a list': [[pointer('Any', 'abc')]],
  'a pointer in an object': { a: { b: pointer('Any', 'abc') } },
  'a geo point in an object': { a: geo(1, 2) },
  'lists in lists': [[[1], [2, [3]]]],
  'null in a list': [[null, 1]],
  'numbers small and large': { a: 2147483648, b: -9007199254740991, c: 0.1, d: 1e300 },
  'text of every plane': 'é 世 🚀 \u0000',
}, async (value) => {
  const className = newClass();
  const id = await created(className, { value });
  assert.deepEqual((await rest('GET', `/classes/${className}/${id}`)).body.value, value);
});

const owned = newClass();
await defined(owned, { fields: { owner: { type: 'Pointer', targetClass: 'Any' } } });
const [anna, bert] = [pointer('Any', 'anna'), pointer('Any', 'bert')];
const ownerIs = (owner) => (id) => rest('PUT', `/classes/${owned}/${id}`, { body: { owner } });
// What is done to a new object; its owner then; whether it has one, and whether that is null, for queries.
table({
  'a pointer that was never set': [{}, [], undefined, false, true],
  'a pointer that is null from the beginning': [{ owner: null }, [], null, false, true],
  'a pointer that became null': [{ owner: anna }, [ownerIs(null)], undefined, true, true],
  'a pointer that is null for the second time': [{ owner: null }, [ownerIs(null)], null, true, true],
  'a pointer that was null and is set': [{ owner: null }, [ownerIs(anna)], anna, true, false],
  'a pointer that was null and is set twice': [{ owner: null }, [ownerIs(anna), ownerIs(bert)], bert, true, false],
  'a pointer that is taken away': [{ owner: anna }, [ownerIs({ __op: 'Delete' })], undefined, false, true],
  'a pointer that was null and set and is taken away': [{ owner: null }, [ownerIs(anna), ownerIs({ __op: 'Delete' })], null, false, true],
}, async (body, updates, owner, exists, isNull) => {
  const id = await created(owned, body);
  for (const update of updates) await succeeds(update(id));
  const found = async (where, query) => (await succeeds(rest('GET', `/classes/${owned}`, { query: { where: { objectId: id, ...where }, ...query } }))).results;
  const { text } = await rest('GET', `/classes/${owned}/${id}`);
  assert.deepEqual(JSON.parse(text).owner, owner);
  assert.equal(text.match(/"owner"/g)?.length, owner === undefined ? undefined : 1, text);
  for (const query of [{}, { limit: 5, order: 'n' }, { include: 'n' }]) assert.deepEqual((await found({}, query))[0].owner, owner);
  const holds = async (where) => (await found(where)).length === 1;
  assert.deepEqual(
    [await holds({ owner: { $exists: true } }), await holds({ owner: { $exists: false } }), await holds({ owner: null })],
    [exists, !exists, isNull],
  );
});

table({
  'a day that the month does not have': ['2020-02-30T00:00:00.000Z', '2020-03-01T00:00:00.000Z'],
  'a year after 9999': ['+010000-01-01T00:00:00.000Z', '+010000-01-01T00:00:00.000Z'],
  'a day with a zone of its own': ['2020-01-01T10:14:05.5+0200', '2020-01-01T08:14:05.500Z'],
  'a date as HTTP writes it': ['Wed, 01 Jan 2020 10:14:05 GMT', '2020-01-01T10:14:05.000Z'],
  'a date as JavaScript prints it': ['Wed Jan 01 2020 10:14:05 GMT+0100 (CET)', '2020-01-01T09:14:05.000Z'],
  'a date as Ruby prints it': ['2020-01-01 10:14:05 +0100', '2020-01-01T09:14:05.000Z'],
  'a date as Python prints it': ['2020-01-01 10:14:05.123456+00:00', '2020-01-01T10:14:05.123Z'],
  'a date in milliseconds': [1577836800007, '2020-01-01T00:00:00.007Z'],
}, async (iso, want) => {
  const className = newClass();
  const date = { __type: 'Date', iso };
  const id = await created(className, { at: date, inside: [date] });
  const { at, inside } = await succeeds(rest('GET', `/classes/${className}/${id}`));
  assert.deepEqual([at.iso, inside[0].iso], [want, want]);
  assert.equal((await succeeds(rest('GET', `/classes/${className}`, { query: { where: { at: date } } }))).results.length, 1);
});

for (const iso of ['soon', '2020-13-01T00:00:00.000Z', '10:14']) {
  differs('datesThatAreNone', `a write of the date ${iso}`, (status) => succeeds(post({ at: { __type: 'Date', iso } }), status.written));
}
const queries = [{ at: { __type: 'Date' } }, { at: { $gt: { __type: 'Date', iso: 'soon' } } }, { at: { $in: [{ __type: 'Date', iso: '2020-13-01' }] } }];
for (const where of queries) {
  differs('datesThatAreNone', `a query by ${JSON.stringify(where.at)}`, async (status) => {
    const className = newClass();
    await created(className, { at: { __type: 'Date', iso: '2020-01-01T00:00:00.000Z' } });
    await succeeds(rest('GET', `/classes/${className}`, { query: { where } }), status.found);
  });
}

test('a field named sessionToken is one like any other', async () => {
  const className = newClass();
  const id = await created(className, { sessionToken: 'abc' });
  const read = async () => (await rest('GET', `/classes/${className}/${id}`)).body.sessionToken;
  assert.equal(await read(), 'abc');
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { sessionToken: 'def' } }));
  assert.equal(await read(), 'def');
  const found = async (query) => (await succeeds(rest('GET', `/classes/${className}`, { query }))).results;
  assert.equal((await found({ where: { sessionToken: 'def' } }))[0].sessionToken, 'def');
  assert.equal((await found({ keys: 'sessionToken' }))[0].sessionToken, 'def');
  assert.equal('sessionToken' in (await found({ excludeKeys: 'sessionToken' }))[0], false);
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { sessionToken: { __op: 'Delete' } } }));
  assert.equal(await read(), undefined);
});
