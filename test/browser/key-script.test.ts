import { join } from 'node:path';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import { createRenderer } from '../../lib/pages/render';
import { useBrowser } from '../support/browser';
import { describeIf } from '../support/needs';
import { viewSamples } from '../support/view-samples';
import { serveViews, type ViewServer } from '../support/view-server';
import { until } from '../support/within';

jest.setTimeout(60_000);

/** Counts what the browser is asked for, and answers with `next()`. */
const SPY = `
  window.asked = [];
  window.next = () => new Promise(() => null);
  for (const how of ['get', 'create']) {
    navigator.credentials[how] = (options) => {
      asked.push(how);
      options.signal.addEventListener('abort', () => asked.push('stopped'));
      return window.next(options, how);
    };
  }
  window.refuse = (name) => { window.next = () => Promise.reject(new DOMException('of the browser', name)); };
`;

/** What a password manager puts in the place of a credential: an object, and only what it must have, and this. */
const plain = (more = '', ofResponse = '') => `
  const bytes = (text) => new TextEncoder().encode(text).buffer;
  const answered = (response) => ({
    id: 'AQID', type: 'public-key', ${more}
    response: { clientDataJSON: bytes('client'), ...response, ${ofResponse} },
  });
  window.next = (_options, how) => Promise.resolve(answered(how === 'create'
    ? { attestationObject: bytes('attested') }
    : { authenticatorData: bytes('data'), signature: bytes('signed') }));
`;
const PLAIN = plain('rawId: new Uint8Array([1, 2, 3]).buffer,');
const broken = "() => { throw new TypeError('not here'); }";
const shapes = {
  'nothing that it need not have': plain(),
  'no methods': PLAIN,
  'null in the place of what it has not': plain(
    'rawId: null, authenticatorAttachment: null, getClientExtensionResults: null, toJSON: null,',
    'userHandle: null, transports: null, getTransports: null, getPublicKey: null, getAuthenticatorData: null,',
  ),
  'methods that throw': plain(
    `getClientExtensionResults: ${broken}, toJSON: ${broken},`,
    `getTransports: ${broken}, getPublicKeyAlgorithm: ${broken}, getAuthenticatorData: ${broken},`,
  ),
  'methods that give nothing': plain('getClientExtensionResults: () => null,', 'getTransports: () => null,'),
};

/** Waits until it is stopped. */
const STOPPABLE = `
  window.next = ({ signal }) => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
`;

