// What changes how an app runs is rolled out while it serves: no request fails and no write is lost.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { waitUntil } from '../../harness/wait.js';
import { newApp, newFounder, newUser, resize } from './support/app.js';
import { get, inEnvironment, kubectl, podsOf, script, waitForPods } from './support/cluster.js';
import { Traffic } from './support/traffic.js';

describe('a rollout under load', () => {
  let founder, app, send, installed;

  before(async () => {
    founder = await newFounder();
    app = await newApp(founder, 'Rollout', 'eu');
    send = await newUser(app);
  });

  /** Sends requests while `change` happens, until only new pods are left. */
  async function unharmedBy(change, isNew, test) {
    const traffic = new Traffic(send).start();
    await change();
    await waitUntil('only new pods are left', 120, async () => {
      const { items } = await get('pods', '-n', app.namespace);
      return items.length > 0 && items.every((pod) => !pod.metadata.deletionTimestamp && isNew(pod));
    });
    await traffic.stop();
    assert.deepEqual(traffic.failures, []);
    assert.ok(traffic.saved.length > 20, `only ${traffic.saved.length} writes`);
    assert.deepEqual(await traffic.lost(), []);
    test.diagnostic(`${traffic.successes.length} requests in ${Date.now() - traffic.began} ms, none failed`);
  }

  const cpuOf = (pod) => pod.spec.containers[0].resources.limits.cpu;

  /** Another engine, for an app with this many replicas. */
  async function engineChange(count, engine, test) {
    const [before] = await waitForPods(app, count);
    await unharmedBy(
      () => resize(founder, app, { engine, replicas: { min: count } }),
      (pod) => cpuOf(pod) !== cpuOf(before),
      test,
    );
    await waitForPods(app, count);
  }

  /** Another tag of the same image, which `install` gives to all apps. */
  async function release(tag, test) {
    const [{ spec }] = await podsOf(app);
    const [repository, old] = spec.containers[0].image.split(':');
    const next = `${repository}:${tag}`;
    await inEnvironment(`for node in $NODES; do in_node "$node" ctr -n k8s.io images tag --force ${repository}:${old} ${next} >/dev/null; done`);
    await unharmedBy(
      () => script('install', '--set', `images.runtime.tag=${tag}`),
      (pod) => pod.spec.containers[0].image === next,
      test,
    );
    const { status } = await get('sapp', '-n', 'slipway-eu', app.namespace);
    assert.equal(status.version, tag);
  }

  it('another engine', (test) => engineChange(1, 's', test));

  it('more replicas, and fewer', async (test) => {
    const traffic = new Traffic(send).start();
    await resize(founder, app, { engine: 's', replicas: { min: 3 } });
    await waitForPods(app, 3);
    await resize(founder, app, { engine: 's', replicas: { min: 1 } });
    await waitForPods(app, 1);
    await traffic.stop();
    assert.deepEqual(traffic.failures, []);
    assert.deepEqual(await traffic.lost(), []);
    test.diagnostic(`${traffic.successes.length} requests, none failed`);
  });

  it('a range of replicas, which the load chooses from', async () => {
    await resize(founder, app, { engine: 's', replicas: { min: 1, max: 2 } });
    const { spec } = await get('hpa', '-n', app.namespace, 'runtime');
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [1, 2]);
    await resize(founder, app, { engine: 's', replicas: { min: 1 } });
    assert.equal(await kubectl('get', 'hpa', '-n', app.namespace, '--ignore-not-found'), '');
  });

  it('another release of the runtime', async (test) => {
    const [{ spec }] = await podsOf(app);
    installed = spec.containers[0].image.split(':')[1];
    await release(`${installed}-next`, test);
  });

  it('another engine, with three replicas', async (test) => {
    await resize(founder, app, { engine: 's', replicas: { min: 3 } });
    await engineChange(3, 'm', test);
  });

  it('another release of the runtime, with three replicas', async (test) => {
    await release(`${installed}-after-next`, test);
    await waitForPods(app, 3);
  });
});
