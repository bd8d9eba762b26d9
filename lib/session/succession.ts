import { spentIdOf, userKeyOf } from '../crypto/digest';
import { SecondFactorError } from '../errors';
import type { Login, LoginKey, Pending } from '../stores/contracts';
import type { Renewal } from './renewal';

/** Longer than two requests can overlap. */
const A_WHILE = 2 * 60_000;
/** No browser keeps a cookie for longer (RFC 6265bis §5.5). */
const FOR_GOOD = 400 * 24 * 3_600_000;

/**
 * Writes the record of a renewed session, in the round trip that replaces the old one.
 *
 * @throws SecondFactorError `sign_in_required` if the login was to continue but was signed out meanwhile, or has
 * already continued under another id
 */
export async function succeed(
  { by, login, life, goesOn, wasAdopted, replaced }: Renewal,
  old: LoginKey,
  key: LoginKey,
): Promise<void> {
  const pending = by.pending();
  if (wasAdopted) await spend(pending, old);
  const wasThere = await pending.logins.write(key, login, userKeyOf(login.userId), life, old);
  if (wasThere) replaced?.();
  if (wasThere || !goesOn) return;
  await pending.logins.remove(key);
  throw new SecondFactorError(
    'sign_in_required',
    'The login was ended while it was being renewed.',
    'Sign in again.',
  );
}

/**
 * Ends the login of a session id, even if it has just continued under another one.
 *
 * @returns the login, if it was this call that ended it
 */
export async function signOut(pending: Pending, key: LoginKey): Promise<Login | null> {
  const login = await pending.logins.read(key, null);
  return (await endRecord(pending, key, login)) ? login : null;
}

/** @returns whether there was something to end */
export async function endRecord(pending: Pending, key: LoginKey, login: Login | null): Promise<boolean> {
  if (login?.adopted) await spend(pending, key);
  return pending.logins.remove(key);
}

/**
 * Ends a login that has expired or was ended by a change made elsewhere. Nobody has signed out, so its record stays for
 * a while: it lets nobody in any more, and tells the change that ended it that its own login may continue.
 */
export async function letGo(pending: Pending, key: LoginKey): Promise<void> {
  await pending.logins.read(key, A_WHILE);
}

/** Notes that a session without a mark no longer has a user, in case it is written back without one. */
const spend = (pending: Pending, key: LoginKey): Promise<string> =>
  pending.setups.put(spentIdOf(key), 'spent', FOR_GOOD);

/** Whether a session without a mark had a login that has ended. */
export const isSpent = async (pending: Pending, key: LoginKey): Promise<boolean> =>
  (await pending.setups.get(spentIdOf(key))) !== null;
