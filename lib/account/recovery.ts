import type { BrowserName, Channel, ProofType, Sealed, UserId } from './terms';

/** Names a request inside the account. Not a secret: links to it are sealed. */
export type RecoveryId = string & { readonly brand: 'RecoveryId' };

/** How far an open request is. */
export type OpenState =
  | 'started'
  | 'contact_confirmed'
  | 'awaiting_evidence'
  | 'in_review'
  | 'more_info'
  | 'approved_waiting'
  | 'ready';

/** How a request is over; `on_hold` can still be rejected or cancelled. */
export type Exit =
  | 'completed'
  | 'cancelled_by_owner'
  | 'withdrawn'
  | 'superseded_by_signin'
  | 'rejected'
  | 'expired'
  | 'on_hold';

export type RequestState = OpenState | Exit;

/** What can speak for the person who asks for access. */
export type EvidenceKind =
  | 'password'
  | 'mail'
  | 'phone'
  | 'browser'
  | 'invoice'
  | 'voucher'
  | 'letter'
  | 'identity'
  | 'video'
  | 'certified'
  | 'esign';

export type Verdict = 'match' | 'no_match' | 'unclear';

/** One piece of evidence. Times in ms. */
export interface EvidenceItem {
  readonly id: string;
  readonly kind: EvidenceKind;
  readonly at: number;
  /** It was checked by us, as a code is; otherwise a reviewer's verdict decides. */
  readonly proven?: true;
  readonly verdict?: {
    readonly of: Verdict;
    readonly note: string;
    readonly by: UserId;
    readonly at: number;
  };
  /** What was said of an invoice, sealed; gone once it is decided. */
  readonly facts?: Sealed;
  /** A document in the app's evidence store; gone once it is decided. */
  readonly file?: { readonly id: string; readonly type: string; readonly bytes: number };
  /** Who was named as a voucher, sealed: perhaps nobody that exists. */
  readonly voucher?: Sealed;
  /** Who did vouch. */
  readonly vouchedBy?: UserId;
}

/** A code in a letter to the postal address on file. Times in ms. */
export interface Letter {
  readonly digest: Sealed;
  readonly until: number;
  readonly by: UserId;
}

/** What a reviewer asks for, as one of our sentences. */
export type AskCode = 'on_file' | 'invoice' | 'document' | 'readable' | 'voucher' | 'certified' | 'disagrees';

/** Why a request was turned down, as far as whoever asked is told. */
export type RejectCode = 'not_enough' | 'no_match' | 'unreadable' | 'objected' | 'duplicate' | 'other_reason';

/** What a reviewer says to whoever asks: one of our sentences, words of their own, or both. */
export interface Reply {
  readonly because?: AskCode | RejectCode;
  readonly text?: string;
}

/** What became of a notice of a request, at one address. */
export interface NotedNotice {
  /** ms */
  readonly at: number;
  /** The state that it tells of, or what else happened. */
  readonly of: RequestState | 'reminded' | 'vouched';
  readonly channel: Channel;
  /** Masked. */
  readonly hint: string;
  /** It went to whoever asks, where they wanted to be answered. */
  readonly answers?: true;
  /** Nobody accepted it for three days. */
  readonly givenUp?: true;
}

/** Why a reviewer should look twice. */
export type Flag =
  | 'reach_changed'
  | 'password_reset'
  | 'new_contact'
  | 'repeated'
  | 'unknown_browser'
  | 'same_address'
  | 'staff'
  | 'begun_by_staff';

