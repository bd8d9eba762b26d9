import type { Express, Request, RequestHandler } from 'express';
import { MemoryStore, type Store } from 'express-session';
import type { PassportStatic } from 'passport';
import type { SecondFactor } from '../../lib';
import type { TestUser } from '../support/host-app';
import { people, preparePassport, type ExpressModule, type PassportClass } from './host';
import type { PlainBrowser } from './plain-browser';

declare module 'express-session' {
  interface SessionData {
    returnTo?: string;
    remember?: boolean;
  }
}

/** What a starter kit is put together from. Without `twoFactor` it is as its authors wrote it. */
export interface Starter {
  readonly app: Express;
  readonly express: ExpressModule;
  readonly passport: PassportStatic;
  readonly store: Store;
  readonly users: ReadonlyMap<string, TestUser>;
  readonly twoFactor?: SecondFactor<TestUser>;
}

/** The same app without the lines of the README. */
export function withoutUs(
  mount: (starter: Starter) => void,
  versions: { readonly express: ExpressModule; readonly Passport: PassportClass },
): Express {
  const { express, Passport } = versions;
  const [app, passport, users] = [express(), new Passport(), people()];
  preparePassport(passport, users);
  mount({ app, express, passport, store: new MemoryStore(), users });
  return app;
}

type Flash = (type: string, message?: string) => string[] | number;
export const flashOf = (req: Request): Flash => (req as unknown as { flash: Flash }).flash.bind(req);

/** All messages that are waiting, each shown once. */
const flashes = (req: Request): string =>
  ['success', 'error', 'info']
    .flatMap((type) => flashOf(req)(type) as string[])
    .map((message) => `<p class="flash">${message}</p>`)
    .join('');

/** A page of the app, with its messages and who it is for. */
export function page(req: Request, body: string): string {
  const { name } = (req.user as TestUser | undefined) ?? { name: 'nobody' };
  return `<!doctype html><title>Starter</title>${flashes(req)}<p>Signed in: ${name}</p>${body}`;
}

/** As nearly every app has it: who is not signed in goes to the login page, and comes back. */
export const signedIn: RequestHandler = (req, res, next) => {
  if (req.isAuthenticated()) return next();
  req.session.returnTo = req.originalUrl;
  res.redirect('/login');
};

export const freshProof = ({ twoFactor }: Starter): RequestHandler =>
  twoFactor?.requireProof({ within: '5m' }) ?? ((_req, _res, next) => next());

/** Reads a page as people do. */
export const readingOf = ({ page: { text } }: PlainBrowser) => ({
  flashes: [...text.matchAll(/<p class="flash">(.*?)<\/p>/g)].map(([, message]) => message),
  user: /Signed in: (\S+?)</.exec(text)?.[1] ?? null,
});

/** What the app knows of who asks, from a request that no gate turns away. */
export async function whoIs(visitor: PlainBrowser): Promise<unknown> {
  const answer = await visitor.fetch('/whoami.png');
  return JSON.parse(answer.text) as unknown;
}

export const whoamiRoute = ({ app }: Starter): void => {
  app.get('/whoami.png', (req, res) => {
    res.json({ user: (req.user as TestUser | undefined)?.id ?? null, in: req.isAuthenticated() });
  });
};

export const nobody = { user: null, in: false };
