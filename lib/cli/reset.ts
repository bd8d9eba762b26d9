import type { UserId } from '../account/account';
import { toUserId } from '../account/user-id';
import type { ByStaff } from '../admin/calls';
import type { SecondFactor } from '../api';
import { ACTING, actingIn, actingValues, refusedError, requireOther, tell, toldOf } from './acting';
import type { Command, Job } from './command';
import { type ExitCode, WrongUse } from './io';
import { bar } from './progress';
import { counted, json, printable } from './text';

/** Begins a request for access for one user or for many. It takes nothing away: whoever decides requests does. */
export const reset: Command = {
  usage: `(<user> | --file <users>) ${ACTING}`,
  summary: 'Begins a request for access for a user, or for each in a file, one id a line',
  flags: [],
  values: ['file', ...actingValues],
  user: 'optional',
  needsApp: true,
  run: async (job) => {
    const file = job.values.get('file');
    const help = 'Give the id of a user, or --file with the ids of many.';
    if (job.user !== null && file !== undefined)
      throw new WrongUse('Both a user and --file were given.', help);
    const named = file === undefined ? job.user : usersIn(file, await job.read(file));
    if (named === null) throw new WrongUse('No user was named.', help);
    const { twoFactor, takesRequests } = job.app();
    if (!takesRequests)
      throw new WrongUse(
        'lostAccess.requests is off in the config module, and a reset is a request for access.',
        'Give lostAccess: { form, requests: {} }, and email.send, which sends its notices.',
      );
    const by = await actingIn(job, twoFactor);
    return typeof named === 'string'
      ? resetOne(job, twoFactor, named, by)
      : resetAll(job, twoFactor, named, by);
  },
};

async function resetOne(
  job: Job,
  twoFactor: SecondFactor<unknown>,
  user: UserId,
  by: ByStaff,
): Promise<ExitCode> {
  requireOther(user, by);
  const done = await twoFactor.admin.reset(user, by);
  if (!done.ok) throw refusedError(done);
  const { reference, state } = done;
  job.print(
    job.isJson
      ? json({ user, reference, state })
      : `${reference} has begun: ${state}. Somebody else than --actor decides it.`,
  );
  await tell(job, twoFactor, [user]);
  return 0;
}

/** After how many the mails of those before are waited for, so that none is crowded out. */
const BATCH = 50;

/** One after the other, each answered for itself. Once the stores fail, it ends: what was begun is not begun again. */
async function resetAll(
  job: Job,
  twoFactor: SecondFactor<unknown>,
  users: readonly UserId[],
  by: ByStaff,
): Promise<ExitCode> {
  const begun: UserId[] = [];
  let refused = 0;
  const summary = () => {
    const left = users.length - begun.length - refused;
    if (job.isJson) return job.print(json({ users: users.length, begun: begun.length, refused, left }));
    const rest = left > 0 ? `, ${left} not tried` : '';
    job.print(`${counted(users.length, 'user')}: ${begun.length} begun, ${refused} refused${rest}.`);
  };
  try {
    for (const [at, user] of users.entries()) {
      job.progress.show(bar(at, users.length));
      const done = await twoFactor.admin.reset(user, by);
      if (done.ok) begun.push(user);
      else refused += 1;
      job.print(job.isJson ? json(answerOf(user, done)) : printable(lineOf(user, done)));
      if ((at + 1) % BATCH === 0) await twoFactor.tick({ finish: true });
    }
  } finally {
    summary();
  }
  await tell(job, twoFactor, begun);
  return refused === 0 ? 0 : 1;
}

type Answered = Awaited<ReturnType<SecondFactor<unknown>['admin']['reset']>>;

const answerOf = (user: UserId, done: Answered) =>
  done.ok
    ? { user, reference: done.reference, state: done.state }
    : { user, error: { code: done.code, ...toldOf(done) } };

function lineOf(user: UserId, done: Answered): string {
  if (done.ok) return `${user}  ${done.reference}  ${done.state}`;
  const { message, help } = toldOf(done);
  return `${user}  refused  ${message} ${help}`;
}

const MOST = 10_000;

/** Each line that is not empty is an id; all are looked at before anything is done. */
function usersIn(file: string, text: string): readonly UserId[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const ids = lines.flatMap((line, at) =>
    line.trim() === '' ? [] : [toUserId(line.trim(), `Line ${at + 1} of ${file} gave`)],
  );
  const users = [...new Set(ids)];
  if (users.length === 0 || users.length > MOST)
    throw new WrongUse(
      users.length === 0 ? `${file} names no user.` : `${file} names more than 10,000 users.`,
      'Give a file with the id of a user on each line, 10,000 at most.',
    );
  return users;
}
