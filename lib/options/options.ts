import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { SendLimits } from '../delivery/budgets';
import type { OutgoingCode } from '../delivery/delivery';
import type { Channel } from '../account/account';
import type { EvidenceKind } from '../account/recovery';
import type { EmailMessage, Sender, SmsMessage } from '../delivery/message';
import type { ActivityStore } from '../stores/activity';
import type { AuditStore } from '../stores/audit';
import type { Accounts, Pending, Proof } from '../stores/contracts';
import type { EvidenceStore } from '../stores/evidence';
import type { EventName } from '../events';
import type { SignCountRule } from '../factors/webauthn-policy';
import type { PassportLike } from '../session/seam';
import type { Duration } from './take';

/** How we read the app's own user objects. They remain the app's; nothing but the id is stored. */
export interface UserFunctions<User> {
  /**
   * `(user) => id`: an id that never changes, in any of its shapes (docs/decisions/user-ids.md).
   *
   * A string, a number, bytes, or an object with a string form of its own (ObjectId, UUID). 16 bytes are read as a
   * UUID, other lengths as hex; a string is used as it is, a UUID in lower case.
   */
  id(user: User): unknown;
  /**
   * `(user) => text`: the name a user goes by, such as the e-mail address; masked until sign-in is complete. Without
   * one, a shortened id is shown.
   */
  name(user: User): string | null | undefined;
  /**
   * `(user, req) => boolean`: whether your app has just checked the password again.
   *
   * If so, a login older than `fresh` may enrol its first factor and end its user's other logins.
   *
   * @default `() => false`
   */
  reauthenticate?(user: User, req: Request): boolean | Promise<boolean>;
  /**
   * `(user, req) => 'sms' | 'email' | null`: the channel that let the user in, as with a password reset by e-mail or a
   * magic link; it is then not accepted as the second factor (docs/send-codes.md#a-mailbox-that-opens-both-doors).
   *
   * Called at each login. If it throws, the login fails.
   *
   * @default `() => null`
   */
  passwordResetChannel?(user: User, req: Request): Channel | null | Promise<Channel | null>;
  /**
   * `(user, req?) => [{ channel, address, since?, usable? }]`: where to tell the user what happens to the account
   * (docs/notices.md).
   *
   * Called at each sign-in, before a change that the user is told of is saved, and when a phone is added, to offer its
   * number. If it fails or takes longer than a second, things go on without it. `req` is missing if your app
   * called us outside a request.
   *
   * @default none: only proven addresses
   */
  contacts?(user: User, req?: Request): readonly ContactAddress[] | Promise<readonly ContactAddress[]>;
  /**
   * `(id) => user | null`: finds a user by id, given as a string; needed for `passkeys`, and for notices of changes
   * made outside the user's own requests.
   *
   * @default none
   */
  byId?(id: string): User | null | undefined | Promise<User | null | undefined>;
  /**
   * `(text) => user | null`: finds a user by what people type to sign in, a user name or a mail address, for requests for
   * access before signing in.
   *
   * @default none: such requests begin after the password
   */
  byIdentifier?(text: string): User | null | undefined | Promise<User | null | undefined>;
  /**
   * `(user, password) => boolean`: whether this is the user's password, for the end of a request for access.
   *
   * Limit and log it like a sign-in; it is asked at most five times for one link.
   *
   * @default none: a code to a second address is asked
   */
  checkPassword?(user: User, password: string): boolean | Promise<boolean>;
  /**
   * `(user) => ids`: other people of the same customer account, who may vouch for this user.
   *
   * @default none
   */
  peers?(user: User): readonly unknown[] | Promise<readonly unknown[]>;
  /**
   * `(user) => boolean`: whether this is one of your own staff, for whom two people always have to agree.
   *
   * @default `() => false`
   */
  isStaff?(user: User): boolean | Promise<boolean>;
  /**
   * `(query, { after, limit }) => { users, next }`: users whose name or address holds that text in any case, all of them
   * without one, in a lasting order; `next` is given back as `after`. For `adminRouter()` (docs/lost-access.md).
   *
   * @default none
   */
  find?(
    query: string,
    page: { readonly after: string | null; readonly limit: number },
  ): FoundUsers<User> | Promise<FoundUsers<User>>;
  /**
   * `(user, req) => zone`: the user's time zone, such as `'Europe/Prague'`, for times on pages without JavaScript
   * (docs/translate.md#time-zones).
   *
   * A zone that does not exist is ignored.
   *
   * @default the server's
   */
  timeZone?(user: User, req: Request): string | null | undefined;
}

