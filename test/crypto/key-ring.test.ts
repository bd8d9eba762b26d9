import { randomBytes } from 'node:crypto';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { SecondFactorError } from '../../lib/errors';

const hex = (byte: string) => byte.repeat(32);

function refusal(keys: unknown): SecondFactorError {
  try {
    createKeyRing(keys as readonly string[]);
  } catch (error) {
    if (error instanceof SecondFactorError) return error;
    throw error;
  }
  throw new Error('the keys were taken');
}

describe('the key ring', () => {
  it('takes hex and base64url of 32 bytes and more, padded or not', () => {
    const bytes = randomBytes(33);
    for (const key of [
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64url'),
      randomBytes(32).toString('base64url'),
      `${randomBytes(32).toString('base64url')}=`,
      randomBytes(64).toString('hex'),
    ])
      expect(createKeyRing([key]).all).toHaveLength(1);
  });

  it('knows one secret in two spellings for the same', () => {
    const bytes = randomBytes(33);
    const [inHex, inBase64] = [bytes.toString('hex'), bytes.toString('base64url')];
    expect(createKeyRing([inHex]).first.id).toBe(createKeyRing([inBase64]).first.id);
    expect(refusal([inHex, inBase64]).message).toBe('keys contains the same secret twice.');
  });

  it('writes with the first key and finds all of them by their id', () => {
    const ring = createKeyRing([hex('22'), hex('11')]);
    const alone = createKeyRing([hex('11')]);
    expect(ring.first.id).toBe(ring.all[0]?.id);
    expect(ring.find(alone.first.id)?.seal.equals(alone.first.seal)).toBe(true);
    expect(ring.find('00000000')).toBeUndefined();
  });

  it('gives each purpose a key of its own, and each secret others', () => {
    const { all } = createKeyRing([hex('22'), hex('11')]);
    const subKeys = all.flatMap(({ seal, forms }) =>
      [seal, forms].map((key) => key.export().toString('hex')),
    );
    expect(new Set(subKeys).size).toBe(4);
    expect(subKeys.every((key) => key.length === 64)).toBe(true);
    expect(subKeys).not.toContain(hex('11'));
  });

  it('names keys by ids that give nothing of them away', () => {
    expect(createKeyRing([hex('11')]).first.id).toMatch(/^[0-9a-f]{8}$/);
    expect(createKeyRing([hex('11')]).first.id).not.toBe('11111111');
  });

  it.each<[string, unknown]>([
    ['31 bytes of hex', 'ab'.repeat(31)],
    ['an odd number of hex digits too few', 'ab'.repeat(20) + 'a'],
    ['31 bytes of base64url', randomBytes(31).toString('base64url')],
    ['base64 of the other alphabet', '+/'.repeat(22)],
    ['a password', 'correct horse battery staple, and then some more of it'],
    ['null', null],
    ['a number', 12_345],
    ['an object', {}],
    ['a Buffer', randomBytes(32)],
  ])('refuses %s, by its position and with the cure', (_name, key) => {
    const error = refusal([hex('11'), key]);
    expect(error).toMatchObject({
      code: 'bad_option',
      message: 'keys[1] is not 32 bytes in hex or base64url.',
    });
    expect(error.help).toContain('openssl rand -hex 32');
  });

  it.each<[string, unknown, string, string]>([
    ['what the environment does not have', undefined, 'is undefined.', 'environment variable'],
    ['what the environment has empty', '', 'is empty.', 'environment variable'],
    [
      'a line end of a file of secrets',
      `${'ab'.repeat(32)}\n`,
      'starts or ends with a space or a line break.',
      '.trim()',
    ],
  ])('says what it is where it is %s', (_name, key, message, help) => {
    const error = refusal([hex('11'), key]);
    expect(error).toMatchObject({ code: 'bad_option', message: `keys[1] ${message}` });
    expect(error.help).toContain(help);
    expect(error.help).toContain('openssl rand -hex 32');
  });

  it('never repeats a bad key', () => {
    const key = 'my-very-own-and-much-too-short';
    const error = refusal([key]);
    expect(`${error.message} ${error.help} ${error.stack} ${JSON.stringify(error)}`).not.toContain(key);
  });

  it.each<[string, unknown]>([
    ['an empty list', []],
    ['nothing', undefined],
    ['null', null],
    ['one key outside a list', hex('11')],
    ['an object', { 0: hex('11') }],
  ])('refuses %s', (_name, keys) => {
    expect(refusal(keys)).toMatchObject({
      code: 'bad_option',
      help: expect.stringContaining('keys: [secret]'),
    });
  });
});
