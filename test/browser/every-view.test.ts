import type { Page } from 'playwright-core';
import { serveWebAdmin } from '../example-app/web-admin';
import { bringAxe } from '../support/accessibility';
import { useBrowser } from '../support/browser';
import { codeAt } from '../support/browser-agent';
import { isExhaustive, share } from '../support/exhaustive';
import { describeIf } from '../support/needs';
import { firstStates, viewSamples } from '../support/view-samples';
import { demoPassword, demoSeed } from '../support/web-admin';
import { faultsOf } from './faults';
import { LONG, PHONE, RIGHT_TO_LEFT, servePages, withPage } from './pages';

// One browser for many pages, and the machine may have other work.
jest.setTimeout(600_000);

// What is too long in English is too long in this one as well.
const usualLanguages = [['in a language 40 % longer', LONG]] as const;
const otherLanguages = [
  ['in English', 'en'],
  ['in Czech', 'cs'],
  ['in one that is read from right to left', RIGHT_TO_LEFT],
] as const;

describeIf('browser', 'every page in each of its states, on a phone', () => {
  const browser = useBrowser();

  it.each(isExhaustive ? [...usualLanguages, ...otherLanguages] : usualLanguages)(
    'check 37, check 38, check 42, check 44, check 47: has no fault in any theme, either way round, with text of twice the size: %s',
    async (_how, lang) => {
      const samples = await viewSamples();
      const names = Object.keys(samples);
      expect(names.length).toBeGreaterThan(60);
      const isFirst = firstStates(samples);
      const isUsual = usualLanguages.some(([, usual]) => usual === lang) ? isFirst : () => false;
      const server = await servePages(samples);
      const found: string[] = [];
      try {
        await withPage(browser(), { viewport: PHONE, reducedMotion: 'reduce' }, async (page) => {
          await bringAxe(page);
          for (const name of share(names, isUsual)) {
            await page.goto(server.url(name, lang));
            for (const what of await faultsOf(page, lang)) found.push(`${name}: ${what}`);
          }
        });
      } finally {
        await server.stop();
      }
      expect(found).toEqual([]);
    },
  );

  it('check 55: every page reads from top to bottom, and its fields have names', async () => {
    const samples = await viewSamples();
    const server = await servePages(samples);
    const found: string[] = [];
    await withPage(browser(), {}, async (page) => {
      await page.route('**/*.css*', (route) => route.abort());
      for (const name of share(Object.keys(samples), firstStates(samples))) {
        await page.goto(server.url(name));
        for (const what of await page.evaluate<string[]>('inPage.faultsWithoutStyles()'))
          found.push(`${name}: ${what}`);
      }
    });
    await server.stop();
    expect(found).toEqual([]);
  });
});

/** Looks at the page that is open. */
type Look = (name: string) => Promise<void>;
interface Visitor {
  readonly page: Page;
  open(path: string): Promise<void>;
  /** In a fresh browser. */
  signIn(name: string, password?: string): Promise<void>;
  /** Sends the form of the field. */
  type(field: string, text: string): Promise<void>;
  /** @returns the link of somebody whose request for access was approved */
  letIn(name: string): Promise<string>;
}

