import type { Account, Told, ToldOf } from '../account/account';
import { mostOf } from './rules';

const HOUR = 3_600_000;

/**
 * Counts in the account what its user is told, by kind, so that nobody can flood a mailbox and no kind of notice can
 * drown out another.
 *
 * @returns what may be told, and the account with the counts
 */
export function withinLimits(
  account: Account,
  told: readonly Told[],
  now: number,
): { readonly account: Account; readonly told: readonly Told[] } {
  // A clock that was put back must not keep an hour open.
  const counts = (account.toldOf ?? []).filter(({ at }) => at <= now && now - at < HOUR);
  const allowed: Told[] = [];
  const next = new Map<string, ToldOf>(counts.map((count) => [count.name, count]));
  for (const one of told) {
    const { at, times } = next.get(one.name) ?? { at: now, times: 0 };
    const most = mostOf(one.name);
    if (times >= most) continue;
    next.set(one.name, { name: one.name, at, times: times + 1 });
    allowed.push(times + 1 === most ? { ...one, last: true } : one);
  }
  if (allowed.length === 0) return { account, told: [] };
  return { account: { ...account, toldOf: [...next.values()] }, told: allowed };
}
