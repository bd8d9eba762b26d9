import type { Account, FactorType, UserId } from '../account/account';
import { enrolledTypes, owesFactor } from '../account/factors';
import { refuse, type Refusal } from '../errors';
import { loadAccount } from '../core/status';
import type { Scope } from '../core/scope';
import type { Office, Page } from './office';

/** A user in a list. `lastUsedAt` in ms: when a factor was last used. */
export interface ListedUser {
  readonly id: UserId;
  readonly name: string;
  /** Whether a login of theirs owes a second factor. */
  readonly enabled: boolean;
  readonly types: readonly FactorType[];
  readonly lastUsedAt: number | null;
}

export interface UserList {
  readonly ok: true;
  readonly users: readonly ListedUser[];
  /** Given back as `after`; null: this was the last page. */
  readonly next: string | null;
}

export const PAGE = 50;
const LONGEST_QUERY = 200;

/** Users whose name or address holds this text, by the app's own search. */
export async function findUsers(office: Office, query: string, page: Page): Promise<UserList | Refusal> {
  if (!(await office.may('users.read', null))) return refuse('forbidden');
  if (query.length > LONGEST_QUERY) return refuse('malformed', { field: 'query' });
  const { users, next } = await office.people.find(query, page);
  return { ok: true, users: await listed(office, office.scope, users), next };
}

/** Users without a second factor, and how many there are: for that, every account is read. */
export async function usersWithout(
  office: Office,
  { after, limit }: Page,
): Promise<(UserList & { readonly count: number }) | Refusal> {
  if (!(await office.may('users.read', null))) return refuse('forbidden');
  const users: ListedUser[] = [];
  let next: string | null = null;
  for await (const page of pagesWithout(office, after)) {
    users.push(...page.users);
    ({ next } = page);
    if (users.length >= limit) break;
  }
  let count = 0;
  for await (const page of pagesWithout(office, null)) count += page.users.length;
  return { ok: true, users, count, next };
}

/** All of them; whoever asks has been found to be allowed to. */
export async function* everyWithout(office: Office): AsyncGenerator<ListedUser, void, undefined> {
  for await (const { users } of pagesWithout(office, null)) yield* users;
}

/** Those without one, by pages of the app's own search for everybody. */
async function* pagesWithout(
  office: Office,
  from: string | null,
): AsyncGenerator<Pick<UserList, 'users' | 'next'>, void, undefined> {
  let after = from;
  do {
    const found = await office.people.find('', { after, limit: PAGE });
    const users = await listed(office, office.newScope(), found.users);
    // A search that does not go on would go on for ever.
    const next = found.next === after ? null : found.next;
    yield { users: users.filter(({ enabled }) => !enabled), next };
    after = next;
  } while (after !== null);
}

const listed = (
  { people }: Office,
  scope: Scope,
  users: readonly unknown[],
): Promise<readonly ListedUser[]> =>
  Promise.all(
    users.map(async (user) => {
      const id = people.idOf(user);
      return { id, name: people.nameOf(user), ...inList(await loadAccount(scope, id)) };
    }),
  );

const inList = (account: Account) => ({
  enabled: owesFactor(account),
  types: enrolledTypes(account),
  lastUsedAt: lastUse(account),
});

function lastUse({ factors }: Account): number | null {
  const times = factors.flatMap(({ lastUsedAt }) => (lastUsedAt === null ? [] : [lastUsedAt]));
  return times.length === 0 ? null : Math.max(...times);
}
