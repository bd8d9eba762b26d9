import type { Account, OutboxItem, UserId } from './account';

/** How many notices wait at most. */
const MOST = 50;

/**
 * Puts a notice into the outbox. If it is full, the oldest of the kind that has the most goes, so that nobody can push
 * out a notice by causing others.
 */
export function addNotice(
  account: Account,
  item: OutboxItem,
): { readonly account: Account; readonly dropped: OutboxItem | null } {
  const all = [...(account.outbox ?? []), item];
  const dropped = all.length > MOST ? leastMissed(all) : null;
  return { account: withOutbox(account, dropped ? all.filter((one) => one !== dropped) : all), dropped };
}

/** The account with these notices, and without the fields where there are none. */
export function withOutbox(account: Account, items: readonly OutboxItem[]): Account {
  const { outbox: _items, dueAt: _dueAt, ...rest } = account;
  if (items.length === 0) return rest;
  return { ...rest, outbox: items, dueAt: Math.min(...items.map(({ dueAt }) => dueAt)) };
}

function leastMissed(items: readonly OutboxItem[]): OutboxItem | null {
  const kindOf = ({ told }: OutboxItem): string => told[0]?.name ?? '';
  const sizeOf = (item: OutboxItem): number => items.filter((one) => kindOf(one) === kindOf(item)).length;
  return items.toSorted((one, other) => sizeOf(other) - sizeOf(one) || one.at - other.at)[0] ?? null;
}

/** The users with something due, by the store's index if it has one. */
export const dueIn = (
  accounts: { all(): AsyncIterable<Account>; due?(now: number): AsyncIterable<UserId> },
  now: number,
): AsyncIterable<UserId> => accounts.due?.(now) ?? dueAmong(accounts.all(), now);

async function* dueAmong(all: AsyncIterable<Account>, now: number): AsyncGenerator<UserId, void, undefined> {
  for await (const { userId, dueAt = Infinity } of all) if (dueAt <= now) yield userId;
}
