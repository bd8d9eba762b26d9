import type { Page, Route } from 'playwright-core';
import { createRenderer } from '../../lib/pages/render';
import { useBrowser } from '../support/browser';
import { describeIf } from '../support/needs';
import { serveViews, type ViewServer } from '../support/view-server';
import { until } from '../support/within';

jest.setTimeout(60_000);

/** The login page of an app. */
const LOGIN = `<!doctype html><html lang="en"><title>Sign in</title>
  <form><input name="username" autocomplete="username webauthn"></form>
  <button type="button" hidden data-passkey="/2fa">Sign in with a passkey</button>
  <p role="alert" data-passkey-status></p>
  <script type="module" src="/2fa/assets/passkey.js"></script></html>`;
const POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/** A browser that notes what it is asked for: `answer()` gives a key, `refuse(name)` an error. */
const BROWSER = `
  window.asked = [];
  window.unhandled = [];
  addEventListener('unhandledrejection', ({ reason }) => unhandled.push(String(reason)));
  PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(window.autofill !== false);
  PublicKeyCredential.signalUnknownCredential = (what) => { asked.push(what); return Promise.resolve(); };
  const bytes = (text) => new TextEncoder().encode(text).buffer;
  const key = () => ({
    id: 'AQID', type: 'public-key',
    response: { clientDataJSON: bytes('c'), authenticatorData: bytes('a'), signature: bytes('s') },
  });
  navigator.credentials.get = ({ mediation = 'modal', signal }) => {
    asked.push(mediation);
    return new Promise((resolve, reject) => {
      const stop = () => { asked.push(mediation + ' stopped'); reject(signal.reason); };
      signal.addEventListener('abort', stop);
      window.answer = () => resolve(key());
      window.refuse = (name) => reject(new DOMException('of the browser', name));
    });
  };
`;

const OPTIONS = {
  options: { challenge: 'AAAA', timeout: 300_000, rpId: 'localhost' },
  words: { nothing: 'Nothing came.', failed: 'It failed.', unsupported: 'Not here.', offline: 'Offline.' },
};

describeIf('browser', 'the passkey script of the login page', () => {
  const browser = useBrowser();
  let server: ViewServer;
  beforeAll(async () => {
    server = await serveViews(createRenderer({ appName: 'WebAdmin' }), {});
  });
  afterAll(() => server.stop());

  interface Stage {
    readonly page: Page;
    /** What was posted to sign in. */
    readonly posted: unknown[];
    answer(options: Parameters<Route['fulfill']>[0] | 'abort'): void;
  }

  async function onLoginPage(more: string, work: (stage: Stage) => Promise<void>): Promise<void> {
    const context = await browser().newContext();
    const posted: unknown[] = [];
    let answer: Parameters<Stage['answer']>[0] = { json: { status: 'passed', url: '/billing' } };
    try {
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));
      await page.addInitScript(`${BROWSER}\n${more}`);
      const headers = { 'Content-Security-Policy': POLICY };
      await page.route('**/login*', (route) =>
        route.fulfill({ body: LOGIN, contentType: 'text/html', headers }),
      );
      await page.route('**/billing', (route) => route.fulfill({ body: 'billing', contentType: 'text/html' }));
      await page.route('**/2fa/passkey/options', (route) =>
        answer === 'abort' ? route.abort() : route.fulfill({ json: OPTIONS }),
      );
      await page.route('**/2fa/passkey', (route) => {
        posted.push(route.request().postDataJSON());
        return answer === 'abort' ? route.abort() : route.fulfill(answer);
      });
      await page.goto(server.url('login').replace('lang=en', 'to=%2Fbilling'));
      await work({ page, posted, answer: (next) => (answer = next) });
      expect(errors).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const button = (page: Page) => page.getByRole('button', { name: 'Sign in with a passkey' });
  const status = (page: Page) => page.getByRole('alert');
  const WITHOUT_AUTOFILL = 'window.autofill = false;';

  it('signs in by a click, which ends what autofill was waiting for', async () => {
    await onLoginPage('', async ({ page, posted }) => {
      await becomes(page, "asked.includes('conditional')");
      await button(page).click();
      await becomes(page, "asked.includes('modal')");
      expect(await page.evaluate('[asked, unhandled]')).toEqual([
        ['conditional', 'conditional stopped', 'modal'],
        [],
      ]);
      await page.evaluate('answer()');
      await page.waitForURL('**/billing');
      expect(posted).toEqual([{ response: expect.objectContaining({ id: 'AQID' }), to: '/billing' }]);
    });
  });

  it('signs in by autofill, and asks for another challenge before one runs out', async () => {
    await onLoginPage('', async ({ page, posted }) => {
      await becomes(page, "asked.includes('conditional')");
      await page.evaluate('answer()');
      await page.waitForURL('**/billing');
      expect(posted).toHaveLength(1);
    });
    await onLoginPage('', async ({ page }) => {
      await page.clock.install();
      await page.reload();
      await button(page).waitFor();
      await expectAsked(page, ['conditional']);
      await page.clock.runFor(280_000);
      await expectAsked(page, ['conditional', 'conditional stopped', 'conditional']);
      expect(await page.evaluate('unhandled')).toEqual([]);
    });
  });

  it('says in the words of the server what came to nothing, and can be pressed again', async () => {
    await onLoginPage(WITHOUT_AUTOFILL, async ({ page, answer }) => {
      for (const [name, text] of [
        ['NotAllowedError', 'Nothing came.'],
        ['NotSupportedError', 'Not here.'],
        ['UnknownError', 'It failed.'],
      ] as const) {
        await button(page).click();
        await becomes(page, "asked.includes('modal')");
        await page.evaluate(`window.asked = []; refuse('${name}')`);
        await status(page).getByText(text).waitFor();
        expect(await button(page).getAttribute('aria-disabled')).toBeNull();
      }
      answer('abort');
      await button(page).click();
      await status(page).getByText('Offline.').waitFor();
      expect(await page.evaluate('unhandled')).toEqual([]);
    });
  });

  it('tells the browser of a key that the server does not know', async () => {
    await onLoginPage(WITHOUT_AUTOFILL, async ({ page, answer }) => {
      const error = { code: 'wrong_code', message: 'This passkey is not known.', unknownCredential: true };
      answer({ status: 401, json: { error } });
      await button(page).click();
      await becomes(page, "asked.includes('modal')");
      await page.evaluate('answer()');
      await status(page).getByText('This passkey is not known.').waitFor();
      expect(await page.evaluate('asked.at(-1)')).toEqual({ rpId: 'localhost', credentialId: 'AQID' });
    });
  });

  it('has no button where there is no WebAuthn', async () => {
    await onLoginPage('delete window.PublicKeyCredential;', async ({ page }) => {
      await page.waitForLoadState('networkidle');
      expect(await page.locator('[data-passkey]').isVisible()).toBe(false);
    });
  });

  async function expectAsked(page: Page, wanted: readonly string[]): Promise<void> {
    await until(5000, wanted.join(), async () => (await asked(page)).length >= wanted.length);
    expect(await asked(page)).toEqual(wanted);
  }
});

const asked = (page: Page) => page.evaluate<string[]>('asked');

/** Not by waitForFunction: it needs eval, which the policy of these pages refuses. */
const becomes = (page: Page, what: string) =>
  until(5000, what, async () => Boolean(await page.evaluate(what)));
