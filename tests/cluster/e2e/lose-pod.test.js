// A pod that dies takes with it at most the requests it was working on.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { newApp, newFounder, newUser } from './support/app.js';
import { kubectl, waitForPods } from './support/cluster.js';
import { Traffic } from './support/traffic.js';

const writers = 3;

describe('an app that loses a pod', () => {
  it('goes on serving, keeps what it acknowledged, and gets another one', async (test) => {
    const founder = await newFounder();
    const app = await newApp(founder, 'Lose a pod', 'eu', { engine: 's', replicas: { min: 2 } });
    const [victim] = await waitForPods(app, 2);
    const traffic = new Traffic(await newUser(app)).start({ writers });

    await kubectl('delete', 'pod', '-n', app.namespace, victim.metadata.name, '--grace-period=0', '--force');
    const pods = await waitForPods(app, 2);
    await traffic.stop();

    assert.ok(!pods.some((pod) => pod.metadata.uid === victim.metadata.uid));
    assert.deepEqual(traffic.failures.filter(({ method }) => method === 'GET'), [], 'a read can be asked of another pod');
    assert.ok(traffic.failures.length <= writers, JSON.stringify(traffic.failures));
    assert.deepEqual(await traffic.lost(), []);
    test.diagnostic(`${traffic.successes.length} requests, ${traffic.failures.length} failed, longest pause ${traffic.longestGap()} ms`);
  });
});
