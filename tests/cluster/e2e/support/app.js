// An app on the cluster, made as a founder makes it: signed up, created, and used through its address.

import assert from 'node:assert/strict';

import { Api, expect, newPerson } from '../../../harness/api.js';
import { rest } from '../../../harness/parse-app.js';
import { waitUntil } from '../../../harness/wait.js';
import { consoleUrl, namespaceOf } from './cluster.js';

/** A founder with an organization of their own. */
export async function newFounder() {
  const person = newPerson();
  const founder = await Api.signUp(consoleUrl, person);
  founder.person = person;
  return founder;
}

/** Creates an app and waits until it is ready; `sizing` is what `PUT /apps/{id}/engine` takes. */
export async function newApp(founder, name, region, sizing) {
  const app = await founder.createApp(name, region);
  if (sizing) await resize(founder, app, sizing);
  const keys = await founder.get(`/apps/${app.id}/keys`).then(expect(200));
  return { ...app, keys, namespace: namespaceOf(app) };
}

/** Changes engine or replicas and waits until all of it is so. */
export async function resize(founder, app, { engine, replicas, high_availability = false }) {
  await founder.send('PUT', `/apps/${app.id}/engine`, { engine, replicas, high_availability }).then(expect(200));
  await founder.waitForStatus(app.id, 'ready', 120);
}

/** Signs an anonymous user in and returns what sends requests as that user. */
export async function newUser(app) {
  const authData = { anonymous: { id: crypto.randomUUID() } };
  const { status, body } = await rest(app, app.keys, 'POST', '/users', { body: { authData } });
  assert.equal(status, 201, JSON.stringify(body));
  return (method, path, content) => rest(app, app.keys, method, path, { body: content, session: body.sessionToken });
}

/** Saves one object as the user and returns its id. */
export async function save(user, className, fields) {
  const { status, body } = await user('POST', `/classes/${className}`, fields);
  assert.equal(status, 201, JSON.stringify(body));
  return body.objectId;
}

/** Waits until the app's own address answers. */
export function waitForAnswer(app, status, seconds) {
  return waitUntil(`${app.url} answers ${status}`, seconds, async () => {
    const response = await fetch(`${app.url}/health`);
    const body = await response.json();
    if (response.status !== status) throw new Error(`it answers ${response.status}`);
    return body;
  });
}
