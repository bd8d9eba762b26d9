import { type Account, type Factor, type FactorId, moveEpoch, type Objectionable } from './account';
import { forgetBrowsers } from './browsers';
import { freeLabel, suspendedOf } from './factors';

const DAY = 86_400_000;
/** How long a change can be objected to. */
const OPEN = 30 * DAY;
/** How many are kept. */
const MOST = 50;
/** How much is said of one. */
const MOST_TOLD = 20;
/** For how long nothing can be changed after an objection. */
const HELD = DAY;

/** A proof, as far as it matters here. */
interface GivenProof {
  readonly type: string;
  readonly factorId: FactorId | null;
  readonly at: number;
}

/**
 * If there are too many, the oldest goes first of those that added nothing, then of those whose factors are gone, so that
 * nobody can push out what matters.
 */
export function addObjectionable(account: Account, one: Objectionable, now: number): Account {
  const all = [one, ...openIn(account, now)];
  const isGone = ({ added }: Objectionable): boolean => !added.some((id) => isThere(account, id));
  const least =
    all.findLast((other) => isGone(other) && !other.madeCodes) ?? all.findLast(isGone) ?? all.at(-1);
  return { ...account, objections: all.length > MOST ? all.filter((other) => other !== least) : all };
}

/**
 * Adds to the newest change that added factors what was added since without a notice of its own, as there had been so
 * many: whoever objects to the last change they were told of means that too.
 */
export function joinObjectionable(
  account: Account,
  { added, told }: Pick<Objectionable, 'added' | 'told'>,
  now: number,
): Account {
  const open = openIn(account, now);
  const newest = open.find((one) => one.added.length > 0);
  if (!newest || added.length === 0) return account;
  const joined: Objectionable = {
    ...newest,
    told: [...newest.told, ...told].slice(-MOST_TOLD),
    added: [...newest.added.filter((id) => isThere(account, id)), ...added],
  };
  return { ...account, objections: open.map((one) => (one === newest ? joined : one)) };
}

const isThere = ({ factors }: Account, id: FactorId): boolean => factors.some((factor) => factor.id === id);

/** Null: it was objected to, is too old, or was settled. */
export const objectionableOf = (account: Account, id: string, now: number): Objectionable | null =>
  openIn(account, now).find((one) => one.id === id) ?? null;

const openIn = ({ objections = [] }: Account, now: number): readonly Objectionable[] =>
  objections.filter(({ at }) => now - at < OPEN);

/**
 * Ends every login, forgets every browser, suspends what the change added, and holds further changes. It takes away
 * nothing that was there before the change, so the link is no weapon against the owner.
 */
export function object(account: Account, objected: Objectionable, now: number): Account {
  const isAdded = ({ id }: { readonly id: FactorId }): boolean => objected.added.includes(id);
  const { backupCodes, preferred, suspended = [] } = account;
  const isOfChange = objected.madeCodes && backupCodes !== null && backupCodes.createdAt >= objected.at;
  const ended = forgetBrowsers(moveEpoch(account, now));
  return {
    ...ended,
    factors: account.factors.filter((factor) => !isAdded(factor)),
    suspended: [...suspended, ...account.factors.filter(isAdded)],
    backupCodes: isOfChange ? null : backupCodes,
    preferred: preferred !== null && objected.added.includes(preferred) ? null : preferred,
    objections: openIn(account, now).filter(({ id }) => id !== objected.id),
    hold: { until: now + HELD, changedAt: Math.min(objected.at, account.hold?.changedAt ?? Infinity) },
  };
}

/** Until when nothing can be changed, ms; null: now is fine. */
export const heldUntil = ({ hold }: Account, now: number): number | null =>
  hold && now < hold.until ? hold.until : null;

/**
 * Whether this proof lifts what an objection holds: given with something older than what was objected to, and not with
 * what an intruder may have added before that.
 */
export const liftsHold = (account: Account, proof: GivenProof, now: number): boolean =>
  account.hold !== undefined &&
  !isDoubted(account, openIn(account, now), proof) &&
  isOfBefore(account, proof, account.hold.changedAt);

/** Whether this proof was given with something that its owner had before that time, and after it. */
function isOfBefore(
  { factors, backupCodes }: Account,
  { type, factorId, at }: GivenProof,
  time: number,
): boolean {
  const madeAt =
    type === 'backup-code' ? backupCodes?.createdAt : factors.find(({ id }) => id === factorId)?.createdAt;
  return at > time && madeAt !== undefined && madeAt < time;
}

/**
 * A change proven with something older than an earlier one, after that one: its owner knows of it, and it can no longer
 * be objected to. What was proven before shows nothing, as it may have let the intruder in; nor does what an intruder may
 * have added, to which its owner can still object.
 */
export function settleObjections(account: Account, proofs: readonly GivenProof[]): Account {
  const { objections = [] } = account;
  const shown = proofs.filter((proof) => !isDoubted(account, objections, proof));
  // A factor is older than the save that made it real: its code was right before that.
  const isSettled = ({ at, added }: Objectionable): boolean =>
    shown.some((proof) => !added.some((id) => id === proof.factorId) && isOfBefore(account, proof, at));
  return objections.some(isSettled)
    ? { ...account, objections: objections.filter((one) => !isSettled(one)) }
    : account;
}

/** Whether it was given with what one of these changes added, to which its owner can still object. */
const isDoubted = (account: Account, open: readonly Objectionable[], proof: GivenProof): boolean =>
  open.some((one) => isOfLater(account, one, proof));

/** Whether it was given with what this change added. With the first set-up an owner began, so that is no doubt. */
const isOfLater = (
  { backupCodes }: Account,
  { at, told, added, madeCodes }: Objectionable,
  { type, factorId }: GivenProof,
): boolean =>
  !told.some(({ name }) => name === 'two-factor.enabled') &&
  (type === 'backup-code'
    ? madeCodes && backupCodes !== null && backupCodes.createdAt >= at
    : factorId !== null && added.includes(factorId));

export const liftHold = ({ hold: _, ...account }: Account): Account => account;

/** Restores a suspended factor; null: there is none, or the same key was added again meanwhile. */
export function restoreFactor(
  account: Account,
  id: FactorId,
  now: number,
): { readonly account: Account; readonly factor: Factor } | null {
  const { suspended = [] } = account;
  const factor = suspendedOf(account, id);
  if (!factor || isThereAgain(account, factor)) return null;
  const label = freeLabel(account, factor.type, factor.label);
  const factors = [...account.factors, { ...factor, label }];
  const restored = { ...account, factors, suspended: suspended.filter((one) => one !== factor) };
  return { account: moveEpoch(restored, now), factor };
}

const isThereAgain = ({ factors }: Account, factor: Factor): boolean =>
  factor.type === 'webauthn' &&
  factors.some((one) => one.type === 'webauthn' && one.credentialId === factor.credentialId);
