import type { Account, Channel, UserId } from '../account/account';
import { noteReset } from '../account/reset';
import type { Scope } from './scope';
import { update } from './update';

/**
 * Notes in the account that the password was set, or the first factor given, through a message on this channel. If
 * there is no account, it stores one: the phone or mailbox may become a factor later.
 *
 * @param known the account as loaded a moment ago
 * @returns the account with the note, once saved
 */
export const notePasswordReset = (
  scope: Scope,
  userId: UserId,
  channel: Channel,
  known: Account | null = null,
): Promise<Account> =>
  update(
    scope,
    userId,
    (account, now) => {
      const noted = noteReset(account, channel, now);
      return { account: noted, outcome: noted };
    },
    known,
  );
