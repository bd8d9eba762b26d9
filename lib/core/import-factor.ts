import type { FactorId, TotpFactor, UserId } from '../account/account';
import { addFactor, isLabelTaken, owesFactor } from '../account/factors';
import { randomFactorId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import { hasTotpSecret, readTotpSecret, sealTotpSecret } from '../factors/totp';
import { readLabel } from './label';
import type { Scope } from './scope';
import { update } from './update';

/** A factor that was proven elsewhere, such as in the system that is being replaced. */
export interface ImportedFactor {
  readonly type: 'totp';
  /** Base32, 16 to 64 bytes. */
  readonly secret: string;
  readonly label: string;
}

export type Imported = { readonly ok: true; readonly factorId: FactorId } | Refusal;

/** One seed is imported once a user: a second import answers `duplicate` and changes nothing. */
export async function importFactor(scope: Scope, userId: UserId, factor: ImportedFactor): Promise<Imported> {
  if (factor.type !== 'totp') return refuse('malformed', { field: 'type' });
  const secret = readTotpSecret(factor.secret);
  if (!secret) return refuse('malformed', { field: 'secret' });
  const named = readLabel(factor.label);
  if (!named.ok) return named;

  return update<Imported>(scope, userId, (account, now) => {
    if (hasTotpSecret(account, secret, scope.seal))
      return { account, outcome: refuse('duplicate', { field: 'secret' }) };
    if (isLabelTaken(account, 'totp', named.label))
      return { account, outcome: refuse('duplicate', { field: 'label' }) };
    if (account.factors.length >= scope.settings.limits.totpApps)
      return { account, outcome: refuse('conflict') };
    const id = randomFactorId();
    const added: TotpFactor = {
      type: 'totp',
      id,
      label: named.label,
      secret: sealTotpSecret(account, id, secret, scope.seal),
      createdAt: now,
      lastUsedAt: null,
      usedUpTo: 0,
    };
    return {
      account: addFactor(account, added, null, now),
      outcome: { ok: true, factorId: id },
      events: [
        { name: 'factor.added', type: 'totp', factorId: id },
        ...(owesFactor(account) ? [] : [{ name: 'two-factor.enabled' } as const]),
      ],
    };
  });
}
