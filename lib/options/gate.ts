import { bad, listOf, path, refuseUncalled, requireOptions } from './checks';
import { cureOf, table } from './table';
import { take } from './take';
import type { GateOptions } from '../session/gate';

/**
 * Checks the options of `protect()` and `gate()` when they are called: otherwise users would be the first to notice a
 * path that never matches.
 */
export function resolveGate(given: GateOptions = {}): GateOptions {
  refuseUncalled('protect', given, "protect({ signOut: '/logout' })");
  requireOptions('protect', given);
  const { allow = table['protect.allow'].fallback, logins = table['protect.logins'].fallback } = given;
  const signOut = take('protect.signOut', given.signOut);
  return {
    ...(signOut !== undefined && { signOut }),
    allow: listOf('protect.allow', allow).map((one) => path('protect.allow', one)),
    logins: listOf('protect.logins', logins).map(loginRoute),
  };
}

function loginRoute(given: string): string {
  const one = path('protect.logins', given).replace(/\/+$/, '');
  if (one !== '') return one;
  throw bad(
    'protect.logins covers every page.',
    `${cureOf('protect.logins')} List only the routes that sign people in.`,
  );
}
