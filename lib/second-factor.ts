import type { SecondFactor } from './api';
import type * as Composition from './compose';
import type { SecondFactorOptions } from './options/options';

/**
 * Puts a second factor on the logins of an Express + Passport app.
 *
 * @throws SecondFactorError `bad_option` for an option that can't work, with the cure in `help`
 * @example
 * const twoFactor = secondFactor({ passport, appName: 'WebAdmin', origin, keys, users, accounts, pending });
 * app.use(twoFactor.protect({ signOut: '/logout' }));
 */
export function secondFactor<User = Express.User>(given: SecondFactorOptions<User>): SecondFactor<User> {
  return composition().compose(given);
}

// Loaded on the first call: a script that imports this package only for its errors or senders should not pay for the
// rest.
const composition = () => require('./compose') as typeof Composition;
