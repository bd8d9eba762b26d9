import { createHmac } from 'node:crypto';
import * as speakeasy from 'speakeasy';
import { equal } from './digest';

/** Seconds a code lives (RFC 6238 §5.2), and its digits. */
export const TOTP_PERIOD = 30;
export const TOTP_DIGITS = 6;

/** The time step of a moment (ms): RFC 6238 §4.2, exact beyond 2038. */
export const stepAt = (now: number): number => Math.floor(now / 1000 / TOTP_PERIOD);

export type OtpAlgorithm = 'sha1' | 'sha256' | 'sha512';

/**
 * The code for a counter (RFC 4226 §5.3). The only file that uses speakeasy, and only its truncation, of an HMAC made
 * here. Its parsing, base32, random and URL helpers are unsafe, and its own HMAC uses deprecated buffers, for which
 * Node inspects the stack.
 */
export const hotp = (
  secret: Buffer,
  counter: number,
  digits = TOTP_DIGITS,
  algorithm: OtpAlgorithm = 'sha1',
): string => {
  const moving = Buffer.alloc(8);
  moving.writeUInt32BE(Math.floor(counter / 2 ** 32), 0);
  moving.writeUInt32BE(counter % 2 ** 32, 4);
  const digest = createHmac(algorithm, secret).update(moving).digest();
  // Its types require a secret, but its code needs none if there is a digest.
  return speakeasy.hotp({ secret: '', digest, counter, digits });
};

/**
 * Which of `steps` have this code. Every candidate is computed and compared in constant time, so the time taken does
 * not reveal which one matched (ASVS 11.2.4).
 */
export function matchingSteps(secret: Buffer, code: string, steps: readonly number[]): number[] {
  const given = Buffer.from(code);
  const matches = steps.map((step) => step >= 0 && equal(given, Buffer.from(hotp(secret, step))));
  return steps.filter((_, position) => matches[position]);
}
