// 6.4 Proving addresses and resetting passwords by mail; 6.5 password policy and lockout.

import assert from 'node:assert/strict';
import test from 'node:test';

import { waitUntil } from '../harness/wait.js';
import { app, mailTo, newEmail, newName, person, plain, refused, rest, serverWith, succeeds, table } from './setup.js';

const password = 'a-password';
const server = await serverWith({ mail: true, verifyUserEmails: true });
const linkIn = (mail) => mail.match(/https?:\/\/\S+/)[0].replace(/[>")]+$/, '');
const get = (url) => plain('GET', url);

table({
  'a reset without mail': ['/requestPasswordReset', { email: newEmail() }],
  'a verification without mail': ['/verificationEmailRequest', { email: newEmail() }],
}, async (path, body) => {
  const answer = await rest('POST', path, { body });
  assert.deepEqual([answer.status, answer.body.code], [500, 1], answer.text);
});

test('a sign-up sends a link that proves the address', async () => {
  const email = newEmail();
  const user = await person({ email }, server.rest);
  const read = () => succeeds(server.rest('GET', `/users/${user.objectId}`, { master: true }));
  assert.equal((await read()).emailVerified, false);
  const link = linkIn(await mailTo(email));
  assert.ok(link.startsWith(`${server.url}/apps/${app.id}/verify_email?token=`), link);
  assert.match(new URL(link).searchParams.get('token'), /^[A-Za-z0-9]{25}$/);
  const page = await get(link);
  assert.ok(page.status === 200 || page.status === 302 || page.status === 303, `${page.status}`);
  assert.equal((await read()).emailVerified, true);
});

test('a link that is wrong proves nothing', async () => {
  const email = newEmail();
  const user = await person({ email }, server.rest);
  const read = () => succeeds(server.rest('GET', `/users/${user.objectId}`, { master: true }));
  const link = linkIn(await mailTo(email));
  for (const token of ['wrong', '', new URL(link).searchParams.get('token').slice(0, -1)]) {
    const { status } = await get(`${server.url}/apps/${app.id}/verify_email?token=${token}`);
    assert.ok(status < 400, `${token}: ${status}`);
    assert.equal((await read()).emailVerified, false, token);
  }
  await get(link);
  assert.equal((await read()).emailVerified, true, 'the right one still does');
});

test('a changed address must be proven again', async () => {
  const email = newEmail();
  const user = await person({ email }, server.rest);
  await get(linkIn(await mailTo(email)));
  const next = newEmail();
  await succeeds(server.rest('PUT', `/users/${user.objectId}`, { session: user.sessionToken, body: { email: next } }));
  assert.equal((await succeeds(server.rest('GET', `/users/${user.objectId}`, { master: true }))).emailVerified, false);
  await get(linkIn(await mailTo(next)));
  assert.equal((await succeeds(server.rest('GET', `/users/${user.objectId}`, { master: true }))).emailVerified, true);
});

test('a verification can be asked for again', async () => {
  const email = newEmail();
  await person({ email }, server.rest);
  await mailTo(email);
  assert.deepEqual(await succeeds(server.rest('POST', '/verificationEmailRequest', { body: { email } })), {});
  await mailTo(email, 2);
});

table({
  'a verification of nothing': ['/verificationEmailRequest', {}, 204],
  'a verification of no text': ['/verificationEmailRequest', { email: 5 }, 125],
  'a reset of nothing': ['/requestPasswordReset', {}, 204],
  'a reset of no text': ['/requestPasswordReset', { email: { $ne: '' } }, 125],
}, (path, body, code) => refused(server.rest('POST', path, { body }), 400, code));

table({
  'a verification of an unknown address': '/verificationEmailRequest',
  'a reset of an unknown address': '/requestPasswordReset',
}, async (path) => assert.deepEqual(await succeeds(server.rest('POST', path, { body: { email: newEmail() } })), {}));

test('an unknown address is told where the settings say so', async () => {
  const open = await serverWith({ mail: true, verifyUserEmails: true, emailVerifySuccessOnInvalidEmail: false, passwordPolicy: { resetPasswordSuccessOnInvalidEmail: false } });
  await refused(open.rest('POST', '/verificationEmailRequest', { body: { email: newEmail() } }), 400, 205);
  await refused(open.rest('POST', '/requestPasswordReset', { body: { email: newEmail() } }), 404, 101, 'A user with that email does not exist.');
});

test('a reset sends a link to a form, which sets the password', async () => {
  const email = newEmail();
  const user = await person({ email }, server.rest);
  assert.deepEqual(await succeeds(server.rest('POST', '/requestPasswordReset', { body: { email } })), {});
  const link = linkIn(await mailTo(email, 2));
  assert.ok(link.startsWith(`${server.url}/apps/${app.id}/request_password_reset?token=`), link);
  const form = await get(link);
  assert.equal(form.status, 200);
  assert.match(form.text, /type="password"/);
  const token = new URL(link).searchParams.get('token');
  const change = (fields, headers) => plain('POST', `${server.url}/apps/${app.id}/request_password_reset`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
  const scripted = { 'x-requested-with': 'XMLHttpRequest' };
  const wrong = await change({ token: 'wrong', new_password: 'fresh' }, scripted);
  assert.equal(wrong.status, 400, wrong.text);
  const done = await change({ token, new_password: 'fresh' }, scripted);
  assert.deepEqual([done.status, JSON.parse(done.text)], [200, 'Password successfully reset']);
  await succeeds(server.rest('POST', '/login', { body: { username: user.username, password: 'fresh' } }));
  await refused(server.rest('POST', '/login', { body: { username: user.username, password } }), 404, 101);
  await refused(server.rest('GET', '/users/me', { session: user.sessionToken }), 400, 209);
  const again = await change({ token, new_password: 'again' }, scripted);
  assert.equal(again.status, 400, again.text);
});

test('nobody logs in before the address is proven, where the settings say so', async () => {
  const strict = await serverWith({ mail: true, verifyUserEmails: true, preventLoginWithUnverifiedEmail: true });
  const [username, email] = [newName(), newEmail()];
  const body = await succeeds(strict.rest('POST', '/users', { body: { username, password, email } }), 201);
  assert.equal(body.sessionToken, undefined);
  await refused(strict.rest('POST', '/login', { body: { username, password } }), 400, 205, 'User email is not verified.');
  await succeeds(strict.rest('POST', '/login', { master: true, body: { username, password, ignoreEmailVerification: true } }));
  await get(linkIn(await mailTo(email)));
  await succeeds(strict.rest('POST', '/login', { body: { username, password } }));
});

test('nobody signs up without proof, where the settings say so', async () => {
  const strict = await serverWith({ mail: true, verifyUserEmails: true, preventLoginWithUnverifiedEmail: true, preventSignupWithUnverifiedEmail: true });
  const body = { username: newName(), password, email: newEmail() };
  await refused(strict.rest('POST', '/users', { body }), 400, 205, 'User email is not verified.');
});

test('a proof has an end', async () => {
  const brief = await serverWith({ mail: true, verifyUserEmails: true, emailVerifyTokenValidityDuration: 1 });
  const email = newEmail();
  const user = await person({ email }, brief.rest);
  const link = linkIn(await mailTo(email));
  const end = Date.now() + 1000;
  await waitUntil('the proof has ended', 5, () => Date.now() > end);
  await get(link);
  assert.equal((await succeeds(brief.rest('GET', `/users/${user.objectId}`, { master: true }))).emailVerified, false);
});

// Password policy.
const strictly = await serverWith({ passwordPolicy: { validatorPattern: '^(?=.*[0-9]).{8,}$', validationError: 'Eight characters and a digit.', doNotAllowUsername: true, maxPasswordHistory: 2 } });
const enrol = (fields) => strictly.rest('POST', '/users', { body: { username: newName(), ...fields } });

table({
  'a password too short': [{ password: 'abc1' }, 'Eight characters and a digit.'],
  'a password without a digit': [{ password: 'abcdefghij' }, 'Eight characters and a digit.'],
  'a password with the name in it': [{ username: 'frederick', password: 'frederick-123' }, 'Password cannot contain your username.'],
}, (fields, message) => refused(enrol(fields), 400, 142, message));

test('a password is not used again', async () => {
  const user = await succeeds(enrol({ password: 'password-1' }), 201);
  const change = (next) => strictly.rest('PUT', `/users/${user.objectId}`, { master: true, body: { password: next } });
  await succeeds(change('password-2'));
  await refused(change('password-1'), 400, 142, 'New password should not be the same as last 2 passwords.');
  await refused(change('password-2'), 400, 142);
  await succeeds(change('password-3'));
  await succeeds(change('password-1'));
});

test('a password grows old', async () => {
  const aging = await serverWith({ passwordPolicy: { maxPasswordAge: 0.00001 } });
  const user = await person({}, aging.rest);
  const logIn = () => aging.rest('POST', '/login', { body: { username: user.username, password } });
  await waitUntil('the password is too old', 5, async () => (await logIn()).status === 404);
  await refused(logIn(), 404, 101, 'Your password has expired. Please reset your password.');
});

test('too many wrong passwords lock the account', async () => {
  const guarded = await serverWith({ accountLockout: { threshold: 3, duration: 5 } });
  const user = await person({}, guarded.rest);
  const logIn = (word) => guarded.rest('POST', '/login', { body: { username: user.username, password: word } });
  for (let round = 0; round < 2; round += 1) await refused(logIn('wrong'), 404, 101, 'Invalid username/password.');
  await succeeds(logIn(password));
  for (let round = 0; round < 3; round += 1) await refused(logIn('wrong'), 404, 101);
  await refused(logIn(password), 404, 101, 'Your account is locked due to multiple failed login attempts. Please try again after 5 minute(s)');
});
