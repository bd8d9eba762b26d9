import type { RequestHandler } from 'express';
import { browser, halfLogin } from '../support/browser-agent';
import { annWith, annsPhone, newest, noneOf, type CodeType, type CodesApp } from '../support/codes-app';

/** An app with pages of its own, which send through ours and check by Passport. */
async function ownPages(): Promise<CodesApp> {
  const host: CodesApp = await annWith(['otp-sms', 'otp-email'], {}, (app, twoFactor) => {
    for (const type of ['otp-sms', 'otp-email'] as const) {
      app.post(`/own/${type}`, (req, res, next) => {
        const check = host.passport.authenticate(type, {
          assignProperty: 'secondFactorProof',
        }) as RequestHandler;
        check(req, res, next);
      });
      app.post(`/own/${type}`, (req, res, next) => {
        twoFactor.finishLogin(req, res).then((done) => res.json(done), next);
      });
      app.post(`/own/whole/${type}`, twoFactor.authenticate(type), (req, res) =>
        res.json({ user: req.user }),
      );
    }
  });
  return host;
}

const outbox = (host: CodesApp, type: CodeType) => (type === 'otp-sms' ? host.sms : host.email);

describe.each(['otp-sms', 'otp-email'] as const)('The strategy %s by name', (type) => {
  it('completes a half login with a code that was sent to it, once', async () => {
    const host = await ownPages();
    const agent = await halfLogin(host);
    await agent.post(`/2fa/${type}/send`).expect(200);
    const code = newest(outbox(host, type));
    await agent.post(`/own/${type}`, { code: noneOf(code) }).expect(401);
    await agent.post(`/own/${type}`, { code: [code] }).expect(400);
    expect((await agent.get('/me').set('Accept', '*/*')).body.user).toBeNull();
    const done = await agent.post(`/own/${type}?to=/billing`, { code }).expect(200);
    expect(done.body).toEqual({ url: '/billing' });
    expect((await agent.get('/me')).body).toMatchObject({
      user: { id: 'id-ann' },
      twoFactor: { status: 'passed' },
    });
    await agent.post(`/own/${type}`, { code }).expect(401);
  });

  it('checks and completes in one with authenticate()', async () => {
    const host = await ownPages();
    const agent = await halfLogin(host);
    await agent.post(`/2fa/${type}/send`).expect(200);
    const { body } = await agent.post(`/own/whole/${type}`, { code: newest(outbox(host, type)) }).expect(200);
    expect(body.user.id).toBe('id-ann');
  });

  it('lets nobody in without a login, and counts the tries of the half login', async () => {
    const host = await ownPages();
    await browser(host.app).post(`/own/${type}`, { code: '123456' }).expect(401);
    const agent = await halfLogin(host);
    await agent.post(`/2fa/${type}/send`).expect(200);
    const code = newest(outbox(host, type));
    for (let nth = 0; nth < 5; nth += 1) await agent.post(`/own/${type}`, { code: noneOf(code) }).expect(401);
    await agent.post(`/own/${type}`, { code }).expect(401);
    expect((await agent.get('/me').set('Accept', '*/*')).text).not.toContain(annsPhone);
    expect((await agent.get('/me').set('Accept', '*/*')).body.user).toBeNull();
  });
});
