import { ACTING, actingIn, actingValues, refusedError, requireOther, tell } from './acting';
import type { Command } from './command';
import { WrongUse } from './io';
import { json } from './text';

/** Gives a user back all tries. */
export const unlock: Command = {
  usage: `<user> ${ACTING}`,
  summary: 'Gives back all tries, of a user whose codes are refused because too many were wrong',
  flags: [],
  values: actingValues,
  user: 'needed',
  needsApp: true,
  run: async (job) => {
    const { user } = job;
    if (user === null) throw new WrongUse('No user was named.', 'Give the id of a user.');
    const { twoFactor } = job.app();
    const by = await actingIn(job, twoFactor);
    requireOther(user, by);
    const done = await twoFactor.admin.unlock(user, by);
    if (!done.ok) throw refusedError(done);
    job.print(job.isJson ? json({ user, unlocked: true }) : 'Unlocked.');
    await tell(job, twoFactor, [user]);
    return 0;
  },
};
