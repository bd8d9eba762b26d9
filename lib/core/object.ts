import type { Account, FactorId, Objectionable, UserId } from '../account/account';
import { suspendedOf } from '../account/factors';
import { liftHold, liftsHold, object, objectionableOf, restoreFactor } from '../account/objections';
import { userKeyOf } from '../crypto/digest';
import { refuse, type Refusal } from '../errors';
import type { Access } from './access';
import { isYoung } from './age';
import { refuseContact } from './contact-hold';
import type { Managed } from './manage-factor';
import { refuseFull } from './offer';
import type { Scope } from './scope';
import { unchanged, update } from './update';

/**
 * What the link in a notice leads to, and the names of the factors that would be suspended; null: it was used, is too old,
 * or was settled.
 */
export async function findObjectionable(
  scope: Scope,
  userId: UserId,
  id: string,
): Promise<(Objectionable & { readonly suspends: readonly string[] }) | null> {
  const account = await scope.accounts.load(userId);
  const found = account && objectionableOf(account, id, scope.now());
  if (!account || !found) return null;
  const added = account.factors.filter((factor) => found.added.includes(factor.id));
  return { ...found, suspends: added.map(({ label }) => label) };
}

export interface Objected {
  readonly ok: true;
  /** How many complete logins were ended. */
  readonly ended: number;
  /** The names of the factors that were suspended. */
  readonly suspended: readonly string[];
}

/** Objects to a change, once. Anyone who has the link may: it only stops things. */
export async function objectTo(scope: Scope, userId: UserId, id: string): Promise<Objected | Refusal> {
  const logins = await scope.pending.logins.list(userKeyOf(userId));
  return update<Objected | Refusal>(scope, userId, (account, now) => {
    const objected = objectionableOf(account, id, now);
    if (!objected) return unchanged(refuse('not_found', { reason: 'objection_over' }));
    const after = object(account, objected, now);
    const inForce = logins.filter(({ login }) => login.epoch === account.epoch);
    const suspended = (after.suspended ?? []).filter((factor) => !account.suspended?.includes(factor));
    return {
      account: after,
      outcome: { ok: true, ended: inForce.length, suspended: suspended.map(({ label }) => label) },
      events: [
        { name: 'change.objected', suspended: suspended.length },
        { name: 'logins.ended', except: null },
      ],
    };
  });
}

/**
 * Lets changes be made again before their time. It takes a recent proof by something older than what was objected to, and
 * that nobody can object to any more: intruders have at most what they added, and what they stole once.
 */
export const lift = (scope: Scope, access: Access): Promise<Managed> =>
  update<Managed>(scope, access.login.userId, (account, now) => {
    const refused = access.staleness(scope, account) ?? refuseYounger(scope, access, account, now);
    if (refused) return unchanged(refused);
    if (!account.hold) return unchanged({ ok: true, account });
    const after = liftHold(account);
    return { account: after, outcome: { ok: true, account: after }, events: [{ name: 'changes.released' }] };
  });

function refuseYounger(scope: Scope, { login }: Access, account: Account, now: number): Refusal | null {
  const isOwner = login.proofs.some(
    (proof) => isYoung(proof.at, scope.settings.fresh, now) && liftsHold(account, proof, now),
  );
  return !account.hold || isOwner ? null : refuse('step_up_required', { reason: 'held' });
}

/** Restores a suspended factor, after a proof as for any change. */
export const restore = (scope: Scope, access: Access, id: FactorId): Promise<Managed> =>
  update<Managed>(scope, access.login.userId, (account, now) => {
    const refused = access.refusal(scope, account);
    if (refused) return unchanged(refused);
    const suspended = suspendedOf(account, id);
    if (!suspended) return unchanged(refuse('not_found'));
    const { type } = suspended;
    const held = refuseContact(scope, account, type) ?? refuseFull(scope, account, type);
    if (held) return unchanged(held);
    const restored = restoreFactor(account, id, now);
    if (!restored) return unchanged(refuse('duplicate'));
    const { factor, account: after } = restored;
    return {
      account: after,
      outcome: { ok: true, account: after },
      events: [{ name: 'factor.restored', type: factor.type, factorId: id, label: factor.label }],
    };
  });
