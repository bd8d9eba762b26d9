import type { AuditRecord, ChainEnd, Person, Pseudonym } from '../account/audit';
import { requireAcceptedLoss, type AcceptLoss } from './accept-loss';
import type { AuditChain, AuditStore } from './audit';
import { frozenCopy } from './memory-accounts';

/**
 * The audit in the memory of this process, for development and tests.
 *
 * @throws SecondFactorError `bad_option` where NODE_ENV is `production`, unless `acceptLoss` is true
 */
export function memoryAudit(options: AcceptLoss = {}): AuditStore {
  requireAcceptedLoss('memoryAudit', options, 'mongoAudit(connection), or a store of your own');
  return new MemoryAudit();
}

class MemoryAudit implements AuditStore {
  private readonly byUser = new Map<Pseudonym, AuditChain>();

  async append(records: readonly AuditRecord[]): Promise<void> {
    for (const record of records) {
      const chain = this.chainOf(record.target.pseudonym);
      if (chain.records.some((there) => isSame(there, record))) continue;
      const all = [...chain.records, frozenCopy(record)];
      this.byUser.set(record.target.pseudonym, { ...chain, records: all.toSorted(bySeq) });
    }
  }

  async end(end: ChainEnd): Promise<void> {
    const chain = this.chainOf(end.of);
    const others = chain.ends.filter((there) => !isSame(there, end));
    this.byUser.set(end.of, { ...chain, ends: [...others, frozenCopy(end)].toSorted(bySeq) });
  }

  async list(of: Pseudonym): Promise<AuditChain> {
    return this.chainOf(of);
  }

  async blank(of: Pseudonym): Promise<void> {
    for (const [user, chain] of this.byUser)
      this.byUser.set(user, { ...chain, records: chain.records.map((record) => blanked(record, of)) });
  }

  async *chains(): AsyncGenerator<Pseudonym, void, undefined> {
    for (const user of this.byUser.keys()) yield user;
  }

  private chainOf(of: Pseudonym): AuditChain {
    return this.byUser.get(of) ?? { records: [], ends: [] };
  }
}

type Placed = Pick<AuditRecord, 'seq' | 'hash'>;

const isSame = (one: Placed, other: Placed): boolean => one.seq === other.seq && one.hash === other.hash;
const bySeq = (one: Placed, other: Placed): number => one.seq - other.seq;

function blanked(record: AuditRecord, of: Pseudonym): AuditRecord {
  const nameless = ({ pseudonym, id }: Person): Person =>
    pseudonym === of || id === undefined ? { pseudonym } : { pseudonym, id };
  const { actor, target } = record;
  return frozenCopy({
    ...record,
    actor: typeof actor === 'string' ? actor : nameless(actor),
    target: nameless(target),
  });
}
