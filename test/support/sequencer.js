'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');

/** Those of whom a file takes longest come first. */
const PROJECTS = ['exhaustive', 'browser', 'servers', 'app', 'unit'];

/**
 * The longest files first, so that no worker sits on one when the others have ended. How long a file takes Jest
 * remembers; on a fresh checkout it goes by size, and the longest files are not the biggest: there by project.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = Reflect.apply(super.sort, this, [tests]);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
};

const rank = ({ context }) => PROJECTS.indexOf(context.config.displayName?.name);
