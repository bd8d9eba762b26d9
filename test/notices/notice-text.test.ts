import type { StaffAction, Told } from '../../lib/account/account';
import type { RequestState } from '../../lib/account/recovery';
import { septets } from '../../lib/delivery/gsm7';
import { noticeMail, noticeSms, type NoticeLink } from '../../lib/notices/notice-text';
import en from '../../views/locales/en.json';
import { anItem, speech } from './an-item';

const names = Object.keys(en)
  .filter((key) => /^told\.[^.]+\.[^.]+\.subject$/.test(key))
  .map((key) => key.slice('told.'.length, -'.subject'.length));

const states: readonly RequestState[] = [
  'started',
  'contact_confirmed',
  'awaiting_evidence',
  'in_review',
  'more_info',
  'approved_waiting',
  'ready',
  'completed',
  'cancelled_by_owner',
  'withdrawn',
  'superseded_by_signin',
  'rejected',
  'expired',
  'on_hold',
];
const actions: readonly StaffAction[] = ['suspend', 'unlock', 'end_logins', 'live_code', 'live_code_used'];
/** Each thing there is to tell, in each way it can be. */
const everything: readonly Told[] = names.flatMap((name): Told[] => {
  const told: Told = { name, type: 'totp', label: 'My phone' };
  if (name === 'backup-code.used') return [9, 3, 1, 0].map((left) => ({ ...told, left }));
  if (name === 'tries.used-up')
    return [
      { ...told, lane: 'known' },
      { ...told, lane: 'others', last: true },
    ];
  if (name === 'recovery.changed')
    return states.map((state) => ({ name, reference: 'RA-ABCDEFGHJK', state, until: anItem().at }));
  if (name === 'recovery.rules-changed') return [{ name }, { name, until: anItem().at }];
  if (name === 'recovery.reminded') return [{ name, reference: 'RA-ABCDEFGHJK', until: anItem().at }];
  if (name === 'staff.acted') return actions.map((action) => ({ name, action }));
  return [told];
});
const languages = ['en', 'cs', 'he'];
const link = `https://admin.example.com/${'a-long-path/'.repeat(8)}2fa/object/${'x'.repeat(43)}`;
const objecting: NoticeLink = { leadsTo: 'object', url: link };

