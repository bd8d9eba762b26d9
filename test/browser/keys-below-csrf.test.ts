import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { host, type Host } from '../hosts/host';
import { csrfToken, passwordStarter } from '../hosts/starter-password';
import { useBrowser } from '../support/browser';
import { freePort } from '../support/free-port';
import { describeIf } from '../support/needs';
import { virtualKey } from '../support/virtual-key';

describeIf('browser', 'A security key in an app whose CSRF check is above ours and reads no JSON', () => {
  const browser = useBrowser();
  let [built, server, home]: [Host | null, Server | null, string] = [null, null, ''];
  beforeAll(async () => {
    const port = await freePort();
    home = `http://localhost:${port}`;
    built = await host({
      options: { origin: home, csrf: { field: '_csrf', token: csrfToken } },
      build: passwordStarter,
    });
    server = createServer(built.app).listen(port, 'localhost');
    await once(server, 'listening');
  });
  afterAll(() => new Promise((done) => server?.close(done)));

  it('is added, and signs in', async () => {
    const context = await browser().newContext();
    const page = await context.newPage();
    await virtualKey(page);
    const signIn = async () => {
      await page.goto(`${home}/login`);
      await page.locator('[name="username"]').fill('bob');
      await page.locator('[name="password"]').fill('right');
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    const proceed = () => page.getByRole('button', { name: 'Continue' }).click();

    await signIn();
    await page.goto(`${home}/2fa/security/webauthn`);
    await proceed();
    await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
    const [code = ''] = await page.locator('#codes li').allTextContents();
    await page.getByLabel('Type one of the codes').fill(code);
    await page.getByRole('button', { name: 'Turn on two-factor authentication' }).click();
    await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();

    await page.goto(`${home}/`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn();
    await page.waitForURL(`${home}/2fa?to=%2F`);
    await proceed();
    await page.waitForURL(`${home}/`);
    expect(await page.textContent('body')).toContain('Signed in: bob@example.com');
    await context.close();
  });
});
