import type { Account, OutboxItem } from '../account/account';
import type { AskCode, EvidenceItem, NotedNotice, Recovery } from '../account/recovery';
import type { BrowserName, ProofType, UserId } from '../account/terms';
import { enrolledTypes } from '../account/factors';
import type { Scope } from '../core/scope';
import type { Refusal } from '../errors';
import { openContact } from '../notices/contacts';
import { isAbout } from '../notices/noted';
import { openIn } from '../recovery/begin';
import { asksFor } from '../recovery/replies';
import type { Office } from './office';
import { findRequestFor, type FoundRequest, openVerbs, type RequestVerb } from './requests';
import { type RequestView, viewOf } from './request-view';

/** Whether what was said is what we know; null: nothing is known that it could be compared with. */
type Match = 'match' | 'no_match' | null;

/** A request as its reviewer sees it: what was said beside what is known. Times in ms. */
export interface RequestDetails {
  readonly ok: true;
  readonly request: RequestView;
  readonly said: {
    readonly text: string | null;
    readonly lost: readonly ProofType[];
    readonly contact: string;
    readonly browser: BrowserName | null;
    readonly address: string | null;
    readonly language: string;
  };
  readonly known: {
    readonly types: readonly ProofType[];
    /** What follows is masked: whoever reads it may not call people by it. */
    readonly masked: boolean;
    readonly numbers: readonly string[];
    readonly mails: readonly string[];
    readonly browsers: readonly BrowserName[];
    readonly language: string | null;
    readonly reachChangedAt: number | null;
    /** When the password was last reset by a message, if nothing was proven since. */
    readonly passwordResetAt: number | null;
  };
  readonly matches: { readonly [Of in 'lost' | 'contact' | 'browser' | 'language']: Match };
  /** What was given, where it can be read. */
  readonly papers: {
    readonly [itemId: string]: {
      readonly facts?: Readonly<Record<string, string>>;
      readonly voucher?: string;
      readonly vouchedBy?: UserId;
      readonly file?: { readonly type: string; readonly bytes: number };
    };
  };
  /** Notices of it that were handed over, or given up; the newest last. */
  readonly notices: readonly NotedNotice[];
  /** Notices of it that have yet to reach somebody. */
  readonly waiting: readonly {
    readonly at: number;
    readonly to: number;
    readonly tries: number;
    readonly answers: boolean;
  }[];
  /** Our sentences with which more can be asked for. */
  readonly asks: readonly AskCode[];
  /** null: it can be done now. */
  readonly verbs: { readonly [Name in RequestVerb | 'evidence']: Refusal | null };
}

export async function requestDetails(office: Office, reference: string): Promise<RequestDetails | Refusal> {
  const found = await findRequestFor(office, 'requests.read', reference);
  if (!found.ok) return found;
  const { scope } = office;
  const { account, request, user } = found;
  const [addresses, mayCall, verbs] = await Promise.all([
    scope.notices.addressesOf(account),
    office.may('contacts.call', found),
    openVerbs(office, found),
  ]);
  const shown = (channel: 'sms' | 'email') =>
    (addresses ?? [])
      .filter((one) => one.channel === channel)
      .map(({ address, hint }) => (mayCall ? address : hint));
  const contact = mayCall ? openContact(account.userId, request.contact, scope.seal) : request.contact.hint;
  return {
    ok: true,
    request: viewOf(office, found, user),
    said: {
      text: request.text === undefined ? null : openIn(scope, account.userId, request.id, request.text),
      lost: request.lost,
      contact,
      browser: request.from?.browser ?? null,
      address: request.from?.address ?? null,
      language: request.language,
    },
    known: {
      types: enrolledTypes(account),
      masked: !mayCall,
      numbers: shown('sms'),
      mails: shown('email'),
      browsers: account.browsers.flatMap(({ name }) => (name ? [name] : [])),
      language: account.language ?? null,
      reachChangedAt: account.reachChangedAt ?? null,
      passwordResetAt: account.resetBy?.at ?? null,
    },
    matches: matchesOf(account, request),
    papers: Object.fromEntries(request.evidence.map((item) => [item.id, paperOf(scope, found, item)])),
    notices: request.notices ?? [],
    waiting: (account.outbox ?? []).filter((one) => isAbout(one, request)).map(waitingOf),
    asks: scope.settings.recovery ? asksFor(scope.settings.recovery.evidence) : [],
    verbs,
  };
}

function matchesOf(account: Account, request: Recovery): RequestDetails['matches'] {
  const { lost, contact, from, language } = request;
  const types: readonly ProofType[] = enrolledTypes(account);
  const said = from?.browser;
  const isSame = (one: BrowserName | null): boolean =>
    one?.browser === said?.browser && one?.system === said?.system;
  return {
    lost: mark(lost.every((type) => type === 'backup-code' || types.includes(type))),
    contact: mark(contact.onFile),
    browser:
      said && account.browsers.length > 0 ? mark(account.browsers.some(({ name }) => isSame(name))) : null,
    language: account.language === undefined ? null : mark(account.language === language),
  };
}

const mark = (isMatch: boolean): Match => (isMatch ? 'match' : 'no_match');

function paperOf(
  scope: Scope,
  { account: { userId }, request: { id } }: FoundRequest,
  { facts, voucher, vouchedBy, file }: EvidenceItem,
): RequestDetails['papers'][string] {
  return {
    ...(facts !== undefined && { facts: factsIn(openIn(scope, userId, id, facts)) }),
    ...(voucher !== undefined && { voucher: openIn(scope, userId, id, voucher) }),
    ...(vouchedBy !== undefined && { vouchedBy }),
    ...(file && { file: { type: file.type, bytes: file.bytes } }),
  };
}

const factsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(JSON.parse(text) as object).map(([name, value]) => [name, String(value)]),
  );

const waitingOf = ({ at, to, tries, answers }: OutboxItem) => ({
  at,
  to: to.length,
  tries,
  answers: answers === true,
});
