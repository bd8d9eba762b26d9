import { memoryPending } from '../../../lib';
import type {
  Budget,
  EpochNumber,
  Login,
  LoginKey,
  Pending,
  SentCode,
  Taken,
  UserKey,
} from '../../../lib/stores/contracts';
import type { Stage, Touch } from '../explorer/stage';
import type { Recorder } from './recorder';

type Read = { login: Login | null; epoch: EpochNumber };
type Tried = { readonly count: number; readonly codes: readonly SentCode[] };
type Listed = readonly { readonly key: LoginKey; readonly login: Login }[];

/** What is inside the memory store, as far as we look or reach into it. */
interface Inside {
  readonly epochs: { readonly numbers: { delete(user: UserKey): void } };
  readonly logins: {
    readonly records: { readonly entries: ReadonlyMap<LoginKey, { readonly value: string }> };
    readonly loginsOf: {
      readonly entries: ReadonlyMap<UserKey, { readonly value: ReadonlyMap<LoginKey, number> }>;
    };
  };
}

const record = (key: LoginKey, how: Touch[1]): Touch => [`record ${key}`, how];
const budget = ({ name, id }: Budget): Touch => [`budget ${name} ${id}`, 'write'];
const epoch = (user: UserKey, how: Touch[1]): Touch => [`epoch ${user}`, how];

/** The memory store of what is pending, every call a step. */
export class SteppedPending implements Pending {
  private inner: Pending;

  constructor(
    private readonly stage: Stage,
    private readonly recorder: Recorder,
    private readonly now: () => number,
  ) {
    this.inner = memoryPending({ now });
  }

  clear(): void {
    this.inner = memoryPending({ now: this.now });
  }

  get text(): string {
    return this.recorder.textOf('pending', () => {
      const { records, loginsOf } = this.inside.logins;
      // Logins that are over are listed until somebody lists anew, and shown to nobody: they make no difference.
      const isAlive = ([key]: [LoginKey, number]): boolean =>
        records.entries.get(key)?.value.startsWith('{') === true;
      const living = [...loginsOf.entries].map(
        ([user, { value }]) => [user, new Map([...value].filter(isAlive))] as const,
      );
      return { ...this.inner, logins: { records, loginsOf: new Map(living) } };
    });
  }

  evictEpoch(user: UserKey): Promise<void> {
    return this.write('evict', [epoch(user, 'write')], async () => {
      this.inside.epochs.numbers.delete(user);
    });
  }

  readLogin(key: LoginKey, user: UserKey | null, slideTo: number | null): Promise<Read> {
    const read = (): Promise<Read> => this.inner.readLogin(key, user, slideTo);
    // A record whose life is set to what others set it to is as good as only read.
    const touches = [record(key, 'read'), ...(user === null ? [] : [epoch(user, 'read')])];
    if (slideTo === null) return this.call('readLogin', touches, read);
    return this.stage.call({ name: 'pending.readLogin', touches, refreshes: true }, () =>
      this.recorder.write('pending', `slide ${key}`, read),
    );
  }

  writeLogin(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<boolean> {
    const touches: readonly Touch[] = [
      record(key, 'write'),
      ...(replaces === null ? [] : [record(replaces, 'write')]),
      ['records', 'add'],
      ...(login.state === 'owed' ? [] : [[`list ${user}`, 'add'] as const]),
    ];
    return this.write('writeLogin', touches, () => this.inner.writeLogin(key, login, user, life, replaces));
  }

  hasLogin(key: LoginKey): Promise<boolean> {
    return this.call('hasLogin', [record(key, 'read')], () => this.inner.hasLogin(key));
  }

  removeLogin(key: LoginKey): Promise<boolean> {
    return this.write('removeLogin', [record(key, 'write'), ['records', 'add']], () =>
      this.inner.removeLogin(key),
    );
  }

  listLogins(user: UserKey): Promise<Listed> {
    const touches: readonly Touch[] = [
      [`list ${user}`, 'read'],
      ['records', 'read'],
    ];
    return this.call('listLogins', touches, () => this.inner.listLogins(user));
  }

  raiseEpoch(user: UserKey, to: number): Promise<void> {
    return this.write('raiseEpoch', [epoch(user, 'add')], () => this.inner.raiseEpoch(user, to));
  }

  suspendEpoch(user: UserKey): Promise<void> {
    return this.write('suspendEpoch', [epoch(user, 'write')], () => this.inner.suspendEpoch(user));
  }

  countTry(id: string, life: number): Promise<number> {
    return this.write('countTry', [[`tries ${id}`, 'write']], () => this.inner.countTry(id, life));
  }

  returnTry(id: string, life: number): Promise<void> {
    return this.write('returnTry', [[`tries ${id}`, 'write']], () => this.inner.returnTry(id, life));
  }

  readTries(id: string): Promise<{ count: number; left: number }> {
    return this.call('readTries', [[`tries ${id}`, 'read']], () => this.inner.readTries(id));
  }

  putCode(id: string, code: SentCode, life: number): Promise<void> {
    return this.write('putCode', [[`codes ${id}`, 'write']], () => this.inner.putCode(id, code, life));
  }

  countTryOfCode(tryId: string, tryLife: number, codeId: string): Promise<Tried> {
    const touches: readonly Touch[] = [
      [`tries ${tryId}`, 'write'],
      [`codes ${codeId}`, 'read'],
    ];
    return this.write('countTryOfCode', touches, () => this.inner.countTryOfCode(tryId, tryLife, codeId));
  }

  readCodes(id: string): Promise<readonly SentCode[]> {
    return this.call('readCodes', [[`codes ${id}`, 'read']], () => this.inner.readCodes(id));
  }

  removeCode(id: string, code: SentCode): Promise<void> {
    return this.write('removeCode', [[`codes ${id}`, 'write']], () => this.inner.removeCode(id, code));
  }

  takeFrom(budgets: readonly Budget[]): Promise<Taken> {
    return this.write('takeFrom', budgets.map(budget), () => this.inner.takeFrom(budgets));
  }

  giveBack(budgets: readonly Budget[]): Promise<void> {
    return this.write('giveBack', budgets.map(budget), () => this.inner.giveBack(budgets));
  }

  putSetup(id: string, value: string, life: number): Promise<string> {
    return this.write('putSetup', [[`setup ${id}`, 'write']], () => this.inner.putSetup(id, value, life));
  }

  getSetup(id: string): Promise<string | null> {
    return this.call('getSetup', [[`setup ${id}`, 'read']], () => this.inner.getSetup(id));
  }

  removeSetup(id: string): Promise<void> {
    return this.write('removeSetup', [[`setup ${id}`, 'write']], () => this.inner.removeSetup(id));
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private get inside(): Inside {
    return this.inner as unknown as Inside;
  }

  private write<T>(name: string, touches: readonly Touch[], again: () => Promise<T>): Promise<T> {
    return this.call(name, touches, () => this.recorder.write('pending', `${name} ${touches.join()}`, again));
  }

  private call<T>(name: string, touches: readonly Touch[], work: () => Promise<T>): Promise<T> {
    return this.stage.call({ name: `pending.${name}`, touches }, work);
  }
}
