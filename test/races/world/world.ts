import { createHmac } from 'node:crypto';
import type { Express } from 'express';
import type { SessionOptions, Store } from 'express-session';
import type { SecondFactor, SecondFactorOptions } from '../../../lib';
import type { Account, UserId } from '../../../lib/account/account';
import type { Accounts, Login, Pending } from '../../../lib/stores/contracts';
import { loginKeyOf, userKeyOf } from '../../../lib/crypto/digest';
import { fakeClock } from '../../support/clock';
import type { TestUser } from '../../support/host-app';
import type { Operation } from '../explorer/run';
import { Stage, type Call } from '../explorer/stage';
import { racedApp, type RacedApp } from './app';
import { Client } from './client';
import { Mailbox } from './mailbox';
import { Recorder, type Written } from './recorder';
import { SteppedAccounts } from './stepped-accounts';
import { SteppedAudit } from './stepped-audit';
import { SteppedPending } from './stepped-pending';
import { SteppedSessions } from './stepped-sessions';

export interface WorldOptions {
  /** The app sends codes by mail. */
  readonly mails?: boolean;
  /** It also tells users by mail of what happens, in the background. */
  readonly notices?: boolean;
  /** It sends text messages, and nothing that nobody waits for. */
  readonly texts?: boolean;
  /** It keeps an audit. */
  readonly audits?: boolean;
  /** It has security keys. Without, fewer questions are asked, and there are fewer orders of them. */
  readonly keys?: boolean;
  /** And they sign in alone. */
  readonly passkeys?: boolean;
  /** The process has met the sessions of the beginning before, so it asks for their records together with them. */
  readonly readsAhead?: boolean;
  readonly session?: Partial<SessionOptions>;
  readonly secondFactor?: Partial<SecondFactorOptions<TestUser>>;
  /** Puts something between the library and the stores: a guard that is broken on purpose. */
  readonly accounts?: (accounts: Accounts) => Accounts;
  readonly pending?: (pending: Pending) => Pending;
  readonly sessions?: (world: World) => Store;
}

/** What a session shows to whoever reads the store without asking us, and to the app. */
export interface Seen {
  readonly raw: string | null;
  readonly app: string | null;
  readonly rawAfter: string | null;
}

/** What is inside of one of our objects, as far as we reach into it. */
interface Inside {
  readonly readAhead: { readonly notes: { readonly entries: Map<string, unknown> } };
}

const secret = 'test';

/** An app without sockets over stores whose every call is a step, and which can be put back to how they were. */
export class World {
  readonly stage = new Stage();
  readonly clock = fakeClock();
  /** Of what lives in Redis; it does not jump when the app's clock does. */
  readonly redisClock = fakeClock();
  readonly recorder = new Recorder(() => this.redisClock.now());
  readonly accounts = new SteppedAccounts(this.stage, this.recorder);
  readonly audit = new SteppedAudit(this.stage, this.recorder);
  readonly pending = new SteppedPending(this.stage, this.recorder, () => this.redisClock.now());
  readonly sessions = new SteppedSessions(this.stage, this.recorder);
  readonly mail = new Mailbox(this.stage);
  readonly twoFactor: SecondFactor<TestUser>;
  readonly users: Map<string, TestUser>;
  private readonly app: Express;
  private readonly guarded: Store;
  private isOrderKept = false;
  private before: {
    written: readonly Written[];
    time: number;
    redisTime: number;
  } | null = null;

  constructor(private readonly options: WorldOptions = {}) {
    this.guarded = options.sessions?.(this) ?? this.sessions;
    const raced = this.start();
    this.twoFactor = raced.twoFactor;
    this.users = raced.users;
    this.app = raced.app;
  }

  /** A process on these stores: the first, or one more, with nothing in its memory. */
  start(): RacedApp {
    const { options } = this;
    return racedApp(
      {
        now: this.clock.now,
        accounts: options.accounts?.(this.accounts) ?? this.accounts,
        pending: options.pending?.(this.pending) ?? this.pending,
        ...(options.mails && { email: { send: this.mail.send, notices: options.notices ?? false } }),
        ...(options.texts && { sms: { send: this.mail.send } }),
        ...(!options.keys && { webauthn: false }),
        ...(options.audits && { audit: this.audit }),
        ...(options.passkeys && { passkeys: true }),
        ...options.secondFactor,
      },
      {
        secret,
        resave: false,
        saveUninitialized: false,
        genid: () => this.stage.sessionId(),
        ...options.session,
        store: this.guarded,
      },
    );
  }

  client(): Client {
    return new Client(() => this.app, this.clock.now);
  }

  /** What was written until now is how every run begins. */
  keep(): void {
    this.mail.keep();
    this.keepNotes();
    this.before = {
      written: this.recorder.all,
      time: this.clock.now(),
      redisTime: this.redisClock.now(),
    };
  }

  async reset(): Promise<void> {
    if (!this.before) throw new Error('keep() first');
    this.clock.set(this.before.time);
    this.mail.reset();
    await this.rewrite(this.before.written);
    this.redisClock.set(this.before.redisTime);
  }

