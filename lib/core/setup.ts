import type { Account } from '../account/account';
import { setupIdOf } from '../crypto/digest';
import type { Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import type { Access } from './access';
import { isLasting } from './age';
import { isOver } from './freshness';
import { isLive, makeSetup, type Setup, type SetupKind } from './make-setup';
import type { Scope } from './scope';
import { proofOf, type SetupProof } from './setup-beside';
import { getEntry, putEntry, removeEntry } from './setup-entries';

/** A set-up that its login may see and confirm. */
export interface OpenSetup {
  readonly ok: true;
  readonly setup: Setup;
  readonly proof: SetupProof | null;
}

/** A set-up that its login may not see as things are. */
export interface HiddenSetup {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly notice: SetupNotice;
}

/** That there is one, and nothing of what it holds. */
export interface SetupNotice {
  readonly isProven: boolean;
  readonly hasCodes: boolean;
}

/** The set-up of this login, if there is one. This and `openSetup` are the only ways to what it holds. */
export async function readSetup(
  scope: Scope,
  access: Access,
  kind: SetupKind,
): Promise<OpenSetup | HiddenSetup | null> {
  const found = await find(scope, access.login, access.account, kind);
  const refusal = found && refuseSetup(scope, access, found.setup);
  return found && refusal ? { ok: false, refusal, notice: noticeOf(found) } : found;
}

/**
 * The set-up of this login, begun now if there is none: by a proof that is fresh.
 *
 * @param name that its owner gives it at the start
 */
export async function openSetup(
  scope: Scope,
  access: Access,
  kind: SetupKind,
  name: string | null = null,
): Promise<OpenSetup | Refusal> {
  const known = await readSetup(scope, access, kind);
  if (known) return known.ok ? known : known.refusal;
  const stale = access.refusal(scope);
  if (stale) return stale;

  const { login, account } = access;
  const id = setupIdOf(login.loginId, kind);
  const made = makeSetup(account, kind, scope.now(), name);
  if ((await putEntry(scope, login, id, made)) === made) return { ok: true, setup: made, proof: null };
  const others = await readSetup(scope, access, kind);
  if (others) return others.ok ? others : others.refusal;
  // One that is void (its factor is in the account, or the epoch moved on) makes room.
  await removeEntry(scope, id);
  return { ok: true, setup: await putEntry(scope, login, id, made), proof: null };
}

/**
 * May this login see or confirm this set-up now? By a proof that is fresh (before the first factor, a login that is), or
 * because it began it a little while ago.
 *
 * @param account as it is by now
 */
export function refuseSetup(
  scope: Scope,
  access: Access,
  setup: Setup,
  account: Account = access.account,
): Refusal | null {
  const { setupOpen } = scope.settings;
  const isOpen = !isOver(access.login, account) && isLasting(setup.startedAt, setupOpen, scope.now());
  return isOpen ? null : access.refusal(scope, account);
}

/** May this login be where this is set up: is its set-up open to it, or may it begin one? */
export async function refuseSettingUp(
  scope: Scope,
  access: Access,
  kind: SetupKind,
): Promise<Refusal | null> {
  const stale = access.refusal(scope);
  const known = stale && (await readSetup(scope, access, kind));
  return known ? (known.ok ? null : known.refusal) : stale;
}

/** Says whether there is one, to whomever: it shows nothing of it. */
export async function noticeSetup(
  scope: Scope,
  login: Login,
  account: Account,
  kind: SetupKind,
): Promise<SetupNotice | null> {
  const found = await find(scope, login, account, kind);
  return found && noticeOf(found);
}

export const cancelSetup = (scope: Scope, login: Login, kind: SetupKind): Promise<void> =>
  removeEntry(scope, setupIdOf(login.loginId, kind));

async function find(
  scope: Scope,
  login: Login,
  account: Account,
  kind: SetupKind,
): Promise<OpenSetup | null> {
  const setup = await getEntry<Setup>(scope, login, setupIdOf(login.loginId, kind));
  if (!setup || !isLive(setup, account)) return null;
  return { ok: true, setup, proof: await proofOf(scope, login, setup) };
}

const noticeOf = ({ setup, proof }: OpenSetup): SetupNotice => ({
  isProven: proof !== null,
  hasCodes: setup.codes !== null,
});
