// 4.2 The grammar of `where` and 4.3 every constraint, against fields of every type, null and missing.

import assert from 'node:assert/strict';
import test from 'node:test';

import { badInput, created, differs, newClass, pointer, refused, rest, succeeds, table } from './setup.js';

const teams = newClass('Team');
const [red, blue] = [await created(teams, { colour: 'red', rank: 1 }), await created(teams, { colour: 'blue', rank: 2 })];
const team = (id) => pointer(teams, id);
const date = (iso) => ({ __type: 'Date', iso });

const players = newClass('Player');
const rows = [
  { name: 'ann', n: 1, ok: true, tags: ['x', 'y'], team: team(red), at: date('2026-01-01T00:00:00.000Z'), o: { a: 1, deep: { b: 'x' } } },
  { name: 'bob', n: 2, ok: false, tags: ['y'], team: team(blue), at: date('2026-02-01T00:00:00.000Z'), o: { a: 2 } },
  { name: 'Cat', n: 3, tags: [], team: team(red), list: [{ k: 1 }, { k: 2 }], matches: [team(red), team(blue)] },
  { name: 'dan', n: null, tags: ['z', 'x', 'y'], text: 'The (quick) brown.fox', at: date('2026-03-01T00:00:00.000Z') },
  { name: 'eve', text: 'a line\nAnother line', matches: [team(blue)], friends: { __op: 'AddRelation', objects: [team(blue)] } },
];
const ids = {};
for (const row of rows) ids[row.name] = await created(players, row);

const all = ['Cat', 'ann', 'bob', 'dan', 'eve'];
const find = (where, query = {}) => rest('GET', `/classes/${players}`, { query: { where, order: 'name', ...query } });
const names = async (where) => (await succeeds(find(where))).results.map(({ name }) => name);
const finds = (rows) => table(rows, async (where, want) => {
  assert.deepEqual(await names(where), want);
  assert.equal((await succeeds(find(where, { count: 1, limit: 0 }))).count, want.length, 'the count');
});

finds({
  'a text': [{ name: 'ann' }, ['ann']],
  'a text in another case': [{ name: 'cat' }, []],
  'a number': [{ n: 2 }, ['bob']],
  'a number as a text finds nothing': [{ n: '2' }, []],
  'a truth': [{ ok: true }, ['ann']],
  'a falsehood': [{ ok: false }, ['bob']],
  'a date': [{ at: date('2026-02-01T00:00:00.000Z') }, ['bob']],
  'a pointer': [{ team: team(red) }, ['Cat', 'ann']],
  'an element of a list': [{ tags: 'y' }, ['ann', 'bob', 'dan']],
  'a pointer in a list': [{ matches: team(blue) }, ['Cat', 'eve']],
  'null finds null and missing': [{ n: null }, ['dan', 'eve']],
  '$eq null finds them too': [{ n: { $eq: null } }, ['dan', 'eve']],
  '$eq a value': [{ name: { $eq: 'bob' } }, ['bob']],
  'a field inside an object': [{ 'o.a': 2 }, ['bob']],
  'a field deep inside an object': [{ 'o.deep.b': 'x' }, ['ann']],
  'a field of objects in a list': [{ 'list.k': 2 }, ['Cat']],
  'an element of a list by its place': [{ 'list.0.k': 1 }, ['Cat']],
  'a missing field inside an object is null': [{ 'o.deep.b': null }, ['Cat', 'bob', 'dan', 'eve']],
  'an id': [{ objectId: ids.ann }, ['ann']],
  'two conditions are both true': [{ team: team(red), n: 3 }, ['Cat']],
  'nothing asked finds all': [{}, all],
  'a field nobody has': [{ unheard: 1 }, []],
});

