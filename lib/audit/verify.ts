import type { Account, UserId } from '../account/account';
import type { AuditRecord, Pseudonym } from '../account/audit';
import type { AuthenticAccounts, Inspected } from '../core/authentic-accounts';
import type { ChainEnds } from '../crypto/chain-ends';
import { pseudonymOf } from '../crypto/digest';
import { SecondFactorError } from '../errors';
import type { AuditChain, AuditStore } from '../stores/audit';
import { isConsistent, withUnsent } from './chain';
import { findingsIn, type Head, type RecordProblem } from './findings';

/**
 * What is wrong with a chain. `account`, `end`: what should vouch for the chain is not as it was saved. `unknown_key`: it
 * was signed by a key that is not in the ring. `no_end`: there are records, and nothing vouches for them.
 */
export type Problem = RecordProblem | 'account' | 'end' | 'unknown_key' | 'no_end';

export interface Finding {
  /** Where in the chain; null: it is about all of it. */
  readonly seq: number | null;
  readonly problem: Problem;
}

/** What was found out about the records of one user. */
export interface Verified {
  readonly of: Pseudonym;
  /** null: the user was forgotten. */
  readonly userId: UserId | null;
  readonly records: number;
  /** None: the chain is whole. */
  readonly findings: readonly Finding[];
}

export interface VerifyParts {
  readonly accounts: AuthenticAccounts;
  readonly audit: AuditStore;
  readonly ends: ChainEnds;
}

/** So many changes of one account, one after the other, while its chain is read. */
const ATTEMPTS = 10;

/**
 * Whether the records of a user are those that were made, all of them and in their order.
 *
 * @throws SecondFactorError `busy` if the account keeps changing, `unavailable` if a store is down
 */
export async function verifyUser(parts: VerifyParts, userId: UserId): Promise<Verified> {
  const of = pseudonymOf(userId);
  let seen = await parts.accounts.examine(userId);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const chain = await parts.audit.list(of);
    const again = await parts.accounts.examine(userId);
    // The same before and after: nothing was added to it or taken from it meanwhile.
    if (seen?.account.rev === again?.account.rev) return judged(parts, { of, userId, seen: again, chain });
    seen = again;
  }
  throw new SecondFactorError('busy', 'The account is being changed all the time.', 'Try again.');
}

/**
 * The same for everyone: all accounts, all users who were forgotten, and all records that belong to neither.
 *
 * @param onAccount called for each account that was read
 */
export async function* verifyAll(
  parts: VerifyParts,
  onAccount: () => void = () => undefined,
): AsyncGenerator<Verified, void, undefined> {
  const seen = new Set<Pseudonym>();
  for await (const { account, authenticity } of parts.accounts.inspect()) {
    onAccount();
    if (authenticity === 'genuine' && !account.audit) continue;
    // Something else that lies in the collection: it can be nobody's account.
    if (typeof account.userId !== 'string') continue;
    const verified = await verifyUser(parts, account.userId);
    seen.add(verified.of);
    yield verified;
  }
  for await (const of of parts.audit.chains()) {
    if (seen.has(of)) continue;
    const chain = await parts.audit.list(of);
    const userId = idIn(chain.records, of);
    // Its first record may have been made after its account was passed.
    yield userId === null
      ? judged(parts, { of, userId, seen: null, chain })
      : await verifyUser(parts, userId);
  }
}

interface Read {
  readonly of: Pseudonym;
  readonly userId: UserId | null;
  readonly seen: Inspected | null;
  readonly chain: AuditChain;
}

function judged({ ends }: VerifyParts, { of, userId, seen, chain }: Read): Verified {
  const account = seen?.authenticity === 'genuine' ? seen.account : null;
  const records = withUnsent(chain.records, account);
  const about: Finding[] = [];
  if (seen && seen.authenticity !== 'genuine')
    about.push({ seq: null, problem: seen.authenticity === 'changed' ? 'account' : 'unknown_key' });
  const heads: Head[] = headOf(account);
  for (const end of chain.ends) {
    const authenticity = end.of === of ? ends.check(end) : 'changed';
    if (authenticity === 'genuine') heads.push(end);
    else about.push({ seq: end.seq, problem: authenticity === 'changed' ? 'end' : 'unknown_key' });
  }
  if (records.length > 0 && heads.length === 0 && about.length === 0)
    about.push({ seq: null, problem: 'no_end' });
  return {
    of,
    userId: seen ? userId : idIn(records, of),
    records: records.length,
    findings: [...about, ...(heads.length > 0 ? findingsIn(records, heads) : inconsistent(records))],
  };
}

const headOf = (account: Account | null): Head[] => {
  const { seq = 0, hash = null, notKept = 0 } = account?.audit ?? {};
  return hash === null ? [] : [{ seq, hash, notKept }];
};

/** Where nothing vouches for a chain, a record can still contradict itself. */
const inconsistent = (records: readonly AuditRecord[]): Finding[] =>
  records.filter((record) => !isConsistent(record)).map(({ seq }) => ({ seq, problem: 'changed' }));

const idIn = (records: readonly AuditRecord[], of: Pseudonym): UserId | null =>
  records.find((record) => isConsistent(record) && record.target.pseudonym === of)?.target.id ?? null;
