import type { Account } from '../account/account';
import { isEntryTaken, isLabelTaken } from '../account/factors';
import { TOTP_DIGITS } from '../crypto/otp';
import { refuse, type Refusal } from '../errors';
import { readDigits } from '../factors/code-text';
import { isClockBehind, stepOfCode } from '../factors/totp';
import type { Login } from '../stores/contracts';
import type { Access } from './access';
import { type Confirmed, type ConfirmInput, confirmSetup, readConfirmation } from './confirm-setup';
import { readLabel } from './label';
import { refuseFull } from './offer';
import type { Scope } from './scope';
import { cancelSetup, openSetup, readSetup, type OpenSetup } from './setup';
import type { Setup } from './setup-data';

/** What the user has to enter in the authenticator app. */
export interface TotpSetup {
  readonly ok: true;
  readonly secret: Buffer;
  readonly first: boolean;
  /** Tells its entry in the app from others. */
  readonly entry: string;
}

/**
 * The set-up of this login, begun if there is none, or again if it is to have another name.
 *
 * @param name for the entry in the app, which cannot be changed once it was scanned
 */
export async function beginTotp(scope: Scope, access: Access, name?: unknown): Promise<TotpSetup | Refusal> {
  const full = refuseFull(scope, access.account, 'totp');
  if (full) return full;
  const named = name === undefined || name === '' ? null : readEntryName(access.account, name);
  if (named && !named.ok) return named;
  if (named) {
    const known = await readSetup(scope, access, 'totp');
    const refusal = known?.ok === false ? known : access.refusalToSetUp(scope);
    if (refusal) return refusal;
    const isOther = known?.ok && !known.proof && known.setup.entry !== named.label;
    if (isOther) await cancelSetup(scope, access.login, 'totp');
  }
  const opened = await openSetup(scope, access, 'totp', named?.label);
  return opened.ok ? shown(opened) : opened;
}

/** Shorter than other names: it has to fit into a QR code that can be scanned. */
const LONGEST_ENTRY = 32;

function readEntryName(account: Account, name: unknown): ReturnType<typeof readLabel> {
  const read = readLabel(name);
  if (!read.ok) return read;
  if ([...read.label].length > LONGEST_ENTRY)
    return refuse('malformed', { field: 'label', reason: 'label_long' });
  const isTaken = isLabelTaken(account, 'totp', read.label) || isEntryTaken(account, read.label);
  return isTaken ? refuse('duplicate', { field: 'label' }) : read;
}

/** The set-up of this login; null: none has begun. */
export async function readTotp(scope: Scope, access: Access): Promise<TotpSetup | Refusal | null> {
  const full = refuseFull(scope, access.account, 'totp');
  if (full) return full;
  const begun = await readSetup(scope, access, 'totp');
  return begun?.ok ? shown(begun) : begun;
}

/** Once proven, the secret is never shown again; only the backup codes are missing. */
const shown = ({ setup, proof }: OpenSetup<'totp'>): TotpSetup | Refusal =>
  proof
    ? refuse('conflict')
    : {
        ok: true,
        secret: secretOf(setup),
        first: setup.first,
        entry: setup.entry,
      };

/** Confirms the app with its first code. Wrong ones cost no sign-in tries; after ten the set-up starts over. */
export async function confirmTotp(
  scope: Scope,
  access: Access,
  input: ConfirmInput,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const typed = readDigits(input.code, TOTP_DIGITS);
  if (!typed.ok) return typed;
  const { code } = typed;
  const read = await readConfirmation(scope, access, 'totp', input);
  if (!read.ok) return read;
  const { setup, label, isNamed } = read;
  const step = await judge(scope, access.login, setup, code);
  if (typeof step !== 'number') return step;
  const proof = {
    kind: 'totp',
    usedUpTo: step,
    label,
    isNamed,
    at: scope.now(),
    thing: '',
    hint: null,
  } as const;
  return confirmSetup(scope, access, { setup, proof }, tokens);
}

async function judge(
  scope: Scope,
  login: Login,
  setup: Setup<'totp'>,
  code: string,
): Promise<number | Refusal> {
  const { setupTries, setupLife, totpWindow } = scope.settings;
  const tries = await scope.pending.tries.count(setup.factorId, setupLife);
  if (tries > setupTries) return refuse('conflict');
  const step = stepOfCode(secretOf(setup), code, scope.now(), totpWindow);
  if (step !== undefined) return step;
  if (tries >= setupTries) await cancelSetup(scope, login, 'totp');
  const isBehind = isClockBehind(secretOf(setup), code, scope.now(), totpWindow);
  return refuse(isBehind ? 'clock_off' : 'wrong_code', { triesLeft: setupTries - tries });
}

export const secretOf = ({ secret }: Setup<'totp'>): Buffer => Buffer.from(secret, 'base64url');
