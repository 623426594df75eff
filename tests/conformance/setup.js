// What every file of the suite starts with: the SDK pointed at the server, and plain HTTP beside it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import test from 'node:test';

import { waitUntil } from '../harness/wait.js';
import { plain, restClient } from '../servers/rest.js';
import { differences } from './differences.js';
import { keys, moreKeys } from './servers.js';

const require = createRequire(import.meta.url);
const { CONFORMANCE_SERVERS: servers, CONFORMANCE_KIND: kind, PARSE_SDK: sdk } = process.env;
if (!servers) throw new Error('start the suite with tests/conformance/run');

export { plain };

export const Parse = require(`${sdk}/node`);
/** Whether this is the newest SDK, for what the old one has no word for. */
export const isNewestSdk = sdk === 'parse';

const unique = () => randomBytes(6).toString('hex');

/** A class that no other test uses. */
export const newClass = (name = 'Note') => `${name}${unique()}`;

/** A user name that no other test uses. */
export const newName = () => `user-${unique()}`;

/** An address that no other test uses. */
export const newEmail = () => `${newName()}@example.org`;

/** The server that has these settings, beside those of all of them; `mail: true` lets it send mail. */
export async function serverWith(settings) {
  const response = await fetch(servers, { method: 'POST', body: JSON.stringify(settings) });
  const { url, error } = await response.json();
  if (error) throw new Error(error);
  return { url, mount: new URL(url).pathname, rest: restClient(url) };
}

const main = await serverWith({});
export const app = { ...main, kind, id: keys.appId, javascriptKey: keys.javascriptKey, restKey: keys.restAPIKey,
  masterKey: keys.masterKey, ...moreKeys };

/** One HTTP request to the server without special settings. */
export const { rest } = main;

Parse.initialize(app.id, app.javascriptKey, app.masterKey);
Parse.serverURL = app.url;
Parse.User.enableUnsafeCurrentUser();

/** A signed-up user; the SDK is signed in as them. */
export const signUp = (fields = {}) => Parse.User.signUp(newName(), 'a-password', fields);

/** A user made by plain HTTP: `{objectId, sessionToken, username}`. */
export async function person(fields = {}, request = rest) {
  const username = newName();
  const { status, body } = await request('POST', '/users', { body: { username, password: 'a-password', ...fields } });
  assert.equal(status, 201, JSON.stringify(body));
  return { username, ...body };
}

/** A role of these members (user ids) and child roles (role ids); returns its id. */
export async function role(name, { users = [], roles = [] } = {}, request = rest) {
  const add = (className, ids) => ({ __op: 'AddRelation', objects: ids.map((objectId) => pointer(className, objectId)) });
  const body = { name, ACL: {}, ...(users.length && { users: add('_User', users) }), ...(roles.length && { roles: add('_Role', roles) }) };
  return created('_Role', body, { master: true }, request);
}

export const pointer = (className, objectId) => ({ __type: 'Pointer', className, objectId });

/** Creates an object by plain HTTP; returns its id. */
export async function created(className, body, options = {}, request = rest) {
  const answer = await request('POST', `/classes/${className}`, { ...options, body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.objectId;
}

/** Defines a class with the master key; `schema` has fields, classLevelPermissions and indexes. */
export async function defined(className, schema, request = rest) {
  const answer = await request('POST', `/schemas/${className}`, { master: true, body: { className, ...schema } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

/** Fails unless the answer is this error. `message` is a text or a pattern; nothing is compared when it is absent. */
export async function refused(request, status, code, message) {
  const { status: got, body, text } = await request;
  const said = text.slice(0, 300);
  assert.deepEqual([got, body.code], [status, code], said);
  if (message instanceof RegExp) assert.match(body.error, message);
  else if (message !== undefined) assert.equal(body.error, message);
}

/** Fails unless the answer has this status; returns its body. */
export async function succeeds(request, status = 200) {
  const { status: got, body, text } = await request;
  assert.equal(got, status, text.slice(0, 300));
  return body;
}

/** Fails unless the promise is rejected with this Parse error code. */
export function rejectsWith(code, promise) {
  return assert.rejects(promise, (error) => {
    assert.equal(error.code, code, `expected error ${code}, got ${error.code}: ${error.message}`);
    return true;
  });
}

/** The object as the server has it now. */
export const fetched = (object, options) => new Parse.Query(object.className).get(object.id, options);

/** A case for each row of a table: its name, and what `run` is called with. */
export function table(rows, run) {
  for (const [name, row] of Object.entries(rows)) test(name, () => run(...(Array.isArray(row) ? row : [row])));
}

/** A case in which the servers differ on purpose; `run` gets what this one is expected to do. See differences.js. */
export function differs(difference, name, run) {
  test(`${name} [differs: ${difference}]`, () => run(expected(difference)));
}

/** A case of bad input that Parse Server answers with 500: ours answers 400 with this code. */
export function badInput(name, code, request) {
  differs('badInput', name, ({ status, code: theirs }) => refused(request(), status, theirs ?? code));
}

/** What this server is expected to do where the two differ on purpose. */
export function expected(difference) {
  const { ours, theirs } = differences[difference];
  return kind === 'parse-server' ? theirs : ours;
}

/** The newest of the mails sent to this address, when there are this many. */
export async function mailTo(address, count = 1) {
  const mails = await waitUntil(`mail ${count} to ${address} has come`, 10, async () => {
    const list = await (await fetch(`${servers}/mails?to=${encodeURIComponent(address)}`)).json();
    return list.length >= count && list;
  });
  return mails[count - 1];
}
