// 10.3 The schemas API.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Parse, created, defined, newClass, pointer, refused, rest, serverWith, succeeds, table } from './setup.js';

const master = { master: true };
const builtIn = { objectId: { type: 'String' }, createdAt: { type: 'Date' }, updatedAt: { type: 'Date' }, ACL: { type: 'ACL' } };
const every = { '*': true };
const open = { find: every, count: every, get: every, create: every, update: every, delete: every, addField: every, protectedFields: { '*': [] } };
const openAcl = { ACL: { '*': { read: true, write: true } } };
const change = (className, body) => rest('PUT', `/schemas/${className}`, { ...master, body: { className, ...body } });
const read = (className) => succeeds(rest('GET', `/schemas/${className}`, master));

test('a new class has what every class has', async () => {
  const className = newClass();
  const schema = await defined(className, {});
  assert.deepEqual(schema, { className, fields: builtIn, classLevelPermissions: { ...openAcl, ...open } });
  assert.deepEqual(await read(className), schema);
});

test('a class can be named in the path or in the body', async () => {
  const className = newClass();
  assert.equal((await succeeds(rest('POST', '/schemas', { ...master, body: { className } }))).className, className);
  await refused(rest('POST', `/schemas/${newClass()}`, { ...master, body: { className: newClass() } }), 400, 103);
});

test('every type of field', async () => {
  const className = newClass();
  const fields = {
    text: { type: 'String' }, number: { type: 'Number' }, truth: { type: 'Boolean' }, date: { type: 'Date' }, object: { type: 'Object' }, list: { type: 'Array' },
    place: { type: 'GeoPoint' }, area: { type: 'Polygon' }, file: { type: 'File' }, bytes: { type: 'Bytes' },
    one: { type: 'Pointer', targetClass: '_User' }, many: { type: 'Relation', targetClass: '_User' },
  };
  assert.deepEqual((await defined(className, { fields })).fields, { ...builtIn, ...fields });
  assert.deepEqual((await read(className)).fields, { ...builtIn, ...fields });
});

test('options of fields', async () => {
  const className = newClass();
  const fields = { a: { type: 'String', required: true }, b: { type: 'Number', defaultValue: 5 }, c: { type: 'Boolean', required: false, defaultValue: true } };
  assert.deepEqual((await defined(className, { fields })).fields, { ...builtIn, ...fields });
  assert.deepEqual((await read(className)).fields, { ...builtIn, ...fields });
});

test('all classes are listed', async () => {
  const className = newClass();
  await defined(className, {});
  const { results } = await succeeds(rest('GET', '/schemas', master));
  const names = results.map((schema) => schema.className);
  for (const name of [className, '_User', '_Role']) assert.ok(names.includes(name), name);
  for (const name of ['_Hooks', '_GlobalConfig', '_JobSchedule', '_Idempotency', '_PushStatus', '_JobStatus']) assert.ok(!names.includes(name), name);
});

test('the fields of users, roles, sessions and installations', async () => {
  const fields = async (name) => Object.keys((await read(name)).fields);
  for (const name of ['username', 'password', 'email', 'emailVerified', 'authData']) assert.ok((await fields('_User')).includes(name), name);
  for (const name of ['name', 'users', 'roles']) assert.ok((await fields('_Role')).includes(name), name);
});

