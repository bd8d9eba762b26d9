/** How much one run may do. */
export interface Bounds {
  /** How many users' work, for each task. */
  readonly limit: number;
  /** Whether its time is up: then nothing new is begun. */
  readonly isOver: () => boolean;
  /** Whether it also waits for what this process has taken before, which is not due for anybody. */
  readonly finish?: boolean;
}

/** Work that is due at some time, and that any process may do: each piece of it is taken by a save that one wins. */
export type Task<Done> = (
  bounds: Bounds,
) => Promise<{ readonly done: Done; /** There is more to do now. */ readonly more: boolean }>;

type DoneOf<Tasks> = {
  readonly [Name in keyof Tasks]: Tasks[Name] extends Task<infer Result> ? Result : never;
};

/** Does what is due of every task, one after the other, and says what was done of each. */
export async function tick<Tasks extends Readonly<Record<string, Task<unknown>>>>(
  tasks: Tasks,
  bounds: Bounds,
): Promise<DoneOf<Tasks> & { readonly more: boolean }> {
  const done: Record<string, unknown> = {};
  let more = false;
  for (const [name, task] of Object.entries(tasks)) {
    const result = await task(bounds);
    done[name] = result.done;
    more ||= result.more;
  }
  return { ...(done as DoneOf<Tasks>), more };
}
