import { firstLetterOf, maskName } from '../../lib/pages/mask';

describe('the masked name of a user', () => {
  it.each([
    ['anna@example.com', 'a•••@example.com'],
    ['demo', 'd•••'],
    ['a', 'a•••'],
    ['a@b', 'a•••@b'],
    ['a@b@example.com', 'a•••@example.com'],
    ['@anna', '@•••'],
    ['  anna ', 'a•••'],
    ['宮腰', '宮•••'],
    ['Hervé', 'H•••'],
    ['e\u0301va@example.com', 'e\u0301•••@example.com'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧•••'],
    ['أحمد', 'أ•••'],
    ['', '•••'],
    ['   ', '•••'],
  ])('keeps one letter of %j, and where mail goes', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });

  it('has no direction tricks in it', () => {
    expect(maskName('\u202Emoc.elpmaxe@anna')).toBe('m•••@anna');
    expect(maskName('anna@exam\u2066ple.com')).toBe('a•••@example.com');
  });

  it('shows no domain that cannot be one', () => {
    expect(maskName(`anna@${'x'.repeat(300)}`)).toBe('a•••');
  });

  it('begins with a whole letter', () => {
    expect(firstLetterOf('🇨🇿 cs')).toBe('🇨🇿');
    expect(firstLetterOf('')).toBe('');
  });
});
