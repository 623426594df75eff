// 6.6 Sign-in by data of others: linking, unlinking, anonymous users and their upgrade, one-time passwords, challenges.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';

import { Parse, differs, isNewestSdk, newName, person, refused, rest, serverWith, succeeds, table } from './setup.js';

const password = 'a-password';
const as = (user) => ({ session: user.sessionToken });
const signIn = (authData, options = {}) => rest('POST', '/users', { body: { authData }, ...options });
const anonymous = (id = newName()) => ({ anonymous: { id } });

test('an anonymous user is made once and known again', async () => {
  const authData = anonymous();
  const first = await succeeds(signIn(authData), 201);
  assert.deepEqual(Object.keys(first).sort(), ['authDataResponse', 'createdAt', 'objectId', 'sessionToken', 'username']);
  assert.match(first.username, /^[A-Za-z0-9]{25}$/);
  const again = await succeeds(signIn(authData));
  assert.equal(again.objectId, first.objectId);
  assert.notEqual(again.sessionToken, first.sessionToken);
  assert.deepEqual((await succeeds(rest('GET', '/sessions/me', as(again)))).createdWith, { action: 'login', authProvider: 'anonymous' });
});

test('an anonymous user takes a name and a password', async () => {
  const user = await succeeds(signIn(anonymous()), 201);
  const username = newName();
  await succeeds(rest('PUT', `/users/${user.objectId}`, { ...as(user), body: { username, password, authData: { anonymous: null } } }));
  const named = await succeeds(rest('POST', '/login', { body: { username, password } }));
  assert.deepEqual([named.objectId, named.authData], [user.objectId, undefined]);
});

test('a named user is linked and unlinked', async () => {
  const user = await person();
  const authData = anonymous();
  await succeeds(rest('PUT', `/users/${user.objectId}`, { ...as(user), body: { authData } }));
  assert.equal((await succeeds(signIn(authData))).objectId, user.objectId);
  assert.deepEqual((await succeeds(rest('GET', '/users/me', as(user)))).authData, authData);
  await succeeds(rest('PUT', `/users/${user.objectId}`, { ...as(user), body: { authData: { anonymous: null } } }));
  assert.equal((await succeeds(rest('GET', '/users/me', as(user)))).authData, undefined);
  assert.notEqual((await succeeds(signIn(authData), 201)).objectId, user.objectId);
});

test('an identity belongs to one user', async () => {
  const authData = anonymous();
  await succeeds(signIn(authData), 201);
  const user = await person();
  await refused(rest('PUT', `/users/${user.objectId}`, { ...as(user), body: { authData } }), 400, 208, 'this auth is already used');
});

test('others do not see how somebody signs in', async () => {
  const user = await succeeds(rest('POST', '/users', { body: { authData: anonymous(), ACL: { '*': { read: true } } } }), 201);
  const read = await succeeds(rest('GET', `/users/${user.objectId}`, { master: true }));
  assert.ok(read.authData.anonymous.id);
  await succeeds(rest('PUT', `/users/${user.objectId}`, { ...as(user), body: { ACL: { '*': { read: true } } } }));
  assert.equal((await succeeds(rest('GET', `/users/${user.objectId}`))).authData, undefined);
});

table({
  'sign-in data of nothing': [null, 200],
  'an unknown provider': [{ unheard: { id: 'x' } }, 252, 'This authentication method is unsupported.'],
  'an anonymous id that is no text': [{ anonymous: { id: 5 } }, undefined],
}, async (authData, code, message) => {
  const { status, body, text } = await signIn(authData);
  assert.equal(status, 400, text);
  if (code) assert.equal(body.code, code);
  if (message) assert.equal(body.error, message);
});

differs('providersNotConfigured', 'a provider that is not configured', async ({ status, code }) => {
  await refused(signIn({ facebook: { id: 'x', access_token: 'y' } }), status, code);
});

test('no anonymous users where the settings say so', async () => {
  const server = await serverWith({ enableAnonymousUsers: false });
  await refused(server.rest('POST', '/users', { body: { authData: anonymous() } }), 400, 252, 'This authentication method is unsupported.');
});

test('the SDK signs anonymous users in and up', async () => {
  const user = await Parse.AnonymousUtils.logIn();
  assert.ok(Parse.AnonymousUtils.isLinked(user));
  await user.signUp({ username: newName(), password });
  assert.ok(user.getSessionToken());
  await Parse.User.logOut();
});

