// Classes take their fields from what is saved first.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, differs, newClass, rejectsWith, rest } from './setup.js';

const samples = {
  String: 'text',
  Number: 1,
  Boolean: true,
  Array: [1],
  Object: { a: 1 },
  Date: { __type: 'Date', iso: '2026-01-02T03:04:05.678Z' },
  GeoPoint: { __type: 'GeoPoint', latitude: 1, longitude: 2 },
  Bytes: { __type: 'Bytes', base64: 'aGVsbG8=' },
};

for (const [type, value] of Object.entries(samples)) {
  test(`a field that began as ${type} takes nothing else`, async () => {
    const path = `/classes/${newClass()}`;
    assert.equal((await rest('POST', path, { body: { field: value } })).status, 201);
    const other = type === 'String' ? samples.Number : samples.String;
    const { status, body } = await rest('POST', path, { body: { field: other } });
    assert.deepEqual([status, body.code], [400, Parse.Error.INCORRECT_TYPE]);
    assert.match(body.error, new RegExp(`schema mismatch for .*\\.field; expected ${type} but got`));
  });
}

test('a pointer field takes pointers to the same class only', async () => {
  const [ann, place] = await Parse.Object.saveAll([new Parse.Object(newClass('A')), new Parse.Object(newClass('B'))]);
  const className = newClass();
  await new Parse.Object(className).save({ to: ann });
  await rejectsWith(Parse.Error.INCORRECT_TYPE, new Parse.Object(className).save({ to: place }));
});

differs('lostRaceForTheFirstType', 'two first saves at once agree on one type', async (refusals) => {
  const path = `/classes/${newClass()}`;
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, () => rest('POST', path, { body: { field: 1 } })),
    ...Array.from({ length: 5 }, () => rest('POST', path, { body: { field: 'text' } })),
  ]);
  const types = new Set((await rest('GET', path, { master: true })).body.results.map(({ field }) => typeof field));
  assert.equal(types.size, 1);
  assert.ok(answers.every(({ status, body }) => status === 201 || refusals.includes(body.code)));
});

for (const className of ['1st', 'with space', 'a-b', '_Unknown']) {
  test(`a class cannot be called ${JSON.stringify(className)}`, async () => {
    const { status, body } = await rest('POST', `/classes/${encodeURIComponent(className)}`, { body: {} });
    assert.deepEqual([status, body.code], [400, Parse.Error.INVALID_JSON]);
  });
}

for (const field of ['1st', 'with space', 'a-b']) {
  test(`a field cannot be called ${JSON.stringify(field)}`, async () => {
    const { status, body } = await rest('POST', `/classes/${newClass()}`, { body: { [field]: 1 } });
    assert.deepEqual([status, body.code], [400, Parse.Error.INVALID_KEY_NAME]);
  });
}
