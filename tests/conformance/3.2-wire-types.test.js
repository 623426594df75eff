// 3.2 Wire types: what each must look like, and 3.3 how classes grow by what is written.

import assert from 'node:assert/strict';
import test from 'node:test';

import { badInput, created, defined, newClass, pointer, refused, rest, succeeds, table } from './setup.js';

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
