import type { Budget, Pending, Taken } from '../../../lib/stores/contracts';

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
      // The same record once more: nobody can have removed it, as nobody knows of it before the old one says so.
      return replaces !== null && (await inner.writeLogin(key, login, user, life, replaces));
    },
    countTryOfCode: async (tryId, tryLife, codeId) => {
      const count = await inner.countTry(tryId, tryLife);
      return { count, codes: await inner.readCodes(codeId) };
    },
    takeFrom: async (budgets) => {
      const taken: Budget[] = [];
      let refused: Taken = { ok: true };
      for (const budget of budgets) {
        const one = await inner.takeFrom([budget]);
        if (one.ok) taken.push(budget);
        else if (refused.ok || one.waitMs > refused.waitMs) refused = one;
      }
      if (!refused.ok) await inner.giveBack(taken);
      return refused;
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
