import type { Locator, Page } from 'playwright-core';
import type { OutboxMessage } from '../../example-app/outbox';
import { codeIn, serveWebAdmin } from '../example-app/web-admin';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { isExhaustive, usually } from '../support/exhaustive';
import { describeIf } from '../support/needs';
import { virtualKey } from '../support/virtual-key';

jest.setTimeout(60_000);

/** What someone does with mouse and keyboard: a field without the focus has to be clicked before it is typed into. */
function handsOn(page: Page) {
  const spent = { clicks: 0, characters: 0 };
  const click = async (what: Locator): Promise<void> => {
    spent.clicks += 1;
    await what.click();
  };
  return {
    spent,
    press: (role: 'button' | 'link', name: string) => click(page.getByRole(role, { name, exact: true })),
    type: async (text: string): Promise<void> => {
      const field = page.locator('main input:visible').first();
      await field.waitFor();
      await page.waitForLoadState();
      // `autofocus` is heeded when the page is first drawn.
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
      const isFocused = (await field.and(page.locator(':focus')).count()) > 0;
      if (!isFocused) await click(field);
      spent.characters += text.length;
      await page.keyboard.type(text);
    },
  };
}

describeIf('browser', 'From the dashboard to two-factor authentication', () => {
  const browser = useBrowser();
  let app: Awaited<ReturnType<typeof serveWebAdmin>>;
  // Each test has the users of a fresh start.
  beforeEach(async () => {
    app = await serveWebAdmin();
  });
  afterEach(() => app.stop());

  async function fromDashboard(walk: (page: Page, hands: ReturnType<typeof handsOn>) => Promise<void>) {
    const { open, signIn } = demoVisits(browser, () => app, []);
    const { page, context } = await open(true);
    await signIn(page, 'demo');
    await page.getByRole('heading', { name: 'Protect your account' }).waitFor();
    const hands = handsOn(page);
    await walk(page, hands);
    await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
    // Saved in the meantime: the last four characters of any of them show it.
    await hands.type((await page.locator('#codes li').nth(4).innerText()).slice(-4));
    await hands.press('button', 'Turn on two-factor authentication');
    await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();
    await context.close();
    return hands.spent;
  }

  const sentCode = async (): Promise<string> => {
    const [message] = (await (await fetch(`${app.url}/outbox.json`)).json()) as readonly OutboxMessage[];
    if (!message) throw new Error('nothing was sent');
    return codeIn(message);
  };

  usually('is 5 clicks and 10 characters by an app', async () => {
    const spent = await fromDashboard(async (page, { press, type }) => {
      await press('link', 'Authenticator app');
      const link = await page.locator('a[href^="otpauth:"]').getAttribute('href');
      await type(codeAt(new URL(link ?? '').searchParams.get('secret') ?? '', Date.now()));
      await press('button', 'Confirm');
    });
    expect(spent).toEqual({ clicks: 5, characters: 6 + 4 });
  });

  usually('is 4 clicks and 4 characters by a key', async () => {
    const spent = await fromDashboard(async (page, { press }) => {
      await virtualKey(page, { transport: 'internal' });
      await press('link', 'Biometric or hardware key');
      await press('button', 'Continue');
    });
    expect(spent).toEqual({ clicks: 4, characters: 4 });
  });

  if (isExhaustive)
    it.each([
      ['text message', 'Text message', '+420777123123'],
      ['e-mail', 'E-mail', 'dana@example.org'],
    ])('is 5 clicks by %s', async (_what, name, address) => {
      const spent = await fromDashboard(async (page, { press, type }) => {
        await press('link', name);
        await type(address);
        await press('button', 'Send the code');
        await page.getByText('We sent a code to').waitFor();
        await type(await sentCode());
        await press('button', 'Confirm');
      });
      expect(spent).toEqual({ clicks: 5, characters: address.length + 6 + 4 });
    });
});
