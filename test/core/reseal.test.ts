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

it('the tokens of browsers that were forgotten by a block are resealed, too', () => {
  const [before, after] = [['11'], ['22', '11']].map((keys) =>
    createSeal(createKeyRing(keys.map((key) => key.repeat(32)))),
  );
  if (!before || !after) throw new Error('two rings');
  const blank = { ...withKeys([]), backupCodes: null };
  const context = { user: blank.userId, factor: '', purpose: 'browser' } as const;
  const account = { ...blank, formerBrowsers: [before.close(Buffer.from('digest'), context)] };
  const [resealed] = reseal(kinds, account, after).formerBrowsers ?? [];
  if (resealed === undefined) throw new Error('one token');
  expect(after.isCurrent(resealed)).toBe(true);
  expect(after.open(resealed, context).toString()).toBe('digest');
});
