// What is measured, and the objects it is measured on.

import { keys } from '../servers/app-server.js';

export const headers = {
  'x-parse-application-id': keys.appId,
  'x-parse-rest-api-key': keys.restAPIKey,
  'content-type': 'application/json',
};

const AUTHORS = 500;
const COUNTERS = 1_000;
const GROUPS = 500;
const NOTES = 10_000;
const USERS = 50;
const PASSWORD = 'a-password-of-the-bench';

const note = (number) => ({
  title: `A note with a title of usual length, number ${number}`,
  score: number,
  done: number % 2 === 0,
  tags: ['first', 'second', 'third'],
  place: { __type: 'GeoPoint', latitude: 52.5, longitude: 13.4 },
  at: { __type: 'Date', iso: '2026-01-02T03:04:05.678Z' },
});

const where = (condition) => `where=${encodeURIComponent(condition).replaceAll('%7Bgroup%7D', '{group}')}`;
const increment = { method: 'PUT', body: JSON.stringify({ hits: { __op: 'Increment', amount: 1 } }), status: 200 };
const create = { method: 'POST', path: '/classes/Written', body: JSON.stringify(note(1)), status: 201 };
const fifty = Array.from({ length: 50 }, (_, number) => ({ method: 'POST', path: '/parse/classes/Written', body: note(number) }));

/**
 * `{name}` in a path becomes a random one of the values that `seed` returns under this name. `asUser` sends a session.
 * `group` is on an index and `team` is not; twenty of the notes share each of their values.
 */
export const scenarios = {
  create,
  get: { method: 'GET', path: '/classes/Note/{note}', status: 200 },
  'get as user': { method: 'GET', path: '/classes/Private/{private}', status: 200, asUser: true },
  'find by index': { method: 'GET', path: `/classes/Note?${where('{"group":{group}}')}`, status: 200 },
  'find by scan': { method: 'GET', path: `/classes/Note?${where('{"team":{group}}')}`, status: 200 },
  'find with include': { method: 'GET', path: `/classes/Note?include=author&${where('{"group":{group}}')}`, status: 200 },
  'count by scan': { method: 'GET', path: `/classes/Note?count=1&limit=0&${where('{"team":{group}}')}`, status: 200 },
  'increment spread': { ...increment, path: '/classes/Counter/{counter}' },
  'increment hot row': { ...increment, path: '/classes/Counter/{hot}' },
  'batch of 50': { method: 'POST', path: '/batch', body: JSON.stringify({ requests: fifty }), status: 200 },
  login: { method: 'GET', path: `/login?username={user}&password=${PASSWORD}`, status: 200 },
};

/** Creates what is read and the class that is written to. Returns the values for the paths, and a session token. */
export async function seed(url) {
  await send(url, 'POST', create.path, note(0));
  const authors = await createAll(url, 'Author', AUTHORS, (number) => ({ name: `Author ${number}`, age: number % 80 }));
  const author = (number) => ({ __type: 'Pointer', className: 'Author', objectId: authors[(number * 7) % AUTHORS] });
  const inGroup = (number) => ({ group: number % GROUPS, team: number % GROUPS, author: author(number) });
  const notes = await createAll(url, 'Note', NOTES, (number) => ({ ...note(number), ...inGroup(number) }));
  await send(url, 'PUT', '/schemas/Note', { className: 'Note', indexes: { by_group: { group: 1 } } });
  const counters = await createAll(url, 'Counter', COUNTERS, () => ({ hits: 0 }));
  const users = Array.from({ length: USERS }, (_, number) => `user-${number}`);
  for (const username of users) await send(url, 'POST', '/users', { username, password: PASSWORD });
  const { objectId, sessionToken } = await send(url, 'GET', `/login?username=${users[0]}&password=${PASSWORD}`);
  const ACL = { [objectId]: { read: true, write: true } };
  const own = await createAll(url, 'Private', COUNTERS, (number) => ({ ...note(number), ACL }));
  return {
    session: sessionToken,
    values: { note: notes, private: own, group: Array.from({ length: GROUPS }, (_, number) => `${number}`), counter: counters, hot: counters.slice(0, 1), user: users },
  };
}

async function createAll(url, className, count, make) {
  const ids = [];
  for (let first = 0; first < count; first += 50) {
    const requests = Array.from({ length: 50 }, (_, index) => ({
      method: 'POST',
      path: `/parse/classes/${className}`,
      body: make(first + index),
    }));
    const answers = await send(url, 'POST', '/batch', { requests });
    ids.push(...answers.map(({ success }) => success.objectId));
  }
  return ids;
}

async function send(url, method, path, body) {
  const master = { 'x-parse-master-key': keys.masterKey };
  const response = await fetch(url + path, { method, headers: { ...headers, ...master }, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}
