// A real `slipway dev` on a data folder of its own and a free port.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { processesWith } from './processes.js';
import { waitUntil } from './wait.js';

const cache = process.env.SLIPWAY_CACHE ?? join(homedir(), '.cache/slipway');
const target = process.env.CARGO_TARGET_DIR ?? join(cache, 'target');
const slipway = join(target, 'debug/slipway');

/** A TCP port of the loopback address that nothing listens on at this moment. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** One data folder and the `slipway dev` processes that serve it, one after the other. */
export class Platform {
  output = '';

  /** `environment` is added to what each `slipway dev` gets. */
  static async create(environment = {}) {
    if (!existsSync(slipway)) throw new Error(`${slipway} is missing: run \`make test\`, which builds it`);
    const platform = new Platform();
    platform.environment = environment;
    platform.folder = await mkdtemp(join(tmpdir(), 'slipway-journey-'));
    // Root runs PostgreSQL as another user, who has to get to its folder below this one.
    await chmod(platform.folder, 0o755);
    platform.dataFolder = join(platform.folder, 'data');
    platform.port = await freePort();
    platform.url = `http://localhost:${platform.port}`;
    return platform;
  }

  /** Starts `slipway dev` and waits until apps can be created. */
  async start() {
    this.process = this.spawn();
    await waitUntil('the platform is ready', 120, async () => {
      if (this.process.exitCode !== null) return true;
      return (await fetch(`${this.url}/readyz`)).ok;
    }).catch((error) => this.fail(error));
    if (this.process.exitCode !== null) this.fail(new Error(`slipway dev ended with code ${this.process.exitCode}`));
  }

  /** Starts another `slipway dev` without waiting for anything; its output is collected in `output`. */
  spawn(environment = {}) {
    const child = spawn(slipway, ['dev'], {
      cwd: this.folder,
      env: { ...process.env, SLIPWAY_DATA_DIR: this.dataFolder, SLIPWAY_PORT: String(this.port), ...this.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        child.output += text;
        this.output += text;
      });
    }
    return child;
  }

  /** Ctrl-C: waits until the process has ended and returns its exit code. */
  async interrupt() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGINT');
    const [code, signal] = await ended;
    return code ?? signal;
  }

  /** kill -9 of the control plane alone. */
  async kill() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }

  /** The processes that belong to this data folder. */
  processes() {
    return processesWith(this.dataFolder);
  }

  /** The process id of an app's runtime, as the local region driver noted it. */
  runtimePid(appId) {
    const text = readFileSync(join(this.dataFolder, 'apps', appId, 'runtime.pid'), 'utf8');
    return Number.parseInt(text, 10);
  }

  /** Ends whatever still runs and removes the folder. For `after` hooks. */
  async remove() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.interrupt();
    for (const { pid } of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended since it was listed.
      }
    }
    await waitUntil('all processes have ended', 20, () => this.processes().length === 0);
    await rm(this.folder, { recursive: true, force: true });
  }

  fail(error) {
    throw new Error(`${error.message}\n--- output of slipway dev ---\n${this.output}`, { cause: error });
  }
}
