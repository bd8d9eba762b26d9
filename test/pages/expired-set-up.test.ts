import { formToken } from '../advisories/cast';
import { browser, codeAt } from '../support/browser-agent';
import { hours } from '../support/clock';
import { hostApp } from '../support/host-app';

it('A set-up that took longer than an hour says so, on its page and in JSON', async () => {
  const { app, clock } = hostApp();
  const ann = browser(app);
  await ann.signIn('ann').expect(200);
  const { body: setup } = await ann.get('/2fa/security/totp').expect(200);
  const token = formToken((await ann.page('/2fa/security')).text);
  clock.move(hours + 1);
  const code = codeAt(setup.secret, clock.now());
  const page = await ann.form('/2fa/security/totp', { form_token: token, code }).expect(409);
  expect(page.text).toContain('The set-up took too long');
  expect(page.text).toContain('href="/2fa/security"');
  const json = await ann.post('/2fa/security/totp', { code }).expect(409);
  expect(json.body.error).toMatchObject({ code: 'conflict', url: '/2fa/security' });
  expect(json.body.error.message).toContain('Start again');
});
