import { randomInt } from 'node:crypto';
import type { Place, WireBrowser } from '../support/browser-on-wire';
import type { Answer } from '../support/http-client';
import { owe } from './flows';
import type { Person } from './people';
import type { Stage } from './stage';

export type CodeType = 'otp-sms' | 'otp-email';

/** For the stage: each request can say where it comes from. */
export const BEHIND_PROXY = { TRUST_PROXY: '1' };

/** Asks for a code, from an address that nobody else has: what is counted by address is another matter. */
export const askForCode = (browser: WireBrowser, at: Place, type: CodeType): Promise<Answer> =>
  browser.go(at, `/2fa/${type}/send`, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      origin: browser.origin,
      'x-forwarded-for': `198.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`,
    },
    body: '{}',
  });

/** How many messages have left for addresses that begin like this. */
export const sentTo = ({ connection }: Stage, start: string): Promise<number> =>
  connection.collection('demo_outbox').countDocuments({ to: { $regex: `^${start.replace('+', '\\+')}` } });

const CODE = /(?<!\d)\d{6}(?!\d)/;

/** The code that came last; a notice may have come after it. */
export async function codeSentTo({ connection, seen }: Stage, address: string): Promise<string> {
  const [newest] = await connection
    .collection<{ text: string }>('demo_outbox')
    .find({ to: address, text: CODE })
    .sort({ at: -1, _id: -1 })
    .limit(1)
    .toArray();
  const code = CODE.exec(newest?.text ?? '')?.[0];
  if (code === undefined) throw new Error(`nothing came to ${address}`);
  seen.note('digits', code);
  return code;
}

export async function halfLogin(stage: Stage, person: Person, at: Place = stage.a): Promise<WireBrowser> {
  const browser = stage.browser();
  await owe(browser, at, person);
  return browser;
}

/** As if the half minute before a resend were over. */
export async function endCooldowns({ redis }: Stage): Promise<void> {
  const keys = await redis.keys('webadmin:2fa:budget:cooldown-*');
  if (keys.length === 0) throw new Error('there is no cooldown to end');
  await redis.del(...keys);
}

export function countCodes(answers: readonly Answer[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { body, status } of answers) {
    const code = body.error?.code ?? String(status);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}
