import type { Page } from 'playwright-core';
import { DEMO_MAILBOX, DEMO_PHONE } from '../../example-app/demo-users';
import type { OutboxMessage } from '../../example-app/outbox';
import { codeIn } from '../example-app/web-admin';
import { accessibilityProblems } from '../support/accessibility';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { scripting, usually } from '../support/exhaustive';
import { describeIf } from '../support/needs';
import { startWebAdmin, type WebAdmin } from '../support/web-admin';

describeIf('browser', 'The story of codes that are sent, in a browser', () => {
  const browser = useBrowser();
  let app: WebAdmin;
  const violations: string[] = [];
  const { open, signIn, signOut, shot } = demoVisits(browser, () => app, violations);

  beforeAll(async () => {
    app = await startWebAdmin();
  });
  afterAll(() => app.stop());

  const outbox = async (): Promise<readonly OutboxMessage[]> =>
    (await (await fetch(`${app.url}/outbox.json`)).json()) as OutboxMessage[];

  /** The newest message, which has to be to this address. */
  async function newestTo(to: string): Promise<OutboxMessage> {
    const [message] = await outbox();
    if (message?.to !== to) throw new Error('the newest message went to somebody else');
    return message;
  }

  const typeCode = async (page: Page, to: string): Promise<void> => {
    await page.locator('#code').fill(codeIn(await newestTo(to)));
    await page.keyboard.press('Enter');
  };
  const send = (page: Page) => page.getByRole('button', { name: 'Send the code' }).click();

  for (const [how, withScript] of scripting) {
    it(`check 46, ${how}: demo-sms reads the code in a second tab, and is in`, async () => {
      const { page, context } = await open(withScript);
      await signIn(page, 'demo-sms');
      const before = (await outbox()).length;
      await page.getByText('•••••••56').first().waitFor();
      await page.reload();
      expect(await outbox()).toHaveLength(before);
      await shot(page, `sms-step-send-${withScript}`);
      await send(page);
      await page.locator('#code').waitFor();
      await shot(page, `sms-step-${withScript}`);
      expect(withScript ? await accessibilityProblems(page) : []).toEqual([]);

      const second = await context.newPage();
      await second.goto(`${app.url}/outbox`);
      const newest = second.locator('.message').first();
      expect(await newest.getByRole('heading').textContent()).toBe(`Text message to ${DEMO_PHONE}`);
      const code = (await newest.locator('.code').textContent()) ?? '';
      expect(code).toBe(codeIn(await newestTo(DEMO_PHONE)));
      await shot(second, `outbox-sms-${withScript}`);
      await second.close();

      await page.locator('#code').fill(code);
      await page.keyboard.press('Enter');
      await page.waitForURL(`${app.url}/`);
      await context.close();
    });

    it(`check 46, ${how}: demo-email finds the reference of the page in the mail`, async () => {
      const { page, context } = await open(withScript);
      await signIn(page, 'demo-email');
      await send(page);
      await page.locator('#code').waitFor();
      await shot(page, `email-step-${withScript}`);
      const { text, subject } = await newestTo(DEMO_MAILBOX);
      const [reference = ''] = /[A-Z]{4}[ -]?[A-Z]{4}/.exec(subject ?? '') ?? [];
      expect(reference).not.toBe('');
      expect(text).toContain(reference);
      expect(await page.getByText(reference).first().isVisible()).toBe(true);
      expect(text).not.toMatch(/https?:/);
      await typeCode(page, DEMO_MAILBOX);
      await page.waitForURL(`${app.url}/`);
      await context.close();
    });
  }

  usually('demo adds a phone, which no other spelling adds again, and then a mailbox', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo');
    await page.goto(`${app.url}/2fa/security`);
    await shot(page, 'codes-security-off');
    await page.getByRole('link', { name: 'Set up: Text message' }).click();
    await shot(page, 'sms-enrol');
    await page.locator('#address').fill('603 123 456');
    await send(page);
    await page.locator('#code').waitFor();
    await shot(page, 'sms-enrol-code');
    await typeCode(page, '+420603123456');
    await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
    const codes = await page.locator('#codes li').allTextContents();
    await page.getByLabel('Type one of the codes').fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Turn on two-factor authentication' }).click();
    await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();
    await page.getByText('•••••••56').waitFor();

    const before = (await outbox()).length;
    await page.getByRole('link', { name: 'Add another: Text message' }).click();
    for (const spelling of ['+420 603-123-456', '00420603123456']) {
      await page.locator('#address').fill(spelling);
      await send(page);
      await page
        .getByText(/already/)
        .first()
        .waitFor();
    }
    await shot(page, 'sms-enrol-twice');
    expect(await outbox()).toHaveLength(before);

    await page.goto(`${app.url}/2fa/security`);
    await page.getByRole('link', { name: 'Set up: E-mail' }).click();
    await page.locator('#address').fill('Someone.Else@Example.com');
    await send(page);
    await page.locator('#code').waitFor();
    await shot(page, 'email-enrol-code');
    await typeCode(page, 'Someone.Else@example.com');
    await page.getByText('S•••@e•••.com').waitFor();
    await shot(page, 'codes-security-on');
    expect(await page.content()).not.toMatch(/603123456|someone\.else/i);

    await signOut(page);
    await signIn(page, 'demo');
    await page.getByRole('link', { name: 'Try another way' }).click();
    await shot(page, 'codes-choose');
    await page.getByRole('link', { name: /E-mail/ }).click();
    await send(page);
    await page.locator('#code').waitFor();
    await typeCode(page, 'Someone.Else@example.com');
    await page.waitForURL(`${app.url}/`);
    await context.close();
  });

  it('check 47: never broke the content security policy', () => {
    expect(violations).toEqual([]);
  });
});
