// The benchmark: starts mongod and each server in turn, loads it, prints both side by side.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, homedir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { waitUntil } from '../harness/wait.js';
import { peerVersion, startApp } from '../servers/app-server.js';
import { startMongod } from '../servers/mongod.js';
import { direct } from './direct.js';
import { cpuSeconds, residentBytes } from './proc.js';
import { report } from './report.js';
import { scenarios, seed } from './scenarios.js';
import { wrk } from './wrk.js';

const list = (name, fallback) => (process.env[name] ?? fallback).split(',');
const seconds = Number(process.env.BENCH_SECONDS ?? 8);
const connections = list('BENCH_CONNECTIONS', '1,16,64').map(Number);
const chosen = list('BENCH_SCENARIOS', Object.keys(scenarios).join());
const servers = list('BENCH_SERVERS', 'slipway-runtime,parse-server');

/** Both servers do the same work: clients may create classes, and classes have no permissions of their own. */
const settings = { allowClientClassCreation: true, logLevel: 'error', silent: true };
const STARTS = 3;

const mongod = await startMongod();
const results = {};
for (const kind of servers) results[kind] = await measure(kind);
const limit = servers.includes('slipway-runtime') ? await measureDriver(mongod.uri(database('slipway-runtime'))) : [];
await mongod.stop();

const document = {
  at: new Date().toISOString(),
  machine: { cores: cpus().length, model: cpus()[0]?.model, memoryBytes: totalmem() },
  seconds,
  versions: servers.includes('parse-server') ? { 'parse-server': peerVersion(), node: process.version } : {},
  results,
  limit,
};
const target = process.env.CARGO_TARGET_DIR ?? join(homedir(), '.cache/slipway/target');
mkdirSync(join(target, 'bench'), { recursive: true });
const file = join(target, 'bench/app-runtime.json');
writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
console.log(report(document));
console.log(`\nThe numbers are in ${file}`);

function database(kind) {
  return `bench_${kind.replace('-', '_')}`;
}

async function measure(kind) {
  const databaseURI = mongod.uri(database(kind));
  const begin = () => startApp(kind, { databaseURI, settings, profile: 'release' });

  const starts = [];
  for (let start = 0; start < STARTS; start += 1) {
    progress(kind, `start ${start + 1} of ${STARTS}`);
    const server = await begin();
    starts.push(server.startedIn);
    await server.stop();
  }
  const server = await begin();
  await pause(2_000);
  const idleBytes = residentBytes(server.pid);
  const seeded = await seed(server.url);

  const runs = [];
  for (const name of chosen) {
    for (const count of connections) {
      progress(kind, `${name}, ${count} connections`);
      runs.push({ scenario: name, connections: count, ...(await load(server, scenarios[name], count, seeded)) });
    }
  }
  const loadedBytes = residentBytes(server.pid);
  await server.stop();
  return { startMs: median(starts), idleBytes, loadedBytes, runs };
}

/** The same operations by the driver alone, on the objects that our runtime has made. */
async function measureDriver(uri) {
  const runs = [];
  for (const name of chosen.filter((name) => !scenarios[name].asUser)) {
    for (const count of connections) {
      progress('driver alone', `${name}, ${count} connections`);
      const before = cpuSeconds(mongod.pid);
      const run = await direct({ uri, scenario: name, connections: count, seconds });
      const mongodCpuMicros = ((cpuSeconds(mongod.pid) - before) * 1e6) / run.requests;
      runs.push({ scenario: name, connections: count, ...run, mongodCpuMicros });
    }
  }
  return runs;
}

async function load(server, scenario, count, seeded) {
  const job = { url: server.url, scenario, connections: count, seeded };
  await wrk({ ...job, seconds: Math.max(1, Math.round(seconds / 4)) });
  await idle(server.pid);
  const before = { server: cpuSeconds(server.pid), mongod: cpuSeconds(mongod.pid) };
  const run = await wrk({ ...job, seconds });
  const perRequest = (pid, earlier) => ((cpuSeconds(pid) - earlier) * 1e6) / run.requests;
  return {
    ...run,
    cpuMicros: perRequest(server.pid, before.server),
    mongodCpuMicros: perRequest(mongod.pid, before.mongod),
  };
}

/** Waits until nothing is left of the requests that the warm-up cut off: password hashes go on without their askers. */
async function idle(pid) {
  await waitUntil(`the server with the process id ${pid} has nothing left to do`, 120, async () => {
    const before = cpuSeconds(pid);
    await pause(200);
    return cpuSeconds(pid) - before <= 0.02;
  });
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function progress(kind, what) {
  console.error(`slipway: ${kind}: ${what}`);
}
