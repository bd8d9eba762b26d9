import type { Channel, CodeType, FactorId, ProofType, Rev, StaffAction, UserId } from './account/account';
import type { RequestState } from './account/recovery';
import type { DeliveryErrorKind } from './delivery/message';
import type { ErrorCode } from './errors';
import { bad, nearest } from './options/checks';

export interface Happened {
  readonly userId: UserId;
  /** ms since 1970 */
  readonly at: number;
  /**
   * The saved state of the account that this event belongs to, for telling duplicates apart. Absent when nothing was
   * saved.
   */
  readonly rev?: Rev;
}

/**
 * What happened, by name. No event carries a secret, a code, an address or a session id. `label` is what its owner
 * called the factor.
 */
export interface SecondFactorEvents {
  /** The first factor was right, and a second is owed. */
  'login.owed': Happened & { readonly loginId: string };
  /** The second factor was right, in a browser never seen before: a link was sent, and the login waits for it. */
  'login.waiting': Happened & { readonly loginId: string; readonly type: ProofType };
  /** Someone used such a link to say that the sign-in is not theirs: the login that waited for it was ended. */
  'login.blocked': Happened & { readonly loginId: string; readonly type: ProofType };
  'login.completed': Happened & {
    readonly loginId: string;
    readonly type: ProofType;
    readonly label?: string;
  };
  /** A complete login proved itself again. */
  'login.confirmed': Happened & {
    readonly loginId: string;
    readonly type: ProofType;
    readonly label?: string;
  };
  'proof.accepted': Happened & {
    readonly type: ProofType;
    readonly factorId: FactorId | null;
    readonly label?: string;
  };
  /** Someone who passed the first factor gave a wrong second one. */
  'proof.refused': Happened & {
    readonly type: ProofType;
    readonly code: ErrorCode;
    readonly triesLeft?: number;
  };
  /** A correct proof was given a second time: someone may be eavesdropping (NIST SP 800-63B-4 §3.1.4.2). */
  'proof.replayed': Happened & { readonly type: ProofType };
  /** The last try of a lane was used. */
  'tries.used-up': Happened & { readonly lane: 'known' | 'others' };
  /**
   * A key may have been copied: its counter did not go up (`sign_count`), or it no longer says the same about whether
   * it can be copied. `accepted`: the policy let it pass.
   */
  'key.suspicious': Happened & {
    readonly factorId: FactorId;
    readonly label?: string;
    readonly reason: 'sign_count' | 'backup_eligibility_changed';
    readonly accepted: boolean;
  };
  'two-factor.enabled': Happened;
  'two-factor.disabled': Happened;
  'factor.added': Happened & {
    readonly type: ProofType;
    readonly factorId: FactorId;
    readonly label: string;
  };
  'factor.removed': Happened & {
    readonly type: ProofType;
    readonly factorId: FactorId;
    readonly label: string;
  };
  /** Its owner restored a factor that an objection had suspended. */
  'factor.restored': Happened & {
    readonly type: ProofType;
    readonly factorId: FactorId;
    readonly label: string;
  };
  /** `label` is the new name. */
  'factor.renamed': Happened & {
    readonly type: ProofType;
    readonly factorId: FactorId;
    readonly label: string;
  };
  'backup-codes.made': Happened & { readonly total: number };
  'backup-code.used': Happened & { readonly left: number };
  /** The provider accepted a message with a code. */
  'code.sent': Happened & { readonly type: CodeType; readonly label?: string };
  /** The provider did not accept it. */
  'code.failed': Happened & {
    readonly type: CodeType;
    readonly label?: string;
    readonly kind: DeliveryErrorKind;
  };
  /** A limit on messages was reached: `user`, `address`, `unproven`, `ip`, `prefix`, `country` or `app`. */
  'sends.refused': Happened & { readonly type: CodeType; readonly budget: string };
  /**
   * So few of the codes that this process sent in an hour were used that someone may be earning money from the
   * messages.
   */
  'sends.unused': Happened & { readonly channel: Channel; readonly sent: number; readonly verified: number };
  /** Someone signed in with a second factor, in a browser that the account did not know. */
  'browser.new': Happened & { readonly browserId: string };
  /** Its user removed it from the known browsers. */
  'browser.forgotten': Happened & { readonly browserId: string };
  /** Its user chose not to be asked for a second factor in it for a while. */
  'browser.remembered': Happened & { readonly browserId: string };
  /** The cookie of a remembered browser was copied, so the browser was forgotten. */
  'browser.copied': Happened & { readonly browserId: string };
  /**
   * A login was completed without a second factor: its user has none, or another service has asked for one (`accepted`).
   */
  'login.exempt': Happened & { readonly loginId: string; readonly accepted: boolean };
  /** A login in a remembered browser was completed without a second factor. */
  'login.remembered': Happened & { readonly loginId: string; readonly browserId: string };
  /** Someone used the link in a notice: what the change had added is suspended, and changes are held for a day. */
  'change.objected': Happened & { readonly suspended: number };
  /** The owner allowed changes again before the day was over. */
  'changes.released': Happened;
  /** Every login was ended; `except` is the one that asked for it, if it goes on. */
  'logins.ended': Happened & { readonly except: string | null };
  /** One login is over. */
  'login.ended': Happened & { readonly loginId: string; readonly why: EndOfLogin };
  /** The app gives different addresses for a user than before. */
  'contacts.changed': Happened;
  /**
   * `users.contacts` could not be used: it threw (`failed`), took too long (`slow`), returned something else
   * (`malformed`), or there was no user to call it for (`no_user`). Notices go to the addresses known from before.
   */
  'contacts.failed': Happened & { readonly reason: 'failed' | 'slow' | 'malformed' | 'no_user' };
  /** A provider accepted a notice, or an endpoint a webhook. `notice`: the first of the events it is about. */
  'notice.sent': Happened & { readonly notice: string; readonly channel: Channel | 'webhook' };
  /** It did not; it is tried again. */
  'notice.failed': Happened & {
    readonly notice: string;
    readonly channel: Channel | 'webhook';
    readonly kind: DeliveryErrorKind;
  };
  /** It was given up: after three days of trying (`failed`), or because too many were waiting (`full`). */
  'notice.dropped': Happened & { readonly notice: string; readonly reason: 'failed' | 'full' };
  /** A request for access again went on. `reference` is what people call it by; `until`: when access is possible (ms). */
  'recovery.changed': Happened & {
    readonly reference: string;
    readonly state: RequestState;
    readonly until?: number;
  };
  /** Its wait goes on, and its owner is told again. */
  'recovery.reminded': Happened & { readonly reference: string; readonly until: number };
  /** Somebody of the same customer account vouched for whoever asks. */
  'recovery.vouched': Happened & { readonly reference: string };
  /** Its owner decided in advance about such requests. `until`: when something laxer begins to count (ms). */
  'recovery.rules-changed': Happened & { readonly until?: number };
  /** Somebody who may be its owner had it blocked without signing in: every login ended. */
  'account.blocked': Happened;
  /** Somebody of the operator's did something to the account. */
  'staff.acted': Happened & { readonly action: StaffAction };
  'account.forgotten': Happened;
  /** The activity store did not keep up, and this many entries are lost. */
  'activity.dropped': Happened & { readonly dropped: number };
  /**
   * A stored account is not as it was saved (`changed`), or was signed by a key that is not in `keys` (`unknown_key`).
   * Emitted each time such an account is read; its user gets 503.
   */
  'account.tampered': Happened & { readonly reason: 'changed' | 'unknown_key' };
}

