/** The text form of the app's own user id. Two shapes of one id are one user (see `toUserId`). */
export type UserId = string & { readonly brand: 'UserId' };
export type FactorId = string & { readonly brand: 'FactorId' };
/** What `Seal.close` made: AES-256-GCM, bound to user, factor and purpose. */
export type Sealed = string & { readonly brand: 'Sealed' };
/** A random name for one saved state of an account; `save` succeeds only over the state that was loaded. */
export type Rev = string & { readonly brand: 'Rev' };

/** The kinds of factor a user can enrol. */
export type FactorType = 'totp' | 'webauthn' | 'otp-sms' | 'otp-email';
/** The kinds of proof a user can give: every factor, and a backup code. */
export type ProofType = FactorType | 'backup-code';

/** How messages are sent. */
export type Channel = 'sms' | 'email';
/** The factors whose proof is a code that is sent. */
export type CodeType = `otp-${Channel}`;

/** Which browser on which system, as the browser says of itself. */
export interface BrowserName {
  readonly browser: string;
  readonly system: string;
}

/** What an administrator can do to an account, besides what goes through a request. */
export type StaffAction = 'suspend' | 'unlock' | 'end_logins' | 'live_code' | 'live_code_used';
