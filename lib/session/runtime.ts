import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { Account, UserId } from '../account/account';
import type { FormTokens } from '../crypto/digest';
import type { Kinds, Scope, Settings } from '../core/scope';
import type { Refusal, SecondFactorError } from '../errors';
import type { RequestContext } from '../events';
import type { BrandOptions, EvidenceOptions, LostAccessForm, SecondFactorOptions } from '../options/options';
import type { Pending } from '../stores/contracts';
import type { ReadAhead } from './read-ahead';
import type { Seam } from './seam';
import type { ThisBrowser } from './this-browser';

/** The app's options with every default in its place; `origin` parsed. */
export type RuntimeOptions = Pick<
  SecondFactorOptions<unknown>,
  'users' | 'accept' | 'onSignedIn' | 'home' | 'csrf' | 'appName'
> & {
  readonly brand: Brand;
  /** null: off. */
  readonly lostAccess: LostAccess | null;
  readonly origin: URL;
  /** The path of `origin`, without a trailing slash. */
  readonly prefix: string;
  readonly path: string;
  readonly loginUrl: string;
  readonly helpUrl: string | null;
  readonly owed: 'answer' | 'callback';
  readonly tokenStrategies: ReadonlySet<string>;
};

/** The app's look. `logo` and `stylesheet` are paths, or addresses of the app's own origin. */
export type Brand = Pick<BrandOptions, 'header' | 'theme'> & {
  readonly [name in 'logo' | 'css' | 'stylesheet' | 'accountUrl' | 'signOutUrl']: string | null;
};

/** What the operator has decided for people who have lost access to everything. */
export interface LostAccess {
  readonly form: Required<LostAccessForm>;
  /** null: documents are not taken through our pages. */
  readonly evidence: Required<EvidenceOptions> | null;
}

/** What a use case works with in one request, and the app's own functions beside it. */
export interface RequestScope extends Scope {
  /** The same, for what somebody of the operator's does to the account of another: it says nothing of them to its owner. */
  byStaff(this: void): Scope;
  /** The account as this request has last read it; null: it has not. */
  seen(this: void, userId: UserId): Account | null;
  /** Calls a function of the app's, under a deadline; if it fails or never answers, that is `unavailable`. */
  inTime<T>(this: void, name: string, ask: () => Promise<T>): Promise<T>;
  /** Waits, under the deadline, for a call to another store, or one that was made before there was a deadline. */
  storeInTime<T>(this: void, store: 'pending' | 'activity', ask: () => Promise<T>): Promise<T>;
}

/** What our pages and their URLs are built from. */
export interface Site {
  readonly options: RuntimeOptions;
  readonly settings: Settings;
  readonly kinds: Kinds;
  readonly formTokens: FormTokens;
  /** Paths of routes that sign in by GET; what each `gate()` was given. */
  readonly logins: Set<string>;
  /** Paths that sign out; what each `gate()` was given. */
  readonly signOuts: Set<string>;
  readonly now: () => number;
}

/** What the rooms that meet requests work with; made once, at construction. */
export interface Runtime extends Site {
  readonly seams: readonly Seam[];
  /** What marks a session that has a login of ours. */
  readonly mark: string;
  /** The store under a deadline of its own, for calls that belong to no single request. */
  readonly pending: () => Pending;
  readonly readAhead: ReadAhead;
  readonly browser: ThisBrowser;
  /** Tells the operator why requests are answered 503. */
  readonly warnOfOutage: (error: SecondFactorError) => void;
  /** Without a request where the app calls us by itself. */
  readonly newScope: (of?: {
    readonly req: IncomingMessage;
    readonly context: RequestContext;
  }) => RequestScope;
  /** Answers a refusal as the HTTP contract says: JSON, a redirect or a page. */
  refuse(req: Request, res: Response, refusal: Refusal): void;
}
