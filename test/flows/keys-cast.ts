import type { Response } from 'supertest';
import type { Account, UserId, WebauthnFactor } from '../../lib/account/account';
import { browser, errorCode, halfLogin, type BrowserAgent } from '../support/browser-agent';
import { hostApp, type HostApp } from '../support/host-app';
import { seconds } from '../support/clock';
import { enrolKey, localKey, proveKey } from '../support/keys';
import type { Lies, SoftKey } from '../support/soft-key';

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

/** Signs in with a key in a browser of its own. */
export async function signIn(ann: Owner, lies: Lies = {}, key: SoftKey = ann.key) {
  ann.clock.move(1 * seconds);
  return proveKey(await halfLogin(ann), key, lies);
}

/** A challenge of the step. */
export const challengeOf = (agent: BrowserAgent): Promise<string> =>
  askedBy(agent, '/2fa/webauthn/options').then(({ challenge }) => challenge);

/** A challenge to add a key. */
export const newKeyChallenge = (agent: BrowserAgent): Promise<string> =>
  askedBy(agent, '/2fa/security/webauthn/options').then(({ challenge }) => challenge);

/** What a browser is told of the keys of the step, or of one to add. */
export async function askedBy(agent: BrowserAgent, path: string): Promise<Asked> {
  const { body } = await agent.post(path).expect(200);
  return body as Asked;
}

interface Asked {
  readonly challenge: string;
  readonly timeout: number;
  readonly userVerification?: string;
  readonly attestation?: string;
  readonly user?: { readonly id: string; readonly name: string };
  readonly pubKeyCredParams?: readonly { readonly alg: number }[];
  readonly allowCredentials?: readonly { readonly id: string; readonly transports?: readonly string[] }[];
  readonly excludeCredentials?: readonly { readonly id: string; readonly transports?: readonly string[] }[];
  readonly authenticatorSelection?: { readonly residentKey: string; readonly userVerification: string };
}

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
export async function userOf(agent: BrowserAgent): Promise<string | null> {
  const { body } = await agent.get('/me');
  return (body as { user?: { id: string } | null }).user?.id ?? null;
}
