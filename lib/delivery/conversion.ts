import type { Channel } from '../account/account';

const HOUR = 3_600_000;
/** Fewer say nothing yet. */
const LEAST = 50;

/** So few of the codes of the last hour that this process sent were typed in by anybody. */
export interface LowConversion {
  readonly channel: Channel;
  readonly sent: number;
  readonly verified: number;
}

interface Count {
  since: number;
  sent: number;
  verified: number;
  told: boolean;
}

/**
 * Watches how many of the codes that were sent are used. Whoever sends messages only to be paid for them uses none
 * (Twilio "Preventing fraud in Verify"). Counted in this process alone: it is a warning, and no limit.
 */
export function createConversion(least: number) {
  const counts = new Map<Channel, Count>();
  const countOf = (channel: Channel, now: number): Count => {
    const known = counts.get(channel);
    if (known && now < known.since + HOUR && now >= known.since) return known;
    const fresh = { since: now, sent: 0, verified: 0, told: false };
    counts.set(channel, fresh);
    return fresh;
  };

  return {
    /** @returns what to warn of, once an hour */
    sent(channel: Channel, now: number): LowConversion | null {
      const count = countOf(channel, now);
      count.sent += 1;
      if (count.told || count.sent < LEAST || count.verified >= count.sent * least) return null;
      count.told = true;
      return { channel, sent: count.sent, verified: count.verified };
    },
    verified(channel: Channel, now: number): void {
      countOf(channel, now).verified += 1;
    },
  };
}
