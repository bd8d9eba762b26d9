import speakeasy from 'speakeasy';
import { DEMO_USERS, seedsOf } from './demo-users';

const STEP = 30;

export interface AppCode {
  readonly username: string;
  readonly code: string;
}

/** What the authenticator apps of the demo's users show, so that nobody has to add their seeds to one. */
export function demoCodesAt(now: number): {
  readonly codes: readonly AppCode[];
  readonly secondsLeft: number;
} {
  const time = Math.floor(now / 1000);
  const codes = seedsOf(DEMO_USERS).map(({ username, seed }) => ({
    username,
    code: speakeasy.totp({ secret: seed, encoding: 'base32', time }),
  }));
  return { codes, secondsLeft: STEP - (time % STEP) };
}
