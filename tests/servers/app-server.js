// The two servers that can serve one Parse app: our runtime and the npm package. Both take the same settings file.

import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { installed } from './installed.js';
import { freePort, removeFolder, start, temporaryFolder } from './process.js';

const cache = process.env.SLIPWAY_CACHE ?? join(homedir(), '.cache/slipway');
const target = process.env.CARGO_TARGET_DIR ?? join(cache, 'target');

/** Keys of every app these tests start. */
export const keys = {
  appId: 'slipway-tests',
  masterKey: 'master-key-of-the-tests',
  javascriptKey: 'javascript-key-of-the-tests',
  restAPIKey: 'rest-key-of-the-tests',
};

export const kinds = {
  'slipway-runtime': (profile) => [join(target, profile, 'slipway-runtime'), 'serve', '--settings'],
  'parse-server': () => ['node', join(installed('parse-server'), 'bin/parse-server')],
};

/**
 * Starts a server of this kind on a database. Resolves when `/health` says ok, with `startedIn` in milliseconds.
 * `settings` are options by Parse Server's names, added to the keys, or a function of the server's URL that returns them.
 */
export async function startApp(kind, { databaseURI, settings = {}, profile = 'debug' }) {
  const folder = temporaryFolder('app');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/parse`;
  const file = join(folder, 'settings.json');
  const more = typeof settings === 'function' ? settings(url) : settings;
  const options = { ...keys, databaseURI, port, host: '127.0.0.1', serverURL: url, ...more };
  writeFileSync(file, JSON.stringify(options), { mode: 0o600 });

  const [command, ...args] = kinds[kind](profile);
  const begun = performance.now();
  const server = start(command, [...args, file], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production', PARSE_SERVER_LOGS_FOLDER: 'null' },
  });
  const stop = async () => {
    await server.stop();
    removeFolder(folder);
  };
  try {
    await healthy(url, server, options, begun + 180_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kind,
    url,
    port,
    pid: server.pid,
    startedIn: performance.now() - begun,
    stop,
  };
}

async function healthy(url, server, { routeAllowList }, deadline) {
  // Where others may ask little, the owner asks.
  const owner = routeAllowList ? { 'x-parse-master-key': keys.masterKey } : {};
  const headers = { 'x-parse-application-id': keys.appId, ...owner };
  while (performance.now() < deadline) {
    if (server.hasEnded()) throw new Error(`the server ended before it was ready:\n${server.output()}`);
    const ok = await fetch(`${url}/health`, { headers }).then(({ status }) => status === 200, () => false);
    if (ok) return;
    await pause(2);
  }
  throw new Error(`the server was not ready in time:\n${server.output()}`);
}

/** The installed version of the peer. */
export function peerVersion() {
  const manifest = join(installed('parse-server'), 'package.json');
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
