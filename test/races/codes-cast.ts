import { seconds } from '../support/clock';
import { enrolledAnn, halfLogin, type Enrolled } from './cast';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World } from './world/world';

/** ann gets codes by mail too. */
export async function mailedAnn(world: World): Promise<Enrolled> {
  const enrolled = await enrolledAnn(world);
  const mailbox = { type: 'otp-email', address: 'box@mail.example', label: 'Mailbox' } as const;
  const imported = await world.twoFactor.importFactor('id-ann', mailbox);
  if (!imported.ok) throw new Error(imported.code);
  return enrolled;
}

/** A half login of ann's, and the code that was sent to it. */
export async function halfWithCode(world: World): Promise<{ half: Client; mailed: string }> {
  const half = await halfLogin(world);
  return { half, mailed: await sentTo(world, half) };
}

/** Asks for a code, once that may be asked for. */
export async function sentTo(world: World, client: Client): Promise<string> {
  const { status } = await client.sendCode();
  if (status !== 200) throw new Error(`nothing was sent: ${status}`);
  const code = world.mail.newest;
  pass(world, 31 * seconds);
  return code;
}

export function pass(world: World, ms: number): void {
  world.clock.move(ms);
  world.redisClock.move(ms);
}

/** Digits that are none of these codes. */
export const noneOf = (...codes: readonly string[]): string =>
  ['000000', '111111', '222222', '333333'].find((code) => !codes.includes(code)) ?? '444444';

/** How many of the operations got in. */
export const inside = (end: End, names: readonly string[]): number =>
  names.filter((name) => end.didWell(name)).length;

export const mostIn = (end: End, names: readonly string[]): string | false =>
  inside(end, names) > 1 && `${inside(end, names)} got in`;

/** Without a death somebody gets in: a code that is right is not lost to a race. */
export const someIn = (end: End, names: readonly string[]): string | false =>
  !end.hasFault && inside(end, names) === 0 && 'a right code let nobody in';

/** No code of the time before works any more, whichever login it was sent to first. */
export const allVoid = (end: End, names: readonly string[], before: number): string | false => {
  const factor = end.account('ann')?.factors.find(({ type }) => type === 'otp-email');
  return (
    inside(end, names) > 0 && (factor?.usedUpTo ?? 0) < before && 'a code outlives the one that was used'
  );
};

/** Guesses whose result was told; what is refused unread tells nothing. */
export const wrongTold = (end: End, names: readonly string[]): number =>
  names.filter((name) => end.errorOf(name) === 'wrong_code').length;

export const triesLeft = (end: End): number => Math.min(10, end.account('ann')?.lanes.others.left ?? 0);
