// A database with something of everything, written through the API of whichever server is asked.

import assert from 'node:assert/strict';

export const date = (iso) => ({ __type: 'Date', iso });
export const pointer = (className, objectId) => ({ __type: 'Pointer', className, objectId });
const geo = (latitude, longitude) => ({ __type: 'GeoPoint', latitude, longitude });
const adding = (...objects) => ({ __op: 'AddRelation', objects });
const polygon = { __type: 'Polygon', coordinates: [[0, 0], [0, 10], [10, 10], [10, 0], [0, 0]] };

/** Who is in it, with passwords that both servers must take. */
export const people = {
  ann: { username: 'ann', password: 'ann-knows', email: 'ann@example.org', age: 30, nickname: 'Annie' },
  bob: { username: 'Bob the Builder', password: 'bob wörks 🔧', email: 'Bob@Example.org' },
  cat: { username: 'cat', password: 'cat-purrs' },
};

/** Fills an empty database; returns the ids, tokens and names that a reader needs. */
export async function fill(rest) {
  const users = await signUpAll(rest);
  const roles = await makeRoles(rest, users);
  await defineClasses(rest, users);
  const objects = await makeObjects(rest, users);
  await makeOwnersThings(rest);
  const installation = await created(rest, '/installations', { installationId: 'phone-1', deviceType: 'ios', deviceToken: 'token-1', channels: ['news'] });
  return { users, roles, objects, installation };
}

async function created(rest, path, body, options = {}) {
  const answer = await rest('POST', path, { ...options, body });
  assert.ok(answer.status === 201 || answer.status === 200, `${path}: ${answer.text}`);
  return answer.body.objectId ?? answer.body;
}

async function signUpAll(rest) {
  const users = {};
  for (const [name, fields] of Object.entries(people)) {
    const { status, body, text } = await rest('POST', '/users', { body: fields });
    assert.equal(status, 201, text);
    users[name] = { id: body.objectId, session: body.sessionToken };
  }
  const anonymous = await rest('POST', '/users', { body: { authData: { anonymous: { id: 'device-17' } } } });
  users.anonymous = { id: anonymous.body.objectId, session: anonymous.body.sessionToken };
  const second = await rest('POST', '/login', { body: { username: 'ann', password: people.ann.password }, headers: { 'x-parse-installation-id': 'phone-1' } });
  users.ann.phone = second.body.sessionToken;
  return users;
}

/** `writers` ⊂ `editors`: the members of writers have the rights of editors. */
async function makeRoles(rest, users) {
  const ACL = { '*': { read: true } };
  const writers = await created(rest, '/roles', { name: 'writers', ACL, users: adding(pointer('_User', users.bob.id)) }, { master: true });
  const editors = await created(rest, '/roles', { name: 'editors', ACL, roles: adding(pointer('_Role', writers)) }, { master: true });
  return { writers, editors };
}

async function defineClasses(rest, users) {
  const everyone = { '*': true };
  await created(rest, '/schemas/Locked', {
    className: 'Locked',
    fields: {
      title: { type: 'String', required: true }, state: { type: 'String', defaultValue: 'new' }, secret: { type: 'String' },
      owner: { type: 'Pointer', targetClass: '_User' }, readers: { type: 'Array' },
    },
    classLevelPermissions: {
      find: { requiresAuthentication: true }, get: everyone, count: { 'role:editors': true }, create: { [users.ann.id]: true },
      update: {}, delete: {}, addField: {}, writeUserFields: ['owner'], protectedFields: { '*': ['secret'], 'userField:owner': [] },
    },
    indexes: { byTitle: { title: 1 }, byState: { state: 1, title: -1 } },
  }, { master: true });
  await created(rest, '/schemas/Article', {
    className: 'Article',
    fields: { body: { type: 'String' } },
    indexes: { words: { body: 'text' } },
  }, { master: true });
}

