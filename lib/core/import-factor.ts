import type { Account, CodeType, Factor, FactorId, UserId } from '../account/account';
import { addFactor, isLabelTaken, owesFactor } from '../account/factors';
import { randomFactorId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import { sealAddress } from '../factors/one-time-code';
import { hasTotpSecret, readTotpSecret, sealTotpSecret } from '../factors/totp';
import { isFull } from './confirm-setup';
import { hasAddress } from './make-factor';
import { readLabel } from './label';
import { isCodeType } from './offer';
import type { Scope } from './scope';
import { update } from './update';

/** An authenticator app that was proven elsewhere. */
export interface ImportedTotp {
  readonly type: 'totp';
  /** Base32, 16 to 64 bytes. */
  readonly secret: string;
  readonly label: string;
}

/** A phone or a mailbox that was proven elsewhere to be the user's. */
export interface ImportedAddress {
  readonly type: CodeType;
  /** A phone number, with its country code unless it is of `sms.defaultRegion`; or a mail address. */
  readonly address: string;
  readonly label: string;
}

/** A factor that was proven elsewhere, such as in the system that is being replaced. */
export type ImportedFactor = ImportedTotp | ImportedAddress;

export type Imported = { readonly ok: true; readonly factorId: FactorId } | Refusal;

/** What one kind of import adds to an account, and why not. */
interface Addition {
  readonly ok: true;
  /** The field whose value this account has already. */
  duplicate(account: Account): 'secret' | 'address' | null;
  make(account: Account, base: FactorBase): Factor;
}

type FactorBase = Pick<Factor, 'id' | 'label' | 'createdAt' | 'lastUsedAt' | 'usedUpTo'>;

/** One seed, and one address in all its spellings, is imported once a user: again it answers `duplicate`. */
export async function importFactor(scope: Scope, userId: UserId, factor: ImportedFactor): Promise<Imported> {
  const addition = factor.type === 'totp' ? anApp(scope, factor) : anAddress(scope, factor);
  if (!addition.ok) return addition;
  const named = readLabel(factor.label);
  if (!named.ok) return named;
  const { type } = factor;
  const { label } = named;

  return update<Imported>(scope, userId, (account, now) => {
    const field = addition.duplicate(account) ?? (isLabelTaken(account, type, label) ? 'label' : null);
    if (field) return { account, outcome: refuse('duplicate', { field }) };
    if (isFull(account, type, scope)) return { account, outcome: refuse('conflict') };
    const base = { id: randomFactorId(), label, createdAt: now, lastUsedAt: null, usedUpTo: 0 };
    return {
      account: addFactor(account, addition.make(account, base), null, now),
      outcome: { ok: true, factorId: base.id },
      events: [
        { name: 'factor.added', type, factorId: base.id },
        ...(owesFactor(account) ? [] : [{ name: 'two-factor.enabled' } as const]),
      ],
    };
  });
}

function anApp({ seal }: Scope, { secret: given }: ImportedTotp): Addition | Refusal {
  const secret = readTotpSecret(given);
  if (!secret) return refuse('malformed', { field: 'secret' });
  return {
    ok: true,
    duplicate: (account) => (hasTotpSecret(account, secret, seal) ? 'secret' : null),
    make: (account, base) => ({
      ...base,
      type: 'totp',
      secret: sealTotpSecret(account, base.id, secret, seal),
    }),
  };
}

/** Of a channel that is off nothing is taken: its user would owe a code that nobody sends. */
function anAddress(scope: Scope, { type, address: given }: ImportedAddress): Addition | Refusal {
  if (!isCodeType(type)) return refuse('malformed', { field: 'type' });
  if (!scope.delivery.isOn(type)) return refuse('not_found');
  const read = scope.delivery.read(type, given);
  if (!read.ok) return read;
  const { address, hint } = read.address;
  return {
    ok: true,
    duplicate: (account) => (hasAddress(account, type, address, scope) ? 'address' : null),
    make: (account, base) => ({
      ...base,
      type,
      hint,
      address: sealAddress(account.userId, base.id, address, scope.seal),
    }),
  };
}
