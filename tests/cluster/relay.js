// Makes the ingress of the nodes reachable on loopback: node relay.js PORT HOST:PORT...
// Each connection goes to the first of the targets that accepts it, so the loss of a node is not noticed here.

import { connect, createServer } from 'node:net';

const [port, ...targets] = process.argv.slice(2);

function reach(client, [target, ...others]) {
  if (!target) return client.destroy();
  const [host, targetPort] = target.split(':');
  const server = connect({ host, port: Number(targetPort), timeout: 1000 });
  const next = () => {
    server.destroy();
    reach(client, others);
  };
  server.once('timeout', next).once('error', next);
  server.once('connect', () => {
    server.setTimeout(0).off('timeout', next).off('error', next);
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
    client.pipe(server).pipe(client);
  });
}

for (const host of ['127.0.0.1', '::1']) {
  createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => client.destroy());
    reach(client, targets);
  })
    .on('error', (error) => {
      if (error.code === 'EADDRNOTAVAIL') return; // a machine without IPv6
      console.error(`cannot listen on ${host}:${port}: ${error.message}`);
      process.exit(1);
    })
    .listen(Number(port), host);
}
