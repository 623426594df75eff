// Every update operator.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, fetched, newClass, rest } from './setup.js';

const saved = (fields) => new Parse.Object(newClass()).save(fields);

test('increment adds, also below zero, and answers with the sum', async () => {
  const note = await saved({ score: 5 });
  note.increment('score', 3);
  await note.save();
  assert.equal(note.get('score'), 8);
  note.increment('score', -10);
  await note.save();
  assert.equal((await fetched(note)).get('score'), -2);
});

test('increment starts a missing field at zero', async () => {
  const note = await saved({});
  note.increment('score');
  await note.save();
  assert.equal((await fetched(note)).get('score'), 1);
});

test('a hundred increments at once all count', async () => {
  const note = await saved({ score: 0 });
  const path = `/classes/${note.className}/${note.id}`;
  const body = { score: { __op: 'Increment', amount: 1 } };
  const answers = await Promise.all(Array.from({ length: 100 }, () => rest('PUT', path, { body })));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal((await fetched(note)).get('score'), 100);
});

test('increment of a text is refused', async () => {
  const note = await saved({ title: 'first' });
  const body = { title: { __op: 'Increment', amount: 1 } };
  const answer = await rest('PUT', `/classes/${note.className}/${note.id}`, { body });
  assert.equal(answer.status, 400);
  assert.equal(answer.body.code, Parse.Error.INCORRECT_TYPE);
});

test('add appends, in order and with repetition', async () => {
  const note = await saved({ tags: ['a'] });
  note.add('tags', 'b');
  note.add('tags', 'a');
  await note.save();
  assert.deepEqual((await fetched(note)).get('tags'), ['a', 'b', 'a']);
});

test('add unique appends only what is not there', async () => {
  const note = await saved({ tags: ['a'] });
  note.addUnique('tags', 'a');
  await note.save();
  note.addAllUnique('tags', ['b', 'b', 'c']);
  await note.save();
  assert.deepEqual((await fetched(note)).get('tags'), ['a', 'b', 'c']);
});

test('remove takes every occurrence out', async () => {
  const note = await saved({ tags: ['a', 'b', 'a', 'c'] });
  note.removeAll('tags', ['a', 'c']);
  await note.save();
  assert.deepEqual((await fetched(note)).get('tags'), ['b']);
});

test('list operators on a missing field start with an empty list', async () => {
  const note = await saved({});
  note.add('tags', 'a');
  await note.save();
  assert.deepEqual((await fetched(note)).get('tags'), ['a']);
});

test('unset removes the field', async () => {
  const note = await saved({ title: 'first', score: 1 });
  note.unset('title');
  await note.save();
  const same = await fetched(note);
  assert.equal(same.has('title'), false);
  assert.equal(same.get('score'), 1);
});

test('fields inside an object change one by one', async () => {
  const note = await saved({ place: { city: 'Bonn', zip: 53111 } });
  await note.save({ 'place.city': 'Köln' });
  assert.deepEqual((await fetched(note)).get('place'), { city: 'Köln', zip: 53111 });
});

test('relation holds what was added and loses what was removed', async () => {
  const author = newClass('Author');
  const [ann, bob] = await Parse.Object.saveAll([new Parse.Object(author, { n: 1 }), new Parse.Object(author, { n: 2 })]);
  const note = await saved({ title: 'first' });
  note.relation('authors').add([ann, bob]);
  await note.save();
  const ids = async () => (await note.relation('authors').query().ascending('n').find()).map(({ id }) => id);
  assert.deepEqual(await ids(), [ann.id, bob.id]);
  note.relation('authors').remove(ann);
  await note.save();
  assert.deepEqual(await ids(), [bob.id]);
});

test('a batch of relation operators is applied in order', async () => {
  const author = newClass('Author');
  const [ann, bob] = await Parse.Object.saveAll([new Parse.Object(author), new Parse.Object(author)]);
  const note = await saved({});
  note.relation('authors').add(ann);
  await note.save();
  note.relation('authors').add(bob);
  note.relation('authors').remove(ann);
  await note.save();
  assert.deepEqual((await note.relation('authors').query().find()).map(({ id }) => id), [bob.id]);
});

test('operators may come with the creation', async () => {
  const className = newClass();
  const body = {
    score: { __op: 'Increment', amount: 2 },
    tags: { __op: 'AddUnique', objects: ['a', 'b'] },
    gone: { __op: 'Delete' },
  };
  const created = await rest('POST', `/classes/${className}`, { body });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const { body: read } = await rest('GET', `/classes/${className}/${created.body.objectId}`);
  assert.equal(read.score, 2);
  assert.deepEqual(read.tags, ['a', 'b']);
  assert.ok(!('gone' in read));
});