table({
  'a class that is there': [(name) => ({ className: name }), 103, /already exists/],
  'a class of a bad name': [() => ({ className: 'no good' }), 103, /^Invalid classname: no good/],
  'a class that the server keeps': [() => ({ className: '_Mine' }), 103, /^Invalid classname: _Mine/],
  'a field of a bad name': [() => ({ className: newClass(), fields: { 'a b': { type: 'String' } } }), 105],
  'a field that every class has': [() => ({ className: newClass(), fields: { objectId: { type: 'String' } } }), 136, 'field objectId cannot be added'],
  'a type nobody knows': [() => ({ className: newClass(), fields: { a: { type: 'Colour' } } }), 111, 'invalid field type: Colour'],
  'a pointer to nothing': [() => ({ className: newClass(), fields: { a: { type: 'Pointer' } } }), 135, 'type Pointer needs a class name'],
  'a relation to nothing': [() => ({ className: newClass(), fields: { a: { type: 'Relation' } } }), 135, 'type Relation needs a class name'],
  'a pointer to a class of a bad name': [() => ({ className: newClass(), fields: { a: { type: 'Pointer', targetClass: 'no good' } } }), 103],
  'two places': [() => ({ className: newClass(), fields: { a: { type: 'GeoPoint' }, b: { type: 'GeoPoint' } } }), 111],
  'a default of another type': [() => ({ className: newClass(), fields: { a: { type: 'Number', defaultValue: 'x' } } }), 111],
  'a required relation': [() => ({ className: newClass(), fields: { a: { type: 'Relation', targetClass: 'A', required: true } } }), 111],
  'an index on nothing': [() => ({ className: newClass(), indexes: { i: { unheard: 1 } } }), 102, 'Field unheard does not exist, cannot add index.'],
}, async (body, code, message) => {
  const name = newClass();
  await defined(name, {});
  await refused(rest('POST', '/schemas', { ...master, body: body(name) }), 400, code, message);
});

test('fields are added and removed', async () => {
  const className = newClass();
  await defined(className, { fields: { old: { type: 'String' }, kept: { type: 'Number' } } });
  const id = await created(className, { old: 'x', kept: 1 });
  const schema = await succeeds(change(className, { fields: { old: { __op: 'Delete' }, fresh: { type: 'Date' } } }));
  assert.deepEqual(schema.fields, { ...builtIn, kept: { type: 'Number' }, fresh: { type: 'Date' } });
  const { objectId, createdAt, updatedAt, ...row } = await succeeds(rest('GET', `/classes/${className}/${id}`));
  assert.deepEqual(row, { kept: 1 });
});

test('a field can be removed and come back as something else', async () => {
  const className = newClass();
  const id = await created(className, { value: 'text' });
  await succeeds(change(className, { fields: { value: { __op: 'Delete' } } }));
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { value: 5 } }));
  assert.deepEqual((await read(className)).fields.value, { type: 'Number' });
});

test('a relation that is removed forgets its members', async () => {
  const className = newClass();
  const many = { __op: 'AddRelation', objects: [pointer('_User', 'x')] };
  const id = await created(className, { many });
  await succeeds(change(className, { fields: { many: { __op: 'Delete' } } }));
  await succeeds(change(className, { fields: { many: { type: 'Relation', targetClass: '_User' } } }));
  const where = { $relatedTo: { object: pointer(className, id), key: 'many' } };
  assert.deepEqual((await succeeds(rest('GET', '/users', { ...master, query: { where } }))).results, []);
});

table({
  'a field that is there': [{ n: { type: 'String' } }, 255, 'Field n exists, cannot update.'],
  'a field that is not there': [{ unheard: { __op: 'Delete' } }, 255, 'Field unheard does not exist, cannot delete.'],
  'a field that every class has, removed': [{ createdAt: { __op: 'Delete' } }, 136, 'field createdAt cannot be changed'],
}, async (fields, code, message) => {
  const className = newClass();
  await defined(className, { fields: { n: { type: 'Number' } } });
  await refused(change(className, { fields }), 400, code, message);
});

test('the class of a change must be there and be the same', async () => {
  await refused(rest('PUT', `/schemas/${newClass()}`, { ...master, body: {} }), 400, 103, /does not exist/);
  const className = newClass();
  await defined(className, {});
  await refused(rest('PUT', `/schemas/${className}`, { ...master, body: { className: newClass() } }), 400, 103);
  await refused(rest('GET', `/schemas/${newClass()}`, master), 400, 103, /does not exist/);
});

test('permissions are replaced as a whole', async () => {
  const className = newClass();
  await defined(className, { classLevelPermissions: { find: every, get: every } });
  await succeeds(change(className, { classLevelPermissions: { create: every } }));
  const { classLevelPermissions: now } = await read(className);
  assert.deepEqual([now.find, now.get, now.create], [{}, {}, every]);
});

