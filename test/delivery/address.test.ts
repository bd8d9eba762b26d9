import fc from 'fast-check';
import { hintOf } from '../../lib/delivery/address';

describe('the mask of an address that codes go to', () => {
  it.each([
    ['+420603123489', '•••••••89'],
    ['+6581234567', '•••••••67'],
    ['+5491123456700', '•••••••00'],
  ])('check 15: is two digits of %s', (e164, masked) => {
    expect(hintOf('sms', e164)).toBe(masked);
  });

  it.each([
    ['anna@example.com', 'a•••@e•••.com'],
    ['a@e.com', 'a•••@e•••.com'],
    ["O'Neil@mail.example.co.uk", 'O•••@m•••.uk'],
    ['a@xn--mller-kva.example', 'a•••@m•••.example'],
    ['a@xn--e1afmkfd.xn--p1ai', 'a•••@п•••.рф'],
  ])('check 15: is two letters of %s and where it ends', (address, masked) => {
    expect(hintOf('email', address)).toBe(masked);
  });

  it('tells nothing of the length of what it hides', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (one, other) => {
        const email = `a${'x'.repeat(one)}@e${'y'.repeat(other)}.com`;
        expect(hintOf('email', email)).toBe('a•••@e•••.com');
        expect(hintOf('sms', `+420${'1'.repeat(one)}89`)).toBe('•••••••89');
      }),
    );
  });
});