/** A page of users. */
export interface FoundUsers<User> {
  readonly users: readonly User[];
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null;
}

/** An endpoint that is told about events, by the Standard Webhooks specification. */
export interface WebhookOptions {
  /** `https://…`; plain http works for localhost only, with `allowPrivate`. */
  readonly url: string;
  /**
   * `whsec_` and 24 to 64 random bytes in base64. While it is being replaced, give a list: each of them signs. An
   * environment variable that is not set is refused at start-up.
   */
  readonly secret: string | undefined | readonly (string | undefined)[];
  /** Names of events, of those that belong to a saved change. */
  readonly events: readonly EventName[];
  /** Allows addresses that only your own network reaches. Default false. */
  readonly allowPrivate?: boolean;
}

/** An address that the app has for a user. */
export interface ContactAddress {
  readonly channel: Channel;
  /** In any spelling. A phone number needs its country code unless it is from `sms.defaultRegion`. */
  readonly address: string;
  /** When it became the user's (a date, or ms). If left out: when we first saw it. */
  readonly since?: Date | number | null;
  /** false: it is known not to work, so nothing is sent there. */
  readonly usable?: boolean;
}

/**
 * What is required of security keys, and which are accepted. The first paragraph about an option is its row in
 * docs/security-keys.md.
 */
export interface WebauthnOptions {
  /**
   * Other origins whose answers are accepted, such as `https://www.example.com` or `android:apk-key-hash:…`
   * (docs/security-keys.md#several-origins-and-apps).
   *
   * @default `[]`
   */
  origins?: readonly string[];
  /**
   * The domain keys are made for: the host in `origin` or a domain above it. If you change it, existing keys stop
   * working (docs/security-keys.md#change-of-address).
   *
   * @default the host in `origin`
   */
  rpId?: string;
  /**
   * Sites that may show a page of yours in a frame and use keys there (docs/security-keys.md#frames).
   *
   * @default `[]`
   */
  topOrigins?: readonly string[];
  /**
   * `'required'`: only keys that ask for a PIN, fingerprint or face, even as a second factor.
   *
   * @default `'preferred'`
   */
  userVerification?: 'preferred' | 'required';
  /**
   * How many keys a user may have, 1 to 50.
   *
   * @default `10`
   */
  keys?: number;
  /**
   * `{ deviceBound, synced }`, each `'reject'`, `'flag'` or `'ignore'`: what to do when a key's counter does not go up,
   * which may mean that the key was copied (docs/security-keys.md#copies).
   *
   * @default one for each
   */
  signCount?: {
    /** @default `'reject'` */
    deviceBound?: SignCountRule;
    /** @default `'flag'` */
    synced?: SignCountRule;
  };
  /**
   * Refuses new keys that can be copied to other devices, as most passkeys can.
   *
   * @default `false`
   */
  deviceBoundOnly?: boolean;
  /**
   * `{ roots, allow, deny }`: which models are accepted, and what the manufacturer has to vouch for
   * (docs/security-keys.md#which-models).
   *
   * @default no attestation
   */
  attestation?: {
    /** Root certificates (PEM) that a manufacturer's certificate must chain to; other keys are refused. */
    roots?: readonly string[];
    /** Models (AAGUIDs) to accept, or to refuse. Without `roots` the model is only claimed, not proven. */
    allow?: readonly string[];
    deny?: readonly string[];
  };
}

/** Makes our pages look like the app (docs/your-own-look.md). They load nothing from other origins. */
export interface BrandOptions {
  /**
   * Your logo, shown beside the app's name (docs/your-own-look.md): `'/logo.svg'`, or its address at the same origin.
   *
   * @default none
   */
  logo?: string;
  /**
   * Your own CSS as text, appended to our stylesheet, so that no page waits for another file:
   * `':root { --accent: #7a2e8e }'`; colours are custom properties.
   *
   * @default none
   */
  css?: string;
  /**
   * Your own stylesheet, loaded after ours, such as `'/brand.css'`: one that your own pages use anyway.
   *
   * @default none
   */
  stylesheet?: string;
  /**
   * Your account page, linked at the top for people who are signed in.
   *
   * @default no link
   */
  accountUrl?: string;
  /**
   * Your sign-out route, which gets a POST from a button at the top.
   *
   * @default no button
   */
  signOutUrl?: string;
  /**
   * `(req) => html`: your own header in place of ours (docs/your-own-look.md#a-header-of-your-own).
   *
   * Inserted into each page as it is, so escape whatever people can choose.
   *
   * @default our own
   */
  header?(req: Request): string;
  /**
   * `(req) => 'light' | 'dark'`: the theme, in apps where people choose one; set as `data-theme` on `<html>`.
   *
   * Anything else follows the device.
   *
   * @default as the device is set
   */
  theme?(req: Request): string | null | undefined;
}