// One-time passwords.
const guarded = await serverWith({ auth: { mfa: { enabled: true, options: ['TOTP'], digits: 6, period: 30, algorithm: 'SHA1' } } });
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** RFC 6238 with the defaults of every authenticator app; `step` 1 is the next code. */
function codeOf(base32, step = 0) {
  const bits = [...base32].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function enrolled() {
  const user = await person({}, guarded.rest);
  const answer = await succeeds(guarded.rest('PUT', `/users/${user.objectId}`, { ...as(user), body: { authData: { mfa: { secret, token: codeOf(secret) } } } }));
  return { user, recovery: answer.authDataResponse.mfa.recovery.split(', ') };
}
const logIn = (user, mfa) => guarded.rest('POST', '/login', { body: { username: user.username, password, ...(mfa && { authData: { mfa } }) } });

test('a second factor gives two ways back in and shows its state only', async () => {
  const { user, recovery } = await enrolled();
  assert.equal(recovery.length, 2);
  const { authData } = await succeeds(guarded.rest('GET', '/users/me', as(user)));
  assert.deepEqual(authData.mfa, { status: 'enabled' });
});

test('a log-in needs the second factor', async () => {
  const { user } = await enrolled();
  await refused(logIn(user), 400, -1, 'Missing additional authData mfa');
  const wrong = await logIn(user, { token: '000000' });
  assert.ok(wrong.status >= 400, wrong.text);
});

test('a way back in works once', async () => {
  const { user, recovery } = await enrolled();
  assert.equal((await succeeds(logIn(user, { token: recovery[0] }))).objectId, user.objectId);
  assert.ok((await logIn(user, { token: recovery[0] })).status >= 400);
  assert.equal((await succeeds(logIn(user, { token: recovery[1] }))).objectId, user.objectId);
});

differs('oneTimePasswords', 'a one-time password', async (second) => {
  const { user } = await enrolled();
  assert.equal((await succeeds(logIn(user, { token: codeOf(secret, 1) }))).objectId, user.objectId);
  assert.equal((await logIn(user, { token: codeOf(secret, 1) })).status < 300, second);
});

table({
  'a secret that is too short': { secret: 'JBSWY3DP', token: '123456' },
  'a code that does not belong to the secret': { secret, token: '000000' },
  'no code': { secret },
}, async (mfa) => {
  const user = await person({}, guarded.rest);
  const answer = await guarded.rest('PUT', `/users/${user.objectId}`, { ...as(user), body: { authData: { mfa } } });
  assert.equal(answer.status, 400, answer.text);
});

table({
  'a challenge of nothing': [{}],
  'a challenge of no object': [{ challengeData: 'x' }],
}, async (body) => {
  const answer = await rest('POST', '/challenge', { body });
  assert.ok(answer.status === 400 || answer.status === 404, answer.text);
});

test('a challenge of an unknown provider is empty', async () => {
  assert.deepEqual(await succeeds(rest('POST', '/challenge', { body: { challengeData: { unheard: { a: 1 } } } })), { challengeData: {} });
});

test('the newest SDK becomes and logs out', { skip: !isNewestSdk }, async () => {
  const user = await Parse.User.signUp(newName(), password);
  const token = user.getSessionToken();
  await Parse.User.logOut();
  await assert.rejects(Parse.User.become(token), ({ code }) => code === Parse.Error.INVALID_SESSION_TOKEN);
});

differs('authDataQueries', 'clients ask by sign-in data', async (status) => {
  const { status: got, text } = await rest('GET', '/users', { query: { where: { 'authData.anonymous.id': 'x' } } });
  assert.equal(got, status, text);
  await succeeds(rest('GET', '/users', { master: true, query: { where: { 'authData.anonymous.id': 'x' } } }));
});

test('whoever confirms or gives up an identity hears what its provider says', async () => {
  const user = await person();
  const put = (body) => succeeds(rest('PUT', `/users/${user.objectId}`, { ...as(user), body }));
  const authData = anonymous();
  assert.deepEqual((await put({ authData })).authDataResponse, {});
  assert.deepEqual((await put({ authData: { anonymous: null } })).authDataResponse, {});
  assert.equal('authDataResponse' in await put({ note: 'x' }), false);
  const login = { username: user.username, password };
  assert.deepEqual((await succeeds(rest('POST', '/login', { body: { ...login, authData } }))).authDataResponse, {});
  assert.equal('authDataResponse' in await succeeds(rest('POST', '/login', { body: login })), false);
});

test('a login with null for authData is one without', async () => {
  const { username } = await person();
  const user = await succeeds(rest('POST', '/login', { body: { username, password, authData: null } }));
  assert.equal('authDataResponse' in user, false);
});

test('an anonymous user who takes a name hears what the provider says', async () => {
  const user = await succeeds(signIn(anonymous()), 201);
  const body = { username: newName(), password, authData: { anonymous: null } };
  assert.deepEqual((await succeeds(rest('PUT', `/users/${user.objectId}`, { ...as(user), body }))).authDataResponse, {});
});
