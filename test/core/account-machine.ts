import type { Account, FactorId, Rev, UserId } from '../../lib/account/account';
import { laneAt } from '../../lib/account/tries';
import { acknowledgeCodes } from '../../lib/core/acknowledge';
import { visitOf } from '../../lib/core/browser';
import { endLogins, forget } from '../../lib/core/end-logins';
import { beginTotp, confirmTotp } from '../../lib/core/enrol-totp';
import { importFactor } from '../../lib/core/import-factor';
import { prefer, remove, rename, type Managed } from '../../lib/core/manage-factor';
import { renewCodes } from '../../lib/core/pending-codes';
import { cancelSetup } from '../../lib/core/setup';
import { verify, type Verified } from '../../lib/core/verify';
import { toBase32 } from '../../lib/crypto/base32';
import { checkBackupCode } from '../../lib/factors/backup-code';
import { SecondFactorError, type Refusal } from '../../lib/errors';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import type { Login, Proof } from '../../lib/stores/contracts';
import { days, hours, minutes, seconds } from '../support/clock';
import * as model from './account-model';
import { accessOf, aLogin, codeOf, coreScope, type CoreScope } from './core-scope';
import type { Command, Intrusion } from './account-commands';
import { UnreliableAccounts } from './unreliable-accounts';

const people = ['ada', 'bob'] as UserId[];
const browsers = [null, 'browser-a', 'browser-b', 'browser-c'];

/** A token as the browser has it, and as the model calls it. */
interface Token {
  readonly real: string;
  readonly name: string;
}
const names = ['Phone', 'phone', 'Tablet', 'Watch'];
const seeds = Array.from({ length: 6 }, (_, at) =>
  Buffer.from(`a seed of someone’s ${at}`.padEnd(20).slice(-20)),
);

/** One of a list, by a number that may be any; undefined of an empty one. */
const pickFrom = <Item>(list: readonly Item[], pick: number): Item | undefined =>
  list[pick % Math.max(list.length, 1)];

/** A counter that lives from its first count on. */
class Counters {
  private readonly all = new Map<string, { count: number; diesAt: number }>();

  constructor(private readonly now: () => number) {}

  add(id: string, life: number): number {
    const there = this.living(id) ?? { count: 0, diesAt: this.now() + life };
    this.all.set(id, { ...there, count: there.count + 1 });
    return there.count + 1;
  }

  take(id: string, count = 1): void {
    const there = this.living(id);
    if (there) this.all.set(id, { ...there, count: Math.max(0, there.count - count) });
  }

  read(id: string): number {
    return this.living(id)?.count ?? 0;
  }

  private living(id: string) {
    const there = this.all.get(id);
    return there && there.diesAt > this.now() ? there : undefined;
  }
}

interface ModelSetup {
  readonly secret: Buffer;
  readonly codes: readonly string[] | null;
  readonly isFirst: boolean;
  readonly epoch: number;
  readonly startedAt: number;
  readonly diesAt: number;
  readonly counter: string;
  readonly proof: { readonly factor: model.ModelFactor; readonly at: number } | null;
}

/** The system and its model side by side. */
export class AccountMachine {
  private readonly inner = memoryAccounts();
  private readonly accounts = new UnreliableAccounts(this.inner);
  private readonly stored = this.accounts.stored;
  /** The time of the pending store, as Redis has its own: no clock that is put back makes it go back. */
  private storeTime = 0;
  private readonly scope: CoreScope = coreScope({
    accounts: this.accounts,
    pending: memoryPending({ now: () => this.storeTime }),
  });
  /** Another process. It has the same stores, and its writes succeed. */
  private readonly elsewhere: CoreScope;
  private readonly users = new Map(people.map((userId) => [userId, model.noUser]));
  private logins: Login[] = [];
  private readonly setups = new Map<string, ModelSetup>();
  private readonly tries = new Counters(() => this.storeTime);
  private readonly seenSecrets = new Set<string>();
  private readonly ids = new Map<string, FactorId>();
  /** Every proof that was accepted anywhere, by what must not come twice. */
  private readonly accepted = new Set<string>();
  private lastCode = '123456';
  private setupsBegun = 0;
  /** What each browser keeps of tokens. */
  private readonly jars = new Map<string, readonly Token[]>();
  /** Those made last, whoever has them. */
  private tokens: readonly Token[] = [];
  private tokensMade = 0;

