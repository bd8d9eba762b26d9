import type { Account } from '../account/account';
import {
  type EvidenceKind,
  openRequest,
  type OwnerChoice,
  type OwnerRules,
  rulesNow,
  withRequest,
} from '../account/recovery';
import { addRecord } from '../audit/chain';
import type { Access } from '../core/access';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import { refuse, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { leastOf } from './points';
import { takeStep } from './step';
import { approvedAtOf, dueOf } from './transitions';

const DAY = 86_400_000;
/** How long something laxer waits: longer than an intruder goes unnoticed, who was told on. */
const LAXER_AFTER = 7 * DAY;
const PAUSE = 30 * DAY;
const LONGEST_WAIT = 60 * DAY;
/** What the page offers. */
export const OWNER_WAITS = [7 * DAY, 14 * DAY, 30 * DAY] as const;

/** What an owner asks for; what is left out stays. */
export type OwnerAsk = Partial<OwnerChoice> & { readonly pause?: boolean };

/** What was sent, checked. `wait`: ms, or text such as `'14d'`; null: as the operator says. */
export function readOwnerAsk(
  scope: Scope,
  input: Readonly<Record<'never' | 'wait' | 'needs' | 'pause', unknown>>,
): { readonly ok: true; readonly ask: OwnerAsk } | Refusal {
  const { never, wait, needs, pause } = input;
  const points = scope.settings.recovery?.evidence.points;
  if (never !== undefined && typeof never !== 'boolean') return refuse('malformed', { field: 'never' });
  if (pause !== undefined && typeof pause !== 'boolean') return refuse('malformed', { field: 'pause' });
  const span = wait === undefined ? undefined : msOf(wait);
  if (span === null) return refuse('malformed', { field: 'wait' });
  const isKind = (one: unknown): one is EvidenceKind =>
    typeof one === 'string' &&
    points !== undefined &&
    Object.hasOwn(points, one) &&
    points[one as EvidenceKind] > 0;
  if (needs !== undefined && !(Array.isArray(needs) && needs.every(isKind)))
    return refuse('malformed', { field: 'needs' });
  return {
    ok: true,
    ask: {
      ...(never !== undefined && { never }),
      ...(span !== undefined && { wait: span }),
      ...(needs !== undefined && { needs: [...new Set(needs)] }),
      ...(pause !== undefined && { pause }),
    },
  };
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: DAY } as const;

/** null: it is not a time that one can wait. */
function msOf(wait: unknown): number | null {
  const match = typeof wait === 'string' ? /^(\d{1,9})([smhd])?$/.exec(wait) : null;
  const unit = (match?.[2] ?? '') as keyof typeof UNITS | '';
  const ms = wait === null ? 0 : match ? Number(match[1]) * (unit === '' ? 1 : UNITS[unit]) : wait;
  return typeof ms === 'number' && Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_WAIT ? ms : null;
}

/**
 * Decides in advance how access may be given again. What is stricter counts at once; what is laxer in a week, and the
 * owner is told, so that nobody with a stolen session opens this door for themselves.
 */
export const setOwnerRules = (
  scope: Scope,
  access: Access,
  { pause, ...ask }: OwnerAsk,
): Promise<{ readonly ok: true; readonly rules: OwnerRules } | Refusal> =>
  update<{ readonly ok: true; readonly rules: OwnerRules } | Refusal>(
    scope,
    access.login.userId,
    (account, now) => {
      const refused = access.refusal(scope, account);
      if (refused) return unchanged(refused);
      const { pending, pausedUntil, ...present } = rulesNow(account.ownerRules, now);
      const wanted: OwnerChoice = { ...present, ...pendingChoice(pending), ...ask };
      const strict = strictest(present, wanted);
      const isLaxer = !isSame(strict, wanted);
      // Asked for again, what is laxer does not wait anew.
      const at = pending && isSame(pendingChoice(pending) ?? wanted, wanted) ? pending.at : now + LAXER_AFTER;
      const until = pause === true ? now + PAUSE : pausedUntil;
      const rules: OwnerRules = {
        ...strict,
        ...(isLaxer && { pending: { ...wanted, at } }),
        ...(until !== undefined && { pausedUntil: until }),
      };
      const act = {
        actor: { user: account.userId },
        action: 'rules.change',
        reason: null,
        request: null,
      } as const;
      const decided = addRecord({ ...access.settled(account), ownerRules: rules }, act, now);
      const bound = bindOpenRequest(scope, decided, rules, now);
      return {
        account: bound.account,
        outcome: { ok: true, rules },
        events: [{ name: 'recovery.rules-changed', ...(isLaxer && { until: at }) }, ...bound.events],
      };
    },
  );

/** What is stricter binds a request that is open already. */
function bindOpenRequest(scope: Scope, account: Account, rules: OwnerRules, now: number) {
  const unbound = { account, events: [] as readonly PlannedEvent[] };
  const request = openRequest(account);
  if (!request) return unbound;
  if (rules.never || rules.pausedUntil !== undefined) {
    const by = { as: 'owner' } as const;
    const stopped = takeStep(scope.settings.recovery, account, request.id, { act: 'cancel', by }, now);
    return stopped.ok ? stopped : unbound;
  }
  if (request.state !== 'approved_waiting') return unbound;
  const earliestAt = Math.max(request.earliestAt ?? 0, approvedAtOf(request) + rules.wait);
  const later = { ...request, earliestAt };
  return { ...unbound, account: withRequest(account, { ...later, dueAt: dueOf(later) }) };
}

function pendingChoice(pending: OwnerRules['pending']): OwnerChoice | null {
  if (!pending) return null;
  const { at: _, ...choice } = pending;
  return choice;
}

/** Of two choices, the stricter in each respect. */
const strictest = (one: OwnerChoice, other: OwnerChoice): OwnerChoice => ({
  never: one.never || other.never,
  wait: Math.max(one.wait, other.wait),
  needs: isStricter(other.needs, one.needs) ? other.needs : one.needs,
});

/** Whatever is enough of these kinds has to be enough of the others, too; of one alone, that one is. */
function isStricter(needs: readonly EvidenceKind[], than: readonly EvidenceKind[]): boolean {
  const others = needs.filter((kind) => !than.includes(kind)).length;
  return needs.length > 0 && Math.max(0, leastOf(needs) - others) >= leastOf(than);
}

const isSame = (one: OwnerChoice, other: OwnerChoice): boolean =>
  one.never === other.never &&
  one.wait === other.wait &&
  one.needs.length === other.needs.length &&
  one.needs.every((kind) => other.needs.includes(kind));
