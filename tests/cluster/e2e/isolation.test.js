// What a tenant's pod reaches, tried from inside of its network; and that the fences are what keeps it from the rest.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { waitUntil } from '../../harness/wait.js';
import { newApp, newFounder } from './support/app.js';
import { apply, dial, get, inEnvironment, kubectl, nodesOf, onNode, waitForPods } from './support/cluster.js';
import { harmlessPod, makeShellImage, startShell } from './support/pods.js';

const metadata = '169.254.169.254';
const breakGlass = ['--as=somebody-of-operations', '--as-group=system:masters', '--as-group=slipway:break-glass'];

describe('a pod of one tenant', () => {
  const outside = 'outside';
  let mine, theirs, stranger, metadataNode;

  /** Address and port of the first pod with these labels. */
  async function podAddress(namespace, labels, port) {
    const { items } = await get('pods', '-n', namespace, '-l', labels);
    return [items[0].status.podIP, port];
  }
  async function serviceAddress(namespace, name) {
    const { spec } = await get('service', '-n', namespace, name);
    return [spec.clusterIP, spec.ports[0].port];
  }
  async function firstPod(namespace, labels) {
    return (await get('pods', '-n', namespace, '-l', labels)).items[0];
  }

  before(async () => {
    const founder = await newFounder();
    mine = await newApp(founder, 'Mine', 'eu');
    theirs = await newApp(founder, 'Theirs', 'eu');
    [mine.pod] = await waitForPods(mine, 1);
    await makeShellImage();
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: outside } });
    stranger = await startShell(outside, 'stranger', 'sleep 600', { nodeName: mine.pod.spec.nodeName });
    await serveMetadata();
  });
  after(async () => {
    await kubectl('delete', 'namespace', outside, '--wait=false', '--ignore-not-found');
    if (metadataNode) {
      await onNode(metadataNode, `ip addr del ${metadata}/32 dev eth0`);
      await onNode(mine.pod.spec.nodeName, `ip route del ${metadata}`);
    }
  });

  /** A metadata service as clouds have it, on another node of the region: a node's own addresses no policy covers. */
  async function serveMetadata() {
    metadataNode = (await nodesOf('eu')).find((name) => name !== mine.pod.spec.nodeName);
    await onNode(metadataNode, `ip addr add ${metadata}/32 dev eth0`);
    await onNode(mine.pod.spec.nodeName, `bash -c 'ip route add ${metadata} via ${await inEnvironment(`node_ip ${metadataNode}`)}'`);
    await startShell(outside, 'metadata', 'httpd -f -p 8053', { nodeName: metadataNode, hostNetwork: true });
  }

  /** Asserts how connections to an address end: from the tenant's pod, and from one that may. */
  async function onlyFor(who, what, [host, port]) {
    const [tenant, other] = await Promise.all([dial(mine.pod, host, port), dial(who, host, port)]);
    assert.equal(other, 'open', `${what} is there, for whom it is meant`);
    assert.equal(tenant, 'silent', `${what} is not for a tenant`);
  }

  it('reaches its database and a name server', async () => {
    assert.equal(await dial(mine.pod, ...(await podAddress('slipway-eu', 'app.kubernetes.io/name=mongodb', 27017))), 'open');
    assert.equal(await dial(mine.pod, ...(await podAddress('kube-system', 'k8s-app=kube-dns', 53))), 'open');
  });

  it('reaches neither another tenant nor its service', async () => {
    const ingress = await firstPod('ingress', 'app=ingress');
    const tenant = 'app.kubernetes.io/name=runtime';
    await onlyFor(ingress, "another tenant's pod", await podAddress(theirs.namespace, tenant, 1337));
    await onlyFor(ingress, "another tenant's service", await serviceAddress(theirs.namespace, 'runtime'));
  });

  it('reaches neither the API server nor the metadata address', async () => {
    await onlyFor(stranger, 'the API server by its service', await serviceAddress('default', 'kubernetes'));
    await onlyFor(stranger, 'the API server by its address', [(await inEnvironment('echo $HOST_IP')).trim(), 6443]);
    await onlyFor(stranger, 'the metadata address', [metadata, 8053]);
  });

  it('reaches no database of the other region, nor that of the control plane', async () => {
    const operator = await firstPod('slipway-na', 'app.kubernetes.io/name=operator');
    await onlyFor(operator, "the other region's database", await podAddress('slipway-na', 'app.kubernetes.io/name=mongodb', 27017));
    const plane = await firstPod('slipway-system', 'app.kubernetes.io/name=control-plane');
    await onlyFor(plane, "the control plane's database", await podAddress('slipway-system', 'app.kubernetes.io/name=postgresql', 5432));
  });

  it('reaches the control plane where it takes reports, and nowhere else', async () => {
    const plane = 'app.kubernetes.io/name=control-plane';
    assert.equal(await dial(mine.pod, ...(await podAddress('slipway-system', plane, 8081))), 'open');
    await onlyFor(await firstPod('ingress', 'app=ingress'), 'the console', await podAddress('slipway-system', plane, 8080));
  });

  it("reads its own database and not another tenant's", async () => {
    const { data } = await get('secret', '-n', mine.namespace, 'runtime');
    const { databaseURI } = JSON.parse(Buffer.from(data['settings.json'], 'base64'));
    const database = (app) => app.namespace.replace('-', '_');
    const other = new URL(databaseURI);
    other.pathname = `/${database(theirs)}`;
    if (!other.searchParams.has('authSource')) other.searchParams.set('authSource', database(mine));

    const own = await dump('own', databaseURI);
    assert.equal(own.code, 0, own.log);
    const foreign = await dump('foreign', other.href);
    assert.notEqual(foreign.code, 0, foreign.log);
    assert.match(foreign.log, /not authorized/i);
  });

  /** Dumps a database from a pod like the tenant's own, with its credentials. */
  async function dump(name, uri) {
    const { image } = mine.pod.spec.containers[0];
    // The labels by which policies know it, without the one by which its ReplicaSet would take it for a surplus one.
    const { 'pod-template-hash': _, ...labels } = mine.pod.metadata.labels;
    await apply(
      harmlessPod(mine.namespace, `dump-${name}`, {
        labels,
        container: {
          image,
          args: ['dump', '--settings', '/etc/settings/settings.json', '/tmp/dump'],
          env: [{ name: 'PARSE_SERVER_DATABASE_URI', value: uri }],
          volumeMounts: [{ name: 'settings', mountPath: '/etc/settings' }, { name: 'tmp', mountPath: '/tmp' }],
        },
        volumes: [{ name: 'settings', secret: { secretName: 'runtime' } }, { name: 'tmp', emptyDir: {} }],
      }),
    );
    const ended = await waitUntil(`the dump of ${name} ends`, 60, async () => {
      const { status } = await get('pod', '-n', mine.namespace, `dump-${name}`);
      return status.containerStatuses?.[0].state.terminated;
    });
    const log = await kubectl('logs', '-n', mine.namespace, `dump-${name}`);
    await kubectl('delete', 'pod', '-n', mine.namespace, `dump-${name}`);
    return { code: ended.exitCode, log };
  }

  it('is kept in by its policies alone, which come back when somebody removes them', async () => {
    const region = ['sapp', '-n', 'slipway-eu', mine.namespace];
    await kubectl('annotate', ...region, 'apps.slipway.dev/reconcile=paused');
    await kubectl('delete', 'networkpolicies', '--all', '-n', mine.namespace, ...breakGlass);
    await waitUntil('the fence is down', 20, async () => (await dial(mine.pod, metadata, 8053)) === 'open');

    await kubectl('annotate', ...region, 'apps.slipway.dev/reconcile-');
    await waitUntil('the fence is up again', 60, async () => (await dial(mine.pod, metadata, 8053)) === 'silent');
  });

  it("has its fences out of everybody's reach but the operator's", async () => {
    const attempt = kubectl('delete', 'networkpolicy', 'default-deny', '-n', mine.namespace);
    await assert.rejects(attempt, /only slipway-operator changes this/);
  });
});
