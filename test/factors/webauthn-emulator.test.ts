import { AuthenticatorEmulator, WebAuthnEmulator } from 'nid-webauthn-emulator';
import type { Account } from '../../lib/account/account';
import { randomUserHandle } from '../../lib/crypto/random';
import {
  creationOptions,
  requestOptions,
  type CreationOptions,
  type RequestOptions,
} from '../../lib/factors/webauthn-options';
import { checkRegistration, keyFactor } from '../../lib/factors/webauthn-registration';
import { factorId } from '../account/an-account';
import { site } from '../support/soft-key';
import { ask, defaultPolicy, judge, noon, onlyKey, party, withKeys } from './key-ceremony';

// Its types are those of browsers, whose lists can be written to.
type Creation = Parameters<WebAuthnEmulator['createJSON']>[1];
type Request = Parameters<WebAuthnEmulator['getJSON']>[1];
const creation = (made: CreationOptions): Creation => structuredClone(made) as unknown as Creation;
const request = (made: RequestOptions): Request => structuredClone(made) as unknown as Request;

type Algorithm = 'ES256' | 'EdDSA' | 'RS256';
const asked = { passkeys: false, userVerification: 'preferred' } as const;

async function enrolled(algorithm: Algorithm) {
  const key = new WebAuthnEmulator(new AuthenticatorEmulator({ algorithmIdentifiers: [algorithm] }));
  const nobody = { ...withKeys([]), handle: randomUserHandle() };
  const { challenge, expected } = ask(nobody, { ceremony: 'enrol' });
  const user = { handle: nobody.handle, name: 'ann@example.com' };
  const created = key.createJSON(
    site.origin,
    creation(creationOptions(nobody, user, challenge, asked, { party, policy: defaultPolicy })),
  );
  const check = await checkRegistration(nobody, created, expected);
  if (!check.ok) throw new Error(JSON.stringify(check));
  const added = keyFactor(nobody, check.key, { id: factorId('new'), label: 'Key' }, noon);
  if (!added.ok) throw new Error(JSON.stringify(added));
  return { key, user, account: { ...nobody, factors: [added.factor] } };
}

describe('a soft key of somebody else’s making', () => {
  it.each<[Algorithm, number]>([
    ['ES256', -7],
    ['EdDSA', -8],
    ['RS256', -257],
  ])('is added and signs in three times, with %s', async (name, algorithm) => {
    const { key, account } = await enrolled(name);
    expect(onlyKey(account)).toMatchObject({
      algorithm,
      rpId: site.rpId,
      userVerified: true,
      attested: false,
    });
    let current: Account = account;
    for (const at of [noon + 1, noon + 2, noon + 3]) {
      const { challenge, expected } = ask(current, { at });
      const answer = key.getJSON(
        site.origin,
        request(requestOptions(current, challenge, 'preferred', party)),
      );
      const use = await judge(current, answer, expected);
      if (!use.ok) throw new Error(JSON.stringify(use));
      expect(use.userVerified).toBe(true);
      current = use.account;
    }
    expect(onlyKey(current).signCount).toBeGreaterThan(onlyKey(account).signCount);
  });

  it('F3: is not added a second time, because it is excluded', async () => {
    const { key, user, account } = await enrolled('ES256');
    const { challenge } = ask(account, { ceremony: 'enrol' });
    const again = creationOptions(account, user, challenge, asked, { party, policy: defaultPolicy });
    expect(() => key.createJSON(site.origin, creation(again))).toThrow('CTAP2_ERR_CREDENTIAL_EXCLUDED');
  });
});
