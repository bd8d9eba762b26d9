import { bad, listOf, requireOptions } from './checks';
import { cureOf } from './cures';
import { path } from './texts';
import type { GateOptions } from '../session/gate';

/** What `protect()` and `gate()` take, checked when they are called: a path that never matches would be found out by users. */
export function resolveGate(given: GateOptions = {}): GateOptions {
  requireOptions('protect', given, ['signOut', 'allow', 'logins']);
  const { signOut, allow = [], logins = [] } = given;
  return {
    ...(signOut !== undefined && { signOut: path('protect.signOut', signOut) }),
    allow: listOf('protect.allow', allow).map((one) => path('protect.allow', one)),
    logins: listOf('protect.logins', logins).map(loginRoute),
  };
}

function loginRoute(given: string): string {
  const one = path('protect.logins', given).replace(/\/+$/, '');
  if (one !== '') return one;
  throw bad('protect.logins names every page.', `${cureOf('protect.logins')} Name the routes that sign in.`);
}
