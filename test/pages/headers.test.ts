import express from 'express';
import request from 'supertest';
import { securityHeaders } from '../../lib/pages/respond';

const policyOf = async (own?: string): Promise<string | undefined> => {
  const app = express();
  if (own !== undefined) {
    app.use((_req, res, next) => {
      res.set('Permissions-Policy', own);
      next();
    });
  }
  app.use(securityHeaders, (_req, res) => {
    res.end();
  });
  return (await request(app).get('/')).get('Permissions-Policy');
};

describe('the permissions of a page', () => {
  it('let the page itself read the code of a text message, and no frame', async () => {
    expect(await policyOf()).toBe('otp-credentials=(self)');
  });

  it('are those of the app where it has set some', async () => {
    expect(await policyOf('camera=(), otp-credentials=()')).toBe('camera=(), otp-credentials=()');
  });
});
