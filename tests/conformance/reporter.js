// A reporter for node's test runner: one line of JSON per case, for main.js.

export default async function* report(events) {
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details?.type === 'suite') continue;
    const error = data.details?.error?.cause ?? data.details?.error;
    yield `${JSON.stringify({ case: data.name, passed: type === 'test:pass', why: error && String(error.stack ?? error) })}\n`;
  }
}
