import type { Account } from '../account/account';
import { factorOf, owesFactor } from '../account/factors';
import { linkIdOf } from '../crypto/digest';
import { randomLinkToken } from '../crypto/random';
import type { Address } from '../delivery/address';
import { clientAddress } from '../delivery/client-address';
import { hasNotLeft } from '../delivery/hand-over';
import { refuse, SecondFactorError, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { openAddress } from '../factors/one-time-code';
import type { Budget, Login, LoginKey, Proof, SentCode } from '../stores/contracts';
import { visitOf } from './browser';
import { cooldownOf, givenBack, isCooldown } from './cooldown';
import { refusedBy } from './dispatch-code';
import {
  forgetReached,
  holdLinks,
  isHalfLoginOpen,
  isWaiting,
  lastLink,
  linksOf,
  noteReached,
  type LinkLogin,
} from './half-login';
import { kindOf } from './kind';
import { refusedByTries } from './login-tries';
import { usableFactors } from './offer';
import type { Scope } from './scope';
import { loadAccount } from './status';
import { unchanged, update } from './update';
import type { Verified } from './verify';

/** How many mails a half login may have sent. */
const MOST_SENDS = 3;

/** More would only make each sign-in cost more. */
const MOST_ADDRESSES = 5;

/**
 * Where the link goes after this proof; nowhere, if the only address is the one that the proof came from.
 *
 * @throws SecondFactorError `unavailable` if the app has never said where this user is reached
 */
export async function linkAddresses(
  scope: Scope,
  account: Account,
  { factorId }: Proof,
): Promise<readonly Address[]> {
  const all = await scope.notices.addressesOf(account);
  if (all) return addressesFor(scope, account, all, factorId);
  throw new SecondFactorError(
    'unavailable',
    'users.contacts did not say where to ask this user to confirm a new browser.',
    'The event contacts.failed says why. Once it has answered for a user, its last answer is used while it fails.',
  );
}

/** Whether there is somewhere to send the link after any proof that can be passed on. */
export async function isCovered(scope: Scope, account: Account): Promise<boolean> {
  if (scope.settings.newBrowser !== 'confirm' || !owesFactor(account)) return false;
  const all = (await scope.notices.addressesOf(account)) ?? [];
  const sources = usableFactors(scope, account)
    .filter(({ type }) => !kindOf(scope.kinds, type)?.resistsPhishing)
    .map(({ id }) => id);
  return [null, ...sources].every((id) => addressesFor(scope, account, all, id).length > 0);
}

/**
 * Never where the proof itself came to, under whichever of its addresses: one mailbox must not answer for itself. Phones
 * only where there is no mailbox, since the link has to be opened on the device that is signing in.
 */
function addressesFor(
  scope: Scope,
  account: Account,
  all: readonly Address[],
  factorId: Proof['factorId'],
): readonly Address[] {
  const source = sourceOf(scope, account, factorId);
  const others = all.filter(({ countedAs }) => countedAs !== source);
  const mailboxes = others.filter(({ channel }) => channel === 'email');
  return (mailboxes.length > 0 ? mailboxes : others).slice(0, MOST_ADDRESSES);
}

/** The phone or mailbox that a code was sent to, where the proof was one. */
function sourceOf({ delivery, seal }: Scope, account: Account, id: Proof['factorId']): string | null {
  const factor = id === null ? undefined : factorOf(account, id);
  if (factor?.type !== 'otp-sms' && factor?.type !== 'otp-email') return null;
  const read = delivery.read(factor.type, openAddress(account, factor, seal));
  return read.ok ? read.address.countedAs : null;
}

/** How a right proof becomes one that waits for its link. */
export function waitingFor(
  half: Login,
  { account, proof, remember }: Verified,
  to: readonly Address[],
  goal: string | null,
): LinkLogin {
  const issuedAt = Math.max(proof.at, (account.confirmedUpTo ?? 0) + 1);
  const sentTo = to.map(({ hint }) => hint);
  return { ...half, waiting: { proof, issuedAt, sentTo, to: goal, ...(remember && { remember }) } };
}

export interface LinkRequest {
  readonly login: LinkLogin;
  /** Under which its record is kept: the link works in that session alone. */
  readonly key: LoginKey;
  readonly account: Account;
  readonly to: readonly Address[];
  /** The URL of a link, but for its token. */
  readonly base: string;
}

/**
 * Sends a link to all known addresses. Each message has a link of its own, and all of them work until one is used. If
 * no message could be handed over, the answer is a refusal, and the login goes on waiting.
 */
export async function sendLink(scope: Scope, request: LinkRequest): Promise<Refusal | null> {
  const { pending, settings, delivery } = scope;
  const { login, key, account, to, base } = request;
  const { userId } = login;
  const id = linksOf(login);
  const ip = clientAddress(scope.request?.address);
  const budgets = eachOnce([
    { name: 'login', id, points: MOST_SENDS, ms: settings.linkLife },
    ...cooldownOf(id),
    ...to.flatMap((one) =>
      delivery.budgets({ of: 'link', userId, pool: 'others', hasAnswered: true, ip, to: one }),
    ),
  ]);
  const [previous, taken] = await Promise.all([lastLink(scope, login), pending.budgets.take(budgets)]);
  const emit = (event: PlannedEvent) => scope.events.emit(event, { userId, at: scope.now() });
  if (!taken.ok) {
    const [first] = to;
    if (first && !isCooldown(taken.name)) {
      emit({ name: 'sends.refused', type: `otp-${first.channel}`, budget: taken.name });
      await holdLinks(scope, login, scope.now() + taken.waitMs);
    }
    return refusedBy(taken, scope.now());
  }

  const now = scope.now();
  const token = randomLinkToken();
  const sent: SentCode = {
    kind: 'code',
    digest: linkIdOf(token),
    factorId: 'link',
    issuedAt: Math.max(now, (previous?.issuedAt ?? 0) + 1),
    until: now + settings.linkLife,
    sends: (previous?.sends ?? 0) + 1,
    reference: '',
  };
  await Promise.all([
    pending.setups.put(linkIdOf(token), key, settings.linkLife),
    pending.codes.put(id, sent, settings.linkLife),
    forgetReached(scope, login),
  ]);
  const url = `${base}/${token}`;
  const failures = await Promise.all(to.map((one) => scope.notices.sendLink(account, one, url)));
  for (const [at, { channel }] of to.entries()) {
    const failure = failures[at];
    const notice = { notice: 'login.waiting', channel };
    emit(
      failure ? { name: 'notice.failed', ...notice, kind: failure.kind } : { name: 'notice.sent', ...notice },
    );
  }
  const [failed] = failures.flatMap((failure) => failure ?? []);
  if (!failed) return null;
  const reached = to.filter((_, at) => failures[at] === null);
  if (reached.length > 0) {
    await noteReached(
      scope,
      login,
      reached.map(({ hint }) => hint),
    );
    return null;
  }
  const retryAfter = Math.max(30, failed.retryAfter ?? 0);
  await Promise.all([
    pending.codes.remove(id, sent),
    pending.budgets.giveBack(givenBack(budgets, hasNotLeft(failed))),
    holdLinks(scope, login, now + retryAfter * 1000),
  ]);
  return refuse('delivery_failed', { retryAfter });
}

/** Several addresses of one user share most of their budgets. */
const eachOnce = (budgets: readonly Budget[]): Budget[] => [
  ...new Map(budgets.map((budget) => [`${budget.name} ${budget.id}`, budget])).values(),
];

export interface Found {
  readonly key: LoginKey;
  readonly login: LinkLogin;
}

export const isLinkToken = (token: unknown): token is string =>
  typeof token === 'string' && /^[\w-]{43}$/.test(token);

/** The login that waits for this link; null if it was used, has ended, or there never was one. */
export async function findWaiting(scope: Scope, token: string): Promise<Found | null> {
  const { pending, settings } = scope;
  const key = (await pending.setups.get(linkIdOf(token))) as LoginKey | null;
  const login = key && (await pending.logins.read(key, null));
  if (!key || !login || !isWaiting(login) || !isHalfLoginOpen(settings, login, scope.now())) return null;
  const [over, account] = await Promise.all([refusedByTries(scope, login), loadAccount(scope, login.userId)]);
  return over || !isOf(account, login) ? null : { key, login };
}

/** Uses the link of a waiting login: from now on the account knows this browser, and what it proved counts. */
export const confirmBrowser = (
  scope: Scope,
  login: LinkLogin,
  tokens: readonly string[],
): Promise<Verified | Refusal> => noteNew(scope, login, login.waiting, tokens, login.waiting.issuedAt);

/** The same where there is no address to ask: what was proved counts by itself. */
export const acceptBrowser = (
  scope: Scope,
  login: Login,
  verified: Verified,
  tokens: readonly string[],
): Promise<Verified | Refusal> => noteNew(scope, login, verified, tokens, null);

/** Only the account decides that a link is used, so that no failover of Redis brings one back. */
const noteNew = (
  scope: Scope,
  login: Login,
  { proof, remember }: Pick<Verified, 'proof' | 'remember'>,
  tokens: readonly string[],
  issuedAt: number | null,
): Promise<Verified | Refusal> =>
  update<Verified | Refusal>(scope, login.userId, (account, now) => {
    if (!isOf(account, login) || isUsed(account, issuedAt)) return unchanged(refuse('not_found'));
    const used = issuedAt === null ? account : { ...account, confirmedUpTo: issuedAt };
    const noted = visitOf(account, tokens, scope).note(used, now, {
      signsIn: true,
      remember: remember === true,
    });
    return {
      account: noted.account,
      outcome: { ok: true, proof, account: noted.account, tokens: noted.tokens },
      events: noted.events,
    };
  });

/** An account that was deleted meanwhile is a blank one, and owes nothing. */
const isOf = (account: Account, login: Login): boolean =>
  account.epoch === login.epoch && owesFactor(account);

const isUsed = ({ confirmedUpTo = 0 }: Account, issuedAt: number | null): boolean =>
  issuedAt !== null && issuedAt <= confirmedUpTo;

/**
 * Someone used the link to say that the sign-in is not theirs: this login ends, and its owner is told.
 *
 * @returns whether it was this that ended it; it may have been completed, or blocked by somebody else, meanwhile
 */
export async function blockWaiting(scope: Scope, { key, login }: Found): Promise<boolean> {
  const { userId, loginId, waiting } = login;
  if (!(await scope.pending.logins.remove(key))) return false;
  const blocked: PlannedEvent = { name: 'login.blocked', loginId, type: waiting.proof.type };
  return update<boolean>(scope, userId, (account) =>
    // Forgotten meanwhile: a save would make the account anew.
    owesFactor(account) ? { account, outcome: true, events: [blocked] } : unchanged(true),
  );
}
