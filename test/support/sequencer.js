'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');

/** Those that mostly wait, for servers or a browser, and those that mostly compute; the slowest first. */
const [WAITING, COMPUTING] = [
  ['exhaustive', 'browser', 'servers'],
  ['app', 'unit'],
];

/**
 * The slowest files first, so that no worker is left with one when the others have finished, and in turns one that waits
 * and one that computes, so that the cores always have work. Jest remembers how long a file takes; on a fresh checkout
 * it goes by size, but the slowest files are not the biggest, so then we go by project.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = Reflect.apply(super.sort, this, [tests]);
    return inTurns(of(sorted, WAITING), of(sorted, COMPUTING));
  }
};

function of(tests, projects) {
  const rank = ({ context }) => projects.indexOf(context.config.displayName?.name);
  const own = tests.filter((test) => rank(test) >= 0);
  const isKnown = own.some(({ duration }) => duration !== undefined);
  return isKnown ? own : own.toSorted((one, other) => rank(one) - rank(other));
}

/** The second of the two is spread over the whole of the first. */
function inTurns(one, other) {
  const place = (list) => (test, index) => ({ test, at: (index + 0.5) / list.length });
  return [...one.map(place(one)), ...other.map(place(other))]
    .toSorted((a, b) => a.at - b.at)
    .map(({ test }) => test);
}