finds({
  '$ne a value includes null and missing': [{ n: { $ne: 1 } }, ['Cat', 'bob', 'dan', 'eve']],
  '$ne null is to exist': [{ n: { $ne: null } }, ['Cat', 'ann', 'bob']],
  '$ne an element of a list': [{ tags: { $ne: 'x' } }, ['Cat', 'bob', 'eve']],
  '$ne a pointer': [{ team: { $ne: team(red) } }, ['bob', 'dan', 'eve']],
  '$ne a truth': [{ ok: { $ne: true } }, ['Cat', 'bob', 'dan', 'eve']],
  '$ne on a field nobody has': [{ unheard: { $ne: 1 } }, all],
  '$lt': [{ n: { $lt: 2 } }, ['ann']],
  '$lte': [{ n: { $lte: 2 } }, ['ann', 'bob']],
  '$gt': [{ n: { $gt: 2 } }, ['Cat']],
  '$gte': [{ n: { $gte: 2 } }, ['Cat', 'bob']],
  '$gt and $lt': [{ n: { $gt: 1, $lt: 3 } }, ['bob']],
  '$gt a text': [{ name: { $gt: 'bob' } }, ['dan', 'eve']],
  '$gt a date': [{ at: { $gt: date('2026-01-15T00:00:00.000Z') } }, ['bob', 'dan']],
  '$lte a date': [{ at: { $lte: date('2026-02-01T00:00:00.000Z') } }, ['ann', 'bob']],
  '$gt inside an object': [{ 'o.a': { $gt: 1 } }, ['bob']],
  '$lt on creation times': [{ createdAt: { $lt: date('2001-01-01T00:00:00.000Z') } }, []],
  '$gt on creation times': [{ createdAt: { $gt: date('2001-01-01T00:00:00.000Z') } }, all],
  '$in': [{ name: { $in: ['ann', 'dan', 'nobody'] } }, ['ann', 'dan']],
  '$in of a list field': [{ tags: { $in: ['x', 'q'] } }, ['ann', 'dan']],
  '$in of pointers': [{ team: { $in: [team(blue)] } }, ['bob']],
  '$in null finds missing': [{ n: { $in: [null] } }, ['dan', 'eve']],
  '$in nothing finds nothing': [{ n: { $in: [] } }, []],
  '$in ids': [{ objectId: { $in: [ids.ann, ids.bob] } }, ['ann', 'bob']],
  '$in dates': [{ at: { $in: [date('2026-01-01T00:00:00.000Z')] } }, ['ann']],
  '$nin includes missing': [{ n: { $nin: [1, 2] } }, ['Cat', 'dan', 'eve']],
  '$nin of a list field': [{ tags: { $nin: ['x'] } }, ['Cat', 'bob', 'eve']],
  '$nin of pointers': [{ team: { $nin: [team(red)] } }, ['bob', 'dan', 'eve']],
  '$nin nothing finds all': [{ n: { $nin: [] } }, all],
  '$nin ids': [{ objectId: { $nin: [ids.ann, ids.bob] } }, ['Cat', 'dan', 'eve']],
  '$all': [{ tags: { $all: ['x', 'y'] } }, ['ann', 'dan']],
  '$all of one': [{ tags: { $all: ['z'] } }, ['dan']],
  '$all nothing finds nothing': [{ tags: { $all: [] } }, []],
  '$all by beginnings': [{ tags: { $all: [{ $regex: '^\\Qx\\E' }, { $regex: '^\\Qz\\E' }] } }, ['dan']],
  '$containedBy': [{ tags: { $containedBy: ['x', 'y', 'q'] } }, ['Cat', 'ann', 'bob', 'eve']],
  '$exists': [{ n: { $exists: true } }, ['Cat', 'ann', 'bob', 'dan']],
  '$exists false': [{ n: { $exists: false } }, ['eve']],
  '$exists on a pointer': [{ team: { $exists: true } }, ['Cat', 'ann', 'bob']],
  '$exists false on a pointer': [{ team: { $exists: false } }, ['dan', 'eve']],
  '$exists as a number': [{ n: { $exists: 1 } }, ['Cat', 'ann', 'bob', 'dan']],
  '$exists as zero': [{ n: { $exists: 0 } }, ['eve']],
  '$exists as a text, which is true': [{ n: { $exists: 'false' } }, ['Cat', 'ann', 'bob', 'dan']],
  '$exists as an empty text, which is true as well': [{ n: { $exists: '' } }, ['Cat', 'ann', 'bob', 'dan']],
  '$exists as null': [{ n: { $exists: null } }, ['eve']],
  '$exists inside an object': [{ 'o.deep': { $exists: true } }, ['ann']],
  '$exists false on a field nobody has': [{ unheard: { $exists: false } }, all],
  '$not is no operator of clients, $ne with $exists is': [{ n: { $ne: 1, $exists: true } }, ['Cat', 'bob', 'dan']],
});

