// The two MongoDB commands that make a one-node replica set, in the wire protocol itself, so that the tests need no
// driver: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg

import { once } from 'node:events';
import { connect } from 'node:net';

const OP_MSG = 2013;

/** Makes the mongod on this port the only member of the replica set `name`. */
export async function initiate(port, name) {
  const config = { _id: name, members: { 0: { _id: 0, host: `127.0.0.1:${port}` } } };
  await command(port, { replSetInitiate: config, $db: 'admin' });
}

/** Whether the mongod on this port takes writes. */
export async function isPrimary(port) {
  const reply = await command(port, { hello: 1, $db: 'admin' });
  const field = Buffer.from('\x08isWritablePrimary\0', 'latin1');
  const at = reply.indexOf(field);
  return at >= 0 && reply[at + field.length] === 1;
}

async function command(port, document) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(message(document));
    let reply = Buffer.alloc(0);
    while (reply.length < 4 || reply.length < reply.readInt32LE(0)) {
      const [chunk] = await once(socket, 'data');
      reply = Buffer.concat([reply, chunk]);
    }
    return reply;
  } finally {
    socket.destroy();
  }
}

function message(document) {
  const body = Buffer.concat([Buffer.alloc(5), bson(document)]);
  const header = Buffer.alloc(16);
  [header.length + body.length, 1, 0, OP_MSG].forEach((value, index) => header.writeInt32LE(value, index * 4));
  return Buffer.concat([header, body]);
}

function bson(document) {
  const elements = Object.entries(document).map(([name, value]) => element(name, value));
  const length = Buffer.alloc(4);
  const body = Buffer.concat([...elements, Buffer.alloc(1)]);
  length.writeInt32LE(body.length + 4);
  return Buffer.concat([length, body]);
}

/** Texts, small integers and documents; a document called `members` is an array, which BSON writes the same way. */
function element(name, value) {
  const key = Buffer.from(`${name}\0`);
  const number = Buffer.alloc(4);
  if (typeof value === 'number') {
    number.writeInt32LE(value);
    return Buffer.concat([Buffer.from([0x10]), key, number]);
  }
  if (typeof value === 'string') {
    const text = Buffer.from(`${value}\0`);
    number.writeInt32LE(text.length);
    return Buffer.concat([Buffer.from([0x02]), key, number, text]);
  }
  return Buffer.concat([Buffer.from([name === 'members' ? 0x04 : 0x03]), key, bson(value)]);
}
