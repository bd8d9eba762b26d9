import type { Account, FactorId } from '../account/account';
import {
  factorOf,
  owesFactor,
  preferFactor,
  removeFactor,
  renameFactor,
  suspendedOf,
  type FactorChange,
} from '../account/factors';
import type { Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import type { Access } from './access';
import { refuseContact } from './contact-hold';
import { readLabel } from './label';
import { usableFactors } from './offer';
import type { Scope } from './scope';
import { unchanged, update } from './update';

export type Managed = { readonly ok: true; readonly account: Account } | Refusal;

/** What can be changed about an enrolled factor; several changes at once are one save. */
export interface FactorEdit {
  readonly label?: string;
  readonly preferred?: boolean;
}

export async function rename(scope: Scope, access: Access, id: FactorId, input: unknown): Promise<Managed> {
  const read = readLabel(input);
  return read.ok ? edit(scope, access, id, { label: read.label }) : read;
}

export const edit = (
  scope: Scope,
  access: Access,
  id: FactorId,
  { label, preferred }: FactorEdit,
): Promise<Managed> =>
  change(
    scope,
    access,
    (account) => {
      const renamed: FactorChange =
        label === undefined ? { ok: true, account } : renameFactor(account, id, label);
      return renamed.ok && preferred !== undefined ? preferFactor(renamed.account, id, preferred) : renamed;
    },
    (before, after) => {
      const factor = factorOf(after, id);
      if (!factor || factor.label === factorOf(before, id)?.label) return [];
      return [{ name: 'factor.renamed', type: factor.type, factorId: id, label: factor.label }];
    },
  );

export const prefer = (scope: Scope, access: Access, id: FactorId, preferred: boolean): Promise<Managed> =>
  edit(scope, access, id, { preferred });

/** Also ends every other login, as what is owed has changed. */
export const remove = (scope: Scope, access: Access, id: FactorId): Promise<Managed> =>
  change(
    scope,
    access,
    (account, now) => {
      const type = (factorOf(account, id) ?? suspendedOf(account, id))?.type;
      const held = type ? refuseContact(scope, account, type) : null;
      return held ?? removeFactor(account, id, now, scope.settings.limits, usableFactors(scope, account));
    },
    (before, after) => {
      const all = [...before.factors, ...(before.suspended ?? [])];
      const gone = all.filter(({ id: one }) => !factorOf(after, one) && !suspendedOf(after, one));
      const removed = gone.map((factor): PlannedEvent => ({
        name: 'factor.removed',
        type: factor.type,
        factorId: factor.id,
        label: factor.label,
      }));
      return owesFactor(after) ? removed : [...removed, { name: 'two-factor.disabled' }];
    },
  );

/** The rule runs on the newest account, and only for a login that may change it. */
const change = (
  scope: Scope,
  access: Access,
  rule: (account: Account, now: number) => FactorChange,
  eventsOf: (before: Account, after: Account) => PlannedEvent[],
): Promise<Managed> =>
  update<Managed>(scope, access.login.userId, (account, now) => {
    const refused = access.refusal(scope, account);
    if (refused) return unchanged(refused);
    const changed = rule(account, now);
    // The name or preference is what it was already.
    if (!changed.ok || changed.account === account) return unchanged(changed);
    const saved = access.settled(changed.account);
    return {
      account: saved,
      outcome: { ok: true, account: saved },
      events: eventsOf(account, saved),
    };
  });
