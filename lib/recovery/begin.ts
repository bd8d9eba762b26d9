import { type Account, blankAccount } from '../account/account';
import { owesFactor } from '../account/factors';
import {
  type Flag,
  knowsPassword,
  type Recovery,
  requestToDecide,
  rulesNow,
  withRequest,
} from '../account/recovery';
import type { Channel, ProofType, UserId } from '../account/terms';
import { addRecord } from '../audit/chain';
import { typesOf } from '../core/kind';
import { visitOf } from '../core/browser';
import { placeOf } from '../core/place';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import { randomEvidenceId, randomRequestId, randomShadowId } from '../crypto/random';
import type { Address } from '../delivery/address';
import type { MailLanguage } from '../delivery/message-texts';
import { refuse, refuseUntil, type Refusal } from '../errors';
import { sealContact } from '../notices/contacts';
import type { Login } from '../stores/contracts';
import { sendRequestCode } from './codes';
import { randomReference } from './reference';
import { changedEvent } from './step';
import { dueOf, KNOWN_FOR } from './transitions';
import { cameBefore } from './visits';

/** What somebody says who asks for access. */
export interface Asked {
  readonly lost: readonly ProofType[];
  readonly contact: Address;
  readonly text: string | null;
}

/** Who asks, as far as it is known. */
export interface Asker {
  /** The half login they are in, which proves the password; null: nothing is proven. */
  readonly login: Login | null;
  /** The account that they mean; null: there is none, which they must not learn. */
  readonly userId: UserId | null;
  /** One of the operator's own. */
  readonly isStaff: boolean;
  readonly tokens: readonly string[];
  readonly language: MailLanguage;
  readonly timeZone: string | null;
}

export interface Begun {
  readonly ok: true;
  readonly userId: UserId;
  readonly request: Recovery;
}

const LONGEST_TEXT = 500;

/** What was sent, checked and bounded. */
export function readAsked(
  { delivery, kinds }: Pick<Scope, 'delivery' | 'kinds'>,
  input: { readonly lost: unknown; readonly contact: unknown; readonly text: unknown },
): ({ readonly ok: true } & Asked) | Refusal {
  const lost = listOf(input.lost);
  const known: readonly string[] = typesOf(kinds);
  if (!lost || lost.length === 0 || !lost.every((one) => known.includes(one)))
    return refuse('malformed', { field: 'lost' });
  const { channel, address } = (input.contact ?? {}) as Readonly<Record<string, unknown>>;
  if ((channel !== 'sms' && channel !== 'email') || !delivery.reaches(channel))
    return refuse('malformed', { field: 'contact' });
  const read = delivery.read(`otp-${channel}`, address);
  if (!read.ok) return { ...read, field: 'contact' };
  const { text = null } = input;
  const isText = text === null || (typeof text === 'string' && text.length <= LONGEST_TEXT);
  if (!isText) return refuse('malformed', { field: 'text' });
  return {
    ok: true,
    lost: [...new Set(lost)] as ProofType[],
    contact: read.address,
    text: text === null || text.trim() === '' ? null : text.trim(),
  };
}

