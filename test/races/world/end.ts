import type { Account } from '../../../lib/account/account';
import type { Login } from '../../../lib/stores/contracts';
import { seconds } from '../../support/clock';
import type { Run } from '../explorer/run';
import type { Answer } from './ask';
import type { Seen, World } from './world';

interface Held extends Seen {
  /** The record once the app has seen the session. */
  readonly record: Login | null;
  /** The record as it was at the end. */
  readonly recordBefore: Login | null;
}

const nobody: Held = { raw: null, app: null, rawAfter: null, record: null, recordBefore: null };
const users = ['ann', 'bob'];

/** How an order ended: what the operations were answered, the accounts, and whom each stored session lets in. */
export class End {
  private constructor(
    private readonly run: Run,
    readonly accounts: ReadonlyMap<string, Account | null>,
    private readonly held: ReadonlyMap<string, Held>,
  ) {}

  static async of(world: World, run: Run): Promise<End> {
    const held = new Map<string, Held>();
    const accounts = new Map<string, Account | null>();
    for (const user of users) accounts.set(`id-${user}`, await world.account(user));
    for (const sid of world.sids) {
      const recordBefore = await world.record(sid);
      const seen = await world.seen(sid);
      held.set(sid, { ...seen, recordBefore, record: await world.record(sid) });
    }
    return new End(run, accounts, held);
  }

  /** How it looks once the cached number, which may have been wrong for its minute, is gone. */
  static async aMinuteLater(world: World, run: Run): Promise<End> {
    await End.of(world, run);
    world.redisClock.move(61 * seconds);
    return End.of(world, run);
  }

  account(user: string): Account | null {
    return this.accounts.get(`id-${user}`) ?? null;
  }

  /** What the last request of an operation was answered; null if it died before. */
  answer(operation: string): Answer | null {
    const outcome = this.run.outcomeOf(operation);
    return isAnswer(outcome) ? outcome : null;
  }

  /** Whether it came to its end and all went well, as it was told. */
  didWell(operation: string): boolean {
    const outcome = this.run.outcomeOf(operation);
    if (!this.run.has('done', operation) || outcome instanceof Error) return false;
    return !isAnswer(outcome) || outcome.status < 400;
  }

  errorOf(operation: string): string | null {
    const outcome = this.run.outcomeOf(operation);
    if (outcome instanceof Error) return outcome.message;
    const { error } = (this.answer(operation)?.body ?? {}) as { error?: { code?: string } };
    return error?.code ?? null;
  }

  outcome(operation: string): unknown {
    return this.run.outcomeOf(operation);
  }

  isDead(operation: string): boolean {
    return this.run.has('died', operation);
  }

  get hasFault(): boolean {
    return this.run.faults > 0;
  }

  stepsOf(operation: string, call: string): number {
    return this.order.filter((step) => step.startsWith(`${operation}: ${call}`)).length;
  }

  /** Where in the order an operation last did this, before a place where that is given; -1 if it never did. */
  lastStepOf(operation: string, call: string, before = Infinity): number {
    return this.order.findLastIndex((step, at) => at < before && step.startsWith(`${operation}: ${call}`));
  }

  private get order(): readonly string[] {
    if (!this.run.remembersDead) throw new Error('a race whose check looks at steps says `remembersDead`');
    return this.run.order;
  }

  seen(sid: string): Held {
    return this.held.get(sid) ?? nobody;
  }

  get sessions(): ReadonlyMap<string, Held> {
    return this.held;
  }

  /**
   * An old session must let nobody in: not by the app, and not for one who reads the store without asking us.
   * That reader may see a session that a death left behind, until the app has seen it too.
   */
  stillIn(sid: string): string | null {
    const { raw, app, rawAfter } = this.seen(sid);
    if (app !== null) return `the app sees ${app} in an old session`;
    if (rawAfter !== null) return `a reader of the store sees ${rawAfter} after the app has seen the session`;
    return raw !== null && !this.hasFault ? `a reader of the store sees ${raw} in an old session` : null;
  }

  /**
   * The same of a session that was ended from elsewhere: only its digest is known then, so what the store
   * holds of it is cleared away when the app sees it next.
   */
  stillInOnceSeen(sid: string): string | null {
    const { app, rawAfter } = this.seen(sid);
    if (app !== null) return `the app sees ${app} in a session that was ended elsewhere`;
    return rawAfter === null
      ? null
      : `a reader of the store sees ${rawAfter} after the app has seen the session`;
  }

  /** What no end may have, whatever was raced. */
  faults(): string[] {
    return [...this.brokenAccounts(), ...this.badLogins()];
  }

  private brokenAccounts(): string[] {
    return [...this.accounts.values()].flatMap((account) => (account ? faultsOf(account) : []));
  }

  private badLogins(): string[] {
    return [...this.held].flatMap(([sid, { raw, app, record, recordBefore }]) => {
      const faults: string[] = [];
      if (recordBefore?.state === 'owed' && raw !== null)
        faults.push(`half a login shows ${raw} to a reader`);
      if (app === null) return faults;
      const account = this.accounts.get(app) ?? null;
      const epoch = account?.epoch ?? 0;
      if (!record) faults.push(`${app} is in without a record`);
      if (record && record.userId !== app) faults.push(`${app} is in by the record of ${record.userId}`);
      if (record && record.epoch !== epoch) faults.push(`${app} is in by a login that was ended (${sid})`);
      // Its proofs may be gone by now, with the factors that they were given by.
      const isProven = record?.state === 'passed';
      if (account && account.factors.length > 0 && !isProven) faults.push(`${app} is in without a proof`);
      const hasGone = record?.proofs.some(({ factorId }) => isGone(account, factorId)) ?? false;
      if (hasGone && record?.epoch === epoch) faults.push(`${app} is in by a proof of a factor that is gone`);
      return faults;
    });
  }
}

const isGone = (account: Account | null, factorId: string | null): boolean =>
  factorId !== null && !account?.factors.some(({ id }) => id === factorId);

function faultsOf({
  userId,
  rev,
  factors,
  backupCodes,
  preferred,
  epoch,
  lanes,
  resetBy,
  suspended = [],
}: Account): string[] {
  const ids = factors.map(({ id }) => id);
  const codes = backupCodes?.codes.length ?? 0;
  return [
    !rev && 'has no rev',
    // All that a reset adds to a user who was never stored is its note.
    epoch <= 0 && (factors.length > 0 || !resetBy) && 'has no epoch',
    new Set(ids).size !== ids.length && 'has a factor twice',
    factors.length > 0 && codes !== 10 && `has a factor and ${codes} backup codes`,
    factors.length === 0 && suspended.length === 0 && codes > 0 && 'has backup codes and no factor',
    preferred !== null && !ids.includes(preferred) && 'prefers a factor that is gone',
    Object.values(lanes).some(({ left, wrong }) => left < 0 || wrong < 0) && 'has a lane below nothing',
  ].flatMap((fault) => (fault ? [`the account of ${userId} ${fault}`] : []));
}

const isAnswer = (outcome: unknown): outcome is Answer =>
  typeof outcome === 'object' && outcome !== null && 'status' in outcome && 'cookies' in outcome;
