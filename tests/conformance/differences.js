// Where slipway-runtime answers differently from Parse Server on purpose, and why. Keep it short.

export const differences = {
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
};
