import { meantDomain } from '../../lib/delivery/mail-domain';

describe('The mail host that was meant', () => {
  it.each([
    ['gmial.com', 'gmail.com'],
    ['gmai.com', 'gmail.com'],
    ['gmaill.com', 'gmail.com'],
    ['gnail.com', 'gmail.com'],
    ['gmail.con', 'gmail.com'],
    ['gmail.cm', 'gmail.com'],
    ['gamil.co', 'gmail.com'],
    ['hotmial.com', 'hotmail.com'],
    ['hotnail.com', 'hotmail.com'],
    ['outlok.com', 'outlook.com'],
    ['yaho.com', 'yahoo.com'],
    ['iclould.com', 'icloud.com'],
    ['protonmial.com', 'protonmail.com'],
    ['sezman.cz', 'seznam.cz'],
    ['senzam.cz', 'seznam.cz'],
  ])('by %s is %s', (typed, meant) => {
    expect(meantDomain(typed)).toBe(meant);
  });

  it.each([
    'gmail.com',
    'mail.com',
    'ymail.com',
    'email.cz',
    'hotmail.cz',
    'outlook.de',
    'yahoo.co.uk',
    'post.at',
    'me.com',
    'ok.de',
    'example.com',
    'admin.example.com',
    'xn--mller-kva.example',
    `${'a'.repeat(240)}.com`,
  ])('by %s is itself', (typed) => {
    expect(meantDomain(typed)).toBeNull();
  });
});
