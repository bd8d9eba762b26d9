import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { SendLimits } from '../delivery/budgets';
import type { OutgoingCode } from '../delivery/delivery';
import type { Channel } from '../account/account';
import type { EmailMessage, Sender, SmsMessage } from '../delivery/message';
import type { Accounts, Pending, Proof } from '../stores/contracts';
import type { SignCountRule } from '../factors/webauthn-policy';
import type { PassportLike } from '../session/seam';
import type { Duration } from './take';

/** How we read the app's own user objects. They stay the app's; nothing of them is stored but the id. */
export interface UserFunctions<User> {
  /**
   * `(user) => id`: the one that never changes; whatever shape it has, it is one user (docs/decisions/user-ids.md).
   *
   * Text, a number, bytes, or an object with a text form of its own (ObjectId, UUID). 16 bytes are named as a UUID, others
   * by their hex; text is taken as it is, a UUID in small letters.
   */
  id(user: User): unknown;
  /**
   * `(user) => text`: what people know themselves by, such as the e-mail address; masked before sign-in is complete.
   * Without one, the id in short.
   */
  name(user: User): string | null | undefined;
  /**
   * `(user, req) => boolean`: your app has just checked the password again.
   *
   * Then a login older than `fresh` may enrol its first factor and end its user's other logins.
   *
   * @default `() => false`
   */
  reauthenticate?(user: User, req: Request): boolean | Promise<boolean>;
  /**
   * `(user, req) => 'sms' | 'email' | null`: the channel that opened the first door, such as a password reset by mail or a
   * magic link, which is then not taken as the second (docs/send-codes.md#a-mailbox-that-opens-both-doors).
   *
   * Asked at each login. A throw fails the login.
   *
   * @default `() => null`
   */
  passwordResetChannel?(user: User, req: Request): Channel | null | Promise<Channel | null>;
  /**
   * `(id) => user | null`: the user with this id, as text; needed for `passkeys`.
   *
   * @default none
   */
  byId?(id: string): User | null | undefined | Promise<User | null | undefined>;
}

/** What is asked of security keys, and which are taken. */
export interface WebauthnOptions {
  /**
   * Other origins that use the same keys, such as `https://www.example.com` or `android:apk-key-hash:…`.
   *
   * @default `[]`
   */
  origins?: readonly string[];
  /**
   * The domain that keys are made for: that of `origin`, or one above it. Keys made for another one stop working.
   *
   * @default that of `origin`
   */
  rpId?: string;
  /**
   * Sites that may show our pages in a frame and use keys there.
   *
   * @default `[]`
   */
  topOrigins?: readonly string[];
  /**
   * Whether a key must see a PIN, fingerprint or face as a second factor.
   *
   * @default `'preferred'`
   */
  userVerification?: 'preferred' | 'required';
  /**
   * Keys a user may have.
   *
   * @default `10`
   */
  keys?: number;
  /** What to do when a key's counter did not go up, which may mean a copy. */
  signCount?: {
    /** @default `'reject'` */
    deviceBound?: SignCountRule;
    /** @default `'flag'` */
    synced?: SignCountRule;
  };
  /**
   * Refuses new keys that can be copied to other devices.
   *
   * @default `false`
   */
  deviceBoundOnly?: boolean;
  /**
   * What makers have to vouch for.
   *
   * @default nobody is asked
   */
  attestation?: {
    /** Certificates (PEM) that a maker's must lead to; keys without are refused. */
    roots?: readonly string[];
    /** Models (AAGUIDs) to take, or to refuse. Only a claim, unless there are `roots`. */
    allow?: readonly string[];
    deny?: readonly string[];
  };
}

