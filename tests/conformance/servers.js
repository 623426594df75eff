// The servers of one run: one for each set of settings that a test file asks for, and the mailbox they send to.

import { createServer } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { keys, startApp } from '../servers/app-server.js';
import { Mailbox } from './mailbox.js';

const here = dirname(fileURLToPath(import.meta.url));

export const moreKeys = {
  readOnlyMasterKey: 'read-only-master-key-of-the-tests',
  maintenanceKey: 'maintenance-key-of-the-tests',
};
const always = { ...moreKeys, allowClientClassCreation: true, logLevel: 'error', silent: true };

/** Started servers by their settings. Test files ask for them over HTTP, because each is a process of its own. */
export class Servers {
  #kind;
  #mongod;
  #sdk;
  #mailbox;
  #http;
  #started = new Map();

  static async open(kind, sdk, mongod) {
    const servers = new Servers();
    servers.#kind = kind;
    servers.#sdk = sdk;
    servers.#mongod = mongod;
    servers.#mailbox = await Mailbox.open();
    servers.#http = createServer((request, response) => servers.#answer(request, response)).listen(0, '127.0.0.1');
    await once(servers.#http, 'listening');
    return servers;
  }

  /** What a test file needs to know; see setup.js. */
  get environment() {
    return {
      CONFORMANCE_SERVERS: `http://127.0.0.1:${this.#http.address().port}`,
      CONFORMANCE_KIND: this.#kind,
      PARSE_SDK: this.#sdk,
    };
  }

  async close() {
    this.#http.close();
    this.#http.closeAllConnections();
    const apps = await Promise.allSettled(this.#started.values());
    await Promise.all(apps.map(({ value }) => value?.stop()));
    await this.#mailbox.close();
  }

  /** POST / with settings answers the address of a server that has them; GET /mails?to= what was sent there. */
  async #answer(request, response) {
    const url = new URL(request.url, 'http://localhost');
    const work = url.pathname === '/mails'
      ? Promise.resolve(this.#mailbox.to(url.searchParams.get('to')))
      : text(request).then((settings) => this.#with(settings)).then((app) => ({ url: app.url }));
    await work.then(
      (body) => response.end(JSON.stringify(body)),
      (error) => response.writeHead(500).end(JSON.stringify({ error: error.message })),
    );
  }

  #with(settings) {
    if (!this.#started.has(settings)) this.#started.set(settings, this.#start(JSON.parse(settings)));
    return this.#started.get(settings);
  }

  /** `mail: true` becomes what this kind of server needs to send mail to the mailbox. */
  #start({ mail, ...settings }) {
    const databaseURI = this.#mongod.uri(`${this.#kind}-${this.#sdk}-${this.#started.size}`);
    const options = (url) => ({ ...always, ...(mail && this.#mail(url)), ...settings });
    return startApp(this.#kind, { databaseURI, settings: options });
  }

  #mail(url) {
    const common = { appName: 'Conformance', publicServerURL: url };
    if (this.#kind === 'slipway-runtime') {
      return { ...common, mail: { smtpUrl: this.#mailbox.smtp, from: 'Conformance <app@example.org>' } };
    }
    return { ...common, emailAdapter: { module: join(here, 'mail-adapter.cjs'), options: { url: this.#mailbox.http } } };
  }
}

export { keys };