/**
 * `signed_out`: its user signed out in it. `cancelled`: the same while it owed a factor. `ended_by_user`: from another
 * login of theirs. `everywhere`: together with all others. `superseded`: someone else signed in in its session.
 * `browser_copied`: its browser was remembered, and there is a copy of it. `forgotten`: the app deleted the account.
 */
export type EndOfLogin =
  'signed_out' | 'cancelled' | 'ended_by_user' | 'everywhere' | 'superseded' | 'browser_copied' | 'forgotten';

export type EventName = keyof SecondFactorEvents;
const names: Readonly<Record<EventName, true>> = {
  'login.owed': true,
  'login.waiting': true,
  'login.blocked': true,
  'login.completed': true,
  'login.confirmed': true,
  'proof.accepted': true,
  'proof.refused': true,
  'proof.replayed': true,
  'tries.used-up': true,
  'key.suspicious': true,
  'two-factor.enabled': true,
  'two-factor.disabled': true,
  'factor.added': true,
  'factor.removed': true,
  'factor.restored': true,
  'factor.renamed': true,
  'backup-codes.made': true,
  'backup-code.used': true,
  'code.sent': true,
  'code.failed': true,
  'sends.refused': true,
  'sends.unused': true,
  'browser.new': true,
  'browser.forgotten': true,
  'browser.remembered': true,
  'browser.copied': true,
  'login.exempt': true,
  'login.remembered': true,
  'change.objected': true,
  'changes.released': true,
  'logins.ended': true,
  'login.ended': true,
  'contacts.changed': true,
  'contacts.failed': true,
  'notice.sent': true,
  'notice.failed': true,
  'notice.dropped': true,
  'recovery.changed': true,
  'recovery.reminded': true,
  'recovery.vouched': true,
  'recovery.rules-changed': true,
  'account.blocked': true,
  'staff.acted': true,
  'account.forgotten': true,
  'account.tampered': true,
  'activity.dropped': true,
};

