import type { Express } from 'express';
import { browser, codeAt, errorCode, type BrowserAgent } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { hostApp, type HostApp } from '../support/host-app';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const other = 'https://sso.example.com/authorize?client=1&state=%22x%22';

const routes = (app: Express): void => {
  app.get('/sso', (_req, res) => res.redirect(other));
  app.get('/app', (_req, res) => res.redirect('com.example.app://callback?code=1'));
  app.get('/here', (_req, res) => res.redirect('http://localhost:3000/there'));
  app.get('/script', (_req, res) => void res.writeHead(302, { Location: 'javascript:alert(1)' }).end());
  app.get('/made', (_req, res) => void res.writeHead(201, { Location: other }).end('made'));
};

async function atStep(
  given: Parameters<typeof hostApp>[0] = {},
): Promise<{ host: HostApp; agent: BrowserAgent }> {
  const host = hostApp(given, routes);
  await host.twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: 'Phone' });
  const agent = browser(host.app);
  await agent.signIn('ann').expect(401);
  return { host, agent };
}

/** Proves by form, as a page does, and gives where that leads. */
async function proves(host: HostApp, agent: BrowserAgent, to = ''): Promise<string> {
  host.clock.move(2 * minutes);
  const step = await agent.page('/2fa').expect(200);
  const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(step.text) ?? [];
  const fields = { code: codeAt(seed, host.clock.now()), form_token: token, to };
  return (await agent.form('/2fa/totp', fields).expect(303)).headers.location ?? '';
}

const leadsTo = async (agent: BrowserAgent, path: string): Promise<string> =>
  (await agent.page(path)).headers.location ?? '';

describe('What a form of ours has led to', () => {
  it('goes to another site by way of a page of ours', async () => {
    const { host, agent } = await atStep();
    expect(await proves(host, agent, '/sso')).toBe('/sso');
    const goOn = await leadsTo(agent, '/sso');
    expect(goOn).toMatch(/^\/2fa\/continue\?/);
    const page = await agent.page(goOn).expect(200);
    const shown = other.replaceAll('&', '&amp;');
    expect(page.text).toContain(`<meta http-equiv="refresh" content="0; url=${shown}">`);
    expect(page.text).toContain(`href="${shown}"`);
    expect(page.headers['referrer-policy']).toBe('same-origin');
  });

  it.each([
    ['a picture', { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
    ['a script', { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
  ])('stays as it is for %s, which no form has led anywhere', async (_, headers) => {
    const { host, agent } = await atStep();
    await proves(host, agent);
    const led = await agent.agent.get('/sso').set(headers).redirects(0);
    expect(led.headers.location).toBe(other);
  });

  it('is over after a minute, whatever a browser keeps', async () => {
    const { host, agent } = await atStep();
    await proves(host, agent);
    const goOn = await leadsTo(agent, '/sso');
    await agent.page(goOn).expect(200);
    host.clock.move(2 * minutes);
    await agent.page(goOn).expect(404);
  });

  it('goes to an app on the phone in the same way', async () => {
    const { host, agent } = await atStep();
    await proves(host, agent, '/app');
    const page = await agent.page(await leadsTo(agent, '/app')).expect(200);
    expect(page.text).toContain('href="com.example.app://callback?code=1"');
  });

  it.each([
    ['on this site', '/here', 'http://localhost:3000/there'],
    ['to what no browser follows', '/script', 'javascript:alert(1)'],
    ['by no redirect', '/made', other],
  ])('is left as it is where it leads %s', async (_, path, location) => {
    const { host, agent } = await atStep();
    await proves(host, agent, path);
    expect(await leadsTo(agent, path)).toBe(location);
  });

  it('is left as it is for anyone who comes by a link', async () => {
    const { host, agent } = await atStep();
    await proves(host, agent, '/sso');
    expect(await leadsTo(browser(host.app), '/sso')).toBe(other);
  });

  it.each(['home', 'onSignedIn'] as const)('is another site at once where %s says so', async (hook) => {
    const { host, agent } = await atStep({ [hook]: () => other });
    const goOn = await proves(host, agent);
    expect(goOn).toMatch(/^\/2fa\/continue\?/);
    expect((await agent.get(goOn).expect(200)).body).toEqual({ url: other });
  });

  it('is signed out with the half login, and the login page may be another site', async () => {
    const host = hostApp({ loginUrl: '/sso' }, routes);
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: 'Phone' });
    const agent = browser(host.app);
    await agent.signIn('ann').expect(401);
    const step = await agent.page('/2fa').expect(200);
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(step.text) ?? [];
    await agent.form('/2fa/cancel', { form_token: token }).expect(303);
    const goOn = await leadsTo(agent, '/sso');
    expect(goOn).toMatch(/^\/2fa\/continue\?/);
    await agent.page(goOn).expect(200);
  });
});

describe('The page that continues', () => {
  it('leads nowhere for a URL that was made for another browser, or by anyone else', async () => {
    const { host, agent } = await atStep();
    await proves(host, agent, '/sso');
    const goOn = await leadsTo(agent, '/sso');
    const evil = Buffer.from('https://evil.example/').toString('base64url');
    const stranger = browser(host.app);
    for (const [who, path] of [
      [stranger, goOn],
      [agent, goOn.replace(/url=[^&]+/, `url=${evil}`)],
      [agent, goOn.replace(/sign=.*/, 'sign=')],
      [agent, goOn.replace(/&sign=.*/, '')],
      [agent, `${goOn}&sign=x`],
      [agent, `/2fa/continue?url=${evil}`],
      [agent, '/2fa/continue'],
    ] as const) {
      const answer = await who.get(path);
      expect([path, answer.status, errorCode(answer)]).toEqual([path, 404, 'not_found']);
      expect((await who.page(path).expect(404)).text).not.toContain('evil.example');
    }
    await agent.get(goOn).expect(200);
  });
});
