/** A client that counts its round trips: what is asked before anything was answered is one. */
export function countBatches<C extends object>(client: C): { client: C; batches(): number } {
  let batches = 0;
  let isOpen = false;

  const watch = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, target, args);
          if (result === target) return watch(target);
          if (name === 'multi') return watch(result as object);
          if (!(result instanceof Object) || !('then' in result)) return result;
          if (!isOpen) batches += 1;
          isOpen = true;
          const close = (): void => {
            isOpen = false;
          };
          void (result as Promise<unknown>).then(close, close);
          return result;
        };
      },
    });

  return { client: watch(client), batches: () => batches };
}
