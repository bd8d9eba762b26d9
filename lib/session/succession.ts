import { nextKeyIdOf, noKeyAfter, userKeyOf } from '../crypto/digest';
import { SecondFactorError } from '../errors';
import type { LoginKey, Pending } from '../stores/contracts';
import type { Renewal } from './renewal';

/** Longer than a request is under way beside another. */
const aWhile = 2 * 60_000;
/** No cookie lives longer in a browser (RFC 6265bis §5.5). */
const forGood = 400 * 24 * 3_600_000;
/** More renewals within a while than anybody makes. */
const mostHops = 8;

const signedOut = 'signed out';

/**
 * What became of the login of a session id: signed out, or gone on under another id. Told once, by whoever comes first,
 * so that a sign-out and a renewal beside it never miss each other. The records alone cannot tell: one is also removed
 * by a request that finds the epoch moved on, and after that a login may go on.
 *
 * @param isAdopted it may come back without a mark, written by a process that is older than the installation
 */
const tell = (pending: Pending, key: LoginKey, fate: string, isAdopted: boolean): Promise<string> =>
  pending.putSetup(nextKeyIdOf(key), fate, isAdopted ? forGood : aWhile);

/**
 * Writes the record of a renewed session, in the round trip that removes the old one.
 *
 * @param wasAdopted the old session may be written back without its mark
 * @throws SecondFactorError `sign_in_required` where the login was to go on and was ended meanwhile
 */
export async function succeed(
  { pending: pendingOf, login, life, goesOn }: Renewal,
  old: LoginKey,
  key: LoginKey,
  wasAdopted: boolean,
): Promise<void> {
  const pending = pendingOf();
  if (goesOn && !(await goOnAs(pending, old, key, wasAdopted))) throw ended();
  if (!goesOn && wasAdopted) await tell(pending, old, signedOut, true);
  const wasThere = await pending.writeLogin(key, login, userKeyOf(login.userId), life, old);
  if (!goesOn) return;
  // Where the epoch moved on, a request beside this one may have ended the old id, and nobody has signed out.
  const isGone = goesOn === 'same epoch' && !wasThere;
  if (!isGone && (await pending.getSetup(nextKeyIdOf(key))) !== signedOut) return;
  await pending.removeLogin(key);
  throw ended();
}

const ended = () =>
  new SecondFactorError('sign_in_required', 'The login was ended while it was to go on.', 'Sign in again.');

/** Says that the login goes on under `next`. False: it was signed out, or has gone on under another id. */
async function goOnAs(pending: Pending, key: LoginKey, next: LoginKey, isAdopted: boolean): Promise<boolean> {
  let at = key;
  for (let hop = 0; hop < mostHops; hop++) {
    const fate = await tell(pending, at, next, isAdopted);
    if (fate === next) return true;
    if (fate === signedOut || (await pending.hasLogin(fate as LoginKey))) return false;
    // Given up, a renewal that failed, or one that is not that far: of those who replace a record one is told so.
    at = fate as LoginKey;
  }
  return false;
}

/** Ends the login of a session id, also where it has just gone on under another one. */
export async function signOut(pending: Pending, key: LoginKey): Promise<void> {
  const { login } = await pending.readLogin(key, null, null);
  // Of a session that nobody was ever in nothing is stored.
  let fate = login
    ? await tell(pending, key, signedOut, login.adopted ?? false)
    : await pending.getSetup(nextKeyIdOf(key));
  await pending.removeLogin(key);
  for (let hop = 0; hop < mostHops && fate !== null && fate !== signedOut; hop++) {
    const next = fate as LoginKey;
    fate = await tell(pending, next, signedOut, false);
    await pending.removeLogin(next);
  }
}

/** Ends a login that nobody has signed out: it may go on by what ended it, unless somebody signs out now. */
export async function giveUp(pending: Pending, key: LoginKey): Promise<void> {
  await tell(pending, key, noKeyAfter(key), false);
  await pending.removeLogin(key);
}

/** Whether a login was ever in it that has ended since, or gone on under another id. */
export const isSpent = async (pending: Pending, key: LoginKey): Promise<boolean> =>
  (await pending.getSetup(nextKeyIdOf(key))) !== null;