  constructor() {
    const accounts = new UnreliableAccounts(this.inner, this.stored);
    this.elsewhere = coreScope({ accounts, pending: this.scope.pending, clock: this.scope.clock });
    for (const scope of [this.scope, this.elsewhere]) this.checkTold(scope);
  }

  private get now(): number {
    return this.scope.now();
  }

  private userOf(userId: UserId): model.ModelUser {
    return this.users.get(userId) ?? model.noUser;
  }

  async run(one: Command): Promise<void> {
    for (const part of one.kind === 'enrol' ? partsOfEnrolment(one) : [one]) await this.runPart(part);
  }

  /** Both sides are compared after each, which is also how the machine learns the id of a factor just made. */
  private async runPart(one: Command): Promise<void> {
    const before = await this.snapshot();
    const predicted = new Map(this.users);
    await this.carryOut(one);
    this.accounts.fates.length = 0;
    await this.check(before, predicted);
  }

  private async carryOut(one: Command): Promise<void> {
    const userId = people[one.who] ?? people[0];
    const login = this.loginAt(one.login);
    if (userId === undefined) return;
    if (one.kind === 'clock') return this.moveClock(one);
    if (one.kind === 'sign in') return this.signIn(userId);
    if (one.kind === 'siege') return this.siege(userId, one);
    if (one.kind === 'forget') return this.forget(userId);
    if (one.kind === 'import') return this.import(userId, one);
    if (one.kind === 'totp' || one.kind === 'backup code') return this.verify(userId, one);
    if (one.kind === 'sign out everywhere') return this.signOutEverywhere(userId, one);
    if (login === null) return;
    if (one.kind === 'begin') return this.begin(login);
    if (one.kind === 'confirm') return this.confirm(login, one);
    if (one.kind === 'acknowledge') return this.acknowledge(login, one);
    if (one.kind === 'give up') return this.giveUp(login, one);
    if (one.kind === 'renew') return this.renew(login);
    return this.manage(login, one);
  }

  private moveClock({ pick }: Command): void {
    const moves = [
      30,
      30,
      30,
      1,
      29,
      60,
      -30,
      -1,
      301,
      -hours / seconds,
      hours / seconds,
      days / seconds,
      -days / seconds,
    ];
    const more = [9 * days, 40 * days, 5 * minutes, 10 * minutes].map((ms) => ms / seconds);
    this.move((pickFrom([...moves, ...more], pick) ?? 0) * seconds);
  }

  private move(ms: number): void {
    this.scope.clock.move(ms);
    this.storeTime += Math.max(0, ms);
  }

  private signIn(userId: UserId): void {
    const user = this.userOf(userId);
    const state = user.factors.length > 0 ? 'owed' : 'exempt';
    const isOver = (login: Login) => login.epoch !== this.userOf(login.userId).epoch;
    const over = this.logins.filter(isOver).slice(-2);
    const others = this.logins.filter((login) => !isOver(login) || over.includes(login));
    this.logins = [...others, aLogin(this.scope, { userId, state, epoch: user.epoch })].slice(-8);
  }

  /** Somebody who guesses on: for an hour, or for months. */
  private async siege(userId: UserId, one: Command): Promise<void> {
    const guess: Command = { ...one, kind: 'totp', pick: 0, code: 12, fates: [] };
    if (this.userOf(userId).factors.length === 0) return;
    const [times, wait] = one.pick > 17 ? [101, days] : [11, minutes];
    for (let time = 0; time < times; time += 1) {
      await this.verify(userId, guess);
      this.move(wait);
    }
  }

  private loginAt(fromNewest: number): Login | null {
    return pickFrom(this.logins.toReversed(), fromNewest) ?? null;
  }

  private async forget(userId: UserId): Promise<void> {
    await forget(this.scope, userId);
    this.users.set(userId, model.noUser);
  }

  private async import(userId: UserId, one: Command): Promise<void> {
    const { secret, label } = this.seedFor(userId, one.pick, one.code);
    const signOut = one.token % 2 === 1;
    await this.compare(userId, one, model.importSeed(secret, label, signOut), (scope) =>
      this.realImport(scope, userId, secret, label, signOut),
    );
  }

