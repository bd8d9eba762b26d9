import type { Passwords } from './passwords';
import type { TwoFactor } from './two-factor';
import type { User, Users } from './users';

export const DEMO_PASSWORD = 'correct horse battery staple';

/** 20 bytes in base32. Made up to be read; real seeds are random and never in a source file. */
export const DEMO_TOTP_SEED = 'WEBADMINDEMOTOTPSEEDONLYFORDEMOS';

interface DemoUser extends User {
  readonly totpSeed?: string;
}

/** Their ids are the same in every process, so that processes which share sessions agree on who is meant. */
export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'user-demo', username: 'demo', email: 'demo@example.com', isAdmin: false },
  {
    id: 'user-demo-totp',
    username: 'demo-totp',
    email: 'demo-totp@example.com',
    isAdmin: false,
    totpSeed: DEMO_TOTP_SEED,
  },
  { id: 'user-admin', username: 'admin', email: 'admin@example.com', isAdmin: true },
];

/**
 * Adds the demo users that are not there. Those that are stay as they are: with their new password, and
 * without a factor that they have removed.
 */
export async function addDemoUsers(users: Users, passwords: Passwords, twoFactor: TwoFactor): Promise<void> {
  await Promise.all(DEMO_USERS.map((user) => addDemoUser(user, users, passwords, twoFactor)));
}

async function addDemoUser(
  { totpSeed, ...user }: DemoUser,
  users: Users,
  passwords: Passwords,
  twoFactor: TwoFactor,
): Promise<void> {
  if (await users.findById(user.id)) return;
  const passwordHash = await passwords.hash(DEMO_PASSWORD);
  // The factor first: if the process dies in between, the next start finds no user and goes on from here.
  if (totpSeed !== undefined) await addFactor(user.id, totpSeed, twoFactor);
  await users.add({ ...user, passwordHash });
}

async function addFactor(userId: string, secret: string, twoFactor: TwoFactor): Promise<void> {
  const imported = await twoFactor.importFactor(userId, { type: 'totp', secret, label: 'Demo app' });
  if (!imported.ok && imported.code !== 'duplicate')
    throw new Error(`the demo factor was refused: ${imported.code}`);
}