finds({
  '$regex of a beginning': [{ name: { $regex: '^a' } }, ['ann']],
  '$regex without case': [{ name: { $regex: '^c', $options: 'i' } }, ['Cat']],
  '$regex of a quoted text': [{ text: { $regex: '\\Q(quick)\\E' } }, ['dan']],
  '$regex of a quoted beginning': [{ text: { $regex: '^\\QThe (\\E' } }, ['dan']],
  '$regex of a quoted end': [{ text: { $regex: '\\Q.fox\\E$' } }, ['dan']],
  '$regex over lines': [{ text: { $regex: '^Another', $options: 'm' } }, ['eve']],
  '$regex where a dot is a line\'s end': [{ text: { $regex: 'line.Another', $options: 's' } }, ['eve']],
  '$regex with spaces for reading': [{ name: { $regex: '^ a n  n', $options: 'x' } }, ['ann']],
  '$regex on a number finds nothing': [{ n: { $regex: '1' } }, []],
  '$regex on a list looks at its elements': [{ tags: { $regex: '^z' } }, ['dan']],
});

finds({
  $or: [{ $or: [{ name: 'ann' }, { n: 2 }] }, ['ann', 'bob']],
  '$or beside a condition': [{ $or: [{ name: 'ann' }, { n: 2 }], ok: true }, ['ann']],
  $and: [{ $and: [{ tags: 'x' }, { tags: 'z' }] }, ['dan']],
  $nor: [{ $nor: [{ name: 'ann' }, { n: 2 }] }, ['Cat', 'dan', 'eve']],
  '$or inside $and': [{ $and: [{ $or: [{ name: 'ann' }, { name: 'bob' }] }, { ok: false }] }, ['bob']],
  '$and inside $or': [{ $or: [{ $and: [{ name: 'ann' }, { n: 1 }] }, { name: 'eve' }] }, ['ann', 'eve']],
});

finds({
  $inQuery: [{ team: { $inQuery: { className: teams, where: { colour: 'red' } } } }, ['Cat', 'ann']],
  $notInQuery: [{ team: { $notInQuery: { className: teams, where: { colour: 'red' } } } }, ['bob', 'dan', 'eve']],
  '$inQuery that finds nothing': [{ team: { $inQuery: { className: teams, where: { colour: 'none' } } } }, []],
  '$inQuery does not look at a limit': [{ team: { $inQuery: { className: teams, where: {}, limit: 1, order: '-rank' } } }, ['Cat', 'ann', 'bob']],
  '$inQuery inside $or': [{ $or: [{ team: { $inQuery: { className: teams, where: { colour: 'blue' } } } }, { name: 'eve' }] }, ['bob', 'eve']],
  '$inQuery in a list of pointers': [{ matches: { $inQuery: { className: teams, where: { colour: 'red' } } } }, ['Cat']],
  $select: [{ n: { $select: { query: { className: teams, where: {} }, key: 'rank' } } }, ['ann', 'bob']],
  $dontSelect: [{ n: { $dontSelect: { query: { className: teams, where: {} }, key: 'rank' } } }, ['Cat', 'dan', 'eve']],
  '$select with a condition': [{ n: { $select: { query: { className: teams, where: { colour: 'blue' } }, key: 'rank' } } }, ['bob']],
  'a relation that holds an object': [{ friends: team(blue) }, ['eve']],
  'a relation that holds one of': [{ friends: { $in: [team(blue), team(red)] } }, ['eve']],
  'a relation that does not hold an object': [{ friends: { $ne: team(blue) } }, ['Cat', 'ann', 'bob', 'dan']],
  'a relation that holds none of': [{ friends: { $nin: [team(blue)] } }, ['Cat', 'ann', 'bob', 'dan']],
});