  private async verify(userId: UserId, one: Command): Promise<void> {
    const login = one.pick % 4 === 0 ? null : this.loginAt(one.login);
    const owner = login?.userId ?? userId;
    const type = one.kind === 'totp' ? 'totp' : 'backup-code';
    const code = type === 'totp' ? this.codeFor(owner, one) : this.backupCodeFor(owner, one);
    const { brought, browser, keep } = this.browserAt(one.token);
    this.lastCode = type === 'totp' ? code : this.lastCode;

    // Tries of the login, counted before the proof is judged.
    const key = login && (login.state === 'owed' ? login.loginId : `${login.loginId} again`);
    const life = login?.state === 'owed' ? hours : 10 * minutes;
    const count = key === null ? 0 : this.tries.add(key, life);
    const guesses = key === null || type !== 'totp' ? 0 : this.tries.read(`${key} guesses`);
    const giveBack = (): void => {
      if (key !== null) this.tries.take(key);
    };

    const prove = (scope: CoreScope) =>
      verify(scope, { userId: owner, login, tokens: brought }, type, { code });
    if (count > 5) {
      giveBack();
      const expected = login?.state === 'owed' ? 'half_login_ended' : 'locked';
      checkSame(await outcomeOf(prove(this.scope)), expected);
      return;
    }
    const [epoch, isOwed] = [login?.epoch ?? null, login?.state === 'owed'];
    const prover = { epoch, isOwed, browser, guessesBefore: guesses };
    const predict = type === 'totp' ? model.verifyTotp(code, prover) : model.verifyBackupCode(code, prover);
    const results: Verified[] = [];
    const step = await this.compare(owner, one, predict, async (scope) => {
      const verified = await prove(scope);
      if (verified.ok) results.push(verified);
      return verified;
    });
    if (step.isFree) giveBack();
    // Only what the lane has paid for is ever given back.
    const isSpent = step.outcome === 'wrong_code' || step.outcome === 'clock_off';
    if (isSpent && key !== null && type === 'totp') this.tries.add(`${key} guesses`, life);
    const [verified] = results;
    if (!verified) return;
    keep(verified.tokens);
    await this.noteAccepted(owner, verified.proof, code);
    if (!login || key === null) return;
    if (login.state !== 'owed') {
      this.tries.take(key);
      this.tries.take(`${key} guesses`, guesses);
    }
    this.replaceLogin(login, verified.account.epoch, verified.proof);
  }

  /** The browser of this number: what it brings, and what becomes of it when it is given tokens to keep. */
  private browserAt(at: number) {
    const name = browsers[at] ?? '';
    const jar = this.jars.get(name) ?? [];
    const made = `token ${(this.tokensMade += 1)}`;
    return {
      brought: jar.map(({ real }) => real),
      browser: { brought: jar.map((token) => token.name), made },
      keep: (tokens: readonly string[] | null): void => {
        const [real] = tokens ?? [];
        if (!tokens || real === undefined) return;
        // Nothing that it brought is taken over: it is other users' and stays, or it is replaced.
        checkSame(jar.map((token) => token.real).includes(real), false);
        const all = [{ real, name: made }, ...jar];
        checkSame(
          tokens,
          all.map((token) => token.real).filter((one) => tokens.includes(one)),
        );
        this.tokens = [{ real, name: made }, ...this.tokens].slice(0, 20);
        if (name !== '')
          this.jars.set(
            name,
            all.filter((token) => tokens.includes(token.real)),
          );
      },
    };
  }

  private async signOutEverywhere(userId: UserId, one: Command): Promise<void> {
    const except = one.pick % 2 === 0 ? null : this.loginAt(one.login);
    const isTheirs = except?.userId === userId;
    const step = await this.compare(
      userId,
      one,
      model.endLogins(isTheirs ? except.epoch : null),
      async (scope) => ((await endLogins(scope, userId, except)).goesOn ? 'goes on' : 'ended'),
    );
    if (except && step.outcome === 'goes on') this.replaceLogin(except, step.user.epoch, null);
  }

