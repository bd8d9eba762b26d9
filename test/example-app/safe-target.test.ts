import { safeTarget } from '../../example-app/safe-target';

const ORIGIN = 'https://admin.example.com';

describe('where the example app goes after signing in', () => {
  it.each(['/', '/billing', '/account?tab=2#password', '/a%2F%2Fb', '/search?q=https://x.com'])(
    'may be %s',
    (to) => {
      expect(safeTarget(to, ORIGIN)).toBe(to);
    },
  );

  it.each([
    'https://evil.com/',
    '//evil.com',
    '/\\evil.com',
    '\\\\evil.com',
    '/\t/evil.com',
    '/.//evil.com',
    '/..//evil.com',
    'javascript:alert(1)',
    'billing',
    '',
    `/${'a'.repeat(2_000)}`,
    ['/billing'],
    { toString: '/billing' },
    undefined,
  ])('is never %p', (to) => {
    expect(safeTarget(to, ORIGIN)).toBeUndefined();
  });
});
