import type { ImportedFactor } from 'express-second-factor';

import type { Passwords } from './passwords';
import { isStaff } from './roles';
import type { Settings } from './settings';
import type { TwoFactor } from './two-factor';
import { toUser, type User, type Users } from './users';

/** The seed in base32, as it is shown. */
type DemoApp = Extract<ImportedFactor, { secret: unknown }> & { readonly secret: string };
type DemoFactor = DemoApp | Extract<ImportedFactor, { address: string }>;

export const DEMO_PASSWORD = 'correct horse battery staple';

/** 20 bytes in base32. Readable, for the demo; real seeds are random and never in a source file. */
export const DEMO_TOTP_SEED = 'WEBADMINDEMOTOTPSEEDONLYFORDEMOS';

/** Belongs to nobody: reserved for fiction (ACMA, "Phone numbers for use in TV shows, films and creative works"). */
export const DEMO_PHONE = '+61491570156';
const LOST_PHONE = '+61491570157';

/** Belongs to nobody (RFC 2606 §3), and is not the username of anyone here. */
export const DEMO_MAILBOX = 'postbox@example.com';

export interface DemoUser extends User {
  /** What there is to try, in a few words. */
  readonly has: string;
  readonly factors: readonly DemoFactor[];
}

type About = Partial<Pick<User, 'phone' | 'role' | 'customer'>>;

const demoUser = (
  username: string,
  has: string,
  factors: readonly DemoFactor[] = [],
  about: About = {},
): DemoUser => ({
  ...toUser({
    // The same in every process, so that processes sharing sessions agree on who is who.
    id: `user-${username}`,
    username,
    email: `${username}@example.com`,
    phone: null,
    role: 'customer',
    customer: null,
    ...about,
  }),
  has,
  factors,
});

/** Its seed is as long as the other, and as readable. */
const appOf = (username: string): DemoFactor => ({
  type: 'totp',
  secret: `WEBADMINSEEDOF${username.toUpperCase().replaceAll('-', '')}`.padEnd(32, 'ONLYFORDEMOS'),
  label: 'Demo app',
});

const phoneAt = (address: string): DemoFactor => ({ type: 'otp-sms', address, label: 'Demo phone' });

const staff = (username: string, has: string, role: User['role']): DemoUser =>
  demoUser(username, has, [appOf(username)], { role });

export const DEMO_USERS: readonly DemoUser[] = [
  demoUser('demo', 'has no second factor yet', [], { customer: 'WA-10010' }),
  demoUser(
    'demo-totp',
    'has an authenticator app',
    [{ type: 'totp', secret: DEMO_TOTP_SEED, label: 'Demo app' }],
    { customer: 'WA-10027' },
  ),
  demoUser('demo-sms', 'gets codes by text message', [phoneAt(DEMO_PHONE)], { customer: 'WA-10034' }),
  demoUser(
    'demo-email',
    'gets codes by e-mail',
    [{ type: 'otp-email', address: DEMO_MAILBOX, label: 'Demo mailbox' }],
    { customer: 'WA-10041' },
  ),
  demoUser('demo-key', 'is told how to try a security key', [], { customer: 'WA-10058' }),
  demoUser('demo-lost', 'has an app and a phone to lose', [appOf('demo-lost'), phoneAt(LOST_PHONE)], {
    phone: LOST_PHONE,
    customer: 'WA-10065',
  }),
  demoUser('demo-peer', 'can vouch for demo-lost', [appOf('demo-peer')], {
    customer: 'WA-10065',
  }),
  staff('demo-reviewer', 'reviews requests', 'reviewer'),
  staff('demo-reviewer-2', 'is the second reviewer', 'reviewer'),
  staff('demo-auditor', 'may only read', 'auditor'),
  staff('admin', 'an administrator', 'admin'),
];

/**
 * In production everybody knows their password too. So there are none who act on others, nor any who are sent codes, which
 * only the outbox shows.
 */
export const demoUsers = (production: boolean): readonly DemoUser[] =>
  production ? DEMO_USERS.filter((user) => !isStaff(user) && user.factors.every(isApp)) : DEMO_USERS;

const isApp = (factor: DemoFactor): factor is DemoApp => factor.type === 'totp';

/** Whose authenticator app has which seed. */
export const seedsOf = (
  users: readonly DemoUser[],
): readonly { readonly username: string; readonly seed: string }[] =>
  users.flatMap(({ username, factors }) =>
    factors.filter(isApp).map(({ secret }) => ({ username, seed: secret })),
  );

/**
 * Adds the demo users that are missing. Existing ones stay as they are: with a changed password, and without
 * a factor that was removed.
 */
export async function addDemoUsers(
  users: Users,
  passwords: Passwords,
  twoFactor: TwoFactor,
  { production }: Pick<Settings, 'production'>,
): Promise<void> {
  await Promise.all(demoUsers(production).map((user) => addDemoUser(user, users, passwords, twoFactor)));
}

async function addDemoUser(
  { has: _, factors, ...user }: DemoUser,
  users: Users,
  passwords: Passwords,
  twoFactor: TwoFactor,
): Promise<void> {
  if (await users.findById(user.id)) return;
  const passwordHash = await passwords.hash(DEMO_PASSWORD);
  // The factors first: if the process dies in between, the next start finds no user and goes on from here.
  for (const factor of factors) await addFactor(user.id, factor, twoFactor);
  await users.add({ ...user, passwordHash });
}

async function addFactor(userId: string, factor: DemoFactor, twoFactor: TwoFactor): Promise<void> {
  const imported = await twoFactor.importFactor(userId, factor);
  if (!imported.ok && imported.code !== 'duplicate')
    throw new Error(`the demo factor was refused: ${imported.code}`);
}