  /** Shows the set-up of a login, as the page does. */
  private async begin(login: Login): Promise<void> {
    const user = this.userOf(login.userId);
    const there = this.liveSetup(login, 'totp');
    const begun = await beginTotp(this.scope, await accessOf(this.scope, login));
    const isFull = user.factors.length >= 3;
    const refusal = isFull
      ? 'limit_reached'
      : (this.closed(login, there) ?? (there?.proof ? 'conflict' : null));
    if (refusal !== null || !begun.ok) {
      checkSame(begun.ok || begun.code, refusal);
      return;
    }
    const hex = begun.secret.toString('hex');
    checkSame(there ? there.secret.toString('hex') === hex : !this.seenSecrets.has(hex), true);
    this.seenSecrets.add(hex);
    if (there) return;
    this.setups.set(`${login.loginId} totp`, {
      secret: begun.secret,
      codes: null,
      isFirst: user.factors.length === 0,
      epoch: user.epoch,
      startedAt: this.now,
      diesAt: this.storeTime + hours,
      counter: `setup ${(this.setupsBegun += 1)}`,
      proof: null,
    });
  }

  private async confirm(login: Login, one: Command): Promise<void> {
    if (!this.isComplete(login)) return;
    const user = this.userOf(login.userId);
    const setup = this.liveSetup(login, 'totp');
    const { brought, browser, keep } = this.browserAt(one.token);
    const named = one.pick % 2 === 0 ? undefined : (pickFrom(names, one.pick) ?? '');
    const code = this.codeOf(setup?.secret ?? seeds[0] ?? Buffer.alloc(20), one.code);
    const confirmReal = async (scope: CoreScope) => {
      const input = { code, label: named, defaultLabel: 'Phone' };
      const confirmed = await confirmTotp(scope, await accessOf(scope, login), input, brought);
      if (confirmed.ok) keep(confirmed.tokens);
      return confirmed;
    };

    const closed = setup && this.closed(login, setup);
    const refusal = closed
      ? { code: closed, isOver: false }
      : this.refusalOfConfirm(user, setup, code, named);
    if (refusal !== null || !setup) {
      checkSame(await outcomeOf(confirmReal(this.scope)), refusal?.code);
      if (refusal?.isOver) this.setups.delete(`${login.loginId} totp`);
      return;
    }
    const T = model.stepOf(this.now);
    const usedUpTo = Math.max(...model.stepsOf(setup.secret, code, T - 1, T + 1));
    const free = ['Phone', 'Phone 2', 'Phone 3', 'Phone 4'].find((label) => !model.isTaken(user, label));
    const factor = { secret: setup.secret, label: named ?? free ?? '', usedUpTo };
    if (setup.isFirst) {
      const confirmed = await confirmReal(this.scope);
      if (!confirmed.ok) throw new Error(`a right code was refused: ${confirmed.code}`);
      checkSame(confirmed.codes?.length, 10);
      const proven = { ...setup, codes: confirmed.codes, proof: { factor, at: this.now } };
      this.setups.set(`${login.loginId} totp`, proven);
      return;
    }
    const predict = model.addProven(factor, setup.epoch, browser);
    const step = await this.compare(login.userId, one, predict, confirmReal);
    if (step.outcome === 'ok') this.setups.delete(`${login.loginId} totp`);
  }

  private refusalOfConfirm(
    user: model.ModelUser,
    setup: ModelSetup | null,
    code: string,
    named: string | undefined,
  ): { code: string; isOver: boolean } | null {
    if (!setup || setup.proof) return { code: 'conflict', isOver: false };
    if (named !== undefined && model.isTaken(user, named)) return { code: 'duplicate', isOver: false };
    const count = this.tries.add(setup.counter, hours);
    if (count > 10) return { code: 'conflict', isOver: false };
    const T = model.stepOf(this.now);
    if (model.stepsOf(setup.secret, code, T - 1, T + 1).length > 0) return null;
    const isBehind = model.stepsOf(setup.secret, code, T - 10, T - 2).length > 0;
    return { code: isBehind ? 'clock_off' : 'wrong_code', isOver: count >= 10 };
  }

