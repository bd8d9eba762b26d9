import type { Request } from 'express';
import { Strategy } from 'passport-strategy';
import type { TestUser } from '../support/host-app';

type Find = (name: string) => TestUser | undefined;

/** Logs in whoever has the cookie, on every request of theirs: pages, styles, pictures. */
export class RememberMeStrategy extends Strategy {
  readonly name = 'remember-me';
  constructor(private readonly find: Find) {
    super();
  }
  override authenticate(req: Request): void {
    const name = /(?:^|;\s*)remember_me=(\w+)/.exec(req.headers.cookie ?? '')?.[1];
    const user = name !== undefined && req.isUnauthenticated() ? this.find(name) : undefined;
    if (user) this.success(user);
    else this.pass();
  }
}

interface OneTimeTokens {
  /** Whose token it is, once. */
  use(token: string): TestUser | undefined;
  issue(user: TestUser): string;
}

/** As passport-remember-me has it: a token signs in once, and the next one comes with the answer. */
export class OneTimeRememberMeStrategy extends Strategy {
  readonly name = 'remember-me';
  constructor(private readonly tokens: OneTimeTokens) {
    super();
  }
  override authenticate(req: Request): void {
    const token = /(?:^|;\s*)remember_me=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
    if (req.isAuthenticated() || token === undefined) return this.pass();
    const user = this.tokens.use(token);
    if (!user) {
      req.res?.clearCookie('remember_me');
      return this.pass();
    }
    req.res?.cookie('remember_me', this.tokens.issue(user), { httpOnly: true });
    this.success(user);
  }
}

/** RFC 7617; the password is `right`. */
export class BasicStrategy extends Strategy {
  readonly name = 'basic';
  constructor(private readonly find: Find) {
    super();
  }
  override authenticate(req: Request): void {
    const [scheme, value = ''] = (req.headers.authorization ?? '').split(' ');
    const [name = '', password] = Buffer.from(value, 'base64').toString().split(':');
    const user = scheme === 'Basic' && password === 'right' ? this.find(name) : undefined;
    if (user) this.success(user);
    else this.fail('Basic realm="api"', 401);
  }
}

/** RFC 6750; the token is the user's name. */
export class BearerStrategy extends Strategy {
  readonly name = 'bearer';
  constructor(private readonly find: Find) {
    super();
  }
  override authenticate(req: Request): void {
    const [scheme, token = ''] = (req.headers.authorization ?? '').split(' ');
    const user = scheme === 'Bearer' ? this.find(token) : undefined;
    if (user) this.success(user);
    else this.fail('Bearer', 401);
  }
}
