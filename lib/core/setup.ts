import type { Account, FactorType, Sealed } from '../account/account';
import { owesFactor } from '../account/factors';
import { setupIdOf } from '../crypto/digest';
import { randomFactorId } from '../crypto/random';
import type { Refusal } from '../errors';
import { makeBackupCodes } from '../factors/backup-code';
import type { Login } from '../stores/contracts';
import type { Access } from './access';
import { isLasting } from './age';
import { isOver } from './freshness';
import { factorKind } from './kind';
import { typesOnOffer } from './offer';
import type { Kinds, Scope } from './scope';
import type { DraftOf, Proven, Setup, SetupKind, SetupProof } from './setup-data';

/** A set-up that its login may see and confirm. */
export interface OpenSetup<Kind extends SetupKind = SetupKind> {
  readonly ok: true;
  readonly setup: Setup<Kind>;
  readonly proof: SetupProof | null;
}

/** Why a login may not see its set-up as things are, and that there is one. */
export interface HiddenSetup extends Refusal {
  readonly notice: SetupNotice;
}

/** Says that there is one, and nothing of what it holds. */
export interface SetupNotice {
  readonly isProven: boolean;
  readonly hasCodes: boolean;
}

/** The set-up of this login, if there is one. This and `openSetup` are the only ways to read it. */
export async function readSetup<Kind extends SetupKind>(
  scope: Scope,
  access: Access,
  kind: Kind,
): Promise<OpenSetup<Kind> | HiddenSetup | null> {
  const found = await find(scope, access.login, access.account, kind);
  const refusal = found && refuseSetup(scope, access, found.setup);
  return found && refusal ? { ...refusal, notice: noticeOf(found) } : found;
}

/**
 * The set-up of this login, begun now if there is none, which needs a fresh proof.
 *
 * @param name the name its owner gives it at the start
 */
export async function openSetup<Kind extends SetupKind>(
  scope: Scope,
  access: Access,
  kind: Kind,
  name: string | null = null,
): Promise<OpenSetup<Kind> | Refusal> {
  const known = await readSetup(scope, access, kind);
  if (known) return known;
  const stale = access.refusalToSetUp(scope);
  if (stale) return stale;

  const { login, account } = access;
  const id = setupIdOf(login.loginId, kind);
  const made = makeSetup(scope.kinds, account, kind, scope.now(), name);
  if ((await putEntry(scope, login, id, made)) === made) return { ok: true, setup: made, proof: null };
  const others = await readSetup(scope, access, kind);
  if (others) return others;
  // A void one (its factor is in the account, or the epoch has changed) makes room.
  await scope.pending.setups.remove(id);
  return { ok: true, setup: await putEntry(scope, login, id, made), proof: null };
}

/**
 * May this login see or confirm this set-up now? It needs a fresh proof (before the first factor, a fresh login), or
 * must have begun it a short while ago.
 *
 * @param account as it is by now
 */
export function refuseSetup(
  scope: Scope,
  access: Access,
  setup: Pick<Setup, 'startedAt'>,
  account: Account = access.account,
): Refusal | null {
  const { setupOpen } = scope.settings;
  const isOpen = !isOver(access.login, account) && isLasting(setup.startedAt, setupOpen, scope.now());
  return isOpen ? null : access.refusalToSetUp(scope, account);
}

/** May this login set this up: is its set-up open to it, or may it begin one? */
export async function refuseSettingUp(
  scope: Scope,
  access: Access,
  kind: SetupKind,
): Promise<Refusal | null> {
  const stale = access.refusalToSetUp(scope);
  const known = stale && (await readSetup(scope, access, kind));
  return known?.ok ? null : (known ?? stale);
}

/** Says whether there is one. Anyone may know: it reveals nothing about it. */
export async function noticeSetup(
  scope: Scope,
  login: Login,
  account: Account,
  kind: SetupKind,
): Promise<SetupNotice | null> {
  const found = await find(scope, login, account, kind);
  return found && noticeOf(found);
}

/** The types whose set-up this login has begun and not yet proven. */
export async function unprovenSetups(scope: Scope, login: Login, account: Account): Promise<FactorType[]> {
  const types = typesOnOffer(scope);
  const notices = await Promise.all(types.map((type) => noticeSetup(scope, login, account, type)));
  return types.filter((_, at) => notices[at]?.isProven === false);
}