  private async acknowledge(login: Login, one: Command): Promise<void> {
    if (!this.isComplete(login)) return;
    const user = this.userOf(login.userId);
    const kind = user.factors.length > 0 ? 'backup-codes' : 'totp';
    const setup = this.liveSetup(login, kind);
    const { brought, browser, keep } = this.browserAt(one.token);
    const isPending = setup?.codes && (kind === 'backup-codes' || setup.proof);
    const code =
      one.code % 4 === 3 ? '0'.repeat(16) : (pickFrom(setup?.codes ?? [], one.pick) ?? '0'.repeat(16));
    const access = await accessOf(this.scope, login);
    const proofs: (Proof | null)[] = [];
    const acknowledgeReal = async (scope: CoreScope) => {
      const done = await acknowledgeCodes(scope, access, code, brought);
      if (done.ok) {
        keep(done.tokens);
        proofs.push(done.proof);
      }
      return done;
    };
    const closed = isPending ? this.closed(login, setup) : null;
    if (!setup || !isPending || closed || !setup.codes?.includes(code)) {
      checkSame(
        await outcomeOf(acknowledgeReal(this.scope)),
        closed ?? (isPending ? 'wrong_code' : 'conflict'),
      );
      return;
    }
    const { codes, epoch, proof } = setup;
    const wasStale = this.staleness(login) !== null;
    const predict = proof
      ? model.switchOn(proof.factor, codes, epoch, browser)
      : model.replaceCodes(codes, epoch);
    const step = await this.compare(login.userId, one, predict, acknowledgeReal);
    if (step.outcome !== 'ok') return;
    this.setups.delete(`${login.loginId} ${kind}`);
    // What a stale login finishes leaves it stale.
    if (proof) checkSame(proofs[0]?.at, wasStale ? Math.min(proof.at, login.since) : proof.at);
    this.replaceLogin(login, step.user.epoch, proofs[0] ?? null);
  }

  private async giveUp(login: Login, one: Command): Promise<void> {
    const kind = one.pick % 2 === 0 ? 'totp' : 'backup-codes';
    await cancelSetup(this.scope, login, kind);
    this.setups.delete(`${login.loginId} ${kind}`);
  }

  private async renew(login: Login): Promise<void> {
    const user = this.userOf(login.userId);
    const made = await renewCodes(this.scope, await accessOf(this.scope, login));
    const there = this.liveSetup(login, 'backup-codes');
    const refusal = user.factors.length === 0 ? 'conflict' : this.closed(login, there);
    if (refusal !== null || !made.ok) {
      checkSame(made.ok || made.code, refusal);
      return;
    }
    checkSame(there?.codes ?? made.codes, made.codes);
    if (there) return;
    this.setups.set(`${login.loginId} backup-codes`, {
      secret: Buffer.alloc(0),
      codes: made.codes,
      isFirst: false,
      epoch: user.epoch,
      startedAt: this.now,
      diesAt: this.storeTime + hours,
      counter: '',
      proof: null,
    });
  }

  private async manage(login: Login, one: Command): Promise<void> {
    // Seeds of both: another user's factor must not be found.
    const all = people.flatMap((owner) =>
      this.userOf(owner).factors.map(({ secret }) => ({ owner, secret })),
    );
    const picked = pickFrom(all, one.pick) ?? { owner: login.userId, secret: Buffer.alloc(20) };
    const id = this.idOf(picked.owner, picked.secret);
    const label = pickFrom(names, one.code) ?? '';
    const isPreferred = one.code % 3 !== 0;
    const { epoch, userId } = login;
    const wanted = picked.owner === userId ? picked.secret : Buffer.from('not found');
    const access = await accessOf(this.scope, login);
    const [predict, real] = {
      remove: [
        model.removeFactor(epoch, wanted),
        (scope: CoreScope): Promise<Managed> => remove(scope, access, id),
      ],
      rename: [
        model.renameFactor(epoch, wanted, label),
        (scope: CoreScope) => rename(scope, access, id, label),
      ],
      prefer: [
        model.preferFactor(epoch, wanted, isPreferred),
        (scope: CoreScope) => prefer(scope, access, id, isPreferred),
      ],
    }[one.kind as 'remove' | 'rename' | 'prefer'] as [model.Predict, (scope: CoreScope) => Promise<Managed>];
    const unlessStale: model.Predict = (there, now) => {
      const stale = this.staleness(login, there);
      return stale === null ? predict(there, now) : { user: there, outcome: stale };
    };
    const step = await this.compare(userId, one, unlessStale, real);
    if (step.outcome === 'ok') this.replaceLogin(login, step.user.epoch, null);
  }

