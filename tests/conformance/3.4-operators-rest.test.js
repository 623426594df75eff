// 3.4 Update operators by plain HTTP: what each does to a new object and to an old one, and what it answers.

import assert from 'node:assert/strict';
import test from 'node:test';

import { created, newClass, pointer, refused, rest, succeeds, table } from './setup.js';

/** Creates with `before`, updates with `update`; returns the fields then, and what the update answered. */
async function updated(before, update) {
  const className = newClass();
  const id = await created(className, before);
  const { updatedAt, ...answer } = await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: update }));
  const { objectId, createdAt, updatedAt: again, ...fields } = (await rest('GET', `/classes/${className}/${id}`)).body;
  return { fields, answer };
}

const increment = (amount) => ({ __op: 'Increment', amount });
const op = (name, ...objects) => ({ __op: name, objects });
const gone = { __op: 'Delete' };

table({
  'increment by a whole number': [{ n: 1 }, { n: increment(2) }, { n: 3 }, { n: 3 }],
  'increment by a fraction': [{ n: 1 }, { n: increment(0.5) }, { n: 1.5 }, { n: 1.5 }],
  'increment below zero': [{ n: 1 }, { n: increment(-3) }, { n: -2 }, { n: -2 }],
  'increment of a missing field': [{}, { n: increment(2) }, { n: 2 }, { n: 2 }],
  'increment past 32 bits': [{ n: 2147483647 }, { n: increment(1) }, { n: 2147483648 }, { n: 2147483648 }],
  'increment by zero': [{ n: 1 }, { n: increment(0) }, { n: 1 }, { n: 1 }],
  'add keeps repetition': [{ l: [1] }, { l: op('Add', 1, 2, 2) }, { l: [1, 1, 2, 2] }, { l: [1, 1, 2, 2] }],
  'add to a missing field': [{}, { l: op('Add', 'a') }, { l: ['a'] }, { l: ['a'] }],
  'add objects': [{ l: [] }, { l: op('Add', { a: 1 }) }, { l: [{ a: 1 }] }, { l: [{ a: 1 }] }],
  'add a list as an element': [{ l: [] }, { l: op('Add', [1]) }, { l: [[1]] }, { l: [[1]] }],
  'add unique skips what is there': [{ l: [1, 2] }, { l: op('AddUnique', 2, 3) }, { l: [1, 2, 3] }, { l: [1, 2, 3] }],
  'add unique compares deeply': [{ l: [{ a: 1 }] }, { l: op('AddUnique', { a: 1 }, { a: 2 }) }, { l: [{ a: 1 }, { a: 2 }] }, { l: [{ a: 1 }, { a: 2 }] }],
  'remove takes every occurrence': [{ l: [1, 2, 1] }, { l: op('Remove', 1) }, { l: [2] }, { l: [2] }],
  'remove of what is not there': [{ l: [1] }, { l: op('Remove', 2) }, { l: [1] }, { l: [1] }],
  'remove compares deeply': [{ l: [{ a: 1 }, { a: 2 }] }, { l: op('Remove', { a: 1 }) }, { l: [{ a: 2 }] }, { l: [{ a: 2 }] }],
  'delete unsets': [{ a: 1, b: 2 }, { a: gone }, { b: 2 }, {}],
  'delete of what is not there': [{ b: 2 }, { a: gone }, { b: 2 }, {}],
  'null is kept': [{ a: 1 }, { a: null }, { a: null }, {}],
  'an object is replaced as a whole': [{ o: { a: 1, b: 2 } }, { o: { a: 3 } }, { o: { a: 3 } }, {}],
  'a dotted key sets one field of an object': [{ o: { a: 1, b: 2 } }, { 'o.a': 3 }, { o: { a: 3, b: 2 } }, {}],
  'a dotted key makes the way': [{ o: {} }, { 'o.a.b': 3 }, { o: { a: { b: 3 } } }, {}],
  'a dotted increment answers nested': [{ o: { a: 1 } }, { 'o.a': increment(5) }, { o: { a: 6 } }, { o: { a: 6 } }],
  'a dotted delete unsets one field': [{ o: { a: 1, b: 2 } }, { 'o.a': gone }, { o: { b: 2 } }, {}],
  'a dotted addition': [{ o: { l: [1] } }, { 'o.l': op('Add', 2) }, { o: { l: [1, 2] } }, { o: { l: [1, 2] } }],
  'a dotted unique addition': [{ o: { l: [1] } }, { 'o.l': op('AddUnique', 1, 2) }, { o: { l: [1, 2] } }, { o: { l: [1, 2] } }],
  'a dotted removal': [{ o: { l: [1, 2] } }, { 'o.l': op('Remove', 1) }, { o: { l: [2] } }, { o: { l: [2] } }],
  'an element of a list by its place': [{ l: [{ k: 1 }, { k: 2 }] }, { 'l.0.k': 5 }, { l: [{ k: 5 }, { k: 2 }] }, {}],
  'an increment in an element of a list answers the list': [{ l: [{ k: 1 }, { k: 2 }] }, { 'l.0.k': increment(5) }, { l: [{ k: 6 }, { k: 2 }] }, { l: [{ k: 6 }, { k: 2 }] }],
  'an increment of an element of a list answers the list': [{ l: [1, 'a'] }, { 'l.0': increment(5) }, { l: [6, 'a'] }, { l: [6, 'a'] }],
  'an addition in an element of a list answers the list': [{ l: [{ k: [1] }, {}] }, { 'l.0.k': op('Add', 2), 'l.1.k': op('AddUnique', 3) }, { l: [{ k: [1, 2] }, { k: [3] }] }, { l: [{ k: [1, 2] }, { k: [3] }] }],
  'a removal in an element of a list answers the list': [{ l: [{ k: [1, 2] }] }, { 'l.0.k': op('Remove', 1) }, { l: [{ k: [2] }] }, { l: [{ k: [2] }] }],
  'an increment of an element of a list in an object': [{ o: { l: [1, 2], k: 1 } }, { 'o.l.1': increment(5) }, { o: { l: [1, 7], k: 1 } }, { o: { l: { 1: 7 } } }],
  'an increment beside one of an element': [{ n: 1, l: [{ k: 1 }] }, { n: increment(1), 'l.0.k': increment(1) }, { n: 2, l: [{ k: 2 }] }, { n: 2, l: [{ k: 2 }] }],
  'several at once': [{ n: 1, l: [1], g: 1 }, { n: increment(1), l: op('Add', 2), g: gone, s: 'x' }, { n: 2, l: [1, 2], s: 'x' }, { n: 2, l: [1, 2] }],
}, async (before, update, fields, answer) => assert.deepEqual(await updated(before, update), { fields, answer }));

