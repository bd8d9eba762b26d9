import type { Request } from 'express';
import type { Channel } from '../account/account';
import { SecondFactorError } from '../errors';
import type { Host } from './host';

/**
 * The channel that opened the first door. One mailbox must not open both (NIST SP 800-63B-4 §3.1.3.1), so an answer
 * that says neither yes nor no fails the login.
 */
export async function openedBy(host: Host, user: unknown, req: Request): Promise<Channel | null> {
  const { users } = host.options;
  if (!users.passwordResetChannel) return null;
  const channel: unknown = await users.passwordResetChannel(user, req);
  if (channel === null || isChannel(channel)) return channel;
  throw new SecondFactorError(
    'bad_option',
    'users.passwordResetChannel gave something else than a channel.',
    "Return 'sms', 'email' or null, or a promise of one of them.",
  );
}

/** What the app says of a reset that it carried out itself. */
export function resetChannel(channel: unknown): Channel {
  if (isChannel(channel)) return channel;
  throw new SecondFactorError(
    'bad_option',
    'notePasswordReset was given no channel.',
    "Give 'sms' or 'email': how the message went that set the password.",
  );
}

const isChannel = (channel: unknown): channel is Channel => channel === 'sms' || channel === 'email';
