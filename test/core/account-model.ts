import { createHmac } from 'node:crypto';
import { days } from '../support/clock';

/**
 * What an account should do, said a second time and as plainly as possible: no compare-and-swap, no seals,
 * no retries. Every operation is a function of a state and a time; the same state back means that nothing
 * is to be saved.
 */
export interface ModelFactor {
  readonly secret: Buffer;
  readonly label: string;
  readonly usedUpTo: number;
}

/** A lane as a bucket: when the next try drops in, instead of since when it has been filling. */
export interface ModelLane {
  readonly left: number;
  readonly nextAt: number;
  readonly wrong: number;
}

export interface ModelUser {
  readonly isStored: boolean;
  readonly epoch: number;
  readonly factors: readonly ModelFactor[];
  readonly codes: readonly { readonly code: string; readonly isUsed: boolean }[] | null;
  readonly preferred: Buffer | null;
  readonly known: ModelLane;
  readonly others: ModelLane;
  /** The newest first. */
  readonly browsers: readonly { readonly token: string; readonly seenAt: number }[];
}

export interface Step {
  readonly user: ModelUser;
  readonly outcome: string;
  /** It takes no try of its login. */
  readonly isFree?: boolean;
}

export type Predict = (user: ModelUser, now: number) => Step;

const full: ModelLane = { left: 10, nextAt: Infinity, wrong: 0 };
export const noUser: ModelUser = {
  isStored: false,
  epoch: 0,
  factors: [],
  codes: null,
  preferred: null,
  known: full,
  others: full,
  browsers: [],
};

export const stepOf = (now: number): number => Math.floor(now / 30_000);

export function totp(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The steps from `from` to `to` whose code this is. */
export const stepsOf = (secret: Buffer, code: string, from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, ahead) => from + ahead).filter(
    (step) => totp(secret, step) === code,
  );

export function laneNow(lane: ModelLane, now: number): ModelLane {
  if (lane.left === 10) return { ...lane, nextAt: Infinity };
  let { left, nextAt } = { ...lane, nextAt: Math.min(lane.nextAt, now + days) };
  for (; left < 10 && nextAt <= now; nextAt += days) left += 1;
  return { ...lane, left, nextAt: left === 10 ? Infinity : nextAt };
}

const refused = (user: ModelUser, outcome: string): Step => ({ user, outcome, isFree: true });
const stored = (user: ModelUser): ModelUser => ({ ...user, isStored: true });
const movedOn = (user: ModelUser, now: number): ModelUser =>
  stored({ ...user, epoch: Math.max(user.epoch + 1, now) });

/** What a browser brings, and what it is given in the place of what was known of it. */
export interface ModelBrowser {
  readonly brought: readonly string[];
  readonly made: string;
}

const noted = (user: ModelUser, { brought, made }: ModelBrowser, now: number): ModelUser => {
  const others = user.browsers.filter(({ token }) => !brought.includes(token));
  const newest = others.toSorted((one, other) => other.seenAt - one.seenAt);
  return { ...user, browsers: [{ token: made, seenAt: now }, ...newest].slice(0, 10) };
};

const hasSecret = (user: ModelUser, secret: Buffer): boolean =>
  user.factors.some((one) => one.secret.equals(secret));
export const isTaken = (user: ModelUser, label: string): boolean =>
  user.factors.some((one) => one.label.toLowerCase() === label.toLowerCase());

export interface ModelProver {
  /** The epoch of the login that proves; null without one. */
  readonly epoch: number | null;
  /** Half a login: once nothing is owed any more it is over. */
  readonly isOwed: boolean;
  readonly browser: ModelBrowser;
  /** Wrong guesses of this login before this one. */
  readonly guessesBefore: number;
}

