import type { UserId } from '../account/account';
import type { ActivityEntry } from '../stores/activity';

/** How many entries wait in one process while the store is slow or down. Any more are dropped. */
export const MOST_WAITING = 1_000;
const AT_ONCE = 16;
/** An entry that has failed this often is dropped: the store may never accept it. */
export const MOST_TRIES = 10;
export const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

interface Waiting {
  readonly entry: ActivityEntry;
  readonly tries: number;
}

/** Rejects within a bound, even where the store never answers. */
type Write = (entry: ActivityEntry) => Promise<void>;
/** `userId` is that of the last entry that was dropped. */
type OnDropped = (dropped: number, userId: UserId) => void;

/** Entries on their way to the store, written in the background. Only a reader waits for them, and `flush`. */
export class Queue {
  private waiting: Waiting[] = [];
  /** What is being written. */
  private batch: readonly Waiting[] = [];
  private round: Promise<void> | null = null;
  /** Set while the store fails. */
  private retry: NodeJS.Timeout | null = null;
  private pause = FIRST_PAUSE;
  private mostTries = MOST_TRIES;
  private dropped = 0;
  private lastDropped: UserId | null = null;
  private readonly discarding = new Set<UserId>();

  constructor(
    private readonly write: Write,
    private readonly onDropped: OnDropped,
  ) {}

  add(entry: ActivityEntry): void {
    if (this.waiting.length >= MOST_WAITING) return this.drop(entry);
    this.waiting.push({ entry, tries: 0 });
    if (this.retry === null) this.start();
  }

  /** Resolves when none of this user's entries is waiting any more, or the store fails. */
  async settled(userId: UserId): Promise<void> {
    while (this.round !== null && this.has(userId)) await this.round;
  }

  /** Drops this user's waiting entries; those being written may still arrive until this resolves. */
  async discard(userId: UserId): Promise<void> {
    this.waiting = this.waiting.filter(({ entry }) => entry.userId !== userId);
    this.discarding.add(userId);
    await this.settled(userId);
    this.discarding.delete(userId);
  }

  /** Writes everything that is waiting now; resolves when it is done or the store fails. */
  async flush(): Promise<void> {
    this.endPause();
    this.start();
    while (this.round !== null) await this.round;
  }

  /** Drops what is still waiting; from now on nothing is tried twice. */
  giveUp(): void {
    this.endPause();
    this.mostTries = 1;
    for (const { entry } of this.waiting.splice(0)) this.drop(entry);
    this.tellDropped();
  }

  private start(): void {
    if (this.waiting.length === 0) return;
    this.round ??= this.writeSome().finally(() => {
      this.round = null;
      this.tellDropped();
      if (this.retry === null) this.start();
    });
  }

  private async writeSome(): Promise<void> {
    // The request at hand goes first.
    await new Promise(setImmediate);
    this.batch = this.waiting.splice(0, AT_ONCE);
    const outcomes = await Promise.allSettled(this.batch.map(({ entry }) => this.write(entry)));
    const failed = this.batch.filter((_, at) => outcomes[at]?.status === 'rejected');
    const isDown = failed.length > 0 && failed.length === this.batch.length;
    this.batch = [];
    for (const { entry, tries } of failed) {
      if (this.discarding.has(entry.userId)) continue;
      if (tries + 1 < this.mostTries) this.waiting.push({ entry, tries: tries + 1 });
      else this.drop(entry);
    }
    if (!isDown) this.pause = FIRST_PAUSE;
    else if (this.waiting.length > 0) this.startPause();
  }

  private startPause(): void {
    this.retry = setTimeout(() => {
      this.retry = null;
      this.start();
    }, this.pause).unref();
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  private endPause(): void {
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
  }

  private has(userId: UserId): boolean {
    return [...this.batch, ...this.waiting].some(({ entry }) => entry.userId === userId);
  }

  private drop({ userId }: ActivityEntry): void {
    this.dropped += 1;
    this.lastDropped = userId;
  }

  private tellDropped(): void {
    const { dropped, lastDropped } = this;
    this.dropped = 0;
    if (dropped > 0 && lastDropped !== null) this.onDropped(dropped, lastDropped);
  }
}
