// 5 Access control: class permissions, pointer permissions, protected fields, default ACLs, fixed rules.

import assert from 'node:assert/strict';
import test from 'node:test';

import { created, defined, newClass, person, pointer, refused, rest, role, serverWith, succeeds, table } from './setup.js';

const [ann, bob] = [await person(), await person()];
const roleName = newClass('role');
await role(roleName, { users: [ann.objectId] });
const everyone = { '*': true };
const as = (user) => ({ session: user.sessionToken });
const everything = { find: everyone, get: everyone, count: everyone, create: everyone, update: everyone, delete: everyone, addField: everyone };

/** A class with these permissions and one row. */
async function classWith(classLevelPermissions, fields = {}, row = {}) {
  const className = newClass();
  await defined(className, { fields: { n: { type: 'Number' }, owner: { type: 'Pointer', targetClass: '_User' }, owners: { type: 'Array' }, ...fields }, classLevelPermissions });
  const id = await created(className, { n: 1, ...row }, { master: true });
  return { className, id, path: `/classes/${className}`, one: `/classes/${className}/${id}` };
}

const denied = [400, 119];
const operations = {
  find: ({ path }, options) => rest('GET', path, options),
  get: ({ one }, options) => rest('GET', one, options),
  count: ({ path }, options) => rest('GET', `${path}?count=1&limit=0`, options),
  create: ({ path }, options) => rest('POST', path, { ...options, body: {} }),
  update: ({ one }, options) => rest('PUT', one, { ...options, body: { n: 2 } }),
  addField: ({ one }, options) => rest('PUT', one, { ...options, body: { fresh: 1 } }),
  delete: ({ one }, options) => rest('DELETE', one, options),
};

for (const [name, run] of Object.entries(operations)) {
  test(`${name} that is nobody's is the master's`, async () => {
    const open = await classWith({ ...everything, [name]: {} });
    await refused(run(open, as(ann)), ...denied);
    const { status } = await run(open, { master: true });
    assert.ok(status < 300);
  });
  test(`${name} of a user is that user's`, async () => {
    const open = await classWith({ ...everything, [name]: { [ann.objectId]: true } });
    await refused(run(open, as(bob)), ...denied);
    await refused(run(open, {}), ...denied);
    assert.ok((await run(open, as(ann))).status < 300);
  });
  test(`${name} of a role is its members'`, async () => {
    const open = await classWith({ ...everything, [name]: { [`role:${roleName}`]: true } });
    await refused(run(open, as(bob)), ...denied);
    assert.ok((await run(open, as(ann))).status < 300);
  });
  test(`${name} of the signed-in needs a session`, async () => {
    const open = await classWith({ ...everything, [name]: { requiresAuthentication: true } });
    await refused(run(open, {}), 404, 101);
    assert.ok((await run(open, as(bob))).status < 300);
  });
}

test('permissions that name some operations leave the others to the master', async () => {
  const { className, path, one } = await classWith({ find: everyone });
  const { classLevelPermissions } = await succeeds(rest('GET', `/schemas/${className}`, { master: true }));
  assert.deepEqual(classLevelPermissions.find, everyone);
  assert.deepEqual(classLevelPermissions.get, {});
  await succeeds(rest('GET', path));
  await refused(rest('GET', one), ...denied);
});

test('a new class is open', async () => {
  const className = newClass();
  await created(className, {});
  const { classLevelPermissions } = await succeeds(rest('GET', `/schemas/${className}`, { master: true }));
  assert.deepEqual(classLevelPermissions, { ...everything, protectedFields: { '*': [] }, ACL: { '*': { read: true, write: true } } });
});

test('a find that names one id is a get', async () => {
  const { path, id } = await classWith({ ...everything, find: {} });
  await succeeds(rest('GET', path, { query: { where: { objectId: id } } }));
  await refused(rest('GET', path, { query: { where: { objectId: { $in: [id] } } } }), ...denied);
});

test('an include of a class one may not get fails the whole', async () => {
  const closed = await classWith({ ...everything, get: {} });
  const holder = newClass();
  await created(holder, { to: pointer(closed.className, closed.id) });
  await refused(rest('GET', `/classes/${holder}?include=to`), ...denied);
});

const own = (user) => ({ owner: pointer('_User', user.objectId) });
test('readUserFields lets the user of the field read', async () => {
  const { path, one } = await classWith({ ...everything, find: {}, get: {}, count: {}, readUserFields: ['owner'] }, {}, own(ann));
  assert.equal((await succeeds(rest('GET', path, as(ann)))).results.length, 1);
  assert.equal((await succeeds(rest('GET', path, as(bob)))).results.length, 0);
  await refused(rest('GET', one, as(bob)), 404, 101);
  await succeeds(rest('GET', one, as(ann)));
});

test('writeUserFields lets the user of the field write', async () => {
  const { path, one } = await classWith({ ...everything, update: {}, delete: {}, create: {}, writeUserFields: ['owner'] }, {}, own(ann));
  await refused(rest('PUT', one, { ...as(bob), body: { n: 2 } }), 404, 101);
  await refused(rest('POST', path, { ...as(ann), body: {} }), ...denied);
  await succeeds(rest('PUT', one, { ...as(ann), body: { n: 2 } }));
  await succeeds(rest('DELETE', one, as(ann)));
});

