import { isExhaustive, share } from '../support/exhaustive';
import { everyRoute } from './matrix/every-route';
import { states, type State } from './matrix/states';

const isLong = process.env.TEST_LONG === '1';

/** Of each kind the first: the others differ in how a session came to be so. */
const isFirst = ({ column }: State, at: number): boolean =>
  states.findIndex((state) => state.column === column) === at;
const firsts = states.filter(isFirst);

everyRoute(
  'people with an app',
  share(states, (state) => firsts.includes(state)),
);
// What a key changes is the same in all of a kind, and it changes most where a proof is owed or was given.
everyRoute(
  'people with a security key as well',
  share(isLong && isExhaustive ? states : firsts, ({ name }) => name === 'owed' || name === 'passed, fresh'),
);