/** What a reader sees of the HTML. */
const seen = (html: string): string =>
  html
    .replace(/<title>.*<\/title>/, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll('&#34;', '"')
    .replaceAll('&amp;', '&');
const lines = (text: string): string[] => text.split(/\n+/).filter(Boolean);

describe('The mail of a notice', () => {
  it('says what, when, where and what to do', () => {
    const mail = noticeMail(speech, anItem(), null);
    expect(mail.subject).toBe('A sign-in method was added at WebAdmin');
    expect(lines(mail.text)).toEqual([
      'A sign-in method was added to your account at WebAdmin: “My phone” (Authenticator app). It can now be used to sign in.',
      'When: 24 November 2026 at 13:05 CET',
      'Where: Firefox on Windows, IP address 203.0.113.7',
      "If it was you, you don't need to do anything.",
      expect.stringMatching(/^If it wasn't you, open WebAdmin the way you always do, change your password/),
      'Reference: BCDFGHJK. A second message with the same letters is about the same event.',
    ]);
  });

  it('calls a factor that nobody named by its kind, once', () => {
    const told: Told[] = [{ name: 'factor.removed', type: 'totp', label: 'Authenticator app 2' }];
    expect(lines(noticeMail(speech, anItem({ told }), null).text)[0]).toBe(
      'A sign-in method was removed from your account at WebAdmin: Authenticator app 2. It can no longer be used to sign in.',
    );
  });

  it('says the same as HTML, in every language and of everything there is to tell', () => {
    for (const language of languages)
      for (const told of everything)
        for (const given of [null, objecting]) {
          const { text, html } = noticeMail(speech, anItem({ language, told: [told] }), given);
          expect(lines(seen(html))).toEqual(lines(text));
          expect(html).toContain(`<html lang="${language}" dir="${language === 'he' ? 'rtl' : 'ltr'}">`);
        }
    expect(everything.length).toBeGreaterThan(10);
  });

  it('never threatens, sets no date, and has no link but the one to object', () => {
    for (const told of everything) {
      const item = anItem({ told: [{ ...told, label: 'evil.com/login https://evil.com 123456' }] });
      const { subject, text, html } = noticeMail(speech, item, null);
      const all = [subject, text, html].join('\n');
      expect(all).not.toMatch(/https?:|www\.|href|<a|evil\.com|@|\/\//i);
      expect(all).not.toMatch(
        /\b(locked?|clos\w+|suspend\w*|delet\w+|expires?|urgent\w*|immediately|must)\b/i,
      );
      expect(all).not.toMatch(/within \d|until|before the|\d\d? hours|\d\d? days/i);
      expect(text).not.toMatch(/\d{5,}/);
      const withLink = noticeMail(speech, item, objecting);
      expect(withLink.text.match(/https?:\S+/g)).toEqual([link]);
      expect(withLink.html.match(/href="[^"]*"/g)).toEqual([`href="${link}"`]);
    }
  });

  it.each<[NonNullable<Told['state']>, string]>([
    ['started', 'Someone is asking for access to your account at WebAdmin'],
    ['approved_waiting', 'A request for access to your account at WebAdmin was approved'],
    ['completed', 'Access to your account at WebAdmin was given again'],
    ['rejected', 'A request for access to your account at WebAdmin has ended'],
  ])('says in its subject, and in a text message, what became of a request that is %s', (state, subject) => {
    const item = anItem({ told: [{ name: 'recovery.changed', reference: 'RA-ABCDEFGHJK', state }] });
    expect(noticeMail(speech, item, null).subject).toBe(subject);
    expect(noticeSms(speech, item, null)).toContain(`${subject}.`);
  });

  it('holds no link but ours in the words of a reviewer to whoever asks', () => {
    const text = [
      'See https://evil.example/x or www.evil.example, write to a@evil.example.',
      'evil。example ＠evil //evil.example',
      'Paid on 24.11.2026 at 10:30: 1.250,00 Kč.',
    ].join('\n');
    const told = [{ name: 'recovery.changed', reference: 'RA-ABCDEFGHJK', state: 'more_info' } as const];
    const item = anItem({ told, answers: true, reply: { because: 'invoice', text } });
    for (const language of languages) {
      const mail = noticeMail(speech, { ...item, language }, { leadsTo: 'status', url: link });
      for (const said of [mail.text, mail.html]) {
        const words = said.replaceAll(link, '');
        expect(words).not.toMatch(/:\/\/|[.。．]\p{L}|[@＠]\S/u);
        expect(words).toContain('Paid on 24.11.2026 at 10:30: 1.250,00 Kč.');
      }
    }
  });

  it('takes what a proxy passes on for no address unless it is one', () => {
    const where = (address: string | null, browser = anItem().from?.browser ?? null): string | undefined =>
      noticeMail(speech, anItem({ from: { browser, address } }), null)
        .text.split('\n')
        .find((line) => line.startsWith('Where'));
    expect(where('::ffff:203.0.113.7')).toBe('Where: Firefox on Windows, IP address 203.0.113.7');
    expect(where('2001:db8::7')).toBe('Where: Firefox on Windows, IP address 2001:db8::7');
    expect(where('call 0900 or see evil.com')).toBe('Where: Firefox on Windows');
    expect(where(null, null)).toBe("Where: a browser or app we don't recognise");
    expect(noticeMail(speech, anItem({ from: null }), null).text).toContain(
      'Where: at WebAdmin, not in a browser of yours.',
    );
  });

  it('tells in one mail what belongs to one change', () => {
    const told: Told[] = [{ name: 'backup-code.used', left: 2 }, { name: 'browser.new' }];
    const { subject, text } = noticeMail(speech, anItem({ told }), null);
    expect(subject).toBe('A backup code was used at WebAdmin');
    expect(lines(text).slice(0, 3)).toEqual([
      'A backup code for your account at WebAdmin was used. There are 2 left.',
      'You can make new ones under “Security and login”.',
      expect.stringMatching(/from a browser that hadn't been used for it before/),
    ]);
  });
});

describe('A notice as a text message', () => {
  it('fits into one, in every language and with any name of an app, and says what to do if there is room', () => {
    const appNames = [
      'WebAdmin',
      'W',
      'Příliš žluťoučký kůň úpěl ďábelské ódy, s. r. o. — Łódź & Zürich',
      '管理',
    ];
    for (const appName of appNames)
      for (const language of languages)
        for (const told of everything) {
          const text = noticeSms({ ...speech, appName }, anItem({ language, told: [told] }), null);
          expect(septets(text)).toBeLessThanOrEqual(160);
          expect(text).toMatch(/\nBCDFGHJK$/);
        }
    expect(noticeSms(speech, anItem(), null)).toBe(
      "A sign-in method was added at WebAdmin. If it wasn't you, open WebAdmin as usual and change your password.\nBCDFGHJK",
    );
  });
});
