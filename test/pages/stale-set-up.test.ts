import { formToken } from '../advisories/cast';
import { browser, codeAt, enrolTotp, errorCode, type BrowserAgent } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { hostApp } from '../support/host-app';

const path = '/2fa/security/totp';

/** What a form says that was not typed right, with the token of a page anybody in this session may open. */
async function sendForm(agent: BrowserAgent, fields: Record<string, string>) {
  const { text } = await agent.page('/2fa/security').expect(200);
  return agent.form(path, { form_token: formToken(text), ...fields });
}

describe('A set-up that nobody has begun, in a session whose proof is old', () => {
  it.each([
    ['no code', { code: '' }],
    ['letters', { code: 'abcdef' }],
    ['a name that is too long', { code: '123456', label: 'x'.repeat(100) }],
  ])('is not begun by a form with %s', async (_what, fields) => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    await enrolTotp(ann, clock.now());
    clock.move(60 * minutes);
    const answer = await sendForm(ann, fields);
    expect(answer.status).toBe(403);
    expect(answer.text).not.toMatch(/[A-Z2-7]{4}( [A-Z2-7]{4}){7}/);
    expect(errorCode(await ann.post(path, { code: '123456' }).expect(409))).toBe('conflict');
  });

  it('is not begun either where the first factor is set up', async () => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    clock.move(60 * minutes);
    const answer = await sendForm(ann, { code: '' });
    expect(answer.status).toBe(401);
    expect(answer.text).not.toMatch(/[A-Z2-7]{4}( [A-Z2-7]{4}){7}/);
  });

  it('goes on after a wrong code for ten minutes once it was begun with a fresh one', async () => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    const { body: setup } = await ann.get(path).expect(200);
    clock.move(9 * minutes);
    expect((await sendForm(ann, { code: '12345' })).status).toBe(422);
    await ann.post(path, { code: codeAt(setup.secret, clock.now()) }).expect(201);
  });
});

describe('Who signed in a while ago, and has no factor', () => {
  it.each(['/2fa/security/totp', '/2fa/confirm', '/billing'])(
    'is told to sign in again, and not that they are not signed in: %s',
    async (asked) => {
      const { app, clock } = hostApp();
      const bob = browser(app);
      await bob.signIn('bob').expect(200);
      clock.move(6 * minutes);
      const page = await bob.page(asked).expect(401);
      expect(page.text).toContain('You signed in a while ago');
      expect(page.text).toContain('action="/2fa/cancel');
      const { body } = await bob.get(asked).expect(401);
      expect(body.error).toMatchObject({ code: 'sign_in_required' });
      expect(body.error.message).toContain('You signed in a while ago');
    },
  );

  it('has a way on and back in what a script is told', async () => {
    const { app, clock } = hostApp();
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    clock.move(6 * minutes);
    const { body } = await bob.post('/2fa/security/sign-out-everywhere').expect(401);
    expect(body.error.url).toBe('/2fa/confirm?to=%2F2fa%2Fsecurity');
    const { text } = await bob.page(body.error.url).expect(401);
    expect(text).toContain('action="/2fa/cancel?to=%2F2fa%2Fsecurity"');
  });
});
