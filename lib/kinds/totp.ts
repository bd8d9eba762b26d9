import type { Account, TotpFactor } from '../account/account';
import { freeEntry, markUsed, withFactor } from '../account/factors';
import { secretOf } from '../core/enrol-totp';
import { type GuessCheck, readGuess } from '../core/judge-guess';
import type { FactorBase, JudgeInput } from '../core/scope';
import { countUsable } from '../core/offer';
import { randomTotpSecret } from '../crypto/random';
import type { Seal } from '../crypto/seal';
import { refuse } from '../errors';
import { checkTotp, hasTotpSecret, isWeakSeed, readTotpSecret, sealTotpSecret } from '../factors/totp';
import { enrolTotpPages } from '../pages/enrol-totp';
import { TotpStrategy } from '../../strategies/totp';
import { ordinary, type Row } from './row';

/** Codes from an authenticator app. */
export const totp: Row<'totp'> = {
  isGuess: () => true,
  isIssued: false,
  isStrong: true,
  resistsPhishing: false,
  isOnPhone: true,
  hasOwnWords: false,
  amr: () => 'otp',
  isOn: () => true,
  countOf: (app, account) => countUsable(app, account, 'totp'),
  read: readGuess(check),
  factor: {
    ...ordinary,
    describe: (_settings, { weak }) => ({ hint: null, key: null, ...(weak && { weak }) }),
    most: ({ limits }) => limits.totpApps,
    mapSealed: (factor, user, map) => ({
      ...factor,
      secret: map(factor.secret, { user, factor: factor.id, purpose: 'totp-secret' }),
    }),
    draft: (account, name) => ({
      kind: 'totp',
      secret: randomTotpSecret().toString('base64url'),
      entry: name ?? freeEntry(account),
    }),
    make: (account, { setup }, base, { seal }) => {
      const secret = secretOf(setup);
      if (hasTotpSecret(account, secret, seal)) return refuse('duplicate');
      const { entry } = setup;
      return {
        ok: true,
        account,
        factor: { ...appOf(account, base, secret, seal), ...(entry && { entry }) },
      };
    },
    import: ({ seal }, given) => {
      const secret = given.type === 'totp' ? readTotpSecret(given.secret) : null;
      if (!secret) return refuse('malformed', { field: 'secret' });
      return {
        ok: true,
        duplicate: (account) => (hasTotpSecret(account, secret, seal) ? 'secret' : null),
        add: (account, base) =>
          withFactor(account, {
            ...appOf(account, base, secret, seal),
            ...(isWeakSeed(secret) && { weak: true }),
          }),
      };
    },
  },
  pages: {
    place: 1,
    field: 'code',
    asks: null,
    routes: enrolTotpPages,
    step: ({ runtime, refusal }) => ({
      entry: runtime.options.appName,
      // After two wrong codes, so that people can see whether their clock is off.
      serverTime: (refusal?.triesLeft ?? 9) <= 3 ? runtime.now() : null,
    }),
  },
  Strategy: TotpStrategy,
};

function check({ account, now, scope }: JudgeInput, code: string): GuessCheck {
  const checked = checkTotp(account, code, now, scope.settings.totpWindow, scope.seal);
  if (!checked.ok) return checked;
  const { factor, step } = checked;
  return { ok: true, factorId: factor.id, account: markUsed(account, factor, step, now) };
}

const appOf = (account: Account, base: FactorBase, secret: Buffer, seal: Seal): TotpFactor => ({
  ...base,
  type: 'totp',
  secret: sealTotpSecret(account, base.id, secret, seal),
});