/** A request for access again. Times in ms. */
export interface Recovery {
  readonly id: RecoveryId;
  /** `RA-` and 10 letters, for people. */
  readonly reference: string;
  readonly state: RequestState;
  readonly startedAt: number;
  readonly steps: readonly { readonly at: number; readonly state: RequestState }[];
  /** Short where the contact is on file. */
  readonly route: 'short' | 'long';
  /** The administrator who began it; absent: the person who asks. */
  readonly begunBy?: UserId;
  readonly lost: readonly ProofType[];
  /** What was said besides, sealed. */
  readonly text?: Sealed;
  /** Where answers go. A new one is used for this request alone, and never proven by it. */
  readonly contact: {
    readonly channel: Channel;
    readonly address: Sealed;
    readonly hint: string;
    readonly onFile: boolean;
  };
  readonly language: string;
  readonly timeZone: string | null;
  readonly from: { readonly browser: BrowserName | null; readonly address: string | null } | null;
  readonly evidence: readonly EvidenceItem[];
  readonly letter?: Letter;
  readonly flags: readonly Flag[];
  /** What a reviewer last said to whoever asks; gone once it is decided otherwise. */
  readonly reply?: Reply;
  /** The newest of its notices that were handed over or given up. */
  readonly notices?: readonly NotedNotice[];
  readonly assignedTo?: UserId;
  /** Whoever says that it should be approved; somebody else approves. */
  readonly recommendedBy?: UserId;
  readonly approvedBy?: UserId;
  /** When access is possible at the earliest. */
  readonly earliestAt?: number;
  /** How many reminders of the wait were sent. */
  readonly reminded?: number;
  /** The link of the moment to set up new factors, how many were made, and wrong tries with this one. */
  readonly ticket?: Ticket;
  /** When it lapses in this state, or what it waits for comes. */
  readonly dueAt: number | null;
}

export interface Ticket {
  readonly id: string;
  readonly until: number;
  readonly made: number;
  readonly tries: number;
  /** The login it was used for. */
  readonly usedBy?: string;
}

/** What an owner has decided in advance. It binds everybody. */
export interface OwnerRules extends OwnerChoice {
  /** No request until then (ms). */
  readonly pausedUntil?: number;
  /** Laxer rules, and when they come into force (ms). */
  readonly pending?: OwnerChoice & { readonly at: number };
}

export interface OwnerChoice {
  /** There is no such way for this account. */
  readonly never: boolean;
  /** How long to wait at least after the approval, ms; 0: as the operator says. */
  readonly wait: number;
  /** Kinds of evidence of which two must count; none: any. */
  readonly needs: readonly EvidenceKind[];
}

/** Whether it was begun in a half login; otherwise by a name, which anybody may know. */
export const knowsPassword = ({ evidence }: Recovery): boolean =>
  evidence.some(({ kind }) => kind === 'password');

/** How many requests are remembered. */
const KEPT = 12;

const openStates: ReadonlySet<RequestState> = new Set<OpenState>([
  'started',
  'contact_confirmed',
  'awaiting_evidence',
  'in_review',
  'more_info',
  'approved_waiting',
  'ready',
]);

export const isOpenState = (state: RequestState): state is OpenState => openStates.has(state);

export const isOpen = ({ state }: Recovery): boolean => isOpenState(state);

type HasRequests = { readonly recoveries?: readonly Recovery[] };

export const openRequest = ({ recoveries = [] }: HasRequests): Recovery | undefined =>
  recoveries.find(isOpen);

/** Whether a sign-in at this time (ms) or later has ended one. */
export const endedBySignInSince = ({ recoveries = [] }: HasRequests, since: number): boolean =>
  recoveries.some(({ state, steps }) => state === 'superseded_by_signin' && (steps.at(-1)?.at ?? 0) >= since);

/** The one that somebody has to decide: open, or on hold. */
export const requestToDecide = ({ recoveries = [] }: HasRequests): Recovery | undefined =>
  recoveries.find((one) => isOpen(one) || one.state === 'on_hold');

export const requestOf = ({ recoveries = [] }: HasRequests, id: string): Recovery | undefined =>
  recoveries.find((one) => one.id === id);

/** The requests with this one new or changed. */
export const withRequest = <Of extends HasRequests>(account: Of, request: Recovery): Of => {
  const others = (account.recoveries ?? []).filter(({ id }) => id !== request.id);
  return {
    ...account,
    recoveries: [request, ...others].toSorted((one, other) => other.startedAt - one.startedAt).slice(0, KEPT),
  };
};

/** What holds now: a laxer choice counts once its time has come. */
export function rulesNow(rules: OwnerRules | undefined, now: number): OwnerRules {
  const { pending, pausedUntil, ...choice } = rules ?? { never: false, wait: 0, needs: [] };
  const isPaused = pausedUntil !== undefined && now < pausedUntil;
  const rest = isPaused ? { pausedUntil } : {};
  if (pending === undefined) return { ...choice, ...rest };
  if (now < pending.at) return { ...choice, ...rest, pending };
  const { at: _, ...due } = pending;
  return { ...due, ...rest };
}
