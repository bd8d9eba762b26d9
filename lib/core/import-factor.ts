import type { FactorId, UserId } from '../account/account';
import { addFactor, isLabelTaken, owesFactor } from '../account/factors';
import { randomFactorId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import { factorKind } from './kind';
import { readLabel } from './label';
import { refuseFull } from './offer';
import type { ImportedFactor, Notices, Scope } from './scope';
import { unchanged, update } from './update';

export type Imported = { readonly ok: true; readonly factorId: FactorId } | Refusal;

/** A seed, or an address in any spelling, is imported once per user: a second time gives `duplicate`. */
export async function importFactor(scope: Scope, userId: UserId, factor: ImportedFactor): Promise<Imported> {
  const take = factorKind(scope.kinds, factor.type)?.import;
  const addition = take ? take(scope, factor) : refuse('malformed', { field: 'type' });
  if (!addition.ok) return addition;
  const named = readLabel(factor.label);
  if (!named.ok) return named;
  const { type } = factor;
  const { label } = named;

  return update<Imported>({ ...scope, notices: silent(scope.notices) }, userId, (account, now) => {
    const field = addition.duplicate(account) ?? (isLabelTaken(account, type, label) ? 'label' : null);
    if (field) return unchanged(refuse('duplicate', { field }));
    const full = refuseFull(scope, account, type);
    if (full) return unchanged(full);
    const base = { id: randomFactorId(), label, createdAt: now, lastUsedAt: null, usedUpTo: 0 };
    return {
      account: addFactor(account, addition.make(account, base), null, now),
      outcome: { ok: true, factorId: base.id },
      events: [
        { name: 'factor.added', type, factorId: base.id, label },
        ...(owesFactor(account) ? [] : [{ name: 'two-factor.enabled' } as const]),
      ],
    };
  });
}

/** It was proven elsewhere, and there may be thousands at once: what to tell their users is for the app to decide. */
const silent = (notices: Notices): Notices => ({ ...notices, plan: async (change) => change });
