// Processes die: runtimes, the control plane, everything. What was stored stays, what was promised comes back.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Api, newPerson } from '../harness/api.js';
import { rest, useApp } from '../harness/parse-app.js';
import { Platform, freePort } from '../harness/platform.js';
import { isAlive } from '../harness/processes.js';
import { waitUntil } from '../harness/wait.js';

describe('when processes die', () => {
  let platform, api, app, keys, session, note;

  const readNote = () => rest(app, keys, 'GET', `/classes/Note/${note}`, { session });

  before(async () => {
    platform = await Platform.create();
    await platform.start();
    api = await Api.signUp(platform.url, newPerson());
    app = await api.createApp('Notes', 'eu');
    ({ body: keys } = await api.get(`/apps/${app.id}/keys`));
    const Parse = useApp(app, keys);
    await Parse.AnonymousUtils.logIn();
    session = Parse.User.current().getSessionToken();
    note = (await new Parse.Object('Note').save({ text: 'remember' })).id;
  });
  after(() => platform.remove());

  it('brings a killed runtime back within seconds, with its data', async () => {
    const killed = platform.runtimePid(app.id);
    process.kill(killed, 'SIGKILL');
    await waitUntil('the note is readable again', 15, async () => (await readNote()).body.text === 'remember');
    assert.notEqual(platform.runtimePid(app.id), killed);
  });

  it('keeps serving while the control plane is gone, and adopts the runtime when it returns', async () => {
    await api.waitForStatus(app.id, 'ready');
    const runtime = platform.runtimePid(app.id);
    await platform.kill();
    assert.equal((await readNote()).body.text, 'remember');

    await platform.start();
    await api.waitForStatus(app.id, 'ready');
    assert.equal(platform.runtimePid(app.id), runtime);
    assert.ok(isAlive(runtime));
    assert.equal((await readNote()).body.text, 'remember');
  });

  it('refuses a second platform on the same folder', async () => {
    const second = platform.spawn({ SLIPWAY_PORT: String(await freePort()) });
    const [code] = await once(second, 'exit');
    assert.notEqual(code, 0);
    assert.match(second.output, /already runs/);
  });

  it('ends on Ctrl-C with no process and no lock left', async () => {
    assert.equal(await platform.interrupt(), 0);
    assert.deepEqual(platform.processes(), []);
  });

  it('starts again with everything that was stored', async () => {
    await platform.start();
    // What the database last knew of the app is shown until its region has looked at it, hence not just the status.
    await waitUntil('the note is readable again', 30, async () => {
      app = await api.waitForStatus(app.id, 'ready');
      return (await readNote()).body.text === 'remember';
    });
    assert.equal(await platform.interrupt(), 0);
  });

  it('names the port that is taken', async () => {
    const squatter = createServer().listen(platform.port, '127.0.0.1');
    await once(squatter, 'listening');
    const refused = platform.spawn();
    const [code] = await once(refused, 'exit');
    squatter.close();
    assert.notEqual(code, 0);
    assert.match(refused.output, new RegExp(String(platform.port)));
    assert.match(refused.output, /SLIPWAY_PORT/);
  });

  it('leaves a data folder of a newer version alone', async () => {
    await writeFile(join(platform.dataFolder, 'version'), '999\n');
    const refused = platform.spawn();
    const [code] = await once(refused, 'exit');
    assert.notEqual(code, 0);
    assert.match(refused.output, /newer/i);
    assert.deepEqual(platform.processes(), []);
  });
});