test('pointerFields of an operation', async () => {
  const pointerFields = { pointerFields: ['owner'] };
  const { path, one } = await classWith({ ...everything, find: pointerFields, get: pointerFields, update: pointerFields, delete: pointerFields, count: pointerFields }, {}, own(ann));
  assert.deepEqual([(await succeeds(rest('GET', path, as(ann)))).results.length, (await succeeds(rest('GET', path, as(bob)))).results.length], [1, 0]);
  assert.equal((await succeeds(rest('GET', `${path}?count=1&limit=0`, as(bob)))).count, 0);
  await refused(rest('GET', one, as(bob)), 404, 101);
  await refused(rest('PUT', one, { ...as(bob), body: { n: 2 } }), 404, 101);
  await refused(rest('DELETE', one, as(bob)), 404, 101);
  await succeeds(rest('PUT', one, { ...as(ann), body: { n: 2 } }));
});

test('pointer permissions look into lists', async () => {
  const owners = [pointer('_User', ann.objectId)];
  const { path } = await classWith({ ...everything, find: { pointerFields: ['owners'] } }, {}, { owners });
  assert.deepEqual([(await succeeds(rest('GET', path, as(ann)))).results.length, (await succeeds(rest('GET', path, as(bob)))).results.length], [1, 0]);
});

test('pointer permissions and nobody', async () => {
  const { path, one } = await classWith({ ...everything, find: {}, get: {}, update: {}, readUserFields: ['owner'], writeUserFields: ['owner'] }, {}, own(ann));
  assert.deepEqual((await succeeds(rest('GET', path))).results, []);
  await refused(rest('GET', one), 404, 101);
  await refused(rest('PUT', one, { body: { n: 2 } }), 404, 101);
});

test('an ACL holds beside pointer permissions', async () => {
  const { path } = await classWith({ ...everything, find: { pointerFields: ['owner'] } }, {}, { ...own(ann), ACL: {} });
  assert.deepEqual((await succeeds(rest('GET', path, as(ann)))).results, []);
});

const secretFor = async (protectedFields, row = {}) => {
  const made = await classWith({ ...everything, protectedFields }, { secret: { type: 'String' }, other: { type: 'String' } }, { secret: 's', other: 'o', ...row });
  return async (options = {}) => Object.keys(await succeeds(rest('GET', made.one, options))).filter((name) => name === 'secret' || name === 'other');
};
test('a field protected from all is the master\'s', async () => {
  const seen = await secretFor({ '*': ['secret'] });
  assert.deepEqual([await seen(), await seen(as(ann)), await seen({ master: true })], [['other'], ['other'], ['secret', 'other']].map((list) => list));
});
test('what a role sees is what is hidden from none of its groups', async () => {
  const seen = await secretFor({ '*': ['secret', 'other'], [`role:${roleName}`]: ['other'] });
  assert.deepEqual([await seen(), await seen(as(bob)), await seen(as(ann))], [[], [], ['secret']]);
});
test('what the signed-in see', async () => {
  const seen = await secretFor({ '*': ['secret', 'other'], authenticated: ['secret'] });
  assert.deepEqual([await seen(), await seen(as(bob))], [[], ['other']]);
});
test('what one user sees', async () => {
  const seen = await secretFor({ '*': ['secret', 'other'], [bob.objectId]: [] });
  assert.deepEqual([await seen(as(ann)), await seen(as(bob))], [[], ['secret', 'other']]);
});
test('what the user of a row sees', async () => {
  const seen = await secretFor({ '*': ['secret'], 'userField:owner': [] }, own(ann));
  assert.deepEqual([await seen(as(bob)), (await seen(as(ann))).sort()], [['other'], ['other', 'secret']]);
});

test('a protected field is not asked or sorted by', async () => {
  const { path } = await classWith({ ...everything, protectedFields: { '*': ['secret'] } }, { secret: { type: 'String' } }, { secret: 's' });
  for (const query of [{ where: { secret: 's' } }, { where: { $or: [{ secret: 's' }] } }, { where: { 'secret.a': 1 } }, { order: 'secret' }]) {
    await refused(rest('GET', path, { query }), ...denied);
    await succeeds(rest('GET', path, { query, master: true }));
  }
});

test('the address of a user is their own', async () => {
  const user = await person({ email: `${newClass('a')}@example.org`, ACL: { '*': { read: true } } });
  assert.equal('email' in (await succeeds(rest('GET', `/users/${user.objectId}`))), false);
  assert.equal('email' in (await succeeds(rest('GET', `/users/${user.objectId}`, as(user)))), true);
});

