import type { ErrorRequestHandler } from 'express';
import type { SecondFactorOptions } from '../../lib';
import { browser, type BrowserAgent } from '../support/browser-agent';
import { hostApp, origin, type TestUser } from '../support/host-app';

type Given = Partial<SecondFactorOptions<TestUser>>;

const SECURITY = '/2fa/security';

async function signedIn(given: Given): Promise<BrowserAgent> {
  const agent = browser(hostApp(given).app);
  await agent.signIn('ann').expect(200);
  return agent;
}
const securityPage = async (given: Given): Promise<string> =>
  (await (await signedIn(given)).page(SECURITY).expect(200)).text;
const headerOf = (html: string): string => /<header[\s\S]*?<\/header>/.exec(html)?.[0] ?? '';

describe("our pages in the app's clothes", () => {
  it('carry its picture, and its stylesheet after ours', async () => {
    const html = await securityPage({ brand: { logo: '/logo.svg', stylesheet: '/brand.css?v=3' } });
    expect(headerOf(html)).toMatch(
      /<img class="logo" src="\/logo.svg" alt=""[^>]*> <bdi>Test App<\/bdi><\/a>/,
    );
    const sheets = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map(([, url]) => url);
    expect(sheets).toEqual([
      expect.stringContaining('/2fa/assets/style.css'),
      expect.stringContaining('/2fa/assets/security.css'),
      '/brand.css?v=3',
    ]);
  });

  it('take an address of the same origin as it is, and put a path below the one of the app', async () => {
    const below = await securityPage({
      origin: `${origin}/admin`,
      brand: { logo: `${origin}/shared/logo.svg`, stylesheet: '/brand.css', accountUrl: '/account' },
    });
    expect(below).toContain(`src="${origin}/shared/logo.svg"`);
    expect(below).toContain('href="/admin/brand.css"');
    expect(below).toContain('href="/admin/account"');
  });

  it('lead back to the account and sign out, for people who are signed in', async () => {
    const brand = { accountUrl: '/account', signOutUrl: '/logout' };
    const agent = await signedIn({ brand });
    const header = headerOf((await agent.page(SECURITY).expect(200)).text);
    expect(header).toContain('<a class="aside" href="/account">Your account</a>');
    expect(header).toContain('<form method="post" action="/logout" novalidate>');
    expect(header).not.toContain('form_token');
    await agent.form('/logout').expect(200);
    const stranger = headerOf((await agent.page(SECURITY).expect(401)).text);
    expect(stranger).not.toMatch(/account|logout/);
  });

  it("give the app's own CSRF check its field when signing out", async () => {
    const header = headerOf(
      await securityPage({
        brand: { signOutUrl: '/logout' },
        csrf: { field: '_csrf', token: () => 'the-token' },
      }),
    );
    expect(header).toContain('<input type="hidden" name="_csrf" value="the-token">');
  });

  it('have a header of its own in the place of ours, made for the request', async () => {
    const agent = await signedIn({
      brand: {
        header: (req) => `<header>Hello ${(req.user as TestUser | undefined)?.id ?? 'stranger'}</header>`,
      },
    });
    const { text } = await agent.page(SECURITY).expect(200);
    expect(text).toMatch(/<a class="skip"[^\n]*\n<header>Hello id-ann<\/header>\s*<main id="main"/);
    await agent.signOut();
    expect((await agent.page(SECURITY).expect(401)).text).toContain('<header>Hello stranger</header>');
  });

  it.each([
    ['light', ' data-theme="light"', 'light'],
    ['dark', ' data-theme="dark"', 'dark'],
    ['sepia', '', 'light dark'],
    [undefined, '', 'light dark'],
  ])('are in the theme that was chosen there: %s', async (theme, attribute, scheme) => {
    const html = await securityPage({ brand: { theme: () => theme } });
    expect(html).toContain(`<html lang="en" dir="ltr"${attribute}>`);
    expect(html).toContain(`<meta name="color-scheme" content="${scheme}">`);
  });

  it.each([
    ['a promise', () => Promise.resolve('<header></header>') as never, /brand\.header gave no text/],
    [
      'a call of what is not there yet',
      (req: object) => (req as { t(key: string): string }).t('menu'),
      /brand\.header calls req\.t\(\)/,
    ],
  ])('say what is wrong with a header: %s', async (_what, header, message) => {
    const failed = jest.fn();
    const host = hostApp({ brand: { header } });
    host.app.use(((error, _req, res, _next) => {
      failed(error.message);
      res.status(500).end();
    }) as ErrorRequestHandler);
    const agent = browser(host.app);
    await agent.signIn('ann').expect(200);
    await agent.page(SECURITY).expect(500);
    expect(failed).toHaveBeenCalledWith(expect.stringMatching(message));
  });
});

describe('what the app does not offer', () => {
  it('is not shown, and JSON still names it', async () => {
    const host = hostApp({ webauthn: false });
    const agent = browser(host.app);
    await agent.signIn('ann').expect(200);
    const { text } = await agent.page(SECURITY).expect(200);
    const titles = [...text.matchAll(/<h3>([^<]+)<\/h3>/g)].map(([, title]) => title);
    expect(titles.slice(0, 2)).toEqual(['Authenticator app', 'Backup codes']);
    const { body } = await agent.get(SECURITY).expect(200);
    expect(body.types).toHaveLength(4);
  });
});
