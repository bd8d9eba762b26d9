import type { Response } from 'supertest';
import type { Account, UserId, WebauthnFactor } from '../../lib/account/account';
import { browser, errorCode, type BrowserAgent } from '../support/browser-agent';
import { hostApp, type HostApp } from '../support/host-app';
import { enrolKey, localKey } from '../support/keys';
import type { SoftKey } from '../support/soft-key';

export type Given = NonNullable<Parameters<typeof hostApp>[0]>;

export interface Owner extends HostApp {
  readonly key: SoftKey;
  /** Signed in, with the proof that switched two-factor on. */
  readonly agent: BrowserAgent;
  readonly backupCodes: string[];
  readonly handle: string;
}

/** Somebody signed in who has no factor. */
export async function signedIn({ app }: Pick<HostApp, 'app'>, name = 'ann'): Promise<BrowserAgent> {
  const agent = browser(app);
  await agent.signIn(name).expect(200);
  return agent;
}

/** Switches two-factor on for a user, with one key. */
export async function ownerOf<Host extends HostApp>(
  host: Host,
  key: SoftKey = localKey(),
  name = 'ann',
  lies: Parameters<typeof enrolKey>[2] = {},
): Promise<Host & Owner> {
  const agent = await signedIn(host, name);
  const enrolled = await enrolKey(agent, key, lies);
  // Their first sign-in comes later than this.
  host.clock.move(1000);
  return { ...host, key, agent, ...enrolled };
}

export const annWithKey = (given: Given = {}, routes?: Parameters<typeof hostApp>[1]): Promise<Owner> =>
  ownerOf(hostApp(given, routes));

/** A browser in which the password was right. */
export async function atTheStep({ app }: Pick<HostApp, 'app'>, name = 'ann'): Promise<BrowserAgent> {
  const agent = browser(app);
  await agent.signIn(name).expect(401);
  return agent;
}

/** A challenge of the step. */
export const challengeOf = async (agent: BrowserAgent): Promise<string> =>
  (await agent.post('/2fa/webauthn/options').expect(200)).body.challenge;

/** A challenge to add a key. */
export const newKeyChallenge = async (agent: BrowserAgent): Promise<string> =>
  (await agent.post('/2fa/security/webauthn/options').expect(200)).body.challenge;

export const told = (response: Response) => [response.status, errorCode(response)];

/** The account as it is stored. */
export async function accountOf(
  { options }: Pick<HostApp, 'options'>,
  name = 'ann',
): Promise<Account | null> {
  return options.accounts.load(`id-${name}` as UserId);
}

export async function keysOf(host: Pick<HostApp, 'options'>, name = 'ann'): Promise<WebauthnFactor[]> {
  const { factors = [] } = (await accountOf(host, name)) ?? {};
  return factors.filter((factor): factor is WebauthnFactor => factor.type === 'webauthn');
}

/** Who the app sees behind this browser. */
export const userOf = async (agent: BrowserAgent): Promise<string | null> =>
  (await agent.get('/me').expect(200)).body.user?.id ?? null;
