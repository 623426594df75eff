// Makes the ingress of the nodes reachable on loopback: node relay.js PORT HOST:PORT...
// Each connection goes to the first target that answers. Every second all are asked; one that is silent loses its
// connections, so that clients find out at once, as behind any load balancer.

import { connect, createServer } from 'node:net';

const [port, ...addresses] = process.argv.slice(2);
const targets = addresses.map((address) => {
  const [host, targetPort] = address.split(':');
  return { host, port: Number(targetPort), up: true, connections: new Set() };
});

function dial({ host, port }, connected, failed) {
  const server = connect({ host, port, timeout: 1000 });
  const fail = () => {
    server.destroy();
    failed();
  };
  server.once('timeout', fail).once('error', fail);
  server.once('connect', () => {
    server.setTimeout(0).off('timeout', fail).off('error', fail).on('error', () => server.destroy());
    connected(server);
  });
}

function check(target) {
  const report = (up) => {
    target.up = up;
    if (!up) for (const connection of target.connections) connection.destroy();
    setTimeout(() => check(target), 1000);
  };
  dial(target, (server) => report(Boolean(server.destroy())), () => report(false));
}

function reach(client, [target, ...others]) {
  if (!target) return client.destroy();
  dial(
    target,
    (server) => {
      target.connections.add(server);
      server.on('close', () => target.connections.delete(server) && client.destroy());
      client.on('close', () => server.destroy());
      client.pipe(server).pipe(client);
    },
    () => reach(client, others),
  );
}

for (const target of targets) check(target);
for (const host of ['127.0.0.1', '::1']) {
  createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => client.destroy());
    reach(client, targets.filter(({ up }) => up));
  })
    .on('error', (error) => {
      if (error.code === 'EADDRNOTAVAIL') return; // a machine without IPv6
      console.error(`cannot listen on ${host}:${port}: ${error.message}`);
      process.exit(1);
    })
    .listen(Number(port), host);
}
