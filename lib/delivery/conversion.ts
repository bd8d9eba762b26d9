import type { Channel } from '../account/account';

const HOUR = 3_600_000;
/** Fewer codes say nothing yet. */
const LEAST = 50;

/** How many of the codes that this process sent in the last hour were typed in. */
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
 * Watches how many of the sent codes are used. Someone who requests messages only to earn money from them uses none
 * (Twilio "Preventing fraud in Verify"). Counted only in this process: it is a warning, not a limit.
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
    /** @returns what to warn about, once an hour */
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
