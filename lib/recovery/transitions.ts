import {
  isOpenState,
  type OpenState,
  type OwnerRules,
  type Recovery,
  type RequestState,
} from '../account/recovery';
import type { UserId } from '../account/terms';
import { refuse, type Missing, type Refusal } from '../errors';
import { couldSuffice, tallyNow, type EvidenceRules } from './points';

/** Who does something about a request. */
export type Who =
  /** Whoever has its address: not known to be anybody. */
  | { readonly as: 'requester' }
  /** Whoever signed in, or has the link of a notice. */
  | { readonly as: 'owner' }
  | { readonly as: 'voucher'; readonly id: UserId }
  /** Somebody of the operator's, of whom it was asked whether they may. */
  | { readonly as: 'reviewer'; readonly id: UserId }
  /** What is due by the clock. */
  | { readonly as: 'process' };

export type Act = keyof typeof table;

/** What decides besides the request itself. */
export interface Circumstances {
  readonly now: number;
  readonly target: UserId;
  readonly rules: EvidenceRules;
  readonly owner: OwnerRules;
  /** A second person has to agree. */
  readonly twoPeople: boolean;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long a request may be in a state, from its start; `ready` from when that began. */
const LAPSES = { started: DAY, evidence: 30 * DAY, ready: 7 * DAY } as const;
/**
 * How long after its start a request that is over is shown, and a request of nobody: a little longer than any lasts without
 * a decision.
 */
export const KNOWN_FOR = 31 * DAY;
/** How often an unused ticket is replaced, with the first. */
const MOST_TICKETS = 3;
export const TICKET_LIFE = DAY;
export const TICKET_TRIES = 5;

interface Row {
  readonly by: readonly Who['as'][];
  readonly from: readonly RequestState[];
  /** The state after it; `evidence`: in review, once what was given could be enough. */
  readonly to: RequestState | 'same' | 'evidence';
  readonly guard?: (request: Recovery, by: Who, of: Circumstances) => Refusal | null;
}

const taking: readonly OpenState[] = ['contact_confirmed', 'awaiting_evidence', 'in_review', 'more_info'];
const lapsing: readonly OpenState[] = ['started', ...taking];
const open: readonly OpenState[] = [...lapsing, 'approved_waiting', 'ready'];
const review: readonly OpenState[] = ['in_review'];

/**
 * Every way in which a request changes. There is no other: what is not in this table is refused, whoever asks. Nobody
 * alone gets anybody in: what counts is evidence of several kinds, a wait by our clock, and an owner who can stop it at
 * any time.
 */
const table = {
  confirm_contact: { by: ['requester'], from: ['started'], to: 'contact_confirmed' },
  add_evidence: { by: ['requester'], from: taking, to: 'evidence' },
  vouch: { by: ['voucher'], from: taking, to: 'evidence' },
  send_letter: { by: ['reviewer'], from: taking, to: 'same', guard: noCodeYet },
  withdraw: { by: ['requester'], from: open, to: 'withdrawn' },
  assign: { by: ['reviewer'], from: open, to: 'same' },
  judge: { by: ['reviewer'], from: review, to: 'same' },
  ask_more: { by: ['reviewer'], from: review, to: 'more_info' },
  hold: { by: ['reviewer'], from: open, to: 'on_hold' },
  reject: { by: ['reviewer'], from: [...open, 'on_hold'], to: 'rejected' },
  recommend: { by: ['reviewer'], from: review, to: 'same', guard: enough },
  approve: { by: ['reviewer'], from: review, to: 'approved_waiting', guard: agreed },
  cancel: {
    by: ['owner', 'reviewer'],
    from: [...open, 'on_hold'],
    to: 'cancelled_by_owner',
  },
  supersede: { by: ['owner'], from: open, to: 'superseded_by_signin' },
  remind: { by: ['process'], from: ['approved_waiting'], to: 'same' },
  become_ready: { by: ['process'], from: ['approved_waiting'], to: 'ready', guard: waited },
  renew_ticket: { by: ['requester'], from: ['ready'], to: 'same', guard: ticketLeft },
  try_ticket: { by: ['requester'], from: ['ready'], to: 'same' },
  use_ticket: { by: ['requester'], from: ['ready'], to: 'same' },
  complete: { by: ['requester'], from: ['ready'], to: 'completed', guard: waited },
  expire: { by: ['process'], from: [...lapsing, 'ready'], to: 'expired', guard: lapsed },
} as const satisfies { readonly [name: string]: Row };

export const acts = Object.keys(table) as Act[];

/**
 * What becomes of a request by this, or why not: first who may not, then what is out of order, then what is missing.
 */
export function transition(
  request: Recovery,
  act: Act,
  by: Who,
  of: Circumstances,
): { readonly ok: true; readonly state: RequestState } | Refusal {
  const { by: allowed, from, to, guard }: Row = table[act];
  if (!allowed.includes(by.as)) return refuse('forbidden');
  if (by.as === 'reviewer' && isTheirs(request, act, by.id, of.target)) return refuse('forbidden');
  if (by.as === 'voucher' && hasHandled(request, by.id)) return refuse('forbidden');
  if (!from.includes(request.state)) return refuse('conflict', { state: request.state });
  if (act !== 'expire' && of.now >= lapsesAt(request)) return refuse('conflict', { state: 'expired' });
  const refused = guard?.(request, by, of) ?? null;
  if (refused) return refused;
  if (to === 'same') return { ok: true, state: request.state };
  if (to !== 'evidence') return { ok: true, state: to };
  if (request.state === 'in_review') return { ok: true, state: 'in_review' };
  return {
    ok: true,
    state: couldSuffice(request, of.rules) ? 'in_review' : whileLacking(request.state),
  };
}

const whileLacking = (state: RequestState): RequestState =>
  state === 'more_info' ? state : 'awaiting_evidence';

export const missing = (...what: readonly Missing[]): Refusal => refuse('not_yet', { missing: what });

/** Nobody handles what is about themselves, what they began or vouched for; nor approves by a letter they printed. */
export function isTheirs(
  { begunBy, evidence, letter }: Recovery,
  act: Act,
  id: UserId,
  target: UserId,
): boolean {
  if (id === target || id === begunBy || evidence.some(({ vouchedBy }) => vouchedBy === id)) return true;
  return (act === 'recommend' || act === 'approve') && id === letter?.by;
}

/** Nor does anybody vouch in a request that they have a say in, or whose letter they printed: that would be both of them. */
const hasHandled = ({ begunBy, recommendedBy, letter, evidence }: Recovery, id: UserId): boolean =>
  [begunBy, recommendedBy, letter?.by, ...evidence.map(({ verdict }) => verdict?.by)].includes(id);

/** Once a code was typed in, another letter would only hide who knew it: whoever printed the first. */
function noCodeYet({ evidence, state }: Recovery): Refusal | null {
  const hasCode = evidence.some(({ kind, proven }) => kind === 'letter' && proven);
  return hasCode ? refuse('conflict', { state }) : null;
}

function enough(request: Recovery, _by: Who, { rules, owner }: Circumstances): Refusal | null {
  const lacking = tallyNow(request, rules, owner).missing;
  return lacking.length > 0 ? missing(...lacking) : null;
}

function agreed(request: Recovery, by: Who, of: Circumstances): Refusal | null {
  const refused = enough(request, by, of);
  if (refused) return refused;
  const { recommendedBy } = request;
  const isSecond =
    recommendedBy !== undefined &&
    by.as === 'reviewer' &&
    by.id !== recommendedBy &&
    // What they did after they had recommended it counts as well.
    !isTheirs(request, 'recommend', recommendedBy, of.target);
  return of.twoPeople && !isSecond ? missing('second_person') : null;
}

/** The wait is over, also by what the owner has decided since; so are the kinds that they ask for. */
function waited(request: Recovery, by: Who, of: Circumstances): Refusal | null {
  const { earliestAt = Infinity } = request;
  const isOver = of.now >= Math.max(earliestAt, approvedAtOf(request) + of.owner.wait);
  return isOver ? enough(request, by, of) : missing('wait');
}

export const approvedAtOf = ({ steps }: Recovery): number =>
  steps.findLast(({ state }) => state === 'approved_waiting')?.at ?? 0;

/** Asked of the request as it would be, too: the link that is to be made counts. */
function ticketLeft({ ticket }: Recovery): Refusal | null {
  return ticket && ticket.made <= MOST_TICKETS ? null : refuse('limit_reached', { reason: 'tickets_used' });
}

function lapsed(request: Recovery, _by: Who, { now }: Circumstances): Refusal | null {
  return now < lapsesAt(request) ? missing('wait') : null;
}

/** When a request lapses if nothing happens, ms. */
export function lapsesAt({ state, startedAt, steps }: Recovery): number {
  if (state === 'started') return startedAt + LAPSES.started;
  if (state === 'ready') return (steps.at(-1)?.at ?? startedAt) + LAPSES.ready;
  return isOpenState(state) && state !== 'approved_waiting' ? startedAt + LAPSES.evidence : Infinity;
}

/** The request by the clock: it has lapsed when its time is over, whether or not that was noted already. */
export function requestNow(request: Recovery, now: number): Recovery {
  const at = lapsesAt(request);
  if (now < at) return request;
  return { ...request, state: 'expired', steps: [...request.steps, { at, state: 'expired' }] };
}

/** When something of a request is due, ms; null: never. */
export function dueOf(request: Recovery): number | null {
  if (request.state === 'approved_waiting') return nextOfWait(request);
  const at = lapsesAt(request);
  return at === Infinity ? null : at;
}

/** The owner is reminded when half of the wait is over, and a day before its end. */
export function remindersOf(request: Recovery): number[] {
  const { earliestAt = 0 } = request;
  const approvedAt = approvedAtOf(request);
  const half = approvedAt + Math.floor((earliestAt - approvedAt) / 2);
  return [half, Math.max(half, earliestAt - DAY)];
}

const nextOfWait = (request: Recovery): number =>
  remindersOf(request)[request.reminded ?? 0] ?? request.earliestAt ?? 0;
