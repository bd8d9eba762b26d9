import { setMaxListeners } from 'node:events';
import type { UserId } from '../account/account';
import type { Bounds } from './tick';

/** How many jobs of one process run at once, and how many wait for that. */
const AT_ONCE = 8;
const LONGEST_QUEUE = 500;

/** Work that nobody waits for. What is lost or goes wrong here is done by the next tick. */
export class Background {
  private readonly waiting: Job[] = [];
  private readonly running = new Set<Promise<unknown>>();
  /** Ends of all that waits or runs. */
  private readonly ends = new Set<Promise<void>>();
  private readonly closing = new AbortController();

  constructor() {
    // Each message that is on its way listens, and a notice has up to 20: that is no leak.
    setMaxListeners(Infinity, this.closing.signal);
  }

  /** Ends what is running when this is closed. */
  get signal(): AbortSignal {
    return this.closing.signal;
  }

  /** Begins after what is running now, such as the answer to a request. */
  add(job: () => Promise<unknown>): void {
    if (this.signal.aborted || this.waiting.length >= LONGEST_QUEUE) return;
    const end = new Promise<void>((ended) => this.waiting.push({ work: job, ended }));
    this.ends.add(end);
    void end.then(() => this.ends.delete(end));
    setImmediate(() => this.runNext());
  }

  /** Waits for what was added by now, and not for what comes after it. */
  async settle(isOver: () => boolean): Promise<void> {
    const added = [...this.ends];
    for (const end of added) {
      if (isOver()) return;
      await end;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    for (const { ended } of this.waiting.splice(0)) ended();
    await Promise.all(this.running);
  }

  private runNext(): void {
    while (this.running.size < AT_ONCE) {
      const job = this.waiting.shift();
      if (!job) return;
      const run: Promise<void> = this.run(job.work).finally(() => {
        job.ended();
        this.running.delete(run);
        this.runNext();
      });
      this.running.add(run);
    }
  }

  private async run(work: Job['work']): Promise<void> {
    await work().catch(() => undefined);
  }
}

interface Job {
  readonly work: () => Promise<unknown>;
  readonly ended: () => void;
}

/** Does the work of each item, only so many at once. */
async function eachOf<Item>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
  /** Before each item: whether to go on. */
  goesOn: () => boolean,
): Promise<{ readonly isAll: boolean }> {
  const going = new Set<Promise<void>>();
  let isAll = true;
  for await (const item of items) {
    isAll = goesOn();
    if (!isAll) break;
    const one: Promise<void> = work(item).finally(() => going.delete(one));
    going.add(one);
    if (going.size >= AT_ONCE) await Promise.race(going);
  }
  await Promise.all(going);
  return { isAll };
}

/**
 * Does the work of each user with something due, up to the bounds of a run. Only those count for whom it did something:
 * an account that can't be read, or waits for another task, would be the first to be due each time, and must not take the
 * place of one.
 *
 * @returns whether there is more to do now
 */
export async function eachDue(
  due: AsyncIterable<UserId>,
  { limit, isOver }: Bounds,
  work: (userId: UserId) => Promise<boolean>,
): Promise<boolean> {
  let users = 0;
  const { isAll } = await eachOf(
    due,
    async (userId) => {
      users += 1;
      const isDone = await work(userId).catch(() => false);
      if (!isDone) users -= 1;
    },
    () => users < limit && !isOver(),
  );
  return !isAll;
}
