import type { Pending } from '../../lib';

/** `store` with some of its methods replaced. */
export const override = <Store extends object>(store: Store, methods: Partial<Store>): Store =>
  new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

type Methods = { readonly [Name in Exclude<keyof Pending, 'close'>]?: Partial<Pending[Name]> };

/** The same for some of the stores of what is pending; the others stay as they are. */
export const overridePending = (pending: Pending, methods: Methods): Pending => ({
  ...pending,
  ...(methods.logins && { logins: override(pending.logins, methods.logins) }),
  ...(methods.epochs && { epochs: override(pending.epochs, methods.epochs) }),
  ...(methods.tries && { tries: override(pending.tries, methods.tries) }),
  ...(methods.codes && { codes: override(pending.codes, methods.codes) }),
  ...(methods.budgets && { budgets: override(pending.budgets, methods.budgets) }),
  ...(methods.setups && { setups: override(pending.setups, methods.setups) }),
});

/** Every call to `store`, and to the stores that it is made of, by way of `answer`. */
export function intercepted<Store extends object>(
  store: Store,
  answer: (call: () => unknown, name: string, given: readonly unknown[]) => unknown,
): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'object' && value !== null) return intercepted(value, answer);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown =>
        answer(() => Reflect.apply(value, target, given) as unknown, String(name), given);
    },
  });
}
