// Child processes and folders that never outlive us: on a normal end, an error, or Ctrl-C.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const children = new Set();
const folders = new Set();

process.on('exit', () => {
  children.forEach((child) => child.kill('SIGKILL'));
  folders.forEach(removeFolder);
});
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) {
  process.on(signal, () => process.exit(128 + number));
}

/**
 * Starts a server. `child.output()` is what it said last; `child.stop()` ends it gently, after ten seconds by force.
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => (said = (said + text).slice(-4000)));
  }
  children.add(child);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve((said += error.message)));
    child.once('exit', resolve);
  }).then(() => children.delete(child));

  child.output = () => said;
  child.hasEnded = () => !children.has(child);
  child.stop = async () => {
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(force);
  };
  return child;
}

/** A new, empty folder for `name`. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `slipway-${name}-`));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  // A server that was just killed may still write a file into it.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}

/** A port of this machine that was free just now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
