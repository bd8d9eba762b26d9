import type { IncomingMessage } from 'node:http';
import { cookieOf, readCookie } from '../../lib/session/cookie';

const name = '__Host-2fa-browser-123456';

describe('A cookie of ours is read', () => {
  it.each([
    ['alone', `${name}=ours`],
    ['among others', `theme=dark; ${name}=ours; a=b`],
    ['without space between', `theme=dark;${name}=ours;a=b`],
    ['with space and tab around', `theme=dark; \t ${name} \t=\t ours \t; a=b`],
    ['beside one without a name', `${name}; =${name}; ${name}=ours`],
  ])('%s', (_how, header) => {
    expect(readCookie(header, name)).toBe('ours');
  });

  it('up to the end, whatever is in it', () => {
    expect(readCookie(`${name}=a=b c`, name)).toBe('a=b c');
    expect(readCookie(`${name}=`, name)).toBe('');
  });

  // What JavaScript trims as space and `\s` matches, and browsers take for letters of a name.
  it.each([
    '\u00a0',
    '\u000b',
    '\u000c',
    '\u0085',
    '\ufeff',
    '\u2003',
    '\u0000',
    Buffer.from('\u2003').toString('latin1'),
  ])('under no other name, be it by a space that is none: %j', (blank) => {
    for (const planted of [`${blank}${name}`, `${name}${blank}`, ` ${blank} ${name}`]) {
      expect(readCookie(`${planted}=planted`, name)).toBeNull();
      expect(readCookie(`${planted}=planted; ${name}=ours`, name)).toBe('ours');
    }
  });

  it.each(['x' + name, name.toLowerCase(), name.slice(1), `${name}x`, encodeURIComponent(`"${name}"`)])(
    'under no other name: %s',
    (other) => {
      expect(readCookie(`${other}=planted`, name)).toBeNull();
    },
  );

  it('not where there are two of one name, in whatever order: one of them was planted', () => {
    expect(readCookie(`${name}=ours; a=b; ${name}=planted`, name)).toBeNull();
    expect(readCookie(`${name}=planted;\t${name}=ours`, name)).toBeNull();
    expect(readCookie(`${name}=ours; ${name}=ours`, name)).toBeNull();
  });

  it('without looking at any letter again and again, however many blanks are sent', () => {
    const blanks = ' '.repeat(400_000);
    expect(readCookie(`${name}=${blanks}x; ${blanks}${name}y=${';'.repeat(1000)}${blanks}`, name)).toBe('x');
  });

  it('not of a request that has none', () => {
    const cookie = cookieOf(new URL('https://admin.example.com'), { name: 'x', seconds: 1, sameSite: 'Lax' });
    expect(cookie.read({ headers: {} } as IncomingMessage)).toBeNull();
  });
});
