import { seconds } from '../support/clock';
import { localKey } from '../support/keys';
import type { SoftKey } from '../support/soft-key';
import { halfLogin } from './cast';
import { pass } from './codes-cast';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World } from './world/world';

/** ann has one key and ten backup codes, and is signed in with a proof. */
export interface Keyed {
  readonly ann: Client;
  readonly key: SoftKey;
  readonly factorId: string;
  readonly backupCodes: readonly string[];
  /** What her keys know her by. */
  readonly handle: string;
}

export async function keyedAnn(world: World): Promise<Keyed> {
  const key = localKey();
  const ann = world.client();
  await ann.logIn('ann');
  const asked = (await ann.askNewKey()).body as { challenge: string; user: { id: string } };
  const { body } = await ann.newKey(key.create(asked.challenge));
  const { backupCodes, factor } = body as { backupCodes: string[]; factor: { id: string } };
  await ann.acknowledge(backupCodes[9] ?? '');
  pass(world, 1 * seconds);
  return { ann, key, factorId: factor.id, backupCodes, handle: asked.user.id };
}

/** A challenge to add a key. */
export const newKeyChallenge = async (client: Client): Promise<string> =>
  String((await client.askNewKey()).body.challenge);

/** A half login of ann's, and what her key answers to it. */
export async function halfWithAnswer(world: World, key: SoftKey): Promise<{ half: Client; answer: object }> {
  const half = await halfLogin(world);
  return { half, answer: key.get(String((await half.askKey()).body.challenge)) };
}

export const keysOf = (end: End): string[] =>
  (end.account('ann')?.factors ?? []).flatMap((factor) =>
    factor.type === 'webauthn' ? [factor.credentialId] : [],
  );