export const verifyTotp =
  (code: string, { epoch, isOwed, browser, guessesBefore }: ModelProver): Predict =>
  (user, now) => {
    if (epoch !== null && epoch !== user.epoch) return refused(user, 'sign_in_required');
    if (user.factors.length === 0) return refused(user, isOwed ? 'sign_in_required' : 'not_found');
    const name = user.browsers.some(({ token }) => browser.brought.includes(token)) ? 'known' : 'others';
    const lane = laneNow(user[name], now);
    if (lane.wrong >= 100) return refused(user, 'codes_closed');
    if (lane.left === 0) return refused(user, 'locked');

    const T = stepOf(now);
    const found = user.factors.map((factor) => ({
      factor,
      steps: stepsOf(factor.secret, code, T - 1, T + 1),
    }));
    const right = found.find(
      ({ factor, steps }) => steps.length > 0 && steps.every((step) => step > factor.usedUpTo),
    );
    if (right) {
      const usedUpTo = Math.max(...right.steps);
      const factors = user.factors.map((one) => (one === right.factor ? { ...one, usedUpTo } : one));
      const left = Math.min(10, lane.left + guessesBefore);
      const next = { left, nextAt: left === 10 ? Infinity : lane.nextAt, wrong: 0 };
      const used = { ...user, factors, [name]: next };
      return { user: epoch === null ? used : noted(used, browser, now), outcome: 'ok' };
    }
    if (found.some(({ steps }) => steps.length > 0)) return refused(user, 'code_used');
    const late = user.factors.map((factor) => ({
      factor,
      steps: stepsOf(factor.secret, code, T - 10, T - 2),
    }));
    if (late.some(({ factor, steps }) => steps.includes(factor.usedUpTo))) return refused(user, 'code_used');

    const nextAt = lane.left === 10 ? now + days : lane.nextAt;
    const spent = { left: lane.left - 1, nextAt, wrong: lane.wrong + 1 };
    const outcome = late.some(({ steps }) => steps.length > 0) ? 'clock_off' : 'wrong_code';
    return { user: { ...user, [name]: spent }, outcome };
  };

export const verifyBackupCode =
  (code: string, { epoch, isOwed, browser }: ModelProver): Predict =>
  (user, now) => {
    if (epoch !== null && epoch !== user.epoch) return refused(user, 'sign_in_required');
    if (user.factors.length === 0) return refused(user, isOwed ? 'sign_in_required' : 'not_found');
    if (user.codes === null) return refused(user, 'not_found');
    const match = user.codes.find((one) => one.code === code);
    if (!match) return { user, outcome: 'wrong_code' };
    if (match.isUsed) return refused(user, 'code_used');
    const codes = user.codes.map((one) => (one === match ? { ...one, isUsed: true } : one));
    const [known, others] = [user.known, user.others].map((lane) => ({ ...lane, wrong: 0 }));
    const used = { ...user, codes, known: known ?? full, others: others ?? full };
    return { user: epoch === null ? used : noted(used, browser, now), outcome: 'ok' };
  };

/** A factor that was proven: it is not added to another epoch than the one its set-up was begun in. */
export const addProven =
  (factor: ModelFactor, epoch: number, browser: ModelBrowser): Predict =>
  (user, now) => {
    const isVoid = user.epoch !== epoch || hasSecret(user, factor.secret);
    if (isVoid) return refused(user, 'conflict');
    if (user.factors.length >= 3) return refused(user, 'limit_reached');
    return {
      user: noted(stored({ ...user, factors: [...user.factors, factor] }), browser, now),
      outcome: 'ok',
    };
  };

export const switchOn =
  (factor: ModelFactor, codes: readonly string[], epoch: number, browser: ModelBrowser): Predict =>
  (user, now) => {
    if (user.epoch !== epoch || user.factors.length > 0) return refused(user, 'conflict');
    const on = { ...user, factors: [...user.factors, factor], codes: unused(codes) };
    return { user: noted(movedOn(on, now), browser, now), outcome: 'ok' };
  };

export const replaceCodes =
  (codes: readonly string[], epoch: number): Predict =>
  (user, now) =>
    user.epoch === epoch
      ? { user: movedOn({ ...user, codes: unused(codes) }, now), outcome: 'ok' }
      : refused(user, 'conflict');

const unused = (codes: readonly string[]) => codes.map((code) => ({ code, isUsed: false }));

