import type { Request } from 'express';
import type { Channel, UserId } from '../account/account';
import { toUserId } from '../account/user-id';
import type { EnrolLogin } from '../core/enrol-login';
import { SecondFactorError } from '../errors';
import type { AcceptedProof } from '../options/options';
import type { Login } from '../stores/contracts';
import type { Runtime, Site } from './runtime';
import { keepOwedUser, knownUser, scopeOf } from './request-state';
import type { Seam } from './seam';

const SHOWN = 8;

/**
 * The name a user goes by. If the app has none, the shortened id, which at least tells users apart.
 *
 * @throws SecondFactorError `bad_option` for anything but a string, undefined or null
 */
export function userName(site: Site, user: unknown, userId: UserId): string {
  const name: unknown = user === null ? null : site.options.users.name(user);
  if (typeof name === 'string' && name.trim() !== '') return name;
  if (typeof name !== 'string' && name !== undefined && name !== null) throw badName(name);
  const letters = [...userId];
  return letters.length > SHOWN ? `${letters.slice(0, SHOWN).join('')}…` : userId;
}

const badName = (name: unknown): SecondFactorError => {
  const isPromise = typeof name === 'object' && name !== null && 'then' in name;
  return new SecondFactorError(
    'bad_option',
    `users.name gave ${isPromise ? 'a promise' : `a value of type ${typeof name}`} instead of a name.`,
    isPromise
      ? 'It is called while a page is rendered and cannot wait. Load the name with the user, in deserializeUser.'
      : 'Return text, such as user.email or String(user.number). For a user without a name, return nothing.',
  );
};

/** The user's time zone, where the app knows it. Without one a page is still of use, so nothing here fails. */
export function timeZoneOf(site: Site, req: Request): string | null {
  const { users } = site.options;
  const user = knownUser(site, req);
  if (!users.timeZone || user === null || user === undefined) return null;
  try {
    const zone: unknown = users.timeZone(user, req);
    return typeof zone === 'string' ? zone : null;
  } catch {
    return null;
  }
}

/**
 * The user of a half login, whom only the app can load: once per request, under a deadline, and before a proof is
 * judged. Otherwise an app whose database is down, or whose `deserializeUser` never calls back, would use up a code
 * without signing anyone in.
 *
 * @returns null when the user no longer exists
 * @throws SecondFactorError `unavailable`
 */
export const owedUser = (
  runtime: Runtime,
  req: Request,
  { login, seam }: { readonly login: Login; readonly seam: Seam },
): Promise<unknown> =>
  keepOwedUser(req, login.loginId, async () => {
    const ask = () => seam.deserialize(login.owed?.user, req);
    const user = await scopeOf(runtime, req).inTime('passport.deserializeUser', ask);
    // Fail closed if the app returns another user for the same serialized form.
    return user !== null && toUserId(runtime.options.users.id(user)) === login.userId ? user : null;
  });

/**
 * The user of this id, as the app finds it.
 *
 * @returns null when there is none, or the app can't look
 * @throws SecondFactorError `unavailable`
 */
export async function userById(runtime: Runtime, req: Request, userId: UserId): Promise<unknown> {
  const { users } = runtime.options;
  const user = await scopeOf(runtime, req).inTime('users.byId', async () => users.byId?.(userId));
  if (user === null || user === undefined) return null;
  // Fail closed if the app returns another user for this id.
  return toUserId(users.id(user)) === userId ? user : null;
}

/** The user of a login that only sets up, once per request. */
export const enrollingUser = (runtime: Runtime, req: Request, login: EnrolLogin): Promise<unknown> =>
  keepOwedUser(req, login.loginId, () => userById(runtime, req, login.userId));

/**
 * The addresses that the app names for a user, as it gave them: for the user of this request, or else for whom it finds
 * by the id.
 *
 * @returns null when there is no such user to name any for
 */
export async function namedContacts(
  runtime: Runtime,
  req: Request | undefined,
  userId: UserId,
): Promise<unknown> {
  const { users } = runtime.options;
  const known = req ? knownUser(runtime, req) : null;
  const isTheirs = known !== null && known !== undefined && toUserId(users.id(known)) === userId;
  const user = isTheirs ? known : await users.byId?.(userId);
  if (user === undefined || user === null || !users.contacts) return null;
  return users.contacts(user, req);
}

/** If the app's function fails, nothing is accepted. */
export async function acceptance(
  runtime: Runtime,
  user: unknown,
  req: Request,
): Promise<AcceptedProof | false> {
  try {
    const accepted = await runtime.options.accept?.(user, req);
    return accepted && Array.isArray(accepted.methods) && Number.isFinite(accepted.at) ? accepted : false;
  } catch {
    return false;
  }
}

/**
 * The channel that served as the first factor. One mailbox must not be both factors (NIST SP 800-63B-4 §3.1.3.1), so an
 * answer that is neither a channel nor null fails the login.
 */
export async function openedBy(runtime: Runtime, user: unknown, req: Request): Promise<Channel | null> {
  const { users } = runtime.options;
  if (!users.passwordResetChannel) return null;
  const channel: unknown = await users.passwordResetChannel(user, req);
  if (channel === null || isChannel(channel)) return channel;
  throw new SecondFactorError(
    'bad_option',
    `users.passwordResetChannel gave ${shownOf(channel)}, which is not a channel.`,
    "Return 'sms', 'email' or null, or a promise of one of them.",
  );
}

/** What the app says about a reset it carried out itself. */
export function resetChannel(channel: unknown): Channel {
  if (isChannel(channel)) return channel;
  throw new SecondFactorError(
    'bad_option',
    `notePasswordReset was given ${shownOf(channel)}, which is not a channel.`,
    "Give 'sms' or 'email': how the message that reset the password was sent.",
  );
}

const shownOf = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value.slice(0, 20)}'`
    : value === undefined
      ? 'undefined'
      : `a ${typeof value}`;

const isChannel = (channel: unknown): channel is Channel => channel === 'sms' || channel === 'email';