  /** Carries one operation out on both sides, with the same fates of its saves. */
  private async compare(
    userId: UserId,
    one: Command,
    predict: model.Predict,
    real: (scope: CoreScope) => Promise<{ ok: true } | Refusal | string>,
  ): Promise<model.Step> {
    const fates = one.fates.map((each) => (typeof each === 'string' ? each : this.intrusion(userId, each)));
    this.accounts.fates.push(...fates.map((each) => (typeof each === 'string' ? each : each.real)));
    const modelFates = fates.map((each) => (typeof each === 'string' ? each : each.predict));
    const step = model.predictWith(modelFates, this.userOf(userId), this.now, predict);
    checkSame(await outcomeOf(real(this.scope)), step.outcome);
    this.users.set(userId, step.user);
    return step;
  }

  /** What somebody else does to the same account, between our load and our save. */
  private intrusion(
    userId: UserId,
    { by, pick }: Intrusion,
  ): { predict: model.Predict; real: () => Promise<unknown> } {
    const user = this.userOf(userId);
    const prover = { epoch: null, isOwed: false, browser: { brought: [], made: '' }, guessesBefore: 0 };
    const noLogin = { userId, login: null, tokens: [] };
    const scope = this.elsewhere;
    const factor = pickFrom(user.factors, pick);
    const proof: Proof = { type: 'totp', factorId: null, at: this.now };
    const current = aLogin(scope, { userId, epoch: user.epoch, state: 'passed', proofs: [proof] });
    const id = this.idOf(userId, factor?.secret ?? Buffer.alloc(1));
    const code = by === 'use' && factor ? this.codeOf(factor.secret, 2) : '000000';
    const backupCode = pickFrom(user.codes ?? [], pick)?.code ?? '0'.repeat(16);
    const { secret, label } = this.seedFor(userId, pick, pick);
    const proveTotp = {
      predict: model.verifyTotp(code, prover),
      real: async () => this.noteIfAccepted(userId, code, await verify(scope, noLogin, 'totp', { code })),
    };
    const all = {
      guess: proveTotp,
      use: proveTotp,
      backup: {
        predict: model.verifyBackupCode(backupCode, prover),
        real: async () =>
          this.noteIfAccepted(
            userId,
            backupCode,
            await verify(scope, noLogin, 'backup-code', { code: backupCode }),
          ),
      },
      end: { predict: model.endLogins(null), real: () => endLogins(scope, userId) },
      forget: {
        predict: (there: model.ModelUser) =>
          there.isStored ? model.forget(there, this.now) : { user: there, outcome: '' },
        real: () => forget(scope, userId),
      },
      import: {
        predict: model.importSeed(secret, label, false),
        real: () => this.realImport(scope, userId, secret, label),
      },
      remove: {
        predict: model.removeFactor(user.epoch, factor?.secret ?? Buffer.alloc(1)),
        real: async () => remove(scope, await accessOf(scope, current), id),
      },
      prefer: {
        predict: model.preferFactor(user.epoch, factor?.secret ?? Buffer.alloc(1), pick % 2 === 0),
        real: async () => prefer(scope, await accessOf(scope, current), id, pick % 2 === 0),
      },
    };
    return all[by];
  }

  private idOf(userId: UserId, secret: Buffer): FactorId {
    return this.ids.get(`${userId} ${secret.toString('hex')}`) ?? ('nobodys' as FactorId);
  }

  private realImport(scope: CoreScope, userId: UserId, secret: Buffer, label: string, signOut = false) {
    return importFactor(scope, userId, { type: 'totp', secret: toBase32(secret), label }, { signOut });
  }

  private seedFor(userId: UserId, pick: number, code: number): { secret: Buffer; label: string } {
    const known = pickFrom(this.userOf(userId).factors, pick)?.secret;
    const secret = code % 5 === 0 && known ? known : (pickFrom(seeds, pick) ?? Buffer.alloc(20));
    return { secret, label: `${pickFrom(names, code) ?? ''}${code > 6 ? ` ${pick}` : ''}` };
  }

  private codeFor(userId: UserId, { pick, code }: Command): string {
    if (code === 11) return this.lastCode;
    const secret = pickFrom(this.userOf(userId).factors, pick)?.secret ?? seeds[0] ?? Buffer.alloc(20);
    return this.codeOf(secret, code);
  }

