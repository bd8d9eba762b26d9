import { codeAt } from '../support/browser-agent';
import { seconds } from '../support/clock';
import type { Client } from './world/client';
import type { World } from './world/world';

/** ann has an authenticator app and ten backup codes, and is signed in with a proof. */
export interface Enrolled {
  readonly ann: Client;
  readonly sid: string;
  readonly secret: string;
  readonly factorId: string;
  readonly backupCodes: readonly string[];
  /** The code her app shows now; not used yet. */
  readonly code: string;
}

export async function enrolledAnn(world: World): Promise<Enrolled> {
  const ann = world.client();
  await ann.logIn('ann');
  const { secret, factorId, backupCodes } = await ann.enrol();
  world.clock.move(30 * seconds);
  world.redisClock.move(30 * seconds);
  return {
    ann,
    sid: world.sidOf(ann),
    secret,
    factorId,
    backupCodes,
    code: codeAt(secret, world.clock.now()),
  };
}

export interface SettingUp {
  readonly client: Client;
  readonly secret: string;
  readonly backupCodes: readonly string[];
}

/** A user without a factor; in this session they have shown the right code and not yet a backup code. */
export async function settingUp(
  world: World,
  user = 'ann',
  client: Client = world.client(),
): Promise<SettingUp> {
  await client.logIn(user);
  const secret = String((await client.beginTotp()).body.secret);
  const { body } = await client.confirmTotp(codeAt(secret, world.clock.now()));
  return { client, secret, backupCodes: (body as { backupCodes: string[] }).backupCodes };
}

/** A browser that has given ann's password and owes the second factor. */
export async function halfLogin(world: World): Promise<Client> {
  const client = world.client();
  await client.logIn('ann');
  return client;
}

/** Signs ann in elsewhere by one of her backup codes. */
export async function elsewhere(world: World, { backupCodes }: Enrolled, which = 8): Promise<Client> {
  const client = await halfLogin(world);
  await client.backupCode(backupCodes[which] ?? '');
  return client;
}

/** A user without factors, whose account was never stored. */
export async function signedInBob(world: World): Promise<{ bob: Client; sid: string }> {
  const bob = world.client();
  await bob.logIn('bob');
  return { bob, sid: world.sidOf(bob) };
}

/** How the cached number of a user's epoch is when a race begins. */
export const numbers = ['not cached', 'cached', 'being changed'] as const;
export type Number = (typeof numbers)[number];

/** `being changed` is how every change of the last two minutes leaves it. */
export async function withNumber(world: World, client: Client, number: Number): Promise<void> {
  if (number === 'being changed') return;
  world.clock.move(150 * seconds);
  world.redisClock.move(150 * seconds);
  if (number === 'cached') await client.me();
}

/** A code that is certainly wrong now. */
export const wrongCode = (secret: string, now: number): string => {
  const near = Array.from({ length: 25 }, (_, step) => codeAt(secret, now + (step - 12) * 30 * seconds));
  return ['000000', '111111', '222222'].find((code) => !near.includes(code)) ?? '333333';
};
