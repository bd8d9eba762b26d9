import { blankAccount, type Account, type UserId } from '../../lib/account/account';
import type { AuditRecord } from '../../lib/account/audit';
import { addRecord, type Act } from '../../lib/audit/chain';

export const noon = Date.UTC(2026, 10, 24, 12);
export const ada = 'ada' as UserId;
export const admin = 'the admin' as UserId;

export const anAct = (given: Partial<Act> = {}): Act => ({
  actor: { user: admin },
  action: 'factor.suspended',
  reason: 'She called from her number on file',
  request: null,
  ...given,
});

/** The account after these things were done to it, a minute apart. */
export const after = (account: Account, acts: readonly Act[]): Account =>
  acts.reduce((before, act, nth) => addRecord(before, act, noon + nth * 60_000), account);

/** The records of an account to which so much was done. */
export const recordsOf = (many: number, userId = ada): readonly AuditRecord[] =>
  after(
    blankAccount(userId),
    Array.from({ length: many }, (_, nth) => anAct({ action: `act ${nth + 1}` })),
  ).audit?.unsent ?? [];
