import fc from 'fast-check';
import type { UserId } from '../../lib/account/account';
import {
  createFormTokens,
  equal,
  loginKeyOf,
  setupIdOf,
  tokenDigest,
  userKeyOf,
} from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';

const ada = 'ada@example.com' as UserId;
const [one, two] = ['11'.repeat(32), '22'.repeat(32)] as const;

describe('names of entries', () => {
  it('show neither session id nor user id, which may be an address', () => {
    expect(loginKeyOf('sess-1234')).toMatch(/^[\w-]{22}$/);
    expect(userKeyOf(ada)).toMatch(/^[\w-]{22}$/);
    expect(`${loginKeyOf('sess-1234')}${userKeyOf(ada)}`).not.toMatch(/ada|example|1234/);
  });

  // Processes with different first keys meet in one Redis, and a stored name must be found next year.
  it('depend on no key and stay what they are', () => {
    expect(loginKeyOf('sess-1234')).toBe('HKVXhufzNSWjzJXQchl8C7');
    expect(userKeyOf(ada)).toBe('np3SmgO7bt6mBuBooKYhVg');
    expect(setupIdOf('login', 'totp')).toBe('oaK3EDOBYcIxsn70LD46HI');
  });

  it('differ by kind and by what they name, however the letters fall', () => {
    const names = [
      loginKeyOf('a'),
      userKeyOf('a' as UserId),
      setupIdOf('a', ''),
      setupIdOf('', 'a'),
      setupIdOf('ab', 'c'),
      setupIdOf('a', 'bc'),
      loginKeyOf('user1:a'),
    ];
    expect(new Set<string>(names).size).toBe(names.length);
  });
});

describe('the digest of a token', () => {
  it('belongs to its user and purpose', () => {
    const digests = [
      tokenDigest(ada, 'browser', 't'),
      tokenDigest(ada, 'backup-code', 't'),
      tokenDigest('bob' as UserId, 'browser', 't'),
      tokenDigest(ada, 'browser', 'u'),
    ].map((digest) => digest.toString('hex'));
    expect(new Set(digests).size).toBe(4);
  });

  it('never depends on where one part ends and the next begins', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string(),
        fc.string(),
        (user, token, otherUser, otherToken) => {
          const isSame = user === otherUser && token === otherToken;
          const digests = [
            tokenDigest(user as UserId, 'browser', token),
            tokenDigest(otherUser as UserId, 'browser', otherToken),
          ] as const;
          expect(equal(...digests)).toBe(isSame);
        },
      ),
    );
  });
});

describe('comparing', () => {
  it('is by content, and takes any lengths', () => {
    expect(equal(Buffer.from('abc'), Buffer.from('abc'))).toBe(true);
    expect(equal(Buffer.from('abc'), Buffer.from('abd'))).toBe(false);
    expect(equal(Buffer.from('abc'), Buffer.from('abcd'))).toBe(false);
    expect(equal(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
  });
});

describe('form tokens', () => {
  const tokens = createFormTokens(createKeyRing([one]));

  it('are right for their own session only', () => {
    const token = tokens.of('session');
    expect(tokens.isRight(token, 'session')).toBe(true);
    expect(tokens.isRight(token, 'Session')).toBe(false);
    expect(tokens.isRight(token, '')).toBe(false);
  });

  it('show nothing of the session id and fit in a form', () => {
    expect(tokens.of('session')).toMatch(/^[\w-]{43}$/);
  });

  it('stay right while a key moves up in the ring, and wrong under keys that are not in it', () => {
    const token = tokens.of('session');
    expect(createFormTokens(createKeyRing([two, one])).isRight(token, 'session')).toBe(true);
    expect(createFormTokens(createKeyRing([two])).isRight(token, 'session')).toBe(false);
  });

  it('are nothing that one could make up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(tokens.isRight(text, 'session')).toBe(false);
      }),
    );
  });

  it('are wrong with any letter changed or missing', () => {
    const token = tokens.of('session');
    for (let at = 0; at < token.length - 1; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(tokens.isRight(token.slice(0, at) + other + token.slice(at + 1), 'session')).toBe(false);
      expect(tokens.isRight(token.slice(0, at), 'session')).toBe(false);
    }
  });
});