  /** A right code most of the time; also one too early, too late, and a wrong one. */
  private codeOf(secret: Buffer, code: number): string {
    const offset = [-1, 0, 0, 0, 0, 1, 1, -2, 2, -10, -11][code];
    return offset === undefined ? '000000' : model.totp(secret, model.stepOf(this.now) + offset);
  }

  private backupCodeFor(userId: UserId, { pick, code }: Command): string {
    const wrong = '0'.repeat(16);
    return code % 4 === 3 ? wrong : (pickFrom(this.userOf(userId).codes ?? [], pick)?.code ?? wrong);
  }

  /** What the rule on fresh proofs says of this login. */
  private staleness(
    { userId, state, epoch, proofs, since }: Login,
    user: model.ModelUser = this.userOf(userId),
  ): string | null {
    if (state === 'owed' || epoch !== user.epoch) return 'sign_in_required';
    const isFresh = (at: number) => at >= this.now - 5 * minutes && at <= this.now + minutes;
    if (user.factors.length === 0) return isFresh(since) ? null : 'sign_in_required';
    return proofs.some(({ at }) => isFresh(at)) ? null : 'step_up_required';
  }

  /** Why a set-up is not open to this login, or none may be begun; null: it is. */
  private closed(login: Login, setup: ModelSetup | null): string | null {
    const age = this.now - (setup?.startedAt ?? Number.NEGATIVE_INFINITY);
    const isOpen = this.isComplete(login) && age >= -minutes && age < 10 * minutes;
    return isOpen ? null : this.staleness(login);
  }

  private isComplete({ userId, state, epoch }: Login): boolean {
    return state !== 'owed' && epoch === this.userOf(userId).epoch;
  }

  private liveSetup({ loginId, userId }: Login, kind: 'totp' | 'backup-codes'): ModelSetup | null {
    const setup = this.setups.get(`${loginId} ${kind}`);
    const user = this.userOf(userId);
    if (!setup || setup.diesAt <= this.storeTime || setup.epoch !== user.epoch) return null;
    if (setup.isFirst && user.factors.length > 0) return null;
    return user.factors.some((factor) => factor.secret.equals(setup.secret) && !isSeed(factor.secret))
      ? null
      : setup;
  }

  private replaceLogin(login: Login, epoch: number, proof: Proof | null): void {
    const proofs = proof ? [...login.proofs, proof] : login.proofs;
    const next: Login = { ...login, state: proof ? 'passed' : login.state, epoch, proofs };
    this.logins = this.logins.map((one) => (one === login ? next : one));
  }

  private async noteIfAccepted(userId: UserId, code: string, verified: Verified | Refusal): Promise<void> {
    if (verified.ok) await this.noteAccepted(userId, verified.proof, code);
  }

  /** Accepted at most once, whatever was lost, retried or done elsewhere. */
  private async noteAccepted(userId: UserId, { type, factorId }: Proof, code: string): Promise<void> {
    const key = type === 'totp' ? `${userId} ${factorId} ${code}` : `${userId} ${code}`;
    // A code of six digits comes again some day, so that one counts by its step.
    const account = await this.inner.load(userId);
    const step = account?.factors.find(({ id }) => id === factorId)?.usedUpTo ?? '';
    checkSame(this.accepted.has(`${key} ${step}`), false);
    this.accepted.add(`${key} ${step}`);
  }

  private checkTold(scope: CoreScope): void {
    const told = new Set<string>();
    scope.events.emit = ({ name }, { rev }) => {
      if (rev === undefined) return;
      // Nothing is told before its save has won, and nothing twice.
      checkSame(this.stored.has(rev), true);
      checkSame(told.has(`${name} ${rev}`), false);
      told.add(`${name} ${rev}`);
    };
  }

  private async snapshot(): Promise<Map<UserId, Rev | null>> {
    const revs = people.map(
      async (userId) => [userId, (await this.inner.load(userId))?.rev ?? null] as const,
    );
    return new Map(await Promise.all(revs));
  }

