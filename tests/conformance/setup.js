// What every file of the suite starts with: the SDK pointed at the server, and plain HTTP beside it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import Parse from 'parse/node';

import { differences } from './differences.js';

const env = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; start the suite with tests/conformance/run`);
  return value;
};

export const app = {
  url: env('PARSE_SERVER_URL'),
  kind: process.env.PARSE_SERVER_KIND ?? 'slipway-runtime',
  id: env('PARSE_APP_ID'),
  javascriptKey: env('PARSE_JS_KEY'),
  restKey: env('PARSE_REST_KEY'),
  masterKey: env('PARSE_MASTER_KEY'),
};

Parse.initialize(app.id, app.javascriptKey, app.masterKey);
Parse.serverURL = app.url;
Parse.User.enableUnsafeCurrentUser();
export { Parse };

const unique = () => randomBytes(6).toString('hex');

/** A class that no other test uses. */
export const newClass = (name = 'Note') => `${name}${unique()}`;

/** A user name that no other test uses. */
export const newName = () => `user-${unique()}`;

/** A signed-up user; the SDK is signed in as them. */
export const signUp = (fields = {}) => Parse.User.signUp(newName(), 'a-password', fields);

/** What this server is expected to do where the two differ on purpose. */
export function expected(difference) {
  const { ours, theirs } = differences[difference];
  return app.kind === 'parse-server' ? theirs : ours;
}

/** One HTTP request with the REST key; returns `{status, headers, body}`. `raw` is sent as it is. */
export async function rest(method, path, { body, raw, session, headers = {}, master = false } = {}) {
  const response = await fetch(app.url + path, {
    method,
    headers: {
      'x-parse-application-id': app.id,
      'x-parse-rest-api-key': app.restKey,
      ...(master ? { 'x-parse-master-key': app.masterKey } : {}),
      ...(session ? { 'x-parse-session-token': session } : {}),
      'content-type': 'application/json',
      ...headers,
    },
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
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
