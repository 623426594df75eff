// 4.3 Constraints on places, areas and words.

import assert from 'node:assert/strict';
import test from 'node:test';

import { badInput, created, defined, differs, newClass, refused, rest, succeeds, table } from './setup.js';

const geo = (latitude, longitude) => ({ __type: 'GeoPoint', latitude, longitude });
const polygon = (...coordinates) => ({ __type: 'Polygon', coordinates });

const cities = newClass('City');
for (const [name, latitude, longitude] of [['bonn', 50.73, 7.1], ['köln', 50.94, 6.96], ['berlin', 52.52, 13.4], ['paris', 48.86, 2.35], ['sydney', -33.87, 151.21]]) {
  await created(cities, { name, at: geo(latitude, longitude), ...(name !== 'sydney' && { europe: true }) });
}
await created(cities, { name: 'atlantis' });
const bonn = geo(50.73, 7.1);
const find = (where, query = {}) => rest('GET', `/classes/${cities}`, { query: { where, ...query } });
const names = async (where, query) => (await succeeds(find(where, query))).results.map(({ name }) => name);

table({
  '$nearSphere sorts by distance': [{ $nearSphere: bonn }, ['bonn', 'köln', 'paris', 'berlin', 'sydney']],
  '$maxDistance in radians': [{ $nearSphere: bonn, $maxDistance: 0.01 }, ['bonn', 'köln']],
  '$maxDistanceInRadians': [{ $nearSphere: bonn, $maxDistanceInRadians: 0.01 }, ['bonn', 'köln']],
  '$maxDistanceInKilometers': [{ $nearSphere: bonn, $maxDistanceInKilometers: 450 }, ['bonn', 'köln', 'paris']],
  '$maxDistanceInMiles': [{ $nearSphere: bonn, $maxDistanceInMiles: 270 }, ['bonn', 'köln', 'paris']],
  '$maxDistance of nothing finds the place itself': [{ $nearSphere: bonn, $maxDistance: 0 }, ['bonn']],
}, async (at, want) => assert.deepEqual(await names({ at }), want));

table({
  '$within a box': [{ $within: { $box: [geo(50, 6), geo(53, 14)] } }, ['berlin', 'bonn', 'köln']],
  '$geoWithin a polygon of points': [{ $geoWithin: { $polygon: [geo(48, 2), geo(48, 8), geo(51.5, 8), geo(51.5, 2)] } }, ['bonn', 'köln', 'paris']],
  '$geoWithin a sphere about a point': [{ $geoWithin: { $centerSphere: [bonn, 0.01] } }, ['bonn', 'köln']],
  '$geoWithin a sphere about a pair, which is longitude and latitude': [{ $geoWithin: { $centerSphere: [[7.1, 50.73], 0.01] } }, ['bonn', 'köln']],
  '$geoWithin what crosses the whole earth': [{ $geoWithin: { $centerSphere: [bonn, 3.2] } }, ['berlin', 'bonn', 'köln', 'paris', 'sydney']],
}, async (at, want) => assert.deepEqual((await names({ at }, { order: 'name' })), want));

differs('polygonsInQueries', '$geoWithin a Polygon', async (corners) => {
  assert.deepEqual(await names({ at: { $geoWithin: { $polygon: polygon(...corners) } } }, { order: 'name' }), ['bonn', 'köln', 'paris']);
});

test('$nearSphere beside a condition, a limit and a count', async () => {
  assert.deepEqual(await names({ at: { $nearSphere: bonn }, europe: true }, { limit: 2, skip: 1 }), ['köln', 'paris']);
  assert.equal((await succeeds(find({ at: { $nearSphere: bonn, $maxDistance: 0.01 } }, { count: 1, limit: 0 }))).count, 2);
});

test('an order given wins over the distance', async () => {
  assert.deepEqual(await names({ at: { $nearSphere: bonn, $maxDistance: 0.2 } }, { order: '-name' }), ['paris', 'köln', 'bonn', 'berlin']);
});

test('a place equals itself', async () => assert.deepEqual(await names({ at: bonn }), ['bonn']));

const areas = newClass('Area');
const square = polygon([0, 0], [0, 10], [10, 10], [10, 0]);
await created(areas, { name: 'square', area: square });
await created(areas, { name: 'triangle', area: polygon([20, 20], [20, 30], [30, 30]) });
const areasAt = async (area) => (await succeeds(rest('GET', `/classes/${areas}`, { query: { where: { area } } }))).results.map(({ name }) => name);

table({
  '$geoIntersects a point inside': [{ $geoIntersects: { $point: geo(5, 5) } }, ['square']],
  '$geoIntersects a point outside': [{ $geoIntersects: { $point: geo(15, 15) } }, []],
  'a polygon equals itself': [square, ['square']],
}, async (area, want) => assert.deepEqual(await areasAt(area), want));

table({
  'a polygon of two points': [{ $geoWithin: { $polygon: [geo(0, 0), geo(1, 1)] } }],
  'a polygon of words': [{ $geoWithin: { $polygon: ['a', 'b', 'c'] } }],
  'a box of one corner': [{ $within: { $box: [bonn] } }],
  'a sphere without distance': [{ $geoWithin: { $centerSphere: [bonn] } }],
  'a sphere of a negative distance': [{ $geoWithin: { $centerSphere: [bonn, -1] } }],
  'a sphere of words': [{ $geoWithin: { $centerSphere: ['a', 'b'] } }],
  'an intersection with a word': [{ $geoIntersects: { $point: 'a' } }],
}, (at) => refused(find({ at }), 400, 107));

badInput('a place of words', 107, () => find({ at: { $nearSphere: 'a' } }));

const texts = newClass('Text');
await defined(texts, { fields: { body: { type: 'String' } }, indexes: { words: { body: 'text' } } });
for (const body of ['coffee is ready', 'coffee coffee coffee', 'Tea and Café', 'coffee with milk, not tea']) await created(texts, { body });
const search = (more) => ({ body: { $text: { $search: more } } });
const searched = async (more, query = {}) => (await succeeds(rest('GET', `/classes/${texts}`, { query: { where: search(more), order: 'body', ...query } }))).results.map(({ body }) => body);

table({
  '$text finds a word': [{ $term: 'tea' }, ['Tea and Café', 'coffee with milk, not tea']],
  '$text finds any of two words': [{ $term: 'milk ready' }, ['coffee is ready', 'coffee with milk, not tea']],
  '$text finds a phrase': [{ $term: '"is ready"' }, ['coffee is ready']],
  '$text leaves a word out': [{ $term: 'coffee -milk' }, ['coffee coffee coffee', 'coffee is ready']],
  '$text minds the case': [{ $term: 'Tea', $caseSensitive: true }, ['Tea and Café']],
  '$text minds diacritics': [{ $term: 'cafe', $diacriticSensitive: true }, []],
  '$text does not mind diacritics': [{ $term: 'cafe', $diacriticSensitive: false }, ['Tea and Café']],
  '$text in a language': [{ $term: 'readying', $language: 'en' }, ['coffee is ready']],
}, async (more, want) => assert.deepEqual(await searched(more), want));

test('$text gives and sorts by the score', async () => {
  const where = search({ $term: 'coffee' });
  const { results } = await succeeds(rest('GET', `/classes/${texts}`, { query: { where, order: '$score', keys: '$score,body' } }));
  assert.equal(results[0].body, 'coffee coffee coffee');
  assert.ok(results.every(({ score }, index) => index === 0 || score <= results[index - 1].score));
});
