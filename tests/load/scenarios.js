// What is measured, and the objects it is measured on.

import { keys } from '../servers/app-server.js';

const OBJECTS = 1_000;

export const headers = {
  'x-parse-application-id': keys.appId,
  'x-parse-rest-api-key': keys.restAPIKey,
  'content-type': 'application/json',
};

const note = (number) => ({
  title: `A note with a title of usual length, number ${number}`,
  score: number,
  done: number % 2 === 0,
  tags: ['first', 'second', 'third'],
  place: { __type: 'GeoPoint', latitude: 52.5, longitude: 13.4 },
  at: { __type: 'Date', iso: '2026-01-02T03:04:05.678Z' },
});

/** `path` may hold `{id}`, which becomes the id of a random object of the class that is read. */
export const scenarios = {
  create: { method: 'POST', path: '/classes/Written', body: JSON.stringify(note(1)), status: 201 },
  get: { method: 'GET', path: '/classes/Note/{id}', status: 200 },
  find: { method: 'GET', path: `/classes/Note?limit=20&where=${encodeURIComponent('{"score":{"$gte":0}}')}`, status: 200 },
};

/** Creates the objects that are read, and the class that is written to. Returns their ids. */
export async function seed(url) {
  await send(url, scenarios.create.path, note(0));
  const ids = [];
  for (let first = 0; first < OBJECTS; first += 50) {
    const requests = Array.from({ length: 50 }, (_, index) => ({
      method: 'POST',
      path: '/parse/classes/Note',
      body: note(first + index),
    }));
    const answers = await send(url, '/batch', { requests });
    ids.push(...answers.map(({ success }) => success.objectId));
  }
  return ids;
}

async function send(url, path, body) {
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}
