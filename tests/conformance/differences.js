// Where slipway-runtime answers differently from Parse Server on purpose, and why. Keep it short.

export const differences = {
  badInput: {
    reason: 'Parse Server answers 500 to this bad input, and SDKs repeat such a request five times; we answer 400 with the intended code.',
    theirs: { status: 500, code: 1 },
    ours: { status: 400 },
  },
  timesInAnUpdate: {
    reason: 'An object sent back as it was read is taken: its times are the server\'s, as on the hosted Parse of old.',
    theirs: 400,
    ours: 200,
  },
  prohibitedBeforeTheSchema: {
    reason: 'A prohibited keyword at the top is named as such (105); Parse Server looks it up on Object.prototype and finds a type error (111).',
    theirs: 111,
    ours: 105,
  },
  permissionsInQueries: {
    reason: 'The columns that hold permissions are nobody\'s to query: what they say about others would leak.',
    theirs: 200,
    ours: 400,
  },
  relativeTimeOfAText: {
    reason: 'A moment compared with a text finds nothing, as any date does; Parse Server refuses it (107).',
    theirs: 400,
    ours: 200,
  },
  polygonsInQueries: {
    reason: 'The corners of a Polygon are latitude and longitude everywhere; inside $geoWithin Parse Server reads them the other way round.',
    theirs: [[2, 48], [8, 48], [8, 51.5], [2, 51.5]],
    ours: [[48, 2], [48, 8], [51.5, 8], [51.5, 2]],
  },
  limitsThatAreNone: {
    reason: 'A limit that is no whole number is a mistake that says so (102); Parse Server takes it for some other limit.',
    theirs: 200,
    ours: 400,
  },
  datesInAggregates: {
    reason: 'A Date in a pipeline is converted like everywhere; Parse Server leaves it as an object, which equals nothing.',
    theirs: [],
    ours: [{ n: 1 }],
  },
  patternsInRawValues: {
    reason: 'A regular expression in Extended JSON matches; Parse Server takes it apart, and it matches nothing.',
    theirs: 0,
    ours: 1,
  },
  groupsOverAllByRawNames: {
    reason: 'The group over everything goes by null, as MongoDB says; Parse Server makes an empty object of it.',
    theirs: {},
    ours: null,
  },
  subqueriesOfSubqueries: {
    reason: 'A $select within another subquery is a level deeper, as everything else within it; Parse Server runs it first and counts none.',
    theirs: 200,
    ours: 400,
  },
  customIds: {
    reason: 'No id reads as a role or as everybody in an ACL, or breaks the stored form of a pointer.',
    theirs: 201,
    ours: 400,
  },
  oneTimePasswords: {
    reason: 'A one-time password works once, as RFC 6238 (5.2) asks; Parse Server takes it again while it lasts.',
    theirs: true,
    ours: false,
  },
  authDataQueries: {
    reason: 'Clients cannot ask who signs in as whom; the master key can.',
    theirs: 200,
    ours: 400,
  },
  limitsInBatches: {
    reason: 'A batch above a rate limit is answered like any request above it (429), which SDKs know how to wait for.',
    theirs: { status: 400, code: 100 },
    ours: { status: 429, code: 100 },
  },
  providersNotConfigured: {
    reason: 'A provider without settings is no provider (252); Parse Server asks some of its adapters, which answer each in its own way.',
    theirs: { status: 404, code: 101 },
    ours: { status: 400, code: 252 },
  },
  failedTransactions: {
    reason: 'A transaction that fails answers the error of the request that failed; Parse Server answers 500 whatever it was, which SDKs take for an outage and send again.',
    theirs: 500,
    ours: 400,
  },
  unroutedInBatch: {
    reason: 'A path of a batch that leads nowhere fails for itself; Parse Server refuses the whole batch after it has begun what came before.',
    theirs: 400,
    ours: 200,
  },
  unroutedBody: {
    reason: 'Express answers unknown paths with an HTML page; we answer JSON with the same text, which an SDK can show.',
    theirs: 'html',
    ours: 'json',
  },
  lostRaceForTheFirstType: {
    reason: 'Who loses the race to give a new field its type is told so (111), not that the field could not be added (107).',
    theirs: [111, 107],
    ours: [111],
  },
  literalsInQueries: {
    reason: 'A list or an object is a value to compare with like any other; Parse Server refuses it (107).',
    theirs: 400,
    ours: 200,
  },
  listsAmongValues: {
    reason: 'A list among the values of $in is one of them; Parse Server takes it apart and looks for its elements.',
    theirs: ['ann', 'bob', 'dan'],
    ours: ['ann'],
  },
  textsOfDates: {
    reason: 'A date as a text, compared with a date, is meant as one; Parse Server compares text with date and finds nothing.',
    theirs: false,
    ours: true,
  },
  idsOfPointers: {
    reason: 'A pointer that is an id stands for the object with that id, as it does in $eq and $in; Parse Server finds nothing by it.',
    theirs: [],
    ours: ['Cat', 'ann'],
  },
  relationsByEq: {
    reason: 'A relation that is $eq an object holds it, as without $eq; Parse Server finds nothing by it.',
    theirs: [],
    ours: ['eve'],
  },
  optionsThatAreNone: {
    reason: 'A pattern with no options says so by an empty text, too.',
    theirs: 400,
    ours: 200,
  },
  blanksInLists: {
    reason: 'Blanks beside the commas of keys and include mean nothing, as beside those of order.',
    theirs: ['n'],
    ours: ['n', 'name'],
  },
  excludedRelations: {
    reason: 'A relation that is excluded by name is left out; Parse Server shows it.',
    theirs: true,
    ours: false,
  },
  relationsInResults: {
    reason: 'A result that a pipeline has made holds what it made; Parse Server adds the relations of the class to it.',
    theirs: true,
    ours: false,
  },
  typesOfResults: {
    reason: 'What a pipeline has computed is of the type that it computed; Parse Server takes it for that of the field whose name it has.',
    theirs: 'object',
    ours: 'string',
  },
  stagesOfTheDatabase: {
    reason: 'A pipeline reads the classes of its app; stages that write past the rules or tell about the database are not for it.',
    theirs: 200,
    ours: 400,
  },
  columnsInDistinct: {
    reason: 'Distinct values are those of fields; the columns behind them, among which are password hashes, are nobody\'s.',
    theirs: 200,
    ours: 400,
  },
  datesThatAreNone: {
    reason: 'A Date that is none is a mistake that says so; Parse Server takes a text that is none for the beginning of 1970.',
    theirs: { written: 201, found: 200 },
    ours: { written: 400, found: 400 },
  },
  namesOfNoClass: {
    reason: 'A name that no class can have is a mistake that says so (107); Parse Server finds nothing in it.',
    theirs: 200,
    ours: 400,
  },
  pathsInAnotherCase: {
    reason: 'Paths are written as documented, as the names of classes in them are; to Express their case means nothing.',
    theirs: 200,
    ours: 404,
  },
  emptyAddresses: {
    reason: 'An empty text is no e-mail address (125); to Parse Server it is one, which only the first user can have.',
    theirs: [201, 400],
    ours: [400, 400],
  },
  mayOneAtAll: {
    reason: 'Who may not change a user is told so (206) before anything is said about the values.',
    theirs: 125,
    ours: 206,
  },
};