/** A listener for a misspelt name would never be called. */
function requireEvent(name: unknown, listener: unknown): void {
  if (typeof name !== 'string' || !Object.hasOwn(names, name))
    throw bad(
      `There is no event ${String(name)}.`,
      `Did you mean ${nearest(String(name), Object.keys(names))}?`,
    );
  if (typeof listener !== 'function')
    throw bad(`on('${name}') got no function.`, `Give twoFactor.on('${name}', (event) => { … }).`);
}

/** The request in which something happened, for an audit log. It is personal data: keep it no longer than you need it. */
export interface RequestContext {
  /** The client's IP address as Express has it, by the app's own `trust proxy`; null for a text of over 100 characters. */
  readonly address: string | null;
  /** What the browser says it is, such as Chrome on Windows; null where it says nothing that we know. */
  readonly browser: { readonly browser: string; readonly system: string } | null;
  /** At most 200 characters of `req.id`, if the app gives its requests one. */
  readonly requestId: string | null;
}

/** @param context null where no request of a browser was the cause, such as a call from a script */
export type Listener<Name extends EventName> = (
  event: SecondFactorEvents[Name],
  context: RequestContext | null,
) => void;

/** An event as the rules return it, before the save gives it a `rev`. */
export type PlannedEvent = {
  [Name in EventName]: { readonly name: Name } & Omit<SecondFactorEvents[Name], keyof Happened>;
}[EventName];

/** A listener that throws does no harm: what it is told has already happened. */
export function createEvents() {
  const listeners = new Map<EventName, Set<(event: never, context: RequestContext | null) => unknown>>();

  return {
    on<Name extends EventName>(name: Name, listener: Listener<Name>): void {
      requireEvent(name, listener);
      const known = listeners.get(name) ?? new Set();
      listeners.set(name, known.add(listener));
    },
    off<Name extends EventName>(name: Name, listener: Listener<Name>): void {
      listeners.get(name)?.delete(listener);
    },
    emit({ name, ...details }: PlannedEvent, happened: Happened, context: RequestContext | null): void {
      for (const listener of listeners.get(name) ?? []) {
        // An async listener rejects later, which would end the process.
        new Promise((done) => done(listener({ ...details, ...happened } as never, context))).catch(
          () => undefined,
        );
      }
    },
  };
}

export type Events = ReturnType<typeof createEvents>;
