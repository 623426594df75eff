// The driver alone, as the limit of a plain design: see direct/src/main.rs.

import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { start } from '../servers/process.js';

const target = process.env.CARGO_TARGET_DIR ?? join(homedir(), '.cache/slipway/target');

/** Returns `{requests, perSecond, p50Ms, p99Ms}`; throws when a single operation failed. */
export async function direct({ uri, scenario, connections, seconds }) {
  const child = start(join(target, 'release/bench-direct'), [uri, scenario, `${connections}`, `${seconds}`]);
  const [status] = await once(child, 'close');
  const line = child.output().split('\n').find((text) => text.startsWith('RESULT '));
  if (status !== 0 || !line) throw new Error(`the driver failed:\n${child.output()}`);
  return JSON.parse(line.slice('RESULT '.length));
}
