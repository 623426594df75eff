// The sessions of a user.

import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import { Parse, person, rest, signUp } from './setup.js';

afterEach(() => Parse.User.logOut());

test('the current session names its user and how it came to be', async () => {
  const user = await signUp();
  const session = await Parse.Session.current();
  assert.equal(session.getSessionToken(), user.getSessionToken());
  assert.equal(session.get('user').id, user.id);
  assert.deepEqual(session.get('createdWith'), { action: 'signup', authProvider: 'password' });
  assert.ok(session.get('expiresAt') > new Date());
});

test('users see their own sessions only', async () => {
  await signUp();
  await Parse.User.logOut();
  const bob = await signUp();
  const { body } = await rest('GET', '/sessions', { session: bob.getSessionToken() });
  assert.deepEqual(body.results.map(({ sessionToken }) => sessionToken), [bob.getSessionToken()]);
});

test('deleting a session ends it', async () => {
  const user = await signUp();
  const login = { username: user.get('username'), password: 'a-password' };
  const { body: other } = await rest('POST', '/login', { body: login });
  const { body: me } = await rest('GET', '/sessions/me', { session: other.sessionToken });
  assert.equal((await rest('DELETE', `/sessions/${me.objectId}`, { session: user.getSessionToken() })).status, 200);
  assert.equal((await rest('GET', '/users/me', { session: other.sessionToken })).body.code, Parse.Error.INVALID_SESSION_TOKEN);
});

test('a session is nobody without its token', async () => {
  const { body } = await rest('GET', '/sessions/me');
  assert.equal(body.code, Parse.Error.INVALID_SESSION_TOKEN);
  const list = await rest('GET', '/sessions');
  assert.equal(list.body.code, Parse.Error.INVALID_SESSION_TOKEN);
});

test('a session is shown without its token where that is not wanted', async () => {
  const { sessionToken } = await person();
  const list = async (query) => (await rest('GET', '/sessions', { session: sessionToken, query })).body.results[0];
  assert.equal((await list({})).sessionToken, sessionToken);
  assert.equal((await list({ keys: 'sessionToken' })).sessionToken, sessionToken);
  for (const query of [{ excludeKeys: 'sessionToken' }, { keys: 'user' }]) {
    const session = await list(query);
    assert.deepEqual([session.user.className, session.sessionToken], ['_User', undefined]);
  }
  const { objectId } = await list({});
  const one = await rest('GET', `/sessions/${objectId}`, { session: sessionToken, query: { excludeKeys: 'sessionToken' } });
  assert.deepEqual([one.status, one.body.sessionToken], [200, undefined]);
});
