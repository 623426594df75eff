// Starts mongod and the server that is asked for, runs the suite against it, and ends both.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { keys, startApp } from '../servers/app-server.js';
import { startMongod } from '../servers/mongod.js';

const here = dirname(fileURLToPath(import.meta.url));
const kind = process.argv.includes('--peer') ? 'parse-server' : 'slipway-runtime';

process.exitCode = process.env.PARSE_SERVER_URL ? await suite({}) : await withServer(suite);

async function withServer(work) {
  const mongod = await startMongod();
  const settings = { allowClientClassCreation: true, logLevel: 'error', silent: true };
  const app = await startApp(kind, { databaseURI: mongod.uri('conformance'), settings });
  try {
    return await work({
      PARSE_SERVER_URL: app.url,
      PARSE_SERVER_KIND: kind,
      PARSE_APP_ID: keys.appId,
      PARSE_JS_KEY: keys.javascriptKey,
      PARSE_REST_KEY: keys.restAPIKey,
      PARSE_MASTER_KEY: keys.masterKey,
    });
  } finally {
    await app.stop();
    await mongod.stop();
  }
}

async function suite(environment) {
  const files = readdirSync(here).filter((name) => name.endsWith('.test.js'));
  const child = spawn(process.execPath, ['--test', '--test-reporter=spec', ...files.map((name) => join(here, name))], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = await once(child, 'exit');
  return status ?? 1;
}
