// Steady requests to one app by one of its users, and an account of what became of each.

import { setTimeout as pause } from 'node:timers/promises';


const className = 'Entry';

export class Traffic {
  /** Ids of the objects that the app said it had saved. */
  saved = [];
  /** `{method, at, reason}` of each request that failed. */
  failures = [];
  /** Milliseconds each read took. */
  reads = [];
  /** When, in milliseconds since the start, each request succeeded. */
  successes = [];

  /** `send(method, path, body)` speaks as a signed-in user of the app. */
  constructor(send) {
    this.send = send;
    this.running = false;
  }

  /** Each of the writers and readers sends a request, and the next one shortly after its answer. */
  start({ writers = 3, readers = 3 } = {}) {
    this.running = true;
    this.began = Date.now();
    this.lanes = [
      ...Array.from({ length: writers }, () => this.lane(() => this.write())),
      ...Array.from({ length: readers }, () => this.lane(() => this.read())),
    ];
    return this;
  }

  async stop() {
    this.running = false;
    await Promise.all(this.lanes);
    return this;
  }

  async lane(request) {
    while (this.running) {
      await request();
      await pause(30);
    }
  }

  write() {
    return this.count('POST', `/classes/${className}`, { at: Date.now() }, (body) => this.saved.push(body.objectId));
  }

  async read() {
    const began = performance.now();
    await this.count('GET', `/classes/${className}?limit=5&order=-createdAt`, undefined, () => this.reads.push(performance.now() - began));
  }

  async count(method, path, body, succeeded) {
    const failed = (reason) => this.failures.push({ method, at: Date.now() - this.began, reason });
    try {
      const answer = await withDeadline(this.send(method, path, body));
      if (answer.status >= 300) return failed(`${answer.status} ${JSON.stringify(answer.body)}`);
      this.successes.push(Date.now() - this.began);
      succeeded(answer.body);
    } catch (error) {
      failed(error.cause?.code ?? error.message);
    }
  }

  /** The longest time without any answer, in milliseconds. */
  longestGap() {
    const moments = [0, ...this.successes.toSorted((a, b) => a - b)];
    return Math.max(...moments.slice(1).map((at, index) => at - moments[index]));
  }

  /** Objects that were acknowledged and are not there. */
  async lost() {
    const there = new Set();
    for (let skip = 0; ; skip += 1000) {
      const { status, body } = await this.send('GET', `/classes/${className}?keys=objectId&limit=1000&order=objectId&skip=${skip}`);
      if (status !== 200) throw new Error(`reading back answered ${status} ${JSON.stringify(body)}`);
      for (const { objectId } of body.results) there.add(objectId);
      if (body.results.length < 1000) break;
    }
    return this.saved.filter((id) => !there.has(id));
  }
}

export function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];
}

function withDeadline(request, seconds = 15) {
  const deadline = pause(seconds * 1000, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${seconds} s`);
  });
  return Promise.race([request, deadline]);
}
