import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { reseal, sealedIn } from '../../lib/core/reseal';
import { kinds } from '../../lib/kinds/table';
import { asFactor, withKeys } from '../factors/key-ceremony';
import { softKey } from '../support/soft-key';

it('nothing of a security key is sealed, so nothing of it changes with the ring', () => {
  const seal = createSeal(createKeyRing(['11'.repeat(32)]));
  const account = { ...withKeys([asFactor(softKey())]), backupCodes: null };
  expect(sealedIn(kinds, account)).toEqual([]);
  expect(reseal(kinds, account, seal)).toBe(account);
});
