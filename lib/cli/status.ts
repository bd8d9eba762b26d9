import { type Account, blankAccount, type Factor } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { owesFactor } from '../account/factors';
import { openRequest } from '../account/recovery';
import type { Command } from './command';
import { WrongUse } from './io';
import { columns, counted, json, time } from './text';

/** What a user has set up, without anything that is secret. */
export const status: Command = {
  usage: '<user>',
  summary: 'What a user has set up, and what is going on',
  flags: [],
  values: [],
  user: 'needed',
  needsApp: false,
  run: async ({ user, accounts, isJson, print }) => {
    if (user === null) throw new WrongUse('No user was named.', 'Give the id of a user.');
    const account = (await accounts.load(user)) ?? blankAccount(user);
    const found = statusOf(account);
    for (const line of isJson ? [json(found)] : linesOf(found)) print(line);
    return 0;
  },
};

type Status = ReturnType<typeof statusOf>;

function statusOf(account: Account) {
  const request = openRequest(account);
  return {
    user: account.userId,
    twoFactor: owesFactor(account) ? 'on' : 'off',
    factors: account.factors.map(factorOf),
    suspended: (account.suspended ?? []).map(factorOf),
    backupCodes: countBackupCodes(account),
    browsers: account.browsers.length,
    heldUntil: account.hold ? time(account.hold.until) : null,
    request: request ? { reference: request.reference, state: request.state } : null,
    audit: { records: account.audit?.seq ?? 0, waiting: account.audit?.unsent.length ?? 0 },
  };
}

const factorOf = (factor: Factor) => ({
  type: factor.type,
  label: factor.label,
  hint: 'hint' in factor ? factor.hint : null,
  createdAt: time(factor.createdAt),
  lastUsedAt: factor.lastUsedAt === null ? null : time(factor.lastUsedAt),
});

const linesOf = ({
  user,
  twoFactor,
  factors,
  suspended,
  backupCodes,
  browsers,
  heldUntil,
  request,
  audit,
}: Status) =>
  columns([
    ['user', user],
    ['two-factor', twoFactor],
    ...factors.map((factor) => ['factor', wordsOf(factor)]),
    ...suspended.map((factor) => ['suspended', wordsOf(factor)]),
    ['backup codes', backupCodes ? `${backupCodes.left} of ${backupCodes.total} left` : 'none'],
    ['browsers', String(browsers)],
    ...(heldUntil === null ? [] : [['changes held', `until ${heldUntil}`]]),
    ...(request ? [['request', `${request.reference}, ${request.state}`]] : []),
    ['audit', `${counted(audit.records, 'record')}, ${audit.waiting} on the way`],
  ]);

const wordsOf = ({ type, label, hint, createdAt, lastUsedAt }: Status['factors'][number]): string =>
  [
    `${type} “${label}”`,
    hint,
    `added ${createdAt}`,
    lastUsedAt === null ? 'never used' : `used ${lastUsedAt}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
