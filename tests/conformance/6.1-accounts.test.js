// 6.1 Sign-up and log-in by plain HTTP. 6.2 Sessions.

import assert from 'node:assert/strict';
import test from 'node:test';

import { app, newClass, newEmail, newName, person, pointer, refused, rest, serverWith, succeeds, table } from './setup.js';

const password = 'a-password';
const as = (user) => ({ session: user.sessionToken });
const signUp = (body) => rest('POST', '/users', { body });
const logIn = (body, options = {}) => rest('POST', '/login', { body, ...options });

table({
  'no name': [{ password }, 200, 'bad or missing username'],
  'an empty name': [{ username: '', password }, 200, 'bad or missing username'],
  'a name that is no text': [{ username: { a: 1 }, password }, 200, 'bad or missing username'],
  'no password': [{ username: newName() }, 201, 'password is required'],
  'an empty password': [{ username: newName(), password: '' }, 201, 'password is required'],
  'a password that is no text': [{ username: newName(), password: 5 }, 201, 'password is required'],
  'an address that is none': [{ username: newName(), password, email: 'none' }, 125, 'Email address format is invalid.'],
}, (body, code, message) => refused(signUp(body), 400, code, message));

test('sign-up answers with id, time and session only', async () => {
  const body = await succeeds(signUp({ username: newName(), password, email: newEmail(), age: 3 }), 201);
  assert.deepEqual(Object.keys(body).sort(), ['createdAt', 'objectId', 'sessionToken']);
});

test('names are one, whatever their case, and kept as given', async () => {
  const username = `Mixed-${newName()}`;
  await succeeds(signUp({ username, password }), 201);
  await refused(signUp({ username: username.toUpperCase(), password }), 400, 202, 'Account already exists for this username.');
  assert.equal((await succeeds(logIn({ username, password }))).username, username);
  await refused(logIn({ username: username.toUpperCase(), password }), 404, 101, 'Invalid username/password.');
});

test('addresses are one, whatever their case', async () => {
  const email = `Mixed.${newEmail()}`;
  await succeeds(signUp({ username: newName(), password, email }), 201);
  await refused(signUp({ username: newName(), password, email: email.toLowerCase() }), 400, 203, 'Account already exists for this email address.');
});

test('names and addresses in lower case where the settings say so', async () => {
  const server = await serverWith({ convertEmailToLowercase: true, convertUsernameToLowercase: true });
  const username = `UPPER-${newName()}`;
  const { objectId } = await person({ username, email: 'UPPER@Example.org' }, server.rest);
  const user = await succeeds(server.rest('GET', `/users/${objectId}`, { master: true }));
  assert.deepEqual([user.username, user.email], [username.toLowerCase(), 'upper@example.org']);
  await succeeds(server.rest('POST', '/login', { body: { username: username.toLowerCase(), password } }));
});

const email = newEmail();
const ann = await person({ email });
table({
  'by name': { username: ann.username },
  'by address': { email },
  'by the address as a name': { username: email },
  'by both': { username: ann.username, email },
}, async (who) => {
  const user = await succeeds(logIn({ ...who, password }));
  assert.equal(user.objectId, ann.objectId);
  assert.match(user.sessionToken, /^r:[0-9a-f]{32}$/);
});

table({
  'neither name nor address': [{ password }, 400, 200, 'username/email is required.'],
  'a name and an address that are nothing': [{ username: 0, email: false, password }, 400, 200, 'username/email is required.'],
  'a password that is nothing': [{ username: ann.username, password: 0 }, 400, 201, 'password is required.'],
  'no password to log in': [{ username: ann.username }, 400, 201, 'password is required.'],
  'a wrong password': [{ username: ann.username, password: 'wrong' }, 404, 101, 'Invalid username/password.'],
  'an unknown name': [{ username: newName(), password }, 404, 101, 'Invalid username/password.'],
  'a name and an address of different people': [{ username: ann.username, email: newEmail(), password }, 404, 101, 'Invalid username/password.'],
  'a name that is an object': [{ username: { $ne: '' }, password }, 404, 101, 'Invalid username/password.'],
  'a password that is an object': [{ username: ann.username, password: { $ne: '' } }, 404, 101, 'Invalid username/password.'],
  'an address that is an object': [{ email: { $regex: '' }, password }, 404, 101, 'Invalid username/password.'],
}, (body, status, code, message) => refused(logIn(body), status, code, message));