finds({
  'a relation that holds one of what $inQuery finds': [{ friends: { $inQuery: { className: teams, where: { colour: 'blue' } } } }, ['eve']],
  'a relation that holds none of what $inQuery finds': [{ friends: { $inQuery: { className: teams, where: { colour: 'red' } } } }, []],
  'a relation that holds nothing of what $notInQuery finds': [{ friends: { $notInQuery: { className: teams, where: { colour: 'blue' } } } }, ['Cat', 'ann', 'bob', 'dan']],
  '$notInQuery that finds nothing': [{ friends: { $notInQuery: { className: teams, where: { colour: 'none' } } } }, all],
  '$inQuery on a relation inside $or': [{ $or: [{ friends: { $inQuery: { className: teams, where: { rank: 2 } } } }, { name: 'bob' }] }, ['bob', 'eve']],
  'a pointer among ids': [{ team: { $in: [red, 'gone'] } }, ['Cat', 'ann']],
  'a pointer among ids and pointers': [{ team: { $in: [red, team(blue)] } }, ['Cat', 'ann', 'bob']],
  'a pointer that is none of these ids': [{ team: { $nin: [red] } }, ['bob', 'dan', 'eve']],
  'a pointer that is $eq an id': [{ team: { $eq: blue } }, ['bob']],
  'a pointer that is $ne an id': [{ team: { $ne: blue } }, ['Cat', 'ann', 'dan', 'eve']],
  'a pointer from an id on': [{ team: { $gte: [red, blue].sort()[0] } }, ['Cat', 'ann', 'bob']],
  'a pointer whose id $select finds': [{ team: { $select: { query: { className: players, where: { name: 'bob' } }, key: 'team.objectId' } } }, ['bob']],
  '$inQuery turned to the class of a relation': [{ team: { $inQuery: { className: players, redirectClassNameForKey: 'friends', where: { colour: 'red' } } } }, ['Cat', 'ann']],
  '$notInQuery turned to the class of a relation': [{ team: { $notInQuery: { className: players, redirectClassNameForKey: 'friends', where: { colour: 'red' } } } }, ['bob', 'dan', 'eve']],
  '$inQuery is not turned to the class of a pointer': [{ team: { $inQuery: { className: teams, redirectClassNameForKey: 'none', where: { colour: 'red' } } } }, ['Cat', 'ann']],
  '$select turned to the class of a relation': [{ n: { $select: { query: { className: players, redirectClassNameForKey: 'friends', where: {} }, key: 'rank' } } }, ['ann', 'bob']],
  '$dontSelect turned to the class of a relation': [{ n: { $dontSelect: { query: { className: players, redirectClassNameForKey: 'friends', where: {} }, key: 'rank' } } }, ['Cat', 'dan', 'eve']],
});

const literals = {
  'an object': [{ o: { a: 2 } }, ['bob']],
  'a list': [{ tags: ['x', 'y'] }, ['ann']],
  'a list on a text': [{ name: ['ann'] }, []],
  '$ne a list': [{ n: { $ne: [1] } }, all],
};
for (const [name, [where, want]] of Object.entries(literals)) {
  differs('literalsInQueries', name, async (status) => {
    const { results } = await succeeds(find(where), status);
    assert.deepEqual(results?.map(({ name }) => name), status === 200 ? want : undefined);
  });
}

differs('listsAmongValues', '$in of lists', async (want) => assert.deepEqual(await names({ tags: { $in: [['x', 'y']] } }), want));
differs('idsOfPointers', 'a pointer that is an id', async (want) => assert.deepEqual(await names({ team: red }), want));
differs('relationsByEq', 'a relation that is $eq an object', async (want) => assert.deepEqual(await names({ friends: { $eq: team(blue) } }), want));
differs('optionsThatAreNone', '$options that are empty', (status) => succeeds(find({ name: { $regex: '^a', $options: '' } }), status));

for (const where of [{ at: '2026-02-01T00:00:00.000Z' }, { createdAt: { $gt: '2001-01-01T00:00:00.000Z' } }]) {
  differs('textsOfDates', `a date as a text: ${Object.keys(where)}`, async (finds) => assert.equal((await names(where)).length > 0, finds));
}

const related = (more) => succeeds(rest('GET', `/classes/${teams}`, { query: { where: { $relatedTo: { object: pointer(players, ids.eve), key: 'friends' }, ...more } } }));
test('$relatedTo finds the members of a relation', async () => assert.deepEqual((await related()).results.map(({ colour }) => colour), ['blue']));
test('$relatedTo beside a condition', async () => assert.deepEqual((await related({ colour: 'red' })).results, []));
test('$relatedTo inside $or', async () => {
  const where = { $or: [{ $relatedTo: { object: pointer(players, ids.eve), key: 'friends' } }, { colour: 'red' }] };
  const { results } = await succeeds(rest('GET', `/classes/${teams}`, { query: { where, order: 'rank' } }));
  assert.deepEqual(results.map(({ colour }) => colour), ['red', 'blue']);
});

