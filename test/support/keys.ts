import type { KeyAlgorithm } from '../../lib/account/account';
import type { BrowserAgent } from './browser-agent';
import { hostApp, origin } from './host-app';
import { softKey, type Lies, type SoftKey } from './soft-key';

/** A key for the small app's origin. */
export const localKey = (algorithm: KeyAlgorithm = -7, id?: Buffer, aaguid?: Buffer): SoftKey =>
  softKey(algorithm, id, aaguid, { rpId: 'localhost', origin });

/** Adds a key for the signed-in user; returns the answer of the last request. */
export async function addKey(agent: BrowserAgent, key: SoftKey, lies?: Lies, label?: string) {
  const { body: options } = await agent.post('/2fa/security/webauthn/options').expect(200);
  return agent.post('/2fa/security/webauthn', { response: key.create(options.challenge, lies), label });
}

/** Switches two-factor on with a key; returns its backup codes, and the handle given to the key. */
export async function enrolKey(
  agent: BrowserAgent,
  key: SoftKey,
  lies?: Lies,
): Promise<{ backupCodes: string[]; handle: string }> {
  const { body: options } = await agent.post('/2fa/security/webauthn/options').expect(200);
  const response = key.create(options.challenge, lies);
  const { body } = await agent.post('/2fa/security/webauthn', { response }).expect(201);
  const backupCodes: string[] = body.backupCodes;
  await agent.post('/2fa/security/backup-codes/acknowledge', { code: backupCodes[0] }).expect(200);
  return { backupCodes, handle: options.user.id };
}

/** Answers the step with a key. */
export async function proveKey(agent: BrowserAgent, key: SoftKey, lies?: Lies) {
  const { body: options } = await agent.post('/2fa/webauthn/options').expect(200);
  return agent.post('/2fa/webauthn', { response: key.get(options.challenge, lies) });
}

/** The small app with passkeys that sign in by themselves. */
export function passkeysApp(
  given: Parameters<typeof hostApp>[0] = {},
  routes: NonNullable<Parameters<typeof hostApp>[1]> = () => undefined,
) {
  const users = new Map<string, { id: string; name: string }>();
  const host = hostApp(
    {
      passkeys: true,
      users: {
        id: (user) => user.id,
        name: (user) => user.name,
        byId: (id) => [...users.values()].find((user) => user.id === id),
      },
      ...given,
    },
    (app, twoFactor) => {
      app.use(twoFactor.passkeySignIn());
      routes(app, twoFactor);
    },
  );
  for (const [name, user] of host.users) users.set(name, user);
  return { ...host, users };
}