test('a log-in by GET', async () => {
  const { status, body } = await rest('GET', '/login', { query: { username: ann.username, password } });
  assert.deepEqual([status, body.objectId], [200, ann.objectId]);
});

test('verifyPassword gives the user and no session', async () => {
  const user = await succeeds(rest('POST', '/verifyPassword', { body: { username: ann.username, password } }));
  assert.deepEqual([user.objectId, user.sessionToken, user.password], [ann.objectId, undefined, undefined]);
  await refused(rest('POST', '/verifyPassword', { body: { username: ann.username, password: 'wrong' } }), 404, 101, 'Invalid username/password.');
});

test('me has the session and never the password', async () => {
  const me = await succeeds(rest('GET', '/users/me', as(ann)));
  assert.deepEqual([me.objectId, me.sessionToken, me.password, me.email], [ann.objectId, ann.sessionToken, undefined, email]);
});

test('the master key makes users without sessions', async () => {
  const body = await succeeds(rest('POST', '/users', { master: true, body: { username: newName(), password } }), 201);
  assert.equal(body.sessionToken, undefined);
});

test('the master key of an installation makes users with sessions', async () => {
  const body = await succeeds(rest('POST', '/users', { master: true, headers: { 'x-parse-installation-id': newName() }, body: { username: newName(), password } }), 201);
  assert.match(body.sessionToken, /^r:/);
});

test('a changed password ends all sessions and gives the user a new one', async () => {
  const cat = await person();
  const other = await succeeds(logIn({ username: cat.username, password }));
  const answer = await succeeds(rest('PUT', `/users/${cat.objectId}`, { ...as(cat), body: { password: 'new' } }));
  for (const session of [cat.sessionToken, other.sessionToken]) await refused(rest('GET', '/users/me', { session }), 400, 209);
  assert.equal((await succeeds(rest('GET', '/users/me', { session: answer.sessionToken }))).objectId, cat.objectId);
});

test('the owner changes a password and ends all sessions', async () => {
  const cat = await person();
  const answer = await succeeds(rest('PUT', `/users/${cat.objectId}`, { master: true, body: { password: 'new' } }));
  assert.equal(answer.sessionToken, undefined);
  await refused(rest('GET', '/users/me', as(cat)), 400, 209);
});

test('sessions outlive a changed password where the settings say so', async () => {
  const server = await serverWith({ revokeSessionOnPasswordReset: false });
  const cat = await person({}, server.rest);
  const answer = await succeeds(server.rest('PUT', `/users/${cat.objectId}`, { ...as(cat), body: { password: 'new' } }));
  await succeeds(server.rest('GET', '/users/me', as(cat)));
  assert.notEqual(answer.sessionToken, cat.sessionToken);
  assert.equal((await succeeds(server.rest('GET', '/users/me', as(answer)))).objectId, cat.objectId);
});

test('a name is changed to one that is free', async () => {
  const cat = await person();
  await refused(rest('PUT', `/users/${cat.objectId}`, { ...as(cat), body: { username: ann.username } }), 400, 202);
  const username = newName();
  await succeeds(rest('PUT', `/users/${cat.objectId}`, { ...as(cat), body: { username } }));
  await succeeds(logIn({ username, password }));
});

test('others and nobody do not change a user', async () => {
  const cat = await person();
  await refused(rest('PUT', `/users/${ann.objectId}`, { ...as(cat), body: { age: 1 } }), 400, 206);
  await refused(rest('PUT', `/users/${ann.objectId}`, { body: { age: 1 } }), 400, 206);
  await refused(rest('DELETE', `/users/${ann.objectId}`), 400, 206);
});

test('who knows nothing of sign-in data sees none of it', async () => {
  const headers = { 'x-parse-maintenance-key': app.maintenanceKey };
  const user = await succeeds(rest('GET', `/users/${ann.objectId}`, { master: true }));
  assert.deepEqual(Object.keys(user).filter((name) => name.startsWith('_') || name === 'password'), []);
  await succeeds(rest('GET', `/users/${ann.objectId}`, { headers }));
});

// Sessions.
const mine = (user) => rest('GET', '/sessions/me', as(user));

test('a session says how it came to be and how long it lasts', async () => {
  const session = await succeeds(mine(await person()));
  assert.deepEqual(session.createdWith, { action: 'signup', authProvider: 'password' });
  const days = (new Date(session.expiresAt.iso) - Date.now()) / 86_400_000;
  assert.ok(days > 364 && days < 366);
  assert.equal(session.user.className, '_User');
});

