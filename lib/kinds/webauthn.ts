import type { Account, WebauthnFactor } from '../account/account';
import { isForeign, keysOf, withFactor } from '../account/factors';
import { judgeAnswer, keyProof } from '../core/judge-key';
import type { Judge, Tried, Weighed } from '../core/scope';
import { purposeOf } from '../core/login-tries';
import { countUsable } from '../core/offer';
import { randomUserHandle } from '../crypto/random';
import { refuse } from '../errors';
import { readStoredCredential } from '../factors/stored-credential';
import { checkAssertion } from '../factors/webauthn-assertion';
import { fromStored } from '../factors/webauthn-challenge';
import { keyFactor } from '../factors/webauthn-registration';
import { enrolKeyPages } from '../pages/enrol-key';
import { keysView } from '../pages/key-view';
import { stepKeyPages } from '../pages/step';
import { WebauthnStrategy } from '../../strategies/webauthn';
import { ordinary, type Row } from './row';

/** Security keys, and the fingerprint, face or PIN of a device. */
export const webauthn: Row<'webauthn'> = {
  isGuess: () => false,
  isIssued: true,
  isStrong: true,
  resistsPhishing: true,
  isOnPhone: false,
  hasOwnWords: true,
  // A key that may have been copied only proves possession.
  amr: ({ hardware }) => (hardware ? 'hwk' : 'pop'),
  isOn: ({ settings }) => settings.keys !== null,
  countOf: (app, account) => countUsable(app, account, 'webauthn'),
  read: ({ response }) => ({ ok: true, weigh: (tried) => weigh(tried, response) }),
  factor: {
    ...ordinary,
    most: ({ keys }) => keys?.most ?? 0,
    // Browsers will not use a key that was made for another domain.
    isUsable: ({ keys }, key) => keys !== null && !isForeign(key, keys.party.id),
    // Everything stored about a key is public.
    mapSealed: (key) => key,
    describe: ({ keys }, { transports, backupEligible, aaguid, rpId }) => ({
      hint: null,
      key: {
        transports,
        synced: backupEligible,
        aaguid,
        rpId,
        usable: keys !== null && !isForeign({ rpId }, keys.party.id),
      },
    }),
    draft: ({ handle }) => ({ kind: 'webauthn', handle: handle ?? randomUserHandle() }),
    // The account may have got its handle from another login meanwhile: a key with this one would not be recognised.
    isLive: (setup, { handle = setup.handle }) => setup.handle === handle,
    make: (account, { setup, proof }, base) => {
      const { handle = setup.handle } = account;
      if (handle !== setup.handle) return refuse('conflict');
      const added = keyFactor(account, proof.key, base, base.createdAt);
      return added.ok ? { ...added, account: { ...account, handle } } : added;
    },
    // Nothing is imported where keys are off.
    import: ({ settings }, given) => {
      const { keys } = settings;
      if (!keys || given.type !== 'webauthn') return refuse('not_found');
      const read = readStoredCredential(given.credential, keys.party.id);
      if (!read.ok) return read;
      const { key, handle } = read;
      return {
        ok: true,
        duplicate: (account) =>
          keysOf(account).some(({ credentialId }) => credentialId === key.credentialId) ? 'credential' : null,
        add: (account, base) => addStored(account, { ...key, ...base }, handle),
      };
    },
    proofOf: (factor, { proof }) => keyProof(factor, proof.key.userVerified),
  },
  pages: {
    place: 2,
    field: null,
    asks: '/webauthn/options',
    routes: (router, context) => {
      stepKeyPages(router, context);
      enrolKeyPages(router, context);
    },
    step: ({ runtime, req, scope, account, ways }) => ({
      keys: keysView({ runtime, req }, scope, account, ways),
    }),
  },
  Strategy: WebauthnStrategy,
};

/** Checks a key's answer to a challenge of this login. Without a login no key was asked. */
async function weigh({ scope, userId, login, counted }: Tried, response: unknown): Promise<Weighed> {
  const { keys } = scope.settings;
  if (!keys || !login || !counted) return { judge: () => ({ verdict: refuse('not_found'), free: true }) };
  const live = fromStored(counted.issued);
  const issued = { userId, loginId: login.loginId, ceremony: purposeOf(login), live };
  const account = await scope.accounts.load(userId);
  if (!account) return { judge: judgeGone };
  const checked = await checkAssertion(account, response, { ...keys, issued, now: scope.now() });
  return { account, judge: judgeAnswer(keys, checked) };
}

/** An account has one handle, so the first key that says what it calls its user decides. */
function addStored(account: Account, key: WebauthnFactor, handle: string | null): Account {
  const { handle: known = handle } = account;
  if (known === null || known !== handle) return withFactor(account, { ...key, otherHandle: true });
  return { ...withFactor(account, key), handle: known };
}

const judgeGone: Judge = () => ({ verdict: refuse('sign_in_required'), free: true });
