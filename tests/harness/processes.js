// What runs on this machine, read from /proc. Linux only, as the servers we start are.

import { readFileSync, readdirSync } from 'node:fs';

/** The processes that have `text` in their command line or their environment: `[{pid, command}]`. */
export function processesWith(text) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid: Number(pid), command: read(pid, 'cmdline'), environment: read(pid, 'environ') }))
    .filter(({ command, environment }) => command.includes(text) || environment.includes(text))
    .map(({ pid, command }) => ({ pid, command: command.replaceAll('\0', ' ').trim() }));
}

/** Whether a process with this id exists and has not ended (a zombie has). */
export function isAlive(pid) {
  const stat = read(pid, 'stat');
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
