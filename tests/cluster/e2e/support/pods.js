// Pods that a tenant could run if it could run anything, and one that nobody fences.

import { waitUntil } from '../../../harness/wait.js';
import { apply, get, inEnvironment, isReady } from './cluster.js';

// In tenants' namespaces only the runtime's image may run: so the shell gets its name, with a tag of its own.
const shell = 'localhost/slipway-runtime:shell';

export async function makeShellImage() {
  await inEnvironment(`for node in $NODES; do in_node "$node" ctr -n k8s.io images tag --force localhost/busybox:1 ${shell} >/dev/null; done`);
}

/** A pod that Pod Security `restricted` lets in; `spec` adds to it or replaces parts. */
export function harmlessPod(namespace, name, { labels, container, ...spec }) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'main', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, ...container }],
      ...spec,
    },
  };
}

/** Starts a pod that runs shell commands, and waits until it runs. */
export async function startShell(namespace, name, commands, spec = {}) {
  await apply(harmlessPod(namespace, name, { container: { image: shell, command: ['/bin/sh', '-c', commands] }, ...spec }));
  return waitUntil(`pod ${name} runs`, 30, async () => {
    const pod = await get('pod', '-n', namespace, name);
    return isReady(pod) && pod;
  });
}
