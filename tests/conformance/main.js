// Starts mongod and the servers that are asked for, runs the suite against them, and closes with the table.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startMongod } from '../servers/mongod.js';
import { Servers } from './servers.js';
import { printTable } from './table.js';

const here = dirname(fileURLToPath(import.meta.url));
const OURS = 'slipway-runtime';
const THEIRS = 'parse-server';
const SDKS = ['parse', 'parse-5'];

const { values: asked, positionals: only } = parseArgs({
  options: { peer: { type: 'boolean' }, both: { type: 'boolean' } },
  allowPositionals: true,
});
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.js') && (only.length === 0 || only.some((start) => name.startsWith(start))))
  .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));

process.exitCode = await main();

async function main() {
  const runs = [];
  const mongod = await startMongod();
  try {
    for (const [kind, sdk] of wanted()) runs.push(await run(mongod, kind, sdk));
  } finally {
    await mongod.stop();
  }
  if (asked.both) printTable(runs);
  return runs.every(({ failed }) => failed === 0) ? 0 : 1;
}

/** Which server with which SDK. Comparing the two takes one SDK, so that the table has one row per case. */
function wanted() {
  const sdks = process.env.PARSE_SDK ? [process.env.PARSE_SDK] : SDKS;
  if (asked.both) return [[OURS, sdks[0]], [THEIRS, sdks[0]]];
  return sdks.map((sdk) => [asked.peer ? THEIRS : OURS, sdk]);
}

/** Files of plain HTTP alone say the same with every SDK. */
function usesSdk(file) {
  return /^import .*\bParse\b.* from '.\/setup.js';$/m.test(readFileSync(join(here, file), 'utf8'));
}

async function run(mongod, kind, sdk) {
  const begun = performance.now();
  const servers = await Servers.open(kind, sdk, mongod);
  const waiting = sdk === SDKS[0] || process.env.PARSE_SDK ? [...files] : files.filter(usesSdk);
  const cases = [];
  const runner = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) cases.push(...(await runFile(file, servers.environment)));
  };
  try {
    await Promise.all([runner(), runner()]);
  } finally {
    await servers.close();
  }
  const failed = cases.filter(({ passed }) => !passed).length;
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`slipway: ${kind} with the npm package ${sdk}: ${cases.length} cases in ${seconds} s`);
  console.log(`${cases.length - failed} passed, ${failed} failed`);
  return { kind, cases, failed };
}

/** Runs one file and says how it went; a file that cannot be run at all is a failed case. */
async function runFile(file, environment) {
  const child = spawn(process.execPath, [`--test-reporter=${join(here, 'reporter.js')}`, join(here, file)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [lines, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const cases = lines.split('\n').filter((line) => line.startsWith('{"case"')).map((line) => ({ file, ...JSON.parse(line) }));
  const failed = cases.filter(({ passed }) => !passed);
  if (failed.length === 0 && (status !== 0 || cases.length === 0)) {
    cases.push({ file, case: 'the whole file', passed: false, why: `ended with ${status} after ${cases.length} cases\n${lines.slice(-2000)}` });
  }
  console.log(`${file}: ${cases.length} cases`);
  cases.filter(({ passed }) => !passed).forEach((one) => console.log(`✖ ${one.case}\n  ${one.why.replaceAll('\n', '\n  ')}`));
  return cases;
}
