import { memoryPending } from '../../../lib';
import type {
  Budget,
  BudgetStore,
  CodeStore,
  EpochStore,
  LoginKey,
  LoginStore,
  Pending,
  SetupStore,
  TryStore,
  UserKey,
} from '../../../lib/stores/contracts';
import type { Call, Stage, Touch } from '../explorer/stage';
import type { Recorder } from './recorder';

/** What was asked in this tick, and goes out with the rest of it. */
interface Asked {
  readonly call: Call;
  readonly isWrite: boolean;
  work(): Promise<unknown>;
  answer(value: unknown): void;
  fail(error: unknown): void;
}

/** What is always asked together: a record with the number, a try with the codes. */
type Pair = 'record and number' | 'try and codes';

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

/** The memory store of what is pending, every call a step, and every pair of calls. */
export class SteppedPending implements Pending {
  private inner: Pending;
  private readonly asked = new Map<Pair, Asked[]>();

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

  readonly logins: LoginStore = {
    read: (key, slideTo) => {
      // A record whose life is set to what others set it to is as good as only read.
      const call = {
        name: 'logins.read',
        touches: [record(key, 'read')],
        ...(slideTo !== null && { refreshes: true }),
      };
      return this.inOneTick('record and number', call, slideTo !== null, () =>
        this.inner.logins.read(key, slideTo),
      );
    },
    write: (key, login, user, life, replaces) => {
      const touches: readonly Touch[] = [
        record(key, 'write'),
        ...(replaces === null ? [] : [record(replaces, 'write')]),
        ['records', 'add'],
        ...(login.state === 'owed' ? [] : [[`list ${user}`, 'add'] as const]),
      ];
      return this.write('logins.write', touches, () =>
        this.inner.logins.write(key, login, user, life, replaces),
      );
    },
    has: (key) => this.call('logins.has', [record(key, 'read')], () => this.inner.logins.has(key)),
    remove: (key) =>
      this.write('logins.remove', [record(key, 'write'), ['records', 'add']], () =>
        this.inner.logins.remove(key),
      ),
    list: (user) => {
      const touches: readonly Touch[] = [
        [`list ${user}`, 'read'],
        ['records', 'read'],
      ];
      return this.call('logins.list', touches, () => this.inner.logins.list(user));
    },
  };

  readonly epochs: EpochStore = {
    read: (user) => {
      const call = { name: 'epochs.read', touches: [epoch(user, 'read')] };
      return this.inOneTick('record and number', call, false, () => this.inner.epochs.read(user));
    },
    raise: (user, to) =>
      this.write('epochs.raise', [epoch(user, 'add')], () => this.inner.epochs.raise(user, to)),
    suspend: (user) =>
      this.write('epochs.suspend', [epoch(user, 'write')], () => this.inner.epochs.suspend(user)),
  };

  readonly tries: TryStore = {
    count: (id, life) => {
      const call: Call = { name: 'tries.count', touches: [[`tries ${id}`, 'write']] };
      return this.inOneTick('try and codes', call, true, () => this.inner.tries.count(id, life));
    },
    takeBack: (id, life) =>
      this.write('tries.takeBack', [[`tries ${id}`, 'write']], () => this.inner.tries.takeBack(id, life)),
    read: (id) => this.call('tries.read', [[`tries ${id}`, 'read']], () => this.inner.tries.read(id)),
  };

  readonly codes: CodeStore = {
    put: (id, code, life) =>
      this.write('codes.put', [[`codes ${id}`, 'write']], () => this.inner.codes.put(id, code, life)),
    read: (id) => {
      const call: Call = { name: 'codes.read', touches: [[`codes ${id}`, 'read']] };
      return this.inOneTick('try and codes', call, false, () => this.inner.codes.read(id));
    },
    remove: (id, code) =>
      this.write('codes.remove', [[`codes ${id}`, 'write']], () => this.inner.codes.remove(id, code)),
  };

  readonly budgets: BudgetStore = {
    take: (budgets) =>
      this.write('budgets.take', budgets.map(budget), () => this.inner.budgets.take(budgets)),
    giveBack: (budgets) =>
      this.write('budgets.giveBack', budgets.map(budget), () => this.inner.budgets.giveBack(budgets)),
  };

  readonly setups: SetupStore = {
    put: (id, value, life) =>
      this.write('setups.put', [[`setup ${id}`, 'write']], () => this.inner.setups.put(id, value, life)),
    get: (id) => this.call('setups.get', [[`setup ${id}`, 'read']], () => this.inner.setups.get(id)),
    remove: (id) =>
      this.write('setups.remove', [[`setup ${id}`, 'write']], () => this.inner.setups.remove(id)),
  };

  readonly close = (): Promise<void> => this.inner.close();

  private get inside(): Inside {
    return this.inner as unknown as Inside;
  }

  /** One step for both, where both are asked in one tick. */
  private inOneTick<T>(pair: Pair, call: Call, isWrite: boolean, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const asked = this.asked.get(pair) ?? [];
      asked.push({ call, isWrite, work, answer: (value) => resolve(value as T), fail: reject });
      if (asked.length > 1) return;
      this.asked.set(pair, asked);
      queueMicrotask(() => {
        this.asked.delete(pair);
        void this.send(asked);
      });
    });
  }

  private async send(asked: readonly Asked[]): Promise<void> {
    const all = () => Promise.all(asked.map(({ work }) => work()));
    const name = asked.map(({ call }) => call.name).join(' + ');
    const touches = asked.flatMap(({ call }) => call.touches);
    const refreshes = asked.some(({ call }) => call.refreshes);
    const call = { name: `pending.${name}`, touches, ...(refreshes && { refreshes }) };
    const isWrite = asked.some((one) => one.isWrite);
    try {
      const values = await this.stage.call(call, () =>
        isWrite ? this.recorder.write('pending', `${name} ${touches.join()}`, all) : all(),
      );
      for (const [at, one] of asked.entries()) one.answer(values[at]);
    } catch (error) {
      for (const one of asked) one.fail(error);
    }
  }

  private write<T>(name: string, touches: readonly Touch[], again: () => Promise<T>): Promise<T> {
    return this.call(name, touches, () => this.recorder.write('pending', `${name} ${touches.join()}`, again));
  }

  private call<T>(name: string, touches: readonly Touch[], work: () => Promise<T>): Promise<T> {
    return this.stage.call({ name: `pending.${name}`, touches }, work);
  }
}