export interface BackupCodesOptions {
  /**
   * `(hash, code) => boolean`: whether a hash made by another system matches this backup code; needed to import hashes
   * (docs/move-in.md).
   *
   * Called for each unused hash of a user when someone types a code, one after the other. If it throws, the answer is
   * 503.
   *
   * @default none
   */
  verify(hash: string, code: string): boolean | Promise<boolean>;
}

/** How access is given again. Times are those of this server. */
export interface LostAccessRequests {
  /**
   * `'two'`: one person recommends, another approves, for every account; `'one'`: only for accounts of your own staff
   * (`users.isStaff`).
   *
   * @default `'two'`
   */
  approvers?: 'one' | 'two';
  /**
   * From the approval until access, where answers go to an address on file; at least `'24h'`.
   *
   * @default `'72h'`
   */
  wait?: Duration;
  /**
   * The same where they don't, or where the password, a phone number or a mail address changed in the last 30 days.
   *
   * @default `'7d'`
   */
  longWait?: Duration;
  /**
   * What each kind of evidence counts, such as `{ video: 0 }`; 0: it is not taken (docs/lost-access.md#evidence).
   *
   * @default those of docs/lost-access.md
   */
  points?: Partial<Readonly<Record<EvidenceKind, number>>>;
  /**
   * How many points have to come together, 2 to 12.
   *
   * @default `3`
   */
  needed?: number;
  /**
   * Of how many kinds at least, 2 to 5.
   *
   * @default `2`
   */
  kinds?: number;
  /**
   * For how long `statusOf(userId).holdUntil` asks you to hold payouts and changes of address after it.
   *
   * @default `'72h'`
   */
  hold?: Duration;
  /**
   * `'two-people'`: two of your staff together can make a code with which a user signs in once, for live support.
   *
   * @default `'off'`
   */
  liveCode?: 'off' | 'two-people';
}

/** The form of people who have lost access to everything. */
export interface LostAccessForm {
  /** Your name and postal address, one line each, for the top of the form. */
  operator: readonly string[];
  /** Where the signed form goes, as text: an e-mail address, a postal address, a page of yours. */
  sendTo: string;
  /**
   * Whether it has a box for a notary, or an office that may certify signatures.
   *
   * @default `false`
   */
  certification?: boolean;
  /**
   * Whether it asks for a customer number.
   *
   * @default `false`
   */
  customerNumber?: boolean;
  /**
   * Whether it asks for the date of birth.
   *
   * @default `false`
   */
  birthDate?: boolean;
  /**
   * Within how many days of the decision you delete the form and its enclosures, 1 to 365.
   *
   * @default `30`
   */
  keepDays?: number;
}

/** Documents that people send to support a request for access. */
export interface EvidenceOptions {
  /**
   * `fileEvidence({ directory, keys })`, or your own: where documents lie until the request is decided
   * (docs/lost-access.md).
   *
   * @default documents come with the form, not through our pages
   */
  store: EvidenceStore;
  /**
   * How big a document may be, in bytes, 10 000 to 50 000 000.
   *
   * @default `5000000`
   */
  maxBytes?: number;
  /**
   * How many documents one request may have, 1 to 20.
   *
   * @default `4`
   */
  maxFiles?: number;
  /**
   * How many days after the end of its request a document is deleted at the latest, 1 to 365. Usually it is deleted as soon
   * as the request is decided.
   *
   * @default that of the form, which is the most
   */
  keepDays?: number;
}

/**
 * The first paragraph about an option is its row in the README. An option without one is a group, whose parts have
 * rows.
 */
