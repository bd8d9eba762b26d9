import type { Account, OutboxItem, UserId, WebhookCall } from './account';
import { requestToDecide } from './recovery';

/** How many notices wait at most, and how many calls of webhooks. */
const MOST = 50;
/** For how long nothing of it waits for its next try, ms. */
export const LONGEST_WAIT = 12 * 3_600_000;
/** How long whoever saved a record has to bring it to the audit store, ms. */
const AUDIT_LEASE = 30_000;

/**
 * Puts a notice into the outbox. If it is full, the oldest of the most frequent kind is dropped, so that nobody can
 * push out a notice by causing others.
 */
export function addNotice(
  account: Account,
  item: OutboxItem,
): { readonly account: Account; readonly dropped: OutboxItem | null } {
  const { kept, dropped } = added(account.outbox, item, ({ told }) => told[0]?.name);
  return { account: withOutbox(account, kept), dropped };
}

/** The same for a call of a webhook. */
export function addCall(
  account: Account,
  call: WebhookCall,
): { readonly account: Account; readonly dropped: WebhookCall | null } {
  const { kept, dropped } = added(account.calls, call, ({ event, hook }) => `${event.name} ${hook}`);
  return { account: withCalls(account, kept), dropped };
}

/** The account with these notices, and without the field where there are none. */
export function withOutbox(whole: Account, items: readonly OutboxItem[]): Account {
  if (items.length > 0) return { ...whole, outbox: items };
  if (!('outbox' in whole)) return whole;
  const { outbox: _, ...account } = whole;
  return account;
}

/** The same with these calls. */
export function withCalls(whole: Account, calls: readonly WebhookCall[]): Account {
  if (calls.length > 0) return { ...whole, calls };
  if (!('calls' in whole)) return whole;
  const { calls: _, ...account } = whole;
  return account;
}

/**
 * The account with the time at which something is to be done next. Called at each save: nothing can forget it. What was
 * saved while a clock was ahead waits no longer than anything does.
 */
export function withDueAt({ dueAt: _, openRequest: __, ...saved }: Account, now: number): Account {
  const account = withOutbox(
    withCalls(saved, noLater(saved.calls, now + LONGEST_WAIT)),
    noLater(saved.outbox, now + LONGEST_WAIT),
  );
  const request = requestToDecide(account);
  const times = [
    ...(account.outbox ?? []).map(({ dueAt }) => dueAt),
    ...(account.calls ?? []).map(({ dueAt }) => dueAt),
    ...(account.audit?.unsent ?? []).map(({ at }) => Math.min(at, now) + AUDIT_LEASE),
    ...(account.shadowUntil === undefined ? [] : [account.shadowUntil]),
    ...(request?.dueAt ? [request.dueAt] : []),
  ];
  return {
    ...account,
    ...(times.length > 0 && { dueAt: Math.min(...times) }),
    ...(request &&
      account.shadowUntil === undefined && {
        openRequest: { state: request.state, dueAt: request.dueAt ?? 0 },
      }),
  };
}

const noLater = <Item extends { readonly dueAt: number }>(
  items: readonly Item[] = [],
  latest: number,
): readonly Item[] => items.map((item) => (item.dueAt > latest ? { ...item, dueAt: latest } : item));

function added<Item extends { readonly at: number }>(
  before: readonly Item[] = [],
  item: Item,
  kindOf: (item: Item) => string | undefined,
): { readonly kept: readonly Item[]; readonly dropped: Item | null } {
  const all = [...before, item];
  if (all.length <= MOST) return { kept: all, dropped: null };
  const sizeOf = (one: Item): number => all.filter((other) => kindOf(other) === kindOf(one)).length;
  const [dropped = item] = all.toSorted((one, other) => sizeOf(other) - sizeOf(one) || one.at - other.at);
  return { kept: all.filter((one) => one !== dropped), dropped };
}

/** The users with something due, by the store's index if it has one. */
export const dueIn = (
  accounts: { all(): AsyncIterable<Account>; due?(now: number): AsyncIterable<UserId> },
  now: number,
): AsyncIterable<UserId> => accounts.due?.(now) ?? dueAmong(accounts.all(), now);

async function* dueAmong(all: AsyncIterable<Account>, now: number): AsyncGenerator<UserId, void, undefined> {
  for await (const { userId, dueAt = Infinity } of all) if (dueAt <= now) yield userId;
}
