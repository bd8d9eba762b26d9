import type { Channel, LaneName } from '../account/account';
import type { Budget } from '../stores/contracts';

/** At most so many messages in this time (ms). */
export interface SendLimit {
  readonly sends: number;
  readonly per: number;
}

/** How many messages may be sent. `user`, `address` and `unproven` are a user's own; the others are shared. */
export interface SendLimits {
  readonly user: SendLimit;
  readonly address: SendLimit;
  readonly unproven: SendLimit;
  readonly ip: SendLimit;
  readonly prefix: SendLimit;
  readonly country: SendLimit;
  readonly app: SendLimit;
}

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

export const SEND_LIMITS: SendLimits = {
  user: { sends: 5, per: HOUR },
  address: { sends: 5, per: HOUR },
  unproven: { sends: 10, per: DAY },
  ip: { sends: 20, per: HOUR },
  prefix: { sends: 50, per: HOUR },
  country: { sends: 200, per: HOUR },
  app: { sends: 2_000, per: DAY },
};

/** A requested message. */
export interface Send {
  readonly channel: Channel;
  /**
   * Links and codes are counted apart, so that a login by a code that was sent can always send its link. So is what is asked
   * for by a `name`, without any login: nobody is limited by so few in doing it.
   */
  readonly of?: 'link' | 'name';
  readonly userId: string;
  /** The same for all spellings of a number or mailbox. */
  readonly address: string;
  /**
   * Who pays: `unproven` if the address is not proven, as it may be anyone's; or the lane of the browser, so that
   * someone with the password but no known browser cannot use up what the owner may send (ASVS 6.1.1).
   */
  readonly pool: 'unproven' | LaneName;
  /** Whether a code sent to this address was typed in before. */
  readonly hasAnswered: boolean;
  /** As `clientAddress` says it. */
  readonly ip: string;
  /** For an SMS: the block of numbers it goes to, and the country. E-mail has neither. */
  readonly phone: { readonly prefix: string; readonly country: string } | null;
}

/** A relay that uses up the links of one network leaves its victim's own network some, up to so many times as many. */
const LINKS_IN_ALL = 3;

/** Digests of what a budget is for, which name it: one for each key of the ring. */
export type BudgetIds = (name: string, ...what: readonly string[]) => readonly string[];

/**
 * The budgets a message takes one from. An unknown address, which may be anyone's, takes from what strangers share,
 * separately for each pool. One in use takes only from its user's own, so that nothing strangers do gets its owner
 * refused, until the budget of the whole app is used up; and at least half of that is kept for known browsers.
 */
export function sendBudgets(
  send: Send,
  idsOf: BudgetIds,
  limits: SendLimits = SEND_LIMITS,
): readonly Budget[] {
  const { channel, of, userId, address, pool, ip, phone } = send;
  const budgets = (name: keyof SendLimits, part: number, ...what: readonly string[]): Budget[] => {
    const points = Math.max(1, Math.floor(limits[name].sends * part));
    return idsOf(name, ...what).map((id) => ({ name, id, points, ms: limits[name].per }));
  };
  const isInUse = pool === 'known' || (pool === 'others' && send.hasAnswered);
  const whose = isInUse ? [pool, userId] : [pool];
  const kind = of ? [of] : [];
  const isLink = of === 'link';
  const whole = isLink ? LINKS_IN_ALL : 1;
  /** Of what strangers share, those who have only a name get no more than half. */
  const shared = (name: keyof SendLimits, part: number, ...what: readonly string[]): Budget[] => [
    ...budgets(name, part, pool, ...what),
    ...(of === 'name' ? budgets(name, part / 2, of, pool, ...what) : []),
  ];
  return [
    ...budgets('user', whole, ...kind, pool, userId),
    ...(isLink ? budgets('user', 1, of, pool, userId, ip) : []),
    ...budgets('address', whole, ...kind, ...whose, channel, address),
    ...(pool === 'unproven' ? budgets('unproven', 1, userId) : []),
    ...budgets('ip', 1, ...whose, ip),
    ...(phone && !isInUse ? shared('prefix', 1 / 2, phone.prefix) : []),
    ...(phone && !isInUse ? shared('country', 1 / 2, phone.country) : []),
    ...(pool === 'known' ? [] : shared('app', 1 / 4)),
    ...budgets('app', 1),
  ];
}
