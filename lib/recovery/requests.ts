import type { Account } from '../account/account';
import {
  type EvidenceItem,
  type EvidenceKind,
  isOpen,
  knowsPassword,
  type Recovery,
  requestOf,
  type RequestState,
  rulesNow,
} from '../account/recovery';
import type { Channel, UserId } from '../account/terms';
import { visitOf } from '../core/browser';
import type { Sent } from '../core/dispatch-code';
import type { Scope } from '../core/scope';
import { randomEvidenceId, randomTicketId } from '../crypto/random';
import type { Address } from '../delivery/address';
import type { MailLanguage } from '../delivery/message-texts';
import { refuse, type Refusal } from '../errors';
import { readContact } from '../notices/contacts';
import { sealIn } from './begin';
import { changeRequest } from './change';
import { checkRequestCode, sendRequestCode } from './codes';
import { refuseMoreFiles } from './documents';
import { checkLetterCode } from './letter-proof';
import { tallyNow, type Tally } from './points';
import type { Step, Stepped } from './step';
import { KNOWN_FOR, requestNow, TICKET_LIFE } from './transitions';

/** What whoever asks can do, by the address of their request. None of it needs a login, and none of it opens anything. */

export interface Found {
  readonly account: Account;
  readonly request: Recovery;
}

/**
 * The request that an address leads to; null: there is none any more. One that is over is shown no longer than one of
 * nobody, so that its end says nothing about whether there is such an account.
 */
export async function findRequest(scope: Scope, userId: UserId, id: string): Promise<Found | null> {
  const account = await scope.accounts.load(userId);
  const stored = account && requestOf(account, id);
  if (!account || !stored) return null;
  const now = scope.now();
  const request = requestNow(stored, now);
  const isDecided = !isOpen(request) && request.state !== 'on_hold';
  return isDecided && now >= request.startedAt + KNOWN_FOR ? null : { account, request };
}

/** What counts by now, and what is missing. */
export const standing = (scope: Scope, { account, request }: Found): Tally | null =>
  scope.settings.recovery &&
  tallyNow(request, scope.settings.recovery.evidence, rulesNow(account.ownerRules, scope.now()));

/**
 * The same for whoever asks. What its owner wants besides is told only to whoever has the password: it says that there is
 * such an account.
 */
export function standingShown(scope: Scope, found: Found): Tally | null {
  const tally = standing(scope, found);
  if (!tally || knowsPassword(found.request)) return tally;
  return { ...tally, missing: tally.missing.filter((one) => one !== 'owner_kinds') };
}

const requester = { as: 'requester' } as const;

const act = (scope: Scope, { account, request }: Found, step: Omit<Step, 'by'>): Promise<Stepped | Refusal> =>
  changeRequest(scope, account.userId, request.id, { ...step, by: requester });

/** Whoever asks has the password, or one of the operator's own has begun it. */
const isMoreThanName = (request: Recovery): boolean =>
  knowsPassword(request) || request.begunBy !== undefined;

/** Sends the code that confirms where answers go, once more. */
export async function resendContactCode(
  scope: Scope,
  { account, request }: Found,
  language: MailLanguage,
): Promise<Sent | Refusal> {
  const { userId } = account;
  if (request.state !== 'started') return refuse('conflict', { state: request.state });
  const read = readContact(userId, request.contact, scope);
  if (!read.ok) return refuse('delivery_failed', { retryAfter: 3600 });
  return sendRequestCode(
    scope,
    { userId, id: request.id, of: 'contact' },
    { to: read.address, isOnFile: request.contact.onFile, isProven: isMoreThanName(request), language },
  );
}

/** The address for answers is theirs; one on file speaks for them besides. */
export async function confirmContact(scope: Scope, found: Found, code: unknown): Promise<Stepped | Refusal> {
  const { account, request } = found;
  if (request.state !== 'started') return refuse('conflict', { state: request.state });
  const checked = await checkRequestCode(
    scope,
    { userId: account.userId, id: request.id, of: 'contact' },
    code,
  );
  if (!checked.ok) return checked;
  return act(scope, found, {
    act: 'confirm_contact',
    prepare: (one, _account, now) =>
      one.contact.onFile ? withItem(one, proven(kindOf(one.contact.channel), now)) : one,
  });
}

/** Its owner stops it, by the link in a notice: now, and as often as asked. Nothing else can be undone by that link. */
export async function cancelRequest(scope: Scope, { account, request }: Found): Promise<Stepped | Refusal> {
  const step = { act: 'cancel', by: { as: 'owner' } } as const;
  return changeRequest(scope, account.userId, request.id, step);
}

export const withdraw = (scope: Scope, found: Found): Promise<Stepped | Refusal> =>
  act(scope, found, { act: 'withdraw' });

/** What was given as evidence, checked. */
export type Given =
  | { readonly kind: 'mail' | 'phone'; readonly code: unknown }
  | { readonly kind: 'browser'; readonly tokens: readonly string[] }
  | { readonly kind: 'invoice'; readonly facts: Readonly<Record<string, string>> }
  | { readonly kind: 'voucher'; readonly user: string }
  | { readonly kind: 'identity'; readonly file: NonNullable<EvidenceItem['file']> }
  | { readonly kind: 'letter'; readonly code: unknown }
  | { readonly kind: 'video' | 'certified' | 'esign' };