table({
  'a creation by increment': [{ n: increment(3) }, { n: 3 }],
  'a creation by addition keeps repetition': [{ l: op('Add', 1, 1) }, { l: [1, 1] }],
  'a creation by unique addition keeps the list as it is': [{ l: op('AddUnique', 1, 1, 2) }, { l: [1, 1, 2] }],
  'a creation by removal makes an empty list': [{ l: op('Remove', 1) }, { l: [] }],
  'a creation by deletion makes nothing': [{ g: gone }, {}],
}, async (body, want) => {
  const className = newClass();
  const id = await created(className, body);
  const { objectId, createdAt, updatedAt, ...fields } = (await rest('GET', `/classes/${className}/${id}`)).body;
  assert.deepEqual(fields, want);
});

const people = newClass('Person');
const ids = [await created(people, { n: 1 }), await created(people, { n: 2 }), await created(people, { n: 3 })];
const [one, two, three] = ids.map((id) => pointer(people, id));
const members = async (className, id) => {
  const where = { $relatedTo: { object: pointer(className, id), key: 'many' } };
  return (await succeeds(rest('GET', `/classes/${people}`, { query: { where, order: 'n' } }))).results.map(({ n }) => n);
};
table({
  'a relation takes members': [[op('AddRelation', one, two)], [1, 2]],
  'a member is in a relation once': [[op('AddRelation', one), op('AddRelation', one, two)], [1, 2]],
  'a relation loses members': [[op('AddRelation', one, two), op('RemoveRelation', one)], [2]],
  'what is no member can be removed': [[op('AddRelation', one), op('RemoveRelation', three)], [1]],
  'a batch adds and removes': [[op('AddRelation', one), { __op: 'Batch', ops: [op('AddRelation', two, three), op('RemoveRelation', one)] }], [2, 3]],
}, async (ops, want) => {
  const className = newClass();
  const id = await created(className, { many: op('AddRelation', three) });
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { many: op('RemoveRelation', three) } }));
  for (const many of ops) {
    const answer = await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { many } }));
    assert.deepEqual(Object.keys(answer), ['updatedAt']);
  }
  assert.deepEqual(await members(className, id), want);
});

test('a relation can come with the creation', async () => {
  const className = newClass();
  assert.deepEqual(await members(className, await created(className, { many: op('AddRelation', one, three) })), [1, 3]);
});

test('a removal of pointers compares class and id', async () => {
  const { fields } = await updated({ l: [one, two] }, { l: op('Remove', one) });
  assert.deepEqual(fields, { l: [two] });
});

table({
  'an increment by a text is refused': [{ n: { __op: 'Increment', amount: 'a' } }, { n: 1 }],
  'an addition of no list is refused': [{ l: { __op: 'Add', objects: 'a' } }, { l: [] }],
  'a unique addition of no list is refused': [{ l: { __op: 'AddUnique', objects: 'a' } }, { l: [] }],
  'a removal of no list is refused': [{ l: { __op: 'Remove', objects: 'a' } }, { l: [] }],
}, async (body, before) => {
  const className = newClass();
  const id = await created(className, before);
  await refused(rest('PUT', `/classes/${className}/${id}`, { body }), 400, 107);
  await refused(rest('POST', `/classes/${className}`, { body }), 400, 107);
});
