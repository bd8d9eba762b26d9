import { browser, errorCode } from '../support/browser-agent';
import { hostApp } from '../support/host-app';

it('An id that is badly encoded is not found, and no error of ours reaches the app', async () => {
  const errors: unknown[] = [];
  const { app } = hostApp();
  app.use(((error: unknown, _req: unknown, res: { sendStatus(code: number): void }, _next: unknown) => {
    errors.push(error);
    res.sendStatus(500);
  }) as never);
  const ann = browser(app);
  await ann.signIn('ann').expect(200);
  expect(errorCode(await ann.get('/2fa/security/factors/%E0%A4%A').expect(404))).toBe('not_found');
  expect(errorCode(await ann.post('/2fa/security/factors/%/remove').expect(404))).toBe('not_found');
  await ann.page('/2fa/security/factors/%E0%A4%A').expect(404);
  expect(errors).toEqual([]);
});
