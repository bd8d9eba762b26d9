import type { UserId } from '../account/account';
import type { Happened, PlannedEvent, RequestContext } from '../events';
import type { ActivityEntry, ActivityQuery, ActivityStore } from '../stores/activity';
import { inTime } from '../stores/deadline';
import { timeOrderedId } from '../stores/time-ordered-id';
import { entryOf } from './entry';
import { Queue } from './queue';

const GLANCE = 500;

export interface ActivityParts {
  readonly store: ActivityStore;
  readonly now: () => number;
  /** How long one call to the store may take, ms. */
  readonly deadline: number;
  /** Tells listeners what could not be kept. */
  readonly tell: (event: PlannedEvent, happened: Happened) => void;
}

/**
 * What happened, kept for its user to look at. It is noted afterwards, and never delays or fails what it is about: if
 * the store does not keep up, entries are dropped, and their number is reported.
 */
export class Activity {
  private readonly queue: Queue;
  private count = 0;

  constructor(private readonly parts: ActivityParts) {
    const { store, now, deadline, tell } = parts;
    this.queue = new Queue(
      (entry) => inTime('activity', deadline, () => store.append(entry)),
      (dropped, userId) => tell({ name: 'activity.dropped', dropped }, { userId, at: now() }),
    );
  }

  /** How long the store keeps entries, in ms, if it says so. */
  get keep(): number | null {
    return this.parts.store.keep ?? null;
  }

  note(event: PlannedEvent, happened: Happened, context: RequestContext | null): void {
    const entry = entryOf(event, happened, context);
    if (entry) this.queue.add({ ...entry, id: timeOrderedId(entry.at, (this.count += 1)) });
  }

  /** The newest first; first of all, what this process has yet to write. */
  async list(userId: UserId, query: ActivityQuery): Promise<readonly ActivityEntry[]> {
    await this.queue.settled(userId);
    return this.parts.store.list(userId, query);
  }

  /** The newest ones, for a page that can do without: null where the store is slow or fails. */
  async glance(userId: UserId, limit: number): Promise<readonly ActivityEntry[] | null> {
    return inTime('activity', GLANCE, () => this.list(userId, { limit })).catch(() => null);
  }

  async remove(userId: UserId): Promise<void> {
    await this.queue.discard(userId);
    await inTime('activity', this.parts.deadline, () => this.parts.store.remove(userId));
  }

  /** Writes what is left, for as long as one call may take. */
  async close(): Promise<void> {
    await inTime('activity', this.parts.deadline, () => this.queue.flush()).catch(() => undefined);
    this.queue.giveUp();
    await this.parts.store.close?.();
  }
}
