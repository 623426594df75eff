// Every endpoint of the OpenAPI document meets input that no honest client sends. New endpoints join by themselves.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Api, expect, newPerson, refused } from '../harness/api.js';
import { Platform } from '../harness/platform.js';

const unknownId = '01hzzzzzzzzzzzzzzzzzzzzzzz';
// `null` is a value of the wrong type for a whole body, as the others are for a field of it.
const wrongTypes = ['null', '[]', '"text"', '7', 'true'];
const malformed = ['{', '{"', "{'name':'x'}", '{,}', 'nonsense', ''];
const notUtf8 = Buffer.from([0x7b, 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
// One address sends all of this within seconds.
const unlimited = { SLIPWAY_LIMITS__SIGNUPS_PER_MINUTE: '10000', SLIPWAY_LIMITS__LOGINS_PER_MINUTE: '10000' };

describe('bad input', () => {
  const person = newPerson();
  let platform, founder, operations;

  before(async () => {
    platform = await Platform.create(unlimited);
    await platform.start();
    founder = new Api(platform.url);
    await founder.post('/signup', person).then(expect(201));
    operations = await listOperations(founder);
  });
  after(() => platform.remove());

  /** Everything the document lists below /api/v1, with an app of nobody in place of each id. */
  async function listOperations(api) {
    const document = await api.get('/openapi.json').then(expect(200));
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => ['get', 'post', 'patch', 'put', 'delete'].includes(method) && path.startsWith('/api/v1/'))
        .map(([method, operation]) => ({
          name: `${method.toUpperCase()} ${path}`,
          method: method.toUpperCase(),
          path: path.replace('/api/v1', '').replace('{kind}', 'rest').replace(/\{\w+\}/g, unknownId),
          hasId: path.includes('{'),
          hasBody: Boolean(operation.requestBody),
        })),
    );
  }

  const withBody = () => operations.filter((operation) => operation.hasBody && !operation.hasId);
  const send = ({ method, path }, body, headers) => founder.send(method, path, body, headers);

  /** A refusal has the one shape, whatever it is about, and no trace of the inside. */
  function assertRefusal(response, name, statuses) {
    assert.ok(statuses.includes(response.status), `${name}: got ${response.status} ${JSON.stringify(response.body)}`);
    const { code, message, docs } = response.body.error;
    assert.match(code, /^[a-z_]+$/, name);
    assert.equal(docs, `/docs/errors#${code}`, name);
    assert.doesNotMatch(message, /panicked|sqlx|serde|stack backtrace|\.rs:\d+/, name);
  }

  it('knows the endpoints it is about to try', () => {
    const names = operations.map((operation) => operation.name);
    assert.ok(names.includes('POST /api/v1/signup') && names.includes('POST /api/v1/apps'), names.join(', '));
    assert.ok(withBody().length >= 4);
  });

  it('malformed JSON is a 400 that says so', async () => {
    for (const operation of withBody()) {
      for (const body of malformed) {
        const response = await send(operation, body);
        assertRefusal(response, `${operation.name} with ${body}`, [400]);
        assert.equal(response.body.error.code, 'malformed_json');
      }
    }
  });

  it('text that is not UTF-8 is a 400', async () => {
    for (const operation of withBody()) assertRefusal(await send(operation, notUtf8), operation.name, [400]);
  });

  it('a body of the wrong type is a 400 or 422', async () => {
    for (const operation of withBody()) {
      for (const body of wrongTypes) assertRefusal(await send(operation, body), `${operation.name} with ${body}`, [400, 422]);
    }
  });

  it('fields of the wrong type are a 400 or 422', async () => {
    const fields = ['email', 'password', 'organization', 'name', 'region', 'expires_in_days'];
    for (const wrong of [null, {}, [1], true, -1.5]) {
      const body = Object.fromEntries(fields.map((field) => [field, wrong]));
      for (const operation of withBody()) {
        assertRefusal(await send(operation, body), `${operation.name} with ${JSON.stringify(wrong)}`, [400, 422]);
      }
    }
  });

  it('a body over 64 KiB is a 413', async () => {
    const body = { name: 'x'.repeat(70_000) };
    for (const operation of withBody()) assertRefusal(await send(operation, body), operation.name, [413]);
  });

  it('another content type is a 415', async () => {
    for (const operation of withBody()) {
      assertRefusal(await send(operation, '<name/>', { 'content-type': 'text/xml' }), operation.name, [415]);
    }
  });

  it('an id that belongs to nobody is a 404, and so is one that is no id', async () => {
    for (const { name, method, path, hasId, hasBody } of operations) {
      if (!hasId) continue;
      const body = hasBody ? { name: 'x', password: 'x'.repeat(12) } : undefined;
      for (const id of [unknownId, `app_${unknownId}`, '%00', '..%2f..%2fetc', 'x'.repeat(2000)]) {
        assertRefusal(await founder.send(method, path.replace(unknownId, id), body), `${name} with ${id}`, [404]);
      }
    }
  });

  it('nobody gets anywhere without signing in', async () => {
    const open = ['/signup', '/login', '/openapi.json', '/regions'];
    const nobody = new Api(platform.url);
    for (const { name, method, path, hasBody } of operations) {
      if (open.includes(path)) continue;
      const response = await nobody.send(method, path, hasBody ? {} : undefined);
      if (path === '/logout') assert.ok([204, 401].includes(response.status), name);
      else assertRefusal(response, name, [401]);
    }
  });

  it('a session without the CSRF token changes nothing', async () => {
    const forged = new Api(platform.url);
    forged.cookie = founder.cookie;
    forged.csrf = 'guessed';
    await forged.post('/apps', { name: 'Forged', region: 'eu' }).then(refused(403, 'csrf_failed'));
    assert.deepEqual((await founder.get('/apps')).body.apps, []);
  });

  it('names and regions are checked, with a word about each field', async () => {
    const cases = [
      [{ name: '', region: 'eu' }, 'name'],
      [{ name: '   ', region: 'eu' }, 'name'],
      [{ name: 'x'.repeat(61), region: 'eu' }, 'name'],
      [{ name: 'a\u0000b', region: 'eu' }, 'name'],
      [{ name: 'Fine', region: 'moon' }, 'region'],
    ];
    for (const [body, field] of cases) {
      const error = await founder.post('/apps', body).then(refused(422, 'invalid_input'));
      assert.ok(error.fields[field], JSON.stringify(error));
    }
  });

  it('an e-mail address that is taken is not given away', async () => {
    const again = await new Api(platform.url).post('/signup', { ...newPerson(), email: person.email });
    const error = refused(409, 'signup_rejected')(again);
    assert.doesNotMatch(error.message, /exists|taken|registered/i);
  });

  it('a weak password is refused with advice', async () => {
    for (const password of ['short', 'password1234', 'aaaaaaaaaaaaaaaa', 'x'.repeat(300)]) {
      const error = await new Api(platform.url).post('/signup', { ...newPerson(), password }).then(refused(422, 'invalid_input'));
      assert.ok(error.fields.password, JSON.stringify(error));
    }
  });

  it('two sign-ups of one e-mail at the same moment make one account', async () => {
    const twin = newPerson();
    const answers = await Promise.all([1, 2, 3, 4].map(() => new Api(platform.url).post('/signup', twin)));
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [201, 409, 409, 409]);
  });

  it('one Idempotency-Key makes one app, however often and how close it is sent', async () => {
    const create = (name) => founder.post('/apps', { name, region: 'eu' }, { 'idempotency-key': 'order-4711' });
    const answers = await Promise.all([create('Once'), create('Once'), create('Once')]);
    for (const answer of answers) assert.ok([201, 409].includes(answer.status), JSON.stringify(answer.body));
    const replay = await create('Once').then(expect(201));
    const { apps } = await founder.get('/apps').then(expect(200));
    assert.deepEqual(apps.map((app) => app.id), [replay.app.id]);
    await create('Another').then(refused(422, 'idempotency_key_reused'));
  });

  it('is still ready after all of this', async () => {
    assert.equal((await fetch(`${platform.url}/readyz`)).status, 200);
  });
});
