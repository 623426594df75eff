// One tenant takes all the memory and all the processes it can get. Its neighbour on the same node does not notice.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { waitUntil } from '../../harness/wait.js';
import { newApp, newFounder, newUser } from './support/app.js';
import { get, kubectl, waitForPods } from './support/cluster.js';
import { makeShellImage, startShell } from './support/pods.js';
import { Traffic, percentile } from './support/traffic.js';

const requests = 150;

describe('a neighbour on the same node', () => {
  let neighbour, tenant, node;

  before(async () => {
    const founder = await newFounder();
    neighbour = await newApp(founder, 'Neighbour', 'eu', { engine: 's', replicas: { min: 1 } });
    tenant = await newApp(founder, 'Bomber', 'eu');
    const [pod] = await waitForPods(neighbour, 1);
    node = pod.spec.nodeName;
    neighbour.send = await newUser(neighbour);
    await makeShellImage();
    await measure(); // the first requests of an app make classes, indexes and connections
  });

  /** The 99th percentile of reads while they go on, in milliseconds. */
  async function measure(meanwhile = () => {}) {
    const traffic = new Traffic(neighbour.send).start({ writers: 1, readers: 4 });
    await meanwhile();
    const from = traffic.reads.length;
    await waitUntil(`${requests} reads are made`, 120, () => traffic.reads.length >= from + requests);
    await traffic.stop();
    assert.deepEqual(traffic.failures, []);
    return percentile(traffic.reads.slice(from), 0.99);
  }

  async function unharmedBy(name, commands, hasGoneOff, test) {
    const before99 = await measure();
    const during = await measure(async () => {
      await startShell(tenant.namespace, name, commands, { nodeName: node }).catch((error) => {
        if (!/runs$/.test(error.message)) throw error; // one that has gone off already runs no more
      });
      await waitUntil(`the ${name} goes off`, 60, hasGoneOff);
    });
    await kubectl('delete', 'pod', '-n', tenant.namespace, name, '--grace-period=0', '--force');
    test.diagnostic(`p99 of reads: ${before99.toFixed(0)} ms before, ${during.toFixed(0)} ms meanwhile`);
    // Two samples of a busy machine differ by this much; without limits a bomb leaves nothing to serve with.
    assert.ok(during < 3 * before99 + 250, `the neighbour's p99 rose from ${before99.toFixed(0)} to ${during.toFixed(0)} ms`);
  }

  const container = async (name) => (await get('pod', '-n', tenant.namespace, name)).status.containerStatuses?.[0];

  it('is unharmed by a memory bomb', (test) =>
    unharmedBy('memory-bomb', 'while :; do tail /dev/zero; echo "ended with $?"; done', async () => {
      // The shell outlives its child, and starts the next one.
      const log = await kubectl('logs', '-n', tenant.namespace, 'memory-bomb');
      const ended = (await container('memory-bomb'))?.state.terminated;
      return /ended with 137/.test(log) || ended?.reason === 'OOMKilled';
    }, test));

  it('is unharmed by a fork bomb', (test) =>
    unharmedBy('fork-bomb', 'bomb() { bomb | bomb & }; while :; do bomb; sleep 1; done', async () =>
      /can't fork/.test(await kubectl('logs', '-n', tenant.namespace, 'fork-bomb')), test));
});
