import type { Pending } from '../../../lib/stores/contracts';

/**
 * A store as Redis is one: commands that are sent together are still single steps, and those of others can
 * come between them.
 */
export const pipelined = (inner: Pending): Pending =>
  override(inner, {
    readLogin: async (key, user, slideTo) => {
      const { login } = await inner.readLogin(key, null, slideTo);
      const { epoch } = user === null ? { epoch: null } : await inner.readLogin(key, user, null);
      return { login, epoch };
    },
    writeLogin: async (key, login, user, life, replaces) => {
      await inner.writeLogin(key, login, user, life, null);
      if (replaces !== null) await inner.removeLogin(replaces);
    },
  });

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
