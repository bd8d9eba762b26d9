import fc from 'fast-check';
import type { UserId } from '../../lib/account/account';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createLinks } from '../../lib/crypto/links';
import { createSeal } from '../../lib/crypto/seal';

const [old, young] = ['11'.repeat(32), '22'.repeat(32)];
const linksOf = (...keys: string[]) => createLinks(createSeal(createKeyRing(keys)));
const links = linksOf(old);
const target = { userId: 'ann@example.com' as UserId, id: 'n1' };

describe('the token of a link', () => {
  it('leads to its account and entry, whatever they are called, and says neither', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), fc.string(), (user, id) => {
        const made = { userId: user as UserId, id };
        const token = links.make('object', made);
        expect(links.open('object', token)).toEqual(made);
        expect(token).toMatch(/^[\w-]{50,}$/);
      }),
    );
    const token = links.make('object', target);
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('example.com');
  });

  it('is not opened once a single letter is another, or one is missing', () => {
    const token = links.make('object', target);
    // The last letter carries bits that no byte needs.
    for (let at = 0; at < token.length - 1; at += 1) {
      const other = token[at] === 'a' ? 'b' : 'a';
      expect(links.open('object', token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
      expect(links.open('object', token.slice(0, at))).toBeNull();
    }
  });

  it.each([undefined, null, 7, {}, ['x'], '', 'x', '0'.repeat(80), 'ä'.repeat(80), 'a'.repeat(5000)])(
    'is not %p',
    (given) => {
      expect(links.open('object', given)).toBeNull();
    },
  );

  it('opens for nothing but what it was made for, and its length tells nothing of whose it is', () => {
    expect(links.open('cancel', links.make('status', target))).toBeNull();
    const short = links.make('status', { userId: 'a' as UserId, id: 'n1' });
    const long = links.make('status', { userId: 'ann.of.a.long.name@example.com' as UserId, id: 'n1' });
    expect(short).toHaveLength(long.length);
  });

  it('opens while its key is in the ring, whichever comes first there', () => {
    const token = links.make('object', target);
    expect(linksOf(young, old).open('object', token)).toEqual(target);
    expect(linksOf(young).open('object', token)).toBeNull();
  });
});