async function makeObjects(rest, { ann, bob }) {
  const team = await created(rest, '/classes/Team', { name: 'red', at: geo(50.7, 7.1), area: polygon });
  const full = await created(rest, '/classes/Everything', {
    text: 'a text', empty: '', whole: 7, large: 9007199254740991, fraction: 0.5, yes: true, no: false, nothing: null,
    at: date('2026-01-02T03:04:05.678Z'), old: date('1912-06-23T00:00:00.000Z'), list: [1, 'two', null, [3], { four: 4 }],
    object: { a: { b: [1] }, when: date('2026-01-01T00:00:00.000Z'), to: pointer('Team', team) },
    dates: [date('2026-01-01T00:00:00.000Z')], pointers: [pointer('Team', team)], places: [geo(1, 2)],
    team: pointer('Team', team), place: geo(50.7, 7.1), area: polygon, bytes: { __type: 'Bytes', base64: 'aGVsbG8=' },
    file: { __type: 'File', name: 'a.txt' }, teams: adding(pointer('Team', team)),
  });
  const acl = { [ann.id]: { read: true, write: true }, 'role:editors': { read: true } };
  const diary = await created(rest, '/classes/Diary', { title: 'private', n: 1, ACL: acl }, { session: ann.session });
  await created(rest, '/classes/Diary', { title: 'the owner\'s', ACL: {} });
  await created(rest, '/classes/Diary', { title: 'all may read', ACL: { '*': { read: true } } });
  const locked = await created(rest, '/classes/Locked', { title: 'first', secret: 'hush', owner: pointer('_User', bob.id) }, { session: ann.session });
  for (const body of ['coffee is ready', 'tea and coffee', 'milk']) await created(rest, '/classes/Article', { body });
  return { team, full, diary, locked };
}

async function makeOwnersThings(rest) {
  const params = { welcome: 'hello', limit: 5, since: date('2026-01-01T00:00:00.000Z'), hidden: 'secret' };
  const config = await rest('PUT', '/config', { master: true, body: { params, masterKeyOnly: { hidden: true } } });
  assert.equal(config.status, 200, config.text);
  await created(rest, '/push_audiences', { name: 'all phones', query: JSON.stringify({ deviceType: 'ios' }) }, { master: true });
  await created(rest, '/classes/Once', { n: 1 }, { headers: { 'x-parse-request-id': 'request-1' } });
}

const classes = ['_User', '_Role', '_Session', '_Installation', 'Team', 'Everything', 'Diary', 'Locked', 'Article', 'Once'];

/** All that the API shows of a database: every object of every class, the schemas and the config. */
export async function contents(rest, users) {
  const read = async (path, options) => {
    const { status, body, text } = await rest('GET', path, options);
    assert.equal(status, 200, `${path}: ${text}`);
    return body;
  };
  const all = (className) => read(`/classes/${className}`, { master: true, query: { limit: 1000, order: 'objectId', include: '*' } });
  const as = (user) => read('/classes/Diary', { session: user?.session, query: { order: 'objectId' } });
  const schemas = (await read('/schemas', { master: true })).results;
  return {
    objects: Object.fromEntries(await Promise.all(classes.map(async (name) => [name, (await all(name)).results]))),
    schemas: schemas.filter(({ className }) => classes.includes(className)).map(withOwnIndexes).sort((one, other) => one.className.localeCompare(other.className)),
    audiences: await read('/push_audiences', { master: true }),
    config: await read('/config', { master: true }),
    publicConfig: await read('/config'),
    diaries: { nobody: await as(), ann: await as(users.ann), bob: await as(users.bob), cat: await as(users.cat) },
    members: await read('/users', { master: true, query: { where: { $relatedTo: { object: pointer('_Role', (await all('_Role')).results.find(({ name }) => name === 'writers').objectId), key: 'users' } } } }),
  };
}

/** A schema with the indexes that its owner asked for. Parse Server adds at each start whatever else it finds. */
function withOwnIndexes({ indexes = {}, ...schema }) {
  const own = Object.entries(indexes).filter(([name]) => /^by|^words$/.test(name));
  return { ...schema, indexes: Object.fromEntries(own) };
}
