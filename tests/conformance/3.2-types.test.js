// Every type of the wire survives the way to the database and back.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, fetched, newClass, rest } from './setup.js';

async function roundTrip(value) {
  const note = await new Parse.Object(newClass()).save({ value });
  return (await fetched(note)).get('value');
}

const plain = {
  text: 'a text',
  'text of several scripts': 'Grüße, 世界, 🚀, \u0000 and "quotes"',
  'empty text': '',
  integer: 42,
  'negative number': -1.5,
  'large number': 9007199254740991,
  'small number': 1e-12,
  true: true,
  false: false,
  'list of several types': [1, 'two', true, null, [3], { four: 4 }],
  'empty list': [],
  object: { a: { b: { c: [1, { d: null }] } } },
  'empty object': {},
  bytes: { __type: 'Bytes', base64: 'aGVsbG8=' },
};
for (const [name, value] of Object.entries(plain)) {
  test(`${name} survives`, async () => assert.deepEqual(await roundTrip(value), value));
}

test('date survives to the millisecond', async () => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  assert.deepEqual(await roundTrip(at), at);
});

test('date before 1970 survives', async () => {
  const at = new Date('1912-06-23T00:00:00.001Z');
  assert.deepEqual(await roundTrip(at), at);
});

test('dates inside objects and lists survive', async () => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  assert.deepEqual(await roundTrip({ inner: [at] }), { inner: [at] });
});

test('geo point survives', async () => {
  const point = await roundTrip(new Parse.GeoPoint(52.5, 13.4));
  assert.ok(point instanceof Parse.GeoPoint);
  assert.deepEqual([point.latitude, point.longitude], [52.5, 13.4]);
});

test('polygon survives and comes back closed', async () => {
  const corners = [[0, 0], [0, 1], [1, 1], [1, 0]];
  const polygon = await roundTrip(new Parse.Polygon(corners));
  assert.ok(polygon instanceof Parse.Polygon);
  assert.deepEqual(polygon.coordinates, [...corners, corners[0]]);
});

test('pointer survives without its target', async () => {
  const author = await new Parse.Object(newClass('Author')).save({ name: 'Ann' });
  const pointer = await roundTrip(author);
  assert.equal(pointer.className, author.className);
  assert.equal(pointer.id, author.id);
});

test('pointers inside lists survive', async () => {
  const author = await new Parse.Object(newClass('Author')).save({ name: 'Ann' });
  const [pointer] = await roundTrip([author]);
  assert.equal(pointer.id, author.id);
});

test('null is kept as null', async () => {
  const note = await new Parse.Object(newClass()).save({ value: 1 });
  await note.save({ value: null });
  const { body } = await rest('GET', `/classes/${note.className}/${note.id}`);
  assert.equal(body.value, null);
  assert.ok('value' in body);
});

test('dates have the form of the protocol', async () => {
  const className = newClass();
  const at = { __type: 'Date', iso: '2026-01-02T03:04:05.678Z' };
  const { body } = await rest('POST', `/classes/${className}`, { body: { at } });
  const { body: read } = await rest('GET', `/classes/${className}/${body.objectId}`);
  assert.deepEqual(read.at, at);
  assert.match(read.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});
