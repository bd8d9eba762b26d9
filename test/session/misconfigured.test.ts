import type { ErrorRequestHandler } from 'express';
import { secondFactor, type SecondFactorError } from '../../lib';
import { browser } from '../support/browser-agent';
import { hostApp } from '../support/host-app';

it('A Passport is wrapped once: a second object would be asked for a factor by the first', () => {
  const { options } = hostApp();
  expect(() => secondFactor(options)).toThrow(
    expect.objectContaining({ code: 'bad_option', help: expect.stringContaining('new Passport()') }),
  );
});

const seed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

describe('The refusal of a login without a session', () => {
  it.each([
    [['loacl'], true],
    [['session'], false],
  ])('with tokenStrategies %j names those that do not exist: %s', async (tokenStrategies, isNamed) => {
    const { app, passport, twoFactor } = hostApp({ tokenStrategies });
    const errors: SecondFactorError[] = [];
    app.post('/token', passport.authenticate('local', { session: false }), (_req, res) => res.json({}));
    app.use(((error, _req, res, _next) => {
      errors.push(error as SecondFactorError);
      res.sendStatus(401);
    }) as ErrorRequestHandler);
    await twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: 'App' });
    await browser(app).post('/token', { username: 'ann', password: 'right' }).expect(401);
    expect(errors[0]?.code).toBe('second_factor_required');
    expect(errors[0]?.help).toContain('listed in tokenStrategies');
    expect(errors[0]?.help.includes("'loacl', but no strategy has that name")).toBe(isNamed);
  });
});
