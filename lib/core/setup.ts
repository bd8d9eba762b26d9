import type { Account, FactorId, FactorType, Sealed, UserId } from '../account/account';
import { owesFactor } from '../account/factors';
import { setupIdOf } from '../crypto/digest';
import { randomFactorId, randomTotpSecret, randomUserHandle } from '../crypto/random';
import { makeBackupCodes } from '../factors/backup-code';
import type { NewKey } from '../factors/webauthn-registration';
import type { Login } from '../stores/contracts';
import type { Scope } from './scope';

/** What is being set up: a factor, or a new set of backup codes. */
export type SetupKind = FactorType | 'backup-codes';

/**
 * A set-up in progress, made at its start and never changed, so that a reload, a wrong code and a second
 * tab see the same. It belongs to one login, and to the epoch of the account it was begun in.
 */
export interface Setup {
  readonly factorId: FactorId;
  /** base64url */
  readonly secret: string;
  /** The backup codes that come with it: a new set, or the first factor's. */
  readonly codes: readonly string[] | null;
  readonly first: boolean;
  readonly epoch: number;
  readonly startedAt: number;
  /** Of a key: the user handle it is told. The account's, or the one that its first key will bring. */
  readonly handle?: string;
}

/** That the first code was right: up to where it counts as used, and the name to give. */
export interface SetupProof {
  /** As the factor's `usedUpTo`. */
  readonly usedUpTo: number;
  readonly label: string;
  readonly isNamed: boolean;
  readonly at: number;
  /** Of codes that are sent: the address that the right one was sent to. */
  readonly address?: { readonly address: string; readonly hint: string };
  /** Of security keys: the key. */
  readonly key?: NewKey;
}

/** The set-up of this login, begun now if there is none. */
export async function beginSetup(
  scope: Scope,
  login: Login,
  account: Account,
  kind: SetupKind,
): Promise<Setup> {
  const first = kind !== 'backup-codes' && !owesFactor(account);
  const fresh: Setup = {
    factorId: randomFactorId(),
    secret: randomTotpSecret().toString('base64url'),
    codes: first || kind === 'backup-codes' ? makeBackupCodes() : null,
    first,
    epoch: account.epoch,
    startedAt: scope.now(),
    ...(kind === 'webauthn' && { handle: account.handle ?? randomUserHandle() }),
  };
  const id = setupIdOf(login.loginId, kind);
  const setup = await put(scope, login.userId, id, fresh);
  // One that was void already (its factor is in the account, or the epoch moved on) makes room.
  if (isLive(setup, account)) return setup;
  await cancelSetup(scope, login, kind);
  return put(scope, login.userId, id, fresh);
}

export async function readSetup(
  scope: Scope,
  login: Login,
  account: Account,
  kind: SetupKind,
): Promise<{ readonly setup: Setup; readonly proof: SetupProof | null } | null> {
  const id = setupIdOf(login.loginId, kind);
  const setup = await get<Setup>(scope, login.userId, id);
  if (!setup || !isLive(setup, account)) return null;
  return { setup, proof: await get<SetupProof>(scope, login.userId, proofIdOf(setup)) };
}

export const proveSetup = (
  scope: Scope,
  login: Login,
  setup: Setup,
  proof: SetupProof,
): Promise<SetupProof> => put(scope, login.userId, proofIdOf(setup), proof);

/** What belongs to a set-up beside it, such as the address of one sending. */
export const putBeside = <Value extends object>(
  scope: Scope,
  login: Login,
  setup: Setup,
  name: string,
  value: Value,
): Promise<Value> => put(scope, login.userId, besideIdOf(setup, name), value);

export const getBeside = <Value extends object>(
  scope: Scope,
  login: Login,
  setup: Setup,
  name: string,
): Promise<Value | null> => get<Value>(scope, login.userId, besideIdOf(setup, name));

export const cancelSetup = (scope: Scope, login: Login, kind: SetupKind): Promise<void> =>
  scope.pending.removeSetup(setupIdOf(login.loginId, kind));

const isLive = (setup: Setup, account: Account): boolean =>
  setup.epoch === account.epoch &&
  !account.factors.some((factor) => factor.id === setup.factorId) &&
  // Another login brought the account its handle meanwhile: a key that was told this one would not be recognised.
  (setup.handle ?? account.handle) === (account.handle ?? setup.handle);

// Named after the set-up it proves, so that it can never prove one begun after a cancel.
const besideIdOf = (setup: Setup, name: string): string => `${setup.factorId}:${name}`;
const proofIdOf = (setup: Setup): string => besideIdOf(setup, 'proof');

async function put<Value extends object>(
  scope: Scope,
  user: UserId,
  id: string,
  value: Value,
): Promise<Value> {
  const sealed = scope.seal.close(Buffer.from(JSON.stringify(value)), contextOf(user, id));
  const stored = await scope.pending.putSetup(id, sealed, scope.settings.setupLife);
  return stored === sealed ? value : (open(scope, user, id, stored) as Value);
}

async function get<Value extends object>(scope: Scope, user: UserId, id: string): Promise<Value | null> {
  const stored = await scope.pending.getSetup(id);
  return stored === null ? null : (open(scope, user, id, stored) as Value);
}

const open = (scope: Scope, user: UserId, id: string, stored: string): unknown =>
  JSON.parse(scope.seal.open(stored as Sealed, contextOf(user, id)).toString());

const contextOf = (user: UserId, factor: string) => ({ user, factor, purpose: 'setup' }) as const;
