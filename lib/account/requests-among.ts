import type { Account, UserId } from './account';
import { isOpenState, type RequestState } from './recovery';

export type RequestFilter =
  | { readonly reference: string }
  | {
      readonly state?: RequestState | undefined;
      readonly after?: { readonly dueAt: number; readonly userId: UserId } | undefined;
    };

/** The accounts with such a request, by the store's index if it has one. */
export const requestsIn = (
  accounts: {
    all(): AsyncIterable<Account>;
    withRequest?(filter: RequestFilter): AsyncIterable<Account>;
  },
  filter: RequestFilter,
): AsyncIterable<Account> => accounts.withRequest?.(filter) ?? requestsAmong(accounts.all(), filter);

/** The same as `Accounts.withRequest`, for stores that can't look it up. */
export async function* requestsAmong(
  all: AsyncIterable<Account>,
  filter: RequestFilter,
): AsyncGenerator<Account, void, undefined> {
  const found: { account: Account; userId: UserId; dueAt: number }[] = [];
  for await (const account of all) {
    const { userId, openRequest, recoveries = [], shadowUntil } = account;
    if (shadowUntil !== undefined) continue;
    if ('reference' in filter) {
      if (recoveries.some(({ reference }) => reference === filter.reference)) yield account;
      continue;
    }
    const { state, after } = filter;
    const isOver = state !== undefined && !isListed(state);
    if (isOver ? !recoveries.some((one) => one.state === state) : !openRequest) continue;
    const dueAt = isOver ? 0 : (openRequest?.dueAt ?? 0);
    if (!isOver && state !== undefined && openRequest?.state !== state) continue;
    const from = after && (isOver ? { ...after, dueAt } : after);
    if (!from || isAfter({ dueAt, userId }, from)) found.push({ account, userId, dueAt });
  }
  for (const { account } of found.toSorted((one, other) => (isAfter(one, other) ? 1 : -1))) yield account;
}

/** Whether a request in this state is among those that somebody has to decide. */
export const isListed = (state: RequestState): boolean => isOpenState(state) || state === 'on_hold';

interface Place {
  readonly dueAt: number;
  readonly userId: UserId;
}

const isAfter = (one: Place, other: Place): boolean =>
  one.dueAt > other.dueAt || (one.dueAt === other.dueAt && one.userId > other.userId);
