import type { Place, WireBrowser } from '../support/browser-on-wire';
import type { Answer } from '../support/http-client';
import type { Person } from './people';

/** The answer, if it is as expected; else an error that shows it. */
export function as(answer: Answer, status: number, code?: string): Answer {
  if (answer.status === status && answer.body.error?.code === code) return answer;
  throw new Error(`expected ${status} ${code ?? ''}, got ${answer.status}: ${answer.text.slice(0, 500)}`);
}

/** The password of somebody who owes a second factor. */
export const owe = async (browser: WireBrowser, at: Place, person: Person): Promise<Answer> =>
  as(await browser.post(at, '/login', person.login), 401, 'second_factor_required');

/** The password of somebody who owes nothing. */
export const signIn = async (browser: WireBrowser, at: Place, person: Person): Promise<Answer> =>
  as(await browser.post(at, '/login', person.login), 200);

/** Password and code. */
export async function signInWithCode(browser: WireBrowser, at: Place, person: Person): Promise<void> {
  await owe(browser, at, person);
  as(await browser.post(at, '/2fa/totp', { code: await person.nextCode() }), 200);
}

/** Signs in and switches two-factor on, with backup codes. */
export async function enrol(browser: WireBrowser, at: Place, person: Person): Promise<void> {
  await signIn(browser, at, person);
  const { body } = as(await browser.get(at, '/2fa/security/totp'), 200);
  person.seed = body.secret ?? '';
  const code = await person.nextCode();
  const confirmed = as(await browser.post(at, '/2fa/security/totp', { code }), 201);
  person.backupCodes = confirmed.body.backupCodes as string[];
  const acknowledged = { code: person.backupCodes[9] };
  as(await browser.post(at, '/2fa/security/backup-codes/acknowledge', acknowledged), 200);
}
