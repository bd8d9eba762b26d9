import { rulesNow, type Recovery, type RequestState } from '../account/recovery';
import { isListed } from '../account/requests-among';
import type { Account } from '../account/account';
import { allStates } from '../admin/requests';
import { nearest } from '../options/checks';
import { tallyNow } from '../recovery/points';
import type { Command, Job } from './command';
import { WrongUse } from './io';
import { columns, counted, json, time } from './text';

/** Requests for access, what is due first before the rest. */
export const requests: Command = {
  usage: '[--state <state>]',
  summary: 'Requests for access that somebody has to decide, or all in one state',
  flags: [],
  values: ['state'],
  user: 'none',
  needsApp: false,
  run: async (job) => {
    const state = stateIn(job);
    const isWanted = (one: Recovery): boolean => (state ? one.state === state : isListed(one.state));
    const found: Listed[] = [];
    for await (const account of job.accounts.withRequest({ state })) {
      const request = account.recoveries?.find(isWanted);
      if (request) found.push(listed(job, account, request));
      job.progress.show(`${counted(found.length, 'request')} read`);
    }
    for (const line of job.isJson ? found.map(json) : columns(found.map(row))) job.print(line);
    if (found.length === 0 && !job.isJson) job.print('No requests.');
    return 0;
  },
};

function stateIn({ values }: Job): RequestState | undefined {
  const given = values.get('state');
  const state = allStates.find((one) => one === given);
  if (given !== undefined && !state)
    throw new WrongUse(
      `--state ${given} is no state of a request.`,
      `Did you mean ${nearest(given, allStates)}? There are ${allStates.join(', ')}.`,
    );
  return state;
}

type Listed = ReturnType<typeof listed>;

function listed({ evidence, now }: Job, account: Account, request: Recovery) {
  const { reference, state, route, startedAt, dueAt, flags } = request;
  const tally = evidence && tallyNow(request, evidence, rulesNow(account.ownerRules, now()));
  return {
    reference,
    user: account.userId,
    state,
    route,
    evidence: tally && { sum: tally.sum, needed: tally.needed, kinds: tally.kinds, missing: tally.missing },
    flags,
    startedAt: time(startedAt),
    dueAt: dueAt === null ? null : time(dueAt),
  };
}

const row = ({ reference, user, state, route, evidence, flags, dueAt }: Listed): string[] => [
  reference,
  user,
  state,
  route,
  evidence ? `${evidence.sum} of ${evidence.needed}` : '-',
  dueAt === null ? '-' : `due ${dueAt}`,
  flags.join(', '),
];
