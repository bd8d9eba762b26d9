import type { ImportedFactor } from 'express-second-factor';

import type { Passwords } from './passwords';
import type { Settings } from './settings';
import type { TwoFactor } from './two-factor';

/** The seed in base32, as it is shown. */
type DemoFactor =
  | (Extract<ImportedFactor, { secret: unknown }> & { readonly secret: string })
  | Extract<ImportedFactor, { address: string }>;
import type { User, Users } from './users';

export const DEMO_PASSWORD = 'correct horse battery staple';

/** 20 bytes in base32. Readable, for the demo; real seeds are random and never in a source file. */
export const DEMO_TOTP_SEED = 'WEBADMINDEMOTOTPSEEDONLYFORDEMOS';

/** Belongs to nobody: reserved for fiction (ACMA, "Phone numbers for use in TV shows, films and creative works"). */
export const DEMO_PHONE = '+61491570156';

/** Belongs to nobody (RFC 2606 §3), and is not the username of anyone here. */
export const DEMO_MAILBOX = 'postbox@example.com';

export interface DemoUser extends User {
  /** What there is to try, in a few words. */
  readonly has: string;
  readonly factor?: DemoFactor;
}

const demoUser = (username: string, has: string, factor?: DemoFactor): DemoUser => ({
  // The same in every process, so that processes sharing sessions agree on who is who.
  id: `user-${username}`,
  username,
  email: `${username}@example.com`,
  isAdmin: username === 'admin',
  has,
  ...(factor && { factor }),
});

export const DEMO_USERS: readonly DemoUser[] = [
  demoUser('demo', 'has no second factor yet'),
  demoUser('demo-totp', 'has an authenticator app', {
    type: 'totp',
    secret: DEMO_TOTP_SEED,
    label: 'Demo app',
  }),
  demoUser('demo-sms', 'gets codes by text message', {
    type: 'otp-sms',
    address: DEMO_PHONE,
    label: 'Demo phone',
  }),
  demoUser('demo-email', 'gets codes by e-mail', {
    type: 'otp-email',
    address: DEMO_MAILBOX,
    label: 'Demo mailbox',
  }),
  demoUser('demo-key', 'is told how to try a security key'),
  demoUser('admin', 'an administrator'),
];

/** Users who are sent codes exist only where the outbox shows those codes. */
export const demoUsers = (production: boolean): readonly DemoUser[] =>
  DEMO_USERS.filter(({ factor }) => !production || factor === undefined || factor.type === 'totp');

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
  { id, username, email, isAdmin, factor }: DemoUser,
  users: Users,
  passwords: Passwords,
  twoFactor: TwoFactor,
): Promise<void> {
  if (await users.findById(id)) return;
  const passwordHash = await passwords.hash(DEMO_PASSWORD);
  // The factor first: if the process dies in between, the next start finds no user and goes on from here.
  if (factor !== undefined) await addFactor(id, factor, twoFactor);
  await users.add({ id, username, email, isAdmin, passwordHash });
}

async function addFactor(userId: string, factor: DemoFactor, twoFactor: TwoFactor): Promise<void> {
  const imported = await twoFactor.importFactor(userId, factor);
  if (!imported.ok && imported.code !== 'duplicate')
    throw new Error(`the demo factor was refused: ${imported.code}`);
}