export interface SecondFactorOptions<User> {
  /**
   * Your Passport instance, or a list of them; no two people may share an id across the list
   * ([two tables of users](docs/own-pages-and-strategies.md#with-ids-of-their-own)).
   *
   * Logins through each of them owe a second factor. The session manager of each is wrapped immediately.
   */
  passport: PassportLike | readonly PassportLike[];
  /**
   * Shown on the pages and in authenticator apps, so give each installation its own (`WebAdmin test`); at most 64
   * characters.
   */
  appName: string;
  /**
   * What people see in the address bar, such as `https://admin.example.com`, with the path if your app is mounted below
   * one (docs/behind-a-proxy.md).
   */
  origin: string;
  /**
   * Secrets of 32 bytes in hex or base64url; the first signs and seals, all of them verify and open
   * (docs/rotate-keys.md).
   *
   * An environment variable that is not set is refused at start-up.
   */
  keys: readonly (string | undefined)[];
  users: UserFunctions<User>;
  /** `mongoAccounts(connection)`, `memoryAccounts()` to try things out, or your own (docs/write-a-store.md). */
  accounts: Accounts;
  /** `redisPending(client)`, `memoryPending()` to try things out, or your own. */
  pending: Pending;
  /**
   * `mongoActivity(connection)`, `memoryActivity()` to try things out, or your own: keeps what happened, for each user
   * to see (README.md#what-happened).
   *
   * @default off
   */
  activity?: ActivityStore;
  /**
   * `mongoAudit(connection)`, `memoryAudit()` to try things out, or your own: what others than its owner did to an
   * account, in chains that show whether anything was changed or removed (docs/audit.md).
   *
   * @default off
   */
  audit?: AuditStore;
  /**
   * Where the pages are, relative to where `protect()` is mounted.
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
   * A help page of yours, linked from every page of ours.
   *
   * @default no link
   */
  helpUrl?: string;
  /**
   * `(user, req) => url`: where to go after a login if the user had not asked for a page.
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
   * No other strategy may log in with `session: false` while a factor is owed.
   *
   * @default `[]`
   */
  tokenStrategies?: readonly string[];
  /**
   * `(user, req) => { methods, at }` to accept a proof that an identity provider vouches for.
   *
   * If it throws, the proof is refused.
   *
   * @default `() => false`
   */
  accept?(user: User, req: Request): AcceptedProof | false | Promise<AcceptedProof | false>;
  /**
   * Called after each completed login (README.md#what-to-change-in-your-app).
   *
   * Where we send the answer, it may return the URL to go to.
   *
   * @default none
   */
  onSignedIn?(
    req: Request,
    res: Response,
    login: { user: User; proofs: readonly Proof[] },
  ): string | void | Promise<string | void>;
  /**
   * How many factors must remain once two-factor is on; with 1 it cannot be switched off again.
   *
   * @default `0`
   */
  keepFactors?: number;
  /**
   * How long after the password the second factor is accepted.
   *
   * @default `'10m'`
   */
  halfLogin?: Duration;
  /**
   * `'confirm'`: after a right code from a browser never seen before, the user has to open a link they are sent;
   * `'notice'`: the user is told; `'off'`: neither (docs/phishing.md).
   *
   * The link works only in that browser, so a page in the middle gets nothing. People who use a key never need it.
   * `'confirm'` needs `users.contacts` and a sender.
   *
   * @default `'notice'`
   */
  newBrowser?: 'confirm' | 'notice' | 'off';
  /**
   * The longest a login can last, however often it is used.
   *
   * @default `'30d'`
   */
  loginLife?: Duration;
  /**
   * How long people may choose not to be asked for a second factor in a browser they have just signed in with, such as
   * `'30d'` (docs/remembered-browsers.md).
   *
   * From 1 to 400 days; `false` is off. They choose it at the step, with a box that is never ticked in advance.
   *
   * @default off
   */
  rememberBrowser?: Duration | false;
  /**
   * How old a proof may be to change factors or end other logins.
   *
   * @default `'5m'`
   */
  fresh?: Duration;
  /**
   * How long one request may wait for its stores in total, and for your `deserializeUser` and `users.byId`; then 503.
   *
   * @default `2500`
   */
  deadline?: Duration;
  totp?: {
    /**
     * How many 30 s time steps before and after the current one are accepted: 0 or 1.
     *
     * @default `1`
     */
    window?: 0 | 1;
    /**
     * How many authenticator apps a user may have.
     *
     * @default `3`
     */
    apps?: number;
  };
  /**
   * `false`, or what is required of keys: `{ rpId: 'example.com' }` (docs/security-keys.md#options).
   *
   * Security keys, fingerprint and face. Not available where `origin` is an IP address: browsers make no keys for one.
   *
   * @default on
   */
  webauthn?: false | WebauthnOptions;
  /**
   * Whether a key that verifies its owner may sign in by itself, without name and password
   * (README.md#sign-in-with-a-passkey).
   *
   * Needs `passkeySignIn()` to be mounted, and `users.byId`.
   *
   * @default `false`
   */
  passkeys?: boolean;
  backupCodes?: BackupCodesOptions;
  /**
   * `{ send, regions, defaultRegion, notices }`: codes by text message (docs/send-codes.md).
   *
   * Without it none are sent, and numbers that are already enrolled are not offered.
   *
   * @default off
   */
  sms?: {
    /** Who sends them: `vonageSender(…)` or a function of your own. */
    send: Sender<SmsMessage>;
    /** ISO 3166 codes of the countries messages may be sent to, such as `['CZ', 'SK']`. If left out, all. */
    regions?: readonly string[];
    /** The country of numbers without a country code, such as `'CZ'`. If left out, they are refused. */
    defaultRegion?: string;
    /**
     * Whether users without any mailbox are told by text message what happened to their account (docs/notices.md).
     *
     * @default `false`
     */
    notices?: boolean;
  };
  /**
   * `{ send, codes, notices }`: codes by e-mail, and notices (docs/notices.md).
   *
   * Without it none are sent.
   *
   * @default off
   */
  email?: {
    /** Who sends them: `sendgridSender(…)`, `smtpSender(…)` or a function of your own. */
    send: Sender<EmailMessage>;
    /**
     * Whether a mailbox can be a second factor; `false`: mail is for notices alone.
     *
     * NIST SP 800-63B-4 §3.1.3.1 does not accept e-mail as a factor at all.
     *
     * @default `true`
     */
    codes?: boolean;
    /**
     * Whether users are told by mail what happens to their account (docs/notices.md).
     *
     * @default `true`
     */
    notices?: boolean;
  };
  sends?: {
    /**
     * Other limits on how many messages are sent, such as `{ app: { sends: 5000, per: '1d' } }`
     * (docs/send-codes.md#limits).
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
     * `(outgoing) => boolean`: called before each message, to check for a SIM swap for example
     * (docs/send-codes.md#before-a-message-leaves).
     *
     * Unless it returns true, the message is not sent.
     *
     * @default none
     */
    beforeSend?(outgoing: OutgoingCode): boolean | Promise<boolean>;
  };
  /**
   * `[{ url, secret, events }]`: endpoints that are told about events by signed webhooks (docs/notices.md#webhooks).
   *
   * @default `[]`
   */
  webhooks?: readonly WebhookOptions[];
  /**
   * `(req) => tag`: the language of a request, such as `'cs'`.
   *
   * @default from Accept-Language
   */
  locale?(req: IncomingMessage): string | undefined;
  /**
   * More languages, or other wording (docs/translate.md): `{ fr: { 'step.title': '…' } }`.
   *
   * What is missing falls back to English.
   *
   * @default none
   */
  locales?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /**
   * A folder whose EJS files replace those of ours with the same name (docs/own-pages-and-strategies.md).
   *
   * @default our own
   */
  views?: string;
  brand?: BrandOptions;
  lostAccess?: {
    /**
     * `{ operator, sendTo, certification, customerNumber, birthDate, keepDays }`: a page for people who have lost
     * access to everything, and a form for them (docs/lost-access.md).
     *
     * @default off
     */
    form: LostAccessForm;
    /**
     * `{ approvers, wait, longWait, points, needed, kinds, hold, liveCode }`: how people who have lost everything are
     * let in again, or `false`: by the form alone, and by you (docs/lost-access.md).
     *
     * Needs `email` or `sms` with notices: owners have to be told, so that they can stop a request.
     *
     * @default on, if there is someone who sends notices
     */
    requests?: LostAccessRequests | false;
    evidence?: EvidenceOptions;
  };
  /**
   * `{ field, token: (req) => text }`: a hidden field (for scripts, the header `X-CSRF-Token`) for a CSRF check that
   * must stay above ours.
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

/** What `accept` returns for a proof made elsewhere: RFC 8176 method names, and when it was made (ms). */
export interface AcceptedProof {
  readonly methods: readonly string[];
  readonly at: number;
}
