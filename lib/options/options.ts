import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { SendLimits } from '../delivery/budgets';
import type { OutgoingCode } from '../delivery/delivery';
import type { Channel } from '../account/account';
import type { EmailMessage, Sender, SmsMessage } from '../delivery/message';
import type { Accounts, Pending, Proof } from '../stores/contracts';
import type { SignCountRule } from '../factors/webauthn-policy';
import type { PassportLike } from '../session/seam';

/** A time span: ms, or a number with `s`, `m`, `h` or `d`: `'5m'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

/** How we read the app's own user objects. They stay the app's; nothing of them is stored but the id. */
export interface UserFunctions<User> {
  /**
   * The immutable id: text, number, bytes, or an object with a text form of its own (ObjectId, UUID). 16 bytes are named
   * as a UUID, others by their hex; text is taken as it is, a UUID in small letters.
   */
  id(user: User): unknown;
  /**
   * What people know the user by, such as the e-mail address; shown masked before sign-in is complete. Where there is
   * nothing, the id in short takes its place.
   */
  name(user: User): string | null | undefined;
  /**
   * Whether this request has just proven the first factor again; then a login older than `fresh` may enrol its first
   * factor and end its user's other logins. Default: no.
   */
  reauthenticate?(user: User, req: Request): boolean | Promise<boolean>;
  /**
   * Whether this login came by a message to the user (a password reset by mail, a magic link): then that channel is
   * not taken as the second factor too. Asked at each login. Default: it did not. A throw fails the login.
   */
  passwordResetChannel?(user: User, req: Request): Channel | null | Promise<Channel | null>;
  /** The user with this id (as text); null where there is none any more. Needed for `passkeys`. */
  byId?(id: string): User | null | undefined | Promise<User | null | undefined>;
}

/** What is asked of security keys, and which are taken. */
export interface WebauthnOptions {
  /** Other origins that use the same keys, such as `https://www.example.com` or `android:apk-key-hash:…`. */
  origins?: readonly string[];
  /**
   * The domain that keys are made for: that of `origin`, or one above it. Default: that of `origin`. Keys made for
   * another one stop working.
   */
  rpId?: string;
  /** Sites that may show our pages in a frame and use keys there. Default: none. */
  topOrigins?: readonly string[];
  /** Whether a key must see a PIN, fingerprint or face as a second factor. Default `'preferred'`. */
  userVerification?: 'preferred' | 'required';
  /** Keys a user may have. Default 10. */
  keys?: number;
  /** What to do when a key's counter did not go up, which may mean a copy. Default `{ deviceBound: 'reject', synced: 'flag' }`. */
  signCount?: { deviceBound?: SignCountRule; synced?: SignCountRule };
  /** Refuses new keys that can be copied to other devices. Default false. */
  deviceBoundOnly?: boolean;
  /** What makers have to vouch for. Default: nobody is asked. */
  attestation?: {
    /** Certificates (PEM) that a maker's must lead to; keys without are refused. */
    roots?: readonly string[];
    /** Models (AAGUIDs) to take, or to refuse. Only a claim, unless there are `roots`. */
    allow?: readonly string[];
    deny?: readonly string[];
  };
}

