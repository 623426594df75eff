// A founder signs up, and seconds later has a backend in the region they chose, and nowhere else.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { useApp } from '../../harness/parse-app.js';
import { newApp, newFounder } from './support/app.js';
import { get, kubectl, nodesOf, waitForPods } from './support/cluster.js';

describe('a first app', () => {
  const began = Date.now();
  const apps = {};
  let founder;

  before(async () => {
    founder = await newFounder();
    apps.eu = await newApp(founder, 'Bakery', 'eu');
    apps.na = await newApp(founder, 'Diner', 'na');
  });

  it('has an address in its region, and serves the Parse SDK', async (test) => {
    for (const region of ['eu', 'na']) {
      const app = apps[region];
      assert.ok(app.url.includes(`${app.keys.application_id}.${region}.apps.`), app.url);
      const Parse = useApp(app, app.keys);
      await Parse.User.logOut().catch(() => {});
      await Parse.AnonymousUtils.logIn();
      const cake = await new Parse.Object('Cake').save({ name: 'Sacher', region });
      assert.equal((await new Parse.Query('Cake').get(cake.id)).get('region'), region);
      await Parse.User.logOut();
    }
    test.diagnostic(`two apps, from signup to an object in each: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  });

  it('runs on nodes of its region only', async () => {
    for (const region of ['eu', 'na']) {
      const nodes = await nodesOf(region);
      for (const pod of await waitForPods(apps[region], 1)) assert.ok(nodes.includes(pod.spec.nodeName), pod.spec.nodeName);
    }
  });

  it('is an App of its own region and of no other', async () => {
    for (const [region, other] of [['eu', 'na'], ['na', 'eu']]) {
      const { namespace } = apps[region];
      const app = await get('sapp', '-n', `slipway-${region}`, namespace);
      assert.equal(app.spec.region, region);
      assert.equal(app.status.conditions.find(({ type }) => type === 'Ready').status, 'True');
      assert.equal(await kubectl('get', 'sapp', '-n', `slipway-${other}`, namespace, '--ignore-not-found'), '');
    }
  });

  it('runs as nobody in particular, on a read-only root, without a token', async () => {
    const [pod] = await waitForPods(apps.eu, 1);
    const [{ securityContext }] = pod.spec.containers;
    assert.equal(pod.spec.automountServiceAccountToken, false);
    assert.equal(securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] });
    const namespace = await get('namespace', apps.eu.namespace);
    assert.equal(namespace.metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
  });
});
