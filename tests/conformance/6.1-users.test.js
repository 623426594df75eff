// People of the app: sign up, log in, log out, become, anonymous.

import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import { Parse, newName, rejectsWith, rest, signUp } from './setup.js';

afterEach(() => Parse.User.logOut());

test('sign-up signs in', async () => {
  const user = await signUp({ age: 30 });
  assert.match(user.getSessionToken(), /^r:[0-9a-f]{32}$/);
  assert.equal(Parse.User.current().id, user.id);
  assert.equal((await user.fetch()).get('age'), 30);
});

test('log-in gives a new session and the same user, without the password', async () => {
  const user = await signUp();
  const first = user.getSessionToken();
  await Parse.User.logOut();
  const same = await Parse.User.logIn(user.get('username'), 'a-password');
  assert.equal(same.id, user.id);
  assert.notEqual(same.getSessionToken(), first);
  assert.equal(same.get('password'), undefined);
});

test('log-in by e-mail works', async () => {
  const email = `${newName()}@example.org`;
  const user = await signUp({ email });
  const { status, body } = await rest('POST', '/login', { body: { email, password: 'a-password' } });
  assert.deepEqual([status, body.objectId], [200, user.id]);
});

test('a wrong password and an unknown name are answered alike', async () => {
  const user = await signUp();
  await Parse.User.logOut();
  const attempts = [[user.get('username'), 'wrong'], [newName(), 'a-password']];
  const errors = await Promise.all(attempts.map((attempt) => Parse.User.logIn(...attempt).catch((error) => error)));
  assert.deepEqual(errors.map(({ code }) => code), [Parse.Error.OBJECT_NOT_FOUND, Parse.Error.OBJECT_NOT_FOUND]);
  assert.equal(errors[0].message, errors[1].message);
});

test('names and addresses are taken once', async () => {
  const email = `${newName()}@example.org`;
  const user = await signUp({ email });
  await Parse.User.logOut();
  await rejectsWith(Parse.Error.USERNAME_TAKEN, Parse.User.signUp(user.get('username'), 'x'));
  await rejectsWith(Parse.Error.EMAIL_TAKEN, Parse.User.signUp(newName(), 'x', { email }));
});

test('ten sign-ups of one name at once make one user', async () => {
  const username = newName();
  const attempts = Array.from({ length: 10 }, () => rest('POST', '/users', { body: { username, password: 'x' } }));
  const codes = (await Promise.all(attempts)).map(({ status, body }) => (status === 201 ? 201 : body.code));
  assert.deepEqual(codes.toSorted(), [201, ...Array(9).fill(Parse.Error.USERNAME_TAKEN)]);
});

test('sign-up without name or password is refused', async () => {
  const codes = [];
  for (const body of [{ password: 'x' }, { username: newName() }, { username: '', password: 'x' }]) {
    codes.push((await rest('POST', '/users', { body })).body.code);
  }
  assert.deepEqual(codes, [Parse.Error.USERNAME_MISSING, Parse.Error.PASSWORD_MISSING, Parse.Error.USERNAME_MISSING]);
});

test('an address must be one', async () => {
  await rejectsWith(Parse.Error.INVALID_EMAIL_ADDRESS, signUp({ email: 'not an address' }));
});

test('log-out ends the session', async () => {
  const user = await signUp();
  const session = user.getSessionToken();
  await Parse.User.logOut();
  const { status, body } = await rest('GET', '/users/me', { session });
  assert.deepEqual([status, body.code], [400, Parse.Error.INVALID_SESSION_TOKEN]);
});

test('become takes a session over', async () => {
  const user = await signUp();
  const { body } = await rest('POST', '/login', { body: { username: user.get('username'), password: 'a-password' } });
  await Parse.User.logOut();
  const same = await Parse.User.become(body.sessionToken);
  assert.equal(same.id, user.id);
  assert.equal(Parse.User.current().getSessionToken(), body.sessionToken);
  await rejectsWith(Parse.Error.INVALID_SESSION_TOKEN, Parse.User.become('r:0123456789abcdef0123456789abcdef'));
});

test('me is the user of the session', async () => {
  const user = await signUp();
  const { body } = await rest('GET', '/users/me', { session: user.getSessionToken() });
  assert.equal(body.objectId, user.id);
  assert.equal(body.sessionToken, user.getSessionToken());
  assert.equal((await rest('GET', '/users/me')).body.code, Parse.Error.INVALID_SESSION_TOKEN);
});

test('users change themselves and nobody else', async () => {
  const ann = await signUp();
  await ann.save({ age: 31 });
  await Parse.User.logOut();
  const bob = await signUp();
  const path = `/users/${ann.id}`;
  const answer = await rest('PUT', path, { body: { age: 1 }, session: bob.getSessionToken() });
  assert.equal(answer.status >= 400, true);
  assert.ok([Parse.Error.OBJECT_NOT_FOUND, Parse.Error.SESSION_MISSING].includes(answer.body.code));
  assert.equal((await rest('GET', path, { master: true })).body.age, 31);
});

test('users are private to others', async () => {
  const ann = await signUp({ email: `${newName()}@example.org` });
  await Parse.User.logOut();
  assert.equal((await rest('GET', `/users/${ann.id}`)).body.code, Parse.Error.OBJECT_NOT_FOUND);
  const { body } = await rest('GET', `/users?where={"objectId":"${ann.id}"}`);
  assert.deepEqual(body, { results: [] });
});

test('nobody ever sees a password', async () => {
  const ann = await signUp();
  for (const options of [{ master: true }, { session: ann.getSessionToken() }]) {
    const text = JSON.stringify((await rest('GET', `/users/${ann.id}`, options)).body);
    assert.doesNotMatch(text, /password/i);
  }
});

test('a changed password replaces the old one and ends other sessions', async () => {
  const ann = await signUp();
  const username = ann.get('username');
  const { body: other } = await rest('POST', '/login', { body: { username, password: 'a-password' } });
  await ann.save({ password: 'another-password' });
  assert.equal((await rest('GET', '/users/me', { session: other.sessionToken })).body.code, Parse.Error.INVALID_SESSION_TOKEN);
  assert.equal((await rest('POST', '/login', { body: { username, password: 'a-password' } })).status, 404);
  assert.equal((await rest('POST', '/login', { body: { username, password: 'another-password' } })).status, 200);
});

test('anonymous users sign in without a name, and the same id comes back', async () => {
  const user = await Parse.AnonymousUtils.logIn();
  assert.ok(Parse.AnonymousUtils.isLinked(user));
  assert.ok(user.getSessionToken());
  const id = `${newName()}`;
  const body = { authData: { anonymous: { id } } };
  const first = await rest('POST', '/users', { body });
  const again = await rest('POST', '/users', { body });
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(first.body.objectId, again.body.objectId);
});

test('an anonymous user becomes a named one and keeps the id', async () => {
  const user = await Parse.AnonymousUtils.logIn();
  const { id } = user;
  await user.signUp({ username: newName(), password: 'a-password' });
  assert.equal(user.id, id);
  await Parse.User.logOut();
  assert.equal((await Parse.User.logIn(user.get('username'), 'a-password')).id, id);
});
