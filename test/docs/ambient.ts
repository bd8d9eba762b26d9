/**
 * What the snippets take for granted: an app of the usual shape, as TypeScript sees it. `anApp` is Express'
 * own app; `signedIn` is one whose handlers run for signed-in users, which plain JavaScript need not prove.
 */
export const ambient = (appType: 'anApp' | 'signedIn'): string => `
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import type expressModule from 'express';
import type sessionModule from 'express-session';
import type { SessionOptions } from 'express-session';
import type { Redis as RedisClient } from 'ioredis';
import type mongooseModule from 'mongoose';
import type fsModule from 'node:fs';
import type pathModule from 'node:path';
import type { PassportStatic } from 'passport';
import type { ImportedFactor, RequestTwoFactor, secondFactor as construct, SecondFactor, SecondFactorError, SecondFactorOptions, SetupStore, StoredCredential } from 'express-second-factor';
import type { mongoAccounts as inMongo } from 'express-second-factor/mongo';
import type { redisPending as inRedis } from 'express-second-factor/redis';

interface SignedIn extends Request {
  user: Express.User;
  twoFactor: RequestTwoFactor;
}
type Handler = (req: SignedIn, res: Response, next: NextFunction) => unknown;
interface Apps {
  anApp: Express;
  signedIn: RequestHandler & Pick<Express, 'set'> & {
    use(handler: (error: SecondFactorError, req: Request, res: Response, next: NextFunction) => unknown): void;
    use(...handlers: (RequestHandler | RequestHandler[] | string)[]): void;
    get(path: string, ...handlers: Handler[]): void;
    post(path: string, ...handlers: Handler[]): void;
  };
}

declare module 'express-session' {
  interface SessionData {
    actingAs?: string;
  }
}

declare global {
  namespace Express {
    interface User {
      id: string;
      email: string;
      isAdmin: boolean;
      timeZone: string;
    }
  }
  namespace NodeJS {
    interface ProcessEnv {
      BETTER_AUTH_SECRET: string;
      MONGODB_URI: string;
      REDIS_URL: string;
    }
  }
  const app: Apps['${appType}'];
  const api: Express;
  const express: typeof expressModule;
  const session: typeof sessionModule;
  const sessionOptions: SessionOptions;
  const sessionMiddleware: (req: IncomingMessage, res: object, next: () => void) => void;
  const server: Server;
  const open: (req: IncomingMessage, socket: Duplex) => void;
  const passport: PassportStatic;
  const mongoose: typeof mongooseModule;
  const redis: RedisClient;
  const Redis: typeof RedisClient;
  const path: typeof pathModule;
  const readFileSync: typeof fsModule.readFileSync;
  const helmet: () => RequestHandler;
  const secondFactor: typeof construct;
  const mongoAccounts: typeof inMongo;
  const redisPending: typeof inRedis;
  const mySetups: SetupStore;
  const options: SecondFactorOptions<Express.User>;
  const twoFactor: SecondFactor<Express.User>;
  const billing: RequestHandler;
  const requireAdmin: RequestHandler;
  const checkCsrf: RequestHandler;
  const users: {
    noteLogin(id: string): Promise<void>;
    changePassword(user: Express.User | undefined, input: unknown): Promise<void>;
    checkPassword(username: unknown, password: unknown): Promise<Express.User | null>;
    delete(id: string): Promise<void>;
    findById(id: string): Promise<Express.User | null>;
    findByResetToken(token: unknown): Promise<Express.User>;
    findByNameOrMail(text: string): Promise<Express.User | null>;
    isPassword(user: Express.User, password: string): Promise<boolean>;
    idsOfCustomer(user: Express.User): Promise<string[]>;
    search(
      query: string,
      page: { readonly after: string | null; readonly limit: number },
    ): Promise<{ users: Express.User[]; next: string | null }>;
  };
  const roleOf: (user: Express.User | undefined) => 'admin' | 'reviewer' | 'auditor' | 'customer';
  const signToken: (claims: object) => string;
  const mail: { tell(userId: unknown, text: string): Promise<void> };
  const alerts: { send(text: string): void };
  const audit: { write(entry: object): void };
  const wasSwapped: (number: string) => Promise<boolean>;
  const claimsOf: (req: Request) => { amr: string[]; authTime: number };
  const themeOf: (req: Request) => 'light' | 'dark' | null;
  const languageOf: (req: IncomingMessage) => string;
  const freshTable: () => Promise<{ drop(): Promise<void> }>;
  const moveIn: <User extends { id: string }>(
    users: AsyncIterable<User>,
    factorsOf: (user: User) => ImportedFactor[] | Promise<ImportedFactor[]>,
  ) => Promise<Record<string, number>>;
  const oldUsers: AsyncIterable<{
    id: string;
    twoFactorSecret: { base32: string };
    otpSecret: string;
    totpSecret: string;
    recoveryCodes: { hash: string; used: boolean }[];
    twoFactor: { verified?: boolean; secret: string; backupCodes: string };
    passkeys: (StoredCredential & { name: string | null })[];
  }>;
}
`;

/** Files that the reader has beside a snippet: the module that calls `secondFactor()`, stores of their own. */
export const besides: Readonly<Record<string, string>> = {
  'two-factor.d.ts': `
    import type { SecondFactor } from 'express-second-factor';
    export const twoFactor: SecondFactor<Express.User>;`,
  'my-accounts.d.ts': `
    import type { Accounts } from 'express-second-factor';
    export const myAccounts: (table: unknown) => Accounts;`,
  'old-libraries.d.ts': `
    declare module 'bcrypt' {
      const bcrypt: { compare(text: string, hash: string): Promise<boolean> };
      export default bcrypt;
    }
    declare module 'better-auth/crypto' {
      export const symmetricDecrypt: (given: { key: string; data: string }) => Promise<string>;
    }`,
  'my-pending.d.ts': `
    import type { Pending } from 'express-second-factor';
    export const myPending: (options: { now(): number }) => Pending;`,
};
