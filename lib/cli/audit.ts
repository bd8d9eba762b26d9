import type { UserId } from '../account/account';
import type { AuditRecord } from '../account/audit';
import { isConsistent, withUnsent } from '../audit/chain';
import { type Problem, verifyAll, type Verified, verifyUser, type VerifyParts } from '../audit/verify';
import { pseudonymOf } from '../crypto/digest';
import type { Command, Job } from './command';
import { type ExitCode, WrongUse } from './io';
import { columns, counted, json, time } from './text';

/** What was done to accounts, and whether the records of it are whole. */
export const audit: Command = {
  usage: '[--verify] [user]',
  summary: 'What others did to one account, or to all; with --verify, whether those records are whole',
  flags: ['verify'],
  values: [],
  user: 'optional',
  needsApp: false,
  run: (job) => {
    if (job.audit === null)
      throw new WrongUse(
        'The config module exports no audit.',
        'Export the store that secondFactor() gets as audit.',
      );
    const parts: VerifyParts = { accounts: job.accounts, ends: job.ends, audit: job.audit };
    return job.flags.has('verify') ? verify(job, parts) : list(job, parts);
  },
};

async function list({ user, isJson, print }: Job, parts: VerifyParts): Promise<ExitCode> {
  let many = 0;
  for await (const records of user === null ? everyones(parts) : only(recordsOf(parts, user))) {
    many += records.length;
    for (const line of isJson ? records.map(json) : linesOf(records)) print(line);
  }
  if (many === 0 && !isJson) print('No records.');
  return 0;
}

async function recordsOf(
  { accounts, audit: store }: VerifyParts,
  user: UserId,
): Promise<readonly AuditRecord[]> {
  // The account first: what leaves it meanwhile is in the store by then.
  const account = await accounts.load(user);
  const { records } = await store.list(pseudonymOf(user));
  return withUnsent(records, account);
}

async function* only<Item>(item: Promise<Item>): AsyncGenerator<Item, void, undefined> {
  yield await item;
}

/** Without those of the last moments, which are still in accounts. */
async function* everyones({
  audit: store,
}: VerifyParts): AsyncGenerator<readonly AuditRecord[], void, undefined> {
  for await (const of of store.chains()) yield (await store.list(of)).records;
}

/** What somebody changed may have any form. */
const linesOf = (records: readonly AuditRecord[]): string[] => [
  ...columns(records.filter(isConsistent).map(row)),
  ...records.filter((record) => !isConsistent(record)).map((record) => `changed: ${json(record)}`),
];

function row({ seq, at, actor, target, action, request, reason }: AuditRecord): string[] {
  const who = typeof actor === 'string' ? `(${actor})` : (actor.id ?? actor.pseudonym);
  return [target.id ?? target.pseudonym, String(seq), time(at), who, action, request ?? '-', reason ?? ''];
}

async function verify({ user, isJson, print, progress }: Job, parts: VerifyParts): Promise<ExitCode> {
  const found: Verified[] = [];
  let accounts = 0;
  let users = 0;
  let records = 0;
  const show = () =>
    progress.show(`${counted(accounts, 'account')} read, ${counted(records, 'record')} verified`);
  const onAccount = () => {
    accounts += 1;
    show();
  };
  for await (const one of user === null ? verifyAll(parts, onAccount) : only(verifyUser(parts, user))) {
    users += 1;
    records += one.records;
    if (one.findings.length > 0) found.push(one);
    show();
  }
  progress.end();
  const findings = found.flatMap((one) =>
    one.findings.map((finding) => ({ user: one.userId, pseudonym: one.of, ...finding })),
  );
  const isWhole = findings.length === 0;
  if (isJson) {
    print(json({ whole: isWhole, users, records, findings }));
    return isWhole ? 0 : 1;
  }
  const rows = findings.map(({ user: id, pseudonym, seq, problem }) => [
    id ?? pseudonym,
    seq === null ? 'all' : String(seq),
    problem,
    words[problem],
  ]);
  for (const line of columns(rows)) print(line);
  const checked = `${counted(records, 'record')} of ${counted(users, 'user')}`;
  print(
    isWhole
      ? `The audit is whole: ${checked}.`
      : `The audit is not whole: ${counted(findings.length, 'finding')} in ${checked}.`,
  );
  return isWhole ? 0 : 1;
}

const words: Readonly<Record<Problem, string>> = {
  changed: 'the record is not what it was',
  missing: 'the record is not there',
  extra: 'the record belongs to no chain: it was put there',
  ahead: 'the record follows the end of the chain: an older account was put back',
  account: 'the account is not as it was saved',
  end: 'the end of the chain is not as it was signed',
  unknown_key: 'it was signed by a key that is not among those given',
  no_end: 'there are records, and neither an account nor an end that vouches for them',
};
