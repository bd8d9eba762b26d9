import type { Account, TotpFactor } from '../account/account';
import { addFactor, isLabelTaken } from '../account/factors';
import { totpDigits } from '../crypto/otp';
import { refuse, type Refusal } from '../errors';
import { readDigits } from '../factors/code-text';
import { hasTotpSecret, isClockBehind, sealTotpSecret, stepOfCode } from '../factors/totp';
import type { Login } from '../stores/contracts';
import { noteToken } from './browser';
import { freeLabel, readLabel } from './label';
import type { Scope } from './scope';
import { beginSetup, cancelSetup, proveSetup, readSetup, type Setup, type SetupProof } from './setup';
import { loadAccount } from './status';
import { update } from './update';

/** What the user has to put into the authenticator app. */
export interface TotpSetup {
  readonly ok: true;
  readonly secret: Buffer;
  readonly first: boolean;
}

/** Confirmed: it is in force, or (`codes`) waits for a backup code to be acknowledged. */
export interface TotpConfirmed {
  readonly ok: true;
  readonly factor: { readonly id: string; readonly label: string; readonly createdAt: number };
  readonly codes: readonly string[] | null;
  /** The account as saved; null while the codes are not acknowledged. */
  readonly account: Account | null;
}

/** Shows the set-up of this login, and begins one if there is none. Who may is decided before. */
export async function beginTotp(scope: Scope, login: Login, account: Account): Promise<TotpSetup | Refusal> {
  if (isFull(account, scope)) return refuse('conflict');
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
  input: { readonly code: unknown; readonly label?: unknown; readonly defaultLabel: string },
  browserToken: string | null,
): Promise<TotpConfirmed | Refusal> {
  const read = readDigits(input.code, totpDigits);
  if (!read.ok) return read;
  const named = input.label === undefined || input.label === '' ? null : readLabel(input.label);
  if (named && !named.ok) return named;

  const account = await loadAccount(scope, login.userId);
  const begun = await readSetup(scope, login, account, 'totp');
  if (!begun || begun.proof) return refuse('conflict');
  const { setup } = begun;
  if (named && isLabelTaken(account, 'totp', named.label)) return refuse('duplicate', { field: 'label' });

  const step = await judge(scope, login, setup, read.code);
  if (typeof step !== 'number') return step;
  const label = named?.label ?? freeLabel(account, 'totp', input.defaultLabel);
  const proof = { step, label, at: scope.now() };
  if (!setup.first) return addConfirmed(scope, login, setup, proof, browserToken);
  await proveSetup(scope, login, setup, proof);
  return {
    ok: true,
    factor: { id: setup.factorId, label, createdAt: proof.at },
    codes: setup.codes,
    account: null,
  };
}

/** The factor a confirmed set-up makes. The code that confirmed it counts as used. */
export const factorFrom = (account: Account, setup: Setup, proof: SetupProof, scope: Scope): TotpFactor => ({
  type: 'totp',
  id: setup.factorId,
  label: proof.label,
  secret: sealTotpSecret(account, setup.factorId, secretOf(setup), scope.seal),
  createdAt: proof.at,
  lastUsedAt: null,
  usedUpTo: proof.step,
});

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

async function addConfirmed(
  scope: Scope,
  login: Login,
  setup: Setup,
  proof: SetupProof,
  browserToken: string | null,
): Promise<TotpConfirmed | Refusal> {
  const added = await update<TotpConfirmed | Refusal>(scope, login.userId, (account, now) => {
    const isVoid = account.epoch !== setup.epoch || account.factors.some((one) => one.id === setup.factorId);
    if (isVoid || isFull(account, scope)) return { account, outcome: refuse('conflict') };
    if (hasTotpSecret(account, secretOf(setup), scope.seal)) return { account, outcome: refuse('duplicate') };
    const factor = factorFrom(account, setup, proof, scope);
    const next = noteToken(addFactor(account, factor, null, now), browserToken, now, scope);
    return {
      account: next,
      outcome: { ok: true, factor, codes: null, account: next },
      events: [{ name: 'factor.added', type: 'totp', factorId: factor.id }],
    };
  });
  if (added.ok) await cancelSetup(scope, login, 'totp');
  return added;
}

const secretOf = (setup: Setup): Buffer => Buffer.from(setup.secret, 'base64url');

const isFull = (account: Account, scope: Scope): boolean =>
  account.factors.filter((factor) => factor.type === 'totp').length >= scope.settings.limits.totpApps;
