'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');

/** Projects with the slowest files first. */
const PROJECTS = ['exhaustive', 'browser', 'servers', 'app', 'unit'];

/**
 * The slowest files first, so that no worker is left with one when the others have finished. Jest remembers how long a
 * file takes; on a fresh checkout it goes by size, but the slowest files are not the biggest, so then we go by project.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = Reflect.apply(super.sort, this, [tests]);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
};

const rank = ({ context }) => PROJECTS.indexOf(context.config.displayName?.name);
