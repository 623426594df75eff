// A small client of the control plane's API, as a script of a founder would write it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { waitUntil } from './wait.js';

/** A fresh person: nobody else has this e-mail address. */
export function newPerson() {
  const name = randomBytes(6).toString('hex');
  return { email: `${name}@example.com`, password: `correct-horse-${name}`, organization: `Company ${name}` };
}

export class Api {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** Signs up, makes an API token, and returns a client that uses it: what every script does first. */
  static async signUp(url, person) {
    const browser = new Api(url);
    const session = await browser.post('/signup', person).then(expect(201));
    const token = await browser.post('/tokens', { name: 'journey', expires_in_days: 1 }).then(expect(201));
    const api = new Api(url, token.token);
    api.session = session;
    return api;
  }

  get(path) {
    return this.send('GET', path);
  }
  post(path, body, headers) {
    return this.send('POST', path, body, headers);
  }
  patch(path, body) {
    return this.send('PATCH', path, body);
  }
  delete(path) {
    return this.send('DELETE', path);
  }

  /** Sends one request and returns `{status, headers, body}`; the body is parsed when it is JSON. */
  async send(method, path, body, headers = {}) {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { ...this.credentials(method), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined || raw ? body : JSON.stringify(body),
    });
    this.remember(response);
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json');
    const result = { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    if (result.body?.csrf_token) this.csrf = result.body.csrf_token;
    return result;
  }

  credentials(method) {
    if (this.token) return { authorization: `Bearer ${this.token}` };
    if (!this.cookie) return {};
    return method === 'GET' ? { cookie: this.cookie } : { cookie: this.cookie, 'x-csrf-token': this.csrf };
  }

  remember(response) {
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith('slipway_session='));
    if (cookie) this.cookie = cookie.split(';')[0];
  }

  /** Creates an app and waits until it is ready. */
  async createApp(name, region) {
    const { app } = await this.post('/apps', { name, region }).then(expect(201));
    return this.waitForStatus(app.id, 'ready');
  }

  async waitForStatus(id, status, seconds = 60) {
    return waitUntil(`app ${id} is ${status}`, seconds, async () => {
      const { app } = await this.get(`/apps/${id}`).then(expect(200));
      if (app.status !== status) throw new Error(`it is ${app.status}: ${app.status_message}`);
      return app;
    });
  }
}

/** For `.then`: asserts the status and returns the body. */
export function expect(status) {
  return (response) => {
    assert.equal(response.status, status, `got ${response.status}: ${JSON.stringify(response.body)}`);
    return response.body;
  };
}

/** For `.then`: asserts status and error code of a refusal, and that its words help. */
export function refused(status, code) {
  return (response) => {
    const { error } = expect(status)(response);
    assert.equal(error.code, code, JSON.stringify(error));
    assert.match(error.message, /^[A-Z].{10,}\.$/s, 'an error message is a sentence');
    assert.equal(error.docs, `/docs/errors#${code}`);
    return error;
  };
}
