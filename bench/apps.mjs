import { createRequire } from 'node:module';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { Redis } from 'ioredis';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';

const require = createRequire(import.meta.url);
export const library = require('../dist/lib/index.js');
export const { redisPending } = require('../dist/lib/redis.js');
export const { mongoAccounts, mongoActivity } = require('../dist/lib/mongo.js');

export const origin = 'http://localhost:3000';
export const keys = ['ab'.repeat(32)];

/** The same settings for every side that is compared. */
export const redisClient = (url) =>
  new Redis(url, { enableAutoPipelining: true, enableOfflineQueue: true, maxRetriesPerRequest: 1 });

/** Express, sessions and Passport as any app has them; any name signs in. */
export function passportApp({ store } = {}) {
  const passport = new Passport();
  passport.use(new LocalStrategy((name, _password, done) => done(null, { id: name })));
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => done(null, { id }));
  const app = express().disable('x-powered-by').disable('etag');
  app.use(express.json());
  app.use(session({ secret: 'bench', resave: false, saveUninitialized: false, ...(store && { store }) }));
  app.use(passport.session());
  return { app, passport };
}

export const redisStore = (client, prefix) => new RedisStore({ client, prefix });

/** The routes that are measured, below what is compared. */
export function routes({ app, passport }) {
  app.post('/login', passport.authenticate('local'), (_req, res) => res.json({ in: true }));
  app.get('/gated', (req, res) => res.json({ user: req.user?.id ?? null }));
  return app;
}

export function withSecondFactor(host, stores) {
  const twoFactor = library.secondFactor({
    passport: host.passport,
    appName: 'Bench',
    origin,
    keys,
    users: { id: (user) => user.id, name: (user) => user.id },
    ...stores,
  });
  host.app.use(twoFactor.protect());
  return twoFactor;
}
