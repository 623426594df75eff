// The result as aligned text.

const number = (value) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));
const megabytes = (bytes) => `${number(bytes / 1e6)} MB`;
const times = (value) => `${number(value)}x`;

/** The tables for a document of `bench.js`. */
export function report({ machine, seconds, versions, results, limit }) {
  const [ours, theirs] = [results['slipway-runtime'], results['parse-server']];
  const peer = `parse-server ${versions['parse-server'] ?? ''}`.trim();
  const names = [ours && 'slipway-runtime', theirs && peer, ours && theirs && 'ratio'].filter(Boolean);
  const heading = `${machine.cores} cores, ${machine.model}; ${seconds} s per row; one mongod, one server at a time`;
  return [
    heading,
    table([['', ...names], ...processRows(ours, theirs)]),
    table([['', 'connections', ...loadHeadings(names)], ...loadRows(ours, theirs)]),
    ...(ours && limit.length > 0 ? [table([limitHeading, ...limitRows(ours, limit)])] : []),
  ].join('\n\n');
}

function processRows(ours, theirs) {
  return [
    ['start to first healthy answer', 'startMs', (value) => `${number(value)} ms`],
    ['idle memory (resident)', 'idleBytes', megabytes],
    ['memory after the load', 'loadedBytes', megabytes],
  ].map(([label, key, show]) => [
    label,
    ...[ours, theirs].filter(Boolean).map((result) => show(result[key])),
    ...(ours && theirs ? [times(theirs[key] / ours[key])] : []),
  ]);
}

const measures = [
  ['req/s', 'perSecond', (ours, theirs) => ours / theirs],
  ['p50 ms', 'p50Ms', (ours, theirs) => theirs / ours],
  ['p99 ms', 'p99Ms', (ours, theirs) => theirs / ours],
  ['CPU us/req', 'cpuMicros', (ours, theirs) => theirs / ours],
  ['mongod us/req', 'mongodCpuMicros', (ours, theirs) => theirs / ours],
];

function loadHeadings(names) {
  return measures.flatMap(([label]) => [label, ...names.slice(1).map((name) => (name === 'ratio' ? 'ratio' : 'peer'))]);
}

function loadRows(ours, theirs) {
  const runs = (ours ?? theirs).runs;
  return runs.map(({ scenario, connections }, index) => [
    scenario,
    `${connections}`,
    ...measures.flatMap(([, key, ratio]) => {
      const values = [ours, theirs].filter(Boolean).map((result) => result.runs[index][key]);
      return [...values.map(number), ...(values.length === 2 ? [times(ratio(...values))] : [])];
    }),
  ]);
}

const limitHeading = ['driver alone, one command a request', 'connections', 'req/s', 'ours', 'ratio', 'p99 ms', 'ours', 'mongod us/req', 'ours'];

/** Above 1 we are past the limit of a design that sends one command for each request. */
function limitRows(ours, limit) {
  return limit.map((driver) => {
    const run = ours.runs.find(({ scenario, connections }) => scenario === driver.scenario && connections === driver.connections);
    const pairs = ['p99Ms', 'mongodCpuMicros'].flatMap((key) => [number(driver[key]), number(run[key])]);
    const speeds = [number(driver.perSecond), number(run.perSecond), times(run.perSecond / driver.perSecond)];
    return [driver.scenario, `${driver.connections}`, ...speeds, ...pairs];
  });
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n');
}
