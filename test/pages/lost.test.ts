import request from 'supertest';
import type { SecondFactorOptions } from '../../lib';
import { browser, halfLogin } from '../support/browser-agent';
import { annWith } from '../support/codes-app';
import { hostApp, type HostApp, type TestUser } from '../support/host-app';

const lostAccess: SecondFactorOptions<TestUser>['lostAccess'] = {
  form: { operator: ['Test Ltd', '1 High Street'], sendTo: 'access@example.com' },
};
const PATHS = ['/2fa/lost', '/2fa/lost/form.pdf', '/2fa/lost/form.html'];

describe('the page for people who have lost everything', () => {
  it('needs no login, starts no session, and says first where a way in may be', async () => {
    const page = await request(hostApp({ lostAccess }).app).get('/2fa/lost').accept('html').expect(200);
    expect(page.headers['set-cookie']).toBeUndefined();
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.text).toContain('test-app-backup-codes-….txt');
    expect(page.text).toContain('access@example.com');
    expect(page.text).toContain('href="/login"');
    expect(page.text.indexOf('Backup codes')).toBeLessThan(page.text.indexOf('Download the form'));
  });

  it('tells a script where the form is', async () => {
    const { body } = await request(hostApp({ lostAccess }).app).get('/2fa/lost').accept('json').expect(200);
    expect(body).toEqual({ formUrl: '/2fa/lost/form.pdf' });
  });

  it('is linked from the step, and leads back to the other ways', async () => {
    const host = await annWith(['otp-sms'], { lostAccess, helpUrl: '/help' });
    const agent = await halfLogin(host);
    expect((await agent.page('/2fa').expect(200)).text).toMatch(/href="\/2fa\/lost">Lost access/);
    expect((await agent.page('/2fa/lost').expect(200)).text).toContain('href="/2fa/choose"');
  });

  it('leads to the settings of someone who is signed in', async () => {
    const agent = browser(hostApp({ lostAccess }).app);
    await agent.signIn('ann').expect(200);
    expect((await agent.page('/2fa/lost').expect(200)).text).toMatch(/primary whole" href="\/2fa\/security"/);
  });

  it.each(PATHS)('is not there unless the operator wants it: %s', async (path) => {
    const { body } = await request(hostApp().app).get(path).accept('json').expect(404);
    expect(body).toMatchObject({ error: { code: 'not_found' } });
  });

  it.each(PATHS)('is for no script of another site: %s', async (path) => {
    const read = request(hostApp({ lostAccess }).app).get(path).accept('json');
    await read.set('Sec-Fetch-Site', 'cross-site').set('Sec-Fetch-Mode', 'cors').expect(403);
  });
});

const bytes = (app: HostApp['app'], path: string) =>
  request(app)
    .get(path)
    .buffer()
    .parse((res, done) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => done(null, Buffer.concat(chunks)));
    });

describe('the blank form', () => {
  it('is a PDF to download, in the language that is asked for', async () => {
    const got = await bytes(hostApp({ lostAccess }).app, '/2fa/lost/form.pdf?paper=letter&locale=cs-CZ');
    expect(got.headers['content-type']).toBe('application/pdf');
    expect(got.headers['content-disposition']).toBe('attachment; filename=test-app-lost-access-cs.pdf');
    const file = (got.body as Buffer).toString('latin1');
    expect(file.slice(0, 8)).toBe('%PDF-1.7');
    expect(file).toContain('/Lang (cs)');
    expect(file).toContain('[0 0 612 792]');
  });

  it('is made once for each language and paper', async () => {
    const { app } = hostApp({ lostAccess });
    const first = await bytes(app, '/2fa/lost/form.pdf');
    const again = await bytes(app, '/2fa/lost/form.pdf?paper=a4&locale=xx');
    const other = await bytes(app, '/2fa/lost/form.pdf?locale=cs');
    // Two that are made anew differ at least in their ids.
    expect(again.body).toEqual(first.body);
    expect(other.body).not.toEqual(first.body);
  });

  it.each(['pdf', 'html'])('is made for no other paper: %s', async (kind) => {
    const { body } = await request(hostApp({ lostAccess }).app)
      .get(`/2fa/lost/form.${kind}?paper=a3`)
      .accept('json')
      .expect(400);
    expect(body).toMatchObject({ error: { code: 'malformed', field: 'paper' } });
  });

  it('is also a page without a script or a form, in the language that is asked for', async () => {
    const page = await request(hostApp({ lostAccess }).app)
      .get('/2fa/lost/form.html?locale=cs')
      .accept('html')
      .expect(200);
    expect(page.text).toContain('<html lang="cs" dir="ltr">');
    expect(page.text).not.toMatch(/<script|<form|style=|\son\w+=/);
    expect(page.text).not.toContain('Ověření podpisu');
  });
});
