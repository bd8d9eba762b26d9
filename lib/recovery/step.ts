import type { Account } from '../account/account';
import {
  isOpenState,
  openRequest,
  type OwnerRules,
  type Recovery,
  type RequestState,
  requestOf,
  requestToDecide,
  rulesNow,
  withRequest,
} from '../account/recovery';
import { addRecord } from '../audit/chain';
import type { RecoverySettings } from '../core/scope';
import { randomTicketId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { withReply } from './replies';
import { type Act, approvedAtOf, dueOf, requestNow, TICKET_LIFE, transition, type Who } from './transitions';

/** One step of a request. */
export interface Step {
  readonly act: Act;
  readonly by: Who;
  /** Why, as whoever did it says; for the audit trail. */
  readonly reason?: string;
  /** For an approval: whether it takes a second person here. */
  readonly twoPeople?: boolean;
  /** What else it does to the request, or why it can't be done after all. */
  readonly prepare?: (request: Recovery, account: Account, now: number) => Recovery | Refusal;
}

export interface Stepped {
  readonly ok: true;
  readonly account: Account;
  readonly request: Recovery;
  readonly events: readonly PlannedEvent[];
  /** Documents that are no longer needed. */
  readonly dropped: readonly string[];
}

/**
 * A request after a step of the table, with its audit record, or why it does not take it. Pure: whoever calls it saves the
 * account, such as a sign-in that ends a request, or the new factor that completes one.
 */
export function takeStep(
  settings: RecoverySettings | null,
  account: Account,
  id: string,
  { act, by, reason, twoPeople = true, prepare }: Step,
  now: number,
): Stepped | Refusal {
  const before = requestOf(account, id);
  if (!before || !settings) return refuse('not_found');
  const owner = rulesNow(account.ownerRules, now);
  const of = { now, target: account.userId, rules: settings.evidence, owner, twoPeople };
  const allowed = transition(before, act, by, of);
  if (!allowed.ok) return allowed;
  const prepared = prepare?.(before, account, now) ?? before;
  if ('ok' in prepared) return prepared;
  const next = transition(prepared, act, by, of);
  if (!next.ok) return next;
  // No step: whoever has only a name could else write to an account, and to its record, as often as they like.
  if (prepared === before && next.state === before.state) return nothingNew(account, before);

  const { state } = next;
  const request = entered(prepared, state, before.state, account, settings, owner, now);
  const audited = addRecord(
    withRequest(account, request),
    {
      actor: 'id' in by ? { user: by.id } : by.as === 'owner' ? { user: account.userId } : by.as,
      action: actionOf(act),
      reason: reason ?? null,
      request: request.reference,
    },
    now,
  );
  return {
    ok: true,
    account: audited,
    request,
    events: eventsOf(act, request, state !== before.state),
    dropped: before.evidence.flatMap(({ file }) =>
      file && !request.evidence.some((item) => item.file?.id === file.id) ? [file.id] : [],
    ),
  };
}

const nothingNew = (account: Account, request: Recovery): Stepped => ({
  ok: true,
  account,
  request,
  events: [],
  dropped: [],
});

/** What people call it, where that differs. */
const NAMES: { readonly [Name in Act]?: string } = { ask_more: 'more-info', judge: 'evidence' };

/** What an act is called in the audit. */
export const actionOf = (act: Act): string => `request.${NAMES[act] ?? act}`;

function eventsOf(act: Act, request: Recovery, isMoved: boolean): PlannedEvent[] {
  const { reference, earliestAt = 0 } = request;
  return [
    ...(act === 'vouch' ? [{ name: 'recovery.vouched', reference } as const] : []),
    ...(act === 'remind' ? [{ name: 'recovery.reminded', reference, until: earliestAt } as const] : []),
    // A new ticket is sent, and told, as the first one was.
    ...(isMoved || act === 'renew_ticket' ? [changedEvent(request)] : []),
  ];
}

export const changedEvent = ({ reference, state, earliestAt }: Recovery): PlannedEvent => ({
  name: 'recovery.changed',
  reference,
  state,
  ...(earliestAt !== undefined && { until: earliestAt }),
});

/** A request in the state that it has reached, with what belongs to that. */
function entered(
  prepared: Recovery,
  state: RequestState,
  from: RequestState,
  account: Account,
  settings: RecoverySettings,
  owner: OwnerRules,
  now: number,
): Recovery {
  if (state === from) return { ...prepared, dueAt: dueOf(prepared) };
  const moved: Recovery = { ...prepared, state, steps: [...prepared.steps, { at: now, state }] };
  const isDecided = state === 'approved_waiting' || !isOpenState(state);
  const decided = isDecided ? withoutPapers(state === 'rejected' ? moved : withReply(moved, null)) : moved;
  const timed: Recovery =
    state === 'approved_waiting'
      ? { ...decided, earliestAt: now + waitOf(decided, account, settings, owner), reminded: 0 }
      : state === 'ready'
        ? { ...decided, ticket: { id: randomTicketId(), until: now + TICKET_LIFE, made: 1, tries: 0 } }
        : decided;
  return { ...timed, dueAt: dueOf(timed) };
}

/** What was given as evidence goes once it is decided (GDPR art. 5(1)(e)); that it was given stays. */
function withoutPapers({ text: _, letter: __, ...request }: Recovery): Recovery {
  return {
    ...request,
    evidence: request.evidence.map(({ facts: _facts, file: _file, voucher: _voucher, ...item }) => item),
  };
}

const DAY = 86_400_000;
const LEAST_WAIT = DAY;
const RECENT = 30 * DAY;

/** How long to wait after the approval, ms. Whatever makes it longer counts, and nothing makes it short. */
export function waitOf(
  request: Recovery,
  account: Account,
  { waits }: RecoverySettings,
  { wait }: OwnerRules,
): number {
  const isLong = whyLonger(request, account) !== null;
  return Math.max(isLong ? waits.long : waits.short, wait, LEAST_WAIT);
}

/** A wait gets longer, and never shorter, by what happens in it: addresses or the password change, its owner decides. */
export function withLongestWait(settings: RecoverySettings | null, account: Account, now: number): Account {
  const request = openRequest(account);
  if (!settings || request?.state !== 'approved_waiting') return account;
  const wait = waitOf(request, account, settings, rulesNow(account.ownerRules, now));
  const earliestAt = Math.max(request.earliestAt ?? 0, approvedAtOf(request) + wait);
  if (earliestAt === request.earliestAt) return account;
  const later = { ...request, earliestAt };
  return withRequest(account, { ...later, dueAt: dueOf(later) });
}

/** Why the long wait applies: there is a new address, or something that leads to the owner was changed lately. */
export function whyLonger(
  { route, startedAt }: Recovery,
  { reachChangedAt = -Infinity }: Account,
): 'new_contact' | 'changed' | null {
  if (route === 'long') return 'new_contact';
  return reachChangedAt > startedAt - RECENT ? 'changed' : null;
}

/** The request that its owner may stop; null: there is none, or it has lapsed, which is only noted later. */
export function stoppableRequest(account: Account, now: number): Recovery | null {
  const stored = requestToDecide(account);
  const request = stored && requestNow(stored, now);
  return request && request.state !== 'expired' ? request : null;
}

/** A sign-in with what was there before ends the request: its owner has access. */
export function superseded(
  settings: RecoverySettings | null,
  account: Account,
  now: number,
): { readonly account: Account; readonly events: readonly PlannedEvent[] } {
  const request = openRequest(account);
  const step =
    request && takeStep(settings, account, request.id, { act: 'supersede', by: { as: 'owner' } }, now);
  return step?.ok ? step : { account, events: [] };
}
