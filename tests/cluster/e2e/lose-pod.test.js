// A pod that dies takes with it at most the requests it was working on.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { newApp, newFounder, newUser } from './support/app.js';
import { kubectl, waitForPods } from './support/cluster.js';
import { Traffic } from './support/traffic.js';

const lanes = { writers: 3, readers: 3 };
// Whatever was under way when its pod died is lost, reads too: the ingress sends nothing twice.
const atMost = lanes.writers + lanes.readers;

describe('an app that loses a pod', () => {
  it('goes on serving, keeps what it acknowledged, and gets another one', async (test) => {
    const founder = await newFounder();
    const app = await newApp(founder, 'Lose a pod', 'eu', { engine: 's', replicas: { min: 2 } });
    const [victim] = await waitForPods(app, 2);
    const traffic = new Traffic(await newUser(app)).start(lanes);

    await kubectl('delete', 'pod', '-n', app.namespace, victim.metadata.name, '--grace-period=0', '--force');
    const pods = await waitForPods(app, 2);
    await traffic.stop();

    assert.ok(!pods.some((pod) => pod.metadata.uid === victim.metadata.uid));
    assert.ok(traffic.failures.length <= atMost, JSON.stringify(traffic.failures));
    const last = Math.max(...traffic.failures.map(({ at }) => at), 0);
    const later = traffic.successes.filter((at) => at > last);
    assert.ok(later.length > 20, `only ${later.length} requests succeeded after the last failure`);
    assert.deepEqual(await traffic.lost(), []);
    test.diagnostic(`${traffic.successes.length} requests, ${traffic.failures.length} failed, longest pause ${traffic.longestGap()} ms`);
  });
});
