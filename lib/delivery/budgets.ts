import type { LaneName } from '../account/account';
import type { Budget } from '../stores/contracts';
import type { Channel } from './message';

/** So many messages in such a time (ms). */
export interface SendLimit {
  readonly sends: number;
  readonly per: number;
}

/** How many messages may leave. `user` and `address` are each per lane; the others are shared by all. */
export interface SendLimits {
  readonly user: SendLimit;
  readonly address: SendLimit;
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
  ip: { sends: 20, per: HOUR },
  prefix: { sends: 50, per: HOUR },
  country: { sends: 200, per: HOUR },
  app: { sends: 2_000, per: DAY },
};

/** A message that somebody asks for. */
export interface Send {
  readonly channel: Channel;
  readonly userId: string;
  /** Equal for one address in all its spellings. */
  readonly addressDigest: string;
  /** So that whoever has the password, and no known browser, cannot use up what the owner may send (ASVS 6.1.1). */
  readonly lane: LaneName;
  /** As `clientAddress` says it. */
  readonly ip: string;
  /** Of an SMS: the range of numbers that it goes to, and the region. Mail has neither. */
  readonly phone: { readonly prefix: string; readonly country: string } | null;
}

/** A digest that names a budget, of what it is for. */
export type BudgetId = (name: string, ...what: readonly string[]) => string;

/** What one message takes one from each of. Those of the user come first, the one of the whole app last. */
export function sendBudgets(send: Send, idOf: BudgetId, limits: SendLimits = SEND_LIMITS): readonly Budget[] {
  const budget = (name: keyof SendLimits, ...what: readonly string[]): Budget => ({
    name,
    id: idOf(name, ...what),
    points: limits[name].sends,
    ms: limits[name].per,
  });
  const { channel, userId, addressDigest, lane, ip, phone } = send;
  return [
    budget('user', lane, userId),
    budget('address', lane, channel, addressDigest),
    budget('ip', ip),
    ...(phone === null ? [] : [budget('prefix', phone.prefix), budget('country', phone.country)]),
    budget('app'),
  ];
}
