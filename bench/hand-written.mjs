import { createRequire } from 'node:module';
import express from 'express';
import session from 'express-session';
import { listening } from './measure.mjs';

const speakeasy = createRequire(import.meta.url)('speakeasy');

/** What people write by hand: one call of speakeasy and a new session. No replay guard, no counted tries. */
export async function handWritten(secrets) {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(express.json());
  app.use(session({ secret: 'bench', resave: false, saveUninitialized: false }));
  app.post('/login', (req, res) => {
    req.session.owes = req.body.username;
    res.json({ owed: true });
  });
  app.post('/verify', (req, res, next) => {
    const user = req.session.owes;
    const secret = secrets.get(user);
    const right = speakeasy.totp.verify({ secret, encoding: 'base32', token: req.body.code, window: 1 });
    if (!right) {
      res.status(401).json({ error: 'wrong_code' });
      return;
    }
    req.session.regenerate((error) => {
      if (error) {
        next(error);
        return;
      }
      req.session.user = user;
      req.session.save((failed) => (failed ? next(failed) : res.json({ passed: true })));
    });
  });
  const server = await listening(app);
  return { server, port: server.address().port };
}
