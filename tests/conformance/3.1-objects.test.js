// Create, read, update and delete single objects.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, fetched, newClass, rejectsWith, rest } from './setup.js';

test('a saved object gets an id and equal times', async () => {
  const note = new Parse.Object(newClass());
  await note.save({ title: 'first' });
  assert.match(note.id, /^[A-Za-z0-9]{10}$/);
  assert.ok(Math.abs(note.createdAt - Date.now()) < 60_000);
  assert.deepEqual(note.updatedAt, note.createdAt);
});

test('a fetched object has what was saved', async () => {
  const note = await new Parse.Object(newClass()).save({ title: 'first', score: 3 });
  const same = Parse.Object.extend(note.className).createWithoutData(note.id);
  await same.fetch();
  assert.equal(same.get('title'), 'first');
  assert.equal(same.get('score'), 3);
  assert.deepEqual(same.createdAt, note.createdAt);
});

test('an update changes only what it names, and the time', async () => {
  const note = await new Parse.Object(newClass()).save({ title: 'first', score: 3 });
  const before = note.updatedAt;
  await note.save({ score: 4 });
  const same = await fetched(note);
  assert.equal(same.get('title'), 'first');
  assert.equal(same.get('score'), 4);
  assert.ok(same.updatedAt >= before);
  assert.deepEqual(same.createdAt, note.createdAt);
});

test('a destroyed object is gone', async () => {
  const note = await new Parse.Object(newClass()).save({ title: 'first' });
  await note.destroy();
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, fetched(note));
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, note.save({ title: 'again' }));
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, note.destroy());
});

test('an empty object can be saved', async () => {
  const note = await new Parse.Object(newClass()).save();
  assert.equal((await fetched(note)).id, note.id);
});

test('a new pointer target is saved before its holder', async () => {
  const author = new Parse.Object(newClass('Author'), { name: 'Ann' });
  const note = await new Parse.Object(newClass()).save({ author });
  assert.equal((await fetched(note)).get('author').id, author.id);
});

test('creating answers 201 with the address of the object', async () => {
  const className = newClass();
  const { status, headers, body } = await rest('POST', `/classes/${className}`, { body: { title: 'first' } });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(body).sort(), ['createdAt', 'objectId']);
  assert.ok(headers.get('location').endsWith(`/classes/${className}/${body.objectId}`));
});

test('updating answers with the new time only', async () => {
  const note = await new Parse.Object(newClass()).save({ title: 'first' });
  const { status, body } = await rest('PUT', `/classes/${note.className}/${note.id}`, { body: { title: 'second' } });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['updatedAt']);
});

test('deleting answers with an empty object', async () => {
  const note = await new Parse.Object(newClass()).save({ title: 'first' });
  const { status, body } = await rest('DELETE', `/classes/${note.className}/${note.id}`);
  assert.deepEqual([status, body], [200, {}]);
});
