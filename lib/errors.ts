import type { ProofType } from './account/account';
import type { RequestState } from './account/recovery';

/** Every refusal and failure by its stable code. docs/error-codes.md gives the cause and cure of each. */
export const statusOfCode = {
  malformed: 400,
  second_factor_required: 401,
  new_browser: 401,
  sign_in_required: 401,
  half_login_ended: 401,
  wrong_code: 401,
  code_used: 401,
  clock_off: 401,
  codes_closed: 403,
  other_browser: 403,
  step_up_required: 403,
  changes_held: 403,
  enrol_first: 403,
  forbidden: 403,
  bad_origin: 403,
  bad_form_token: 403,
  not_found: 404,
  conflict: 409,
  duplicate: 409,
  last_factor: 409,
  limit_reached: 409,
  not_yet: 422,
  locked: 429,
  too_many_sends: 429,
  resend_too_soon: 429,
  slow_down: 429,
  unavailable: 503,
  busy: 503,
  delivery_failed: 503,
  bad_option: 500,
  wrong_setup: 500,
} as const;

export type ErrorCode = keyof typeof statusOfCode;

/** What a refusal can say besides its code. */
export interface RefusalDetails {
  readonly triesLeft?: number;
  /** Whole seconds, more than 0. */
  readonly retryAfter?: number;
  /** The moment that `retryAfter` counts down to, in ms: the same however often you ask. */
  readonly until?: number;
  /** The field of the request that is wrong. */
  readonly field?: string;
  /** The maximum, where there are as many as allowed. */
  readonly most?: number;
  /** Where to go next. */
  readonly url?: string;
  /** How far a request for access is, where that is why. */
  readonly state?: RequestState | OwnerBar;
  /** What is missing for the next step. */
  readonly missing?: readonly Missing[];
  /** We don't know the key that answered, so the browser may forget it (WebAuthn 3 §5.1.10.2). */
  readonly unknownCredential?: true;
  /** What still works when something else does not. */
  readonly ways?: readonly ProofType[];
  /** The kind of proof that was refused, if it was not a code; the wording depends on it. */
  readonly type?: ProofType;
  /** Where a link was sent, masked; until when it works, and when it can be sent again (ms). */
  readonly sentTo?: readonly string[];
  readonly expiresAt?: number;
  readonly resendAt?: number;
  /** What exactly is malformed, refused or gone; selects the text that people read. */
  readonly reason?:
    | MalformedReason
    | KeyReason
    | 'setup_expired'
    | 'address_given_up'
    | 'reauthenticate'
    | 'too_weak'
    | 'held'
    | 'objection_over'
    | 'link_used'
    | 'link_not_sent'
    | 'ticket_gone'
    | 'tickets_used'
    | 'code_replaced'
    | 'owner_rules'
    | 'no_factor'
    | 'requests_off'
    | 'request_other'
    | 'contacts_held'
    | 'uploads_busy'
    | 'come_back';
}

/** The owner's own rules forbid a request. */
export type OwnerBar = 'never' | 'paused';

/** What a request for access lacks. */
export type Missing =
  'points' | 'kinds' | 'owner_kinds' | 'second_person' | 'wait' | 'proof' | 'mail_on_file';

export type MalformedReason =
  | 'code_empty'
  | 'code_letters'
  | 'code_short'
  | 'code_long'
  | 'label_long'
  | 'label_empty'
  | 'phone_empty'
  | 'phone_letters'
  | 'phone_country'
  | 'phone_invalid'
  | 'phone_kind'
  | 'phone_region'
  | 'email_empty'
  | 'email_form'
  | 'email_mailbox'
  | 'email_domain'
  | 'email_long'
  | 'file_missing'
  | 'file_many'
  | 'file_large'
  | 'file_type';

/** Why a key is refused even though it may be genuine. */
export type KeyReason =
  | 'key_framed'
  | 'key_presence'
  | 'key_verification'
  | 'key_changed'
  | 'key_count'
  | 'key_algorithm'
  | 'key_synced'
  | 'key_model'
  | 'key_attestation'
  | 'key_elsewhere';

/** An expected "no": a value, not an exception. */
export interface Refusal extends RefusalDetails {
  readonly ok: false;
  readonly code: ErrorCode;
}

export const refuse = (code: ErrorCode, details: RefusalDetails = {}): Refusal => ({
  ok: false,
  code,
  ...details,
});

/** A refusal of what is possible again at `until` (ms). */
export const refuseUntil = (code: ErrorCode, until: number, now: number): Refusal =>
  refuse(code, { until, retryAfter: Math.max(1, Math.ceil((until - now) / 1000)) });

/**
 * Thrown, or passed to a callback, when something can't continue: a store is down, an option is wrong, a login
 * owes its second factor (`owed: 'callback'`). `message` says what happened, `help` how to fix it. It never
 * carries a secret, a code, an address or a provider's own error.
 *
 * @example
 * if (error instanceof SecondFactorError && error.code === 'second_factor_required') …
 */
export class SecondFactorError extends Error {
  override readonly name = 'SecondFactorError';
  /** The matching HTTP status; Express' own error handler reads it too. */
  readonly status: number;
  readonly details: RefusalDetails;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly help: string = '',
    details: RefusalDetails = {},
  ) {
    super(message);
    // Many tools print only the stack of an error.
    if (help !== '') this.stack = this.stack?.replace(message, () => `${message} ${help}`) ?? message;
    this.status = statusOfCode[code];
    // Every 503 says when to try again; the code that throws it may know better.
    this.details = this.status === 503 ? { retryAfter: 5, ...details } : details;
  }
}

/**
 * The value at a path in whatever a driver or a provider threw or answered. Not by `instanceof`: error classes change
 * from version to version, and a package may be installed twice or loaded in another realm (as Jest does).
 */
export const errorField = (error: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (found, name) => (typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined),
    error,
  );
