// Who may read and write a single object.

import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import { Parse, fetched, newClass, rejectsWith, signUp } from './setup.js';

afterEach(() => Parse.User.logOut());

/** An object with the ACL that `shape` makes for its owner; nobody is signed in afterwards. */
async function noteWith(shape) {
  const owner = await signUp();
  const acl = new Parse.ACL();
  shape(acl, owner);
  const note = new Parse.Object(newClass(), { title: 'mine' });
  note.setACL(acl);
  await note.save();
  await Parse.User.logOut();
  return { note, owner, acl };
}

const own = (acl, owner) => {
  acl.setReadAccess(owner, true);
  acl.setWriteAccess(owner, true);
};

test('a private object does not exist for nobody', async () => {
  const { note } = await noteWith(own);
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, fetched(note));
  assert.equal(await new Parse.Query(note.className).count(), 0);
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, note.save({ title: 'yours' }));
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, note.destroy());
});

test('a private object does not exist for somebody else', async () => {
  const { note } = await noteWith(own);
  await signUp();
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, fetched(note));
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, note.save({ title: 'yours' }));
});

test('its owner reads and writes it', async () => {
  const { note, owner } = await noteWith(own);
  await Parse.User.logIn(owner.get('username'), 'a-password');
  assert.equal((await fetched(note)).get('title'), 'mine');
  await note.save({ title: 'changed' });
  assert.equal((await fetched(note)).get('title'), 'changed');
});

test('the master key reads and writes it', async () => {
  const { note } = await noteWith(own);
  assert.equal((await fetched(note, { useMasterKey: true })).get('title'), 'mine');
  await note.save({ title: 'changed' }, { useMasterKey: true });
  await note.destroy({ useMasterKey: true });
});

test('an object that all may read cannot be written by all', async () => {
  const { note } = await noteWith((acl, owner) => {
    own(acl, owner);
    acl.setPublicReadAccess(true);
  });
  assert.equal((await fetched(note)).get('title'), 'mine');
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, note.save({ title: 'yours' }));
});

test('the ACL comes back as it was set', async () => {
  const { note, acl } = await noteWith((acl, owner) => {
    own(acl, owner);
    acl.setRoleReadAccess('editors', true);
  });
  const same = await fetched(note, { useMasterKey: true });
  assert.deepEqual(same.getACL().toJSON(), acl.toJSON());
});

test('an object without ACL is open', async () => {
  const note = await new Parse.Object(newClass()).save({ title: 'ours' });
  await note.save({ title: 'changed' });
  assert.equal((await fetched(note)).getACL(), null);
});

test('a changed ACL counts at once', async () => {
  const { note, owner } = await noteWith((acl) => {
    acl.setPublicReadAccess(true);
    acl.setPublicWriteAccess(true);
  });
  const acl = new Parse.ACL();
  acl.setReadAccess(owner, true);
  note.setACL(acl);
  await note.save();
  await rejectsWith(Parse.Error.OBJECT_NOT_FOUND, fetched(note));
});
