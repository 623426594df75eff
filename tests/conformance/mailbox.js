// Takes mail by SMTP, and by HTTP from Parse Server's adapter beside this file, and keeps it by the address it went to.

import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';

/** An open mailbox; `smtp` and `http` are the addresses that take mail. */
export class Mailbox {
  #mails = new Map();
  #servers;

  static async open() {
    const box = new Mailbox();
    const smtp = createTcp((socket) => box.#smtp(socket));
    const http = createHttp((request, response) => box.#http(request, response));
    box.#servers = [smtp, http];
    await Promise.all(box.#servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
    box.smtp = `smtp://127.0.0.1:${smtp.address().port}`;
    box.http = `http://127.0.0.1:${http.address().port}`;
    return box;
  }

  /** The texts sent to this address, oldest first. */
  to(address) {
    return this.#mails.get(address) ?? [];
  }

  async close() {
    this.#servers.forEach((server) => server.close());
    this.#servers[1].closeAllConnections();
  }

  #keep(address, text) {
    this.#mails.set(address, [...this.to(address), text]);
  }

  async #http(request, response) {
    const { to, text } = await json(request);
    this.#keep(to, text);
    response.end();
  }

  /** The least of RFC 5321 that a client needs to hand a mail over. */
  async #smtp(socket) {
    socket.on('error', () => socket.destroy());
    const say = (line) => socket.write(`${line}\r\n`);
    let to = [];
    let data;
    say('220 mailbox');
    for await (const line of createInterface({ input: socket })) {
      if (data && line !== '.') {
        data.push(line);
      } else if (data) {
        to.forEach((address) => this.#keep(address, plainText(data.join('\n'))));
        [to, data] = [[], undefined];
        say('250 kept');
      } else if (/^RCPT TO:/i.test(line)) {
        to.push(line.match(/<(.*)>/)[1]);
        say('250 ok');
      } else if (/^DATA/i.test(line)) {
        data = [];
        say('354 go on');
      } else {
        say(/^QUIT/i.test(line) ? '221 bye' : '250 ok');
      }
    }
  }
}

/** Undoes quoted-printable, in which long links are broken. */
const plainText = (mail) => mail.replaceAll('=\n', '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