const defaultAcl = async (ACL) => {
  const { path } = await classWith({ ...everything, ACL });
  return async (options) => (await succeeds(rest('POST', path, { ...options, body: {} }), 201)).ACL;
};
test('a class gives its objects an ACL, and the answer shows it', async () => {
  const acl = await defaultAcl({ '*': { read: true }, [`role:${roleName}`]: { read: true, write: true }, currentUser: { read: true, write: true } });
  assert.deepEqual(await acl(as(ann)), { '*': { read: true }, [`role:${roleName}`]: { read: true, write: true }, [ann.objectId]: { read: true, write: true } });
  assert.deepEqual(await acl({}), { '*': { read: true }, [`role:${roleName}`]: { read: true, write: true } });
});
test('an ACL that is sent wins over that of the class', async () => {
  const { path } = await classWith({ ...everything, ACL: { '*': { read: true } } });
  const { objectId } = await succeeds(rest('POST', path, { body: { ACL: { '*': { read: true, write: true } } } }), 201);
  assert.deepEqual((await succeeds(rest('GET', `${path}/${objectId}`))).ACL, { '*': { read: true, write: true } });
});

table({
  'an operation nobody knows': [{ fly: everyone }, 107],
  'a permission that is not true': [{ find: { '*': false } }, 107],
  'a permission of a number': [{ find: 5 }, 107],
  'a key that is no user': [{ find: { 'a b': true } }, 107],
  'pointer fields that do not exist': [{ find: { pointerFields: ['unheard'] } }, 107],
  'pointer fields that are no pointers': [{ find: { pointerFields: ['n'] } }, 107],
  'read fields that are no pointers': [{ readUserFields: ['n'] }, 107],
  'a default field that is protected': [{ protectedFields: { '*': ['objectId'] } }, 107],
  'a field that is protected and does not exist': [{ protectedFields: { '*': ['unheard'] } }, 107],
}, (classLevelPermissions, code) => {
  const className = newClass();
  return refused(rest('POST', `/schemas/${className}`, { master: true, body: { className, fields: { n: { type: 'Number' } }, classLevelPermissions } }), 400, code);
});

table({
  'an ACL of a user': [{ [ann.objectId]: { read: true, write: true } }],
  'an ACL of a role': [{ [`role:${roleName}`]: { read: true } }],
  'an ACL of all': [{ '*': { read: true } }],
  'an ACL of nobody': [{}],
}, async (ACL) => {
  const className = newClass();
  const id = await created(className, { ACL });
  assert.deepEqual((await succeeds(rest('GET', `/classes/${className}/${id}`, { master: true }))).ACL, ACL);
});

test('an ACL keeps what is true only', async () => {
  const className = newClass();
  const id = await created(className, { ACL: { '*': { read: true, write: false }, [ann.objectId]: { read: false, write: true } } });
  const { ACL } = await succeeds(rest('GET', `/classes/${className}/${id}`, { master: true }));
  assert.deepEqual(ACL, { '*': { read: true }, [ann.objectId]: { write: true } });
});

test('an ACL that is deleted leaves the object to the master', async () => {
  const className = newClass();
  const id = await created(className, { ACL: { '*': { read: true, write: true } } });
  await succeeds(rest('PUT', `/classes/${className}/${id}`, { body: { ACL: { __op: 'Delete' } } }));
  await refused(rest('GET', `/classes/${className}/${id}`), 404, 101);
  assert.deepEqual((await succeeds(rest('GET', `/classes/${className}/${id}`, { master: true }))).ACL, {});
});

test('users cannot lock themselves out', async () => {
  const cat = await person();
  await succeeds(rest('PUT', `/users/${cat.objectId}`, { ...as(cat), body: { ACL: {} } }));
  const { ACL } = await succeeds(rest('GET', `/users/${cat.objectId}`, as(cat)));
  assert.deepEqual(ACL, { [cat.objectId]: { read: true, write: true } });
});

test('users are private, unless the settings say otherwise', async () => {
  const server = await serverWith({ enforcePrivateUsers: false });
  const cat = await person({}, server.rest);
  assert.deepEqual((await succeeds(server.rest('GET', `/users/${cat.objectId}`))).ACL, { '*': { read: true }, [cat.objectId]: { read: true, write: true } });
  await refused(rest('GET', `/users/${ann.objectId}`), 404, 101);
});

test('a class locked against clients is not told from one whose rule fails', async () => {
  await refused(rest('PUT', `/users/${ann.objectId}`, { ...as(ann), body: { emailVerified: true } }), 400, 119);
});

// $relatedTo looks at the members of an object, and so asks for the right to get it.
for (const [name, get] of Object.entries({ nobody: {}, 'somebody signed in': { requiresAuthentication: true } })) {
  test(`$relatedTo of a class that is for ${name} to get finds nothing`, async () => {
    const members = newClass();
    const member = await created(members, {});
    const { className, id } = await classWith({ ...everything, get }, {}, { many: { __op: 'AddRelation', objects: [pointer(members, member)] } });
    const where = { $relatedTo: { object: pointer(className, id), key: 'many' } };
    const found = async (options) => (await succeeds(rest('GET', `/classes/${members}`, { query: { where }, ...options }))).results.length;
    assert.deepEqual([await found(), await found({ master: true })], [0, 1]);
  });
}
