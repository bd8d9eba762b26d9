import type { UserId } from '../../lib/account/account';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createLinks } from '../../lib/crypto/links';
import { createSeal } from '../../lib/crypto/seal';
import { septets } from '../../lib/delivery/gsm7';
import { smsWithLink } from '../../lib/delivery/sms-link';
import { createCatalogue } from '../../lib/pages/catalogue';
import { rightToLeftTexts } from '../support/pseudo-locale';

const texts = createCatalogue({ he: rightToLeftTexts });
const KEYS = ['told.cancel_sms', 'answer.sms', 'link.sms'] as const;
const LANGUAGES = ['en', 'cs', 'he'];

const links = createLinks(createSeal(createKeyRing(['11'.repeat(32)])));
const token = links.make('cancel', { userId: '65f0a1b2c3d4e5f60718293a' as UserId, id: 'BCDFGHJKMNPRSTVW' });
const usual = `https://admin.example.com/2fa/lost/cancel/${token}`;
const long = `https://a-very-long-subdomain.of.a.hosting-company.example/some/deep/mount/2fa/lost/cancel/${token}`;

const partsOf = (text: string): number => {
  const length = septets(text) ?? Infinity;
  return length <= 160 ? 1 : Math.ceil(length / 153);
};
const written = (appName: string, url: string): string[] =>
  LANGUAGES.flatMap((lang) => KEYS.map((key) => smsWithLink(texts, lang, key, { appName, url })));

describe('A text message with a link', () => {
  it.each(['WebAdmin', 'W', 'Příliš žluťoučký kůň úpěl ďábelské ódy, s. r. o. — Łódź', '管理', '{app}'])(
    'has it whole on its last line and takes three messages at most, whatever the app is called: %s',
    (appName) => {
      for (const url of [usual, long])
        for (const text of written(appName, url)) {
          expect(text.split('\n').slice(1)).toEqual([url]);
          expect(partsOf(text)).toBeLessThanOrEqual(3);
        }
    },
  );

  it('takes two messages where the address of the site is not long', () => {
    const kinds = ['told.cancel_sms', 'answer.sms'] as const;
    for (const lang of LANGUAGES)
      for (const key of kinds)
        for (const appName of [
          'WebAdmin',
          'The Extraordinarily Long Name of a Hosting Company & Its Friends',
        ])
          expect(partsOf(smsWithLink(texts, lang, key, { appName, url: usual }))).toBe(2);
  });

  it('begins with the name of the app, cut where that saves a message', () => {
    const cut = smsWithLink(texts, 'en', 'told.cancel_sms', {
      appName: 'The Extraordinarily Long Name of a Hosting Company',
      url: usual,
    });
    expect(cut).toMatch(
      /^The Extraordinarily [\w ]*: someone is asking for access to your account\. Not you\? Stop it:\n/,
    );
    const nameless = smsWithLink(texts, 'en', 'told.cancel_sms', { appName: '管理', url: usual });
    expect(nameless).toMatch(/^someone is asking/);
  });

  it('is in English if the language has letters that text messages lack', () => {
    const text = (lang: string) =>
      smsWithLink(texts, lang, 'answer.sms', { appName: 'WebAdmin', url: usual });
    expect(text('he')).toBe(text('en'));
    expect(text('cs')).toMatch(/^WebAdmin: novinka k vasi zadosti/);
  });
});