table({
  'a where that is no JSON': ['where={', 107],
  'a key that is none': ['where={"$a":1}', 105, 'Invalid key name: $a'],
  'a key with a space': ['where={"a b":1}', 105, 'Invalid key name: a b'],
  'a key with a hyphen': ['where={"a-b":1}', 105, 'Invalid key name: a-b'],
  'the hash of a password': ['where={"_hashed_password":"x"}', 105, 'Invalid key name: _hashed_password'],
  'an ACL': ['where={"ACL":{}}', 102, 'Cannot query on ACL.'],
  '$or of an object': ['where={"$or":{}}', 102],
  '$and of a text': ['where={"$and":"a"}', 102],
  '$nor of nothing': ['where={"$nor":[]}', 102, 'Bad $nor format - use an array of at least 1 value.'],
  'an operator nobody knows': ['where={"a":{"$wrong":1}}', 107, 'bad constraint: $wrong'],
  '$in of no list': ['where={"a":{"$in":1}}', 107, 'bad $in value'],
  '$nin of no list': ['where={"a":{"$nin":"x"}}', 107, 'bad $nin value'],
  '$all of no list': ['where={"a":{"$all":1}}', 107, 'bad $all value'],
  '$all of mixed kinds': ['where={"a":{"$all":[{"$regex":"^\\\\Qx\\\\E"},"y"]}}', 107],
  '$containedBy of no list': ['where={"a":{"$containedBy":1}}', 107],
  '$regex of a number': ['where={"a":{"$regex":1}}', 102],
  '$options that are none': ['where={"a":{"$regex":"a","$options":"g"}}', 102],
  '$select without key': ['where={"a":{"$select":{"query":{"className":"A"}}}}', 102, 'improper usage of $select'],
  '$select without query': ['where={"a":{"$select":{"key":"a"}}}', 102, 'improper usage of $select'],
  '$dontSelect without key': ['where={"a":{"$dontSelect":{"query":{"className":"A"}}}}', 102, 'improper usage of $dontSelect'],
  '$inQuery without where': ['where={"a":{"$inQuery":{"className":"A"}}}', 102, 'improper usage of $inQuery'],
  '$notInQuery without class': ['where={"a":{"$notInQuery":{"where":{}}}}', 102, 'improper usage of $notInQuery'],
  '$text without search': ['where={"a":{"$text":{}}}', 107, 'bad $text: $search, should be object'],
  '$text without term': ['where={"a":{"$text":{"$search":{}}}}', 107, 'bad $text: $term, should be string'],
  '$text of a language that is no text': ['where={"a":{"$text":{"$search":{"$term":"a","$language":1}}}}', 107, 'bad $text: $language, should be string'],
  '$text of a case that is no truth': ['where={"a":{"$text":{"$search":{"$term":"a","$caseSensitive":1}}}}', 107, 'bad $text: $caseSensitive, should be boolean'],
  '$text of diacritics that are no truth': ['where={"a":{"$text":{"$search":{"$term":"a","$diacriticSensitive":1}}}}', 107, 'bad $text: $diacriticSensitive, should be boolean'],
}, (query, code, message) => refused(rest('GET', `/classes/${players}?${encodeURI(query)}`), 400, code, message));

differs('permissionsInQueries', 'the permissions of a row', async (status) => {
  await succeeds(find({ _rperm: '*' }), status);
});

badInput('$or of nothing', 102, () => find({ $or: [] }));

test('relative times on date fields', async () => {
  const className = newClass('Event');
  const later = (hours) => date(new Date(Date.now() + hours * 3_600_000).toISOString());
  for (const [name, hours] of [['past', -5], ['soon', 5], ['far', 500]]) await created(className, { name, at: later(hours) });
  const found = async (at) => {
    const { results } = await succeeds(rest('GET', `/classes/${className}`, { query: { where: { at }, order: 'at' } }));
    return results.map(({ name }) => name);
  };
  assert.deepEqual(await found({ $gt: { $relativeTime: 'now' } }), ['soon', 'far']);
  assert.deepEqual(await found({ $lt: { $relativeTime: 'in 10 hours' } }), ['past', 'soon']);
  assert.deepEqual(await found({ $gt: { $relativeTime: '1 wk 2 days ago' }, $lt: { $relativeTime: '4 hrs ago' } }), ['past']);
  assert.deepEqual(await found({ $gte: { $relativeTime: 'in 1 wk' } }), ['far']);
  const wrong = (where) => refused(rest('GET', `/classes/${className}`, { query: { where } }), 400, 107);
  await wrong({ at: { $gt: { $relativeTime: 'some day' } } });
  await wrong({ at: { $exists: { $relativeTime: 'now' } } });
});

differs('relativeTimeOfAText', 'a relative time on a text field', async (status) => {
  await succeeds(find({ name: { $gt: { $relativeTime: 'now' } } }), status);
});