test('indexes are made, listed and dropped', async () => {
  const className = newClass();
  const schema = await defined(className, { fields: { a: { type: 'String' }, b: { type: 'Number' } }, indexes: { by_a: { a: 1 }, both: { a: 1, b: -1 } } });
  assert.deepEqual(schema.indexes, { by_a: { a: 1 }, both: { a: 1, b: -1 } });
  const changed = await succeeds(change(className, { indexes: { by_a: { __op: 'Delete' }, by_b: { b: 1 } } }));
  assert.deepEqual(changed.indexes, { both: { a: 1, b: -1 }, by_b: { b: 1 } });
  await refused(change(className, { indexes: { by_b: { b: 1 } } }), 400, 102, 'Index by_b exists, cannot update.');
  await refused(change(className, { indexes: { by_c: { __op: 'Delete' } } }), 400, 102, 'Index by_c does not exist, cannot delete.');
});

test('the first index of a class that had none brings that of the ids along', async () => {
  const className = newClass();
  await defined(className, { fields: { a: { type: 'String' } } });
  assert.deepEqual((await succeeds(change(className, { indexes: { by_a: { a: 1 } } }))).indexes, { _id_: { _id: 1 }, by_a: { a: 1 } });
});

test('an index on a pointer is on its column', async () => {
  const className = newClass();
  const schema = await defined(className, { fields: { to: { type: 'Pointer', targetClass: '_User' } }, indexes: { by_to: { _p_to: 1 } } });
  assert.ok(schema.indexes.by_to);
});

test('a class is dropped when it is empty', async () => {
  const className = newClass();
  const id = await created(className, {});
  await refused(rest('DELETE', `/schemas/${className}`, master), 400, 255, `Class ${className} is not empty, contains 1 objects, cannot drop schema.`);
  await succeeds(rest('DELETE', `/classes/${className}/${id}`));
  assert.deepEqual(await succeeds(rest('DELETE', `/schemas/${className}`, master)), {});
  await refused(rest('GET', `/schemas/${className}`, master), 400, 103);
  assert.deepEqual(await succeeds(rest('DELETE', `/schemas/${newClass()}`, master)), {});
});

test('the SDK does it all', async () => {
  const className = newClass();
  const schema = new Parse.Schema(className);
  schema.addString('name').addNumber('n', { defaultValue: 3 }).addPointer('to', '_User').addIndex('by_name', { name: 1 });
  schema.setCLP({ find: every });
  await schema.save();
  const got = await new Parse.Schema(className).get();
  assert.deepEqual([got.fields.n, got.fields.to], [{ type: 'Number', defaultValue: 3 }, { type: 'Pointer', targetClass: '_User' }]);
  await new Parse.Schema(className).deleteField('name').deleteIndex('by_name').update();
  assert.ok((await Parse.Schema.all()).some((one) => one.className === className));
  await new Parse.Object(className).save({ n: 1 }, { useMasterKey: true });
  await new Parse.Schema(className).purge();
  await new Parse.Schema(className).delete();
});

test('classes of the settings are there from the start', async () => {
  const server = await serverWith({ schema: { definitions: [{
    className: 'Defined', fields: { name: { type: 'String', required: true } }, indexes: { by_name: { name: 1 } },
    classLevelPermissions: { find: { '*': true }, get: {}, count: {}, create: {}, update: {}, delete: {}, addField: {} },
  }] } });
  const schema = await succeeds(server.rest('GET', '/schemas/Defined', master));
  assert.deepEqual(schema.fields.name, { type: 'String', required: true });
  assert.ok(schema.indexes.by_name);
  await refused(server.rest('POST', '/classes/Defined', { body: { name: 'x' } }), 400, 119);
  await succeeds(server.rest('GET', '/classes/Defined'));
});

test('classes can be locked by the settings', async () => {
  const server = await serverWith({ schema: { definitions: [], lockSchemas: true } });
  const body = { className: 'Any' };
  await refused(server.rest('POST', '/schemas', { ...master, body }), 400, 119);
  await refused(server.rest('PUT', '/schemas/_User', { ...master, body: { fields: { a: { type: 'String' } } } }), 400, 119);
});
