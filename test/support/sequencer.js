'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');
const { projectsOf, weightOf } = require('./projects');

/** Those that mostly wait, for servers or a browser, and those that mostly compute; the slowest first. */
const [WAITING, COMPUTING] = [
  ['servers', 'browser'],
  ['app', 'unit'],
];

/**
 * The slowest files first, so that no worker is left with one when the others have finished, and in turns one that waits
 * and one that computes, so that the cores always have work. Jest remembers how long a file takes; on a fresh checkout
 * we go by project, and by how much a file has in it with its helpers: the slowest are but a list of those.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = Reflect.apply(super.sort, this, [tests]);
    return inTurns(of(sorted, WAITING), of(sorted, COMPUTING));
  }
};

function of(tests, projects) {
  const rank = ({ path }) => projects.indexOf(projectsOf(path)[0]);
  const own = tests.filter((test) => rank(test) >= 0);
  if (own.some(({ duration }) => duration !== undefined)) return own;
  const weights = new Map(own.map((test) => [test, weightOf(test.path)]));
  return own.toSorted((one, other) => rank(one) - rank(other) || weights.get(other) - weights.get(one));
}

/** The second of the two is spread over the whole of the first. */
function inTurns(one, other) {
  const place = (list) => (test, index) => ({ test, at: (index + 0.5) / list.length });
  return [...one.map(place(one)), ...other.map(place(other))]
    .toSorted((a, b) => a.at - b.at)
    .map(({ test }) => test);
}
