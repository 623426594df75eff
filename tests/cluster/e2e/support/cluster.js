// The running cluster: through kubectl, and as the owner of the machine that its nodes run on.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { waitUntil } from '../../../harness/wait.js';

const exec = promisify(execFile);
const here = import.meta.dirname;

/** Where the console is served, and with it the API. */
export const consoleUrl = process.env.CLUSTER_URL;
assert.ok(consoleUrl && process.env.KUBECONFIG, 'run these tests by tests/cluster/e2e/run, which brings the cluster');

/** Runs a program, and returns what it wrote; an error has what it complained about. */
async function run(program, args, { input = '', timeout = 60_000 } = {}) {
  const running = exec(program, args, { timeout, maxBuffer: 32 << 20 });
  running.child.stdin.end(input);
  const { stdout } = await running;
  return stdout;
}

export const kubectl = (...args) => run('kubectl', args);

/** Applies objects. */
export const apply = (...objects) => run('kubectl', ['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });

export async function get(...args) {
  return JSON.parse(await kubectl('get', '-o', 'json', ...args));
}

/** Names of the namespace and of the App of an app. */
export const namespaceOf = (app) => app.id.replace('_', '-');

/** The pods of an app that run and are not about to end. */
export async function podsOf(app) {
  const { items } = await get('pods', '-n', namespaceOf(app), '-l', 'app.kubernetes.io/name=runtime');
  return items.filter((pod) => !pod.metadata.deletionTimestamp && pod.status.phase === 'Running');
}

export const isReady = (object) => object.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');

/** Waits until exactly `count` pods of an app are ready, and returns them. */
export function waitForPods(app, count, seconds = 60) {
  return waitUntil(`${count} pods of ${app.name} are ready`, seconds, async () => {
    const pods = await podsOf(app);
    const ready = pods.filter(isReady);
    if (pods.length !== count || ready.length !== count) throw new Error(`there are ${pods.length} pods, ${ready.length} of them ready`);
    return pods;
  });
}

/** Runs one of the scripts of tests/cluster. */
export const script = (name, ...args) => run(join(here, '../..', name), args, { timeout: 300_000 });

/** Runs bash with the functions of tests/cluster/env.sh. */
export const inEnvironment = (commands) => run('bash', ['-c', `source "${join(here, '../../env.sh')}"; ${commands}`]);

export const onNode = (node, command) => inEnvironment(`in_node ${node} ${command}`);

/** Cuts a node off from everything, as a power failure would; `join` ends it. */
export const cutOff = (node) => inEnvironment(`ip link set "$NAME-${node}" down`);
export const joinAgain = (node) => inEnvironment(`ip link set "$NAME-${node}" up`);

/** The region's nodes, by their label. */
export async function nodesOf(region) {
  const { items } = await get('nodes', '-l', `topology.kubernetes.io/region=${region}`);
  return items.map((node) => node.metadata.name);
}

/**
 * Tries a TCP connection from inside a pod's network: 'open', 'refused', or 'silent' when nothing came back, which is
 * what a network policy does to it.
 */
export async function dial(pod, host, port) {
  const container = pod.status.containerStatuses[0].containerID.replace('containerd://', '');
  const attempt = `pid=$(cat "$(find "$CGROUPS" -path "*/pod${pod.metadata.uid}/${container}/cgroup.procs" | head -n1)" | head -n1)
    nsenter -t "$pid" -n timeout 3 bash -c ': </dev/tcp/${host}/${port}' 2>/dev/null && echo open || { [ $? = 124 ] && echo silent || echo refused; }`;
  return (await inEnvironment(attempt)).trim();
}
