// How long founders wait on the cluster: from signup to the first object, for a pause and for a resumption.

import { useApp } from '../harness/parse-app.js';
import { expect } from '../harness/api.js';
import { newApp, newFounder, waitForAnswer } from '../cluster/e2e/support/app.js';

const ROUNDS = 3;
const measures = { 'signup to first object': [], 'pause to 402': [], 'resume to 200': [] };

for (let round = 0; round < ROUNDS; round += 1) {
  const began = performance.now();
  const founder = await newFounder();
  const app = await newApp(founder, `Bench ${round}`, round % 2 ? 'na' : 'eu');
  const Parse = useApp(app, app.keys);
  await Parse.User.logOut().catch(() => {});
  await Parse.AnonymousUtils.logIn();
  await new Parse.Object('Note').save({ round });
  measures['signup to first object'].push(performance.now() - began);

  await timed('pause to 402', founder, app, 'pause', 402);
  await timed('resume to 200', founder, app, 'resume', 200);
  await founder.delete(`/apps/${app.id}`).then(expect(200));
}
for (const [name, values] of Object.entries(measures)) {
  const seconds = values.map((value) => `${(value / 1000).toFixed(2)} s`);
  console.log(`${name.padEnd(24)} ${seconds.join('  ')}`);
}

async function timed(name, founder, app, action, status) {
  const began = performance.now();
  await founder.post(`/apps/${app.id}/${action}`).then(expect(200));
  await waitForAnswer(app, status, 60);
  measures[name].push(performance.now() - began);
}