test('a log-in makes a session of its own kind', async () => {
  const user = await succeeds(logIn({ username: ann.username, password }));
  assert.deepEqual((await succeeds(mine(user))).createdWith, { action: 'login', authProvider: 'password' });
});

test('a session can be as long as the settings say, or endless', async () => {
  const short = await serverWith({ sessionLength: 60 });
  const endless = await serverWith({ expireInactiveSessions: false });
  const expiry = async (server) => (await succeeds(server.rest('GET', '/sessions/me', as(await person({}, server.rest))))).expiresAt;
  assert.ok(new Date((await expiry(short)).iso) - Date.now() < 61_000);
  assert.equal(await expiry(endless), undefined);
});

test('an installation has one session of a user', async () => {
  const cat = await person();
  const headers = { 'x-parse-installation-id': newName() };
  const first = await succeeds(logIn({ username: cat.username, password }, { headers }));
  const second = await succeeds(logIn({ username: cat.username, password }, { headers }));
  await refused(mine(first), 400, 209);
  await succeeds(mine(second));
  await succeeds(mine(cat));
});

test('a session can be made from a session', async () => {
  const cat = await person();
  const body = { note: 'mine', user: pointer('_User', ann.objectId), sessionToken: 'r:chosen', createdWith: { action: 'x' } };
  const session = await succeeds(rest('POST', '/sessions', { ...as(cat), body }), 201);
  assert.match(session.sessionToken, /^r:[0-9a-f]{32}$/);
  assert.deepEqual([session.user?.objectId, session.createdWith], [cat.objectId, { action: 'create' }]);
  const read = await succeeds(rest('GET', '/sessions/me', { session: session.sessionToken }));
  assert.deepEqual([read.note, read.user.objectId], ['mine', cat.objectId]);
  await refused(rest('POST', '/sessions', { body: {} }), 400, 209);
});

table({
  'the user of a session': [{ user: pointer('_User', 'other') }, 105],
  'the installation of a session': [{ installationId: 'other' }, 105, 'Invalid key name: installationId'],
  'the token of a session': [{ sessionToken: 'r:other' }, 105, 'Invalid key name: sessionToken'],
  'the end of a session': [{ expiresAt: { __type: 'Date', iso: '2100-01-01T00:00:00.000Z' } }, 105, 'Invalid key name: expiresAt'],
  'the origin of a session': [{ createdWith: { action: 'x' } }, 105, 'Invalid key name: createdWith'],
  'the ACL of a session': [{ ACL: {} }, 105, 'Cannot set ACL on a Session.'],
}, async (body, code, message) => {
  const cat = await person();
  const { objectId } = await succeeds(mine(cat));
  await refused(rest('PUT', `/sessions/${objectId}`, { ...as(cat), body }), 400, code, message);
});

test('a session takes fields of the app', async () => {
  const cat = await person();
  const { objectId } = await succeeds(mine(cat));
  await succeeds(rest('PUT', `/sessions/${objectId}`, { ...as(cat), body: { theme: 'dark' } }));
  assert.equal((await succeeds(mine(cat))).theme, 'dark');
});

test('sessions of others are not there', async () => {
  const cat = await person();
  const { objectId } = await succeeds(mine(cat));
  await refused(rest('GET', `/sessions/${objectId}`, as(ann)), 404, 101);
  const deleted = await rest('DELETE', `/sessions/${objectId}`, as(ann));
  assert.ok([101, 209].includes(deleted.body.code), deleted.text);
  await refused(rest('GET', `/sessions/${objectId}`), 400, 209);
  await succeeds(mine(cat));
});

test('a session that is deleted is over', async () => {
  const cat = await person();
  const { objectId } = await succeeds(mine(cat));
  await succeeds(rest('DELETE', `/sessions/${objectId}`, as(cat)));
  await refused(rest('GET', '/users/me', as(cat)), 400, 209, 'Invalid session token');
});

test('log-out ends this session and no other', async () => {
  const cat = await person();
  const other = await succeeds(logIn({ username: cat.username, password }));
  assert.deepEqual(await succeeds(rest('POST', '/logout', { ...as(cat), body: {} })), {});
  await refused(mine(cat), 400, 209);
  await succeeds(mine(other));
});

test('sessions/me needs a session', () => refused(rest('GET', '/sessions/me'), 400, 209, 'Session token required.'));

test('users are no roles', async () => {
  const server = await serverWith({ allowCustomObjectId: true });
  await refused(server.rest('POST', '/users', { body: { objectId: 'role:admin', username: newClass('u'), password } }), 400, 119);
});
