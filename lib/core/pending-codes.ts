import type { Account } from '../account/account';
import { owesFactor } from '../account/factors';
import { refuse, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import type { Access } from './access';
import { typesOnOffer } from './offer';
import type { Scope } from './scope';
import { noticeSetup, openSetup, readSetup, type SetupNotice } from './setup';
import type { Setup, SetupKind, SetupProof } from './setup-data';

/** Backup codes that were made but count only once the user has typed one of them. */
export interface PendingCodes {
  readonly ok: true;
  readonly setup: Setup;
  readonly proof: SetupProof | null;
  readonly codes: readonly string[];
}

/** The set waiting to be acknowledged in this login: the first factor's, or a new one. */
export async function pendingCodes(scope: Scope, access: Access): Promise<PendingCodes | Refusal | null> {
  const all = await Promise.all(
    kindsOf(scope, access.account).map(async (kind) => ({
      kind,
      begun: await readSetup(scope, access, kind),
    })),
  );
  for (const { kind, begun } of all) {
    if (begun?.ok && begun.setup.codes && isWaiting(kind, begun.proof !== null))
      return { ...begun, codes: begun.setup.codes };
    if (begun?.ok === false && begun.notice.hasCodes && isWaiting(kind, begun.notice.isProven)) return begun;
  }
  return null;
}

/** What the waiting set belongs to; null: there is none. */
export async function awaitingCodes(scope: Scope, login: Login, account: Account): Promise<SetupKind | null> {
  const kinds = kindsOf(scope, account);
  const notices: (SetupNotice | null)[] = await Promise.all(
    kinds.map((kind) => noticeSetup(scope, login, account, kind)),
  );
  return kinds.find((kind, at) => notices[at]?.hasCodes && isWaiting(kind, notices[at].isProven)) ?? null;
}

/** Makes a new set. The old one stays in force until the new one is acknowledged. */
export async function renewCodes(
  scope: Scope,
  access: Access,
): Promise<{ readonly ok: true; readonly codes: readonly string[] } | Refusal> {
  if (!owesFactor(access.account)) return refuse('conflict');
  const opened = await openSetup(scope, access, 'backup-codes');
  return opened.ok ? { ok: true, codes: opened.setup.codes ?? [] } : opened;
}

const kindsOf = (scope: Scope, account: Account): readonly SetupKind[] =>
  owesFactor(account) ? ['backup-codes'] : typesOnOffer(scope);

/** A factor's backup codes wait only once its first code was correct. */
const isWaiting = (kind: SetupKind, isProven: boolean): boolean => kind === 'backup-codes' || isProven;