export interface SecondFactorOptions<User> {
  /** Each Passport instance whose logins owe a second factor. Its session manager is wrapped at once. */
  passport: PassportLike | readonly PassportLike[];
  /** Shown on the pages and in authenticator apps; at most 64 letters. */
  appName: string;
  /** Where the app is reached: `https://admin.example.com`, or with the path it is mounted under. */
  origin: string;
  /** Secrets of at least 32 bytes, hex or base64url. The first writes, all open. An unset variable is refused at once. */
  keys: readonly (string | undefined)[];
  users: UserFunctions<User>;
  accounts: Accounts;
  pending: Pending;
  /** Where our pages are, below the place `protect()` is mounted. Default `/2fa`. */
  path?: string;
  /** The app's own login page. Default `/login`. */
  loginUrl?: string;
  /** A page of the app that helps; linked from every page of ours. Default: no link. */
  helpUrl?: string;
  /** Where a login leads when nothing else is known. Default `/`. */
  home?(user: User, req: Request): string;
  /** `answer` (default): we send the 303 or 401 and `logIn`'s callback is not called. `callback`: nothing is sent and it is called with a SecondFactorError. */
  owed?: 'answer' | 'callback';
  /** Names of strategies that check a token issued earlier, such as `['jwt']`; others may not log in with `session: false` while a factor is owed. */
  tokenStrategies?: readonly string[];
  /** Accepts a proof from elsewhere (an identity provider's `amr`). Default: never. A throw refuses. */
  accept?(user: User, req: Request): AcceptedProof | false | Promise<AcceptedProof | false>;
  /** Work to do once a login is complete. Where we answer, it may return the URL to go to. */
  onSignedIn?(
    req: Request,
    res: Response,
    login: { user: User; proofs: readonly Proof[] },
  ): string | void | Promise<string | void>;
  /** How many factors a user must keep once two-factor is on. Default 0: the last one may go. */
  keepFactors?: number;
  /** How long after the password the second factor can be given. Default `'10m'`. */
  halfLogin?: Duration;
  /** Absolute life of a login. Default `'30d'`. */
  loginLife?: Duration;
  /** How fresh a proof has to be to change factors. Default `'5m'`. */
  fresh?: Duration;
  /** One deadline for all store calls of a request. Default 2 500 ms. */
  deadline?: Duration;
  totp?: {
    /** Time steps accepted on either side of now: 0 or 1. Default 1. */
    window?: 0 | 1;
    /** Authenticator apps a user may have. Default 3. */
    apps?: number;
  };
  /**
   * Security keys, fingerprint and face (WebAuthn). On, unless `origin` is an IP address, for which browsers make none;
   * false for none.
   */
  webauthn?: false | WebauthnOptions;
  /**
   * A key that verifies its owner may sign in alone, without name and password: mount `passkeySignIn()` and give
   * `users.byId`. Default false.
   */
  passkeys?: boolean;
  /** Codes by text message. Left out, there are none, and numbers that are enrolled are not offered. */
  sms?: {
    /** Who sends them: `vonageSender(…)` or a function of your own. */
    send: Sender<SmsMessage>;
    /** ISO 3166 codes of where messages may go, such as `['CZ', 'SK']`. Default: everywhere. */
    regions?: readonly string[];
    /** Where numbers without a country code are from, such as `'CZ'`. Default: they are refused. */
    defaultRegion?: string;
  };
  /** Codes by e-mail. Left out, there are none. NIST SP 800-63B-4 §3.1.3.1 takes mail for no factor at all. */
  email?: {
    /** Who sends them: `sendgridSender(…)`, `smtpSender(…)` or a function of your own. */
    send: Sender<EmailMessage>;
  };
  /** What limits and watches the sending of codes. */
  sends?: {
    /** Other budgets than the default ones: `{ app: { sends: 5000, per: '1d' } }`. */
    limits?: { readonly [name in keyof SendLimits]?: { readonly sends: number; readonly per: Duration } };
    /** How long a sender may take. Default `'10s'`. */
    timeout?: Duration;
    /** The share of codes used, below which the event `sends.unused` warns. Default 0.3. */
    leastUsed?: number;
    /** Asked before each message, such as for a SIM swap; anything but true, or a throw, and it is not sent. */
    beforeSend?(outgoing: OutgoingCode): boolean | Promise<boolean>;
  };
  /** The language of a request, such as `'cs'`. Default: from Accept-Language. */
  locale?(req: IncomingMessage): string | undefined;
  /** More languages: `{ fr: { 'step.title': '…' } }`. What is missing falls back to English. */
  locales?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A folder whose EJS files replace ours of the same name. */
  views?: string;
  /** A field that the app's own CSRF check, mounted above ours, wants in every form. */
  csrf?: { field: string; token(req: Request): string };
  /** The clock, ms since 1970. For tests. Default `Date.now`. */
  now?(): number;
}

/** What `accept` gives for a proof made elsewhere: RFC 8176 method names, and when it was made (ms). */
export interface AcceptedProof {
  readonly methods: readonly string[];
  readonly at: number;
}
