import { browser, codeAt, enrolTotp, errorCode } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { hostApp } from '../support/host-app';

it('A half login is over at the moment its page named, and not before', async () => {
  const { app, clock } = hostApp();
  const ann = browser(app);
  await ann.signIn('ann').expect(200);
  const { secret } = await enrolTotp(ann, clock.now());
  const [early, late] = [browser(app), browser(app)];
  await early.signIn('ann').expect(401);
  await late.signIn('ann').expect(401);
  const { expiresAt } = (await late.get('/2fa').expect(200)).body as { expiresAt: string };
  clock.set(Date.parse(expiresAt) - 1);
  await early.post('/2fa/totp', { code: codeAt(secret, clock.now()) }).expect(200);
  clock.set(Date.parse(expiresAt));
  const code = codeAt(secret, clock.now() + minutes / 2);
  expect(errorCode(await late.post('/2fa/totp', { code }).expect(401))).toBe('half_login_ended');
});
