// Several objects in one request.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, app, newClass, rest } from './setup.js';

const mount = new URL(app.url).pathname;

test('saves and destroys many', async () => {
  const className = newClass();
  const notes = Array.from({ length: 120 }, (_, number) => new Parse.Object(className, { number }));
  await Parse.Object.saveAll(notes);
  assert.equal(new Set(notes.map(({ id }) => id)).size, 120);
  notes.forEach((note) => note.increment('number'));
  await Parse.Object.saveAll(notes);
  assert.equal(await new Parse.Query(className).greaterThanOrEqualTo('number', 1).count(), 120);
  await Parse.Object.destroyAll(notes);
  assert.equal(await new Parse.Query(className).count(), 0);
});

test('answers in order, and one failure does not touch the others', async () => {
  const className = newClass();
  const requests = [
    { method: 'POST', path: `${mount}/classes/${className}`, body: { n: 1 } },
    { method: 'GET', path: `${mount}/classes/${className}/missing` },
    { method: 'POST', path: `${mount}/classes/${className}`, body: { n: 'text' } },
    { method: 'POST', path: `${mount}/classes/${className}`, body: { n: 3 } },
  ];
  const { status, body } = await rest('POST', '/batch', { body: { requests } });
  assert.equal(status, 200);
  assert.deepEqual(body.map((answer) => answer.error?.code ?? 'ok').filter((_, index) => index !== 2), ['ok', 101, 'ok']);
  assert.ok(body[0].success.objectId && body[3].success.createdAt);
});

test('a batch that is no list is refused', async () => {
  const { status, body } = await rest('POST', '/batch', { body: {} });
  assert.deepEqual([status, body.code], [400, Parse.Error.INVALID_JSON]);
});

test('a batch inside a batch is refused', async () => {
  const requests = [{ method: 'POST', path: `${mount}/batch`, body: { requests: [] } }];
  const { status, body } = await rest('POST', '/batch', { body: { requests } });
  assert.equal((body.code ?? body[0]?.error?.code) > 0, true, `${status} ${JSON.stringify(body)}`);
});

test('destroying what is gone fails for that object only', async () => {
  const className = newClass();
  const notes = await Parse.Object.saveAll([new Parse.Object(className), new Parse.Object(className)]);
  await rest('DELETE', `/classes/${className}/${notes[0].id}`);
  await assert.rejects(Parse.Object.destroyAll(notes), (error) => {
    assert.equal(error.code, Parse.Error.AGGREGATE_ERROR);
    assert.deepEqual(error.errors.map(({ code }) => code), [Parse.Error.OBJECT_NOT_FOUND]);
    return true;
  });
  assert.equal(await new Parse.Query(className).count(), 0);
});