/** A form sends one value or several. */
const listOf = (given: unknown): readonly string[] | null => {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.length <= 20 && list.every((one) => typeof one === 'string') ? list : null;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_RECENT = 3;
const RECENT = 30 * DAY;
const AFTER_CANCEL = HOUR;

/**
 * Begins a request, and sends a code to where its answers are to go. Whoever is not known to have the password gets the
 * same answer for the same work, whether or not there is such an account, it may be asked for, or one is open already:
 * then the request is of an account that belongs to nobody.
 */
export async function beginRequest(scope: Scope, asker: Asker, asked: Asked): Promise<Begun | Refusal> {
  const shadow = randomShadowId();
  const known = await scope.accounts.load(asker.userId ?? shadow);
  const account = known ?? blankAccount(asker.userId ?? shadow);
  const onFile = (await scope.notices.addressesOf(account)) ?? [];
  const refused = refuseNew(account, asker.login, scope.now());
  if (refused && asker.login) return refused;
  const userId = refused || asker.userId === null ? shadow : asker.userId;

  const isSeen = await cameBefore(scope);
  const request = requestFor(scope, userId, asker, asked, onFile, account, isSeen);
  const begun = await update<Begun | Refusal>(scope, userId, (current, now) => {
    const late = userId === shadow ? null : refuseNew(current, asker.login, now);
    if (late) return unchanged(late);
    const owner = { ...current, ...(userId === shadow && { shadowUntil: now + KNOWN_FOR }) };
    const begunAccount = addRecord(
      withRequest(owner, request),
      { actor: 'requester', action: 'request.begin', reason: null, request: request.reference },
      now,
    );
    return {
      account: begunAccount,
      outcome: { ok: true, userId, request },
      events: [changedEvent(request)],
    };
  });
  // Somebody else was faster, which only the owner may learn.
  if (!begun.ok) return asker.login ? begun : beginRequest(scope, { ...asker, userId: null }, asked);
  // If it is not sent, another can be asked for.
  await sendRequestCode(
    scope,
    { userId, id: request.id, of: 'contact' },
    {
      to: asked.contact,
      isOnFile: request.contact.onFile,
      isProven: asker.login !== null,
      language: asker.language,
    },
  );
  return begun;
}

/** Why no request can begin for this account now. */
export function refuseNew(account: Account, login: Login | null, now: number): Refusal | null {
  if (login && login.epoch !== account.epoch) return refuse('sign_in_required');
  if (!owesFactor(account)) return refuse('not_found');
  const barred = refuseByOwner(account, now);
  if (barred) return barred;
  const { recoveries = [] } = account;
  // Whoever has only a name must not use up what is left to whoever has the password.
  const recent = recoveries.filter(
    (one) => !one.begunBy && knowsPassword(one) === (login !== null) && now - one.startedAt < RECENT,
  );
  const oldest = Math.min(...recent.map(({ startedAt }) => startedAt));
  return recent.length >= MOST_RECENT ? refuseUntil('slow_down', oldest + RECENT, now) : null;
}

/** What keeps anybody from beginning one, also somebody of the operator's: an open one, and what its owner decided. */
export function refuseByOwner(account: Account, now: number): Refusal | null {
  const { recoveries = [], ownerRules } = account;
  const open = requestToDecide(account);
  if (open) return refuse('conflict', { state: open.state });
  const { never, pausedUntil } = rulesNow(ownerRules, now);
  if (never) return refuse('conflict', { state: 'never' });
  if (pausedUntil !== undefined) return refuse('conflict', { state: 'paused', until: pausedUntil });
  const cancelledAt = recoveries.flatMap(({ state, steps }) =>
    state === 'cancelled_by_owner' ? [steps.at(-1)?.at ?? 0] : [],
  );
  const after = Math.max(0, ...cancelledAt) + AFTER_CANCEL;
  return cancelledAt.length > 0 && now < after ? refuseUntil('slow_down', after, now) : null;
}

function requestFor(
  scope: Scope,
  userId: UserId,
  { login, language, timeZone, isStaff, tokens }: Asker,
  { lost, contact, text }: Asked,
  onFile: readonly Address[],
  account: Account,
  isSeen: boolean,
): Recovery {
  const now = scope.now();
  const id = randomRequestId();
  const isOnFile = onFile.some((one) => isSame(one, contact));
  const from = scope.request && placeOf(scope.request);
  const isKnown = visitOf(account, tokens, scope).known.length > 0;
  const request: Recovery = {
    id,
    reference: randomReference(),
    state: 'started',
    startedAt: now,
    steps: [{ at: now, state: 'started' }],
    route: isOnFile ? 'short' : 'long',
    lost,
    ...(text !== null && { text: sealIn(scope, userId, id, text) }),
    contact: {
      channel: contact.channel,
      address: sealContact(userId, contact.address, scope.seal),
      hint: contact.hint,
      onFile: isOnFile,
    },
    language: language.lang,
    timeZone,
    from,
    evidence: login ? [{ id: randomEvidenceId(), kind: 'password', at: now, proven: true }] : [],
    flags: flagsOf(account, { isOnFile, isKnown, isSeen, isStaff }, now),
    dueAt: null,
  };
  return { ...request, dueAt: dueOf(request) };
}

interface Signs {
  readonly isOnFile: boolean;
  /** In this browser somebody has signed in to the account before. */
  readonly isKnown: boolean;
  /** Another request came from the same address. */
  readonly isSeen: boolean;
  readonly isStaff: boolean;
}

/** Why a reviewer should look twice. */
export function flagsOf(
  { reachChangedAt = -Infinity, resetBy, recoveries = [] }: Account,
  { isOnFile, isKnown, isSeen, isStaff }: Signs,
  now: number,
): readonly Flag[] {
  const flags: readonly (Flag | false)[] = [
    !isOnFile && 'new_contact',
    now - reachChangedAt < RECENT && 'reach_changed',
    resetBy !== undefined && 'password_reset',
    recoveries.length > 0 && 'repeated',
    !isKnown && 'unknown_browser',
    isSeen && 'same_address',
    isStaff && 'staff',
  ];
  return flags.filter((flag) => flag !== false);
}

export const isSame = (
  one: { channel: Channel; key: string },
  other: { channel: Channel; key: string },
): boolean => one.channel === other.channel && one.key === other.key;

/** Seals something that was said in a request. */
export const sealIn = ({ seal }: Pick<Scope, 'seal'>, user: UserId, id: string, text: string) =>
  seal.close(Buffer.from(text), { user, factor: id, purpose: 'request' });

export const openIn = (
  { seal }: Pick<Scope, 'seal'>,
  user: UserId,
  id: string,
  sealed: Recovery['text'] & string,
): string => seal.open(sealed, { user, factor: id, purpose: 'request' }).toString();
