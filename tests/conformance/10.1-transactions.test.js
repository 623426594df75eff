// 10.1 Batches that are one transaction: all or nothing.

import assert from 'node:assert/strict';
import test from 'node:test';

import { app, created, differs, newClass, pointer, refused, rest, succeeds } from './setup.js';

const { mount } = app;
const transaction = (requests, options = {}) => rest('POST', '/batch', { body: { requests, transaction: true }, ...options });
const count = async (className, where = {}) => (await succeeds(rest('GET', `/classes/${className}`, { query: { where, count: 1, limit: 0 } }))).count;

/** A class that is there, with its fields: MongoDB makes no collection inside a transaction that others wait for. */
async function prepared() {
  const className = newClass();
  const id = await created(className, { n: 1, list: [1] });
  return { className, id, path: `${mount}/classes/${className}` };
}

test('a transaction that succeeds answers like any batch', async () => {
  const { className, id, path } = await prepared();
  const results = await succeeds(transaction([
    { method: 'POST', path, body: { n: 2 } },
    { method: 'PUT', path: `${path}/${id}`, body: { n: { __op: 'Increment', amount: 5 } } },
  ]));
  assert.deepEqual(Object.keys(results[0].success).sort(), ['createdAt', 'objectId']);
  assert.equal(results[1].success.n, 6);
  assert.equal(await count(className), 2);
});

differs('failedTransactions', 'a transaction of which one part fails leaves nothing behind', async (status) => {
  const { className, id, path } = await prepared();
  const answer = await transaction([
    { method: 'POST', path, body: { n: 2 } },
    { method: 'PUT', path: `${path}/${id}`, body: { n: 9 } },
    { method: 'POST', path, body: { n: 'text' } },
  ]);
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual([await count(className), await count(className, { n: 1 })], [1, 1]);
});

test('an object that is not there undoes the others', async () => {
  const { className, id, path } = await prepared();
  const answer = await transaction([
    { method: 'PUT', path: `${path}/${id}`, body: { n: 9 } },
    { method: 'DELETE', path: `${path}/none` },
  ]);
  assert.ok(answer.status >= 400, answer.text);
  assert.equal(await count(className, { n: 1 }), 1);
});

test('what is deleted in a transaction that fails is still there', async () => {
  const { className, id, path } = await prepared();
  await transaction([{ method: 'DELETE', path: `${path}/${id}` }, { method: 'PUT', path: `${path}/none`, body: { n: 1 } }]);
  assert.equal(await count(className), 1);
});

test('relations are part of it', async () => {
  const { className, id, path } = await prepared();
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { many: { __op: 'AddRelation', objects: [pointer(className, 'seed')] } } }));
  await transaction([
    { method: 'PUT', path: `${path}/${id}`, body: { many: { __op: 'AddRelation', objects: [pointer(className, id)] } } },
    { method: 'POST', path, body: { n: 'text' } },
  ]);
  const where = { many: pointer(className, id) };
  assert.equal(await count(className, where), 0);
});

test('reads within see what was written within', async () => {
  const { id, path } = await prepared();
  const answer = await transaction([{ method: 'PUT', path: `${path}/${id}`, body: { n: 5 } }, { method: 'PUT', path: `${path}/${id}`, body: { list: { __op: 'Add', objects: [2] } } }]);
  assert.equal(answer.status, 200, answer.text);
});

test('two transactions on one object both count', async () => {
  const { className, id, path } = await prepared();
  const add = () => transaction([{ method: 'PUT', path: `${path}/${id}`, body: { n: { __op: 'Increment', amount: 1 } } }, { method: 'POST', path, body: { n: 0 } }]);
  const answers = await Promise.all([add(), add()]);
  const done = answers.filter(({ status }) => status === 200).length;
  assert.equal(await count(className, { n: 1 + done }), 1);
  assert.equal(await count(className, { n: 0 }), done);
});

test('a batch in a transaction is refused', () => refused(transaction([{ method: 'POST', path: `${mount}/batch`, body: { requests: [] } }]), 400, 107));
