import type { Place, WireBrowser } from '../support/browser-on-wire';
import type { Answer } from '../support/http-client';
import type { SoftKey } from '../support/soft-key';
import { as, owe, signIn } from './flows';
import type { Person } from './people';

const enrolPath = '/2fa/security/webauthn';

/** What a key answers to a challenge of this step. */
export async function answerOf(browser: WireBrowser, at: Place, key: SoftKey) {
  const { body } = as(await browser.post(at, '/2fa/webauthn/options'), 200);
  return { response: key.get(body.challenge ?? '') };
}

/** What a new key answers. */
export async function newKeyOf(browser: WireBrowser, at: Place, key: SoftKey) {
  const { body } = as(await browser.post(at, `${enrolPath}/options`), 200);
  return { response: key.create(body.challenge ?? '') };
}

export const addKey = (browser: WireBrowser, at: Place, made: object): Promise<Answer> =>
  browser.post(at, enrolPath, { ...made });

/** A first key that was made, and whose backup codes are not acknowledged. */
export async function beginKey(browser: WireBrowser, at: Place, person: Person, key: SoftKey): Promise<void> {
  await signIn(browser, at, person);
  const { body } = as(await addKey(browser, at, await newKeyOf(browser, at, key)), 201);
  person.backupCodes = body.backupCodes as string[];
}

export const acknowledge = (browser: WireBrowser, at: Place, { backupCodes }: Person): Promise<Answer> =>
  browser.post(at, '/2fa/security/backup-codes/acknowledge', { code: backupCodes[9] });

/** Signs in and switches two-factor on, with a key. */
export async function enrolKey(browser: WireBrowser, at: Place, person: Person, key: SoftKey): Promise<void> {
  await beginKey(browser, at, person, key);
  as(await acknowledge(browser, at, person), 200);
}

/** A half login, and what the key answers to its challenge. */
export async function halfWithAnswer(browser: WireBrowser, at: Place, person: Person, key: SoftKey) {
  await owe(browser, at, person);
  return answerOf(browser, at, key);
}
