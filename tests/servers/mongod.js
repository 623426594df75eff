// A private MongoDB for one run: a one-node replica set on a free port, in a folder that is removed at the end.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { waitUntil } from '../harness/wait.js';
import { freePort, removeFolder, start, temporaryFolder } from './process.js';
import { initiate, isPrimary } from './replica-set.js';

const SET = 'tests';

/** Starts it; `uri(database)` is a connection string, `pid` the server's process, `stop()` ends and removes it. */
export async function startMongod() {
  const folder = temporaryFolder('mongo');
  const port = await freePort();
  const server = start(mongodPath(), [
    ...['--port', port, '--bind_ip', '127.0.0.1', '--dbpath', folder],
    ...['--replSet', SET, '--wiredTigerCacheSizeGB', '0.5', '--quiet', '--nounixsocket'],
  ]);
  await waitUntil('mongod answers', 60, () => {
    if (server.hasEnded()) throw new Error(server.output());
    return isPrimary(port).then(() => true);
  });
  await initiate(port, SET);
  await waitUntil('mongod takes writes', 60, () => isPrimary(port));
  return {
    pid: server.pid,
    uri: (database) => `mongodb://127.0.0.1:${port}/${database}?replicaSet=${SET}`,
    stop: async () => {
      await server.stop();
      removeFolder(folder);
    },
  };
}

function mongodPath() {
  const cache = process.env.SLIPWAY_CACHE ?? join(homedir(), '.cache/slipway');
  const places = [...(process.env.PATH ?? '').split(delimiter), join(cache, 'bin')].map((folder) => join(folder, 'mongod'));
  const found = [process.env.SLIPWAY_MONGOD, ...places].find((path) => path && existsSync(path));
  if (!found) throw new Error('mongod was not found; run `make setup`');
  return found;
}