/** Who sees which pages, in which states. */
const walks: Readonly<Record<string, (visitor: Visitor, look: Look) => Promise<void>>> = {
  strangers: async ({ open, signIn }, look) => {
    for (const path of ['/', '/login', '/nothing', '/outbox', '/2fa/lost', '/2fa/lost/form.html']) {
      await open(path);
      await look(path);
    }
    await signIn('demo', 'wrong');
    await look('a wrong password');
  },
  'people without two-factor': async ({ page, open, signIn, type }, look) => {
    await signIn('demo');
    for (const path of ['/', '/account', '/billing', '/login', '/2fa/security', '/2fa/security/totp']) {
      await open(path);
      await look(path);
    }
    await open('/account');
    await page.locator('#currentPassword').fill(demoPassword);
    await type('#newPassword', 'short');
    await look('a password that is too short');
    for (const kind of ['webauthn', 'otp-sms', 'otp-email']) {
      await open(`/2fa/security/${kind}`);
      await look(kind);
    }
    await signIn('demo-key');
    await look('how to try a key');
  },
  'people with two-factor': async ({ page, open, signIn, type }, look) => {
    await signIn('demo-totp');
    await look('the step');
    await type('#code', '000000');
    await look('a wrong code');
    await open('/2fa/choose');
    await look('the other ways');
    await open('/2fa/totp');
    await type('#code', codeAt(demoSeed, Date.now()));
    for (const path of ['/', '/account', '/2fa/security']) {
      await open(path);
      await look(path);
    }
    await page.locator('main a[href*="/factors/"]').click();
    await look('an app');
    await open('/2fa/security/backup-codes');
    await look('no codes yet');
    await page.locator('main button[type=submit]').first().click();
    await look('codes to save');
  },
  'people who get messages': async ({ page, open, signIn }, look) => {
    await signIn('demo-sms');
    await look('a text message, not yet sent');
    await page.locator('main form[action$="/send"] button').first().click();
    await page.locator('#code').waitFor();
    await look('a text message, sent');
    await signIn('demo-email');
    await page.locator('main form[action$="/send"] button').first().click();
    await page.locator('#code').waitFor();
    await look('an e-mail, sent');
    await open('/outbox');
    await look('the outbox');
  },
  'people who are let in again': async ({ page, open, type, letIn }, look) => {
    await open(await letIn('demo-totp'));
    await look('the link');
    await type('#password', 'wrong');
    await look('a wrong password');
    await type('#password', demoPassword);
    await look('what to set up');
    await open('/account');
    await page.locator('main a[href$="/security/totp"]').click();
    await look('a new app');
    const secret = (await page.locator('#key').textContent()) ?? '';
    await type('#code', codeAt(secret.replaceAll(' ', ''), Date.now()));
    await look('new codes');
    const [code = ''] = /(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}/.exec(await page.content()) ?? [];
    await type('#code', code);
    await look('access again');
    await page.locator('main a.primary').click();
    await page.locator('#username').waitFor();
  },
};

const isUsualWalk = (who: string): boolean => who === 'strangers';

describeIf('browser', 'every page of WebAdmin, and ours within its shell, on a phone', () => {
  const browser = useBrowser();

  describe.each(isExhaustive ? ['en', 'cs'] : ['en'])('in %s', (lang) => {
    it.each(share(Object.entries(walks), ([who]) => lang === 'en' && isUsualWalk(who)))(
      'check 37, check 38: has no fault in any theme, either way round, with text of twice the size: %s',
      async (_who, walk) => {
        const app = await serveWebAdmin();
        const found: string[] = [];
        try {
          const phone = { viewport: PHONE, locale: lang, reducedMotion: 'reduce' } as const;
          await withPage(browser(), phone, async (page) => {
            await bringAxe(page);
            await walk(visitorOf(page, app), async (name) => {
              for (const what of await faultsOf(page, lang)) found.push(`${name}: ${what}`);
            });
          });
        } finally {
          await app.stop();
        }
        expect(found).toEqual([]);
      },
    );
  });
});

function visitorOf(page: Page, { url, letIn }: Awaited<ReturnType<typeof serveWebAdmin>>): Visitor {
  const visitor: Visitor = {
    page,
    letIn,
    open: async (path) => void (await page.goto(`${url}${path}`)),
    type: async (field, text) => {
      const loaded = page.waitForEvent('load');
      await page.locator(field).fill(text);
      await page.locator(field).press('Enter');
      await loaded;
    },
    signIn: async (name, password = demoPassword) => {
      await page.context().clearCookies();
      await visitor.open('/login');
      await page.locator('#username').fill(name);
      await visitor.type('#password', password);
    },
  };
  return visitor;
}