  /** What Redis has been given since the start of this run. */
  get newest(): readonly Written[] {
    return this.recorder.all
      .slice(this.before?.written.length ?? 0)
      .filter(({ store }) => store !== 'accounts' && store !== 'audit');
  }

  /** Redis forgets its newest writes, as a failover to a replica that lagged does. */
  async loseNewest(count: number): Promise<void> {
    const time = this.redisClock.now();
    const lost = new Set(count === 0 ? [] : this.newest.slice(-count));
    await this.rewrite(this.recorder.all.filter((written) => !lost.has(written)));
    this.redisClock.set(time);
  }

  /** Redis as an operation: at some point it has forgotten all it was told in this run, or any number of its newest writes. */
  losing(name: string, what: 'all' | 'newest'): Operation {
    const ways = () => (what === 'all' ? 1 : Math.max(1, this.newest.length));
    const work = () =>
      this.stage.call({ name: `loses ${what}`, touches: [], ways }, async (way) => {
        await this.loseNewest(what === 'all' ? this.newest.length : way + 1);
        this.isOrderKept = false;
      });
    this.isOrderKept = what === 'newest';
    return { name, work, touchesAll: true, mindsOrder: what === 'newest', isImmortal: true };
  }

  /** The app's clock as an operation: at some point it jumps by one of these (ms). */
  jumping(name: string, by: readonly number[]): Operation {
    const call = { name: 'jumps', touches: [], ways: () => by.length };
    const work = () => this.stage.call(call, async (way) => this.clock.move(by[way] ?? 0));
    return { name, work, touchesAll: true, isImmortal: true };
  }

  state(): string {
    return JSON.stringify([
      this.accounts.text,
      this.audit.text,
      this.pending.text,
      this.sessions.text,
      this.mail.text,
      this.clock.now(),
      this.redisClock.now(),
      // Which writes are the newest matters only to who is going to lose them.
      this.isOrderKept && this.newest.map(({ what }) => what),
    ]);
  }

  account(user: string): Promise<Account | null> {
    return this.accounts.load(`id-${user}` as UserId);
  }

  async record(sid: string): Promise<Login | null> {
    return await this.pending.logins.read(loginKeyOf(sid), null);
  }

  evictEpochOf(user: string): Promise<void> {
    return this.pending.evictEpoch(userKeyOf(`id-${user}` as UserId));
  }

  loseRecord(sid: string): Promise<boolean> {
    return this.pending.logins.remove(loginKeyOf(sid));
  }

  /** Reads the store as a socket does, at some point of the order: whom it sees. */
  read(sid: string): Promise<string | null> {
    const call: Call = { name: 'reads the session', touches: [[`session ${sid}`, 'read']] };
    return this.stage.call(call, async () => this.rawUser(sid));
  }

  sidOf(client: Client): string {
    return decodeURIComponent(client.session)
      .replace(/^s:/, '')
      .replace(/\.[^.]*$/, '');
  }

  /** Who a session lets in: first for a reader of the store alone, then for the app, then for that reader again. */
  async seen(sid: string): Promise<Seen> {
    const raw = this.rawUser(sid);
    const signature = createHmac('sha256', secret).update(sid).digest('base64').replace(/=+$/, '');
    const cookies = new Map([['connect.sid', encodeURIComponent(`s:${sid}.${signature}`)]]);
    const { body } = await new Client(() => this.app, this.clock.now, cookies).me();
    const user = (body as { user?: { id?: string } | null }).user?.id ?? null;
    return { raw, app: user, rawAfter: this.rawUser(sid) };
  }

  /** What a socket or a second app makes of a session: Passport's key in the stored text. */
  rawUser(sid: string): string | null {
    const stored = JSON.parse(this.sessions.sessions[sid] ?? '{}') as { passport?: { user?: string } };
    return stored.passport?.user ?? null;
  }

  get sids(): readonly string[] {
    return Object.keys(this.sessions.sessions);
  }

  /**
   * What the process remembers of sessions, on the guard of their store, is the same in every run: it decides which
   * calls are made, and is no part of a state.
   */
  private keepNotes(): void {
    const symbols = Object.getOwnPropertySymbols(this.guarded);
    const slot = symbols.find(({ description }) => description === 'second factor');
    const guard = slot && (Reflect.get(this.guarded, slot) as { readonly members: Iterable<Inside> });
    for (const { readAhead } of guard?.members ?? []) {
      if (!this.options.readsAhead) readAhead.notes.entries.clear();
      Object.assign(readAhead, { note: () => undefined, forget: () => undefined });
    }
  }

  private async rewrite(written: readonly Written[]): Promise<void> {
    this.accounts.clear();
    this.audit.clear();
    this.pending.clear();
    this.sessions.sessions = Object.create(null) as Record<string, string>;
    for (const { at, again } of written) {
      this.redisClock.set(at);
      await again();
    }
    this.recorder.all = written;
  }
}