const TAKING: ReadonlySet<RequestState> = new Set<RequestState>([
  'contact_confirmed',
  'awaiting_evidence',
  'in_review',
  'more_info',
]);

/** Whether evidence is taken in this state. */
export const isTaking = (state: RequestState): boolean => TAKING.has(state);

/** Whether evidence is taken now, and of this kind; asked before a code is sent or a document is kept. */
export function refuseEvidence(scope: Scope, { request }: Found, kind: EvidenceKind): Refusal | null {
  const { recovery } = scope.settings;
  if (!recovery || kind === 'password' || recovery.evidence.points[kind] === 0)
    return refuse('malformed', { field: 'kind' });
  return isTaking(request.state) ? null : refuse('conflict', { state: request.state });
}

/**
 * Sends a code to the address on file. The answer is the same where there is none, and does not wait for the provider.
 */
export async function sendEvidenceCode(
  scope: Scope,
  found: Found,
  kind: 'mail' | 'phone',
  language: MailLanguage,
): Promise<Sent | Refusal> {
  const refused = refuseEvidence(scope, found, kind);
  if (refused) return refused;
  const { account, request } = found;
  const to = await onFileFor(scope, account, kind === 'mail' ? 'email' : 'sms');
  const code = { userId: account.userId, id: request.id, of: kind } as const;
  const where = { to, isOnFile: true, isProven: isMoreThanName(request), language };
  return sendRequestCode(scope, code, where, true);
}

/** Where this user is known to be reached: of several, the one that has been theirs longest. */
export async function onFileFor(scope: Scope, account: Account, channel: Channel): Promise<Address | null> {
  const all = (await scope.notices.addressesOf(account)) ?? [];
  return all.find((one) => one.channel === channel) ?? null;
}

const MOST_ITEMS = 30;

/** Adds a piece of evidence. What we can't check ourselves waits for a reviewer. */
export async function addEvidence(scope: Scope, found: Found, given: Given): Promise<Stepped | Refusal> {
  const { account, request } = found;
  const { userId } = account;
  const refused = refuseEvidence(scope, found, given.kind);
  if (refused) return refused;
  const { kind } = given;
  if (kind === 'mail' || kind === 'phone') {
    const checked = await checkRequestCode(scope, { userId, id: request.id, of: kind }, given.code);
    if (!checked.ok) return checked;
  }
  if (kind === 'letter') {
    const checked = await checkLetterCode(scope, userId, request, given.code);
    if (!checked.ok) return checked;
  }
  return act(scope, found, {
    act: 'add_evidence',
    prepare: (one, current, now) => {
      // Another one was sent meanwhile.
      if (kind === 'letter' && one.letter?.digest !== request.letter?.digest) return refuse('wrong_code');
      const item = itemOf(scope, current, one, given, now);
      if (item === null) return one;
      // Others were uploaded meanwhile.
      const tooMany = item.file && scope.documents && refuseMoreFiles(scope.documents, one);
      if (tooMany) return tooMany;
      return one.evidence.length < MOST_ITEMS
        ? withItem(one, item)
        : refuse('limit_reached', { most: MOST_ITEMS });
    },
  });
}

/** null: it says nothing, as a browser that the account does not know. */
function itemOf(
  scope: Scope,
  account: Account,
  request: Recovery,
  given: Given,
  now: number,
): EvidenceItem | null {
  const { kind } = given;
  const base = { id: randomEvidenceId(), kind, at: now };
  const sealed = (text: string) => sealIn(scope, account.userId, request.id, text);
  switch (kind) {
    case 'mail':
    case 'phone':
    case 'letter':
      return proven(kind, now);
    case 'browser':
      return visitOf(account, given.tokens, scope).known.length > 0 ? proven(kind, now) : null;
    case 'invoice':
      return { ...base, facts: sealed(JSON.stringify(given.facts)) };
    case 'voucher':
      return { ...base, voucher: sealed(given.user) };
    case 'identity':
      return { ...base, file: given.file };
    case 'video':
    case 'certified':
    case 'esign':
      break;
  }
  return base;
}

const proven = (kind: EvidenceKind, at: number): EvidenceItem => ({
  id: randomEvidenceId(),
  kind,
  at,
  proven: true,
});

const kindOf = (channel: Channel): 'mail' | 'phone' => (channel === 'email' ? 'mail' : 'phone');

/** What only has to be said once is kept once. */
function withItem(request: Recovery, item: EvidenceItem): Recovery {
  const isAgain = ({ kind, proven: isProven, facts, file, voucher, verdict }: EvidenceItem): boolean =>
    kind === item.kind &&
    verdict === undefined &&
    (isProven === true || (facts === undefined && file === undefined && voucher === undefined)) &&
    item.facts === undefined &&
    item.file === undefined &&
    item.voucher === undefined;
  return request.evidence.some(isAgain) ? request : { ...request, evidence: [...request.evidence, item] };
}

/** Another link to set up new factors; the one before is dead. */
export const renewTicket = (scope: Scope, found: Found): Promise<Stepped | Refusal> =>
  act(scope, found, {
    act: 'renew_ticket',
    prepare: (one, _account, now) => ({
      ...one,
      ticket: { id: randomTicketId(), until: now + TICKET_LIFE, made: (one.ticket?.made ?? 0) + 1, tries: 0 },
    }),
  });
