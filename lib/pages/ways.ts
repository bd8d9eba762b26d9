import type { Account, ProofType } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { describe, waysOf } from '../core/status';
import { withGoal } from '../session/destination';
import type { WayView } from './views';

/** The ways to prove it, with the addresses of their pages; preferred first. */
export const waysFor = (account: Account, base: string, to: string | null): WayView[] =>
  waysOf(account).map((type) => ({
    type,
    labels: account.factors.filter((factor) => factor.type === type).map((factor) => factor.label),
    ...(type === 'backup-code' && { left: countBackupCodes(account)?.left ?? 0 }),
    href: withGoal(`${base}/${type}`, to),
  }));

/** What the step says in JSON of the factors it would take. */
export const factorsJson = (account: Account) => ({
  factors: describe(account).factors.map(({ type, id, label, hint }) => ({ type, id, label, hint })),
  types: waysOf(account),
  preferred: waysOf(account)[0] ?? null,
});

/** The types whose proof a page of ours takes. */
export const stepTypes = ['totp', 'backup-code'] as const satisfies readonly ProofType[];
export type StepType = (typeof stepTypes)[number];
