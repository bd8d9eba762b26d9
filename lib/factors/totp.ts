import type { Account, TotpFactor } from '../account/account';
import { isUsed } from '../account/factors';
import { fromBase32, toBase32 } from '../crypto/base32';
import { equal } from '../crypto/digest';
import { matchingSteps, stepAt, TOTP_DIGITS, TOTP_PERIOD } from '../crypto/otp';
import type { Seal } from '../crypto/seal';
import { refuse, type Refusal } from '../errors';

export type TotpCheck = { readonly ok: true; readonly factor: TotpFactor; readonly step: number } | Refusal;

/** Up to how many steps behind we tell people that their clock is slow. Never accepted, only explained. */
const EXPLAINED_STEPS = 10;

/**
 * Is this a code from one of the user's apps? Two neighbouring steps can have the same digits: then the later one
 * counts as used, so that no code signs in twice.
 *
 * @param window time steps accepted on either side of now (RFC 6238 §5.2 recommends at most one)
 */
export function checkTotp(
  account: Account,
  code: string,
  now: number,
  window: number,
  seal: Seal,
): TotpCheck {
  const apps = account.factors.filter((factor) => factor.type === 'totp');
  const secrets = apps.map((factor) => openSecret(account, factor, seal));
  const matches = secrets.map((secret) => matchingSteps(secret, code, inWindow(now, window)));

  let used = false;
  for (const [position, factor] of apps.entries()) {
    const steps = matches[position] ?? [];
    const newest = steps.at(-1);
    if (newest === undefined) continue;
    if (!steps.some((one) => isUsed(factor, one))) return { ok: true, factor, step: newest };
    used = true;
  }
  if (used) return refuse('code_used');

  const late = secrets.map((secret) => matchingSteps(secret, code, behind(now, window)));
  // The code of the last sign-in, typed again: the clock is right.
  if (apps.some(({ usedUpTo }, position) => late[position]?.includes(usedUpTo))) return refuse('code_used');
  return refuse(late.some((steps) => steps.length > 0) ? 'clock_off' : 'wrong_code');
}

/** The latest step in the window with this code, for a secret that is being set up. */
export const stepOfCode = (secret: Buffer, code: string, now: number, window: number): number | undefined =>
  matchingSteps(secret, code, inWindow(now, window)).at(-1);

/** Whether the code belongs to a clock that is a few minutes slow. */
export const isClockBehind = (secret: Buffer, code: string, now: number, window: number): boolean =>
  matchingSteps(secret, code, behind(now, window)).length > 0;

export const hasTotpSecret = (account: Account, secret: Buffer, seal: Seal): boolean =>
  account.factors
    .map((factor) => factor.type === 'totp' && equal(openSecret(account, factor, seal), secret))
    .includes(true);

export const sealTotpSecret = (
  account: Pick<Account, 'userId'>,
  factorId: string,
  secret: Buffer,
  seal: Seal,
) => seal.close(secret, { user: account.userId, factor: factorId, purpose: 'totp-secret' });

const openSecret = (account: Account, factor: TotpFactor, seal: Seal): Buffer =>
  seal.open(factor.secret, { user: account.userId, factor: factor.id, purpose: 'totp-secret' });

/** RFC 4226 §4 R6: at least 128 bits. */
export const isWeakSeed = (secret: Buffer): boolean => secret.length < 16;

/** @returns null unless it is 10 to 64 bytes, or base32 of them */
export function readTotpSecret(given: unknown): Buffer | null {
  const secret = given instanceof Uint8Array ? Buffer.from(given) : readBase32(given);
  return secret && secret.length >= 10 && secret.length <= 64 ? secret : null;
}

const readBase32 = (given: unknown): Buffer | null =>
  typeof given === 'string' && given.length <= 256 ? fromBase32(given) : null;

/**
 * The URI that an authenticator app reads. Apps disagree on colons in names, so there are none, and some don't
 * understand `+` for a space, so everything is percent-encoded.
 */
export function otpauthUrl(issuer: string, account: string, secret: Buffer): string {
  const [from, name] = [issuer, account].map((text) => encodeURIComponent(withoutColon(text)));
  return `otpauth://totp/${from}:${name}?secret=${toBase32(secret)}&issuer=${from}&algorithm=SHA1&digits=${TOTP_DIGITS}&period=${TOTP_PERIOD}`;
}

/** The name of an entry in the app, after the issuer's: `ann@example.com`, or `ann@example.com (2)`. */
export const entryName = (account: string, entry: string): string =>
  entry === '' ? account : `${account} (${entry})`;

const withoutColon = (text: string): string => text.toWellFormed().replace(/:/g, ' ').trim();

const inWindow = (now: number, window: number): number[] => range(stepAt(now) - window, stepAt(now) + window);

const behind = (now: number, window: number): number[] =>
  range(stepAt(now) - EXPLAINED_STEPS, stepAt(now) - window - 1);

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(to - from + 1, 0) }, (_, offset) => from + offset);