export const cancelSetup = (scope: Scope, login: Login, kind: SetupKind): Promise<void> =>
  scope.pending.setups.remove(setupIdOf(login.loginId, kind));

/**
 * Stores something that belongs to a set-up, such as the address a code went to. Written once, by whoever has the
 * set-up.
 */
export const putBeside = <Value extends object>(
  scope: Scope,
  login: Login,
  setup: Pick<Setup, 'factorId'>,
  name: string,
  value: Value,
): Promise<Value> => putEntry(scope, login, besideIdOf(setup, name), value);

export const getBeside = <Value extends object>(
  scope: Scope,
  login: Login,
  setup: Pick<Setup, 'factorId'>,
  name: string,
): Promise<Value | null> => getEntry<Value>(scope, login, besideIdOf(setup, name));

/** Notes that a set-up was proven. @returns the proof that counts, which may be another tab's */
export const proveSetup = <Kind extends FactorType>(
  scope: Scope,
  login: Login,
  { setup, proof }: Proven<Kind>,
): Promise<SetupProof<Kind>> => putBeside(scope, login, setup, 'proof', proof);

async function find<Kind extends SetupKind>(
  scope: Scope,
  login: Login,
  account: Account,
  kind: Kind,
): Promise<OpenSetup<Kind> | null> {
  const setup = await getEntry<Setup<Kind>>(scope, login, setupIdOf(login.loginId, kind));
  if (!setup || !isLive(scope.kinds, setup, account)) return null;
  return { ok: true, setup, proof: await getBeside<SetupProof>(scope, login, setup, 'proof') };
}

/** What is owed has changed since it began: another epoch, or a factor that was imported before this first one. */
export const isOvertaken = ({ epoch, first }: Pick<Setup, 'epoch' | 'first'>, account: Account): boolean =>
  epoch !== account.epoch || (first && owesFactor(account));

/** Whether it can still become a factor: that is not in the account yet, and nothing has changed what is owed. */
function isLive(kinds: Kinds, setup: Setup, account: Account): boolean {
  if (isOvertaken(setup, account)) return false;
  if (account.factors.some((factor) => factor.id === setup.factorId)) return false;
  return setup.kind === 'backup-codes' || (factorKind(kinds, setup.kind)?.isLive(setup, account) ?? false);
}

function makeSetup<Kind extends SetupKind>(
  kinds: Kinds,
  account: Account,
  kind: Kind,
  now: number,
  name: string | null,
): Setup<Kind> {
  const first = kind !== 'backup-codes' && !owesFactor(account);
  const draft = kind === 'backup-codes' ? { kind } : factorKind(kinds, kind)?.draft(account, name);
  return {
    ...(draft as DraftOf<Kind>),
    factorId: randomFactorId(),
    name,
    codes: first || kind === 'backup-codes' ? makeBackupCodes() : null,
    first,
    epoch: account.epoch,
    startedAt: now,
  };
}

const noticeOf = ({
  setup,
  proof,
}: Pick<OpenSetup, 'proof'> & { setup: Pick<Setup, 'codes'> }): SetupNotice => ({
  isProven: proof !== null,
  hasCodes: setup.codes !== null,
});

// Contains the id of its set-up, so that it can never prove another one begun after a cancellation.
const besideIdOf = ({ factorId }: Pick<Setup, 'factorId'>, name: string): string => `${factorId}:${name}`;

/**
 * Writes what a login keeps of a set-up, sealed and bound to its user, unless something is there already. @returns what
 * is there now
 */
async function putEntry<Value extends object>(
  scope: Scope,
  { userId }: Login,
  id: string,
  value: Value,
): Promise<Value> {
  const sealed = scope.seal.close(Buffer.from(JSON.stringify(value)), contextOf(userId, id));
  const stored = await scope.pending.setups.put(id, sealed, scope.settings.setupLife);
  return stored === sealed ? value : (open(scope, userId, id, stored) as Value);
}

async function getEntry<Value extends object>(
  scope: Scope,
  { userId }: Login,
  id: string,
): Promise<Value | null> {
  const stored = await scope.pending.setups.get(id);
  return stored === null ? null : (open(scope, userId, id, stored) as Value);
}

const open = (scope: Scope, user: string, id: string, stored: string): unknown =>
  JSON.parse(scope.seal.open(stored as Sealed, contextOf(user, id)).toString());

const contextOf = (user: string, factor: string) => ({ user, factor, purpose: 'setup' }) as const;
