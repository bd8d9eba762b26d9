import type { Account, Channel, ProofType } from './account';

/** What opened the first door must not open the second (NIST SP 800-63B-4 §3.1.3.1). */

/** Records a reset. A reset by the other channel keeps both shut: whoever has the first may still have a login open. */
export function noteReset(account: Account, channel: Channel, now: number): Account {
  const before = account.resetBy?.channel ?? channel;
  return {
    ...account,
    resetBy: { channel: before === channel ? channel : 'both', at: now },
    reachChangedAt: now,
  };
}

/** Whether a reset shuts codes of this type. */
export function isShutByReset({ resetBy }: Account, type: ProofType): boolean {
  if (!resetBy) return false;
  const channels = resetBy.channel === 'both' ? (['sms', 'email'] as const) : [resetBy.channel];
  return channels.some((channel) => type === `otp-${channel}`);
}

/** Another kind of proof was given by someone who knows the password that the reset set. */
export const forgetReset = ({ resetBy: _, ...account }: Account): Account => account;
