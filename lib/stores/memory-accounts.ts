import type { Account, Rev, UserId } from '../account/account';
import { requireAcceptedLoss, type AcceptLoss } from './accept-loss';
import { type RequestFilter, requestsAmong } from '../account/requests-among';
import type { Accounts } from './contracts';
import { keyOfAnother } from './store-errors';

/**
 * Accounts in the memory of this process, for development and tests. A restart forgets them, and then a password alone
 * is enough.
 *
 * @throws SecondFactorError `bad_option` where NODE_ENV is `production`, unless `acceptLoss` is true
 */
export function memoryAccounts(options: AcceptLoss = {}): Accounts {
  requireAcceptedLoss('memoryAccounts', options, 'mongoAccounts(connection), or a store of your own');
  return new MemoryAccounts();
}

class MemoryAccounts implements Accounts {
  private readonly byUser = new Map<UserId, Account>();
  /** By what no two users share: the handle, and the id of each key. */
  private readonly byName = new Map<string, UserId>();

  async load(userId: UserId): Promise<Account | null> {
    return this.byUser.get(userId) ?? null;
  }

  async save(account: Account, over: Rev | null): Promise<boolean> {
    const there = this.byUser.get(account.userId);
    if ((there?.rev ?? null) !== over) return false;
    for (const name of namesOf(account)) {
      if ((this.byName.get(name) ?? account.userId) !== account.userId) throw keyOfAnother();
    }
    const stored = frozenCopy(account);
    for (const name of namesOf(there)) this.byName.delete(name);
    for (const name of namesOf(stored)) this.byName.set(name, stored.userId);
    this.byUser.set(stored.userId, stored);
    return true;
  }

  async findByHandle(handle: string): Promise<Account | null> {
    const userId = this.byName.get(handleName(handle));
    return userId === undefined ? null : this.load(userId);
  }

  async remove(userId: UserId): Promise<void> {
    for (const name of namesOf(this.byUser.get(userId))) this.byName.delete(name);
    this.byUser.delete(userId);
  }

  async *all(): AsyncGenerator<Account, void, undefined> {
    for (const account of this.byUser.values()) yield account;
  }

  async *due(now: number): AsyncGenerator<UserId, void, undefined> {
    const dueAt = ({ dueAt: at = Infinity }: Account): number => at;
    const due = [...this.byUser.values()].filter((account) => dueAt(account) <= now);
    for (const { userId } of due.toSorted((one, other) => dueAt(one) - dueAt(other))) yield userId;
  }

  withRequest(filter: RequestFilter): AsyncIterable<Account> {
    return requestsAmong(this.all(), filter);
  }
}

const handleName = (handle: string): string => `handle:${handle}`;

const namesOf = (account: Account | undefined): string[] => [
  ...(account?.handle === undefined ? [] : [handleName(account.handle)]),
  ...(account?.factors ?? []).flatMap((factor) =>
    factor.type === 'webauthn' ? [`key:${factor.credentialId}`] : [],
  ),
];

/** A deep, frozen copy at a third of the cost of `structuredClone`, which is used only for unusual types. */
export function frozenCopy<T>(value: T): T;
export function frozenCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((item: unknown) => frozenCopy(item)));
  if (!isPlain(value)) return structuredClone(value);
  // Spreading defines the keys, so one named __proto__ is an own property of the copy, even when it is assigned to
  // below.
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    if (typeof copy[key] === 'object') copy[key] = frozenCopy(copy[key]);
  }
  return Object.freeze(copy);
}

/** By the depth of its prototypes, so that objects of another realm (vm, Jest) count as well. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
