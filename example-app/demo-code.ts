import speakeasy from 'speakeasy';
import { DEMO_TOTP_SEED } from './demo-users';

const STEP = 30;

/** What the authenticator app of `demo-totp` shows, so that nobody has to add the seed to one. */
export function demoCodeAt(now: number): { readonly code: string; readonly secondsLeft: number } {
  const time = Math.floor(now / 1000);
  const code = speakeasy.totp({ secret: DEMO_TOTP_SEED, encoding: 'base32', time });
  return { code, secondsLeft: STEP - (time % STEP) };
}
