import type { UserId } from '../account/account';
import { take, type Duration } from '../options/take';
import { requireAcceptedLoss, type AcceptLoss } from './accept-loss';
import { type ActivityEntry, type ActivityQuery, type ActivityStore, MOST_ENTRIES } from './activity';
import { frozenCopy } from './memory-accounts';

export interface MemoryActivityOptions extends AcceptLoss {
  /** How long entries are kept; 90 days by default. */
  readonly keep?: Duration;
  /** The clock, ms since 1970. */
  readonly now?: () => number;
}

/**
 * Activity in the memory of this process, for development and tests.
 *
 * @throws SecondFactorError `bad_option` where NODE_ENV is `production`, unless `acceptLoss` is true
 */
export function memoryActivity(options: MemoryActivityOptions = {}): ActivityStore {
  requireAcceptedLoss('memoryActivity', options, 'mongoActivity(connection), or a store of your own');
  const { now = Date.now } = options;
  return new MemoryActivity(take('memoryActivity.keep', options.keep), now);
}

class MemoryActivity implements ActivityStore {
  /** Sorted by id, the smallest first. */
  private readonly byUser = new Map<UserId, readonly ActivityEntry[]>();

  constructor(
    readonly keep: number,
    private readonly now: () => number,
  ) {}

  async append(entry: ActivityEntry): Promise<void> {
    const there = this.byUser.get(entry.userId) ?? [];
    const after = there.findLastIndex(({ id }) => id <= entry.id);
    if (there[after]?.id === entry.id) return;
    const all = there.toSpliced(after + 1, 0, frozenCopy(entry));
    this.byUser.set(entry.userId, all.slice(-MOST_ENTRIES));
  }

  async list(userId: UserId, { before, type, limit }: ActivityQuery): Promise<readonly ActivityEntry[]> {
    const oldest = this.now() - this.keep;
    const isWanted = (entry: ActivityEntry): boolean =>
      entry.at > oldest &&
      (before === undefined || entry.id < before) &&
      (type === undefined || entry.type === type);
    return (this.byUser.get(userId) ?? []).filter(isWanted).toReversed().slice(0, limit);
  }

  async remove(userId: UserId): Promise<void> {
    this.byUser.delete(userId);
  }
}
