// npm packages that tests run as servers, installed in the cache exactly as locked below this folder.
// `node installed.js NAME…` fetches them ahead of time.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = process.env.SLIPWAY_CACHE ?? join(homedir(), '.cache/slipway');

/** The folder of the package `name`; installs it when it is not there as locked. */
export function installed(name) {
  const source = join(here, name);
  const folder = join(cache, 'npm', name);
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
  const stamp = join(folder, '.slipway-lock');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    console.error(`slipway: installing ${name} from npm`);
    mkdirSync(folder, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(source, file), join(folder, file));
    const quiet = ['--loglevel=error', '--no-fund', '--no-audit'];
    execFileSync('npm', ['ci', ...quiet], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
    writeFileSync(stamp, lock);
  }
  return join(folder, 'node_modules', name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.argv.slice(2).forEach(installed);
