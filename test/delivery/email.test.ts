import fc from 'fast-check';
import { readEmail } from '../../lib/delivery/email';
import { invisible } from './invisible';

const read = (input: unknown) => {
  const result = readEmail(input);
  return result.ok ? result.email.address : result.reason;
};
const keyOf = (input: unknown) => {
  const result = readEmail(input);
  return result.ok ? result.email.key : result.reason;
};

const mailboxOf = (input: unknown) => {
  const result = readEmail(input);
  return result.ok ? result.email.mailbox : result.reason;
};
const longest = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.org`;

describe('an e-mail address', () => {
  it.each([
    ['a+b@x.org', 'a+b@x.org', 'a+b@x.org', 'a@x.org'],
    ["O'Neil@X.ORG", "O'Neil@x.org", "o'neil@x.org", "o'neil@x.org"],
    [longest, longest, longest, longest],
  ])(
    'involveMINT/iMPublic #309, supabase/auth PR #714: %s is sent to as it is',
    (typed, address, key, mailbox) => {
      expect(readEmail(typed)).toEqual({ ok: true, email: { address, key, mailbox } });
    },
  );

  it.each([
    ['a@x.org', ['a+1@x.org', 'a+2@x.org', 'A+b+c@X.org', 'a+@x.org']],
    ['ab@gmail.com', ['a.b@gmail.com', 'A.B+1@Gmail.com', 'ab@googlemail.com', 'a.b+c.d@googlemail.com']],
  ])('of %s is counted as one mailbox in its other spellings, and stays itself', (mailbox, spellings) => {
    for (const spelling of spellings) expect(mailboxOf(spelling)).toBe(mailbox);
    expect(new Set(spellings.map(read)).size).toBe(spellings.length);
    expect(new Set(spellings.map(keyOf)).size).toBe(spellings.length);
  });

  it.each([
    ['a.b@x.org', 'ab@x.org'],
    ['ab@mail.gmail.com', 'a.b@mail.gmail.com'],
    ['ab@gmail.com', 'ab@gmail.co'],
    ['+a@x.org', '+b@x.org'],
    ['a@x.org', 'a@y.org'],
  ])('of %s is counted as another mailbox than %s', (one, other) => {
    expect(mailboxOf(one)).not.toBe(mailboxOf(other));
  });

  it('involveMINT/iMPublic #309: is one to compare, in whatever case it was typed', () => {
    expect(keyOf("O'NEIL@x.org")).toBe(keyOf("o'neil@X.Org"));
    expect(keyOf('a+b@x.org')).not.toBe(keyOf('a@x.org'));
    expect(keyOf('a.b@x.org')).not.toBe(keyOf('ab@x.org'));
  });

  it('dani-garcia/vaultwarden #829, keycloak/keycloak-ui #1994: is of the domain it names, by IDNA 2008', () => {
    expect(read('a@straße.example')).toBe('a@xn--strae-oqa.example');
    expect(read('a@STRAẞE.example')).toBe('a@xn--strae-oqa.example');
    expect(read('a@strasse.example')).toBe('a@strasse.example');
    expect(read('a@müller.example')).toBe('a@xn--mller-kva.example');
    expect(read('a@mu\u0308ller.example')).toBe('a@xn--mller-kva.example');
    expect(read('a@MÜLLER.example')).toBe('a@xn--mller-kva.example');
    expect(read('a@xn--mller-kva.example')).toBe('a@xn--mller-kva.example');
    expect(read('a@XN--MLLER-KVA.example')).toBe('a@xn--mller-kva.example');
  });

  it('fedora-infra/fmn #21: has a mailbox of ASCII letters, and says so where it has not', () => {
    expect(read('ü@x.org')).toBe('email_mailbox');
    expect(read('用户@x.org')).toBe('email_mailbox');
  });

  it('GitHub 2019, the Turkish ı of a password reset: no letter becomes another with its case', () => {
    expect(read('mıke@example.org')).toBe('email_mailbox');
    expect(read('MİKE@example.org')).toBe('email_mailbox');
    expect(read('mike@gıthub.com')).toBe('mike@xn--gthub-n4a.com');
    expect(read('mike@GİTHUB.com')).toBe('email_domain');
    expect(read('mike@lin\u212aed.com')).toBe('email_domain');
    expect(read('mi\u212ae@example.org')).toBe('email_mailbox');
    expect(read('mike@u\u017fer.com')).toBe('email_domain');
    expect(read('mi\u017fe@example.org')).toBe('email_mailbox');
  });

  it('mailbox@exаmple.com with a Cyrillic а is another address, and looks it', () => {
    expect(read('mailbox@ex\u0430mple.com')).toBe('mailbox@xn--exmple-4nf.com');
    expect(read('m\u0430ilbox@example.com')).toBe('email_mailbox');
  });

  it.each(['\u2102.com', 'o\ufb03ce.com', 'x\u00b2.com', '\u2460.com', '\u03d0.gr', 'ex\u00adample.com'])(
    'has no domain that is folded into another: %j',
    (domain) => {
      expect(read(`a@${domain}`)).toBe('email_domain');
    },
  );

  it.each(invisible)(
    'verbb/hyper #86: U+%s is cleaned away at its ends, and refused within',
    (_point, mark) => {
      expect(read(`${mark}anna@example.com${mark} \n`)).toBe('anna@example.com');
      expect(read(`an${mark}na@example.com`)).toBe('email_mailbox');
      expect(read(`anna${mark}@example.com`)).toBe('email_mailbox');
      expect(read(`anna@exa${mark}mple.com`)).toBe('email_domain');
      expect(read(`anna@${mark}example.com`)).toBe('email_domain');
      expect(read(`anna@example.${mark}com`)).toBe('email_domain');
    },
  );

  it.each([
    ['anna@ｅｘａｍｐｌｅ。ｃｏｍ', 'anna@example.com'],
    ['anna@ｍüｌｌｅｒ－１．ｅｘａｍｐｌｅ', 'anna@xn--mller-1-n2a.example'],
    ['a@日本。jp', 'a@xn--wgv71a.jp'],
    ['a@l·l.cat', 'a@xn--ll-0ea.cat'],
    ['a@क्\u200dष.example', 'a@xn--11b2ezcw70k.example'],
    ['a@παράδειγμα.δοκιμή', 'a@xn--hxajbheg2az3al.xn--jxalpdlp'],
    ['a@ΠΑΡΆΔΕΙΓΜΑ.ΔΟΚΙΜΉ', 'a@xn--hxajbheg2az3al.xn--jxalpdlp'],
    ["!#$%&'*+/=?^_`{|}~-@x.org", "!#$%&'*+/=?^_`{|}~-@x.org"],
    ['a@a-b.1x.co.uk', 'a@a-b.1x.co.uk'],
    ['a@1.com', 'a@1.com'],
  ])('is read from %s', (typed, address) => {
    expect(read(typed)).toBe(address);
  });

  it.each<[unknown, string]>([
    ['', 'email_empty'],
    [' \u200b ', 'email_empty'],
    [undefined, 'email_empty'],
    [['anna@example.com'], 'email_empty'],
    [{ toString: () => 'anna@example.com' }, 'email_empty'],
    ['anna', 'email_form'],
    ['@example.com', 'email_form'],
    ['anna@', 'email_form'],
    ['anna@example.com@evil.com', 'email_form'],
    ['anna@example.com,eve@evil.com', 'email_form'],
    ['anna,eve@example.com', 'email_mailbox'],
    ['"anna b"@example.com', 'email_mailbox'],
    ['anna(comment)@example.com', 'email_mailbox'],
    ['Anna <anna@example.com>', 'email_mailbox'],
    ['anna b@example.com', 'email_mailbox'],
    ['anna%40evil.com@example.com', 'anna%40evil.com@example.com'],
    ['.anna@example.com', 'email_mailbox'],
    ['anna.@example.com', 'email_mailbox'],
    ['an..na@example.com', 'email_mailbox'],
    ['anna\r\nBcc: eve@example.com', 'email_mailbox'],
    ['anna@example.com\r\nBcc: eve', 'email_domain'],
    ['an\u0000na@example.com', 'email_mailbox'],
    ['anna\u007f@example.com', 'email_mailbox'],
    ['anna＠example.com', 'email_form'],
    ['anna@example', 'email_domain'],
    ['anna@localhost', 'email_domain'],
    ['anna@example.com.', 'email_domain'],
    ['anna@.example.com', 'email_domain'],
    ['anna@example..com', 'email_domain'],
    ['anna@exam ple.com', 'email_domain'],
    ['anna@exam_ple.com', 'email_domain'],
    ['anna@-example.com', 'email_domain'],
    ['anna@example-.com', 'email_domain'],
    ['anna@ab--cd.com', 'email_domain'],
    ['anna@[127.0.0.1]', 'email_domain'],
    ['anna@127.0.0.1', 'email_domain'],
    ['anna@0x7f.1', 'email_domain'],
    ['anna@[IPv6:::1]', 'email_domain'],
    ['anna@example.com:25', 'email_domain'],
    ['anna@example.com/x', 'email_domain'],
    ['anna@ex%61mple.com', 'email_domain'],
    ['anna@example.com／x', 'email_domain'],
    ['anna@😀.example', 'email_domain'],
    ['anna@xn--e28h.example', 'email_domain'],
    ['anna@☃.net', 'email_domain'],
    ['anna@xn--.com', 'email_domain'],
    ['anna@xn--a.com', 'email_domain'],
    ['anna@xn--example-.com', 'email_domain'],
    ['anna@xn--zzzzzz999.com', 'email_domain'],
    ['anna@a·b.com', 'email_domain'],
    ['anna@example.c', 'email_domain'],
    [`${'a'.repeat(65)}@x.org`, 'email_long'],
    [`a@${'b'.repeat(64)}.org`, 'email_domain'],
    [`${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(58)}.org`, 'email_long'],
    ['a'.repeat(100_000), 'email_long'],
  ])('%j gives %s', (typed, result) => {
    expect(read(typed)).toBe(result);
  });

  it('is refused as malformed, with its field', () => {
    expect(readEmail('anna')).toEqual({
      ok: false,
      code: 'malformed',
      field: 'address',
      reason: 'email_form',
    });
  });

  it('stays what it is when it is read again, and is ASCII without anything a header could break at', () => {
    const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    const letters = fc.stringMatching(/^[a-zß-ÿа-яα-ω]{1,12}$/);
    const domain = fc.tuple(fc.oneof(label, letters), fc.oneof(label, fc.constant('com')));
    const mailbox = fc.oneof(fc.stringMatching(/^[\w.+-]{1,20}$/), label);
    let valid = 0;
    fc.assert(
      fc.property(mailbox, domain, (box, [name, top]) => {
        const first = readEmail(`${box}@${name}.${top}`);
        if (!first.ok) return;
        valid += 1;
        expect(readEmail(first.email.address)).toEqual(first);
        expect(keyOf(first.email.key)).toBe(first.email.key);
        expect(first.email.address).toMatch(/^[!-~]+@[a-z\d.-]+$/);
      }),
      { numRuns: 1500 },
    );
    expect(valid).toBeGreaterThan(100);
  });

  it('is read or refused, and nothing is thrown, whatever was sent', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string({ unit: 'binary' }), (value, text) => {
        expect(typeof read(value)).toBe('string');
        expect(typeof read(`a@${text}`)).toBe('string');
      }),
    );
  });
});
