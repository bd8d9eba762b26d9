import type { Account } from '../account/account';
import { totpDigits } from '../crypto/otp';
import { refuse, type Refusal } from '../errors';
import { readDigits } from '../factors/code-text';
import { isClockBehind, stepOfCode } from '../factors/totp';
import type { Login } from '../stores/contracts';
import { confirmSetup, isFull, type Confirmed } from './confirm-setup';
import { secretOf } from './make-factor';
import { readConfirmation, type ConfirmInput } from './read-confirmation';
import type { Scope } from './scope';
import { beginSetup, cancelSetup, readSetup, type Setup } from './setup';

/** What the user has to put into the authenticator app. */
export interface TotpSetup {
  readonly ok: true;
  readonly secret: Buffer;
  readonly first: boolean;
}

/** Shows the set-up of this login, and begins one if there is none. Who may is decided before. */
export async function beginTotp(scope: Scope, login: Login, account: Account): Promise<TotpSetup | Refusal> {
  if (isFull(account, 'totp', scope)) return refuse('conflict');
  const setup = await beginSetup(scope, login, account, 'totp');
  const known = await readSetup(scope, login, account, 'totp');
  // Once proven, nothing shows the secret again; what is missing is the backup codes.
  if (known?.proof) return refuse('conflict');
  return { ok: true, secret: secretOf(setup), first: setup.first };
}

/** Confirms the app by its first code. Wrong ones cost no sign-in tries; after ten the set-up starts over. */
export async function confirmTotp(
  scope: Scope,
  login: Login,
  input: ConfirmInput,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const typed = readDigits(input.code, totpDigits);
  if (!typed.ok) return typed;
  const { code } = typed;
  const read = await readConfirmation(scope, login, 'totp', input);
  if (!read.ok) return read;
  const { setup, label, isNamed } = read;
  const step = await judge(scope, login, setup, code);
  if (typeof step !== 'number') return step;
  const proof = { usedUpTo: step, label, isNamed, at: scope.now() };
  return confirmSetup(scope, login, { kind: 'totp', setup, proof }, tokens);
}

async function judge(scope: Scope, login: Login, setup: Setup, code: string): Promise<number | Refusal> {
  const { setupTries, setupLife, totpWindow } = scope.settings;
  const tries = await scope.pending.countTry(setup.factorId, setupLife);
  if (tries > setupTries) return refuse('conflict');
  const step = stepOfCode(secretOf(setup), code, scope.now(), totpWindow);
  if (step !== undefined) return step;
  if (tries >= setupTries) await cancelSetup(scope, login, 'totp');
  const isBehind = isClockBehind(secretOf(setup), code, scope.now(), totpWindow);
  return refuse(isBehind ? 'clock_off' : 'wrong_code', { triesLeft: setupTries - tries });
}
