import type { Account, Factor, Sealed } from '../account/account';
import type { Seal, SealContext } from '../crypto/seal';

type Rewrite = (sealed: Sealed, context: SealContext) => Sealed;

/** Every sealed value of an account, rewritten by `map`. */
function mapSealed(account: Account, map: Rewrite): Account {
  const user = account.userId;
  return {
    ...account,
    factors: account.factors.map((factor) => mapFactor(user, factor, map)),
    backupCodes: account.backupCodes && {
      ...account.backupCodes,
      codes: account.backupCodes.codes.map((code) => ({
        ...code,
        digest: map(code.digest, { user, factor: '', purpose: 'backup-code' }),
      })),
    },
    browsers: account.browsers.map((browser) => ({
      ...browser,
      digest: map(browser.digest, { user, factor: '', purpose: 'browser' }),
    })),
  };
}

function mapFactor(user: string, factor: Factor, map: Rewrite): Factor {
  if (factor.type === 'webauthn') return factor;
  return factor.type === 'totp'
    ? { ...factor, secret: map(factor.secret, { user, factor: factor.id, purpose: 'totp-secret' }) }
    : { ...factor, address: map(factor.address, { user, factor: factor.id, purpose: 'address' }) };
}

/** Whatever an older key of the ring had sealed is sealed by the first one, so that the old key can go. */
export const reseal = (account: Account, seal: Seal): Account =>
  sealedIn(account).every((sealed) => seal.isCurrent(sealed))
    ? account
    : mapSealed(account, (sealed, context) =>
        seal.isCurrent(sealed) ? sealed : seal.close(seal.open(sealed, context), context),
      );

export const sealedIn = (account: Account): Sealed[] => [
  ...account.factors.flatMap(sealedInFactor),
  ...(account.backupCodes?.codes ?? []).map((code) => code.digest),
  ...account.browsers.map((browser) => browser.digest),
];

/** A key has none: what is stored of it is public. */
function sealedInFactor(factor: Factor): Sealed[] {
  if (factor.type === 'webauthn') return [];
  return [factor.type === 'totp' ? factor.secret : factor.address];
}
