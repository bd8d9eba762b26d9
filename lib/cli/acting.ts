import type { UserId } from '../account/account';
import { toUserId } from '../account/user-id';
import type { ByStaff } from '../admin/calls';
import { readReason } from '../admin/office';
import type { SecondFactor } from '../api';
import { type Refusal, SecondFactorError } from '../errors';
import type { Job } from './command';
import { WrongUse } from './io';
import { counted, json, time } from './text';

/** Names of the options that every change needs. */
export const actingValues = ['actor', 'reason'] as const;
export const ACTING = '--actor <id> --reason <text>';

/** Who answers for a change, and why it is made: for the record, so both are checked before anything is done. */
export async function actingIn({ values }: Job, { admin }: SecondFactor<unknown>): Promise<ByStaff> {
  const given = values.get('actor');
  if (given === undefined)
    throw new WrongUse('--actor is missing.', 'Give the id of the user who answers for this.');
  const actor = toUserId(given, '--actor gave');
  const read = readReason(values.get('reason'));
  if (!read.ok)
    throw new WrongUse(
      values.has('reason') ? '--reason is too short or too long.' : '--reason is missing.',
      'Say in 10 to 1,000 characters why this is done. It is kept for good, so no secrets.',
    );
  if (!(await admin.user(actor)).ok)
    throw new WrongUse('--actor names no user.', 'Give an id that users.byId of the config module finds.');
  return { actor, reason: read.reason };
}

/** Nobody is asked about their own account. */
export function requireOther(user: UserId, { actor }: ByStaff): void {
  if (user === actor)
    throw new WrongUse(
      '--actor is the user whom this is done to.',
      'Have somebody else answer for it, and give their id.',
    );
}

/** How long mails may take to leave. What has not left by then is sent by the app. */
const DEADLINE = '30s';

/** Sends what a change has to tell, and says how much of it is still on its way. */
export async function tell(
  job: Job,
  twoFactor: SecondFactor<unknown>,
  users: readonly UserId[],
): Promise<void> {
  await twoFactor.tick({ deadline: DEADLINE, finish: true });
  let waiting = 0;
  for (const user of users) waiting += (await job.accounts.load(user))?.outbox?.length ?? 0;
  if (job.isJson) job.print(json({ noticesWaiting: waiting }));
  else if (waiting > 0)
    job.print(`${counted(waiting, 'notice')} could not be sent yet: tick() of your app tries again.`);
}

/** A refusal as somebody at a shell needs it: what is so, and what to do. */
export function refusedError(refusal: Refusal): SecondFactorError {
  const { message, help } = toldOf(refusal);
  return new SecondFactorError(refusal.code, message, help, refusal);
}

interface Told {
  readonly message: string;
  readonly help: string;
}

export function toldOf({ code, state, missing, until }: Refusal): Told {
  const then = until === undefined ? 'later' : `after ${time(until)}`;
  if (code === 'not_found')
    return {
      message: 'There is no such user.',
      help: 'Give an id that users.byId of the config module finds.',
    };
  if (code === 'forbidden')
    return { message: 'Nobody does this to their own account.', help: 'Have somebody else answer for it.' };
  if (code === 'slow_down')
    return { message: 'The owner stopped a request a short time ago.', help: `Try again ${then}.` };
  if (code !== 'conflict')
    return { message: `It was refused with ${code}.`, help: 'See docs/error-codes.md.' };
  if (state === 'never')
    return {
      message: 'The owner has ruled out requests for access.',
      help: 'Only the owner can change that, signed in.',
    };
  if (state === 'paused')
    return {
      message: 'The owner has paused requests for access.',
      help: `Try again ${then}, or have the owner allow them.`,
    };
  if (state !== undefined)
    return {
      message: `There is a request already, ${state}.`,
      help: 'It goes on where requests are decided; the command requests lists it.',
    };
  if (missing?.includes('mail_on_file'))
    return {
      message: 'No mail address of this user is on file.',
      help: 'The link to the request goes to one: see that users.contacts names it.',
    };
  return { message: 'This user has no second factor.', help: 'There is nothing to reset.' };
}
