import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import en from '../../views/locales/en.json';
import { createRenderer } from '../../lib/pages/render';
import type { Notice } from '../../lib/pages/notice';
import type { FormError, PageFrame, SecurityView, StepView } from '../../lib/pages/views';
import { noBrand, viewSamples, type Sample } from '../support/view-samples';

const renderer = createRenderer({ appName: 'WebAdmin' });
const frame: PageFrame = {
  lang: 'en',
  timeZone: 'Europe/Prague',
  base: '/app/2fa',
  homeUrl: '/app/',
  helpUrl: '/help',
  lostUrl: '/2fa/lost',
  formToken: 'the-form-token',
  appField: null,
  userName: null,
  request: null,
  brand: noBrand,
};

let samples: Readonly<Record<string, Sample>> = {};
beforeAll(async () => {
  samples = await viewSamples();
});

function show(name: string, more: Partial<PageFrame> = {}, data: object = {}): string {
  const sample = samples[name];
  if (sample === undefined) throw new Error(`there is no sample ${name}`);
  const { request = null } = sample;
  return renderer.html(sample.view, { ...sample.data, ...data }, { ...frame, request, ...more });
}
const showAll = () => Object.keys(samples).map((name) => [name, show(name)] as const);
const wordsOf = (html: string) =>
  html
    .replace(/<(script|title)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
    .replace(/ ([.,])/g, '$1');
const inputsOf = (html: string) => html.match(/<input(?! type="hidden")[^>]*>/g) ?? [];
const stepWith = (error: FormError, type: StepView['type'] = 'totp') =>
  wordsOf(show(type === 'totp' ? 'step' : 'step-backup', {}, { error }));

describe('every page', () => {
  it('check 47: has nothing inline that a strict Content-Security-Policy would refuse', () => {
    for (const [name, html] of showAll()) {
      expect([name, html.match(/\sstyle=|\son[a-z]+=|<style|javascript:|data:/gi)]).toEqual([name, null]);
      expect([name, (html.match(/<script[^>]*>/g) ?? []).every((tag) => tag.includes(' src='))]).toEqual([
        name,
        true,
      ]);
    }
  });

  it('check 40: has one h1, its language, its direction and a title that says task and app', () => {
    for (const [name, html] of showAll()) {
      expect([name, html.match(/<h1/g)?.length]).toEqual([name, 1]);
      expect([name, html]).toEqual([
        name,
        expect.stringMatching(/^<!doctype html>\s*<html lang="en" dir="ltr">/),
      ]);
      expect([name, html]).toEqual([name, expect.stringMatching(/<title>[^<]{3,} – WebAdmin<\/title>/)]);
    }
  });

  it('check 40: has one main part, to which its first link leads', () => {
    for (const [name, html] of showAll()) {
      expect([name, html.match(/<main id="main"/g)?.length]).toEqual([name, 1]);
      expect([name, html]).toEqual([name, expect.stringMatching(/<body>\s*<a class="skip" href="#main">/)]);
    }
  });

  it('check 45: has no table, which would not fit on a phone', () => {
    for (const [name, html] of showAll()) expect([name, html.includes('<table')]).toEqual([name, false]);
  });

  it('check 53: shows no value that is missing', () => {
    for (const [name, html] of showAll()) {
      expect([name, html.match(/undefined|\[object|NaN|Invalid Date|\{\w+\}/g)]).toEqual([name, null]);
    }
  });

  it('posts its forms without the browser judging what is typed, and with the token', () => {
    const forms = showAll().flatMap(([name, html]) =>
      (html.match(/<form[\s\S]*?<\/form>/g) ?? []).map((form) => [name, form] as const),
    );
    expect(forms.length).toBeGreaterThan(40);
    // What only picks something to look at stands in the address, where no token may be.
    const picking = forms.filter(([, form]) => form.includes(' method="get"'));
    expect(picking.filter(([, form]) => form.includes('type="hidden"'))).toEqual([]);
    for (const [name, form] of forms.filter((one) => !picking.includes(one))) {
      expect([name, form]).toEqual([
        name,
        expect.stringMatching(/^<form[^>]* method="post"[^>]* novalidate/),
      ]);
      expect([name, form]).toEqual([
        name,
        expect.stringContaining('name="form_token" value="the-form-token"'),
      ]);
    }
  });

  it('carries what the app asks for in every form, and no token where there is no login', () => {
    const html = show('step', { appField: { name: '_csrf', value: 'a"b' }, formToken: '' });
    expect(html.match(/<input type="hidden" name="_csrf" value="a&#34;b" data-csrf>/g)).toHaveLength(2);
    expect(html).not.toContain('form_token');
  });

  it('links its files, home and help where the app is mounted', () => {
    const html = show('step');
    expect(html).toContain(`href="${renderer.assets.url('/app/2fa', 'style.css')}"`);
    expect(html).toContain('class="brand" href="/app/"');
    expect(html).toContain('class="aside" href="/help"');
  });

  it('has one stylesheet and one script, another of each for what is not a step, and no script for paper', () => {
    const files = (html: string) => [...html.matchAll(/assets\/([\w.]+)\?v=/g)].map(([, name]) => name);
    const found = new Map(showAll().map(([name, html]) => [name, files(html).join(' ')]));
    const having = (wanted: string) => [...found].flatMap(([name, its]) => (its === wanted ? [name] : []));
    expect(having('style.css script.js')).toEqual(
      expect.arrayContaining(['step', 'step-backup', 'choose', 'sms', 'email', 'locked']),
    );
    expect(having('style.css keys.js')).toEqual([
      'key-remember',
      'key',
      'key-alone',
      'key-wrong',
      'offer-key',
    ]);
    expect(having('style.css security.css keys.js security.js')).toEqual([
      'enrol-key',
      'enrol-key-another',
      'enrol-key-there',
      'security-keys',
    ]);
    // A step shows who asks for access to the account only to people who are signed in already.
    expect(having('style.css security.css script.js')).toEqual(['confirm-request']);
    found.delete('confirm-request');
    const others = [...found.values()].filter((its) => !/^style\.css (?:script|keys)\.js$/.test(its));
    expect(new Set(others.map((its) => its.replace('keys.js', 'script.js')))).toEqual(
      new Set(['style.css security.css script.js security.js', 'form.css']),
    );
  });

  it('offers help for lost access only if there is some', () => {
    expect(show('step')).toContain('Lost access to everything?');
    expect(show('step', { helpUrl: null, lostUrl: null })).not.toMatch(/Lost access|>Help</);
  });

  it('says at the top who is signed in', () => {
    expect(show('security', { userName: 'anna' })).toMatch(/class="user"[^>]*>[\s\S]*?<bdi>anna<\/bdi><\/a>/);
    expect(show('step')).not.toContain('class="user"');
  });

  it('check 6: begins with what went wrong, in the focus, and says so in its title', () => {
    for (const name of ['step-wrong', 'step-backup-used', 'enrol-wrong', 'codes-wrong', 'factor-duplicate']) {
      const html = show(name);
      expect(html).toMatch(/<title>Error: /);
      const main = html.slice(html.indexOf('<main'));
      expect(main.indexOf('role="alert"')).toBeLessThan(main.indexOf('<h1'));
      expect(main).toMatch(/<div class="problem" role="alert" tabindex="-1" autofocus/);
      expect(html.match(/autofocus/g)).toHaveLength(1);
      const field = /<a href="#(\w+)">/.exec(main)?.[1] ?? '';
      expect(main).toMatch(
        new RegExp(
          `<input[^>]* id="${field}"[^>]*aria-describedby="${field}-problem[^"]*"[^>]*aria-invalid="true"`,
        ),
      );
    }
  });

  it('escapes whatever people and apps are called', () => {
    const name = `"><img src=x onerror=alert(1)>'&<%= 1 %>`;
    // What picks a text is a word of ours.
    const isWord = (value: string): boolean =>
      Object.keys(en).some((key) => `${key}.`.includes(`.${value}.`));
    const isEvent = (value: string): boolean => /^[a-z-]+\.[a-z_]+$/.test(value);
    const evil = createRenderer({ appName: name });
    for (const { view, data } of Object.values(samples)) {
      const named = JSON.parse(
        JSON.stringify(data, (key, value: unknown) =>
          typeof value === 'string' &&
          !['qr', 'code', 'type', 'text', 'mode', 'field', 'paper'].includes(key) &&
          !isEvent(value) &&
          !isWord(value)
            ? name
            : value,
        ),
      ) as never;
      const html = evil.html(view, named, {
        ...frame,
        homeUrl: name,
        helpUrl: name,
        formToken: name,
        userName: name,
      });
      expect(html).not.toContain('<img');
    }
  });

  it('keeps the direction of a name to itself', () => {
    const html = show('factor', {}, { factor: { ...factorOf('factor'), label: 'evil\u202Egnp.exe' } });
    expect(html).toContain('<bdi>evilgnp.exe</bdi>');
    expect(html).not.toContain('\u202E');
  });
});

function factorOf(name: string): object {
  const sample = samples[name];
  if (sample?.view !== 'factor') throw new Error(`${name} is no factor`);
  return sample.data.factor;
}

describe('the step page', () => {
  it('check 1: has one field for six digits that takes whatever is pasted', () => {
    const [field, ...others] = inputsOf(show('step'));
    expect(others).toEqual([]);
    for (const attribute of [
      'type="text"',
      'inputmode="numeric"',
      'autocomplete="one-time-code"',
      'autocapitalize="off"',
      'spellcheck="false"',
      'dir="ltr"',
      'autofocus',
    ]) {
      expect(field).toContain(attribute);
    }
    expect(field).not.toMatch(/maxlength|pattern|placeholder|required|value=/);
  });

  it.each(['step-backup', 'codes'])('has a text keyboard and room for a backup code: %s', (name) => {
    const field = inputsOf(show(name)).find((input) => input.includes('name="code"'));
    expect(field).toContain('type="text"');
    expect(field).toContain('autocomplete="off"');
    expect(field).toContain('autocapitalize="off"');
    expect(field).not.toMatch(/inputmode|maxlength|pattern|one-time-code/);
  });

  it('check 7: says in four ways what is wrong with what was typed', () => {
    for (const type of ['totp', 'backup-code'] as const) {
      const texts = ['code_empty', 'code_letters', 'code_short', 'code_long'].map((code) =>
        stepWith({ code, field: 'code' }, type),
      );
      expect(new Set(texts).size).toBe(4);
      for (const text of texts) expect(text).not.toMatch(/invalid/i);
    }
  });

  it('check 9: tells how many tries are left from the third failure on', () => {
    const at = (triesLeft: number) => stepWith({ code: 'wrong_code', field: 'code', triesLeft });
    expect(at(4)).not.toMatch(/tr(y|ies) left/);
    expect(at(3)).not.toMatch(/tr(y|ies) left/);
    expect(at(2)).toContain('2 tries left.');
    expect(at(1)).toContain('1 try left.');
  });

  it('check 8: tells a used code and a slow clock from a wrong one', () => {
    const text = (code: string) => stepWith({ code, field: 'code' });
    expect(text('wrong_code')).toContain(
      "That code isn't right. Check that it's the latest one in your app.",
    );
    expect(text('code_used')).toContain('That code has already been used. Wait for the next code.');
    expect(text('clock_off')).toContain("your phone's clock seems to be slow");
  });

  it('has a text for a code that it does not know', () => {
    expect(stepWith({ code: '__proto__', field: 'code' })).toContain('Something went wrong.');
  });

  it('shows the time of the server with its zone', () => {
    expect(show('step-two-left')).toContain(
      '<time datetime="2026-11-24T14:20:00.000Z" data-time="clock">15:20:00 CET</time>',
    );
  });

  it('ends a half login by a form, and a step-up by a link that leaves the user signed in', () => {
    expect(show('step')).toMatch(
      /<form method="post" action="\/2fa\/cancel" novalidate>[\s\S]*?Cancel and sign out/,
    );
    const confirm = show('step-confirm', {}, { to: '/billing' });
    expect(confirm).not.toContain('/2fa/cancel');
    expect(confirm).toContain('<a href="/app/">Cancel</a>');
    expect(show('step-confirm', {}, { to: '/app/2fa/security/totp' })).toContain(
      '<a href="/app/2fa/security">Cancel</a>',
    );
  });

  it('keeps where it leads, through the code and through the way out', () => {
    expect(show('step').match(/<input type="hidden" name="to" value="\/billing\?month=3">/g)).toHaveLength(2);
  });
});

describe('the times of all pages', () => {
  it.each(['en', 'cs'])('say their zone: %s', (lang) => {
    const times = Object.keys(samples)
      .flatMap((name) => [...show(name, { lang }).matchAll(/<time [^>]*>([^<]*)<\/time>/g)])
      .filter(([tag]) => !tag.includes('data-time="date"'));
    expect(times.length).toBeGreaterThan(10);
    expect(times.filter(([, text = '']) => !/ (?:CET|SEČ|GMT\+1)$/.test(text))).toEqual([]);
  });
});

describe('a code that is sent', () => {
  const buttonsOf = (html: string) => html.match(/<button[^>]*name="factorId"[^>]*>/g) ?? [];

  it('is sent by a form alone, to an address that is masked, and is asked for only then', () => {
    const html = show('sms-unsent');
    expect(wordsOf(html)).toContain('We can text a code to •••••••89.');
    expect(html).toMatch(
      /<form method="post" action="\/2fa\/otp-sms\/send" novalidate>[\s\S]*?name="to" value="\/billing\?month=3"[\s\S]*?name="factorId" value="f4"/,
    );
    expect(inputsOf(html)).toEqual([]);
    expect(html).not.toMatch(/<a [^>]*\/send/);
  });

  it('can go to any of several phones, at first and again', () => {
    expect(buttonsOf(show('sms-which')).map((tag) => /value="(\w+)"/.exec(tag)?.[1])).toEqual(['f4', 'f5']);
    expect(buttonsOf(show('sms-two-phones'))).toHaveLength(2);
    // Of the code, of another code, and of the way out.
    expect(show('sms').match(/name="to" value="\/billing\?month=3"/g)).toHaveLength(3);
    expect(wordsOf(show('sms-two-phones'))).toContain('Send a new code to Mobile ( •••••••89 )');
  });

  it('says where it went, until when it works and from when there is another, with the zone', () => {
    const text = wordsOf(show('sms'));
    expect(text).toContain('We sent a code to •••••••89. It works until 15:25 CET.');
    expect(text).toContain('You can ask for a new code from 15:20:30 CET.');
    expect(wordsOf(show('sms-again'))).not.toContain('You can ask for a new code');
  });

  it.each(['sms', 'sms-two-phones', 'email'])(
    'has a button that is never disabled, and other ways: %s',
    (name) => {
      const html = show(name);
      expect(buttonsOf(html).length).toBeGreaterThan(0);
      expect(html).not.toMatch(/\sdisabled|aria-disabled/);
      expect(html).toContain('href="/2fa/choose?to=%2Fbilling"');
    },
  );

  it('says which codes are shut, and what is left', () => {
    expect(wordsOf(show('choose-shut'))).toContain("Codes by e-mail can't be used right now.");
    expect(wordsOf(show('choose-shut'))).not.toContain('backup codes left');
    expect(wordsOf(show('choose-shut-none'))).toContain("You haven't set up another way");
    expect(wordsOf(show('choose-shut-none'))).toContain('Lost access to everything?');
    expect(wordsOf(show('choose-shut-none'))).not.toContain('try again later');
    expect(wordsOf(show('choose-stopped'))).toContain('was stopped by the link in one of our messages');
    for (const name of ['choose-none', 'choose-stopped'])
      expect(wordsOf(show(name))).toContain('Get in another way');
    expect(wordsOf(show('step-backup-shut'))).toContain('You can use one of your backup codes.');
    for (const name of ['step', 'sms', 'choose', 'choose-none'])
      expect([name, wordsOf(show(name)).includes('be used right now')]).toEqual([name, false]);
  });

  it('asks the browser for the code of a text message, and of nothing else', () => {
    const [field] = inputsOf(show('sms'));
    expect(field).toMatch(/inputmode="numeric" autocomplete="one-time-code" dir="ltr" data-from-message/);
    for (const name of ['step', 'email', 'enrol', 'enrol-mailbox-sent'])
      expect([name, show(name).includes('data-from-message')]).toEqual([name, false]);
  });

  it('tells the reference of a mail, and how to know the mail by it', () => {
    const html = show('email');
    expect(html).toContain('<bdi class="address" dir="ltr" translate="no">BKMTRWXZ</bdi>');
    expect(wordsOf(html)).toContain('The e-mail has the reference BKMTRWXZ.');
    expect(wordsOf(html)).toContain(
      'Look for WebAdmin in the subject line, with the reference BKMTRWXZ at the end.',
    );
    expect(wordsOf(show('sms'))).not.toMatch(/reference/);
  });

  it.each(['sms-unsent', 'sms', 'sms-wrong', 'email-unsent', 'email'])(
    'offers no way to change where it goes at sign-in: %s',
    (name) => {
      expect(show(name)).not.toContain('name="address"');
    },
  );

  it('puts what is wrong with sending into words, and marks no field for it', () => {
    const tooSoon = show('sms-too-soon');
    expect(wordsOf(tooSoon)).toContain(
      'A code is on its way. Give it a little time. You can ask for a new code from 15:20:30 CET.',
    );
    for (const html of [tooSoon, show('sms-too-many'), show('sms-failed')]) {
      expect(html).toContain('role="alert"');
      expect(html).not.toContain('aria-invalid');
    }
    expect(wordsOf(show('sms-failed'))).toContain("The text message couldn't be sent.");
    expect(wordsOf(show('sms-wrong'))).toContain("Check that it's from the latest message");
    expect(wordsOf(show('sms-wrong'))).not.toContain('in your app');
  });
});

describe('adding a phone or a mailbox', () => {
  it('has a field that the browser fills in, in the direction of the address', () => {
    const [phone] = inputsOf(show('enrol-phone'));
    expect(phone).toMatch(/type="tel"[\s\S]*inputmode="tel" autocomplete="tel" dir="ltr"/);
    const [mailbox] = inputsOf(show('enrol-mailbox'));
    expect(mailbox).toMatch(/type="email"[\s\S]*autocomplete="email" dir="ltr"/);
    for (const field of [phone, mailbox]) expect(field).not.toMatch(/maxlength|pattern|required/);
  });

  it('C1: says what may go wrong with it, and offers what is safer', () => {
    expect(wordsOf(show('enrol-phone'))).toMatch(
      /may cost money.*SIM swap.*An authenticator app or a key is safer/,
    );
    expect(show('enrol-phone')).toContain('href="/app/2fa/security/totp"');
    expect(wordsOf(show('enrol-mailbox'))).toMatch(/your password can be reset through the same mailbox/);
  });

  it('shows the address in full once a code is on its way, and lets another one be used', () => {
    const html = show('enrol-phone-sent');
    expect(html).toContain('<bdi class="address" dir="ltr" translate="no">+420603123489</bdi>');
    expect(html).toMatch(/<details class="part">\s*<summary>Use a different number/);
    expect(show('enrol-phone')).not.toContain('<details');
  });

  it('says at the field of the other address what is wrong with that, and keeps the first in sight', () => {
    const html = show('enrol-phone-there');
    expect(html).toContain('<details class="part" open>');
    expect(html).toMatch(
      /value="\+420603123400"[^>]*aria-describedby="[^"]*address-problem"[^>]*aria-invalid|value="\+420603123400"\s+aria-describedby[^>]*aria-invalid/,
    );
    expect(wordsOf(html)).toContain("You've already added this number.");
    expect(wordsOf(html)).toContain('We sent a code to +420603123489.');
  });

  it('names its own steps, on the page of the backup codes too', () => {
    expect(show('enrol-phone').match(/<li[^>]*>(Number|Confirm|Backup codes)/g)).toHaveLength(3);
    expect(show('enrol-mailbox').match(/<li[^>]*>(Address|Confirm)/g)).toHaveLength(2);
    expect(wordsOf(show('codes-of-phone'))).toMatch(/Number \(done\) Confirm \(done\) Backup codes/);
  });
});

describe('a security key', () => {
  const keyForm = (html: string) => /<form[^>]*data-key[\s\S]*?<\/form>/.exec(html)?.[0] ?? '';

  it('is named, and asked for by one button of a form that says where it leads', () => {
    const html = show('key');
    expect(wordsOf(html)).toContain('Desk key On a security key · Added 3 March 2026');
    const form = keyForm(html);
    expect(form).toMatch(
      /^<form hidden method="post" action="\/2fa\/webauthn" novalidate data-key="get" data-options="\/2fa\/webauthn\/options">/,
    );
    expect(form).toContain('<input type="hidden" name="response" value="" autocomplete="off">');
    expect(form).toContain('name="to" value="/billing?month=3"');
    expect(form.match(/<button/g)).toHaveLength(1);
    expect(inputsOf(html)).toEqual([]);
  });

  it.each([
    ['key', 'Authenticator app'],
    ['enrol-key', 'Back to Security and login'],
  ])('is explained where there is no JavaScript, with another way: %s', (name, other) => {
    const text = wordsOf(/<noscript>[\s\S]*<\/noscript>/.exec(show(name))?.[0] ?? '');
    expect(text).toContain('Keys and passkeys need JavaScript.');
    expect(text).toContain(other);
  });

  it('has a text ready for whatever the browser may say, in the language of the page', () => {
    const html = show('enrol-key-another', { lang: 'cs' });
    const kinds = [
      ...html.matchAll(/<template data-say="(\w+)">\s*<div class="problem">[\s\S]*?<\/template>/g),
    ];
    expect(kinds.map(([, kind]) => kind)).toEqual([
      'nothing',
      'duplicate',
      'security',
      'unfit',
      'failed',
      'offline',
      'server',
      'unsupported',
    ]);
    expect(html).toContain('data-waiting="Řiďte se pokyny prohlížeče."');
    expect(wordsOf(kinds[1]?.[0] ?? '')).toContain('Vaše klíče: Desk key a A passkey');
  });

  it.each([
    ['wrong_code', "That key wasn't accepted. Try again, or use another one."],
    ['code_used', 'That prompt is out of date. Choose Continue for a new one.'],
    ['malformed', "We couldn't read what your browser sent. Choose Continue to try again."],
    ['key_verification', 'Use one that asks for a PIN, a fingerprint or your face.'],
    ['key_framed', 'inside another site asked for the key. Open this page on its own'],
    ['key_changed', 'Use another way, then remove the key and add it again.'],
    ['key_count', 'there may be a copy of it. Use another way'],
    ['key_algorithm', "works in a way we don't support."],
    ['key_synced', 'Only keys that stay on one device'],
    ['key_model', "Keys of this make aren't accepted here."],
    ['key_attestation', "couldn't show who made it."],
    ['key_presence', 'Touch it when your browser asks you to.'],
    ['key_elsewhere', 'This key belongs to another account.'],
  ])('says what is wrong with it, at sign-in and when it is added: %s', (code, text) => {
    for (const name of ['key', 'enrol-key']) {
      const html = show(name, {}, { error: { code, field: 'response' } });
      expect(wordsOf(/<div class="problem" role="alert"[\s\S]*?<\/div>/.exec(html)?.[0] ?? '')).toContain(
        text,
      );
      expect(html).not.toContain('href="#response"');
    }
  });

  it('is said to be there already', () => {
    const key = wordsOf(show('enrol-key-there'));
    expect(key).toContain('This key or device has already been added. Use another one.');
  });

  it('has steps only where backup codes follow, and says when it can sign in alone', () => {
    expect(wordsOf(show('enrol-key'))).toContain('Key Backup codes Add a key or passkey');
    expect(wordsOf(show('codes-of-key'))).toMatch(/Key \(done\) Backup codes Save your backup codes/);
    expect(show('enrol-key-another')).not.toContain('class="steps"');
    const alone = 'It can also sign you in on its own, without your password.';
    expect([
      wordsOf(show('enrol-key')).includes(alone),
      wordsOf(show('enrol-key-another')).includes(alone),
    ]).toEqual([false, true]);
  });

  it('is told apart by where it is, in words; one of another domain is marked and can be added again', () => {
    const html = show('security-keys');
    const text = wordsOf(html);
    expect(text).toContain('Desk key On a security key · Added');
    expect(text).toContain('On a phone or computer, available on your other devices too · Added');
    expect(text).toContain('Windows Hello On one phone or computer · Added');
    expect(text).toContain(
      "Made for admin.old-name-of-a-company.example.com, so it doesn't work here Add it again",
    );
    expect(html).toContain('href="/2fa/security/webauthn" aria-label="Add it again: Old key"');
    expect(html).not.toMatch(/\bsynced\b|device-bound/);
    const page = show('factor-key-elsewhere');
    expect(page).toMatch(/<a class="button" href="\/2fa\/security\/webauthn">Add it again<\/a>/);
    expect(wordsOf(show('factor-key'))).toContain('password manager may still list it');
  });

  it('counts as a way in without the phone, unless it may be on the phone or is of another domain', () => {
    const state = wordsOf(show('security-keys')).replace(/Your ways to confirm[\s\S]*/, '');
    expect(state).toContain('with: backup codes (8 left), Desk key or A passkey of a laptop');
    expect(state).not.toMatch(/Windows Hello|Old key/);
  });

  it('is made known to the browser on the security page', () => {
    expect(show('security-keys')).toContain(
      'data-signal data-rp-id="localhost" data-user-id="dXNlci1oYW5kbGU" data-name="anna@example.com" data-ids="AQIDBA BQYHCA"',
    );
    expect(show('security')).not.toContain('data-signal');
  });

  it('is offered after a sign-in by two links', () => {
    const html = show('offer-key');
    expect(html).toContain('data-offer="/billing?month=3"');
    expect(html).toMatch(
      /href="\/2fa\/security\/webauthn">Add a passkey<\/a>[\s\S]*href="\/billing\?month=3">Not now</,
    );
    expect(html).not.toContain('<form');
  });
});

describe('setting up', () => {
  it('check 28: says the key nowhere but in the key, the QR code and the link', () => {
    const html = show('enrol').replace(/href="otpauth:[^"]*"/, '');
    expect(html.match(/JBSW/g)).toHaveLength(2);
    expect(html).not.toMatch(/(aria-label|title|alt|value)="[^"]*JBSW/);
  });

  it('check 6: asks for nothing but the code, and forgets a wrong one', () => {
    const fields = inputsOf(show('enrol-wrong'));
    expect(fields).toHaveLength(1);
    expect(fields[0]).not.toContain('value=');
  });

  it('has a third step only for the first factor', () => {
    expect(show('enrol').match(/<li[^>]*>(Scan|Confirm|Backup codes)/g)).toHaveLength(3);
    expect(show('enrol-wrong').match(/<li[^>]*>(Scan|Confirm|Backup codes)/g)).toHaveLength(2);
  });

  it('says what the button does with the backup codes', () => {
    expect(wordsOf(show('codes'))).toContain('Turn on two-factor authentication');
    expect(wordsOf(show('codes-again'))).toContain('Use these codes from now on');
  });

  it('check 36: warns at three codes and at none, in different words', () => {
    const [many, few, none] = ['codes-in-force', 'codes-low', 'codes-used-up'].map((name) =>
      wordsOf(show(name)),
    );
    expect(many).not.toMatch(/Only a few are left|You've used them all/);
    expect(few).toContain('Only a few are left.');
    expect(none).toContain("You've used them all.");
  });
});

describe('the security page', () => {
  it('says how one would get in without the phone', () => {
    const text = wordsOf(show('security-full'));
    expect(text).toContain('Two-factor authentication is on');
    expect(text).toContain('you could still get in with: backup codes (3 left) or Desk key.');
    expect(text.slice(0, text.indexOf('Authenticator app'))).not.toContain("Anna's phone");
  });

  it('does not count on text messages when the phone is lost, nor on what is switched off', () => {
    const text = wordsOf(show('security-messages'));
    expect(text).toContain('you could still get in with: E-mail.');
    expect(text).toContain('Mobile •••••••89 · Added');
    const off = wordsOf(show('security-switched-off'));
    expect(off).toContain("you couldn't get in");
    expect(off).toContain('not in use at the moment');
  });

  it('warns when nothing would be left', () => {
    expect(wordsOf(show('security-no-way-in'))).toContain(
      "If you lost your phone today, you couldn't get in.",
    );
  });

  it('has the options that the app offers, in their order', () => {
    const off = samples['security-off'];
    const types = off?.view === 'security' ? off.data.types : [];
    const all = types.map((type) => ({ ...type, available: true }));
    const text = wordsOf(show('security-off', {}, { types: all }));
    const order = [
      'Authenticator app',
      'Biometric or hardware key',
      'Text message',
      'E-mail',
      'Backup codes',
    ];
    expect(order.map((name) => text.indexOf(name))).toEqual(
      order.map((name) => text.indexOf(name)).toSorted((a, b) => a - b),
    );
    expect(text).toContain('Turn on two-factor authentication');
    const fewer = wordsOf(show('security-off'));
    const offered = types.filter(({ available }) => available).map(({ type }) => type);
    expect(offered).toEqual(['totp']);
    expect(fewer).toContain('Authenticator app');
    for (const name of order.slice(1, 4)) expect(fewer).not.toContain(name);
  });

  it('has one filled button at most', () => {
    for (const [name, html] of showAll()) {
      const filled = html.match(/class="button primary/g) ?? [];
      expect([name, filled.length > 1]).toEqual([name, false]);
    }
  });

  it('names nothing twice that its owner gave no name', () => {
    const type = {
      type: 'totp',
      available: true,
      canAdd: true,
      full: null,
      unfinished: false,
      isOnPhone: true,
    };
    const named = (label: string) => {
      const html = show(
        'security',
        {},
        { types: [{ ...type, factors: [{ ...factorOf('factor'), label }] }] },
      );
      return wordsOf(html.slice(html.indexOf('<section')));
    };
    expect(named('Work phone')).toContain('Work phone');
    expect(named('Authenticator app').match(/Authenticator app/g)).toHaveLength(1);
    const way = { type: 'totp', labels: ['Authenticator app'], hints: [], href: '/' };
    expect(wordsOf(show('choose', {}, { ways: [way] })).match(/Authenticator app/g)).toHaveLength(1);
    const two = { ...way, labels: ['Authenticator app', 'Tablet'] };
    expect(wordsOf(show('choose', {}, { ways: [two] }))).toContain('Authenticator app and Tablet');
  });

  it('tells what was done and to what, in a box of its own or where it says that it is on', () => {
    const notice = (code: Notice['code'], label: string | null) =>
      show('security', {}, { notice: { code, label } } satisfies Partial<SecurityView>);
    expect(notice('factor_removed', 'Desk key')).toMatch(
      /role="status"[\s\S]*Removed: <bdi>Desk key<\/bdi>\.[\s\S]*authentication is on/,
    );
    const enabled = notice('enabled', null);
    expect(enabled).toMatch(/role="status"[\s\S]*authentication is on[\s\S]*Test it now/);
    expect(enabled.match(/authentication is on/g)).toHaveLength(1);
  });
});

describe('the factor page', () => {
  it('says what is removed, what remains and what that means', () => {
    const text = wordsOf(show('factor'));
    expect(text).toContain('Remove A spare phone');
    expect(text).toContain("You will still be able to use: Anna's phone Backup codes (8 left)");
    expect(wordsOf(show('factor-last'))).toContain('This turns two-factor authentication off');
  });

  it('has no button for what a policy keeps', () => {
    expect(show('factor-kept')).not.toContain('/remove');
    expect(wordsOf(show('factor-kept'))).toContain('Required by your organisation');
  });
});

describe('the page of a request', () => {
  it.each(['lost-status', 'lost-status-started', 'lost-status-waiting', 'lost-status-ready'])(
    'asks once before it withdraws the request for good, without a script: %s',
    (name) => {
      const [, asking = ''] =
        /<details[^>]*>(\s*<summary>Withdraw the request<\/summary>[\s\S]*?)<\/details>/.exec(show(name)) ??
        [];
      expect(asking).toContain('/withdraw"');
      expect(wordsOf(asking)).toContain("This can't be undone.");
      expect(show(name).match(/action="[^"]*\/withdraw"/g)).toHaveLength(1);
    },
  );
});

describe("a reviewer's page of a request", () => {
  const page = (flags: readonly string[]) => {
    const { data } = samples['admin-request'] as Extract<Sample, { view: 'admin-request' }>;
    const { details } = data;
    return wordsOf(
      show('admin-request', {}, { details: { ...details, request: { ...details.request, flags } } }),
    );
  };

  it('tells the kind of browser, which many use, from the browser itself, which its cookie tells', () => {
    const other = page(['unknown_browser']);
    expect(other).toContain('From a browser that nobody has signed in to the account with before');
    expect(other).toContain('Kind of browser Same kind What was said Firefox on Linux');
    expect(other).toContain('By its cookie, nobody has signed in');
    const own = page([]);
    expect(own).not.toContain('nobody has signed in');
    expect(own).toContain('By its cookie, somebody has signed in');
  });

  it.each([
    ['en', 'English', 'Czech'],
    ['cs', 'angličtina', 'čeština'],
  ])('names languages in its own: %s', (lang, said, known) => {
    const html = show('admin-request', { lang });
    expect(html).toContain(`<dd>${said}</dd>`);
    expect(html).toContain(`<dd>${known}</dd>`);
  });
});

describe('the page of the audit', () => {
  const record = { at: Date.UTC(2026, 10, 24), actor: 'Rita', reason: null, request: null, hash: 'h' };

  it('says what was done in words, with the name of the record, which alone is there for what has no words', () => {
    const records = [
      { ...record, action: 'request.more-info' },
      { ...record, action: 'request.of-an-older-time' },
    ];
    const html = show('admin-audit', {}, { records });
    expect(html).toContain('<strong>More evidence asked for</strong>');
    expect(html).toContain('>request.more-info</bdi>');
    expect(html).toContain('<strong>request.of-an-older-time</strong>');
    expect(html.match(/request\.of-an-older-time/g)).toHaveLength(1);
    const czech = show('admin-audit', { lang: 'cs' }, { records });
    expect(czech).toContain('<strong>Vyžádány další doklady</strong>');
  });
});

describe('a message', () => {
  it('check 9: says until when, and what still works', () => {
    const html = show('locked');
    expect(html).toContain(
      '<time datetime="2026-11-24T14:20:00.000Z" data-time="moment">24 November 2026 at 15:20 CET</time>',
    );
    expect(wordsOf(html)).toContain(
      'What still works Biometric or hardware key Desk key Backup code 8 codes left',
    );
  });

  it('asks by a form where the next step changes something', () => {
    const html = show('expired', {}, { next: { href: '/2fa/cancel?to=%2F', text: 'sign-in', post: true } });
    expect(html).toMatch(
      /<form method="post" action="\/2fa\/cancel\?to=%2F" novalidate>[\s\S]*<button[^>]*>Sign in</,
    );
  });

  it('speaks of something that went wrong when it does not know the code', () => {
    expect(wordsOf(show('unknown'))).toContain('Something went wrong');
  });
});

describe('other languages', () => {
  it('show the whole page in Czech, with Czech plurals and dates', () => {
    const html = show('security', { lang: 'cs' });
    expect(html).toContain('<html lang="cs" dir="ltr">');
    expect(wordsOf(html)).toContain('záložní kódy (zbývá 8)');
    expect(wordsOf(html)).toContain('Přidáno 3. března 2026');
    expect(wordsOf(show('step-two-left', { lang: 'cs' }))).toContain('Zbývají 2 pokusy.');
  });

  it('are English where the language is unknown', () => {
    expect(show('step', { lang: 'x-nonsense' })).toContain('<html lang="en"');
  });

  it('are added by the app, with their direction', () => {
    const arabic = createRenderer({ appName: 'WebAdmin', locales: { ar: { 'step.title': 'أكد هويتك' } } });
    const { view, data } = samples.step as Extract<Sample, { view: 'step' }>;
    const html = arabic.html(view, data, { ...frame, lang: 'ar' });
    expect(html).toContain('<html lang="ar" dir="rtl">');
    expect(html).toContain('<h1>أكد هويتك</h1>');
    expect(html).toContain('Continue');
  });

  it('give their texts and dates to others too', () => {
    expect(renderer.text('cs', 'security.title')).toBe('Zabezpečení a přihlášení');
    expect(renderer.date(frame, Date.UTC(2026, 2, 3, 23, 30))).toBe('4 March 2026');
  });
});

describe('templates of the app', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'views-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const put = (name: string, text: string) => {
    mkdirSync(join(folder, 'partials'), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const showStep = () => {
    const { view, data } = samples.step as Extract<Sample, { view: 'step' }>;
    return createRenderer({ appName: 'WebAdmin', views: folder }).html(view, data, frame);
  };

  it('check 54: replace ours one by one', () => {
    put(
      'message.ejs',
      "<%- include('/partials/head', { task: 'Hi', problem: null, width: 'task' }) %><h1>Mine</h1>",
    );
    const mine = createRenderer({ appName: 'WebAdmin', views: folder });
    const message = { code: 'over', next: null, until: null, ways: [] };
    expect(mine.html('message', message, frame)).toMatch(
      /<title>Hi – WebAdmin<\/title>[\s\S]*<h1>Mine<\/h1>/,
    );
    expect(showStep()).toContain('<h1>Confirm it&#39;s you</h1>');
  });

  it('may be a partial that all of ours include', () => {
    put('partials/foot.ejs', '<footer>Example Ltd</footer></main></body></html>');
    expect(showStep()).toContain('<footer>Example Ltd</footer>');
  });

  it('are compiled once: what becomes of the file later shows nowhere', () => {
    put('partials/foot.ejs', 'first');
    const mine = createRenderer({ appName: 'WebAdmin', views: folder });
    put('partials/foot.ejs', 'second');
    const message = { code: 'over', next: null, until: null, ways: [] };
    expect(mine.html('message', message, frame)).toContain('first');
  });

  it('check 54: are refused under a name that is none of ours, with all the names', () => {
    put('stepp.ejs', 'x');
    const make = () => createRenderer({ appName: 'WebAdmin', views: folder });
    expect(make).toThrow('there is no template "stepp"');
    expect(make).toThrow(
      expect.objectContaining({
        code: 'bad_option',
        help: expect.stringContaining(
          'backup-codes, browsers, choose, code-used, enrol-code, enrol-key, enrol-totp',
        ),
      }),
    );
  });

  it('are refused when they do not compile, and when their folder is not there', () => {
    put('step.ejs', '<% if ( %>');
    expect(() => createRenderer({ appName: 'WebAdmin', views: folder })).toThrow(
      /step\.ejs does not compile/,
    );
    expect(() => createRenderer({ appName: 'WebAdmin', views: join(folder, 'none') })).toThrow(
      'cannot be read',
    );
  });
});
