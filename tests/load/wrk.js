// Runs wrk, a load generator that keeps a number of connections busy for a time and then ends by itself.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { removeFolder, start, temporaryFolder } from '../servers/process.js';
import { headers } from './scenarios.js';

/** Returns `{requests, perSecond, p50Ms, p99Ms}`; throws when a single request failed. `seeded` is what `seed` returned. */
export async function wrk({ url, scenario, connections, seconds, seeded }) {
  const folder = temporaryFolder('wrk');
  try {
    const script = join(folder, 'load.lua');
    writeFileSync(script, lua(new URL(url).pathname, scenario, seeded));
    const { origin } = new URL(url);
    const size = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`];
    const child = start('wrk', [...size, '--timeout', '10s', '--script', script, origin]);
    const [status] = await once(child, 'close');
    const line = child.output().split('\n').find((text) => text.startsWith('RESULT '));
    if (status !== 0 || !line) throw new Error(`wrk failed:\n${child.output()}`);
    return checked(JSON.parse(line.slice('RESULT '.length)));
  } finally {
    removeFolder(folder);
  }
}

function checked({ failed, unexpected, ...result }) {
  if (failed > 0 || unexpected > 0) {
    throw new Error(`${failed} requests failed and ${unexpected} had another status than expected`);
  }
  return result;
}

/** Only plain texts from `scenarios.js` are put into the script, as JSON strings, which Lua reads the same way. */
function lua(mount, { method, path, body, status, asUser }, { session, values }) {
  const text = (value) => JSON.stringify(value);
  const sent = asUser ? { ...headers, 'x-parse-session-token': session } : headers;
  const lines = Object.entries(sent).map(([name, value]) => `wrk.headers[${text(name)}] = ${text(value)}`);
  const [before, name, behind] = (mount + path).split(/\{(\w+)\}/);
  return `
wrk.method = ${text(method)}
wrk.body = ${body === undefined ? 'nil' : text(body)}
${lines.join('\n')}
local values = { ${(values[name] ?? ['']).map(text).join(', ')} }
math.randomseed(os.time())
function request()
  return wrk.format(nil, ${text(before)} .. values[math.random(#values)] .. ${text(behind ?? '')})
end

local threads = {}
unexpected = 0
function setup(thread) table.insert(threads, thread) end
function response(status) if status ~= ${status} then unexpected = unexpected + 1 end end
function done(summary, latency)
  local errors, wrong = summary.errors, 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("unexpected") end
  io.write(string.format(
    'RESULT {"requests":%d,"perSecond":%.2f,"p50Ms":%.3f,"p99Ms":%.3f,"failed":%d,"unexpected":%d}\\n',
    summary.requests, summary.requests * 1e6 / summary.duration, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, errors.connect + errors.read + errors.write + errors.timeout, wrong))
end
`;
}
