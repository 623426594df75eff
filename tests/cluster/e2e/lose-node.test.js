// A node that goes silent: an app with high availability goes on from the others.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import { waitUntil } from '../../harness/wait.js';
import { newApp, newFounder, newUser } from './support/app.js';
import { cutOff, get, isReady, joinAgain, nodesOf, podsOf, waitForPods } from './support/cluster.js';
import { Traffic } from './support/traffic.js';

// What the ingress needs to notice: a connection that is silent for three seconds, a dial of one; and some for this machine.
const longestPause = 10_000;

describe('a region that loses a node', () => {
  let victim;
  after(() => victim && joinAgain(victim));

  it('keeps serving an app with high availability, with all it acknowledged, and starts its pods elsewhere', async (test) => {
    const founder = await newFounder();
    const app = await newApp(founder, 'Lose a node', 'eu', { engine: 's', replicas: { min: 3 }, high_availability: true });
    const pods = await waitForPods(app, 3);
    const { items: databases } = await get('pods', '-n', 'slipway-eu', '-l', 'app.kubernetes.io/name=mongodb');
    const other = databases[0].spec.nodeName; // one node's disk: a database of one member cannot outlive it
    const node = (await nodesOf('eu')).find((name) => name !== other);
    const there = pods.filter((pod) => pod.spec.nodeName === node);
    assert.ok(there.length > 0 && there.length < 3, 'its replicas are spread over the nodes');

    const traffic = new Traffic(await newUser(app)).start();
    victim = node;
    await cutOff(node);
    await waitUntil('its pods run elsewhere', 120, async () => {
      const elsewhere = (await podsOf(app)).filter((pod) => pod.spec.nodeName === other && isReady(pod));
      return elsewhere.length === 3;
    });
    await joinAgain(node);
    await traffic.stop();

    assert.ok(traffic.longestGap() < longestPause, `nothing was served for ${traffic.longestGap()} ms`);
    assert.deepEqual(await traffic.lost(), []);
    await waitUntil('the node is back', 60, async () => isReady(await get('node', node)));
    test.diagnostic(`${traffic.successes.length} requests, ${traffic.failures.length} failed, longest pause ${traffic.longestGap()} ms`);
  });
});