const OPTIONS = {
  challenge: 'AAAA',
  timeout: 60_000,
  rpId: 'localhost',
  rp: { id: 'localhost', name: 'WebAdmin' },
  user: { id: 'AAAA', name: 'anna', displayName: 'anna' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
};

describeIf('browser', 'the script of security keys', () => {
  const browser = useBrowser();
  let server: ViewServer;
  beforeAll(async () => {
    server = await serveViews(createRenderer({ appName: 'WebAdmin' }), await viewSamples());
  });
  afterAll(() => server.stop());

  interface Stage {
    readonly page: Page;
    /** JSON that was asked of the options, and forms that were sent, in their order. */
    readonly sent: unknown[];
    answer(options: Parameters<Route['fulfill']>[0] | 'abort'): void;
  }

  async function onStage(
    name: string,
    work: (stage: Stage) => Promise<void>,
    { options = {}, init = SPY }: { options?: BrowserContextOptions; init?: string } = {},
  ): Promise<void> {
    const context = await browser().newContext(options);
    const errors: string[] = [];
    const sent: unknown[] = [];
    let answer: Parameters<Stage['answer']>[0] = { json: OPTIONS };
    try {
      const page = await context.newPage();
      page.on('pageerror', ({ message }) => errors.push(message));
      await page.addInitScript({ path: join(__dirname, '../support/in-page.js') });
      await page.addInitScript(init);
      await page.route('**/webauthn/options', async (route) => {
        sent.push(route.request().postDataJSON());
        await (answer === 'abort' ? route.abort() : route.fulfill(answer));
      });
      await page.route('**/webauthn', async (route) => {
        sent.push(Object.fromEntries(new URLSearchParams(route.request().postData() ?? '')));
        await route.fulfill({ status: 204 });
      });
      await page.goto(server.url(name));
      await work({ page, sent, answer: (next) => (answer = next) });
      expect(errors).toEqual([]);
      // Nothing inline, nothing that makes markup of text: the policy of these pages refuses both.
      const hasScript = options.javaScriptEnabled !== false;
      expect(hasScript ? await page.evaluate("inPage.otherFaults('en')") : []).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const button = (page: Page) => page.getByRole('button', { name: 'Continue' });
  const problem = (page: Page) => page.locator('[data-key-problem]');
  const isFree = async (page: Page) => (await button(page).getAttribute('aria-disabled')) === null;

  it.each([
    ['key', 'get', { form_token: 'token', to: '/billing?month=3' }],
    ['enrol-key', 'create', { form_token: 'token' }],
  ])('check 19: asks the browser for nothing before a click, and then once: %s', async (name, how, body) => {
    await onStage(name, async ({ page, sent }) => {
      expect([await page.evaluate('asked'), sent]).toEqual([[], []]);
      await button(page).click();
      await page.getByRole('status').getByText("Follow your browser's instructions.").waitFor();
      await becomes(page, 'asked.length > 0');
      await button(page).dispatchEvent('click');
      expect(await page.evaluate('asked')).toEqual([how]);
      expect(sent).toEqual([body]);
    });
  });

  it.each(['NotAllowedError', 'AbortError'])(
    'check 21: says in words that nothing came (%s), and the same button works at the next click',
    async (error) => {
      await onStage('key-wrong', async ({ page, sent }) => {
        await page.evaluate(`refuse('${error}')`);
        await button(page).click();
        await problem(page).getByText('Nothing was received.').waitFor();
        expect(await problem(page).getAttribute('role')).toBe('alert');
        expect(await problem(page).textContent()).not.toContain('of the browser');
        expect(await page.locator('.problem').count()).toBe(1);
        expect(await isFree(page)).toBe(true);
        await page.evaluate(PLAIN);
        await button(page).click();
        await until(5000, 'the form', () => sent.length === 3);
        expect(await page.locator('.problem').count()).toBe(0);
      });
    },
  );

  it('check 22: names the keys that are there when one is added twice', async () => {
    await onStage('enrol-key-another', async ({ page, sent }) => {
      await page.evaluate("refuse('InvalidStateError')");
      await button(page).click();
      await problem(page).getByText('has already been added').waitFor();
      expect(await problem(page).innerText()).toContain('Desk key');
      expect(sent).toHaveLength(1);
    });
  });

  it.each([
    ['SecurityError', "Your browser won't let this page use the key."],
    ['NotSupportedError', "can't do what this site needs"],
    ['UnknownError', "That didn't work."],
  ])('check 22: keeps the cause of %s for support, out of sight', async (error, text) => {
    await onStage('key', async ({ page }) => {
      await page.evaluate(`refuse('${error}')`);
      await button(page).click();
      await problem(page).getByText(text).waitFor();
      const cause = problem(page).locator('[data-cause]');
      expect(await cause.isVisible()).toBe(false);
      expect(await cause.textContent()).toContain(error);
      expect(await isFree(page)).toBe(true);
    });
  });

  it('survives a browser that throws at once, and one that never answers', async () => {
    await onStage('key', async ({ page }) => {
      await page.clock.install();
      await page.evaluate("window.next = () => { throw new TypeError('at once'); }");
      await button(page).click();
      await problem(page).getByText("That didn't work.").waitFor();
      await page.evaluate('window.asked = []; window.next = () => new Promise(() => null)');
      await button(page).click();
      await until(5000, 'the question', async () => page.evaluate<boolean>("asked.includes('get')"));
      await page.clock.runFor(66_000);
      await problem(page).getByText('Nothing was received.').waitFor();
      expect(await page.evaluate('asked.slice(-2)')).toEqual(['get', 'stopped']);
      expect(await isFree(page)).toBe(true);
    });
  });

  it('says that the server was not reached, and says what the server says', async () => {
    await onStage('key', async ({ page, answer }) => {
      answer('abort');
      await button(page).click();
      await problem(page).getByText("We couldn't be reached.").waitFor();
      answer({ status: 429, json: { error: { code: 'locked', message: 'Try again from <14:20>.' } } });
      await button(page).click();
      await problem(page).getByText('Try again from <14:20>.').waitFor();
      answer({ status: 502, body: '<h1>Bad gateway</h1>' });
      await button(page).click();
      await problem(page).getByText("That didn't work.").waitFor();
      expect([await isFree(page), await page.evaluate('asked')]).toEqual([true, []]);
    });
  });

  it('asks the server for the page anew when the login has ended', async () => {
    await onStage('key', async ({ page, answer }) => {
      answer({ status: 401, json: { error: { code: 'half_login_ended', message: 'It has ended.' } } });
      await page.route('**/webauthn?*', (route) => route.fulfill({ status: 204 }));
      const asked = page.waitForRequest('**/webauthn?*');
      await button(page).click();
      const request = await asked;
      expect([request.method(), new URL(request.url()).searchParams.get('to')]).toEqual([
        'GET',
        '/billing?month=3',
      ]);
    });
  });

  it.each(Object.entries(shapes))(
    'takes what a password manager answers: a plain object with %s',
    async (_what, shape) => {
      await onStage('key', async ({ page, sent }) => {
        await page.evaluate(shape);
        await button(page).click();
        await until(5000, 'the form', () => sent.length === 2);
        const { response, ...others } = sent[1] as Record<string, string>;
        expect(others).toEqual({ form_token: 'token', to: '/billing?month=3' });
        expect(JSON.parse(String(response))).toMatchObject({
          id: 'AQID',
          ...(shape === PLAIN && { rawId: 'AQID' }),
          type: 'public-key',
          clientExtensionResults: {},
          response: { clientDataJSON: 'Y2xpZW50', authenticatorData: 'ZGF0YQ', signature: 'c2lnbmVk' },
        });
      });
      await onStage('enrol-key', async ({ page, sent }) => {
        await page.evaluate(shape);
        await button(page).click();
        await until(5000, 'the form', () => sent.length === 2);
        const { response, ...others } = sent[1] as Record<string, string>;
        expect(others).toEqual({ form_token: 'token' });
        expect(JSON.parse(String(response))).toMatchObject({
          id: 'AQID',
          response: { clientDataJSON: 'Y2xpZW50', attestationObject: 'YXR0ZXN0ZWQ' },
        });
      });
    },
  );

  it('adds and uses a key of the browser itself, under the policy of the page', async () => {
    await onStage(
      'enrol-key',
      async ({ page, sent, answer }) => {
        const devtools = await page.context().newCDPSession(page);
        await devtools.send('WebAuthn.enable');
        await devtools.send('WebAuthn.addVirtualAuthenticator', {
          options: { protocol: 'ctap2', transport: 'usb', automaticPresenceSimulation: true },
        });
        await button(page).click();
        await until(5000, 'the form', () => sent.length === 2);
        const made = responseOf(sent[1]);
        expect(made).toMatchObject({ type: 'public-key', response: { transports: ['usb'] } });
        await page.goto(server.url('key'));
        answer({ json: { ...OPTIONS, allowCredentials: [{ type: 'public-key', id: made.id }] } });
        await button(page).click();
        await until(5000, 'the form', () => sent.length === 4);
        expect(responseOf(sent[3])).toMatchObject({
          id: made.id,
          response: { signature: expect.any(String) },
        });
      },
      { init: '' },
    );
  });

  it('check 23: explains where there is no WebAuthn, and shows the other ways', async () => {
    await onStage(
      'key',
      async ({ page }) => {
        await problem(page).getByText("This browser can't use keys or passkeys here.").waitFor();
        expect(await button(page).isVisible()).toBe(false);
        await page.getByRole('link', { name: 'Authenticator app' }).waitFor();
        await page.getByRole('link', { name: 'Backup code' }).waitFor();
      },
      { init: 'delete window.PublicKeyCredential' },
    );
  });

  it.each(['key', 'enrol-key'])(
    'check 23: says that it needs JavaScript, and where else to go: %s',
    async (name) => {
      await onStage(
        name,
        async ({ page }) => {
          expect(await page.locator('main').innerText()).toContain('Keys and passkeys need JavaScript.');
          expect(await button(page).isVisible()).toBe(false);
          const other = name === 'key' ? 'Backup code' : 'Back to Security and login';
          expect(await page.getByRole('link', { name: other }).isVisible()).toBe(true);
        },
        { options: { javaScriptEnabled: false } },
      );
    },
  );

  it('check 25: stops asking when the user cancels or leaves, and sends nothing', async () => {
    await onStage('enrol-key', async ({ page, sent }) => {
      await page.evaluate(STOPPABLE);
      await button(page).click();
      await becomes(page, 'asked.length > 0');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await becomes(page, "asked.includes('stopped')");
      await until(5000, 'the cancel form', () => server.posts.includes('/2fa/security/webauthn/cancel'));
      expect(sent).toHaveLength(1);
      expect([await isFree(page), await page.locator('.problem').count()]).toEqual([true, 0]);
      await button(page).click();
      await becomes(page, "asked.filter((what) => what === 'create').length === 2");
      await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
      await becomes(page, "asked.filter((what) => what === 'stopped').length === 2");
      expect(sent).toHaveLength(2);
    });
  });

  it('offers a passkey to a device that can have one, and else goes on at once', async () => {
    await onStage('offer-key', async ({ page }) => {
      expect(await page.getByRole('link', { name: 'Not now' }).getAttribute('href')).toBe('/billing?month=3');
    });
    const context = await browser().newContext();
    const page = await context.newPage();
    await page.addInitScript(
      'PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable = async () => false',
    );
    await page.route('**/billing?*', (route) => route.fulfill({ body: 'billing' }));
    await page.goto(server.url('offer-key'));
    await page.waitForURL('**/billing?month=3');
    await context.close();
  });

  it('tells the browser which keys there are, and does not mind if that fails', async () => {
    const init = `
      window.told = [];
      for (const name of ['signalAllAcceptedCredentials', 'signalCurrentUserDetails']) {
        PublicKeyCredential[name] = (what) => { told.push(what); return Promise.reject(new Error('no')); };
      }
    `;
    await onStage(
      'security-keys',
      async ({ page }) => {
        await becomes(page, 'told.length === 2');
        const who = { rpId: 'localhost', userId: 'dXNlci1oYW5kbGU' };
        expect(await page.evaluate('told')).toEqual([
          { ...who, allAcceptedCredentialIds: ['AQIDBA', 'BQYHCA'] },
          { ...who, name: 'anna@example.com', displayName: 'anna@example.com' },
        ]);
      },
      { init },
    );
  });
});

/** Not by waitForFunction: it needs eval, which the policy of these pages refuses. */
const becomes = (page: Page, what: string) =>
  until(5000, what, async () => Boolean(await page.evaluate(what)));

const responseOf = (form: unknown) =>
  JSON.parse((form as { readonly response: string }).response) as { readonly id: string };
