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