  private async check(
    before: Map<UserId, Rev | null>,
    predicted: Map<UserId, model.ModelUser>,
  ): Promise<void> {
    for (const userId of people) {
      const user = this.userOf(userId);
      const account = await this.inner.load(userId);
      checkSame(account !== null, user.isStored);
      // Nothing was to be changed, and nobody touched it: then nothing was written either.
      const isSame = predicted.get(userId) === user && !this.accounts.touched;
      if (isSame) checkSame(account?.rev ?? null, before.get(userId));
      if (account) this.checkAccount(account, user);
    }
    this.accounts.touched = false;
  }

  private checkAccount(account: Account, user: model.ModelUser): void {
    const { seal, settings } = this.scope;
    const secrets = account.factors.map((factor) =>
      factor.type === 'totp'
        ? seal.open(factor.secret, { user: account.userId, factor: factor.id, purpose: 'totp-secret' })
        : null,
    );
    for (const [at, factor] of account.factors.entries())
      this.ids.set(`${account.userId} ${secrets[at]?.toString('hex')}`, factor.id);
    const lane = (name: 'known' | 'others') => {
      const { left, wrong } = laneAt(account.lanes[name], this.now, settings.limits);
      return { left, wrong };
    };
    const expectedLane = (there: model.ModelLane) => {
      const { left, wrong } = model.laneNow(there, this.now);
      return { left, wrong };
    };
    const actual = {
      epoch: account.epoch,
      factors: account.factors.map(({ label, usedUpTo }, at) => [
        secrets[at]?.toString('hex'),
        label,
        usedUpTo,
      ]),
      preferred: account.factors.findIndex(({ id }) => id === account.preferred),
      codes: account.backupCodes?.codes.map(({ usedAt }) => usedAt !== null) ?? null,
      known: lane('known'),
      others: lane('others'),
      browsers: account.browsers.length,
      tokens: this.tokens.filter(({ real }) => visitOf(account, [real], this.scope).lane === 'known'),
    };
    const expected = {
      epoch: user.epoch,
      factors: user.factors.map(({ secret, label, usedUpTo }) => [secret.toString('hex'), label, usedUpTo]),
      preferred: user.factors.findIndex(({ secret }) => user.preferred?.equals(secret)),
      codes: user.codes?.map(({ isUsed }) => isUsed) ?? null,
      known: expectedLane(user.known),
      others: expectedLane(user.others),
      browsers: user.browsers.length,
      tokens: this.tokens.filter(({ name }) => user.browsers.some(({ token }) => token === name)),
    };
    checkSame(actual, expected);
    const [code] = user.codes ?? [];
    const check = code && codeOf(checkBackupCode(account, code.code, seal));
    checkSame(check, code && (code.isUsed ? 'code_used' : 'ok'));
    checkSealed(account, user, this.tokens);
  }
}

/** All that it takes, one after the other; what may happen to saves happens at the end. */
function partsOfEnrolment(one: Command): readonly Command[] {
  const right: Command = { ...one, login: 0, fates: [], code: 2, pick: 0 };
  return [
    ...(one.pick % 3 === 0 ? [] : [{ ...right, kind: 'sign in' } as const]),
    { ...right, kind: 'totp', pick: 1 },
    { ...right, kind: 'begin' },
    { ...right, kind: 'confirm' },
    { ...right, kind: 'acknowledge', fates: one.fates },
  ];
}

const isSeed = (secret: Buffer): boolean => seeds.some((seed) => seed.equals(secret));

const checkSame = (actual: unknown, expected: unknown): void => expect(actual).toEqual(expected);

/** No secret is at rest in the clear. */
function checkSealed(account: Account, user: model.ModelUser, tokens: readonly Token[]): void {
  const text = JSON.stringify(account);
  const secrets = user.factors.flatMap(({ secret }) => [
    toBase32(secret),
    secret.toString('hex'),
    secret.toString('base64url'),
  ]);
  const codes = user.codes?.map(({ code }) => code) ?? [];
  for (const secret of [...secrets, ...codes, ...tokens.map(({ real }) => real)])
    checkSame(text.includes(secret), false);
}

async function outcomeOf(real: Promise<{ ok: true } | Refusal | string>): Promise<string> {
  try {
    const outcome = await real;
    if (typeof outcome === 'string') return outcome;
    return codeOf(outcome);
  } catch (error) {
    if (error instanceof SecondFactorError) return `${error.code} thrown`;
    throw error;
  }
}