/** The first paragraph about an option is its row in the README. One without any is a group, and its parts have rows. */
export interface SecondFactorOptions<User> {
  /**
   * Your Passport instance, or a list of them, in which no two people have the same id.
   *
   * The logins of each owe a second factor. Its session manager is wrapped at once.
   */
  passport: PassportLike | readonly PassportLike[];
  /**
   * On the pages and in authenticator apps, so another one for each installation (`WebAdmin test`); at most 64 letters.
   */
  appName: string;
  /**
   * What people see in the address bar, such as `https://admin.example.com`, with the path if your app lives below one
   * (docs/behind-a-proxy.md).
   */
  origin: string;
  /**
   * Secrets of 32 bytes in hex or base64url; the first one writes, all open (docs/rotate-keys.md).
   *
   * An unset variable is refused at once.
   */
  keys: readonly (string | undefined)[];
  users: UserFunctions<User>;
  /** `mongoAccounts(connection)`, `memoryAccounts()` for a trial, or your own (docs/write-a-store.md). */
  accounts: Accounts;
  /** `redisPending(client)`, `memoryPending()` for a trial, or your own. */
  pending: Pending;
  /**
   * Where the pages are, below the place `protect()` is mounted.
   *
   * @default `'/2fa'`
   */
  path?: string;
  /**
   * Your login page.
   *
   * @default `'/login'`
   */
  loginUrl?: string;
  /**
   * A page of yours that helps, linked from every page of ours.
   *
   * @default no link
   */
  helpUrl?: string;
  /**
   * `(user, req) => url`: where a login leads when nothing else is known.
   *
   * @default `() => '/'`
   */
  home?(user: User, req: Request): string;
  /**
   * `'callback'`: send nothing, and call `logIn` back with a SecondFactorError (docs/error-codes.md).
   *
   * `'answer'`: we send the 303 or 401, and `logIn`'s callback is not called.
   *
   * @default `'answer'`
   */
  owed?: 'answer' | 'callback';
  /**
   * Names of strategies that check a token issued earlier, such as `['jwt']`.
   *
   * Others may not log in with `session: false` while a factor is owed.
   *
   * @default `[]`
   */
  tokenStrategies?: readonly string[];
  /**
   * `(user, req) => { methods, at }` to take over a proof that an identity provider vouches for.
   *
   * A throw refuses.
   *
   * @default `() => false`
   */
  accept?(user: User, req: Request): AcceptedProof | false | Promise<AcceptedProof | false>;
  /**
   * Work after each completed login (README.md#what-to-change-in-your-app).
   *
   * Where we answer, it may return the URL to go to.
   *
   * @default none
   */
  onSignedIn?(
    req: Request,
    res: Response,
    login: { user: User; proofs: readonly Proof[] },
  ): string | void | Promise<string | void>;
  /**
   * How many factors must stay once two-factor is on; with 1 it cannot be switched off again.
   *
   * @default `0`
   */
  keepFactors?: number;
  /**
   * How long after the password the second factor can be given.
   *
   * @default `'10m'`
   */
  halfLogin?: Duration;
  /**
   * The longest a login lives, however often it is used.
   *
   * @default `'30d'`
   */
  loginLife?: Duration;
  /**
   * How old a proof may be that changes factors or ends other logins.
   *
   * @default `'5m'`
   */
  fresh?: Duration;
  /**
   * All store calls of one request together, and what is asked of your `deserializeUser` and `users.byId`; then 503.
   *
   * @default `2500`
   */
  deadline?: Duration;
  totp?: {
    /**
     * Time steps of 30 s accepted on either side of now: 0 or 1.
     *
     * @default `1`
     */
    window?: 0 | 1;
    /**
     * Authenticator apps a user may have.
     *
     * @default `3`
     */
    apps?: number;
  };
  /**
   * `false`, or what is asked of keys: `{ rpId: 'example.com' }` (docs/security-keys.md#options).
   *
   * Security keys, fingerprint and face. There are none where `origin` is an IP address: browsers make none for it.
   *
   * @default on
   */
  webauthn?: false | WebauthnOptions;
  /**
   * A key that verifies its owner may sign in alone, without name and password (README.md#sign-in-with-a-passkey).
   *
   * Mount `passkeySignIn()` and give `users.byId`.
   *
   * @default `false`
   */
  passkeys?: boolean;
  /**
   * `{ send, regions, defaultRegion }`: codes by text message (docs/send-codes.md).
   *
   * Left out, there are none, and numbers that are enrolled are not offered.
   *
   * @default off
   */
  sms?: {
    /** Who sends them: `vonageSender(…)` or a function of your own. */
    send: Sender<SmsMessage>;
    /** ISO 3166 codes of where messages may go, such as `['CZ', 'SK']`. Left out, everywhere. */
    regions?: readonly string[];
    /** Where numbers without a country code are from, such as `'CZ'`. Left out, they are refused. */
    defaultRegion?: string;
  };
  /**
   * `{ send }`: codes by e-mail.
   *
   * Left out, there are none. NIST SP 800-63B-4 §3.1.3.1 takes mail for no factor at all.
   *
   * @default off
   */
  email?: {
    /** Who sends them: `sendgridSender(…)`, `smtpSender(…)` or a function of your own. */
    send: Sender<EmailMessage>;
  };
  sends?: {
    /**
     * Other budgets of messages, such as `{ app: { sends: 5000, per: '1d' } }` (docs/send-codes.md#limits).
     *
     * @default a table
     */
    limits?: { readonly [name in keyof SendLimits]?: { readonly sends: number; readonly per: Duration } };
    /**
     * How long a sender may take.
     *
     * @default `'10s'`
     */
    timeout?: Duration;
    /**
     * The share of codes used below which `sends.unused` warns (docs/events.md).
     *
     * @default `0.3`
     */
    leastUsed?: number;
    /**
     * `(outgoing) => boolean`: asked before each message (docs/send-codes.md#before-a-message-leaves), such as for a SIM swap.
     *
     * Anything but true, or a throw, and it is not sent.
     *
     * @default none
     */
    beforeSend?(outgoing: OutgoingCode): boolean | Promise<boolean>;
  };
  /**
   * `(req) => tag`: the language of a request, such as `'cs'`.
   *
   * @default from Accept-Language
   */
  locale?(req: IncomingMessage): string | undefined;
  /**
   * More languages, or other words (docs/translate.md): `{ fr: { 'step.title': '…' } }`.
   *
   * What is missing falls back to English.
   *
   * @default none
   */
  locales?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /**
   * A folder whose EJS files replace ours of the same name (docs/own-pages-and-strategies.md).
   *
   * @default our own
   */
  views?: string;
  /**
   * `{ field, token: (req) => text }`: a hidden field (`X-CSRF-Token` of scripts) for a CSRF check that must stay above ours.
   *
   * @default none
   */
  csrf?: { field: string; token(req: Request): string };
  /**
   * The clock, ms since 1970, for tests.
   *
   * @default `Date.now`
   */
  now?(): number;
}

/** What `accept` gives for a proof made elsewhere: RFC 8176 method names, and when it was made (ms). */
export interface AcceptedProof {
  readonly methods: readonly string[];
  readonly at: number;
}
