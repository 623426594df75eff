// One tenant takes all the memory and all the processes it can get. Its neighbour on the same node does not notice.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { waitUntil } from '../../harness/wait.js';
import { newApp, newFounder, newUser } from './support/app.js';
import { get, kubectl, waitForPods } from './support/cluster.js';
import { makeShellImage, startShell } from './support/pods.js';
import { Traffic, percentile } from './support/traffic.js';

// Reads of one measurement, in windows: the median of their 99th percentiles is not moved by one hiccup of the machine.
const windows = 3;
const readsOfWindow = 200;

describe('a neighbour on the same node', () => {
  let neighbour, tenant, node;

  before(async () => {
    const founder = await newFounder();
    neighbour = await newApp(founder, 'Neighbour', 'eu'); // the smallest engine has least to spare
    tenant = await newApp(founder, 'Bomber', 'eu');
    const [pod] = await waitForPods(neighbour, 1);
    node = pod.spec.nodeName;
    neighbour.send = await newUser(neighbour);
    await makeShellImage();
    await measure(); // the first requests of an app make classes, indexes and connections
  });

  /** The 99th percentile of reads while they go on, in milliseconds: the median of several windows. */
  async function measure(meanwhile = () => {}) {
    const traffic = new Traffic(neighbour.send).start({ writers: 1, readers: 4 });
    await meanwhile();
    const from = traffic.reads.length;
    const reads = windows * readsOfWindow;
    await waitUntil(`${reads} reads are made`, 180, () => traffic.reads.length >= from + reads);
    await traffic.stop();
    assert.deepEqual(traffic.failures, []);
    const begins = Array.from({ length: windows }, (_, window) => from + window * readsOfWindow);
    return percentile(begins.map((begin) => percentile(traffic.reads.slice(begin, begin + readsOfWindow), 0.99)), 0.5);
  }

  async function unharmedBy(name, commands, hasGoneOff, test) {
    const before99 = await measure();
    const during = await measure(async () => {
      await startShell(tenant.namespace, name, commands, { nodeName: node });
      await waitUntil(`the ${name} goes off`, 60, hasGoneOff);
    });
    const isRunning = (await get('pod', '-n', tenant.namespace, name)).status.phase === 'Running';
    await kubectl('delete', 'pod', '-n', tenant.namespace, name, '--grace-period=0', '--force');
    test.diagnostic(`p99 of reads: ${before99.toFixed(0)} ms before, ${during.toFixed(0)} ms meanwhile`);
    assert.ok(isRunning, `the ${name} went on all the time`);
    assert.ok(during < 2 * before99 + 50, `the neighbour's p99 rose from ${before99.toFixed(0)} to ${during.toFixed(0)} ms`);
  }

  // The shell outlives its child, and starts the next one.
  it('is unharmed by a memory bomb', (test) =>
    unharmedBy('memory-bomb', 'while :; do tail /dev/zero; echo "ended with $?"; done', async () =>
      /ended with 137/.test(await kubectl('logs', '-n', tenant.namespace, 'memory-bomb')), test));

  // Each process starts two and then keeps busy without starting any: so the first ones stay, and with them the bomb.
  it('is unharmed by a fork bomb', (test) =>
    unharmedBy('fork-bomb', 'bomb() { bomb & bomb & while :; do :; done; }; bomb', async () =>
      /can't fork/.test(await kubectl('logs', '-n', tenant.namespace, 'fork-bomb')), test));
});