/** A name that is taken gets a number. Logins go on unless they are to end. */
export const importSeed =
  (secret: Buffer, wanted: string, signOut: boolean): Predict =>
  (user, now) => {
    if (hasSecret(user, secret)) return refused(user, 'duplicate');
    if (user.factors.length >= 3) return refused(user, 'limit_reached');
    const numbered = [wanted, `${wanted} 2`, `${wanted} 3`, `${wanted} 4`];
    const label = numbered.find((one) => !isTaken(user, one)) ?? wanted;
    const added = { ...user, factors: [...user.factors, { secret, label, usedUpTo: 0 }] };
    return { user: signOut ? movedOn(added, now) : stored(added), outcome: 'ok' };
  };

/** A change by a login of this epoch to the factor with this secret. */
const change =
  (
    epoch: number,
    secret: Buffer,
    rule: (user: ModelUser, factor: ModelFactor, now: number) => Step,
  ): Predict =>
  (user, now) => {
    if (user.epoch !== epoch) return refused(user, 'sign_in_required');
    const factor = user.factors.find((one) => one.secret.equals(secret));
    return factor ? rule(user, factor, now) : refused(user, 'not_found');
  };

export const removeFactor = (epoch: number, secret: Buffer): Predict =>
  change(epoch, secret, (user, factor, now) => {
    const factors = user.factors.filter((one) => one !== factor);
    const preferred = user.preferred?.equals(secret) ? null : user.preferred;
    const codes = factors.length === 0 ? null : user.codes;
    return { user: movedOn({ ...user, factors, preferred, codes, browsers: [] }, now), outcome: 'ok' };
  });

export const renameFactor = (epoch: number, secret: Buffer, label: string): Predict =>
  change(epoch, secret, (user, factor) => {
    if (factor.label === label) return { user, outcome: 'ok' };
    const others = { ...user, factors: user.factors.filter((one) => one !== factor) };
    if (isTaken(others, label)) return refused(user, 'duplicate');
    const factors = user.factors.map((one) => (one === factor ? { ...one, label } : one));
    return { user: { ...user, factors }, outcome: 'ok' };
  });

export const preferFactor = (epoch: number, secret: Buffer, isPreferred: boolean): Predict =>
  change(epoch, secret, (user) => {
    const is = user.preferred?.equals(secret) ?? false;
    if (is === isPreferred) return { user, outcome: 'ok' };
    return { user: { ...user, preferred: isPreferred ? secret : null }, outcome: 'ok' };
  });

export const endLogins =
  (exceptEpoch: number | null): Predict =>
  (user, now) => ({
    user: movedOn({ ...user, browsers: [] }, now),
    outcome: exceptEpoch === user.epoch ? 'goes on' : 'ended',
  });

export const forget: Predict = () => ({ user: noUser, outcome: 'forgotten' });

/** What may happen to a save (see unreliable-accounts), or what somebody else does before it. */
export type ModelFate = 'saved' | 'lost' | `stored, ${string}` | `not stored, ${string}` | Predict;

/** An operation whose saves meet these fates. */
export function predictWith(
  fates: readonly ModelFate[],
  start: ModelUser,
  now: number,
  predict: Predict,
): Step {
  let user = start;
  let wasStored = start.isStored;
  for (const fate of [...fates, 'saved' as const]) {
    if (wasStored && !user.isStored) return { user, outcome: 'conflict thrown' };
    const step = predict(user, now);
    if (step.user === user || fate === 'saved' || fate === 'stored, not heard of') return step;
    wasStored ||= user.isStored;
    if (typeof fate === 'function') {
      const theirs = fate(user, now).user;
      if (theirs === user) return step;
      user = theirs;
      wasStored ||= theirs.isStored;
    } else if (fate === 'lost' && !user.isStored) return step;
    else if (fate === 'stored, then down') return { user: step.user, outcome: 'unavailable thrown' };
    else if (fate === 'not stored, then down') return { user, outcome: 'unavailable thrown' };
    else if (fate === 'stored, not heard of, overwritten') user = step.user;
  }
  throw new Error('more fates than attempts');
}
