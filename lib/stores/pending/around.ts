import type { Pending } from '../contracts';

type StoreName = Exclude<keyof Pending, 'close' | 'together'>;

/** What is done around a call to a store. */
type Around<Context> = <T>(ask: () => Promise<T>, context: Context) => Promise<T>;
type Wrap<Store, Context> = (store: Store, context: Context) => Store;

/** Every method of each store; leaving one out is a compile error. */
const methods: { readonly [Name in StoreName]: { readonly [Method in keyof Pending[Name]]: true } } = {
  logins: { read: true, write: true, has: true, remove: true, list: true },
  epochs: { read: true, raise: true, suspend: true },
  tries: { count: true, takeBack: true, read: true },
  codes: { put: true, read: true, remove: true },
  budgets: { take: true, giveBack: true },
  setups: { put: true, get: true, remove: true },
};

/** What any pending store must have, ours or yours: the methods of each of its stores. */
export const pendingMethods: readonly (readonly [store: StoreName, methods: readonly string[]])[] = (
  Object.keys(methods) as StoreName[]
).map((name) => [name, Object.keys(methods[name])]);

/**
 * Wraps each call of the stores in something else. Whatever can be made once is made here, as there may be one such
 * wrapper per request.
 */
export function aroundEach<Context>(around: Around<Context>): Wrap<Pending, Context> {
  const wrap = <Name extends StoreName>(name: Name) =>
    wrapper<Pending[Name], Context>(Object.keys(methods[name]), around);
  const logins = wrap('logins');
  const epochs = wrap('epochs');
  const tries = wrap('tries');
  const codes = wrap('codes');
  const budgets = wrap('budgets');
  const setups = wrap('setups');
  return (pending, context) => ({
    logins: logins(pending.logins, context),
    epochs: epochs(pending.epochs, context),
    tries: tries(pending.tries, context),
    codes: codes(pending.codes, context),
    budgets: budgets(pending.budgets, context),
    setups: setups(pending.setups, context),
    close: () => around(() => pending.close(), context),
  });
}

function wrapper<Store extends object, Context>(
  names: readonly string[],
  around: Around<Context>,
): Wrap<Store, Context> {
  class Wrapped {
    constructor(
      readonly store: Store,
      readonly context: Context,
    ) {}
  }
  for (const name of names) {
    Object.defineProperty(Wrapped.prototype, name, {
      writable: true,
      value(this: Wrapped, ...given: unknown[]) {
        const { store, context } = this;
        const method = Reflect.get(store, name) as (...args: unknown[]) => Promise<unknown>;
        return around(() => method.apply(store, given), context);
      },
    });
  }
  return (store, context) => new Wrapped(store, context) as unknown as Store;
}
