import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { serveWebAdmin } from '../example-app/web-admin';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { aPng } from '../support/documents';
import { describeIf } from '../support/needs';

jest.setTimeout(120_000);

/** Words a minute, and seconds: somebody who reads with care, types with ease and looks for each place to click. */
const pace = { words: 230, character: 0.3, click: 1.5 } as const;

/** What someone does with eyes, mouse and keyboard. */
function handsOn(page: Page) {
  const spent = { clicks: 0, characters: 0, words: 0 };
  const click = async (what: Locator): Promise<void> => {
    spent.clicks += 1;
    await what.click();
  };
  return {
    spent,
    click,
    read: async (): Promise<void> => {
      spent.words += (await page.locator('main').innerText()).split(/\s+/).filter(Boolean).length;
    },
    type: async (into: Locator, text: string): Promise<void> => {
      await click(into);
      spent.characters += text.length;
      await page.keyboard.type(text);
    },
    /** A click opens the list and one more chooses. */
    choose: async (from: Locator, label: string): Promise<void> => {
      spent.clicks += 2;
      await from.selectOption({ label });
    },
  };
}

const minutesOf = ({ clicks, characters, words }: ReturnType<typeof handsOn>['spent']): number =>
  words / pace.words + (characters * pace.character + clicks * pace.click) / 60;

describeIf('browser', 'From the queue to the decision on one request', () => {
  const browser = useBrowser();
  let app: Awaited<ReturnType<typeof serveWebAdmin>>;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'handling-'));
    app = await serveWebAdmin({ EVIDENCE_DIR: folder });
  });
  afterEach(async () => {
    await app.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const visits = demoVisits(browser, () => app, []);

  async function sentCode(page: Page): Promise<string> {
    const answer = await page.request.get(`${app.url}/outbox.json`);
    const all = (await answer.json()) as readonly { text: string }[];
    return all.flatMap(({ text }) => /(?<![\w-])\d{6}(?![\w-])/.exec(text) ?? [])[0] ?? '';
  }

  /** Asks for access to the account of demo-lost, with a copy of a document and facts from an invoice. */
  async function ask(): Promise<void> {
    const { page, context } = await visits.open(false);
    await visits.signIn(page, 'demo-lost');
    await page.goto(`${app.url}/2fa/lost/requests`);
    await page.getByLabel('Authenticator app').check();
    await page.getByLabel('E-mail address or phone number where').fill('demo-lost@example.com');
    await page.getByLabel('What happened?').fill('My phone is at the bottom of a lake.');
    await page.getByRole('button', { name: 'Ask for access' }).click();
    await page.getByLabel('The code from our message').fill(await sentCode(page));
    await page.getByRole('button', { name: 'Confirm' }).click();
    const file = join(folder, 'passport.png');
    writeFileSync(file, aPng);
    await page.getByText('A copy of an identity document').click();
    await page.getByLabel('PDF, JPEG or PNG').setInputFiles(file);
    await page.getByRole('button', { name: 'Send the copy' }).click();
    await page.getByText('Facts from an invoice').first().click();
    await page.getByLabel('Invoice number').fill('2026-0001');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.locator('.given', { hasText: 'Facts from an invoice' }).waitFor();
    await context.close();
  }

  /** At the request, from the queue: both pages are read. */
  async function atRequest(name: string) {
    const { page, context } = await visits.open(false);
    await page.goto(`${app.url}/outbox`);
    const code = (await page.locator(`.app dt:text-is("${name}") + .code`).textContent()) ?? '';
    await visits.signIn(page, name);
    await page.getByLabel('Enter the 6-digit code').fill(code.trim());
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.url}/`);
    await page.goto(`${app.url}/admin/2fa/requests`);
    const hands = handsOn(page);
    await hands.read();
    await hands.click(page.getByRole('link', { name: /^RA-/ }));
    await page.getByRole('heading', { level: 1, name: 'Request of demo-lost' }).waitFor();
    await hands.read();
    const form = (kind: string) => page.locator('section.act', { hasText: kind });
    const look = async (): Promise<void> => {
      const [copy] = await Promise.all([
        page.waitForEvent('download'),
        hands.click(page.getByRole('link', { name: 'Download the copy (PNG' })),
      ]);
      expect(copy.suggestedFilename()).toMatch(/^RA-.*\.png$/);
    };
    const decide = async (verb: string, why: string, done: string): Promise<void> => {
      await hands.click(page.locator('summary', { hasText: verb }));
      const open = page.locator('details[open]');
      await hands.type(open.getByLabel('Name of the account'), 'demo-lost');
      await hands.type(open.getByLabel('Reason'), why);
      await hands.click(open.getByRole('button', { name: verb }));
      await page.getByText(done).first().waitFor();
    };
    return { page, context, ...hands, form, look, decide };
  }

  it('takes each of the two people less than five minutes', async () => {
    await ask();
    const reviewer = await atRequest('demo-reviewer');
    await reviewer.look();
    for (const [kind, note] of [
      ['A copy of an identity document', 'Name and birth year agree with the contract.'],
      ['Facts from an invoice', 'The number is in our books.'],
    ] as const) {
      const form = reviewer.form(kind);
      await reviewer.choose(form.getByLabel('Verdict'), 'Matches');
      await reviewer.type(form.getByLabel('Note'), note);
      await reviewer.click(form.getByRole('button', { name: 'Save the verdict' }));
      await reviewer.form(kind).getByText(note).waitFor();
    }
    // What has come of it, before it is said that this is enough.
    await reviewer.read();
    await reviewer.decide(
      'Recommend',
      'Document and invoice agree with our records.',
      'You have recommended',
    );
    await reviewer.context.close();

    const approver = await atRequest('demo-reviewer-2');
    await approver.look();
    await approver.decide('Approve', 'Seen anew: document and invoice agree.', 'You have approved it');
    await approver.context.close();

    const found = [reviewer.spent, approver.spent];
    expect(found).toMatchObject([
      { clicks: 14, characters: 124 },
      { clicks: 6, characters: 47 },
    ]);
    for (const spent of found) expect(minutesOf(spent)).toBeLessThan(5);
  });
});
