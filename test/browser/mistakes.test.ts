import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import type { BrowserContext, Page } from 'playwright-core';
import { listen } from '../../example-app/listen';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { minutes } from '../support/clock';
import { codesApp, newest, type CodesApp } from '../support/codes-app';
import { scripting, usually } from '../support/exhaustive';
import { freePort } from '../support/free-port';
import { describeIf } from '../support/needs';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const html = (title: string, body = ''): string =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}`;
const button = (action: string, text: string, fields = ''): string =>
  `<form method="post" action="${action}">${fields}<button>${text}</button></form>`;
const loginForm = button(
  '',
  'Sign in',
  '<input name="username" value="ann"><input name="password" value="right">',
);

/** An app of the usual shape, whose pages say which one they are. */
function routes(app: Express): void {
  app.get('/login', (req, res) => void res.send(html(req.user ? 'Sign in again' : 'Sign in', loginForm)));
  for (const name of ['Home', 'Billing', 'Reports']) {
    app.get(name === 'Home' ? '/' : `/${name.toLowerCase()}`, (req, res) => {
      if (!req.user) return res.redirect('/login');
      res.send(html(name, button('/logout', 'Sign out')));
    });
  }
}

describeIf('browser', 'What people did at the second factor, and where it took them', () => {
  const browser = useBrowser();
  let host: CodesApp;
  let server: Server;
  let home = '';
  const opened: BrowserContext[] = [];

  beforeEach(async () => {
    const port = await freePort();
    home = `http://localhost:${port}`;
    host = codesApp({ origin: home }, routes);
    server = createServer(host.app);
    await listen(server, port);
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: "Ann's phone" });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((context) => context.close()));
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  async function visit(withScript = true): Promise<Page> {
    const context = await browser().newContext({ javaScriptEnabled: withScript });
    context.setDefaultTimeout(6_000);
    opened.push(context);
    return context.newPage();
  }

  async function givePassword(page: Page): Promise<void> {
    await page.goto(`${home}/login`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Enter the 6-digit code').waitFor();
  }

  async function type(page: Page, digits: string): Promise<void> {
    await page.locator('#code').fill(digits);
    await page.locator('#code').press('Enter');
  }

  /** A code that was not used yet. */
  function code(): string {
    host.clock.move(minutes);
    return codeAt(seed, host.clock.now());
  }

  async function arrivedAt(page: Page, name: string): Promise<string | null> {
    const heading = page.getByRole('heading', { level: 1, name });
    await heading.waitFor();
    return heading.textContent();
  }

  describe.each(scripting)('%s', (_how, withScript) => {
    it('going Back from the step to the login page and typing the code leads home', async () => {
      const page = await visit(withScript);
      await givePassword(page);
      await page.goBack();
      await type(page, code());
      expect(await arrivedAt(page, 'Home')).toBe('Home');
    });

    it.each(['/login', '/logout', '/LOGIN/', '/2fa', '/2fa/totp?to=%2Flogin', '/2fa/confirm'])(
      'the code never leads to %s',
      async (goal) => {
        const page = await visit(withScript);
        await givePassword(page);
        await page.goto(`${home}/2fa?to=${encodeURIComponent(goal)}`);
        await type(page, code());
        expect(await arrivedAt(page, 'Home')).toBe('Home');
      },
    );
  });

  usually('Back after a wrong code shows a page of ours, and never asks to send the form again', async () => {
    const page = await visit();
    await givePassword(page);
    await page.goto(`${home}/billing`);
    await type(page, '000000');
    await page.getByRole('alert').waitFor();
    await page.reload();
    await page.getByLabel('Enter the 6-digit code').waitFor();
    await type(page, '000000');
    await page.getByRole('alert').waitFor();
    await page.goBack();
    await page.getByLabel('Enter the 6-digit code').waitFor();
    await type(page, '000000');
    await page.getByRole('alert').waitFor();
    await type(page, code());
    expect(await arrivedAt(page, 'Billing')).toBe('Billing');
    await page.goBack();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe("Confirm it's you");
  });

  describe.each(scripting)('adding a phone %s', (_how, withScript) => {
    const numberSent = (page: Page, number: string) => page.getByText(`We sent a code to ${number}`);

    async function sendTo(page: Page, number: string): Promise<void> {
      await page.locator('#address').fill(number);
      await page.locator('form:has(#address) button[type=submit]:not([form])').click();
    }

    it('a mistyped number can be corrected at once, and the same one says when it can be sent to again', async () => {
      const page = await visit(withScript);
      await givePassword(page);
      await type(page, code());
      await page.goto(`${home}/2fa/security/otp-sms`);
      await sendTo(page, '+420777000011');
      await numberSent(page, '+420777000011').waitFor();
      await page.getByText('Use a different number').click();
      await sendTo(page, '+420777000022');
      await numberSent(page, '+420777000022').waitFor();
      expect(host.sms.sent).toHaveLength(2);
      await page.getByText('Use a different number').click();
      await sendTo(page, '+420 777 000 022');
      expect(await page.getByRole('alert').textContent()).toMatch(/A code is on its way.*new code from/s);
      expect(host.sms.sent).toHaveLength(2);
    });
  });

  usually('a new code asked for too soon says how long to wait, beside the button', async () => {
    const page = await visit();
    await givePassword(page);
    await type(page, code());
    await page.goto(`${home}/2fa/security/otp-sms`);
    await page.locator('#address').fill('+420777000011');
    await page.locator('#address').press('Enter');
    await page.getByRole('button', { name: 'Send a new code' }).click({ force: true });
    expect(await page.locator('.again [role=status]').textContent()).toMatch(
      /^You can ask for a new code in 0:\d\d\.$/,
    );
    expect(host.sms.sent).toHaveLength(1);
  });

  const proofs = () => host.clock.move(10 * minutes);
  const signedIn = async (page: Page): Promise<void> => {
    await givePassword(page);
    await type(page, code());
    await arrivedAt(page, 'Home');
  };

  usually(
    'a second tab whose code comes after the first one says so, and leads to its own page',
    async () => {
      const page = await visit();
      await givePassword(page);
      await page.goto(`${home}/billing`);
      const second = await page.context().newPage();
      await second.goto(`${home}/reports`);
      await type(page, code());
      expect(await arrivedAt(page, 'Billing')).toBe('Billing');
      await type(second, code());
      expect(await arrivedAt(second, "You're signed in")).toBe("You're signed in");
      await second.getByRole('link', { name: 'Continue' }).click();
      expect(await arrivedAt(second, 'Reports')).toBe('Reports');
    },
  );

  usually('a set-up confirmed after signing out in another tab says so, and comes back to it', async () => {
    const page = await visit();
    await signedIn(page);
    await page.goto(`${home}/2fa/security/totp`);
    const second = await page.context().newPage();
    await second.goto(`${home}/`);
    await second.getByRole('button', { name: 'Sign out' }).click();
    await second.waitForURL(`${home}/logout`);
    await type(page, '123456');
    expect(await arrivedAt(page, 'You were signed out')).toBe('You were signed out');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await type(page, code());
    expect(await arrivedAt(page, 'Add your authenticator app')).toBe('Add your authenticator app');
  });

  describe('after a proof that was asked for, with one button more', () => {
    /** Sends the form that the button is of, with a proof that is old by then, and gives a new one. */
    async function sendStale(page: Page, press: () => Promise<void>): Promise<void> {
      proofs();
      await press();
      await page.getByRole('link', { name: "Confirm it's you" }).click();
      await type(page, code());
      await page.waitForURL((url) => !url.pathname.startsWith('/2fa/confirm'));
    }
    const press = (page: Page, name: string) => () => page.getByRole('button', { name, exact: true }).click();

    async function ofFactor(page: Page): Promise<void> {
      await host.twoFactor.importFactor('id-ann', { type: 'totp', secret: `${seed}AA`, label: 'Desk app' });
      await signedIn(page);
      await page.goto(`${home}/2fa/security`);
      await page.getByRole('link', { name: 'Manage: Desk app' }).click();
    }
    const buttons = (page: Page) => page.locator('main button').allTextContents();
    const labels = async () =>
      (await host.twoFactor.statusOf('id-ann')).factors.map(({ label }) => label).join(', ');

    usually('an app is removed, and not before', async () => {
      const page = await visit();
      await ofFactor(page);
      await sendStale(page, press(page, 'Remove Desk app'));
      expect(await arrivedAt(page, 'Remove Desk app')).toBe('Remove Desk app');
      expect(await buttons(page)).toEqual(['Remove Desk app']);
      expect(await labels()).toBe("Ann's phone, Desk app");
      await press(page, 'Remove Desk app')();
      await arrivedAt(page, 'Security and login');
      expect(await labels()).toBe("Ann's phone");
    });

    usually('a new name is still there, and in no address', async () => {
      const page = await visit();
      await ofFactor(page);
      await page.getByLabel('Name').fill('Blue tablet');
      await sendStale(page, press(page, 'Save the name'));
      expect(await arrivedAt(page, 'Rename Desk app')).toBe('Rename Desk app');
      expect(await page.getByLabel('Name').inputValue()).toBe('Blue tablet');
      expect(page.url()).not.toContain('Blue');
      expect(await buttons(page)).toEqual(['Save the name']);
      await press(page, 'Save the name')();
      await arrivedAt(page, 'Security and login');
      expect(await labels()).toBe("Ann's phone, Blue tablet");
    });

    usually('one is asked for first', async () => {
      const page = await visit();
      await ofFactor(page);
      await sendStale(page, press(page, 'Ask for this one first'));
      expect(await arrivedAt(page, 'Ask for Desk app first')).toBe('Ask for Desk app first');
      expect(await buttons(page)).toEqual(['Ask for this one first']);
    });

    usually('other devices are signed out', async () => {
      const page = await visit();
      await signedIn(page);
      await page.goto(`${home}/2fa/security`);
      await sendStale(page, press(page, 'Sign out other devices'));
      expect(await arrivedAt(page, 'Sign out other devices?')).toBe('Sign out other devices?');
      expect(await buttons(page)).toEqual(['Sign out other devices']);
    });

    usually('backup codes are made', async () => {
      const page = await visit();
      await signedIn(page);
      await page.goto(`${home}/2fa/security/backup-codes`);
      await sendStale(page, press(page, 'Make backup codes'));
      expect(await buttons(page)).toEqual(['Make backup codes']);
    });

    usually('a code is sent to the number that was typed', async () => {
      const page = await visit();
      await signedIn(page);
      await page.goto(`${home}/2fa/security/otp-sms`);
      await page.locator('#address').fill('+420777000011');
      await sendStale(page, press(page, 'Send the code'));
      expect(await page.locator('#address').inputValue()).toBe('+420777000011');
      expect(page.url()).not.toContain('777000011');
      expect(host.sms.sent).toHaveLength(0);
    });
  });

  usually(
    'a sign-in with a backup code says how many are left and what to do, until it is done',
    async () => {
      const [page, second] = [await visit(), await visit()];
      await signedIn(page);
      await page.goto(`${home}/2fa/security/backup-codes`);
      await page.getByRole('button', { name: 'Make backup codes' }).click();
      const codes = await page.locator('#codes li').allTextContents();
      await type(page, codes[0] ?? '');
      await arrivedAt(page, 'Security and login');
      const said = 'You used a backup code: 9 left';
      expect(await page.getByText(said).count()).toBe(0);

      await givePassword(second);
      await second.goto(`${home}/2fa/backup-code?to=%2Fbilling`);
      await type(second, codes[1] ?? '');
      expect(await arrivedAt(second, said)).toBe(said);
      await second.getByText('Lost your phone? Replace it, or make new codes.').waitFor();
      await second.getByRole('link', { name: 'Continue' }).click();
      await arrivedAt(second, 'Billing');
      await second.goto(`${home}/2fa/security`);
      await second.getByText(said).waitFor();
      await second.getByRole('link', { name: 'Make new codes' }).first().click();
      await second.getByRole('button', { name: 'Make new codes' }).click();
      await type(second, (await second.locator('#codes li').allTextContents())[0] ?? '');
      await arrivedAt(second, 'Security and login');
      expect(await second.getByText('You used a backup code').count()).toBe(0);
    },
  );

  usually(
    'an app removed after a code by e-mail says that this was not strong enough, and what would be',
    async () => {
      await host.twoFactor.importFactor('id-ann', {
        type: 'otp-email',
        address: 'ann@mail.example',
        label: 'Mail',
      });
      const page = await visit();
      await givePassword(page);
      await page.goto(`${home}/2fa/otp-email`);
      await page.getByRole('button', { name: 'Send the code' }).click();
      await page.locator('#code').waitFor();
      await type(page, newest(host.email));
      await arrivedAt(page, 'Home');
      await page.goto(`${home}/2fa/security`);
      await page.getByRole('link', { name: "Manage: Ann's phone" }).click();
      await page.getByRole('button', { name: "Remove Ann's phone" }).click();
      expect(await arrivedAt(page, "That wasn't strong enough")).toBe("That wasn't strong enough");
      expect(await page.locator('main li').allTextContents()).toEqual(['Authenticator app']);
      await page.getByRole('link', { name: "Confirm it's you" }).click();
      await page.getByText("A code that was sent to you isn't enough").waitFor();
      await type(page, code());
      expect(await arrivedAt(page, "Remove Ann's phone")).toBe("Remove Ann's phone");
    },
  );
});
