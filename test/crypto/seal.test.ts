import fc from 'fast-check';
import type { Sealed } from '../../lib/account/account';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal, type SealContext } from '../../lib/crypto/seal';
import { SecondFactorError } from '../../lib/errors';

const [oldKey, newKey, thirdKey] = ['11', '22', '33'].map((byte) => byte.repeat(32)) as [
  string,
  string,
  string,
];
const sealOf = (...keys: readonly string[]) => createSeal(createKeyRing(keys));
const seal = sealOf(oldKey);
const context: SealContext = { user: 'ada', factor: 'f1', purpose: 'totp-secret' };
const plain = Buffer.from('twenty bytes of seed');

function failure(sealed: unknown, where: SealContext = context, by = seal): SecondFactorError {
  try {
    by.open(sealed as Sealed, where);
  } catch (error) {
    if (error instanceof SecondFactorError) return error;
    throw error;
  }
  throw new Error('it opened');
}

const bodyOf = (sealed: Sealed): Buffer => Buffer.from(sealed.split('.')[2] ?? '', 'base64url');
const withBody = (sealed: Sealed, body: Buffer): string =>
  [...sealed.split('.').slice(0, 2), body.toString('base64url')].join('.');

describe('a sealed value', () => {
  it('opens where it belongs, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        (bytes, user, factor) => {
          const where: SealContext = { user, factor, purpose: 'setup' };
          expect(seal.open(seal.close(Buffer.from(bytes), where), where)).toEqual(Buffer.from(bytes));
        },
      ),
    );
  });

  it('shows nothing of what is in it', () => {
    const sealed = seal.close(plain, context);
    expect(bodyOf(sealed).includes(plain)).toBe(false);
    expect(sealed).toMatch(/^1\.[0-9a-f]{8}\.[\w-]+$/);
  });

  it.each<[string, SealContext]>([
    ['another user', { ...context, user: 'bob' }],
    ['another factor', { ...context, factor: 'f2' }],
    ['another purpose', { ...context, purpose: 'backup-code' }],
    ['the same letters, divided otherwise', { ...context, user: 'adaf', factor: '1' }],
    ['user and factor changed about', { ...context, user: 'f1', factor: 'ada' }],
    ['nobody', { ...context, user: '' }],
  ])('does not open for %s', (_name, where) => {
    expect(failure(seal.close(plain, context), where).code).toBe('unavailable');
  });

  it('does not open with any one bit of its bytes changed', () => {
    const sealed = seal.close(plain, context);
    const body = bodyOf(sealed);
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const altered = Buffer.from(body);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(failure(withBody(sealed, altered)).code).toBe('unavailable');
    }
  });

  it('does not open when it was shortened, lengthened or emptied', () => {
    const sealed = seal.close(plain, context);
    const body = bodyOf(sealed);
    for (let length = 0; length < body.length; length += 1)
      failure(withBody(sealed, body.subarray(0, length)));
    expect(failure(withBody(sealed, Buffer.concat([body, Buffer.of(0)]))).code).toBe('unavailable');
  });

  it('fails in our own way on any text, and opens nothing that was not sealed', () => {
    const sealed = seal.close(plain, context);
    const spoilt = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc
        .tuple(fc.nat(sealed.length), fc.string({ maxLength: 3 }))
        .map(([at, text]) => sealed.slice(0, at) + text + sealed.slice(at + 1)),
    );
    fc.assert(
      fc.property(spoilt, (text) => {
        // Spellings of the same bytes are the same value.
        fc.pre(!bodyOf(text as Sealed).equals(bodyOf(sealed)));
        expect(failure(text).status).toBe(503);
      }),
    );
  });

  it.each([undefined, null, 5, {}, [], ''])('fails in our own way when the store gives %p', (value) => {
    expect(failure(value).code).toBe('unavailable');
  });

  it('of another version does not open, and says that its key is missing', () => {
    const sealed = seal.close(plain, context);
    for (const text of [sealed.replace(/^1/, '2'), sealed.replace(/^1/, ''), sealed.slice(2)])
      expect(failure(text)).toMatchObject({ code: 'unavailable', help: expect.stringContaining('keys') });
  });

  it('of a key that is not in the ring says what to do, and nothing of the value', () => {
    const error = failure(sealOf(thirdKey).close(plain, context));
    expect(error.help).toBe('Put the key that wrote it back into `keys`, after the first one.');
    expect(`${error.message}${error.help}${error.stack}`).not.toContain('twenty');
  });

  it('never has the nonce of another', () => {
    const nonces = new Set<string>();
    for (let count = 0; count < 20_000; count += 1)
      nonces.add(bodyOf(seal.close(plain, context)).toString('latin1', 0, 12));
    expect(nonces.size).toBe(20_000);
  });
});

describe('a new key', () => {
  const first = sealOf(newKey, oldKey);

  it('writes, while the old one still opens', () => {
    const old = seal.close(plain, context);
    const fresh = first.close(plain, context);
    expect(first.open(old, context)).toEqual(plain);
    expect(first.open(fresh, context)).toEqual(plain);
    expect([first.isCurrent(old), first.isCurrent(fresh)]).toEqual([false, true]);
    expect(failure(fresh).code).toBe('unavailable');
  });

  it('in last place only opens, so that processes can be restarted one by one', () => {
    const last = sealOf(oldKey, newKey);
    expect(last.isCurrent(last.close(plain, context))).toBe(true);
    expect(seal.open(last.close(plain, context), context)).toEqual(plain);
    expect(last.open(first.close(plain, context), context)).toEqual(plain);
  });

  it('is named by what it sealed', () => {
    const sealed = first.close(plain, context);
    expect(first.keyIdOf(sealed)).toBe(createKeyRing([newKey]).first.id);
    expect(first.keyIdOf(seal.close(plain, context))).toBe(createKeyRing([oldKey]).first.id);
  });
});
